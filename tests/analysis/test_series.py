"""Monthly series of the small dataset."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analysis.selection import Selection, from_query
from analysis.series import compared_series, monthly_series
from analysis.vocabulary import AS_SUPPLIED, WHOLE_SPAN
from data_pipeline.dataset import Dataset
from tests.small_dataset import build_small, publish_changed, small_draft


def select(query: str, dataset: Dataset) -> Selection:
    selection, notes = from_query(query, dataset)
    assert notes == ()
    return selection


def series(query: str, dataset: Dataset, basis: str = AS_SUPPLIED) -> pd.DataFrame:
    found = monthly_series(dataset, select(query, dataset))
    return found.drawn(basis).frame.set_index("month")


def lines(query: str, dataset: Dataset, basis: str = WHOLE_SPAN) -> dict[str, str]:
    compared = compared_series(dataset, select(query, dataset))
    return {column: entry.drawn(basis).label for column, entry in compared.items()}


@pytest.fixture(scope="module")
def strays(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    """Kent's areas hold rows of Cheshire's file in every month, also where Kent supplied none."""
    draft = small_draft()
    in_kent = (draft.areas["force"] == "kent").to_numpy()
    drugs = [kind.slug for kind in draft.crime_types].index("drugs")
    draft.monthly[:, drugs, in_kent] += 7
    out = tmp_path_factory.mktemp("strays") / "dataset"
    return publish_changed(draft, out)


def test_every_month_of_the_dataset_has_a_row_whatever_the_period(small_dataset: Dataset) -> None:
    frame = series("force=cheshire&from=2024-01&to=2024-01", small_dataset)
    assert tuple(frame.index) == small_dataset.months
    december = frame.loc["2024-12", ["count", "burglary", "drugs", "robbery"]]
    assert december.tolist() == [27, 6, 20, 1]
    assert not frame["partial"].any()
    assert set(frame["reason"]) == {""}


def test_a_month_not_supplied_is_a_gap_with_its_reason(small_dataset: Dataset) -> None:
    frame = series("force=kent&type=drugs", small_dataset)
    assert frame.loc["2024-04", "count"] == 9
    for month in ("2024-05", "2024-06"):
        assert np.isnan(frame.loc[month, "count"])
        assert np.isnan(frame.loc[month, "drugs"])
        assert np.isnan(frame.loc[month, "rate_per_1000"])
        assert frame.loc[month, "forces_supplied"] == 0


def test_a_file_that_was_set_aside_is_not_called_missing(small_dataset: Dataset) -> None:
    reasons = series("force=kent&type=drugs", small_dataset)["reason"]
    assert reasons["2024-05"] == "Kent supplied no file"
    assert reasons["2024-06"] == "Kent supplied a file that was set aside"


def test_a_month_that_some_forces_supplied_says_so(small_dataset: Dataset) -> None:
    frame = series("type=drugs", small_dataset)
    may = frame.loc["2024-05", ["count", "partial", "forces_supplied", "forces_in_scope"]]
    assert may.tolist() == [20, True, 1, 3]
    reason = "Greater Manchester and Kent supplied no file"
    assert frame.loc["2024-05", "reason"] == reason
    assert not frame.loc["2024-04", "partial"]


def test_rows_in_the_area_of_a_force_that_did_not_supply_the_month_are_left_out(
    strays: Dataset,
) -> None:
    both = series("force=cheshire,kent&type=drugs", strays)
    alone = series("force=cheshire&type=drugs", strays)
    columns = ["count", "drugs", "rate_per_1000"]
    for month in ("2024-05", "2024-06"):
        assert both.loc[month, columns].tolist() == alone.loc[month, columns].tolist()
    assert both.loc["2024-04", "count"] == alone.loc["2024-04", "count"] + 9 + 3 * 7
    # E01000011 has no denominator: its rows are in the count and in no rate.
    assert both.loc["2024-04", "rate_per_1000"] == pytest.approx((20 + 6 + 2 * 7) / 8.5 * 12)


def test_stray_rows_are_left_out_of_a_group_of_areas_too(strays: Dataset) -> None:
    group = "shape=-2.7,53.3;-2.5,53.3;-2.5,53.6;-2.7,53.6&type=drugs"
    frame = series(group, strays)
    assert frame.loc["2024-05", "forces_in_scope"] > 1
    cheshire = series("force=cheshire&type=drugs", strays).loc["2024-05", "count"]
    assert frame.loc["2024-05", "count"] <= cheshire


def test_the_whole_span_is_of_the_forces_that_supplied_every_month(small_dataset: Dataset) -> None:
    found = monthly_series(small_dataset, select("type=drugs", small_dataset))
    assert found.whole_span is not None
    assert found.whole_span.forces == ("Cheshire",)
    assert found.whole_span.label == "1 of 3 forces"
    assert found.has_choice
    whole = found.whole_span.frame.set_index("month")
    alone = series("force=cheshire&type=drugs", small_dataset)
    for column in ("count", "rate_per_1000"):
        assert whole[column].tolist() == alone[column].tolist()
    assert whole["run"].nunique() == 1
    assert set(whole["reason"]) == {""}
    assert whole.loc["2024-05", "forces_supplied"] == 1


def test_a_run_ends_where_the_forces_change(small_dataset: Dataset) -> None:
    runs = series("type=drugs", small_dataset)["run"]
    assert runs["2024-04"] != runs["2024-05"] == runs["2024-06"] != runs["2024-07"]
    assert runs["2022-09"] == runs["2024-04"]


def test_where_no_force_supplied_the_whole_span_there_is_one_basis(tmp_path: Path) -> None:
    draft = small_draft()
    early = draft.coverage["month"] < "2023-01"
    cheshire = draft.coverage["force"] == "cheshire"
    draft.coverage.loc[early & cheshire, "status"] = "missing"
    dataset = publish_changed(draft, tmp_path / "dataset")
    found = monthly_series(dataset, select("type=drugs", dataset))
    assert found.whole_span is None
    assert not found.has_choice
    assert found.drawn(WHOLE_SPAN) is found.supplied
    assert found.supplied.label == "1 to 2 of 3 forces"
    assert found.supplied.frame["run"].nunique() == 4


def test_a_chosen_area_has_its_own_series(small_dataset: Dataset) -> None:
    frame = series("type=drugs&area=E01000005", small_dataset)
    assert frame["count"].tolist() == [4.0] * 16 + [5.0] * 12


def test_a_district_has_its_own_series(small_dataset: Dataset) -> None:
    frame = series("type=drugs&lad=E06000001", small_dataset)
    assert set(frame["count"]) == {5.0}


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("area=E01000005", {"area": "Southtown 005A", "force": "Cheshire"}),
        ("", {}),
        ("force=kent", {"force": "Kent"}),
        ("force=kent,cheshire", {"area": "1 of 2 forces"}),
        ("level=force&area=kent", {"area": "Kent"}),
        ("lad=E06000001", {"area": "Northtown", "force": "Cheshire"}),
        ("lad=E06000001,E06000004", {"area": "1 of 2 districts"}),
    ],
)
def test_a_place_is_compared_with_what_it_lies_in_and_named_for_what_is_in_it(
    query: str, expected: dict[str, str], small_dataset: Dataset
) -> None:
    assert lines(query, small_dataset) == {**expected, "nation": "1 of 3 forces"}


def test_a_line_as_supplied_says_how_many_forces_it_holds(small_dataset: Dataset) -> None:
    assert lines("", small_dataset, AS_SUPPLIED) == {"nation": "1 to 2 of 3 forces"}
    both = lines("force=kent,cheshire", small_dataset, AS_SUPPLIED)
    assert both["area"] == "1 to 2 of 2 forces"


def test_a_monthly_rate_is_scaled_to_a_year(small_dataset: Dataset) -> None:
    area = series("type=drugs&area=E01000006", small_dataset)
    # 10 of 500 residents, times 12
    assert area.loc["2024-03", "rate_per_1000"] == pytest.approx(240.0)
    force = series("type=drugs&force=cheshire", small_dataset)
    assert force.loc["2024-03", "rate_per_1000"] == pytest.approx(20 / 6.5 * 12)


def test_numerator_and_denominator_cover_the_reporting_areas_only(small_dataset: Dataset) -> None:
    rates = series("type=drugs", small_dataset)["rate_per_1000"]
    # April: Cheshire 20 of 6,500 and Kent 6 of 2,000; E01000011 has no denominator
    assert rates["2024-04"] == pytest.approx(26 / 8.5 * 12)
    assert rates["2024-05"] == pytest.approx(20 / 6.5 * 12)


def test_a_series_never_crosses_a_change_of_definition_silently(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    types = ("Anti-social behaviour", "Burglary", "Other theft", "Violent crime")
    out = tmp_path_factory.mktemp("old") / "dataset"
    dataset = build_small(out, first="2011-06", last="2014-12", types=types)
    both = monthly_series(dataset, select("type=other-theft,burglary", dataset))
    frame = both.supplied.frame.set_index("month")
    assert np.isnan(frame.loc["2011-08", "other-theft"])
    assert np.isnan(frame.loc["2011-08", "count"])
    assert np.isnan(frame.loc["2011-08", "rate_per_1000"])
    assert frame.loc["2011-08", "burglary"] == 9
    assert frame.loc["2011-08", "reason"].startswith("Greater Manchester")
    assert both.breaks == (("2013-05", "Other theft changed definition in May 2013"),)
    assert frame.loc["2013-04", "run"] != frame.loc["2013-05", "run"]
    violent = series("force=cheshire&type=violent-crime", dataset)
    assert violent.loc["2013-04", "count"] == 1
    assert np.isnan(violent.loc["2013-05", "count"])
    assert violent.loc["2013-05", "reason"] == "Violent crime was not recorded separately then"
    everything = series("force=cheshire", dataset)
    assert everything["count"].notna().all()
    assert everything["run"].nunique() == 1
