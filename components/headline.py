"""The strip of figures at the top: total, rate, highest area, concentration, none, coverage."""

from __future__ import annotations

from typing import Any

from dash import Dash, Input, Output, html

from analysis.area_table import Headline, area_table, headline
from analysis.selection import LEVELS, Selection
from analysis.wording import and_join, change, interval, number, percent
from data_pipeline.dataset import Dataset

from . import ids, theme
from .navigation import OpenDataset, from_store

NAMED_FORCES = 3


def layout() -> html.Div:
    """Return the empty strip."""
    return html.Div(id=ids.HEADLINE, className="headline", **theme.aria(live="polite"))


def cards(dataset: Dataset, selection: Selection) -> list[html.Div]:
    """Return the cards for a Selection."""
    table = area_table(dataset, selection.figures_key())
    figures = headline(table)
    per = selection.denominator_of(dataset).label
    areas = LEVELS[selection.level].lower()
    highest = figures.highest
    return [
        _card(
            f"{selection.type_label(dataset)}, {selection.period_label()}",
            number(figures.count),
            _change_line(figures),
        ),
        _card(
            f"Rate per 1,000 {per}",
            number(figures.rate, 1),
            f"a year; 95% interval {interval(figures.rate_low, figures.rate_high)}",
        ),
        _card(
            f"Highest of the {areas}",
            number(highest.rate, 1) if highest else "no data",
            f"per 1,000 · {highest.name} ({highest.code})" if highest else "",
        ),
        _card(
            f"Top 10% of {areas}",
            percent(figures.top_tenth_share, 0),
            "of the total",
        ),
        _card(
            f"{areas.capitalize()} with none",
            number(figures.areas_with_none),
            f"of {number(figures.areas_with_data)} with data",
        ),
        _coverage_card(figures),
    ]


def _change_line(figures: Headline) -> Any:
    if figures.change_percent is None:
        return figures.change_note
    return [html.Strong(change(figures.change_percent)), f" on {figures.earlier_period}"]


def _coverage_card(figures: Headline) -> html.Div:
    missing = figures.incomplete_forces
    named = [*missing[:NAMED_FORCES]]
    if len(missing) > NAMED_FORCES:
        named.append(f"{len(missing) - NAMED_FORCES} more")
    detail = f"No data: {and_join(named)}" if missing else "Every month supplied"
    unplaced = ""
    if figures.unplaced_percent is not None:
        unplaced = f" · {percent(figures.unplaced_percent)} of rows have no location"
    return _card(
        "Coverage",
        f"{number(figures.areas_with_data)} of {number(figures.areas_in_scope)}",
        f"areas. {detail}{unplaced}",
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
        Output(ids.HEADLINE, "children"),
        Input(ids.FIGURES, "data"),
        prevent_initial_call=True,
    )
    def show(query: str) -> list[html.Div]:
        dataset = open_dataset()
        return cards(dataset, from_store(query, dataset))
