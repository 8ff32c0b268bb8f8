"""The strip of figures at the top: total, rate, highest area, concentration, none, coverage."""

from __future__ import annotations

from typing import Any

from dash import Dash, Input, Output, html

from analysis.area_table import Headline, area_table, headline
from analysis.selection import Selection
from analysis.wording import AREA_WORDS, NO_DATA, and_join, change, interval, number, percent
from data_pipeline.dataset import Dataset

from . import ids, theme
from .navigation import OpenDataset, from_store

NAMED_FORCES = 2


def layout() -> html.Section:
    """Return the empty strip."""
    return html.Section(
        [
            html.P(id=ids.SCOPE, className="scope"),
            html.Div(id=ids.HEADLINE, className="headline", tabIndex=0),
        ],
        **theme.aria(live="polite", label="Headline figures"),
    )


def scope(dataset: Dataset, selection: Selection) -> list[Any]:
    """Return the line that says what every figure below describes."""
    per = selection.denominator_of(dataset).label
    return [
        html.Strong(selection.place_label(dataset)),
        f" · {selection.type_label(dataset)} · {selection.period_label()}"
        f" · rates are a year’s, per 1,000 {per}",
    ]


def cards(dataset: Dataset, selection: Selection) -> list[html.Div]:
    """Return the cards for a Selection."""
    figures = headline(area_table(dataset, selection.figures_key()))
    one, many = AREA_WORDS[selection.level]
    highest = figures.highest
    return [
        _card(selection.type_label(dataset), number(figures.count), _change_line(figures)),
        _card(
            "Rate per 1,000",
            number(figures.rate, 1),
            f"95% interval {interval(figures.rate_low, figures.rate_high)}",
        ),
        _card(
            f"Highest {one}",
            number(highest.rate, 1) if highest else NO_DATA,
            f"{highest.name} ({highest.code})" if highest else "",
        ),
        _card(
            f"Top 10% of {many}",
            percent(figures.top_tenth_share, 0),
            "of the total",
        ),
        _card(
            f"{many.capitalize()} with none",
            number(figures.areas_with_none) if figures.areas_with_data else NO_DATA,
            f"of {number(figures.areas_with_data)} with data",
        ),
        _coverage_card(figures, many),
    ]


def _change_line(figures: Headline) -> Any:
    if figures.change_percent is None:
        return figures.change_note
    compared = ""
    if figures.areas_compared < figures.areas_with_data:
        compared = f", {number(figures.areas_compared)} areas with both"
    return [html.Strong(change(figures.change_percent)), f" on a year earlier{compared}"]


def _coverage_card(figures: Headline, areas: str) -> html.Div:
    missing = figures.incomplete_forces
    named = list(missing[:NAMED_FORCES])
    if len(missing) > NAMED_FORCES:
        named.append(f"{len(missing) - NAMED_FORCES} more")
    details = [f"No data: {and_join(named)}"] if missing else []
    if figures.unplaced_percent is not None:
        details.append(f"{percent(figures.unplaced_percent)} of rows have no location")
    return _card(
        f"Coverage, {areas}",
        f"{number(figures.areas_with_data)} of {number(figures.areas_in_scope)}",
        html.Span(". ".join(details), title=f"No data: {and_join(missing)}" if missing else None),
        warn=bool(missing),
    )


def _card(label: str, value: str, detail: Any, *, warn: bool = False) -> html.Div:
    return html.Div(
        [
            html.Div(label, className="card-label"),
            html.Div(value, className="card-value"),
            html.Div(detail, className="card-detail"),
        ],
        className="card-figure warn" if warn else "card-figure",
    )


def register(app: Dash, open_dataset: OpenDataset) -> None:
    """Connect the strip."""

    @app.callback(
        Output(ids.SCOPE, "children"),
        Output(ids.HEADLINE, "children"),
        Input(ids.FIGURES, "data"),
        prevent_initial_call=True,
    )
    def show(query: str) -> tuple[Any, Any]:
        dataset = open_dataset()
        selection = from_store(query, dataset)
        return scope(dataset, selection), cards(dataset, selection)
