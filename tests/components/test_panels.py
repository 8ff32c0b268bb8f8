"""What the panels show, without a browser."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go
import pytest
from dash import no_update

from analysis.area_table import area_table
from analysis.classes import METHODS, NO_DATA_CLASS, NONE_CLASS, OWN, PART_CLASS
from analysis.periods import CUSTOM, preset_of, presets
from analysis.places import scope_bounds
from analysis.selection import MapView, Selection, from_query, part_of, to_query
from analysis.series import monthly_series
from components import ids, moves
from components.charts import figures as trend_figures
from components.charts import notes as trend_notes
from components.charts import trends
from components.controls import class_controls, filters
from components.frame import headline, scope_line
from components.map import basemaps, words
from components.map.card import card, card_style
from components.map.dots import ABSENT
from components.map.drawing import DOTS_PICTURE, drawing, overlays, stepped_scale
from components.map.legend import explanation, legend
from components.map.redraw import Looks, Redrawn, redraw
from components.map.view import TILE, fit
from components.palette import DARK, LIGHT, Palette
from components.panel import Asked
from components.table import ranking
from data_pipeline.dataset import Dataset
from tests.small_dataset import build_small, publish_changed, small_draft


def shown_by_trends(dataset: Dataset, selection: Selection) -> dict[str, Any]:
    """Return what the charts' panel shows, by id; plotly checks every attribute of the charts."""
    pictures = {
        name: go.Figure(figure) for name, figure in trends.pictures(dataset, selection).items()
    }
    return {
        name.partition(".")[0]: value
        for name, value in (trends.words(dataset, selection) | pictures).items()
        if name.endswith((".children", ".figure"))
    }


QUERY = "type=drugs&from=2024-01&to=2024-12&level=lsoa"


@pytest.fixture
def cheshire(small_dataset: Dataset) -> Selection:
    return from_query(f"force=cheshire&{QUERY}", small_dataset)[0]


@pytest.fixture
def silent(small_dataset: Dataset) -> Selection:
    return from_query(f"force=greater-manchester&{QUERY}", small_dataset)[0]


def test_fit_shows_the_whole_place() -> None:
    west, south, east, north = -3.2, 53.3, -2.6, 53.7
    width, height = 800.0, 400.0
    view = fit((west, south, east, north), (width, height))
    world = TILE * 2**view.zoom
    assert (east - west) / 360 * world <= width
    up, down = (math.asinh(math.tan(math.radians(lat))) / (2 * math.pi) for lat in (north, south))
    assert 0.85 * height <= (up - down) * world <= height
    assert view.longitude == pytest.approx(-2.9)
    assert south < view.latitude < north


def test_a_single_point_does_not_zoom_for_ever() -> None:
    assert fit((0.0, 51.0, 0.0, 51.0), (800.0, 400.0)).zoom < 20


def test_a_view_survives_its_text() -> None:
    view = MapView(53.40841, -2.99160, 9.5)
    assert MapView.parse(str(view)) == view


def test_presets_lie_inside_the_data(small_dataset: Dataset) -> None:
    named = {preset.slug: preset for preset in presets(small_dataset)}
    assert (named["year-2024"].first, named["year-2024"].last) == ("2024-01", "2024-12")
    assert named["financial-2023"].last == "2024-03"
    assert named["financial-2023"].label == "Financial 2023/24"
    assert "year-2022" not in named
    assert preset_of(small_dataset, "2024-01", "2024-12") == "last-12"
    assert preset_of(small_dataset, "2024-02", "2024-03") == CUSTOM


def test_a_force_without_data_says_so_in_its_name(
    small_dataset: Dataset, cheshire: Selection
) -> None:
    labels = [option["label"] for option in filters.force_options(small_dataset, cheshire)]
    assert "Greater Manchester (no data)" in labels
    assert "Kent" in labels


def test_the_map_sends_only_what_changed(small_dataset: Dataset, cheshire: Selection) -> None:
    size = (700.0, 400.0)
    first = redraw(small_dataset, cheshire, {}, None, size)
    fitted = MapView.parse(first.view)
    other = replace(cheshire, view=fitted, types=("burglary",))
    second = redraw(small_dataset, other, first.shown, fitted, size)
    sent = str(second.figure.to_plotly_json())
    assert "geojson" not in sent
    assert "locations" not in sent
    assert "center" not in sent
    assert "'z'" in sent
    assert second.view is no_update


def test_nothing_is_sent_when_nothing_changed(small_dataset: Dataset, cheshire: Selection) -> None:
    size = (700.0, 400.0)
    first = redraw(small_dataset, cheshire, {}, None, size)
    fitted = MapView.parse(first.view)
    again = redraw(small_dataset, replace(cheshire, view=fitted), first.shown, fitted, size)
    assert again == Redrawn()


def test_a_force_without_data_is_all_one_class_and_says_why(
    small_dataset: Dataset, silent: Selection
) -> None:
    drawn = drawing(small_dataset, silent)
    assert set(drawn.numbers.tolist()) == {NO_DATA_CLASS}
    for code in drawn.table.frame["code"]:
        assert "No data: 0 of 12 months supplied" in str(card(drawn.table, code))
    assert "3 areas" in str(legend(drawn))


def test_a_hover_card_carries_rate_interval_count_density_and_rank(
    small_dataset: Dataset, cheshire: Selection
) -> None:
    text = str(card(drawing(small_dataset, cheshire).table, "E01000006"))
    # 10 a month among 500 residents is 240 per 1,000 a year; the area is one square mile.
    for part in (
        "240.0 per 1,000",
        "120 recorded",
        "120.0 per square mile",
        "By rate 1st of 6 in Cheshire, 1st of the 6 with data",
        "95% interval 199.",
        "Southtown · Southtown 006A · E01000006",
        "Drugs, January 2024 to December 2024. Rate by residents, mid-2022.",
    ):
        assert part in text
    assert card(drawing(small_dataset, cheshire).table, "E01999999") is None


def test_counts_are_circles_not_colours(small_dataset: Dataset, cheshire: Selection) -> None:
    drawn = drawing(small_dataset, replace(cheshire, measure="count"))
    assert len(set(drawn.colours[2:])) == 1
    layers = overlays(drawn)
    circles = [layer for layer in layers if layer["type"] == "circle"]
    drawn_points = sum(len(layer["source"]["coordinates"]) for layer in circles)
    assert drawn_points == int((drawn.values > 0).sum())


def test_a_group_is_drawn_like_its_force_and_outlined(small_dataset: Dataset) -> None:
    shape = "shape=-3.5,53.3;-2.66,53.3;-2.66,53.6;-3.5,53.6"
    selection = from_query(f"{QUERY}&{shape}", small_dataset)[0]
    drawn = drawing(small_dataset, selection)
    whole = drawing(small_dataset, replace(selection, forces=("cheshire",), shape=()))
    assert (drawn.layer, drawn.borders, drawn.dots) == (whole.layer, whole.borders, False)
    assert 0 < len(drawn.filled[0]) < len(whole.filled[0])
    lines = [
        layer["source"]["coordinates"]
        for layer in overlays(drawn)
        if isinstance(layer["source"], dict)
    ]
    assert lines == 2 * [[*selection.shape, selection.shape[0]]]


def test_a_group_over_several_forces_is_dots(small_dataset: Dataset) -> None:
    shape = "shape=-2.7,53.3;-2.5,53.3;-2.5,53.6;-2.7,53.6"
    selection = from_query(f"{QUERY}&{shape}&map=53.4,-2.6,6", small_dataset)[0]
    drawn = drawing(small_dataset, selection)
    assert drawn.dots
    sent = redraw(small_dataset, selection, {}, None, None)
    characters = sent.dots["classes"]
    assert len(characters) - characters.count(ABSENT) == len(drawn.table.frame)


def test_another_group_of_the_same_force_sends_its_areas(
    small_dataset: Dataset, cheshire: Selection
) -> None:
    first = redraw(small_dataset, cheshire, {}, None, None)
    group = replace(cheshire, shape=((-3.5, 53.3), (-2.66, 53.3), (-2.66, 53.6), (-3.5, 53.6)))
    second = redraw(small_dataset, group, first.shown, MapView.parse(first.view), None)
    assert "locations" in str(second.figure.to_plotly_json())
    third = redraw(small_dataset, cheshire, second.shown, MapView.parse(second.view), None)
    assert third.shown == first.shown


def test_every_method_explains_itself(small_dataset: Dataset, cheshire: Selection) -> None:
    for slug, method in METHODS.items():
        selection = replace(cheshire, classing=slug, breaks=(1, 2) if slug == OWN else ())
        assert explanation(drawing(small_dataset, selection)) == method.sentence


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("force=greater-manchester&type=drugs", "No area here has a figure for this period."),
        ("force=cheshire&lad=E06000001&type=robbery", "Every area with data here has none."),
        (
            "force=cheshire&type=drugs&level=force",
            "There is one area here; its class is that of the whole nation.",
        ),
    ],
)
def test_little_to_see_is_said(small_dataset: Dataset, query: str, sentence: str) -> None:
    selection = from_query(query, small_dataset)[0]
    assert explanation(drawing(small_dataset, selection)) == sentence


def test_pinned_classes_stay_while_the_period_changes(
    small_dataset: Dataset, cheshire: Selection
) -> None:
    before = drawing(small_dataset, cheshire).classes
    pinned = class_controls.with_pin(cheshire, 1, small_dataset)
    later = replace(pinned, first="2024-12", types=("burglary",))
    assert drawing(small_dataset, later).classes.breaks == before.breaks
    assert drawing(small_dataset, replace(later, breaks=())).classes.breaks != before.breaks
    assert class_controls.with_pin(pinned, 2, small_dataset) == cheshire
    assert moves.with_measure(pinned, "density", small_dataset).breaks == ()


def test_own_breaks_start_from_those_on_the_map(
    small_dataset: Dataset, cheshire: Selection
) -> None:
    shown = drawing(small_dataset, cheshire).classes.breaks
    own = class_controls.with_classing(cheshire, OWN, small_dataset)
    assert own.breaks == shown
    assert class_controls.classing(own) == OWN
    assert class_controls.with_classing(own, "quantiles", small_dataset).breaks == ()
    typed = class_controls.with_breaks(own, "20 5, 10", small_dataset)
    assert typed.breaks == (5, 10, 20)
    assert class_controls.breaks_text(typed) == "5, 10, 20"


@pytest.mark.parametrize("text", ["5, x", "0, 5", "1,2,3,4,5,6,7", "1e300"])
def test_breaks_that_cannot_be_used_change_nothing_and_say_why(
    small_dataset: Dataset, cheshire: Selection, text: str
) -> None:
    assert class_controls.with_breaks(cheshire, text, small_dataset) == cheshire
    assert class_controls.complaint(text, cheshire).endswith(".")
    assert class_controls.complaint("5, 10", cheshire) == ""


def test_a_change_that_may_be_chance_is_in_a_class_of_its_own(
    small_dataset: Dataset, cheshire: Selection
) -> None:
    drawn = drawing(small_dataset, replace(cheshire, measure="change"))
    compared = ~np.isnan(drawn.column("change_percent"))
    unclear = compared & ~drawn.column("change_clear")
    assert unclear.any()
    assert set(drawn.numbers[unclear].tolist()) == {NONE_CLASS}
    assert "No clear change" in str(legend(drawn))
    assert "No comparison" in str(legend(drawn))


def test_the_legend_is_hatched_where_the_map_is(
    small_dataset: Dataset, cheshire: Selection, silent: Selection
) -> None:
    assert "swatch crossed" in str(legend(drawing(small_dataset, silent)))
    some = drawing(small_dataset, replace(cheshire, measure="change", types=("robbery",)))
    assert (some.numbers == NO_DATA_CLASS).any()
    assert not some.silent[NO_DATA_CLASS]
    assert "crossed" not in str(legend(some))


def test_part_of_the_period_is_told_from_nothing_supplied(small_dataset: Dataset) -> None:
    coverage = small_dataset.months_supplied("2023-01", "2024-12")
    part = [
        force.slug
        for force, months in zip(small_dataset.forces, coverage, strict=True)
        if 0 < months < 24
    ]
    assert part
    query = "type=drugs&from=2023-01&to=2024-12&level=lsoa"
    nation = from_query(query, small_dataset)[0]
    drawn = drawing(small_dataset, nation)
    assert drawn.silent == {NO_DATA_CLASS: ("greater-manchester",), PART_CLASS: tuple(part)}
    lines = [layer["source"] for layer in overlays(drawn)]
    hatched = [source for source in lines if "/hatching-" in str(source)]
    assert [("crossed=1" in source) for source in hatched] == [True, False]
    assert "Part of the period" in str(legend(drawn))


def test_a_background_is_drawn_below_and_only_where_it_is_allowed(
    small_dataset: Dataset, cheshire: Selection
) -> None:
    selection = replace(cheshire, basemap="streets")
    for tiles, kinds in ((("streets",), ["raster"]), ((), [])):
        drawn = redraw(small_dataset, selection, {}, None, None, looks=Looks(tiles=tiles))
        sent = str(drawn.figure.to_plotly_json())
        assert ("openstreetmap" in sent) == bool(kinds)
    assert basemaps.layers("none", ("streets",)) == []


def test_a_stepped_scale_covers_the_range_without_gaps() -> None:
    scale = stepped_scale(["a", "b", "c"])
    assert [edge for edge, _ in scale] == pytest.approx([0, 1 / 3, 1 / 3, 2 / 3, 2 / 3, 1])


@pytest.mark.parametrize("types", [("drugs",), ("robbery",), ("all-crime",)])
@pytest.mark.parametrize("force", ["", "greater-manchester"])
@pytest.mark.parametrize("measure", ["rate", "count", "density", "change"])
@pytest.mark.parametrize("level", ["lsoa", "ward", "lad", "csp", "force"])
def test_every_combination_draws(
    small_dataset: Dataset, types: tuple[str, ...], force: str, measure: str, level: str
) -> None:
    query = f"force={force}&level={level}&type={','.join(types)}&measure={measure}"
    selection = from_query(query, small_dataset)[0]
    drawn = redraw(small_dataset, selection, {}, None, None)
    assert drawn.figure.to_plotly_json()
    assert MapView.parse(drawn.view)
    assert legend(drawing(small_dataset, selection))
    assert headline.cards(small_dataset, selection)


def test_missing_figures_are_empty_in_the_table_never_zero(
    small_dataset: Dataset, silent: Selection
) -> None:
    rows = ranking.listing(small_dataset, silent).rows(0, 50)
    for row in rows:
        for figure in ("count", "rate_per_1000", "rank", "density_per_sq_mile"):
            assert row[figure] is None
        assert row["interval"] == "0 of 12 months supplied"


def test_the_table_is_paged_in_the_order_of_the_link(
    small_dataset: Dataset, cheshire: Selection
) -> None:
    shown = ranking.listing(small_dataset, replace(cheshire, sort="-count"))
    first = shown.rows(0, 2)
    assert [row["count"] for row in first] == [120, 60]
    assert first[0]["bar"] == pytest.approx(100)
    target = ranking.row_target(
        small_dataset, replace(cheshire, sort="-count", area=shown.rows(3, 4)[0]["code"])
    )
    assert target["row"] == 3


def test_the_sorted_column_says_so(small_dataset: Dataset, cheshire: Selection) -> None:
    columns = ranking.columns(small_dataset, replace(cheshire, sort="-count"))
    assert {column["field"]: column["sort"] for column in columns if column["sort"]} == {
        "count": "desc"
    }


def test_a_month_without_data_is_a_gap_with_a_reason(small_dataset: Dataset) -> None:
    selection = from_query(f"force=kent&{QUERY}", small_dataset)[0]
    series = monthly_series(small_dataset, selection)
    figure = trend_figures.counts_figure(series, selection)
    bars = dict(zip(figure["data"][0]["x"], figure["data"][0]["y"], strict=True))
    assert bars["2024-05-01"] is None
    assert bars["2024-07-01"] == 9
    assert trend_figures.gaps(series.supplied) == [("2024-05", "2024-06")]
    said = trend_notes.reasons(series, series.supplied)
    assert "Kent supplied no file (May 2024)." in said
    assert "Kent supplied a file that was set aside (June 2024)." in said
    rows = trend_notes.counts_rows(series, series.supplied)
    row = next(row for row in rows if row[0] == "May 2024")
    assert row[1] == "no data"


def test_the_headline_counts_what_the_table_holds(
    small_dataset: Dataset, cheshire: Selection
) -> None:
    table = area_table(small_dataset, cheshire)
    text = str(headline.cards(small_dataset, cheshire))
    assert f"'{int(table.frame['count'].sum()):,}'" in text
    assert "Drugs" in text


def test_the_map_opens_on_the_whole_scope(small_dataset: Dataset, cheshire: Selection) -> None:
    opened = redraw(small_dataset, cheshire, {}, None, (700.0, 400.0))
    west, south, east, north = scope_bounds(small_dataset, cheshire)
    centre = MapView.parse(opened.view)
    assert centre is not None
    assert west < centre.longitude < east
    assert south < centre.latitude < north


def test_a_part_of_a_place_is_called_a_part_wherever_its_figures_stand(
    small_dataset: Dataset,
) -> None:
    nation = from_query(QUERY, small_dataset)[0]
    cards = headline.cards(small_dataset, nation)
    assert sum("'1 of 3 forces'" in str(card) for card in cards) == 5
    for text in (
        str(scope_line.description(small_dataset, nation)),
        str(words.title(small_dataset, nation)),
        str(shown_by_trends(small_dataset, nation)[ids.TRENDS_TITLE]),
        str(shown_by_trends(small_dataset, nation)[ids.RATES].data[0].name),
    ):
        assert "1 of 3 forces" in text
        assert "England and Wales" not in text


def test_the_whole_of_a_place_is_called_by_its_name(
    small_dataset: Dataset, cheshire: Selection
) -> None:
    assert "Drugs in Cheshire" in str(words.title(small_dataset, cheshire))
    assert "forces" not in str(scope_line.description(small_dataset, cheshire))


def test_headline_and_charts_that_differ_say_so_with_both_numbers(small_dataset: Dataset) -> None:
    query = "force=cheshire,kent&type=drugs&from=2024-07&to=2024-12"
    selection = from_query(query, small_dataset)[0]
    said = shown_by_trends(small_dataset, selection)[ids.TRENDS_NOTE]
    # Cheshire 20 a month; Kent 9, of which 6 have a denominator
    assert "the charts hold 120 (36.9 per 1,000): 1 of 2 forces" in said
    assert "The headline’s 174 (36.7 per 1,000) is Cheshire and Kent" in said
    assert (
        shown_by_trends(small_dataset, replace(selection, series="supplied"))[ids.TRENDS_NOTE] == ""
    )


def test_a_line_is_broken_where_its_forces_change(small_dataset: Dataset) -> None:
    selection = from_query(f"{QUERY}&series=supplied", small_dataset)[0]
    shown = shown_by_trends(small_dataset, selection)
    line = shown[ids.RATES].data[0]
    points = list(zip(line.x, line.y, line.marker.symbol, strict=True))
    starts = [x for x, y, _ in points if y is None]
    assert starts == ["2024-05-01", "2024-07-01"]
    opened = {x for x, y, symbol in points if symbol == "circle-open" and y is not None}
    assert opened == {"2024-05-01", "2024-06-01"}
    bars, mean = shown[ids.COUNTS].data
    hatched = [x for x, shape in zip(bars.x, bars.marker.pattern.shape, strict=True) if shape]
    assert hatched == ["2024-05-01", "2024-06-01"]
    means = dict(zip(mean.x, mean.y, strict=True))
    assert means["2024-04-01"] == pytest.approx(28 + 4 / 12, abs=1e-4)
    assert means["2024-05-01"] is None
    assert means["2024-12-01"] is None
    assert "Hatched bars" in str(shown[ids.COUNTS_NOTE])
    assert "Hatched bars" in str(shown[ids.RATES_NOTE])


@pytest.mark.parametrize(
    "query",
    [
        "",
        "type=drugs,burglary,robbery",
        "force=kent&type=drugs",
        "force=greater-manchester",
        "force=cheshire,kent&type=drugs&series=supplied",
        "force=cheshire&level=lad&area=E06000002",
        "type=violence-and-sexual-offences",
    ],
)
@pytest.mark.parametrize("palette", [LIGHT, DARK])
def test_charts_are_what_plotly_takes(small_dataset: Dataset, query: str, palette: Palette) -> None:
    selection = from_query(query, small_dataset)[0]
    for figure in trends.pictures(small_dataset, selection, palette).values():
        go.Figure(figure)
        assert json.loads(json.dumps(figure, allow_nan=False)) == figure


def test_a_table_of_a_chart_is_sent_once_it_is_opened(small_dataset: Dataset) -> None:
    selection = from_query("force=cheshire&type=drugs", small_dataset)[0]
    other = replace(selection, types=("robbery",))
    tables = {f"{ids.COUNTS_TABLE}.children", f"{ids.RATES_TABLE}.children"}

    def sent(before: Selection, opened: list[str], woken: str = "") -> dict[str, Any]:
        known = {trends.OPENED: opened, trends.APPEARANCE: "light"}
        return dict(
            trends.show(Asked(small_dataset, selection, before, known, frozenset({woken} - {""})))
        )

    closed = sent(other, [])
    assert [closed[name] for name in tables] == [[], []]
    opened = sent(selection, [ids.COUNTS_TABLE], trends.OPENED)
    assert set(opened) == tables
    assert "December 2024" in str(opened[f"{ids.COUNTS_TABLE}.children"])
    changed = sent(other, [ids.RATES_TABLE])
    assert "rate per 1,000" in str(changed[f"{ids.RATES_TABLE}.children"])
    assert changed[f"{ids.COUNTS_TABLE}.children"] == []
    assert set(sent(selection, [ids.COUNTS_TABLE], trends.APPEARANCE)) == {
        f"{ids.COUNTS}.figure",
        f"{ids.RATES}.figure",
    }


def test_the_forces_of_a_chart_are_named_with_a_way_to_show_all(small_dataset: Dataset) -> None:
    selection = from_query(QUERY, small_dataset)[0]
    shown = shown_by_trends(small_dataset, selection)
    assert shown[ids.SERIES] == "Show every month as supplied"
    for note in (shown[ids.COUNTS_NOTE], shown[ids.RATES_NOTE]):
        assert "In it: Cheshire." in str(note)
        assert "Left out: Greater Manchester and Kent." in str(note)
    other = moves.with_other_series(selection, 1, small_dataset)
    assert other.series == "supplied"
    assert moves.with_other_series(other, 1, small_dataset) == selection
    assert "series=supplied" in to_query(part_of(other, trends.PANEL.follows))
    assert "series" not in to_query(part_of(other, ranking.LISTED))


def test_a_choice_that_makes_no_difference_is_not_offered(tmp_path: Path) -> None:
    draft = small_draft()
    draft.coverage.loc[draft.coverage["force"] == "kent", "status"] = "missing"
    dataset = publish_changed(draft, tmp_path / "dataset")
    selection = from_query(f"force=cheshire&{QUERY}", dataset)[0]
    assert shown_by_trends(dataset, selection)[ids.SERIES] == ""


def test_bars_are_in_proportion_to_the_rate(small_dataset: Dataset, cheshire: Selection) -> None:
    rows = ranking.listing(small_dataset, cheshire).rows(0, 50)
    assert [(row["rate_per_1000"], row["bar"]) for row in rows[:3]] == [
        (240.0, pytest.approx(100)),
        (60.0, pytest.approx(25)),
        (24.0, pytest.approx(10)),
    ]


def test_the_table_holds_figures_as_they_are_printed() -> None:
    columns = ranking.row_columns("force")
    frame = pd.DataFrame([dict.fromkeys(columns, 1)]).assign(
        rate_per_1000=[0.25], density_per_sq_mile=[0.02], change_percent=[-0.04], status="complete"
    )
    row = ranking.page_rows(frame, "force", 1.0)[0]
    assert row["rate_per_1000"] == 0.2
    assert row["density_per_sq_mile"] == 0.02
    assert row["change_percent"] == 0


def test_with_change_shown_the_table_follows_the_change(
    small_dataset: Dataset, cheshire: Selection
) -> None:
    sorted_by_count = replace(cheshire, sort="-count")
    changed = moves.with_measure(sorted_by_count, "change", small_dataset)
    assert (changed.sort, changed.order) == ("", "change_order")
    fields = [column["field"] for column in ranking.columns(small_dataset, changed)]
    assert fields[:5] == ["ward_name", "change_percent", "change_class", "count", "earlier_count"]
    assert "clear rises first" in str(ranking.title(small_dataset, changed))
    assert "January 2023 to December 2023" in ranking.note(small_dataset, changed)
    assert "Largest clear rise" in str(headline.cards(small_dataset, changed))
    assert moves.with_measure(sorted_by_count, "density", small_dataset).sort == "-count"


def test_few_areas_are_told_in_numbers(small_dataset: Dataset, cheshire: Selection) -> None:
    text = str(headline.cards(small_dataset, cheshire))
    assert "Most in one neighbourhood, by count" in text
    assert "of 240, in 1 of 6 neighbourhoods" in text
    assert "Top 10%" not in text
    assert "Highest neighbourhood, by rate" in text


def test_the_share_without_a_location_says_of_which_rows(
    small_dataset: Dataset, cheshire: Selection
) -> None:
    text = str(headline.cards(small_dataset, cheshire))
    assert "Of all rows of every crime type from Cheshire, 3.8% have no location" in text


@pytest.mark.parametrize(
    ("months", "label"), [(1, "The only month"), (2, "Both months"), (3, "All 3 months")]
)
def test_few_months_read_as_english(tmp_path: Path, months: int, label: str) -> None:
    last = f"2024-{months:02d}"
    dataset = build_small(tmp_path / "dataset", first="2024-01", last=last)
    assert presets(dataset)[-1].label == label
    selection = Selection.opening(dataset)
    shown = shown_by_trends(dataset, selection)
    span = shown[ids.TRENDS_TITLE][1].children
    assert ("January 2024 to" in span) == (months > 1)
    for chart in (ids.COUNTS, ids.RATES):
        axis = shown[chart].layout.xaxis
        assert (axis.dtick, axis.tickformat) == ("M1", "%b %Y")
        assert axis.range[0] < "2024-01-01"
        assert f"{last}-01" < axis.range[1]
    one_type = replace(selection, types=("drugs",))
    names = [trace.name for trace in shown_by_trends(dataset, one_type)[ids.COUNTS].data]
    assert names == ["Drugs"]


@pytest.mark.parametrize("width", [352.0, 700.0])
@pytest.mark.parametrize("x", [0.05, 0.5, 0.95])
@pytest.mark.parametrize("y", [0.05, 0.5, 0.95])
def test_the_card_stays_on_the_map(width: float, x: float, y: float) -> None:
    height = 470.0
    style = card_style((x * width, y * height), (width, height))
    across = [float(style[edge][:-2]) for edge in ("left", "right") if edge in style]
    up = [float(style[edge][:-2]) for edge in ("top", "bottom") if edge in style]
    assert all(0 <= edge <= max(width / 2 + 14, 14) for edge in across)
    assert len(up) == 1
    assert 0 <= up[0] <= height / 2 + 14


def test_the_nation_is_dots_until_the_reader_is_close(small_dataset: Dataset) -> None:
    nation = from_query(QUERY, small_dataset)[0]
    far = replace(nation, view=MapView(53.5, -2.5, 6.0))
    area = small_dataset.areas.loc[small_dataset.areas["force"] == "kent"].iloc[1]
    close = replace(nation, view=MapView(area["latitude"], area["longitude"], 11.0))
    first = redraw(small_dataset, far, {}, None, None)
    assert len(first.dots["classes"]) == len(small_dataset.areas)
    assert ABSENT not in first.dots["classes"]
    silent = small_dataset.areas["force"] == "greater-manchester"
    for index in np.flatnonzero(silent):
        assert first.dots["classes"][index] == str(NO_DATA_CLASS - PART_CLASS)
    second = redraw(small_dataset, close, first.shown, far.view, None)
    drawn = drawing(small_dataset, close, close.view)
    assert drawn.filled[0] == ["E01000010", "E01000011", "E01000012"]
    assert second.dots["classes"].count(ABSENT) == 3
    back = redraw(small_dataset, far, second.shown, close.view, None)
    assert back.dots["classes"] == first.dots["classes"]


def test_a_change_of_the_dots_is_one_picture_and_no_figure(small_dataset: Dataset) -> None:
    nation = from_query(f"{QUERY}&map=53.5,-2.5,6.0", small_dataset)[0]
    first = redraw(small_dataset, nation, {}, nation.view, None)
    sent = first.figure.to_plotly_json()["operations"]
    (layers,) = [part["params"]["value"] for part in sent if part["location"][-1] == "layers"]
    assert layers[first.dots["layer"]] == DOTS_PICTURE
    assert first.dots["mark"] == first.shown["mark"]
    other = replace(nation, types=("burglary",))
    second = redraw(small_dataset, other, first.shown, nation.view, None)
    assert (second.figure, second.dots["layers"]) == (no_update, None)
    assert second.dots["mark"] == second.shown["mark"] != first.dots["mark"]
    chosen = replace(other, area="E01000010")
    third = redraw(small_dataset, chosen, second.shown, nation.view, None)
    assert third.figure == no_update
    assert third.dots["layers"][third.dots["layer"]] == DOTS_PICTURE
    assert len(third.dots["layers"]) == third.shown["layers"] > first.shown["layers"]
    dark = redraw(small_dataset, chosen, third.shown, nation.view, None, looks=Looks(DARK))
    assert dark.dots["layers"] is None
    assert dark.shown["layers"] != third.shown["layers"]
    force = replace(nation, forces=("kent",))
    last = redraw(small_dataset, force, dark.shown, nation.view, None)
    assert last.dots is None
    assert DOTS_PICTURE not in overlays(drawing(small_dataset, force))


def test_a_force_has_no_dots(small_dataset: Dataset, cheshire: Selection) -> None:
    assert redraw(small_dataset, cheshire, {}, None, None).dots is None


def test_the_same_zoom_sends_nothing_anew(small_dataset: Dataset) -> None:
    nation = from_query(f"{QUERY}&map=53.5,-2.5,6.0", small_dataset)[0]
    first = redraw(small_dataset, nation, {}, None, None)
    moved = replace(nation, view=MapView(53.6, -2.5, 6.1))
    assert redraw(small_dataset, moved, first.shown, moved.view, None) == Redrawn()
