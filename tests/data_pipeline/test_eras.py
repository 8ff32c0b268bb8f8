"""From files of every era of categories and both vintages of LSOAs to tables and series.

One archive of the old kind, which holds every month from December 2010: Cheshire, with one row a
month of every category of its day in E01000001 (two burglaries), and Kent, with a burglary and a
robbery a month in E01000005, but no robbery from 2013.
"""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analysis.area_table import area_table
from analysis.selection import Selection, from_query
from analysis.series import Series, monthly_series
from data_pipeline.dataset import Dataset, months_between, type_slug
from data_pipeline.dataset.crime_types import KNOWN_TYPES
from data_pipeline.publish.check import faults

from .tiny import (
    MERGED_PARENT,
    SPLIT_PARENT,
    account,
    build_tiny,
    counts,
    middle,
    name,
    row,
    street,
)

FIRST, LAST = "2010-12", "2014-06"
MONTHS = months_between(FIRST, LAST)
SIX = (
    *("Anti-social behaviour", "Burglary", "Other crime", "Robbery", "Vehicle crime"),
    "Violent crime",
)
ELEVEN = (
    *SIX,
    *("Criminal damage and arson", "Drugs", "Other theft", "Public disorder and weapons"),
    "Shoplifting",
)
FOURTEEN = (
    *("Anti-social behaviour", "Bicycle theft", "Burglary", "Criminal damage and arson", "Drugs"),
    *("Other crime", "Other theft", "Possession of weapons", "Public order", "Robbery"),
    *("Shoplifting", "Theft from the person", "Vehicle crime", "Violence and sexual offences"),
)


def categories(month: str) -> tuple[str, ...]:
    if month < "2011-09":
        return SIX
    return ELEVEN if month < "2013-05" else FOURTEEN


def cheshire(month: str) -> bytes:
    return street([row(kind=kind, month=month) for kind in (*categories(month), "Burglary")])


def kent(month: str) -> bytes:
    kinds = ["Burglary"] + ["Robbery"] * (month < "2013-01")
    return street([row(lsoa="E01000005", kind=kind, month=month) for kind in kinds])


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    members = {name("cheshire", month): cheshire(month) for month in MONTHS}
    members |= {name("kent", month): kent(month) for month in MONTHS}
    return build_tiny(tmp_path_factory.mktemp("eras"), members)


def select(dataset: Dataset, query: str) -> Selection:
    selection, notes = from_query(query, dataset)
    assert notes == ()
    return selection


def figure(dataset: Dataset, kind: str, first: str, last: str) -> pd.Series:
    """Return the row of E01000001 in the area table."""
    query = f"type={type_slug(kind)}&from={first}&to={last}&level=lsoa"
    found = area_table(dataset, select(dataset, query)).row("E01000001")
    assert found is not None
    return found


def series(dataset: Dataset, *kinds: str, more: str = "force=cheshire") -> Series:
    types = ",".join(map(type_slug, kinds))
    return monthly_series(dataset, select(dataset, f"type={types}&{more}"))


def test_every_category_of_every_era_is_there_and_nothing_is_lost(dataset: Dataset) -> None:
    assert faults(dataset) == []
    assert dataset.months == MONTHS
    assert sorted(kind.name for kind in dataset.crime_types) == sorted(KNOWN_TYPES)
    assert len(SIX) == 6
    assert len(ELEVEN) == 11
    assert len(FOURTEEN) == 14
    assert dataset.accounts["kept"].sum() == dataset.accounts["rows_read"].sum()
    assert not [warning for warning in dataset.warnings if "rime types" in warning]
    for month in MONTHS:
        for kind in dataset.crime_types:
            found = dataset.period_counts(month, month, [kind.slug])[0]
            expected = categories(month).count(kind.name) + (kind.name == "Burglary")
            assert (month, kind.name, found) == (month, kind.name, expected)
            assert kind.covers(month, month) == (kind.name in categories(month))


@pytest.mark.parametrize(
    ("kind", "first", "last", "count"),
    [
        ("Burglary", FIRST, LAST, 2 * len(MONTHS)),
        ("Anti-social behaviour", FIRST, LAST, len(MONTHS)),
        ("Vehicle crime", "2011-08", "2013-05", 22),
        ("Drugs", "2011-09", "2012-08", 12),
        ("Drugs", "2012-10", "2013-09", 12),
        ("Other crime", FIRST, "2011-08", 9),
        ("Other crime", "2011-09", LAST, 34),
        ("Other theft", "2011-09", "2013-04", 20),
        ("Other theft", "2013-05", "2014-04", 12),
        ("Violent crime", "2012-05", "2013-04", 12),
        ("Violence and sexual offences", "2013-05", "2014-04", 12),
        ("Public disorder and weapons", "2012-05", "2013-04", 12),
    ],
)
def test_figures_within_one_era_are_given(
    dataset: Dataset, kind: str, first: str, last: str, count: int
) -> None:
    found = figure(dataset, kind, first, last)
    assert (found["count"], found["status"]) == (count, "complete")


@pytest.mark.parametrize(
    ("kind", "first", "last", "reason"),
    [
        ("Drugs", "2011-08", "2011-09", "Drugs was not recorded as a separate type before Septem"),
        ("Drugs", FIRST, "2011-08", "Drugs was not recorded as a separate type before September"),
        ("Other crime", "2011-08", "2011-09", "Other crime changed definition within this period"),
        ("Other theft", "2013-04", "2013-05", "Other theft changed definition within this period"),
        ("Other theft", "2012-11", "2013-10", "Other theft changed definition within this period"),
        (
            "Violent crime",
            "2013-04",
            "2013-05",
            "Violent crime was not recorded as a separate type",
        ),
        (
            "Violent crime",
            "2013-06",
            "2013-07",
            "Violent crime was not recorded as a separate type",
        ),
        ("Violence and sexual offences", "2013-04", "2013-05", "Violence and sexual offences was"),
        ("Public disorder and weapons", "2013-05", "2013-05", "Public disorder and weapons was"),
        (
            "Bicycle theft",
            "2012-06",
            "2013-05",
            "Bicycle theft was not recorded as a separate type",
        ),
    ],
)
def test_figures_across_a_change_are_withheld_with_the_reason(
    dataset: Dataset, kind: str, first: str, last: str, reason: str
) -> None:
    found = figure(dataset, kind, first, last)
    assert found["status"].startswith(f"no data: {reason}")
    assert found[["count", "rank", "rate_per_1000", "change_percent"]].isna().all()


@pytest.mark.parametrize("first", ["2011-03", "2012-11"])
def test_the_total_of_all_crime_runs_through_every_change(dataset: Dataset, first: str) -> None:
    last = MONTHS[MONTHS.index(first) + 11]
    found = figure(dataset, "all crime", first, last)
    crimes = sum(len(categories(month)) for month in months_between(first, last))
    assert (found["count"], found["status"]) == (crimes, "complete")


@pytest.mark.parametrize(
    ("kind", "first", "last", "change"),
    [
        ("Burglary", "2013-05", "2014-04", 0.0),
        ("Drugs", "2013-05", "2014-04", 0.0),
        ("all crime", "2013-05", "2014-04", 100 * (12 * 14 / (12 * 11) - 1)),
        ("Other theft", "2013-05", "2014-04", None),
        ("Violence and sexual offences", "2013-06", "2014-05", None),
        ("Other crime", "2011-12", "2012-08", None),
        ("Drugs", "2012-01", "2012-12", None),
    ],
)
def test_a_change_since_the_year_before_is_given_within_one_era_only(
    dataset: Dataset, kind: str, first: str, last: str, change: float | None
) -> None:
    found = figure(dataset, kind, first, last)
    assert found["status"] == "complete"
    if change is None:
        assert np.isnan(found["change_percent"])
    else:
        assert found["change_percent"] == pytest.approx(change)


@pytest.mark.parametrize(
    ("kind", "used", "breaks"),
    [
        ("Burglary", MONTHS, ()),
        ("Drugs", months_between("2011-09", LAST), ()),
        ("Violent crime", months_between(FIRST, "2013-04"), ()),
        ("Violence and sexual offences", months_between("2013-05", LAST), ()),
        ("Public disorder and weapons", months_between("2011-09", "2013-04"), ()),
        ("Other crime", MONTHS, ("2011-09",)),
        ("Other theft", months_between("2011-09", LAST), ("2013-05",)),
    ],
)
def test_a_series_has_a_gap_or_a_marked_break_at_every_change(
    dataset: Dataset, kind: str, used: tuple[str, ...], breaks: tuple[str, ...]
) -> None:
    found = series(dataset, kind)
    frame = found.supplied.frame.set_index("month")
    each = 2 if kind == "Burglary" else 1
    assert tuple(frame.index[frame[type_slug(kind)].notna()]) == used
    assert set(frame.loc[list(used), ["count", type_slug(kind)]].to_numpy().ravel()) == {each}
    assert tuple(month for month, _ in found.breaks) == breaks
    assert all(kind in sentence for _, sentence in found.breaks)
    unused = frame[~frame.index.isin(used)]
    assert (unused["reason"] == f"{kind} was not recorded separately then").all()


def test_no_series_joins_two_months_that_mean_different_things(dataset: Dataset) -> None:
    for kind in dataset.crime_types:
        found = series(dataset, kind.name)
        values = found.supplied.frame.set_index("month")[kind.slug]
        marked = {month for month, _ in found.breaks}
        for before, after in pairwise(MONTHS):
            joined = values[[before, after]].notna().all() and after not in marked
            assert not joined or kind.covers(before, after)


def test_a_sum_of_types_has_a_gap_where_one_of_them_did_not_exist(dataset: Dataset) -> None:
    found = series(dataset, "Drugs", "Robbery").supplied.frame.set_index("month")
    assert np.isnan(found.loc["2011-08", "count"])
    assert found.loc["2011-08", "robbery"] == 1
    assert found.loc["2011-09", "count"] == 2


def test_the_series_of_the_total_has_every_month_and_no_break(dataset: Dataset) -> None:
    found = series(dataset, "all crime")
    totals = found.supplied.frame.set_index("month")["count"]
    assert totals.tolist() == [len(categories(month)) for month in MONTHS]


def test_rates_have_the_same_gaps(dataset: Dataset) -> None:
    selection = select(dataset, "type=drugs&force=cheshire")
    rates = monthly_series(dataset, selection).supplied.frame.set_index("month")["rate_per_1000"]
    assert rates.loc[:"2011-08"].isna().all()
    assert rates.loc["2011-09":].notna().all()


def test_a_month_without_rows_of_a_category_in_use_is_zero_and_not_a_gap(dataset: Dataset) -> None:
    frame = series(dataset, "Robbery", more="force=kent").supplied.frame.set_index("month")
    assert frame.loc["2012-12", "robbery"] == 1
    assert frame.loc["2013-01", "robbery"] == 0
    assert frame["reason"].eq("").all()
    drugs = series(dataset, "Drugs", more="force=kent").supplied.frame.set_index("month")
    assert np.isnan(drugs.loc["2011-08", "drugs"])
    assert drugs.loc["2011-09", "drugs"] == 0


def test_an_archive_of_the_first_era_alone_has_its_six_categories(tmp_path: Path) -> None:
    months = months_between("2010-12", "2011-08")
    old = build_tiny(tmp_path, {name("cheshire", month): cheshire(month) for month in months})
    assert tuple(kind.name for kind in old.crime_types) == tuple(sorted(SIX))
    assert figure(old, "all crime", "2010-12", "2011-08")["count"] == 9 * 6
    assert Selection.opening(old).type_slugs(old) == tuple(
        sorted(type_slug(kind) for kind in SIX[1:])
    )


def test_categories_outside_their_era_are_counted_in_the_total_and_reported(
    tmp_path: Path,
) -> None:
    late = row(kind="Violent crime", month="2013-05")
    early = [row(kind="Bicycle theft", month="2013-04")] * 2
    members = {
        name("cheshire", "2013-04"): street([row(month="2013-04"), *early]),
        name("cheshire", "2013-05"): street([row(month="2013-05"), late]),
    }
    dataset = build_tiny(tmp_path, members)
    assert dataset.accounts["kept"].sum() == 5
    assert dataset.unknown_values.empty
    warning = next(line for line in dataset.warnings if "outside the months" in line)
    assert warning == (
        "3 rows carry a crime type outside the months in which it was used; they count in the "
        "total of all crime only: Bicycle theft in 2013-04, Violent crime in 2013-05."
    )
    assert figure(dataset, "all crime", "2013-04", "2013-05")["count"] == 5
    assert figure(dataset, "Violent crime", "2013-05", "2013-05")["status"].startswith("no data")


def test_both_vintages_of_codes_give_one_series(tmp_path: Path) -> None:
    months = months_between("2022-10", "2023-09")

    def rows(month: str, at: int) -> list[str]:
        old = at < 8
        return [
            row(month=month, lsoa=SPLIT_PARENT if old else "E01000003", at=middle("E01000003")),
            row(month=month, lsoa="E01000002", at=middle("E01000002")),
            row(month=month, lsoa=MERGED_PARENT if old else "E01000004", at=middle("E01000004")),
        ]

    members = {name("cheshire", m): street(rows(m, at)) for at, m in enumerate(months)}
    dataset = build_tiny(tmp_path, members)
    for month in months:
        assert counts(dataset, month) == {"E01000002": 1, "E01000003": 1, "E01000004": 1}
    remapped = [account(dataset, name("cheshire", m)).get("remapped_2011", 0) for m in months]
    assert remapped == [2] * 8 + [0] * 4
    table = area_table(dataset, select(dataset, "type=drugs&level=lsoa"))
    flags = table.frame.set_index("code")["reassigned_history"]
    assert flags[["E01000002", "E01000003", "E01000004"]].tolist() == [True, True, False]
    assert set(table.frame.set_index("code").loc[["E01000003", "E01000004"], "count"]) == {12}
