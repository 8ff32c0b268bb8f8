"""Where the map looks: the view that fits a place, and the view as text."""

from __future__ import annotations

import math

import numpy as np

from analysis.places import place, scope_bounds
from analysis.selection import MapView, Selection
from data_pipeline.dataset import Dataset

TILE = 512
"""Pixels that the whole world takes at zoom 0 in MapLibre."""
MARGIN = 0.04
"""Share of the map left free on each side when fitting to a place."""
CLOSEST_FIT = 14.5
DETAIL_ZOOM = 8.6
"""Zoom from which the force in the middle of a map of dots is drawn as areas."""
DEFAULT_SIZE = (760.0, 420.0)

Bounds = tuple[float, float, float, float]


def fit(bounds: Bounds, size: tuple[float, float]) -> MapView:
    """Return the view that shows `bounds` on a map of `size` pixels.

    Parameters
    ----------
    bounds : west, south, east, north in degrees
    size : width and height in pixels

    Notes
    -----
    In the Web Mercator projection a zoom of z makes the world ``TILE * 2**z`` pixels wide.
    """
    west, south, east, north = bounds
    low, high = _mercator(south), _mercator(north)
    spans = (max((east - west) / 360, 1e-9), max(high - low, 1e-9))
    room = [max(pixels, 1.0) * (1 - 2 * MARGIN) for pixels in size]
    zoom = min(math.log2(space / (TILE * span)) for space, span in zip(room, spans, strict=True))
    middle = math.degrees(math.atan(math.sinh(math.pi * (low + high))))
    return MapView(middle, (west + east) / 2, max(0.0, min(zoom, CLOSEST_FIT)))


def _mercator(latitude: float) -> float:
    """Return the Web Mercator height of a latitude as a share of the world, 0 at the equator."""
    return math.asinh(math.tan(math.radians(latitude))) / (2 * math.pi)


def wanted_view(
    dataset: Dataset, selection: Selection, size: tuple[float, float] | None
) -> MapView:
    """Return the view that a Selection names, or the one that fits its area or scope.

    Parameters
    ----------
    dataset : Dataset
    selection : Selection
    size : (width, height) or None
        Pixels of the map; DEFAULT_SIZE where they are not known.
    """
    return selection.view or fit(_target(dataset, selection), size or DEFAULT_SIZE)


def _target(dataset: Dataset, selection: Selection) -> Bounds:
    if selection.area:
        found = place(dataset, selection.level, selection.area)
        if found is not None:
            return _loosened(found.bounds)
    return scope_bounds(dataset, selection)


def _loosened(bounds: Bounds) -> Bounds:
    """Widen bounds around an area so that its surroundings are seen."""
    west, south, east, north = bounds
    across, up = (east - west) * 1.5, (north - south) * 1.5
    return west - across, south - up, east + across, north + up


def detail_force(dataset: Dataset, view: MapView) -> str | None:
    """Return the force whose areas are drawn at a view, or None where dots tell more."""
    if view.zoom < DETAIL_ZOOM:
        return None
    areas = dataset.areas
    across = (areas["longitude"] - view.longitude) * np.cos(np.radians(view.latitude))
    up = areas["latitude"] - view.latitude
    return str(areas["force"].iloc[int(np.argmin(across**2 + up**2))])
