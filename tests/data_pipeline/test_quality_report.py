"""What check prints and info sums up of the quality of the data."""

from __future__ import annotations

from pathlib import Path

import pytest

from data_pipeline.dataset import Dataset
from data_pipeline.dataset.months import months_between
from data_pipeline.report.quality import (
    concentration,
    coverage_matrix,
    force_figures,
    quality_figures,
    quality_report,
    sudden_drop_list,
    summary,
    unknown_value_list,
    unlocated_matrix,
    vintage_changes,
)

from .tiny import SPLIT_PARENT, build_tiny, middle, name, row, street

SHOP = "On or near Shopping Area"


def month_of(month: str, rows: int) -> bytes:
    return street([row(month=month)] * rows)


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    """Cheshire: 100 rows a month and a drop to 40; Kent: one month, with everything amiss."""
    months = months_between("2024-01", "2024-05")
    members = {name("cheshire", month): month_of(month, 100) for month in months}
    members[name("cheshire", "2024-05")] = month_of("2024-05", 40)
    members[name("cheshire", "2024-02")] = street(
        [row(month="2024-02", lsoa="") for _ in range(25)] + [row(month="2024-02")] * 75
    )
    kent = [
        *[row(lsoa="E01000005", at=middle("E01000005"), location=SHOP)] * 150,
        *[row(lsoa="E01000005", at=middle("E01000006"), kind="Space piracy")] * 50,
        *[row("a", lsoa="E01000006")] * 3,
        row(lsoa="E01999999"),
        row(lsoa=""),
        row(lsoa=SPLIT_PARENT, at=middle("E01000003")),
        row(lsoa=SPLIT_PARENT),
    ]
    members[name("kent")] = street(kent)
    return build_tiny(tmp_path_factory.mktemp("quality"), members)


def test_the_matrix_marks_gaps_and_drops(dataset: Dataset) -> None:
    assert coverage_matrix(dataset).splitlines() == [
        "Coverage, January 2024 to May 2024",
        "Cheshire  ■■■■▼",
        "Kent      ■····",
        "■ supplied  · missing  Q quarantined  X unreadable  ▼ supplied, with a sudden drop",
    ]


def test_the_share_without_an_lsoa_is_shown_for_every_force_month(dataset: Dataset) -> None:
    lines = unlocated_matrix(dataset).splitlines()
    assert lines[1] == "Cheshire  0+000  highest 25.0% in February 2024"
    assert lines[2] == "Kent      0····  highest 0.5% in January 2024"


def test_the_rows_of_each_force_are_summed(dataset: Dataset) -> None:
    rows = [line.split() for line in force_figures(dataset).splitlines()]
    #                             read  counted no LSOA repeats out 2011 unknown drops
    assert rows[1] == ["Cheshire", "440", "415", "25", "0", "0", "0", "0", "1"]
    assert rows[2] == ["Kent", "207", "203", "1", "2", "2", "2", "1", "0"]
    assert rows[3] == ["All", "647", "618", "26", "2", "2", "2", "1", "1"]


def test_sudden_drops_are_listed(dataset: Dataset) -> None:
    assert sudden_drop_list(dataset).splitlines()[1:] == ["  Cheshire, May 2024: 40 incidents"]


def test_concentration_names_the_point(dataset: Dataset) -> None:
    lines = concentration(dataset).splitlines()[1:]
    assert lines[0].startswith("  1 of 2 LSOAs with at least 100 rows have 25% of them")
    assert "  E01000005 Place 004A: 75% of 200 rows on or near Shopping Area" in lines


def test_translated_codes_are_summed_up(dataset: Dataset) -> None:
    assert vintage_changes(dataset).splitlines()[1:] == [
        "  2 LSOAs came of a split or a redrawing",
        "  2 rows in 1 force-months carry a 2011 code, January 2024",
        "  1 of them had no usable point",
    ]


def test_unknown_values_are_listed_with_their_files(dataset: Dataset) -> None:
    assert unknown_value_list(dataset).splitlines()[1:] == [
        f"  Crime type 'Space piracy': 50 rows in {name('kent')}",
        f"  LSOA code 'E01999999': 1 rows in {name('kent')}",
    ]


def test_the_tables_behind_the_report_are_in_the_dataset(dataset: Dataset) -> None:
    coverage = dataset.coverage.set_index(["month", "force"])
    kent = coverage.loc["2024-01", "kent"]
    assert kent[["duplicate", "no_lsoa", "remapped_2011", "unplaced_2011"]].tolist() == [2, 1, 2, 1]
    assert coverage.loc["2024-05", "cheshire"]["sudden_drop"]
    assert dataset.unknown_values[["column", "value", "rows"]].to_numpy().tolist() == [
        ["Crime type", "Space piracy", 50],
        ["LSOA code", "E01999999", 1],
    ]
    assert dataset.snap_points.set_index("lsoa_code")["largest_share"]["E01000005"] == 0.75


def test_info_sums_the_report_up(dataset: Dataset) -> None:
    assert quality_figures(dataset) == [
        (1, "force-months with a sudden drop"),
        # Two LSOAs of Cheshire were redrawn, but only Kent's file carries 2011 codes.
        (0, "redrawn LSOAs in forces whose files carry 2011 codes"),
        (1, "LSOAs with half of their 100 rows or more on one map point"),
        (2, "values not known to this version"),
    ]
    assert "           1 force-months with a sudden drop" in summary(dataset)


def test_a_report_of_a_dataset_without_fault_says_none(tmp_path: Path) -> None:
    plain = build_tiny(tmp_path, {name("cheshire"): street([row()])})
    report = quality_report(plain)
    assert report.count("  none") == 3
    assert "0 of 0 LSOAs" in report
