"""The pictures of the trends: bars of monthly counts, and lines of the monthly rate.

Figures are plain dictionaries as plotly.js reads them: graph objects check every attribute at every
change, which takes longer than all the rest of an answer. Tests check them instead.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import pandas as pd

from analysis.selection import Selection
from analysis.series import Basis, Series

from .. import theme
from ..palette import LIGHT, Palette

Figure = dict[str, Any]
"""Traces as "data", and "layout"."""

SHOWN_TYPES = 6
ROLLING = 12
MONTHLY_TICKS = 6
"""Up to so many months every one has its own tick; plotly would name days and hours."""

HATCH = {"shape": "/", "size": 5, "solidity": 0.25, "fillmode": "overlay"}
"""Pattern of a bar that a part of the forces supplied."""


def counts_figure(series: Series, selection: Selection, palette: Palette = LIGHT) -> Figure:
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
    basis = series.drawn(selection.series)
    frame = basis.frame
    months = frame["month"].tolist()
    days = [_first_day(month) for month in months]
    inside = [1.0 if selection.first <= month <= selection.last else 0.4 for month in months]
    shapes = [HATCH["shape"] if part else "" for part in frame["partial"]]
    traces: list[dict[str, Any]] = [
        {
            "type": "bar",
            "x": days,
            "y": _plain(stack.values),
            "name": stack.name,
            "marker": {
                "color": stack.colour,
                "opacity": inside,
                "pattern": {**HATCH, "shape": shapes},
            },
            "hovertemplate": "%{y:,.0f}",
        }
        for stack in _stacks(series, basis, palette)
    ]
    mean = rolling_mean(frame)
    if len(series.types) == 1 and mean.notna().any():
        traces.append(
            {
                "type": "scatter",
                "x": days,
                "y": _plain(mean),
                "name": f"{ROLLING}-month mean",
                "mode": "lines",
                "connectgaps": False,
                "line": {"color": palette.ink, "width": 2},
                "hovertemplate": "%{y:,.1f}",
            }
        )
    layout = theme.chart_layout(palette, barmode="stack", bargap=0.15)
    layout["xaxis"] |= month_axis(months)
    layout["yaxis"] |= {"tickformat": ",~r"}
    marks = [*_gap_marks(basis, palette), *_break_marks(series, palette)]
    layout["shapes"] = [shape for shape, _ in marks]
    layout["annotations"] = [annotation for _, annotation in marks]
    return {"data": traces, "layout": layout}


def _plain(values: pd.Series) -> list[float | None]:
    """Return numbers as JSON has them: None where there is none."""
    return [
        None if math.isnan(value) else int(value) if value.is_integer() else value
        for value in values.astype(float).round(4).tolist()
    ]


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
) -> Figure:
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
    colours = dict(zip(("area", "force", "nation"), palette.comparison, strict=True))
    main = next(iter(compared))
    traces = [
        _line(series.drawn(selection.series), column, colours[column], column == main)
        for column, series in compared.items()
    ]
    layout = theme.chart_layout(palette, showlegend=True)
    layout["xaxis"] |= month_axis(compared[main].supplied.frame["month"].tolist())
    return {"data": traces, "layout": layout}


def _line(basis: Basis, column: str, colour: str, main: bool) -> dict[str, Any]:
    points = _broken(basis.frame)
    dashes = {"force": "dash", "nation": "dot"}
    return {
        "type": "scatter",
        "x": [_first_day(month) for month in points["month"]],
        "y": _plain(points["rate_per_1000"]),
        "name": basis.label,
        "mode": "lines+markers" if main or basis.frame["partial"].any() else "lines",
        "connectgaps": False,
        "line": {
            "color": colour,
            "width": 2.5 if main else 1.5,
            "dash": "solid" if main else dashes[column],
        },
        "marker": {
            "size": 5 if main else 4,
            "symbol": ["circle-open" if part else "circle" for part in points["partial"]],
        },
        "hovertemplate": "%{y:,.1f}",
    }


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
    axis: dict[str, Any] = {"type": "date", "hoverformat": "%B %Y"}
    if len(months) > MONTHLY_TICKS:
        return axis
    return {
        **axis,
        "dtick": "M1",
        "tick0": _first_day(months[0]),
        "tickformat": "%b %Y",
        "range": [_days_from(months[0], -20), _days_from(months[-1], 20)],
    }


def _first_day(month: str) -> str:
    return f"{month}-01"


def _days_from(month: str, days: int) -> str:
    """Return the day so many days from the first one of a month."""
    return (date.fromisoformat(_first_day(month)) + timedelta(days)).isoformat()


Mark = tuple[dict[str, Any], dict[str, Any]]
"""Something over the whole height of a chart: a shape, and the words at its top."""


def _mark(shape: dict[str, Any], at: str, words: str, palette: Palette) -> Mark:
    whole_height = {"xref": "x", "yref": "y domain", "y0": 0, "y1": 1}
    annotation = {
        **{"xref": "x", "yref": "y domain", "x": at, "y": 1},
        **{"xanchor": "left", "yanchor": "top", "showarrow": False},
        **{"text": words, "font": {"size": 11, "color": palette.muted}},
    }
    return {**whole_height, **shape}, annotation


def _gap_marks(basis: Basis, palette: Palette) -> list[Mark]:
    """Shade the months without data, which are no real change."""
    looks = {
        **{"type": "rect", "layer": "below"},
        **{"fillcolor": palette.no_data, "opacity": 0.35, "line": {"width": 0}},
    }
    edges = [(_days_from(first, -15), _days_from(last, 15)) for first, last in gaps(basis)]
    return [
        _mark({**looks, "x0": start, "x1": end}, start, "No data", palette) for start, end in edges
    ]


def _break_marks(series: Series, palette: Palette) -> list[Mark]:
    """Mark changes of definition, which are no real change."""
    looks = {"type": "line", "line": {"color": palette.muted, "dash": "dash", "width": 1}}
    days = [(_first_day(month), sentence) for month, sentence in series.breaks]
    return [_mark({**looks, "x0": day, "x1": day}, day, words, palette) for day, words in days]


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
