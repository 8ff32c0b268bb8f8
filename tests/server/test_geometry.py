"""Map layers: only known ones, in the encoding asked for, cached for good."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import brotli
import pytest
from flask.testing import FlaskClient

from data_pipeline.dataset import Dataset
from tests.small_dataset import build_small

from .conftest import serve


@pytest.fixture
def file(small_dataset: Dataset) -> str:
    return small_dataset.layer("lsoa", "cheshire").file


@pytest.mark.parametrize(
    ("accepted", "encoding"),
    [
        ("gzip, deflate, br", "br"),
        ("br;q=0.5, gzip;q=0.9", "gzip"),
        ("gzip", "gzip"),
        ("br;q=0, gzip", "gzip"),
        ("identity", None),
        ("", None),
    ],
)
def test_the_best_accepted_encoding_is_served(
    client: FlaskClient, file: str, accepted: str, encoding: str | None
) -> None:
    answer = client.get(f"/geometry/{file}", headers={"Accept-Encoding": accepted})
    unpack = {"br": brotli.decompress, "gzip": gzip.decompress, None: bytes}[encoding]
    assert answer.status_code == 200
    assert answer.headers.get("Content-Encoding") == encoding
    assert len(json.loads(unpack(answer.data))["features"]) == 6


def test_a_layer_is_cached_for_good(client: FlaskClient, file: str) -> None:
    answer = client.get(f"/geometry/{file}")
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert answer.headers["Vary"] == "Accept-Encoding"
    assert answer.mimetype == "application/geo+json"


@pytest.mark.parametrize(
    "name",
    [
        "lsoa-cheshire-0123456789abcdef.json",
        "..%2Fmanifest.json",
        "../manifest.json",
        "%2e%2e/%2e%2e/manifest.json",
        "manifest.json",
        "",
    ],
)
def test_nothing_but_layers_is_served(client: FlaskClient, name: str) -> None:
    assert client.get(f"/geometry/{name}").status_code == 404


def test_precompressed_copies_have_no_address_of_their_own(client: FlaskClient, file: str) -> None:
    assert client.get(f"/geometry/{file}.br").status_code == 404


def test_a_page_opened_before_a_swap_still_finds_its_layers(tmp_path: Path) -> None:
    out = tmp_path / "current"
    before = build_small(out)
    old = before.layer("lsoa", "cheshire").file
    (before.geometry / old).rename(before.geometry / old.replace("lsoa-", "lsoa-old-"))
    build_small(out, first="2023-01")
    client = serve(out).test_client()
    assert client.get(f"/geometry/{old.replace('lsoa-', 'lsoa-old-')}").status_code == 200


def test_without_a_dataset_there_are_no_layers(client_without_dataset: FlaskClient) -> None:
    assert client_without_dataset.get("/geometry/x.json").status_code == 404
