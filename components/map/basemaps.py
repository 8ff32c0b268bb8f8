"""Background maps from elsewhere: never needed, shown only when the reader asks for one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from dash import ClientsideFunction, Dash, Input, State, dcc, html

from analysis.selection import Selection
from analysis.vocabulary import BASEMAPS, NO_BASEMAP
from data_pipeline.dataset import Dataset

from .. import ids
from ..checks import one_of
from ..controls.drop_down import drop_down
from ..moves import with_basemap
from ..panel import Control, Panel
from ..stores import OpenDataset
from .style import LAND_PLACE

AREAS_OPACITY = 0.72
"""How much of the areas' colour is kept where a background is to be seen through it."""


@dataclass(frozen=True)
class Tiles:
    """Where a background comes from, and whom to name for it."""

    url: str
    attribution: str


TILES: dict[str, Tiles] = {
    "light": Tiles(
        "https://basemaps.cartocdn.com/light_all/{z}/{x}/{y}.png",
        "© OpenStreetMap contributors, © CARTO",
    ),
    "streets": Tiles(
        "https://tile.openstreetmap.org/{z}/{x}/{y}.png", "© OpenStreetMap contributors"
    ),
}
"""Background of each slug of ``selection.BASEMAPS``."""


def tile_hosts() -> list[str]:
    """Return the sites that backgrounds come from, as a Content-Security-Policy names them."""
    return sorted({"https://" + urlsplit(tiles.url).netloc for tiles in TILES.values()})


def offer(slugs: Iterable[str]) -> dict[str, str]:
    """Return the backgrounds that may be shown, each with a tile by which to see if it can load."""
    return {slug: TILES[slug].url.format(x=15, y=10, z=5) for slug in slugs}


def layout(slugs: tuple[str, ...]) -> html.Div:
    """Return the choice of a background, hidden where none may be shown."""
    options: list[dict[str, Any]] = [
        {"label": label, "value": slug}
        for slug, label in BASEMAPS.items()
        if slug in (NO_BASEMAP, *slugs)
    ]
    return html.Div(
        [
            drop_down("Background", ids.BASEMAP, options, searchable=False),
            html.P(id=ids.BASEMAP_NOTE, className="small", role="status"),
            dcc.Store(id=ids.BASEMAPS, data=[]),
            dcc.Store(id=ids.BASEMAPS_OFFERED, data=offer(slugs)),
        ],
        className="basemap-control",
        hidden=not slugs,
    )


def layers(slug: str, loaded: Iterable[str]) -> list[dict[str, Any]]:
    """Return the background's map layer; nothing for none, or for one that cannot be loaded."""
    if slug not in TILES or slug not in loaded:
        return []
    tiles = TILES[slug]
    return [
        {
            "sourcetype": "raster",
            "source": [tiles.url],
            "sourceattribution": tiles.attribution,
            "type": "raster",
            "below": LAND_PLACE,
        }
    ]


def values(dataset: Dataset, selection: Selection) -> dict[str, Any]:
    """Return the background that a selection names."""
    return {f"{ids.BASEMAP}.value": selection.basemap}


def connect(app: Dash, open_dataset: OpenDataset) -> None:
    """Look whether a background can be loaded, in the browser."""
    app.clientside_callback(
        ClientsideFunction("crime_atlas", "try_basemap"),
        Input(ids.BASEMAP, "value"),
        State(ids.BASEMAPS_OFFERED, "data"),
        State(ids.BASEMAPS, "data"),
        prevent_initial_call=True,
    )


PANEL = Panel(
    "background",
    values=values,
    controls={f"{ids.BASEMAP}.value": Control(with_basemap, one_of(*BASEMAPS))},
    connect=connect,
)
