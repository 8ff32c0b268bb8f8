"""Slanting lines over the forces that a map has no figures for."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from data_pipeline.dataset import Dataset

from .per_dataset import remember

FINEST, COARSEST = 0.001, 1.0
"""Distances between lines that are drawn, in degrees of longitude."""
MOST_LINES = 400
DECIMALS = 4
SHORTEST = 3 * 10**-DECIMALS
"""Degrees: shorter pieces, in corners, would not slant once they are rounded."""


@remember(64)
def hatching(dataset: Dataset, forces: tuple[str, ...], step: float, crossed: bool) -> bytes:
    """Return lines that fill whole forces, slanting by 45° on a Web Mercator map.

    Parameters
    ----------
    dataset : Dataset
    forces : tuple of str
        Slugs; unknown ones are left out.
    step : float
        Distance between lines along a parallel, in degrees of longitude; kept between FINEST and
        COARSEST, and wide enough for MOST_LINES to suffice.
    crossed : bool
        Slant both ways.

    Returns
    -------
    bytes
        A GeoJSON MultiLineString in degrees.
    """
    parts = _on_map(dataset, forces)
    lines: list[Any] = []
    if len(parts):
        west, south, east, north = bounds = tuple(shapely.total_bounds(parts).tolist())
        step = max(min(max(step, FINEST), COARSEST), (east - west + north - south) / MOST_LINES)
        slants = (1.0, -1.0) if crossed else (1.0,)
        drawn = np.concatenate([_slanting(bounds, step, slant) for slant in slants])
        part, line = shapely.STRtree(drawn).query(parts, predicate="intersects")
        inside = shapely.get_parts(shapely.intersection(drawn[line], parts[part]))
        lines = inside[shapely.length(inside) > SHORTEST].tolist()
    return bytes(shapely.to_geojson(_degrees(shapely.MultiLineString(lines))), "ascii")


def _on_map(dataset: Dataset, forces: tuple[str, ...]) -> NDArray[np.object_]:
    """Return the polygons that make up the forces, in degrees of longitude both ways."""
    scope = forces[0] if len(forces) == 1 and ("force", forces[0]) in dataset.layers else None
    shapes = [
        shapely.geometry.shape(feature["geometry"])
        for feature in dataset.features("force", scope)
        if feature["id"] in forces
    ]
    flat = shapely.transform(np.array(shapes, dtype=object), _mercator)
    polygons: NDArray[np.object_] = shapely.get_parts(shapely.make_valid(flat))
    return polygons


def _slanting(bounds: tuple[float, ...], step: float, slant: float) -> NDArray[np.object_]:
    """Return parallel lines over a box, at distances that do not depend on the box."""
    west, south, east, north = bounds
    height = north - south
    reach = (west - height, east) if slant > 0 else (west, east + height)
    offset = south * slant
    first, last = (math.floor((edge - offset) / step) for edge in reach)
    starts = np.arange(first, last + 1) * step + offset
    ends = np.empty((len(starts), 2, 2))
    ends[:, 0] = np.column_stack([starts, np.full(len(starts), south)])
    ends[:, 1] = np.column_stack([starts + slant * height, np.full(len(starts), north)])
    lines: NDArray[np.object_] = shapely.linestrings(ends)
    return lines


def _mercator(points: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return points with their Web Mercator height in degrees of longitude at the equator."""
    height = np.degrees(np.arcsinh(np.tan(np.radians(points[:, 1]))))
    return np.column_stack([points[:, 0], height])


def _degrees(lines: Any) -> Any:
    def back(points: NDArray[np.float64]) -> NDArray[np.float64]:
        latitude = np.degrees(np.arctan(np.sinh(np.radians(points[:, 1]))))
        return np.column_stack([points[:, 0], latitude]).round(DECIMALS)

    return shapely.transform(lines, back)
