"""The pictures of the trends: bars of monthly counts, and lines of the monthly rate."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd
import plotly.graph_objects as go

from analysis.selection import Selection
from analysis.series import Basis, Series

from .. import theme
from ..palette import LIGHT, Palette

SHOWN_TYPES = 6
ROLLING = 12
MONTHLY_TICKS = 6
"""Up to so many months every one has its own tick; plotly would name days and hours."""

HATCH = {"shape": "/", "size": 5, "solidity": 0.25}
"""Pattern of a bar that a part of the forces supplied."""


def counts_figure(series: Series, selection: Selection, palette: Palette = LIGHT) -> go.Figure:
    """Return the bars of monthly counts, by crime type where there are several.

    Months outside the chosen period are pale, months that a part of the forces supplied hatched; a
    month without data is a gap.

    Parameters
    ----------
    series : Series
    selection : Selection
        Its period is drawn in full colour, its basis of the series is the one drawn.
    palette : Palette
    """
    figure = go.Figure()
    basis = series.drawn(selection.series)
    frame = basis.frame
    months = [_first_day(month) for month in frame["month"]]
    inside = frame["month"].between(selection.first, selection.last)
    hatch = {**HATCH, "shape": [HATCH["shape"] if part else "" for part in frame["partial"]]}
    for stack in _stacks(series, basis, palette):
        figure.add_bar(
            x=months,
            y=stack.values.astype(float),
            name=stack.name,
            marker={
                "color": stack.colour,
                "opacity": [1.0 if chosen else 0.4 for chosen in inside],
                "pattern": hatch,
            },
            hovertemplate="%{y:,.0f}",
        )
    mean = rolling_mean(frame)
    if len(series.types) == 1 and mean.notna().any():
        figure.add_scatter(
            x=months,
            y=mean,
            name=f"{ROLLING}-month mean",
            mode="lines",
            connectgaps=False,
            line={"color": palette.ink, "width": 2},
            hovertemplate="%{y:,.1f}",
        )
    figure.update_layout(theme.chart_layout(palette, barmode="stack", bargap=0.15))
    figure.update_xaxes(month_axis(frame["month"].tolist()))
    figure.update_yaxes(tickformat=",~r")
    _mark_gaps(figure, series, basis, palette)
    return figure


def rolling_mean(frame: pd.DataFrame) -> pd.Series:
    """Return the mean of the last twelve months, NaN where they are not of the same forces."""
    runs = frame.groupby("run")["count"]
    return runs.transform(lambda counts: counts.astype(float).rolling(ROLLING).mean())


@dataclass(frozen=True)
class Stack:
    """One colour of the stacked bars."""

    name: str
    values: pd.Series
    colour: str


def _stacks(series: Series, basis: Basis, palette: Palette) -> list[Stack]:
    """Return the largest crime types, and the others together."""
    frame, names = basis.frame, series.types
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


def rates_figure(
    compared: dict[str, Series], selection: Selection, palette: Palette = LIGHT
) -> go.Figure:
    """Return the lines of the monthly rate: area, force, England and Wales.

    A line is broken where its forces change; a month that a part of them supplied has an open
    marker.

    Parameters
    ----------
    compared : dict
        As from ``series.compared_series``; the first is drawn strongest.
    selection : Selection
        Its basis of each series is the one drawn.
    palette : Palette
    """
    figure = go.Figure()
    colours = dict(zip(("area", "force", "nation"), palette.comparison, strict=True))
    frame = next(iter(compared.values())).supplied.frame
    for column, series in compared.items():
        main = column == next(iter(compared))
        basis = series.drawn(selection.series)
        points = _broken(basis.frame)
        figure.add_scatter(
            x=[_first_day(month) for month in points["month"]],
            y=points["rate_per_1000"].astype(float),
            name=basis.label,
            mode="lines+markers" if main or basis.frame["partial"].any() else "lines",
            connectgaps=False,
            line={
                "color": colours[column],
                "width": 2.5 if main else 1.5,
                "dash": "solid" if main else ("dash" if column == "force" else "dot"),
            },
            marker={
                "size": 5 if main else 4,
                "symbol": ["circle-open" if part else "circle" for part in points["partial"]],
            },
            hovertemplate="%{y:,.1f}",
        )
    figure.update_layout(theme.chart_layout(palette, showlegend=True))
    figure.update_xaxes(month_axis(frame["month"].tolist()))
    return figure


def _broken(frame: pd.DataFrame) -> pd.DataFrame:
    """Return the months of a line, with a gap wherever its forces or definitions change."""
    starts = frame.index[frame["run"].diff().fillna(0) != 0]
    gaps = frame.loc[starts, ["month", "rate_per_1000", "partial"]]
    gaps = gaps.assign(rate_per_1000=float("nan"))
    gaps.index = gaps.index - 0.5
    points = frame[["month", "rate_per_1000", "partial"]]
    return pd.concat([points, gaps]).sort_index() if len(gaps) else points


def month_axis(months: list[str]) -> dict[str, Any]:
    """Return what a chart's axis of months needs: whole months, however few they are."""
    axis: dict[str, Any] = {"hoverformat": "%B %Y"}
    if len(months) > MONTHLY_TICKS:
        return axis
    margin = pd.Timedelta(days=20)
    edges = [pd.Timestamp(_first_day(month)) for month in (months[0], months[-1])]
    return {
        **axis,
        "dtick": "M1",
        "tick0": _first_day(months[0]),
        "tickformat": "%b %Y",
        "range": [(edges[0] - margin).isoformat(), (edges[1] + margin).isoformat()],
    }


def _first_day(month: str) -> str:
    return f"{month}-01"


def _mark_gaps(figure: go.Figure, series: Series, basis: Basis, palette: Palette) -> None:
    """Shade the months without data and mark changes of definition: neither is a real change."""
    for first, last in gaps(basis):
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


def gaps(basis: Basis) -> list[tuple[str, str]]:
    """Return the runs of months in which nothing can be shown, each as first and last month."""
    runs: list[tuple[str, str]] = []
    previous_empty = False
    for month, count in zip(basis.frame["month"], basis.frame["count"], strict=True):
        empty = bool(pd.isna(count))
        if empty and previous_empty:
            runs[-1] = (runs[-1][0], month)
        elif empty:
            runs.append((month, month))
        previous_empty = empty
    return runs
