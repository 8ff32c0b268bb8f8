"""The trend charts: monthly counts by crime type, and the rate beside force and nation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd
import plotly.graph_objects as go
from dash import Dash, Input, Output, dcc, html
from dash.exceptions import PreventUpdate

from analysis.places import place
from analysis.selection import Selection
from analysis.series import MonthlySeries, RateComparison, monthly_series, rate_comparison
from analysis.wording import number
from data_pipeline.dataset import Dataset, month_label, month_number, period_label

from . import ids, theme
from .navigation import OpenDataset, from_store
from .palette import LIGHT, Palette, palette_of

SHOWN_TYPES = 6
ROLLING = 12


def subject(dataset: Dataset, selection: Selection) -> str:
    """Return the name of what the charts show: the chosen area, or the whole scope."""
    if selection.area:
        found = place(dataset, selection.level, selection.area)
        if found is not None:
            return f"{found.label} ({found.code})"
    return selection.place_label(dataset)


def counts_figure(
    series: MonthlySeries, selection: Selection, palette: Palette = LIGHT
) -> go.Figure:
    """Return the bars of monthly counts, by crime type where there are several.

    Months outside the chosen period are pale; a month without data is a gap.
    """
    figure = go.Figure()
    months = [_first_day(month) for month in series.frame["month"]]
    inside = series.frame["month"].between(selection.first, selection.last)
    for name, values, colour in _stacks(series, palette):
        figure.add_bar(
            x=months,
            y=values.astype(float),
            name=name,
            marker={"color": colour, "opacity": [1.0 if chosen else 0.4 for chosen in inside]},
            hovertemplate="%{y:,.0f}",
        )
    if len(series.types) == 1:
        rolling = series.frame["total"].astype(float).rolling(ROLLING).mean()
        figure.add_scatter(
            x=months,
            y=rolling,
            name=f"{ROLLING}-month mean",
            mode="lines",
            line={"color": palette.ink, "width": 2},
            hovertemplate="%{y:,.1f}",
        )
    figure.update_layout(theme.chart_layout(palette, barmode="stack", bargap=0.15))
    figure.update_xaxes(hoverformat="%B %Y")
    figure.update_yaxes(tickformat=",~r")
    _mark_gaps(figure, series, palette)
    return figure


@dataclass(frozen=True)
class Stack:
    """One colour of the stacked bars."""

    name: str
    values: pd.Series
    colour: str

    def __iter__(self) -> Any:
        return iter((self.name, self.values, self.colour))


def _stacks(series: MonthlySeries, palette: Palette) -> list[Stack]:
    """Return the largest crime types, and the others together."""
    frame, names = series.frame, series.types
    if len(names) == 1:
        slug = next(iter(names))
        return [Stack(names[slug], frame[slug], palette.categories[0])]
    largest = sorted(names, key=lambda slug: frame[slug].sum(), reverse=True)
    shown = largest if len(largest) <= SHOWN_TYPES + 1 else largest[:SHOWN_TYPES]
    rest = [slug for slug in largest if slug not in shown]
    stacks = [
        Stack(names[slug], frame[slug], colour)
        for slug, colour in zip(shown, palette.categories, strict=False)
    ]
    if rest:
        others = frame[rest].sum(axis=1, min_count=1)
        stacks.append(Stack(f"{len(rest)} other types", others, palette.categories[-1]))
    return stacks


def rates_figure(comparison: RateComparison, palette: Palette = LIGHT) -> go.Figure:
    """Return the lines of the monthly rate: area, force, England and Wales."""
    figure = go.Figure()
    months = [_first_day(month) for month in comparison.frame["month"]]
    colours = dict(zip(("area", "force", "nation"), palette.comparison, strict=True))
    for column, label in comparison.lines.items():
        main = column == next(iter(comparison.lines))
        figure.add_scatter(
            x=months,
            y=comparison.frame[column].astype(float),
            name=label,
            mode="lines+markers" if main else "lines",
            connectgaps=False,
            line={
                "color": colours[column],
                "width": 2.5 if main else 1.5,
                "dash": "solid" if main else ("dash" if column == "force" else "dot"),
            },
            marker={"size": 5},
            hovertemplate="%{y:,.1f}",
        )
    figure.update_layout(theme.chart_layout(palette))
    figure.update_xaxes(hoverformat="%B %Y")
    return figure


def _first_day(month: str) -> str:
    return f"{month}-01"


def _mark_gaps(figure: go.Figure, series: MonthlySeries, palette: Palette) -> None:
    """Shade the months without data and mark changes of definition: neither is a real change."""
    for first, last in gaps(series):
        figure.add_vrect(
            x0=pd.Timestamp(_first_day(first)) - pd.Timedelta(days=15),
            x1=pd.Timestamp(_first_day(last)) + pd.Timedelta(days=15),
            fillcolor=palette.no_data,
            opacity=0.35,
            line_width=0,
            layer="below",
            annotation={"text": "No data", "font": {"size": 11, "color": palette.muted}},
            annotation_position="top left",
        )

    for month, sentence in series.breaks:
        figure.add_vline(
            x=_first_day(month),
            line={"color": palette.muted, "dash": "dash", "width": 1},
            annotation={"text": sentence, "font": {"size": 11, "color": palette.muted}},
        )


def gaps(series: MonthlySeries) -> list[tuple[str, str]]:
    """Return the runs of months without data, each as its first and last month."""
    runs: list[tuple[str, str]] = []
    previous_empty = False
    for month, reporting in zip(series.frame["month"], series.frame["reporting"], strict=True):
        empty = reporting == "none"
        if empty and previous_empty:
            runs[-1] = (runs[-1][0], month)
        elif empty:
            runs.append((month, month))
        previous_empty = empty
    return runs


def reasons(series: MonthlySeries) -> str:
    """Return one sentence for each reason why a month is missing or incomplete."""
    frame = series.frame[series.frame["reason"] != ""]
    sentences = [
        f"{sentence}: figures before and after are not comparable." for _, sentence in series.breaks
    ]
    for reason, months in frame.groupby("reason", sort=False)["month"]:
        when = _span(list(months))
        sentences.append(f"{reason} ({when}).")
    return " ".join(sentences)


def _span(months: list[str]) -> str:
    """Return months in words: one, an unbroken span, or how many between two."""
    first, last = months[0], months[-1]
    if len(months) == month_number(last) - month_number(first) + 1:
        return period_label(first, last)
    return f"{len(months)} months from {period_label(first, last)}"


def reporting_forces(dataset: Dataset) -> str:
    """Return the sentence that says whose figures the national line holds."""
    reporting = dataset.supplied.sum(axis=1)
    fewest, most, forces = int(reporting.min()), int(reporting.max()), len(dataset.forces)
    if fewest == forces:
        return "England and Wales is all forces."
    span = f"{most}" if fewest == most else f"{fewest} to {most}"
    return (
        f"England and Wales is the forces that supplied the month, {span} of {forces}: where they "
        "change, so does the line."
    )


def data_table(caption: str, headings: Sequence[str], rows: Sequence[Sequence[str]]) -> list[Any]:
    """Return a picture's figures as a table that opens below it."""
    return [
        html.Details(
            [
                html.Summary("Show as a table"),
                html.Div(
                    html.Table(
                        [
                            html.Caption(caption),
                            html.Thead(html.Tr([html.Th(text, scope="col") for text in headings])),
                            html.Tbody(
                                [
                                    html.Tr([html.Th(row[0], scope="row"), *map(html.Td, row[1:])])
                                    for row in rows
                                ]
                            ),
                        ],
                        className="data-table",
                    ),
                    className="data-table-frame",
                    tabIndex=0,
                ),
            ]
        )
    ]


def counts_rows(series: MonthlySeries) -> list[list[str]]:
    """Return the monthly counts as rows of text, the latest month first."""
    columns = [*series.types, *(["total"] if len(series.types) > 1 else [])]
    return [
        [
            month_label(row["month"]),
            *(number(row[column]) for column in columns),
            row["reason"] or "complete",
        ]
        for row in reversed(series.frame.to_dict("records"))
    ]


def rates_rows(comparison: RateComparison) -> list[list[str]]:
    """Return the monthly rates as rows of text, the latest month first."""
    return [
        [month_label(row["month"]), *(number(row[column], 1) for column in comparison.lines)]
        for row in reversed(comparison.frame.to_dict("records"))
    ]


def layout() -> html.Section:
    """Return the trends' panel."""
    return theme.panel(
        html.Div(
            [
                html.Div(id=ids.TRENDS_TITLE, className="panel-title"),
                html.Button(
                    "Clear the chosen area",
                    id=ids.CLEAR,
                    type="button",
                    className="quiet",
                    hidden=True,
                ),
            ],
            className="panel-head",
        ),
        html.Div(
            [
                _chart("Monthly counts", ids.COUNTS, ids.COUNTS_NOTE, ids.COUNTS_TABLE),
                _chart("Rate against force and nation", ids.RATES, ids.RATES_NOTE, ids.RATES_TABLE),
            ],
            className="charts",
        ),
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
            html.P(id=note, className="muted small"),
            html.Div(id=table),
        ],
        className="chart-frame",
    )


def register(app: Dash, open_dataset: OpenDataset) -> None:
    """Connect the charts."""

    @app.callback(
        Output(ids.TRENDS_TITLE, "children"),
        Output(ids.CLEAR, "hidden"),
        Output(ids.COUNTS, "figure"),
        Output(ids.COUNTS_NOTE, "children"),
        Output(ids.COUNTS_TABLE, "children"),
        Output(ids.RATES, "figure"),
        Output(ids.RATES_NOTE, "children"),
        Output(ids.RATES_TABLE, "children"),
        Input(ids.FOCUS, "data"),
        Input(ids.APPEARANCE, "data"),
        prevent_initial_call=True,
    )
    def show(query: str | None, appearance: str | None) -> tuple[Any, ...]:
        if query is None:
            raise PreventUpdate
        palette = palette_of(appearance)
        dataset = open_dataset()
        selection = from_store(query, dataset)
        series = monthly_series(dataset, selection)
        comparison = rate_comparison(dataset, selection)
        name = subject(dataset, selection)
        what = selection.type_label(dataset)
        per = selection.denominator_of(dataset).label
        span = f"{month_label(dataset.months[0])} to {month_label(dataset.months[-1])}"
        total = ["Total"] if len(series.types) > 1 else []
        return (
            [
                html.H2(f"{what} by month, {name}"),
                html.Span(f"{span}; the chosen period in full colour", className="muted"),
            ],
            selection.area is None,
            counts_figure(series, selection, palette),
            reasons(series) or "Every month supplied.",
            data_table(
                f"{what} by month, {name}",
                ["Month", *series.types.values(), *total, "Coverage"],
                counts_rows(series),
            ),
            rates_figure(comparison, palette),
            f"Each month's count scaled to a year, per 1,000 {per}. {reporting_forces(dataset)}",
            data_table(
                f"{what}: rate per 1,000 {per} a year, by month",
                ["Month", *comparison.lines.values()],
                rates_rows(comparison),
            ),
        )
