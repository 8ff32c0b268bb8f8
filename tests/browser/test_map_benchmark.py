"""The map's benchmark: its ways agree, and a change of filter stays small over the wire."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.map.report import COLUMNS, JSON_FIGURES
from benchmarks.map.ways import WAYS
from data_pipeline.dataset import Dataset
from data_pipeline.demo.geography import AREAS_AT_FULL_SCALE

pytestmark = pytest.mark.browser

FORCE_BYTES = 5_000
NATION_BYTES = 50_000
MAP_ANSWER = "change, map's answer bytes"
ALL_ANSWERS = "change, all answers bytes"

Table = dict[tuple[str, str], dict[str, str]]


@pytest.fixture(scope="module")
def folder(demo: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A benchmark folder that holds the small nation already."""
    into = tmp_path_factory.mktemp("bench")
    (into / "map" / "scale-0.1").mkdir(parents=True)
    (into / "map" / "scale-0.1" / "dataset").symlink_to(demo)
    return into


def run(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    options = ["--scale", "0.1", "--rounds", "1", "--into", str(folder), *words]
    command = [sys.executable, "-m", "benchmarks.map", *options]
    return subprocess.run(command, check=False, capture_output=True, text=True)


def read_table(printed: str) -> Table:
    heading, _, *rows = (
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in printed.splitlines()
        if line.startswith("|")
    )
    return {(row[0], row[1]): dict(zip(heading, row, strict=True)) for row in rows}


def number(text: str) -> int:
    return int(text.replace(",", ""))


def test_a_force_is_measured_in_ways_that_agree(folder: Path, demo_dataset: Dataset) -> None:
    file = folder / "visits.json"
    done = run(folder, "--cases", "merseyside", "--without", "ours-map", "--json", str(file))
    assert done.returncode == 0, done.stderr
    areas = int((demo_dataset.areas["force"] == "merseyside").sum())
    assert f"All ways show the same classes: Merseyside {areas} areas" in done.stdout
    table = read_table(done.stdout)
    titles = [
        way.title for way in WAYS.values() if way.server != "ours-map" and not way.nation_only
    ]
    if "raw MapLibre is left out" in done.stderr:
        titles.remove(WAYS["raw"].title)
    assert list(table) == [("Merseyside", title) for title in titles]
    for row in table.values():
        assert all(number(row[name]) > 0 for name in COLUMNS if name != "server ms")
    ours, inline = (table["Merseyside", WAYS[way].title] for way in ("ours", "inline"))
    assert number(ours[MAP_ANSWER]) < FORCE_BYTES
    assert number(ours[MAP_ANSWER]) < number(inline[MAP_ANSWER])
    assert number(ours[MAP_ANSWER]) < number(ours[ALL_ANSWERS])
    assert (ours["zoom kept"], inline["zoom kept"]) == ("yes", "no")
    assert done.stdout.count("÷ this dashboard: ") == len(titles) - 1
    visits = json.loads(file.read_text())
    assert [WAYS[visit["way"]].title for visit in visits] == titles
    for visit in visits:
        assert set(visit) == {"case", "way", *JSON_FIGURES}
        assert visit["settled_ms"] >= visit["change_ms"] > 0
        assert visit["first_load_bytes"] > visit["change_bytes"] > 0


def test_the_nation_changes_within_its_budget(folder: Path, demo_dataset: Dataset) -> None:
    done = run(folder, "--cases", "nation", "--without", "ours-map", "inline", "raw")
    assert done.returncode == 0, done.stderr
    (row,) = read_table(done.stdout).values()
    share = len(demo_dataset.areas) / AREAS_AT_FULL_SCALE
    assert number(row[MAP_ANSWER]) < NATION_BYTES * share
    assert row["zoom kept"] == "yes"


def test_without_a_browser_the_benchmark_says_what_to_do(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CRIME_ATLAS_BROWSER", str(folder / "no-browser"))
    done = run(folder)
    assert done.returncode == 1
    assert "The map's benchmark needs a Chromium browser." in done.stderr
    assert done.stdout == ""
