"""Datasets that several tests share."""

from __future__ import annotations

import pytest

from data_pipeline.dataset import Dataset

from .small_dataset import build_small


@pytest.fixture(scope="session")
def small_dataset(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    """Three forces and twelve areas, checked by hand (see small_dataset.py)."""
    return build_small(tmp_path_factory.mktemp("small") / "dataset")
