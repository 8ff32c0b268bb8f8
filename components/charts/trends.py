"""The trends' panel: monthly counts by crime type, and the rate beside force and nation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, urlencode

from dash import dcc, html

from analysis.places import place
from analysis.selection import Part, Selection
from analysis.series import Series, compared_series
from analysis.wording import in_sentence
from data_pipeline.dataset import Dataset, period_label

from .. import ids, moves, theme
from ..addresses import address
from ..checks import MOST_CLICKS, texts, whole_number
from ..palette import LIGHT, Palette
from ..panel import APPEARANCE, FOLLOWS_COLOURS, Asked, Control, Opening, Panel
from ..stores import stored
from .figures import counts_figure, rates_figure
from .notes import (
    counts_note,
    counts_rows,
    data_table,
    difference_note,
    other_series_label,
    rates_note,
    rates_rows,
)

EXPORT = "/export/series.csv"
OPENED = f"{ids.OPENED}.data"
"""Names of the tables that the reader has opened."""


def subject(dataset: Dataset, selection: Selection, series: Series) -> str:
    """Return the name of what the charts show: the chosen area, or what is drawn of the scope.

    Parameters
    ----------
    dataset : Dataset
    selection : Selection
    series : Series
        Of the scope or of the chosen area.
    """
    if selection.area:
        found = place(dataset, selection.level, selection.area)
        if found is not None:
            return f"{found.label} ({found.code})"
    return series.drawn(selection.series).label


def export_address(query: str) -> str:
    """Return the address of the charts' figures: every month, not the period alone."""
    kept = [(name, text) for name, text in parse_qsl(query) if name not in ("from", "to")]
    return f"{address(EXPORT)}?{urlencode(kept, safe=',;')}"


def pictures(dataset: Dataset, selection: Selection, palette: Palette = LIGHT) -> dict[str, Any]:
    """Return the charts, by id and property: all that the colours of the page change.

    Parameters
    ----------
    dataset : Dataset
    selection : Selection
    palette : Palette
    """
    compared = compared_series(dataset, selection)
    series = next(iter(compared.values()))
    return {
        f"{ids.COUNTS}.figure": counts_figure(series, selection, palette),
        f"{ids.RATES}.figure": rates_figure(compared, selection, palette),
    }


def words(dataset: Dataset, selection: Selection) -> dict[str, Any]:
    """Return what the panel says of a Selection, by id and property."""
    compared = compared_series(dataset, selection)
    series = next(iter(compared.values()))
    what, name = selection.type_label(dataset), subject(dataset, selection, series)
    span = period_label(dataset.months[0], dataset.months[-1])
    other = other_series_label(compared, selection)
    return {
        f"{ids.TRENDS_TITLE}.children": [
            html.H2(f"{what} by month, {name}"),
            html.Span(f"{span}; the chosen period in full colour", className="muted"),
        ],
        f"{ids.TRENDS_NOTE}.children": difference_note(dataset, selection, series),
        f"{ids.CLEAR}.hidden": selection.area is None,
        f"{ids.SERIES}.children": other,
        f"{ids.SERIES}.hidden": not other,
        f"{ids.SERIES_DOWNLOAD}.href": export_address(stored(selection, dataset)),
        f"{ids.COUNTS_NOTE}.children": counts_note(series, selection),
        f"{ids.RATES_NOTE}.children": rates_note(compared, selection, _per(dataset, selection)),
    }


def _per(dataset: Dataset, selection: Selection) -> str:
    return in_sentence(selection.denominator_of(dataset).label)


def counts_table(dataset: Dataset, selection: Selection) -> html.Div:
    """Return the monthly counts as a table."""
    series = next(iter(compared_series(dataset, selection).values()))
    what, name = selection.type_label(dataset), subject(dataset, selection, series)
    total = ["Total"] if len(series.types) > 1 else []
    return data_table(
        f"{what} by month, {name}",
        ["Month", *series.types.values(), *total, "Coverage"],
        counts_rows(series, series.drawn(selection.series)),
    )


def rates_table(dataset: Dataset, selection: Selection) -> html.Div:
    """Return the monthly rates as a table."""
    compared = compared_series(dataset, selection)
    drawn = [series.drawn(selection.series) for series in compared.values()]
    what, per = selection.type_label(dataset), _per(dataset, selection)
    return data_table(
        f"{what}: rate per 1,000 {per} a year, by month",
        ["Month", *(basis.label for basis in drawn)],
        rates_rows(drawn),
    )


TABLES = {ids.COUNTS_TABLE: counts_table, ids.RATES_TABLE: rates_table}


def tables(asked: Asked) -> dict[str, Any]:
    """Return the tables that the reader has opened; one that is closed says nothing old."""
    opened = asked.known[OPENED] or []
    shown = {
        f"{name}.children": table(asked.dataset, asked.selection)
        for name, table in TABLES.items()
        if name in opened
    }
    return {f"{name}.children": [] for name in TABLES} | shown


def layout(opening: Opening) -> html.Section:
    """Return the trends' panel."""
    return theme.panel(
        html.Div(
            [
                html.Div(id=ids.TRENDS_TITLE, className="panel-title"),
                html.Div(
                    [
                        html.Button(
                            "Clear the chosen area",
                            id=ids.CLEAR,
                            type="button",
                            className="quiet",
                            hidden=True,
                        ),
                        html.Button(id=ids.SERIES, type="button", className="quiet", hidden=True),
                        html.A(
                            "Download CSV",
                            id=ids.SERIES_DOWNLOAD,
                            href=address(EXPORT),
                            className="button",
                            download="",
                        ),
                    ],
                    className="panel-tools",
                ),
            ],
            className="panel-head",
        ),
        html.P(id=ids.TRENDS_NOTE, className="muted small"),
        html.Div(
            [
                _chart("Monthly counts", ids.COUNTS, ids.COUNTS_NOTE, ids.COUNTS_TABLE),
                _chart("Rate against force and nation", ids.RATES, ids.RATES_NOTE, ids.RATES_TABLE),
            ],
            className="charts",
        ),
        dcc.Store(id=ids.OPENED),
        label="Trends",
        className="trends-panel",
    )


def _chart(heading: str, graph: str, note: str, table: str) -> html.Div:
    return html.Div(
        [
            html.H3(heading),
            html.Div(
                dcc.Graph(id=graph, config=theme.GRAPH_CONFIG, responsive=True), className="chart"
            ),
            html.Div(id=note, className="muted small"),
            html.Details(
                [html.Summary("Show as a table"), html.Div(id=table, className="filled")],
                className="filled-when-opened",
            ),
        ],
        className="chart-frame",
    )


def show(asked: Asked) -> Mapping[str, Any]:
    """Return charts, words and opened tables; another colour changes the charts alone."""
    sent: dict[str, Any] = {}
    if asked.differs(FOLLOWED) or APPEARANCE in asked.woken:
        sent |= pictures(asked.dataset, asked.selection, asked.palette)
    if asked.differs(FOLLOWED):
        sent |= words(asked.dataset, asked.selection)
    if asked.differs(FOLLOWED) or OPENED in asked.woken:
        sent |= tables(asked)
    return sent


FOLLOWED = Part.FIGURES | Part.AREA | Part.SERIES

PANEL = Panel(
    "trends",
    layout,
    outputs=(
        *(f"{chart}.figure" for chart in (ids.COUNTS, ids.RATES)),
        *(f"{part}.children" for part in (ids.TRENDS_TITLE, ids.TRENDS_NOTE, ids.SERIES)),
        *(f"{part}.children" for part in (ids.COUNTS_NOTE, ids.COUNTS_TABLE)),
        *(f"{part}.children" for part in (ids.RATES_NOTE, ids.RATES_TABLE)),
        *(f"{ids.CLEAR}.hidden", f"{ids.SERIES}.hidden", f"{ids.SERIES_DOWNLOAD}.href"),
    ),
    follows=FOLLOWED,
    wakes={**FOLLOWS_COLOURS, OPENED: texts(len(TABLES))},
    show=show,
    late=True,
    controls={
        f"{ids.CLEAR}.n_clicks": Control(moves.without_area, whole_number(MOST_CLICKS)),
        f"{ids.SERIES}.n_clicks": Control(moves.with_other_series, whole_number(MOST_CLICKS)),
    },
)
