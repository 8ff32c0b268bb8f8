"""What is kept of the areas between builds: equal to what it saves, and never trusted blindly."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import pytest

from data_pipeline.build.remembered import build_and_remember
from data_pipeline.geography.areas_store import (
    CACHE_VARIABLE,
    ENTRIES_KEPT,
    IN_USE_SECONDS,
    cache_folder,
)

from .tiny import Inputs, build, middle, name, row, street, write_archive, write_inputs

SPLIT_ROW = row("a", lsoa="E01000090", at=middle("E01000003"))
STAGES_OF_MAP = ("reading boundaries", "repairing and simplifying boundaries", "drawing the map")


@pytest.fixture
def inputs(tmp_path: Path) -> Inputs:
    police = write_archive(tmp_path / "police.zip", {name("cheshire"): street([SPLIT_ROW])})
    return write_inputs(tmp_path / "inputs", police)


def content(dataset: Path) -> dict[str, bytes]:
    """Return every file of a dataset but its manifest, which holds the time of its making."""
    return {
        path.relative_to(dataset).as_posix(): path.read_bytes()
        for path in dataset.rglob("*")
        if path.is_file() and path.name != "manifest.json"
    }


def stages(inputs: Inputs, out: Path, cache: Path) -> list[str]:
    passed: list[str] = []
    build(inputs, out, stage=passed.append, cache=cache)
    return passed


def test_a_dataset_is_the_same_with_an_empty_a_full_and_no_cache(
    tmp_path: Path, inputs: Inputs
) -> None:
    cache = tmp_path / "cache"
    ids = {
        build(inputs, tmp_path / "without"),
        build(inputs, tmp_path / "first", cache=cache),
        build(inputs, tmp_path / "second", cache=cache),
    }
    assert len(ids) == 1
    assert content(tmp_path / "first") == content(tmp_path / "without")
    assert content(tmp_path / "second") == content(tmp_path / "without")


def test_new_crimes_do_not_draw_the_map_again(tmp_path: Path, inputs: Inputs) -> None:
    cache = tmp_path / "cache"
    assert set(STAGES_OF_MAP) <= set(stages(inputs, tmp_path / "out", cache))
    more = write_archive(
        tmp_path / "more.zip",
        {
            name("cheshire"): street([SPLIT_ROW]),
            name("kent"): street([row("b", lsoa="E01000005")]),
        },
    )
    again = stages(replace(inputs, police=(more,)), tmp_path / "out", cache)
    assert not set(STAGES_OF_MAP) & set(again)


@pytest.mark.parametrize(
    "changed", ["boundaries.parquet", "wards.csv", "forces.csv", "changes.csv"]
)
def test_another_boundary_or_lookup_draws_the_map_again(
    tmp_path: Path, inputs: Inputs, changed: str
) -> None:
    cache = tmp_path / "cache"
    stages(inputs, tmp_path / "out", cache)
    file = inputs.boundaries.with_name(changed)
    if file.suffix == ".csv":
        file.write_bytes(file.read_bytes() + b"\n")
    else:
        areas = gpd.read_parquet(file)
        areas.geometry = areas.geometry.translate(1.0)
        areas.to_parquet(file)
    assert set(STAGES_OF_MAP) <= set(stages(inputs, tmp_path / "out", cache))


def flipped(file: Path) -> None:
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 1
    # a new file: the old one may be linked into a dataset, which damage to the disk would not be
    file.unlink()
    file.write_bytes(data)


@pytest.mark.parametrize("damage", [flipped, Path.unlink], ids=["changed", "missing"])
@pytest.mark.parametrize("pattern", ["areas.parquet", "polygons.*", "index.json", "geometry/*.br"])
def test_a_damaged_entry_is_made_anew(
    tmp_path: Path, inputs: Inputs, pattern: str, damage: Callable[[Path], None]
) -> None:
    cache = tmp_path / "cache"
    whole = build(inputs, tmp_path / "whole", cache=cache)
    damage(next(cache.glob(f"*/{pattern}")))
    out = tmp_path / "out"
    assert set(STAGES_OF_MAP) <= set(stages(inputs, out, cache))
    assert content(out) == content(tmp_path / "whole")
    assert build(inputs, out, cache=cache) == whole


def test_a_dataset_outlives_its_cache(tmp_path: Path, inputs: Inputs) -> None:
    out = tmp_path / "out"
    build(inputs, out, cache=tmp_path / "cache")
    before = content(out)
    shutil.rmtree(tmp_path / "cache")
    assert content(out) == before


def test_layers_are_copied_where_they_cannot_be_linked(
    tmp_path: Path, inputs: Inputs, monkeypatch: pytest.MonkeyPatch
) -> None:
    linked = build(inputs, tmp_path / "linked", cache=tmp_path / "cache")

    def refuse(*_paths: Path) -> None:
        raise OSError("cross-device link")

    monkeypatch.setattr("os.link", refuse)
    assert build(inputs, tmp_path / "copied", cache=tmp_path / "cache") == linked
    assert content(tmp_path / "copied") == content(tmp_path / "linked")


def test_old_entries_go_and_those_of_a_running_build_stay(
    tmp_path: Path, inputs: Inputs, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache = tmp_path / "cache"
    for number in range(ENTRIES_KEPT + 2):
        (cache / f"entry-{number}").mkdir(parents=True)
    build(inputs, tmp_path / "out", cache=cache)
    assert len(list(cache.iterdir())) == ENTRIES_KEPT + 3
    inputs.wards.write_bytes(inputs.wards.read_bytes() + b"\n")
    later = (cache / "entry-0").stat().st_mtime + 2 * IN_USE_SECONDS
    monkeypatch.setattr("data_pipeline.storage.keeper.time", lambda: later)
    build(inputs, tmp_path / "out", cache=cache)
    assert len(list(cache.iterdir())) == ENTRIES_KEPT


def test_the_cache_is_the_system_s_or_where_the_environment_says(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv(CACHE_VARIABLE, "/var/cache/atlas")
    assert cache_folder(Path("data/current")) == Path("/var/cache/atlas")
    monkeypatch.delenv(CACHE_VARIABLE)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    shared = cache_folder(Path("data/current"))
    assert shared.is_relative_to(tmp_path / "home")
    assert cache_folder(Path("data/other")) == shared


def test_without_a_place_of_the_system_the_cache_lies_beside_the_dataset(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    taken = tmp_path / "a file"
    taken.write_text("")
    monkeypatch.delenv(CACHE_VARIABLE, raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(taken))
    monkeypatch.setenv("HOME", str(taken))
    assert cache_folder(Path("data/current")) == Path("data/current.cache")


def test_two_datasets_share_what_is_drawn(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, inputs: Inputs
) -> None:
    monkeypatch.setenv(CACHE_VARIABLE, str(tmp_path / "shared"))
    passed: list[str] = []
    first = build_and_remember(inputs, tmp_path / "one", reread=True)
    second = build_and_remember(inputs, tmp_path / "two", reread=True, stage=passed.append)
    assert first == second
    assert not set(STAGES_OF_MAP) & set(passed)
