"""The area table of the small dataset, whose figures are worked out by hand.

Drug offences in 2024: E01000006 has 120 of 500 residents (240 per 1,000), E01000005 60 of 1,000,
E01000002 24 of 1,000, E01000001 12 of 1,000, E01000003 24 of 2,000, E01000004 none.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analysis.area_table import TopTenth, area_table, arranged, headline
from analysis.figures import earlier_period
from analysis.selection import Selection
from analysis.vocabulary import LEVELS, sort_columns
from analysis.wording import number, printed
from data_pipeline.dataset import Dataset
from tests.data_pipeline.tiny import build_tiny, name, row, street
from tests.small_dataset import build_small, publish_changed, small_draft

DRUGS_2024 = Selection("2024-01", "2024-12", "mid-2022", types=("drugs",))
ELEVEN_TYPES = ("Anti-social behaviour", "Burglary", "Other theft", "Violent crime")
FIGURES = ["count", "rate_per_1000", "rate_low", "rate_high", "density_per_sq_mile"]


@pytest.fixture(scope="module")
def old_dataset(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    """Months on both sides of the change of definitions in May 2013."""
    out = tmp_path_factory.mktemp("old") / "dataset"
    return build_small(out, first="2011-06", last="2014-12", types=ELEVEN_TYPES)


def by_code(dataset: Dataset, **changes: object) -> pd.DataFrame:
    selection = Selection(**{**vars(DRUGS_2024), **changes})
    return area_table(dataset, selection).frame.set_index("code")


def test_counts_rates_and_densities(small_dataset: Dataset) -> None:
    row = by_code(small_dataset).loc["E01000003"]
    assert row["count"] == 24
    assert row["denominator"] == 2000
    assert row["rate_per_1000"] == 12.0
    assert row["density_per_sq_mile"] == pytest.approx(24.0)
    assert row["status"] == "complete"


def test_rows_come_by_rank_then_code_with_no_data_last(small_dataset: Dataset) -> None:
    frame = area_table(small_dataset, DRUGS_2024).frame
    assert frame["code"].tolist() == [
        *("E01000006", "E01000005", "E01000002", "E01000001", "E01000003", "E01000004"),
        *(f"E010000{number:02d}" for number in range(7, 13)),
    ]
    assert frame["rank"].tolist() == [1, 2, 3, 4, 4, 6] + [pd.NA] * 6


def test_a_force_that_never_supplied_is_no_data_not_zero(small_dataset: Dataset) -> None:
    rows = by_code(small_dataset, forces=("greater-manchester",))
    assert len(rows) == 3
    assert rows[[*FIGURES, "rank", "force_rank"]].isna().all(axis=None)
    assert set(rows["status"]) == {"no data: 0 of 12 months supplied"}


def test_missing_and_quarantined_months_withhold_the_year(small_dataset: Dataset) -> None:
    rows = by_code(small_dataset, forces=("kent",))
    assert rows[[*FIGURES, "rank", "force_rank"]].isna().all(axis=None)
    assert set(rows["status"]) == {"no data: 10 of 12 months usable, 1 file set aside"}


def test_a_period_without_the_missing_months_has_figures(small_dataset: Dataset) -> None:
    row = by_code(small_dataset, first="2024-07").loc["E01000010"]
    assert row["count"] == 18
    assert row["rate_per_1000"] == 36.0  # 18 in six months, of 1,000 residents


def test_ranks_are_national_and_within_the_force_in_every_view(small_dataset: Dataset) -> None:
    rows = by_code(small_dataset, first="2023-01", last="2023-12", forces=("kent",))
    # 2023: 240, 48, 36 (E01000010 and 12), 24, 12, 12, 0; E01000011 has no denominator
    assert rows["rank"].tolist() == [3, 3, pd.NA]
    assert rows["force_rank"].tolist() == [1, 1, pd.NA]


def test_without_a_denominator_the_count_stays_and_the_rate_goes(small_dataset: Dataset) -> None:
    row = by_code(small_dataset, first="2023-01", last="2023-12").loc["E01000011"]
    assert row["count"] == 36
    assert row[["rate_per_1000", "rate_low", "rate_high", "rank", "denominator"]].isna().all()
    assert row["status"] == "no rate: no denominator"


def test_another_denominator_gives_another_rate(small_dataset: Dataset) -> None:
    row = by_code(small_dataset, denominator="census-2021").loc["E01000006"]
    assert row["rate_per_1000"] == pytest.approx(96.0)  # 120 of 1,250


def test_numerator_and_denominator_leave_a_sum_together(small_dataset: Dataset) -> None:
    row = by_code(small_dataset, first="2023-01", last="2023-12", level="ward").loc["E05000007"]
    # Ferry: 36 of 1,000 residents, and 36 of an unknown number
    assert row["count"] == 72
    assert row["denominator"] == 1000
    assert row["rate_per_1000"] == 36.0
    assert row["status"] == "rate of 1 of 2 neighbourhoods: no denominator"


@pytest.mark.parametrize(
    ("level", "code", "count", "rate"),
    [
        ("ward", "E05000003", 60, 30.0),
        ("lad", "E06000002", 180, 72.0),
        ("csp", "E22000002", 180, 72.0),
        ("force", "cheshire", 240, 240 / 6.5),
    ],
)
def test_higher_levels_sum_before_they_divide(
    small_dataset: Dataset, level: str, code: str, count: int, rate: float
) -> None:
    row = by_code(small_dataset, level=level).loc[code]
    assert row["count"] == count
    assert row["rate_per_1000"] == pytest.approx(rate)


@pytest.mark.parametrize("level", sorted(LEVELS))
def test_every_level_has_all_its_areas_and_sort_columns(small_dataset: Dataset, level: str) -> None:
    table = area_table(small_dataset, Selection(**{**vars(DRUGS_2024), "level": level}))
    assert table.frame["lsoas"].sum() == 12
    assert set(sort_columns(level)) <= set(table.frame.columns)
    assert table.frame["count"].sum() == 240


def test_districts_narrow_the_scope(small_dataset: Dataset) -> None:
    rows = by_code(small_dataset, districts=("E06000001",))
    assert rows.index.tolist() == ["E01000002", "E01000001", "E01000003"]
    assert rows["rank"].tolist() == [3, 4, 4]


def test_the_bounding_box_of_a_district_holds_its_areas(small_dataset: Dataset) -> None:
    areas = small_dataset.areas.iloc[:3]
    row = by_code(small_dataset, level="lad").loc["E06000001"]
    assert (row["west"], row["east"]) == (areas["west"].min(), areas["east"].max())


def test_change_is_against_the_same_months_a_year_earlier(small_dataset: Dataset) -> None:
    rows = by_code(small_dataset)
    assert rows.loc["E01000005", "earlier_count"] == 48
    assert rows.loc["E01000005", "change_percent"] == pytest.approx(25.0)
    assert np.isnan(rows.loc["E01000004", "change_percent"])  # none earlier
    assert np.isnan(rows.loc["E01000010", "change_percent"])  # incomplete now


def test_a_month_whose_file_is_there_is_never_called_not_supplied(tmp_path: Path) -> None:
    cheshire = street([row("a"), row("b")])
    members = {name("cheshire"): cheshire, name("kent"): street([row("c", lsoa="X9")])}
    later = {name("cheshire", "2024-02"): street([row("d", month="2024-02")])}
    dataset = build_tiny(tmp_path, members | later)
    one, both = (Selection("2024-01", last, "mid-2022") for last in ("2024-01", "2024-02"))
    for selection, said in ((one, "0 of 1 months"), (both, "0 of 2 months")):
        frame = area_table(dataset, replace(selection, types=("drugs",))).frame
        kent = frame[frame["force"] == "kent"]
        assert set(kent["gap"]) == {f"{said} usable, 1 file set aside"}
        assert set(kent["status"]) == {f"no data: {said} usable, 1 file set aside"}


def test_change_needs_the_earlier_months_too(small_dataset: Dataset) -> None:
    selection = Selection("2022-09", "2022-12", "mid-2022")
    assert earlier_period(small_dataset, selection).problem == "the data start in September 2022"
    assert area_table(small_dataset, selection).frame["change_percent"].isna().all()


def test_a_type_that_changed_definition_has_no_figure_across_the_break(
    old_dataset: Dataset,
) -> None:
    across = Selection("2013-01", "2013-12", "mid-2022", types=("other-theft",))
    frame = area_table(old_dataset, across).frame
    assert frame[FIGURES].isna().all(axis=None)
    assert set(frame["status"]) == {"no data: Other theft changed definition within this period"}


def test_a_type_has_no_figure_before_it_was_recorded(old_dataset: Dataset) -> None:
    early = Selection("2011-07", "2011-12", "mid-2022", types=("other-theft", "burglary"))
    status = set(area_table(old_dataset, early).frame["status"])
    assert status == {
        "no data: Other theft was not recorded as a separate type before September 2011"
    }


def test_a_type_has_no_figure_after_it_was_given_up(old_dataset: Dataset) -> None:
    late = Selection("2013-06", "2013-12", "mid-2022", types=("violent-crime",))
    status = set(area_table(old_dataset, late).frame["status"])
    assert status == {"no data: Violent crime was not recorded as a separate type after April 2013"}


def test_all_crime_is_comparable_across_changes_of_definition(old_dataset: Dataset) -> None:
    across = Selection("2013-01", "2013-12", "mid-2022")
    assert area_table(old_dataset, across).frame["has_data"].sum() == 9


def test_a_change_of_definition_between_two_years_leaves_no_change(old_dataset: Dataset) -> None:
    after = Selection("2013-06", "2013-12", "mid-2022", types=("other-theft",))
    frame = area_table(old_dataset, after).frame
    assert frame["count"].notna().any()
    assert frame["change_percent"].isna().all()


def test_two_datasets_never_mix(small_dataset: Dataset, tmp_path: Path) -> None:
    other = build_small(tmp_path / "other", first="2024-01")
    assert other.id != small_dataset.id
    before = area_table(small_dataset, DRUGS_2024).frame
    assert area_table(other, DRUGS_2024).frame["change_percent"].isna().all()
    assert area_table(small_dataset, DRUGS_2024).frame is before


def test_the_national_values_are_the_same_in_every_scope(small_dataset: Dataset) -> None:
    of_kent = Selection(**{**vars(DRUGS_2024), "forces": ("kent",)})
    values = area_table(small_dataset, of_kent).national.values("rate_per_1000")
    assert np.nansum(values) == pytest.approx(240 + 60 + 24 + 12 + 12)


def test_search_needs_every_word_in_any_case(small_dataset: Dataset) -> None:
    table = area_table(small_dataset, DRUGS_2024)
    assert arranged(table, "SOUTHTOWN castle")["code"].tolist() == ["E01000005", "E01000004"]
    assert arranged(table, "e01000009")["code"].tolist() == ["E01000009"]
    assert arranged(table, "nowhere").empty


@pytest.mark.parametrize("sort", ["count", "-count", "name", "-name", "denominator", "-rank"])
def test_no_data_comes_last_however_the_table_is_sorted(small_dataset: Dataset, sort: str) -> None:
    rows = arranged(area_table(small_dataset, DRUGS_2024), sort=sort)
    assert rows["has_data"].tolist() == [True] * 6 + [False] * 6


def test_ties_keep_the_order_of_rank(small_dataset: Dataset) -> None:
    rows = arranged(area_table(small_dataset, DRUGS_2024), sort="-count")
    assert rows["code"].tolist()[2:4] == ["E01000002", "E01000003"]  # 24 each, ranks 3 and 4
    up = arranged(area_table(small_dataset, DRUGS_2024), sort="count")
    assert up["code"].tolist()[2:4] == ["E01000002", "E01000003"]


def test_the_headline_is_over_reporting_areas(small_dataset: Dataset) -> None:
    figures = headline(area_table(small_dataset, DRUGS_2024))
    assert (figures.count, figures.denominator) == (240, 6500)
    assert figures.rate == pytest.approx(240 / 6.5)
    assert figures.rate_low < figures.rate < figures.rate_high
    assert (figures.areas_with_data, figures.areas_in_scope) == (6, 12)
    assert figures.areas_with_none == 1
    assert (figures.highest.code, figures.highest.value) == ("E01000006", 240.0)
    top = figures.top_tenth
    assert (top.areas, top.areas_with_data, top.count, top.total) == (1, 6, 120, 240)
    assert not top.is_tenth
    assert figures.incomplete_forces == ("Greater Manchester", "Kent")


def test_the_headline_change_is_over_areas_complete_in_both_years(small_dataset: Dataset) -> None:
    figures = headline(area_table(small_dataset, DRUGS_2024))
    assert figures.change_percent == pytest.approx(100 * (240 / 228 - 1))
    assert figures.areas_compared == 6
    assert figures.earlier_period == "January 2023 to December 2023"


def test_the_headline_says_why_there_is_no_change(small_dataset: Dataset) -> None:
    two_years = Selection("2023-01", "2024-12", "mid-2022")
    figures = headline(area_table(small_dataset, two_years))
    assert figures.change_percent is None
    assert figures.change_note == (
        "No comparison with the year before: the period is longer than a year"
    )


@pytest.mark.parametrize("first", ["2024-06", "2024-04"])
def test_rows_without_an_lsoa_are_a_share_of_the_files_of_the_forces_counted(
    small_dataset: Dataset, first: str
) -> None:
    figures = headline(area_table(small_dataset, Selection(first, "2024-06", "mid-2022")))
    # Cheshire alone supplied every month: 24 + 6 + 20 + 1 rows a month with an LSOA, 2 without.
    # Kent supplied April, but no figure of it is shown.
    assert figures.unplaced_percent == pytest.approx(100 * 2 / 53)


def test_one_area_alone_is_not_the_top_of_anything(small_dataset: Dataset) -> None:
    one = Selection(**{**vars(DRUGS_2024), "forces": ("cheshire",), "level": "force"})
    assert headline(area_table(small_dataset, one)).top_tenth is None


def test_a_tenth_is_spoken_of_from_twenty_areas_on() -> None:
    assert not TopTenth(2, 19, 5, 10).is_tenth
    assert TopTenth(2, 20, 5, 10).is_tenth


def test_areas_are_listed_by_a_change_that_is_clear(tmp_path: Path) -> None:
    draft = small_draft()
    earlier = [month.startswith("2023") for month in draft.months]
    now = [month.startswith("2024") for month in draft.months]
    drugs = [kind.slug for kind in draft.crime_types].index("drugs")
    monthly = {  # by month: earlier, now
        "E01000001": (1, 20),  # a clear rise
        "E01000002": (1, 40),  # a larger one
        "E01000003": (10, 1),  # a clear fall
        "E01000004": (0, 5),  # none earlier
        "E01000005": (10, 10),
        "E01000006": (100, 101),
    }
    for code, (before, after) in monthly.items():
        column = draft.areas["lsoa_code"].tolist().index(code)
        draft.monthly[earlier, drugs, column] = before
        draft.monthly[now, drugs, column] = after
    dataset = publish_changed(draft, tmp_path / "dataset")
    table = area_table(dataset, replace(DRUGS_2024, measure="change"))
    rows = arranged(table, sort=replace(DRUGS_2024, measure="change").order)
    assert rows["change_class"].tolist()[:7] == [
        *("clear rise", "clear rise", "no clear change", "no clear change", "clear fall"),
        *("none earlier", "no comparison"),
    ]
    assert rows["code"].tolist()[:6] == [
        *("E01000002", "E01000001", "E01000006", "E01000005", "E01000003", "E01000004"),
    ]
    assert rows["earlier_count"].tolist()[:6] == [12, 12, 1200, 120, 120, 0]
    rise = headline(table).largest_rise
    assert rise is not None
    assert (rise.code, rise.value) == ("E01000002", pytest.approx(3900.0))


def test_an_area_is_in_the_class_of_the_figure_that_is_printed(small_dataset: Dataset) -> None:
    table = area_table(small_dataset, replace(DRUGS_2024, breaks=(3.5,)))
    rates = pd.DataFrame({"rate_per_1000": [3.4941, 3.44, 3.5, 0.02, 0.0, np.nan]})
    assert table.classes.of(
        printed(rates["rate_per_1000"].to_numpy(), table.measure.decimals)
    ).tolist() == [2, 1, 2, 1, 0, -1]
    rates = pd.DataFrame({"rate_per_1000": [3.4541, 3.4499]})
    assert [number(value, 1) for value in rates["rate_per_1000"]] == ["3.5", "3.4"]
    assert table.classes.of(
        printed(rates["rate_per_1000"].to_numpy(), table.measure.decimals)
    ).tolist() == [2, 1]


def test_a_scope_without_data_has_an_empty_headline(small_dataset: Dataset) -> None:
    silent = Selection(**{**vars(DRUGS_2024), "forces": ("greater-manchester",)})
    figures = headline(area_table(small_dataset, silent))
    assert (figures.count, figures.rate, figures.highest, figures.top_tenth) == (None,) * 4
    assert figures.unplaced_percent is None
