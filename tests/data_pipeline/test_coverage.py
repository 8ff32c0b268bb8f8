"""Which force-months count as supplied."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

from data_pipeline.build.coverage import absurd_files, coverage_table, gap_lines
from data_pipeline.dataset.forces import FORCES
from data_pipeline.dataset.months import add_months, months_between
from data_pipeline.dataset.schema import ACCOUNT_COLUMNS, COVERAGE_COLUMNS, MISSING

from .tiny import account, build_tiny, counts, name, row, street

KENT = next(force for force in FORCES if force.slug == "kent")
ESSEX = next(force for force in FORCES if force.slug == "essex")


def accounts(rows: list[int], force: str = "kent", **columns: int) -> pd.DataFrame:
    """Return accounts of consecutive months with the given rows, all kept."""
    table = pd.DataFrame(0, index=range(len(rows)), columns=list(ACCOUNT_COLUMNS))
    months = [add_months("2023-01", at) for at in range(len(rows))]
    return table.assign(
        rows_read=rows, kept=rows, month=months, supplier=force, status="supplied", **columns
    )


@pytest.mark.parametrize(("rows", "absurd"), [(99, True), (100, False)])
def test_below_a_tenth_of_the_median_of_the_other_months_is_absurd(rows: int, absurd: bool) -> None:
    found = absurd_files(accounts([rows, *[1000] * 6]), {"kent": 1e9})
    assert (list(found) == [0]) == absurd


@pytest.mark.parametrize(("rows", "absurd"), [(9, True), (10, False)])
def test_with_few_months_below_one_row_for_1000_residents_is_absurd(
    rows: int, absurd: bool
) -> None:
    found = absurd_files(accounts([rows, *[1000] * 5]), {"kent": 10_000})
    assert (list(found) == [0]) == absurd


@pytest.mark.parametrize(("outside", "absurd"), [(51, True), (50, False)])
def test_more_than_half_of_located_rows_outside_the_area_is_absurd(
    outside: int, absurd: bool
) -> None:
    table = accounts([200]).assign(kept=100, no_lsoa=100, out_of_area=outside)
    assert bool(absurd_files(table, {"kent": 100})) == absurd


def test_a_file_with_nothing_to_count_is_absurd_whatever_its_length() -> None:
    table = accounts([1000] * 8)
    table.loc[0, ["kept", "wrong_month"]] = [0, 1000]
    table.loc[1, ["kept", "no_lsoa"]] = [0, 1000]
    assert list(absurd_files(table, {"kent": 100})) == [0, 1]


def test_repeats_and_rows_of_other_months_do_not_make_a_file_plausible() -> None:
    table = accounts([1000] * 8)
    table.loc[0, ["kept", "duplicate", "wrong_month"]] = [10, 490, 500]
    assert absurd_files(table, {"kent": 100}) == {
        0: "10 incidents where the force's median month has 1,000"
    }


def test_a_force_without_areas_in_the_dataset_is_not_judged_by_its_area() -> None:
    assert absurd_files(accounts([10]).assign(out_of_area=10), {}) == {}


def test_a_quarantined_file_counts_as_not_supplied_and_its_rows_are_accounted(
    tmp_path: Path,
) -> None:
    stray = name("kent")
    rows = [row(f"c{at}", lsoa="E01000001") for at in range(3)]
    dataset = build_tiny(tmp_path, {name("cheshire"): street([row("a")]), stray: street(rows)})
    found = account(dataset, stray)
    assert (found["rows_read"], found["quarantined"], found["status"]) == (3, 3, "quarantined")
    assert "kept" not in found
    assert counts(dataset) == {"E01000001": 1}
    assert dataset.supplied.tolist() == [[True, False]]
    kent = dataset.coverage.iloc[1]
    assert (kent["status"], kent["quarantined"], kent["kept"]) == ("quarantined", 3, 0)
    assert any(stray in warning and "outside" in warning for warning in dataset.warnings)


def test_months_between_the_first_and_last_file_are_missing_and_not_zero(tmp_path: Path) -> None:
    members = {
        name("cheshire", "2024-01"): street([row()]),
        name("cheshire", "2024-04"): street([row(month="2024-04")]),
        name("btp", "2024-06"): street([row(month="2024-06")]),
    }
    dataset = build_tiny(tmp_path, members)
    assert dataset.months == ("2024-01", "2024-02", "2024-03", "2024-04")
    assert dataset.release == "2024-04"
    assert dataset.supplied[:, 0].tolist() == [True, False, False, True]
    assert not dataset.supplied[:, 1].any()
    assert gap_lines(dataset.coverage, dataset.forces, [MISSING]) == [
        "Cheshire: February 2024 to March 2024",
        "Kent: every month",
    ]


def test_every_month_and_force_has_one_row_in_order() -> None:
    months = months_between("2023-01", "2023-03")
    table = coverage_table(accounts([5, 6]), months, (ESSEX, KENT))
    assert list(table.columns) == list(COVERAGE_COLUMNS)
    assert table["status"].tolist() == [
        *("missing", "supplied"),
        *("missing", "supplied"),
        *("missing", "missing"),
    ]
    assert table["rows_read"].tolist() == [0, 5, 0, 6, 0, 0]


@pytest.mark.parametrize(
    ("rows", "dropped"),
    [
        ([100, 100, 100, 49], [3]),
        ([100, 100, 100, 50], []),
        ([100, 100, 49], []),
        ([*[1000] * 3, *[100] * 12, 51, 49], [3, 4, 5, 6, 16]),
    ],
)
def test_a_month_below_half_the_trailing_median_is_flagged(
    rows: list[int], dropped: list[int]
) -> None:
    table = accounts(rows)
    coverage = coverage_table(table, months_between("2023-01", table["month"].iloc[-1]), (KENT,))
    assert coverage.index[coverage["sudden_drop"]].tolist() == dropped


def test_a_gap_does_not_enter_the_trailing_median() -> None:
    table = accounts([100, 100, 0, 0, 100, 40])
    table.loc[[2, 3], "status"] = "quarantined"
    coverage = coverage_table(table, months_between("2023-01", "2023-06"), (KENT,))
    assert coverage.index[coverage["sudden_drop"]].tolist() == [5]
