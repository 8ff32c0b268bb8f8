"""Chart defaults and the few shapes that every panel shares."""

from __future__ import annotations

from typing import Any

from dash import html

from .palette import Palette

FONT = 'system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", sans-serif'


def chart_layout(palette: Palette, **changes: Any) -> dict[str, Any]:
    """Return the layout that the page's charts share, with some entries changed."""
    layout: dict[str, Any] = {
        "font": {"family": FONT, "size": 12, "color": palette.ink},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "margin": {"l": 48, "r": 8, "t": 8, "b": 8},
        "hovermode": "x unified",
        "hoverlabel": {
            "align": "left",
            "bgcolor": palette.paper,
            "bordercolor": palette.rule,
            "font": {"color": palette.ink},
        },
        "xaxis": {
            "automargin": True,
            "showgrid": False,
            "linecolor": palette.rule,
            "ticks": "outside",
            "tickcolor": palette.rule,
        },
        "yaxis": {
            "automargin": True,
            "gridcolor": palette.rule,
            "rangemode": "tozero",
            "zeroline": False,
        },
        "legend": {
            "orientation": "h",
            "y": 1.02,
            "yanchor": "bottom",
            "x": 0,
            "traceorder": "normal",
        },
    }
    return {**layout, **changes}


GRAPH_CONFIG: Any = {
    "displayModeBar": False,
    "responsive": True,
}


def aria(**attributes: str) -> dict[str, Any]:
    """Return attributes for screen readers, as components take them.

    >>> aria(label="Map")
    {'aria-label': 'Map'}
    """
    return {f"aria-{name}": value for name, value in attributes.items()}


def panel(*children: Any, label: str, **properties: Any) -> html.Section:
    """Return a card of the page, announced to screen readers as `label`."""
    classes = " ".join(["panel", properties.pop("className", "")]).strip()
    return html.Section(list(children), className=classes, **aria(label=label), **properties)
