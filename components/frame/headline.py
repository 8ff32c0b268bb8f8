"""The strip of figures at the top: total, rate, highest area, concentration, none, coverage."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from dash import html

from analysis.area_table import AreaTable, Headline, Highest, TopTenth, area_table, headline
from analysis.figures import definition_problem
from analysis.reporting import reporting_forces, supplied_span
from analysis.scope import forces_in_scope
from analysis.selection import Part, Selection, to_query
from analysis.vocabulary import ALL_CRIME, AREA_WORDS
from analysis.wording import NO_DATA, and_join, change, interval, number, percent
from data_pipeline.dataset import Dataset

from .. import ids, moves, theme
from ..panel import Asked, Opening, Panel, Slot

NAMED_FORCES = 2


def layout(opening: Opening) -> html.Section:
    """Return the empty strip."""
    return html.Section(
        html.Div(id=ids.HEADLINE, className="headline", tabIndex=0),
        **theme.aria(live="polite", label="Headline figures"),
    )


def cards(dataset: Dataset, selection: Selection) -> list[html.Div]:
    """Return the cards for a Selection."""
    table = area_table(dataset, selection)
    figures = headline(table)
    if not figures.areas_with_data:
        return [without_figures(dataset, selection)]
    many = AREA_WORDS[selection.level][1]
    part = _part(table)
    return [
        _card(selection.type_label(dataset), number(figures.count), _change_line(figures), part),
        _card(
            "Rate per 1,000",
            number(figures.rate, 1),
            f"95% interval {interval(figures.rate_low, figures.rate_high)}",
            part,
        ),
        _highest_card(table, figures, part),
        _top_card(figures.top_tenth, selection, part),
        _card(
            f"{many.capitalize()} with none",
            number(figures.areas_with_none) if figures.areas_with_data else NO_DATA,
            f"of {number(figures.areas_with_data)} with data",
            part,
        ),
        _coverage_card(table, figures),
    ]


def without_figures(dataset: Dataset, selection: Selection) -> html.Div:
    """Return one sentence for a place without any figure, and where to go from there."""
    period = selection.period_label()
    problem = definition_problem(dataset, selection, selection.first, selection.last, period)
    span = None if problem else supplied_span(dataset, selection)
    if problem:
        reason = problem
        there = replace(selection, types=(ALL_CRIME,), view=None)
        step = "Show all crime, which runs through"
    elif span:
        reason = _without_files(dataset, selection)
        there = replace(selection, first=span[0], last=span[1], view=None)
        step = f"Show {there.period_label()}, the latest months that can be used"
    else:
        reason = _without_files(dataset, selection)
        there = moves.with_force(selection, moves.NATION, dataset)
        step = "No month here can be used: show England and Wales"
    said = f"There are no figures for {selection.place_label(dataset)}: {reason}."
    link = html.A(step, href=f"?{to_query(there)}", className="go")
    return html.Div([html.Strong(said), " ", link, "."], className="card-figure warn whole")


def _without_files(dataset: Dataset, selection: Selection) -> str:
    """Say that every force in scope lacks some months, of whose files some may be there."""
    forces = len(forces_in_scope(dataset, selection.scope))
    whose = "its police force has" if forces == 1 else f"each of the {forces} police forces has"
    return f"{whose} months without a usable file in {selection.period_label()}"


def _part(table: AreaTable) -> str:
    """Return what every figure is about where it is less than the place; else nothing."""
    label = table.figures_label
    return "" if label == table.selection.place_label(table.dataset) else label


def _highest_card(table: AreaTable, figures: Headline, part: str) -> html.Div:
    one = AREA_WORDS[table.selection.level][0]
    if table.measure.diverging:
        rise = figures.largest_rise
        label, value = f"Largest clear rise, {one}", change(rise.value) if rise else "none clear"
        found = rise
    else:
        found = figures.highest
        label, value = f"Highest {one}, by rate", number(found.value, 1) if found else NO_DATA
    return _card(label, value, _named(found), part)


def _named(found: Highest | None) -> Any:
    return [html.Strong(found.name), f" · {found.place}"] if found else ""


def _top_card(top: TopTenth | None, selection: Selection, part: str) -> html.Div:
    """Say how much of the count the top areas have: in per cent only of twenty areas or more."""
    one, many = AREA_WORDS[selection.level]
    if top is None:
        return _card(f"Top 10% of {many}, by count", NO_DATA, "", part)
    if top.is_tenth:
        detail = f"of the total, in {number(top.areas)} of {number(top.areas_with_data)} {many}"
        return _card(f"Top 10% of {many}, by count", percent(top.share, 0), detail, part)
    return _card(
        f"Most in one {one}, by count",
        number(top.count),
        f"of {number(top.total)}, in {top.areas} of {top.areas_with_data} {many}",
        part,
    )


def _change_line(figures: Headline) -> Any:
    if figures.change_percent is None:
        return figures.change_note
    compared = ""
    if figures.areas_compared < figures.areas_with_data:
        compared = f", {number(figures.areas_compared)} areas with both"
    return [html.Strong(change(figures.change_percent)), f" on a year earlier{compared}"]


def _coverage_card(table: AreaTable, figures: Headline) -> html.Div:
    missing = figures.incomplete_forces
    named = list(missing[:NAMED_FORCES])
    if len(missing) > NAMED_FORCES:
        named.append(f"{len(missing) - NAMED_FORCES} more")
    details = [f"No data: {and_join(named)}"] if missing else []
    if figures.unplaced_percent is not None:
        details.append(_unplaced(table, figures.unplaced_percent))
    return _card(
        f"Coverage, {AREA_WORDS[table.selection.level][1]}",
        f"{number(figures.areas_with_data)} of {number(figures.areas_in_scope)}",
        html.Span(". ".join(details), title=f"No data: {and_join(missing)}" if missing else None),
        warn=bool(missing),
    )


def _unplaced(table: AreaTable, share: float) -> str:
    """Say which rows the share without a location is of: whole files, whatever is counted here."""
    forces = reporting_forces(table.dataset, table.selection)
    whose = table.dataset.forces[forces[0]].name if len(forces) == 1 else f"{len(forces)} forces"
    return f"Of all rows of every crime type from {whose}, {percent(share)} have no location"


def _card(label: str, value: str, detail: Any, part: str = "", *, warn: bool = False) -> html.Div:
    """Return one figure of the strip.

    Parameters
    ----------
    part : str
        What the figure is about where that is less than the place; as large as the figure.
    """
    return html.Div(
        [
            html.Div(label, className="card-label"),
            html.Div(value, className="card-value"),
            *([html.Div(part, className="card-value")] if part and value != NO_DATA else []),
            html.Div(detail, className="card-detail"),
        ],
        className="card-figure warn" if warn else "card-figure",
    )


def show(asked: Asked) -> Mapping[str, Any]:
    """Return the cards; the way on from a place without figures keeps all that is chosen."""
    dataset, selection = asked.dataset, asked.selection
    shown = cards(dataset, selection)
    leads_on = len(shown) == 1
    if not (leads_on or asked.differs(Part.FIGURES | Part.MEASURE)):
        return {}
    return {f"{ids.HEADLINE}.children": shown}


PANEL = Panel(
    "headline",
    layout,
    Slot.STRIP,
    outputs=(f"{ids.HEADLINE}.children",),
    follows=~Part.VIEW,
    show=show,
)
