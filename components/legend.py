"""The legend under the map: every class with its colour and how many areas are in it."""

from __future__ import annotations

from typing import Any

from dash import html

from analysis.classes import NO_DATA_CLASS, NONE_CLASS, class_labels
from analysis.wording import number

from . import theme
from .map_drawing import CIRCLE_OPACITY, Drawing


def legend(drawn: Drawing) -> html.Ul:
    """Return the legend of what the map draws; "no data" comes last."""
    labels = ("No data", *class_labels(drawn.breaks))
    classes = drawn.classes
    entries = [
        _entry(label, _sign(drawn, index), int((classes == index).sum()))
        for index, label in enumerate(labels, start=NO_DATA_CLASS)
    ]
    return html.Ul([*entries[1:], entries[0]], className="legend")


def _sign(drawn: Drawing, index: int) -> html.Span:
    """Return the coloured field, or the circle, that stands for a class on the map."""
    if drawn.coloured or index <= NONE_CLASS:
        colour = drawn.colours[index - NO_DATA_CLASS]
        return html.Span(className="swatch", style={"backgroundColor": colour})
    width = f"{2 * drawn.radii[index - NONE_CLASS - 1]}px"
    style: dict[str, Any] = {
        "width": width,
        "height": width,
        "backgroundColor": theme.ACCENT,
        "opacity": CIRCLE_OPACITY,
    }
    return html.Span(html.Span(className="circle", style=style), className="circle-field")


def _entry(label: str, sign: html.Span, areas: int) -> html.Li:
    return html.Li(
        [
            sign,
            html.Span(label, className="legend-label"),
            html.Span(f"{number(areas)} {'area' if areas == 1 else 'areas'}", className="muted"),
        ]
    )
