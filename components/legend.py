"""The legend under the map: every class with its colour and how many areas are in it."""

from __future__ import annotations

import numpy as np
from dash import html

from analysis.classes import NO_DATA_CLASS, NONE_CLASS, class_labels, readable
from analysis.wording import number

from . import theme
from .map_drawing import Drawing, circle_diameters

SHARES = (1.0, 0.25, 0.0625)
"""Counts shown as sample circles, as shares of the highest."""


def legend(drawn: Drawing) -> html.Ul:
    """Return the legend of what the map draws."""
    if not drawn.measure.per_area:
        return _circle_legend(drawn)
    labels = ("No data", *class_labels(drawn.breaks))
    classes = drawn.classes
    entries = [
        _entry(label, colour, int((classes == index).sum()))
        for index, (label, colour) in enumerate(
            zip(labels, drawn.colours, strict=True), start=NO_DATA_CLASS
        )
    ]
    return html.Ul([*entries[1:], entries[0]], className="legend")


def _circle_legend(drawn: Drawing) -> html.Ul:
    counts, classes = drawn.values, drawn.classes
    highest = float(np.nanmax(counts, initial=0))
    samples = dict.fromkeys(readable(max(highest * share, 1)) for share in SHARES)
    circles = [_circle(sample, highest) for sample in samples] if highest else []
    none = _entry("None", theme.NONE, int((counts == 0).sum()))
    no_data = _entry("No data", theme.NO_DATA, int((classes < NONE_CLASS).sum()))
    return html.Ul([*circles, none, no_data], className="legend circles")


def _circle(count: float, highest: float) -> html.Li:
    width = float(circle_diameters(np.array([count]), highest)[0])
    style = {"width": f"{width}px", "height": f"{width}px", "backgroundColor": theme.ACCENT}
    return html.Li(
        [
            html.Span(className="circle", style=style),
            html.Span(number(count), className="legend-label"),
        ]
    )


def _entry(label: str, colour: str, areas: int) -> html.Li:
    return html.Li(
        [
            html.Span(className="swatch", style={"backgroundColor": colour}),
            html.Span(label, className="legend-label"),
            html.Span(f"{number(areas)} {'area' if areas == 1 else 'areas'}", className="muted"),
        ]
    )
