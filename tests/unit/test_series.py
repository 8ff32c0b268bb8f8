"""Monthly series of the small dataset."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from analysis.selection import Selection
from analysis.series import monthly_series, rate_comparison
from data_pipeline.dataset import Dataset
from tests.small_dataset import build_small


def select(query: str, dataset: Dataset) -> Selection:
    selection, notes = Selection.from_query(query, dataset)
    assert notes == ()
    return selection


def series(query: str, dataset: Dataset) -> pd.DataFrame:
    return monthly_series(dataset, select(query, dataset)).frame.set_index("month")


def rates(query: str, dataset: Dataset) -> pd.DataFrame:
    return rate_comparison(dataset, select(query, dataset)).frame.set_index("month")


def test_every_month_of_the_dataset_has_a_row_whatever_the_period(small_dataset: Dataset) -> None:
    frame = series("force=cheshire&from=2024-01&to=2024-01", small_dataset)
    assert tuple(frame.index) == small_dataset.months
    assert frame.loc["2024-12", ["total", "burglary", "drugs", "robbery"]].tolist() == [
        27,
        6,
        20,
        1,
    ]
    assert set(frame["reporting"]) == {"all"}
    assert set(frame["reason"]) == {""}


def test_a_month_not_supplied_is_a_gap_with_its_reason(small_dataset: Dataset) -> None:
    frame = series("force=kent&type=drugs", small_dataset)
    assert frame.loc["2024-04", "total"] == 9
    for month in ("2024-05", "2024-06"):
        assert np.isnan(frame.loc[month, "total"])
        assert np.isnan(frame.loc[month, "drugs"])
        assert frame.loc[month, "reporting"] == "none"
        assert frame.loc[month, "reason"] == "Kent did not supply this month"


def test_a_month_that_some_forces_supplied_says_so(small_dataset: Dataset) -> None:
    frame = series("type=drugs", small_dataset)
    assert frame.loc["2024-05", ["total", "reporting"]].tolist() == [20, "some"]
    reason = "Greater Manchester and Kent did not supply this month"
    assert frame.loc["2024-05", "reason"] == reason


def test_a_chosen_area_has_its_own_series(small_dataset: Dataset) -> None:
    frame = series("type=drugs&area=E01000005", small_dataset)
    assert frame["total"].tolist() == [4.0] * 16 + [5.0] * 12


def test_a_district_has_its_own_series(small_dataset: Dataset) -> None:
    frame = series("type=drugs&lad=E06000001", small_dataset)
    assert set(frame["total"]) == {5.0}


def test_the_lines_are_the_area_its_force_and_the_nation(small_dataset: Dataset) -> None:
    comparison = rate_comparison(small_dataset, select("area=E01000005", small_dataset))
    assert comparison.lines == {
        "area": "Southtown 005A",
        "force": "Cheshire",
        "nation": "England and Wales",
    }


@pytest.mark.parametrize(
    ("query", "lines"),
    [
        ("", {"nation": "England and Wales"}),
        ("force=kent", {"force": "Kent", "nation": "England and Wales"}),
        ("force=kent,cheshire", {"area": "Cheshire and Kent", "nation": "England and Wales"}),
        (
            "level=force&area=kent",
            {"area": "Kent", "nation": "England and Wales"},
        ),
        (
            "lad=E06000001",
            {"area": "Northtown", "force": "Cheshire", "nation": "England and Wales"},
        ),
    ],
)
def test_a_place_is_not_compared_with_itself(
    query: str, lines: dict[str, str], small_dataset: Dataset
) -> None:
    assert rate_comparison(small_dataset, select(query, small_dataset)).lines == lines


def test_a_monthly_rate_is_scaled_to_a_year(small_dataset: Dataset) -> None:
    frame = rates("type=drugs&area=E01000006", small_dataset)
    assert frame.loc["2024-03", "area"] == pytest.approx(240.0)  # 10 of 500 residents, times 12
    assert frame.loc["2024-03", "force"] == pytest.approx(20 / 6.5 * 12)


def test_numerator_and_denominator_cover_the_reporting_areas_only(small_dataset: Dataset) -> None:
    frame = rates("type=drugs", small_dataset)
    # April: Cheshire 20 of 6,500 and Kent 6 of 2,000; E01000011 has no denominator
    assert frame.loc["2024-04", "nation"] == pytest.approx(26 / 8.5 * 12)
    assert frame.loc["2024-05", "nation"] == pytest.approx(20 / 6.5 * 12)


def test_a_rate_without_data_is_a_gap(small_dataset: Dataset) -> None:
    frame = rates("force=kent&type=drugs", small_dataset)
    assert np.isnan(frame.loc["2024-06", "force"])
    assert frame.loc["2024-06", "nation"] == pytest.approx(20 / 6.5 * 12)


def test_a_series_never_crosses_a_change_of_definition_silently(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    types = ("Anti-social behaviour", "Burglary", "Other theft", "Violent crime")
    out = tmp_path_factory.mktemp("old") / "dataset"
    dataset = build_small(out, first="2011-06", last="2014-12", types=types)
    both = monthly_series(dataset, select("type=other-theft,burglary", dataset))
    frame = both.frame.set_index("month")
    assert np.isnan(frame.loc["2011-08", "other-theft"])
    assert np.isnan(frame.loc["2011-08", "total"])
    assert frame.loc["2011-08", "burglary"] == 9
    assert frame.loc["2011-08", "reason"].startswith("Greater Manchester")
    assert both.breaks == (("2013-05", "Other theft changed definition in May 2013"),)
    violent = series("force=cheshire&type=violent-crime", dataset)
    assert violent.loc["2013-04", "total"] == 1
    assert np.isnan(violent.loc["2013-05", "total"])
    assert violent.loc["2013-05", "reason"] == "Violent crime was not recorded separately then"
    everything = series("force=cheshire", dataset)
    assert everything["total"].notna().all()
