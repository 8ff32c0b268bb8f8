"""The nation at once: one dot for every neighbourhood, the highest on top.

Polygons at this scale mislead: small city areas vanish and empty countryside dominates. The dots'
places travel once, by hashed address; a change of filter sends one character for each dot. When
the reader zooms in, the force in the middle of the map is drawn as areas instead.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import plotly.graph_objects as go

from analysis.classes import PART_CLASS

from ..addresses import address
from .drawing import FORCE_NAMES, Drawing

DOT_SIZES = ((0.0, 3.5), (6.6, 5.0), (7.8, 7.0))
"""Zooms, and the diameter of the dots in pixels from there on."""

ABSENT = "."
"""Stands for an area that is not drawn as a dot; the others are digits, "0" for PART_CLASS."""


def blank_dots() -> go.Scattermap:
    """Return the trace that the browser fills with dots.

    Until then it holds one point without size: a trace that is hidden at first is drawn above
    the names for good.
    """
    return go.Scattermap(
        lat=[0],
        lon=[0],
        customdata=[],
        mode="markers",
        below=FORCE_NAMES,
        hoverinfo="none",
        showlegend=False,
        marker={"size": 0, "opacity": 0.95, "showscale": False},
    )


def dot_size(zoom: float) -> float:
    """Return the diameter of the dots at a zoom, in pixels."""
    return [size for start, size in DOT_SIZES if zoom >= start][-1]


def dots(drawn: Drawing, zoom: float) -> dict[str, Any]:
    """Return what the browser needs to draw the dots.

    Returns
    -------
    dict
        url of the places, one class character per area of the dataset, the colours of the
        classes and the size of the dots.
    """
    characters = np.full(len(drawn.dataset.areas), ord(ABSENT), dtype=np.uint8)
    shown = drawn.column("force") != drawn.force
    part, no_data, _, *steps = drawn.colours
    digits = (drawn.numbers - PART_CLASS + ord("0")).astype(np.uint8)
    characters[drawn.positions[shown]] = digits[shown]
    return {
        "url": address(f"/geometry/points-{drawn.dataset.id[:16]}.json"),
        "classes": characters.tobytes().decode("ascii"),
        "colours": [part, no_data, drawn.palette.none_dot, *steps],
        "size": dot_size(zoom),
    }
