"""A dataset that is not what its manifest says is refused when opened, not half served."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import orjson
import pandas as pd
import pytest

from data_pipeline.dataset import DamagedDatasetError, Dataset
from server.open_dataset import CHECK_SECONDS, DatasetSource

from .conftest import serve

Spoil = Callable[[Path], object]


@pytest.fixture
def copied(tmp_path: Path, small_dataset: Dataset) -> Path:
    return shutil.copytree(small_dataset.path, tmp_path / "copied")


def table(file: str, change: Callable[[pd.DataFrame], pd.DataFrame]) -> Spoil:
    def spoil(path: Path) -> None:
        change(pd.read_parquet(path / file)).to_parquet(path / file, index=False)

    return spoil


def manifest(change: Callable[[dict], object]) -> Spoil:
    def spoil(path: Path) -> None:
        content = orjson.loads((path / "manifest.json").read_bytes())
        change(content)
        (path / "manifest.json").write_bytes(orjson.dumps(content))

    return spoil


def counts(change: Callable[[np.ndarray], np.ndarray]) -> Spoil:
    return lambda path: np.save(path / "counts.npy", change(np.load(path / "counts.npy")))


def cut(path: Path) -> None:
    layer = next((path / "geometry").glob("*.br"))
    layer.write_bytes(layer.read_bytes()[:-9])


SPOILED: dict[str, tuple[Spoil, str]] = {
    "no geometry": (lambda path: shutil.rmtree(path / "geometry"), "geometry/.* is missing"),
    "no facts": (lambda path: shutil.rmtree(path / "facts"), "facts/.* is missing"),
    "no accounts": (lambda path: (path / "accounts.parquet").unlink(), "accounts.parquet"),
    "no map points": (lambda path: (path / "snap_points.parquet").unlink(), "snap_points"),
    "half a layer": (cut, "is not .* bytes long"),
    "empty counts": (lambda path: (path / "counts.npy").write_bytes(b""), "damaged"),
    "counts as text": (lambda path: (path / "counts.npy").write_text("hello"), "damaged"),
    "counts as floats": (counts(lambda found: found.astype(float)), "holds float64"),
    "fewer counts": (counts(lambda found: found[1:]), "has shape"),
    "a table that is none": (
        lambda path: (path / "areas.parquet").write_bytes(b"PAR1"),
        "damaged",
    ),
    "accounts of another kind": (
        table("accounts.parquet", lambda found: found.drop(columns="kept")),
        "accounts.parquet lacks the column kept",
    ),
    "no denominator": (
        table("areas.parquet", lambda found: found.drop(columns="denominator_mid_2022")),
        "no numbers as denominator_mid_2022",
    ),
    "denominator as text": (
        table("areas.parquet", lambda found: found.assign(denominator_mid_2022="many")),
        "no numbers as denominator_mid_2022",
    ),
    "an area twice": (
        table("areas.parquet", lambda found: found.assign(lsoa_code="E01000001")),
        "without a code, or twice",
    ),
    "a foreign force": (
        table("areas.parquet", lambda found: found.assign(force="narnia")),
        "the force narnia",
    ),
    "a status of its own": (
        table("coverage.parquet", lambda found: found.assign(status="fine")),
        "the status 'fine'",
    ),
    "coverage of fewer months": (
        table("coverage.parquet", lambda found: found.iloc[2:]),
        "every month and force once",
    ),
    "months with a gap": (manifest(lambda found: found["months"].pop(1)), "row of months"),
    "months as text": (manifest(lambda found: found.update(months="2024")), "no months"),
    "no layers": (manifest(lambda found: found.update(layers=[])), "no layers"),
    "no files": (manifest(lambda found: found.pop("files")), "no files"),
    "forces of another kind": (manifest(lambda found: found.update(forces=[1])), "damaged"),
}


@pytest.mark.parametrize("name", SPOILED)
def test_a_dataset_that_is_not_what_it_promises_is_refused(copied: Path, name: str) -> None:
    spoil, message = SPOILED[name]
    spoil(copied)
    with pytest.raises(DamagedDatasetError, match=message):
        Dataset.open(copied)
    client = serve(copied).test_client()
    assert client.get("/ready").status_code == 503
    assert client.get("/alive").status_code == 200
    answer = client.get("/export/areas.csv?force=cheshire")
    assert answer.status_code == 503
    assert str(copied) not in answer.text


def test_a_copy_in_progress_is_taken_up_when_it_is_complete(
    tmp_path: Path, small_dataset: Dataset
) -> None:
    now = [0.0]
    target = tmp_path / "copy"
    source = DatasetSource(target, clock=lambda: now[0])
    files = [path for path in small_dataset.path.rglob("*") if path.is_file()]
    files.sort(key=lambda path: path.name != "manifest.json")
    for at, file in enumerate(files):
        place = target / file.relative_to(small_dataset.path)
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(file, place)
        now[0] += CHECK_SECONDS
        if at < len(files) - 1 and at % 20 == 0:
            with pytest.raises(DamagedDatasetError):
                source.current()
    assert source.current().id == small_dataset.id


def test_a_dataset_that_is_gone_is_404_and_never_500(copied: Path) -> None:
    client = serve(copied).test_client()
    layer = next((copied / "geometry").glob("lad-all-*.json")).name
    assert client.get(f"/geometry/{layer}").status_code == 200
    shutil.rmtree(copied)
    assert client.get(f"/geometry/{layer}").status_code == 404
    assert client.get("/ready").status_code == 200, "what is in memory is still served"
