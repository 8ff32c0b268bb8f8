"""Where the map looks: the view that fits a place, and the view as text."""

from __future__ import annotations

import math

from analysis.places import place, scope_bounds
from analysis.selection import MapView, Selection
from data_pipeline.dataset import Dataset

TILE = 512
"""Pixels that the whole world takes at zoom 0 in MapLibre."""
MARGIN = 0.04
"""Share of the map left free on each side when fitting to a place."""
CLOSEST_FIT = 14.5
DEFAULT_SIZE = (760.0, 420.0)

Bounds = tuple[float, float, float, float]


def parse_view(text: str | None) -> MapView | None:
    """Return the map's view from ``lat,lon,zoom``, or None."""
    if not text:
        return None
    latitude, longitude, zoom = (float(part) for part in text.split(","))
    return MapView(latitude, longitude, zoom)


def view_text(view: MapView) -> str:
    """Return a view as ``lat,lon,zoom``, rounded as in links."""
    return f"{view.latitude:.4f},{view.longitude:.4f},{view.zoom:.2f}"


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
    """Return the view that a Selection names, or the one that fits its area or scope."""
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
