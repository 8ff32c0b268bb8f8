"""The window of the earth in which a point of England and Wales can be."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

DEGREE = 1_000_000
"""Steps of a degree that the police print: six decimals."""

WEST, SOUTH = -10, 48
"""South-western corner, in degrees, of the window in which a point can be real."""

SPAN = (1 << 24) - 1
Floats = NDArray[np.float64]


def on_map(longitude: Floats, latitude: Floats) -> NDArray[np.bool_]:
    """Tell which points, in degrees, can be real: in the window around England and Wales.

    >>> on_map(np.array([-2.98, 0.0, np.nan]), np.array([53.4, 0.0, 53.4])).tolist()
    [True, False, False]
    """
    east, north = (longitude - WEST) * DEGREE, (latitude - SOUTH) * DEGREE
    inside: NDArray[np.bool_] = (east >= 0) & (east < SPAN) & (north >= 0) & (north < SPAN)
    return inside
