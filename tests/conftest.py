"""Datasets that several tests share."""

from __future__ import annotations

from pathlib import Path

import pytest

from data_pipeline.build import build
from data_pipeline.dataset import Dataset

from .real_sample import real_inputs
from .small_dataset import build_small


@pytest.fixture(scope="session")
def small_dataset(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    """Three forces and twelve areas, checked by hand (see small_dataset.py)."""
    return build_small(tmp_path_factory.mktemp("small") / "dataset")


@pytest.fixture(scope="session")
def real_dataset(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Path of a dataset built from the real sample; skips where the sample is absent."""
    inputs = real_inputs()
    out = tmp_path_factory.mktemp("real") / "dataset"
    build(inputs, out)
    return out
