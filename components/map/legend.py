"""The legend under the map: every class with its colour, and how many areas are in it."""

from __future__ import annotations

from typing import Any

import numpy as np
from dash import html

from analysis.classes import METHODS, NO_DATA_CLASS, NONE_CLASS, PART_CLASS
from analysis.wording import change, number

from .. import theme
from .drawing import CIRCLE_OPACITY, Drawing

NO_DATA_LABELS = {NO_DATA_CLASS: "No data", PART_CLASS: "Part of the period"}
NO_COMPARISON = "No comparison"
NO_CLEAR_CHANGE = "No clear change"


def legend(drawn: Drawing) -> html.Ul:
    """Return the legend of what the map draws, a bar of its areas over each class.

    Areas without a figure come last; an area whose force supplied some of the months has an
    entry of its own.
    """
    numbers = drawn.numbers
    labels = dict(enumerate(drawn.classes.labels, start=NONE_CLASS))
    labels |= NO_DATA_LABELS
    if drawn.classes.diverging:
        labels |= {NONE_CLASS: NO_CLEAR_CHANGE, NO_DATA_CLASS: NO_COMPARISON}
    areas = {index: int((numbers == index).sum()) for index in labels}
    if not areas[PART_CLASS]:
        del labels[PART_CLASS]
    most = max(*areas.values(), 1)
    return html.Ul(
        [
            _entry(label, _sign(drawn, index), areas[index], areas[index] / most, index)
            for index, label in labels.items()
        ],
        className="legend",
        **theme.aria(label="Legend, with the number of areas in each class"),
    )


def explanation(drawn: Drawing) -> str:
    """Return the sentence that says how the classes were chosen, or why there is little to see."""
    figures = drawn.values[np.isfinite(drawn.values)]
    if figures.size == 0:
        return "No area here has a figure for this period."
    if drawn.values.size == 1:
        return "There is one area here; its class is that of the whole nation."
    if not figures.any():
        unchanged = drawn.classes.diverging
        return "No area here has changed." if unchanged else "Every area with data here has none."
    if (figures == figures[0]).all():
        value = (
            change(figures[0])
            if drawn.classes.diverging
            else number(figures[0], drawn.measure.decimals)
        )
        return f"Every area with data here has the same figure, {value}."
    return METHODS[drawn.classes.method].sentence


def _sign(drawn: Drawing, index: int) -> html.Span:
    """Return the coloured field, or the circle, that stands for a class on the map."""
    if drawn.coloured or index <= NONE_CLASS:
        colour = drawn.colours[index - PART_CLASS]
        classes = " ".join(["swatch", *_lines(drawn, index)])
        return html.Span(className=classes, style={"backgroundColor": colour})
    width = f"{2 * drawn.radii[index - NONE_CLASS - 1]}px"
    style: dict[str, Any] = {
        "width": width,
        "height": width,
        "backgroundColor": drawn.palette.circle,
        "opacity": CIRCLE_OPACITY,
    }
    return html.Span(html.Span(className="circle", style=style), className="circle-field")


def _lines(drawn: Drawing, index: int) -> list[str]:
    """Return how a class is lined on the map, if it is: only whole forces are hatched."""
    plain = bool((drawn.numbers == index).any()) and not drawn.silent.get(index)
    lined = {NO_DATA_CLASS: "crossed", PART_CLASS: "hatched"}
    return [lined[index]] if index in lined and not plain else []


def _entry(label: str, sign: html.Span, areas: int, share: float, index: int) -> html.Li:
    bar = html.Span(className="bar", style={"height": f"{100 * share:.1f}%"})
    return html.Li(
        [
            html.Span(bar, className="bar-field"),
            sign,
            html.Span(label, className="legend-label"),
            html.Span(f"{number(areas)} {'area' if areas == 1 else 'areas'}", className="muted"),
        ],
        className="without-figure" if index < NONE_CLASS else None,
    )
