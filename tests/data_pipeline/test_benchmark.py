"""The benchmark compares ways that count the same, on files with the dirt of real ones."""

from __future__ import annotations

import sys
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks.__main__ import main, put_back, python
from benchmarks.archive import SILENT_FORCE, file_draws
from benchmarks.compare import digest
from benchmarks.nation import inputs
from benchmarks.prepare import prepare
from benchmarks.ways import WAYS
from data_pipeline.build.build import build
from data_pipeline.dataset import Dataset
from data_pipeline.dataset.schema import QUARANTINED
from data_pipeline.geography.lsoa_codes import LsoaCodes
from data_pipeline.police import results_store as readings
from data_pipeline.police.archive import StreetFile
from data_pipeline.police.read import ReadFile, read_street_file

SCALE = 0.02
MONTHS = 5


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("bench") / "small"
    prepare(made, MONTHS, SCALE)
    return made


def built(folder: Path) -> Path:
    """Return a dataset of the whole archive."""
    result = folder / "results" / "built"
    if not result.exists():
        WAYS["pipeline"](folder, result)
    return result


def test_every_way_gives_the_same_counts(folder: Path) -> None:
    digests = {}
    put_back(folder)
    for name, way in WAYS.items():
        way(folder, folder / "results" / name)
        digests[name] = digest(folder / "results" / name)
    assert len(digests) == 5
    assert len(set(digests.values())) == 1


def test_every_kind_of_dirt_is_in_the_archive(folder: Path) -> None:
    dataset = Dataset.open(built(folder))
    accounts = dataset.accounts
    reasons = ("excluded_supplier", "malformed", "wrong_month", "duplicate", "no_lsoa")
    found = accounts[[*reasons, "out_of_area", "remapped_2011", "ids_elsewhere"]].sum()
    assert (found > 0).all(), found
    located = accounts[accounts["status"] == "supplied"]
    unlocated = located["no_lsoa"] / located["rows_read"]
    assert unlocated[located["supplier"] == "dyfed-powys"].mean() == pytest.approx(0.3, abs=0.05)
    assert unlocated.median() == pytest.approx(0.015, abs=0.01)
    (stray,) = accounts.loc[accounts["status"] == QUARANTINED, "supplier"]
    assert stray == SILENT_FORCE
    assert accounts.loc[accounts["month"] == dataset.months[0], "remapped_2011"].sum() > 0
    assert accounts.loc[accounts["month"] == dataset.months[-1], "remapped_2011"].sum() == 0
    content = b"".join(file.read_bytes() for file in (folder / "extracted").rglob("*.csv"))
    assert b'"On or near ' in content
    assert b',"Bournemouth, Christchurch and Poole ' in content


@pytest.mark.parametrize(("months", "files"), [(12, 525), (36, 1575)])
def test_an_archive_has_as_many_files_as_a_real_one(months: int, files: int) -> None:
    assert len({draw.name for draw in file_draws(months, 1)}) == files


def test_the_same_seed_gives_the_same_archive(folder: Path, tmp_path: Path) -> None:
    prepare(tmp_path / "again", MONTHS, SCALE)
    archives = [zipfile.ZipFile(made / "archive.zip") for made in (folder, tmp_path / "again")]
    first, second = ([(member.filename, member.CRC) for member in a.infolist()] for a in archives)
    assert first == second


def test_the_command_prints_a_table_of_all_ways(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["--months", "2", "--scale", str(SCALE), "--repeats", "1", "--into", str(tmp_path)]
    monkeypatch.setattr(sys, "argv", ["benchmarks", *words])
    main()
    printed = capsys.readouterr().out
    assert "All ways agree" in printed
    assert printed.count("| 1 |\n") == 6
    assert printed.count("adding a month ÷") == 2


def test_no_times_are_printed_where_the_ways_disagree(
    folder: Path,
) -> None:
    other = folder.parent / "other"
    prepare(other, 2, SCALE)
    with pytest.raises(SystemExit):
        python("compare", built(folder), built(other))


def test_a_month_is_added_to_the_same_dataset_each_time(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[str] = []

    def watched(file: StreetFile, codes: LsoaCodes) -> ReadFile:
        read.append(file.month)
        return read_street_file(file, codes)

    result, months = folder / "results" / "add", Dataset.open(built(folder)).months
    monkeypatch.setattr(readings, "read_street_file", watched)
    for _ in range(2):
        put_back(folder)
        assert Dataset.open(result).months == months[:-1]
        WAYS["add"](folder, result)
        assert Dataset.open(result).id == Dataset.open(built(folder)).id
        assert set(read) == {months[-1]}


def test_no_times_are_printed_where_counts_agree_and_datasets_do_not(
    folder: Path, tmp_path: Path
) -> None:
    given = inputs(folder / "geography", folder / "archive.zip")
    build(replace(given, rural_urban=None), tmp_path / "other", cache=folder / "cache")
    assert digest(tmp_path / "other") == digest(built(folder))
    with pytest.raises(SystemExit):
        python("compare", built(folder), tmp_path / "other")
