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
    shapes = _on_map(dataset, forces)
    lines: list[Any] = []
    if not shapely.is_empty(shapes):
        west, south, east, north = bounds = shapes.bounds
        step = max(min(max(step, FINEST), COARSEST), (east - west + north - south) / MOST_LINES)
        slants = (1.0, -1.0) if crossed else (1.0,)
        drawn = [_slanting(bounds, step, slant) for slant in slants]
        inside = shapely.intersection(np.concatenate(drawn), shapes)
        lines = [line for line in shapely.get_parts(inside) if line.length > 0]
    return bytes(shapely.to_geojson(_degrees(shapely.MultiLineString(lines))), "ascii")


def _on_map(dataset: Dataset, forces: tuple[str, ...]) -> Any:
    """Return the forces' joint shape, in degrees of longitude both ways."""
    scope = forces[0] if len(forces) == 1 and ("force", forces[0]) in dataset.layers else None
    found = [dataset.feature("force", scope, force) for force in forces]
    shapes = [shapely.geometry.shape(feature["geometry"]) for feature in found if feature]
    flat = shapely.transform(np.array(shapes, dtype=object), _mercator)
    return shapely.union_all(shapely.make_valid(flat))


def _slanting(
    bounds: tuple[float, float, float, float], step: float, slant: float
) -> NDArray[np.object_]:
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
