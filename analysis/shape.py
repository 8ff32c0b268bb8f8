"""A shape drawn on the map: as a link writes it, and which points it encloses."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray

Shape = tuple[tuple[float, float], ...]
"""Longitude and latitude of each vertex in degrees; the last is joined to the first."""

FEWEST_VERTICES = 3
MOST_VERTICES = 100
"""Vertices kept of a shape drawn by hand, so that links stay short."""

_DECIMALS = 4
_FINEST = 1 / 1000
"""Share of its own size by which a shape drawn by hand may be straightened."""


def rounded(vertices: Iterable[Sequence[float]]) -> Shape:
    """Return vertices as links write them, to about 10 metres; repeats in a row are left out.

    >>> rounded([(-2.99164, 53.4), (-2.99161, 53.4), (-2.9, 53.5)])
    ((-2.9916, 53.4), (-2.9, 53.5))
    """
    shape: list[tuple[float, float]] = []
    for longitude, latitude in vertices:
        # Adding zero turns -0.0 into 0.0, so that equal shapes are written alike.
        vertex = (round(float(longitude), _DECIMALS) + 0.0, round(float(latitude), _DECIMALS) + 0.0)
        if not shape or shape[-1] != vertex:
            shape.append(vertex)
    return tuple(shape)


def shape_text(shape: Shape) -> str:
    """Return a shape as links write it.

    >>> shape_text(((-3.0, 53.4), (-2.9, 53.4), (-2.9, 53.5)))
    '-3.0,53.4;-2.9,53.4;-2.9,53.5'
    """
    return ";".join(f"{longitude},{latitude}" for longitude, latitude in shape)


def parse_shape(text: str) -> Shape:
    """Read a shape that ``shape_text`` wrote.

    Raises
    ------
    ValueError
        If the text is not a list of at least three different points of the earth, MOST_VERTICES
        at most.
    """
    parts = text.split(";")
    if len(parts) > MOST_VERTICES:
        raise ValueError(f"more than {MOST_VERTICES} points")
    vertices = []
    for part in parts:
        longitude, latitude = (float(degrees) for degrees in part.split(","))
        if not (abs(longitude) <= 180 and abs(latitude) <= 90):
            raise ValueError("a point lies outside the earth")
        vertices.append((longitude, latitude))
    shape = rounded(vertices)
    if len(set(shape)) < FEWEST_VERTICES:
        raise ValueError("fewer than three points")
    return shape


def box(west: float, south: float, east: float, north: float) -> Shape:
    """Return the shape of a bounding box in degrees."""
    return rounded([(west, south), (east, south), (east, north), (west, north)])


def simplified(vertices: Sequence[Sequence[float]]) -> Shape:
    """Return what was drawn by hand with MOST_VERTICES at most, straightened as little as needed.

    Parameters
    ----------
    vertices : sequence of (longitude, latitude) in degrees

    Notes
    -----
    Douglas and Peucker's method, in a projection whose scale is the same in both directions at
    the middle of the shape.
    """
    points = np.asarray(vertices, dtype=np.float64).reshape(-1, 2)
    if len(points) <= FEWEST_VERTICES:
        return rounded(points)
    squeeze = np.array([math.cos(math.radians(points[:, 1].mean())), 1.0])
    ring = shapely.LineString(np.vstack([points, points[:1]]) * squeeze)
    tolerance = max(float(np.hypot(*np.ptp(points * squeeze, axis=0))) * _FINEST, 1e-9)
    straight = ring.simplify(tolerance, preserve_topology=False)
    while len(straight.coords) > MOST_VERTICES + 1:
        tolerance *= 1.5
        straight = ring.simplify(tolerance, preserve_topology=False)
    return rounded(np.asarray(straight.coords)[:-1] / squeeze)


def encloses(shape: Shape, longitudes: ArrayLike, latitudes: ArrayLike) -> NDArray[np.bool_]:
    """Return which points a shape encloses; bool [points].

    A line that crosses itself encloses everything inside any of its loops, as one sees it.

    Parameters
    ----------
    shape : Shape
    longitudes, latitudes : arrays [points]
        Degrees.
    """
    ring = shapely.LineString([*shape, shape[0]])
    loops = shapely.get_parts(shapely.polygonize([shapely.union_all([ring])]))
    area = shapely.union_all(loops)
    shapely.prepare(area)
    return np.asarray(shapely.contains_xy(area, longitudes, latitudes), dtype=np.bool_)
