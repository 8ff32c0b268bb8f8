"""The nation at once: one dot for every neighbourhood, the highest on top.

Polygons at this scale mislead: small city areas vanish and empty countryside dominates. The dots'
places travel once, by hashed address; a change of filter sends one character for each dot, of which
the browser paints one picture, a layer of the map. (As a trace of points they would be sent to a
worker and tiled anew at each redraw, and plotly redraws the map several times a change.) When the
reader zooms in, the force in the middle of the map is drawn as areas instead.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import plotly.graph_objects as go

from analysis.classes import PART_CLASS

from ..addresses import address
from .drawing import Drawing
from .style import FORCE_NAMES

DOT_SIZES = ((0.0, 3.5), (6.6, 5.0), (7.8, 7.0))
"""Zooms, and the diameter of the dots in pixels from there on."""

ABSENT = "."
"""Stands for an area that is not drawn as a dot; the others are digits, "0" for PART_CLASS."""


def unseen_point() -> go.Scattermap:
    """Return a point without size: plotly draws no map without a trace that is seen."""
    return go.Scattermap(
        lat=[0],
        lon=[0],
        mode="markers",
        below=FORCE_NAMES,
        hoverinfo="none",
        showlegend=False,
        marker={"size": 0},
    )


def dot_size(zoom: float) -> float:
    """Return the diameter of the dots at a zoom, in pixels."""
    return [size for start, size in DOT_SIZES if zoom >= start][-1]


def dots(drawn: Drawing) -> dict[str, Any]:
    """Return what the browser needs to paint the dots.

    Returns
    -------
    dict
        url of the places, one class character per area of the dataset, the colours of the
        classes, and the zooms from which the dots have each size.
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
        "sizes": DOT_SIZES,
    }
