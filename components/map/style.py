"""The map's style: names of places, the order of what lies below them, and addresses of layers."""

from __future__ import annotations

from typing import Any

from data_pipeline.dataset import Dataset

from ..addresses import address
from ..palette import LIGHT, Palette

FORCE_NAMES, DISTRICT_NAMES = "force-names", "district-names"
"""Layers of names; everything else is drawn below them."""
NAMES_ZOOM = 8.2
"""Zoom from which districts are named instead of forces."""

LAND_PLACE, DOTS_PLACE = "land-place", "dots-place"
"""Layers that draw nothing: land and backgrounds lie below the first, dots below the second. Layers
that share a place with the areas would be taken out and put in again at every redraw."""


def geometry_url(file: str) -> str:
    """Return the address of a layer."""
    return address(f"/geometry/{file}")


def style(dataset: Dataset, palette: Palette = LIGHT) -> dict[str, Any]:
    """Return a map style that needs no network: names over nothing, the sea is the page's colour.

    Without an address for glyphs MapLibre writes the names in the reader's own font.
    """
    return {
        "version": 8,
        "name": "plain",
        "sources": {
            "names": {"type": "geojson", "data": geometry_url(f"names-{dataset.id[:16]}.json")}
        },
        "layers": [
            _place(LAND_PLACE),
            _place(DOTS_PLACE),
            _names(FORCE_NAMES, "force", palette, {"minzoom": 5.6, "maxzoom": NAMES_ZOOM}),
            _names(DISTRICT_NAMES, "lad", palette, {"minzoom": NAMES_ZOOM}),
        ],
    }


def _place(name: str) -> dict[str, Any]:
    return {"id": name, "type": "background", "layout": {"visibility": "none"}}


def _names(layer: str, level: str, palette: Palette, zooms: dict[str, float]) -> dict[str, Any]:
    return {
        "id": layer,
        "type": "symbol",
        "source": "names",
        "filter": ["==", ["get", "level"], level],
        "layout": {
            "text-field": ["get", "name"],
            "text-size": 12,
            "text-font": ["sans-serif"],
            "text-max-width": 8,
            "text-padding": 6,
            "symbol-sort-key": ["get", "order"],
        },
        "paint": {
            "text-color": palette.ink,
            "text-halo-color": palette.halo,
            "text-halo-width": 1.4,
        },
        **zooms,
    }
