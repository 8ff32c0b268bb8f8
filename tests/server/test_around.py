"""Settings, health, headers, compression and error pages."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app import create_app
from data_pipeline.dataset import Dataset
from server.headers import allow_scripts
from server.settings import SETTINGS, SettingError, Settings

from .conftest import serve


def test_settings_have_defaults() -> None:
    settings = Settings.from_environment({})
    assert settings.dataset == Path("data/current")
    assert (settings.host, settings.port) == ("127.0.0.1", 8050)


def test_settings_come_from_the_environment() -> None:
    given = {
        "CRIME_ATLAS_DATASET": "/srv/atlas",
        "CRIME_ATLAS_PORT": "9000",
        "CRIME_ATLAS_HOST": "",
    }
    settings = Settings.from_environment(given)
    assert (settings.dataset, settings.port) == (Path("/srv/atlas"), 9000)
    assert settings.host == "127.0.0.1"


@pytest.mark.parametrize("port", ["eighty", "0", "70000", "-1"])
def test_an_unusable_setting_is_named(port: str) -> None:
    with pytest.raises(SettingError, match=r"CRIME_ATLAS_PORT is '.*'; it must be a number"):
        Settings.from_environment({"CRIME_ATLAS_PORT": port})


def test_every_setting_is_described_and_readable() -> None:
    settings = Settings.from_environment({})
    for setting in SETTINGS:
        assert setting.description
        assert hasattr(settings, setting.name)


def test_health_names_the_dataset(client: FlaskClient, small_dataset: Dataset) -> None:
    answer = client.get("/health")
    assert answer.status_code == 200
    assert answer.json == {
        "status": "ok",
        "dataset": small_dataset.id,
        "release": "2024-12",
        "synthetic": False,
    }
    assert answer.headers["Cache-Control"] == "no-store"


def test_health_is_bad_without_a_dataset(client_without_dataset: FlaskClient) -> None:
    answer = client_without_dataset.get("/health")
    assert answer.status_code == 503
    assert answer.json["error"] == "There is no dataset to show yet."


@pytest.mark.parametrize("url", ["/health", "/nowhere", "/export/areas.csv?force=foo"])
def test_every_answer_has_security_headers(client: FlaskClient, url: str) -> None:
    headers = client.get(url).headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "Referrer-Policy" in headers
    policy = headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "worker-src 'self' blob:" in policy
    assert "frame-ancestors 'self'" in policy
    assert "unsafe-eval" not in policy


def test_inline_scripts_can_be_narrowed_to_known_ones(small_dataset: Dataset) -> None:
    flask_app = serve(small_dataset.path)
    allow_scripts(flask_app, ["'sha256-abc='"])
    policy = flask_app.test_client().get("/health").headers["Content-Security-Policy"]
    assert "script-src 'self' 'sha256-abc='" in policy
    assert "script-src 'self' 'unsafe-inline'" not in policy


def test_a_large_answer_is_compressed(client: FlaskClient) -> None:
    url = "/export/areas.csv?type=drugs"
    plain = client.get(url).data
    packed = client.get(url, headers={"Accept-Encoding": "gzip"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert len(packed.data) < len(plain) / 2


def test_a_missing_page_is_explained(client: FlaskClient) -> None:
    answer = client.get("/nowhere")
    assert answer.status_code == 404
    assert "There is nothing at this address" in answer.text


def test_a_fault_shows_no_insides(small_dataset: Dataset) -> None:
    flask_app: Flask = serve(small_dataset.path)

    @flask_app.get("/broken")
    def broken() -> str:
        raise RuntimeError("the secret")

    answer = flask_app.test_client().get("/broken")
    assert answer.status_code == 500
    assert "Something went wrong on our side" in answer.text
    assert "secret" not in answer.text
    assert "Traceback" not in answer.text


def test_pictures_may_come_from_elsewhere_only_where_tiles_are_allowed() -> None:
    policies = {}
    for allowed in ("yes", "no"):
        app = create_app(Settings.from_environment({"CRIME_ATLAS_REMOTE_TILES": allowed}))
        answer = app.server.test_client().get("/health")
        policies[allowed] = answer.headers["Content-Security-Policy"]
    assert "https://tile.openstreetmap.org" in policies["yes"]
    assert "https://" not in policies["no"]


def test_a_setting_of_yes_or_no_takes_nothing_else() -> None:
    with pytest.raises(SettingError, match="CRIME_ATLAS_REMOTE_TILES is 'maybe'"):
        Settings.from_environment({"CRIME_ATLAS_REMOTE_TILES": "maybe"})
