"""The server around a small dataset, without the page."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from data_pipeline.dataset import Dataset
from server import routes
from server.open_dataset import DatasetSource
from server.settings import Settings


def serve(dataset: Path) -> Flask:
    """Return an application that serves the dataset at a path."""
    flask_app = Flask("crime_atlas")
    settings = Settings.from_environment({"CRIME_ATLAS_DATASET": str(dataset)})
    routes.register(flask_app, DatasetSource(settings.dataset), settings)
    return flask_app


@pytest.fixture
def client(small_dataset: Dataset) -> FlaskClient:
    """Speaks to a server of the small dataset."""
    return serve(small_dataset.path).test_client()


@pytest.fixture
def client_without_dataset(tmp_path: Path) -> FlaskClient:
    """Speaks to a server that finds no dataset."""
    return serve(tmp_path / "nothing").test_client()
