"""The whole site as readers and strangers meet it: addresses, prefixes, what it tells of itself."""

from __future__ import annotations

import json
import logging
import re
import sys
from pathlib import Path

import pandas as pd
import pytest
from flask.testing import FlaskClient

from app import create_app
from data_pipeline.dataset import Dataset
from server.csv_file import csv_chunks, harmless
from server.settings import SettingError, Settings


def site(dataset: Path, prefix: str = "") -> FlaskClient:
    environment = {"CRIME_ATLAS_DATASET": str(dataset), "CRIME_ATLAS_PREFIX": prefix}
    return create_app(Settings.from_environment(environment)).server.test_client()


@pytest.fixture(scope="module")
def reader(small_dataset: Dataset) -> FlaskClient:
    return site(small_dataset.path)


@pytest.mark.parametrize(
    "path",
    [
        "/nowhere",
        "/index.html",
        "/wp-login.php",
        "/.git/config",
        "/geometry",
        "/export/",
        "/assets/none.js",
        "/vendor/none.css",
        "/_dash-component-suites/dash/none.js",
        "/_dash-component-suites/none/none.js",
        "/_dash-component-suites/dash/../../../etc/passwd",
        "/_dash-component-suites/dash/dcc/async-graph.js/x",
        "/_dash-component-suites/plotly/package_data/none.v1m2.js",
        "/_favicon.ico.bak",
    ],
)
def test_unknown_addresses_are_404_without_a_traceback(
    reader: FlaskClient, path: str, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        answer = reader.get(path)
    assert answer.status_code == 404
    assert "There is nothing at this address" in answer.text
    assert not any(record.exc_info for record in caplog.records)


def test_no_version_is_published(reader: FlaskClient) -> None:
    text = reader.get("/").text
    assert not re.findall(r'"\w+_version(?:_url)?"', text)
    assert f"{sys.version_info.major}.{sys.version_info.minor}." not in text
    for package in ("dash", "plotly", "dash_ag_grid"):
        version = __import__(package).__version__
        assert version not in text
        assert version.replace(".", "_") not in text
    scripts = re.findall(r'<script src="([^"]+)"', text)
    assert len(scripts) > 5
    for address in scripts:
        assert reader.get(address).status_code == 200, address


def test_without_a_dataset_the_page_tells_no_path_and_has_a_main(tmp_path: Path) -> None:
    client = site(tmp_path / "secret place")
    text = client.get("/_dash-layout").text
    assert "secret place" not in text
    assert '"type":"Main"' in text
    assert "make demo" in text
    assert "secret place" not in client.get("/ready").text


PREFIX = "/news/crime"


def test_below_a_prefix_every_address_carries_it(small_dataset: Dataset) -> None:
    client = site(small_dataset.path, f"{PREFIX}/")
    page = client.get(f"{PREFIX}/")
    assert page.status_code == 200
    addresses = re.findall(r'(?:src|href)="(/[^"]+)"', page.text)
    assert len(addresses) > 5
    for address in addresses:
        assert address.startswith(f"{PREFIX}/"), address
        assert client.get(address).status_code == 200, address
    config = re.search(r'id="_dash-config"[^>]*>([^<]+)', page.text)
    assert json.loads(config[1])["requests_pathname_prefix"] == f"{PREFIX}/"
    moved = client.get(f"{PREFIX}?force=kent")
    assert (moved.status_code, moved.headers["Location"]) == (308, f"{PREFIX}/?force=kent")
    assert client.get(f"{PREFIX}/ready").status_code == 200
    assert client.get("/ready").status_code == 200, "a proxy may take the prefix away"
    missing = client.get(f"{PREFIX}/nowhere")
    assert missing.status_code == 404
    assert f'href="{PREFIX}/"' in missing.text
    layout = json.dumps(client.get(f"{PREFIX}/_dash-layout").json)
    assert f"{PREFIX}/export/areas.csv" in layout


def test_what_a_request_says_of_its_prefix_is_not_believed(reader: FlaskClient) -> None:
    answer = reader.get(
        "/nowhere", headers={"X-Forwarded-Prefix": "/evil", "X-Script-Name": "/evil"}
    )
    assert "evil" not in answer.text
    assert "evil" not in reader.get("/", headers={"X-Forwarded-Prefix": "/evil"}).text


@pytest.mark.parametrize("prefix", ["crime", "/a b", "//evil.example", "/../x?", "/<b>"])
def test_a_prefix_that_is_no_path_is_refused(prefix: str) -> None:
    with pytest.raises(SettingError, match="CRIME_ATLAS_PREFIX"):
        Settings.from_environment({"CRIME_ATLAS_PREFIX": prefix})


@pytest.mark.parametrize(
    "text",
    ["=1+1", " =1", "\n=1", "\r\n+1", "\t@x", "＝1", "＋1", "－1", "＠SUM(1)", "\u00a0=1", "-2+3"],
)
def test_what_a_spreadsheet_would_run_is_made_text(text: str) -> None:
    assert harmless(pd.DataFrame({"name": [text]}))["name"].tolist() == ["'" + text]


@pytest.mark.parametrize("text", ["Kent", "a=b", "St. Helens", "", "1 - 2"])
def test_plain_text_is_left_alone(text: str) -> None:
    assert harmless(pd.DataFrame({"name": [text]}))["name"].tolist() == [text]


def test_a_bare_carriage_return_is_quoted() -> None:
    rows = pd.DataFrame({"name": ["a\rb", "c", None], "count": [1, 2, 3]})
    assert "".join(csv_chunks(rows)) == 'name,count\r\n"a\rb",1\r\nc,2\r\n,3\r\n'
    assert "".join(csv_chunks(rows.iloc[1:])) == "name,count\nc,2\n,3\n"
