"""Datasets that several tests share."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from data_pipeline.build.build import build
from data_pipeline.dataset import Dataset
from data_pipeline.geography.areas_store import CACHE_VARIABLE
from data_pipeline.storage.locks import held

from .real_sample import real_inputs
from .small_dataset import build_small


@pytest.fixture(scope="session")
def small_dataset(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    """Three forces and twelve areas, checked by hand (see small_dataset.py)."""
    return build_small(tmp_path_factory.mktemp("small") / "dataset")


@pytest.fixture(scope="session")
def real_dataset(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Path of a dataset built from the real sample; skips where the sample is absent.

    Test processes that run side by side share it: the first one builds, the others wait.
    """
    inputs = real_inputs()
    own = tmp_path_factory.getbasetemp()
    folder = (own.parent if "PYTEST_XDIST_WORKER" in os.environ else own) / "real"
    folder.mkdir(exist_ok=True)
    out = folder / "dataset"
    with held(folder):
        if not out.exists():
            build(inputs, out)
    return out


@pytest.fixture(scope="session", autouse=True)
def _own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Keep the user's own cache out of the tests."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(CACHE_VARIABLE, str(tmp_path_factory.mktemp("cache")))
        yield


settings.register_profile("steady", deadline=None)
settings.load_profile("steady")  # How long an example takes depends on what else the machine does.

REAL = {"real_dataset", "independent", "naive"}
"""Fixtures that read the real sample."""

SLOW = {
    *("test_archive", "test_benchmark", "test_build", "test_cluster", "test_code_version"),
    *("test_download", "test_download_police", "test_eras", "test_snap_points"),
    *("test_cold_start", "test_damage", "test_demo", "test_geography_inputs", "test_incremental"),
    *("test_interruptions", "test_kept_facts", "test_prepared", "test_properties"),
    *("test_quality_report", "test_revisions", "test_row_accounts", "test_soundness"),
}
"""Modules whose tests build whole datasets or start processes of their own."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what takes a browser, the real sample or long, so that it can be left out."""
    for item in items:
        fixtures = set(getattr(item, "fixturenames", ()))
        if "browser" in fixtures:
            item.add_marker("browser")
        if fixtures & REAL:
            item.add_marker("real")
        if item.path.stem in SLOW:
            item.add_marker("slow")
