"""Files of the page are compressed once; nothing else is ever taken for one of them."""

from __future__ import annotations

import gzip

import brotli
import flask_compress.flask_compress as library
import pytest
from flask.testing import FlaskClient

from app import LATE_SCRIPTS, create_app
from data_pipeline.dataset import Dataset
from server.compression import MOST_BYTES, CompressedFiles
from server.settings import Settings

SCRIPT = "/_dash-component-suites/dash/dcc/async-graph.js"
ACCEPTED = {"Accept-Encoding": "br"}


@pytest.fixture
def reader(small_dataset: Dataset) -> FlaskClient:
    environment = {"CRIME_ATLAS_DATASET": str(small_dataset.path)}
    return create_app(Settings.from_environment(environment)).server.test_client()


@pytest.fixture
def compressed(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Length of everything that is compressed."""
    lengths: list[int] = []
    compress = library._compress_data

    def noting(app: object, data: bytes, algorithm: str) -> bytes:
        lengths.append(len(data))
        return compress(app, data, algorithm)

    monkeypatch.setattr(library, "_compress_data", noting)
    return lengths


def test_a_file_is_compressed_once_for_each_algorithm(
    reader: FlaskClient, compressed: list[int]
) -> None:
    plain = reader.get(SCRIPT).data
    for _ in range(3):
        assert brotli.decompress(reader.get(SCRIPT, headers=ACCEPTED).data) == plain
        unzipped = reader.get(SCRIPT, headers={"Accept-Encoding": "gzip"}).data
        assert gzip.decompress(unzipped) == plain
    assert len(compressed) <= 2


def test_a_part_of_a_file_is_not_kept_for_the_whole(reader: FlaskClient) -> None:
    address = f"{SCRIPT}?part"
    part = reader.get(address, headers={**ACCEPTED, "Range": "bytes=0-999"})
    whole = reader.get(address, headers=ACCEPTED)
    plain = reader.get(address).data
    assert part.status_code in (200, 206)
    assert brotli.decompress(whole.data) == plain
    assert reader.head(address, headers=ACCEPTED).status_code == 200
    assert brotli.decompress(reader.get(address, headers=ACCEPTED).data) == plain


def test_answers_are_compressed_each_time(reader: FlaskClient, compressed: list[int]) -> None:
    addresses = [f"/export/areas.csv?type={slug}" for slug in ("drugs", "robbery", "drugs")]
    answers = [reader.get(address, headers=ACCEPTED).data for address in addresses]
    texts = [brotli.decompress(answer) for answer in answers]
    assert texts[0] == texts[2] != texts[1]


def test_what_is_kept_is_bounded() -> None:
    kept = CompressedFiles()
    kept.set("br;/assets/a?", b"x" * (MOST_BYTES + 1))
    assert kept.get("br;/assets/a?") is None
    for number in range(40):
        kept.set(f"br;/assets/{number}?", b"x" * (MOST_BYTES // 10))
    assert sum(kept.get(f"br;/assets/{number}?") is not None for number in range(40)) == 10
    kept.set("br;", b"an answer")
    assert kept.get("br;") is None


@pytest.mark.parametrize("name", LATE_SCRIPTS)
def test_what_the_page_hints_at_is_there(reader: FlaskClient, name: str) -> None:
    address = f"/_dash-component-suites/{name}"
    assert f'href="{address}"' in reader.get("/").text
    assert reader.get(address).status_code == 200
