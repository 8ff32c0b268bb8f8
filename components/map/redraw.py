"""Drawing the map anew: what leads from what it shows to what is asked for, and nothing else.

Geometry travels once, by hashed address. A change of filter sends class numbers as a Patch, and
the reader's view stays.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

from dash import Patch, no_update

from analysis.selection import MapView, Selection, to_query
from analysis.shape import shape_text
from data_pipeline.dataset import Dataset

from ..palette import LIGHT, Palette
from . import basemaps
from .dots import dots
from .drawing import (
    DOTS_PICTURE,
    UNSEEN_LAYER,
    Drawing,
    draw_places,
    draw_values,
    drawing,
    overlays,
)
from .style import style
from .view import wanted_view


@dataclass(frozen=True)
class Looks:
    """What depends on the reader's browser and the server's settings, not on the link.

    Attributes
    ----------
    palette : Palette
    tiles : tuple of str
        Backgrounds that the browser can load.
    """

    palette: Palette = LIGHT
    tiles: tuple[str, ...] = ()


DEFAULT_LOOKS = Looks()

MARK_DIGITS = 12
"""Of the hash of a record: by it the browser knows which record the figure that it has is of."""


@dataclass(frozen=True)
class Redrawn:
    """What a redraw sends; a part that did not change is not sent.

    Attributes
    ----------
    figure : Patch
    shown : dict
        Record of what the map shows now.
    view : str
        Where the map is now, as text.
    dots : dict or None
        What the browser needs to draw the dots; None for a map without dots.
    """

    figure: Any = no_update
    shown: Any = no_update
    view: Any = no_update
    dots: Any = no_update


def redraw(
    dataset: Dataset,
    selection: Selection,
    shown: dict[str, Any],
    view: MapView | None,
    size: tuple[float, float] | None,
    *,
    looks: Looks = DEFAULT_LOOKS,
) -> Redrawn:
    """Return what leads from what is shown to `selection`.

    Parameters
    ----------
    shown : dict
        Record of what the map shows, as returned before; empty at first.
    view : MapView or None
        Where the map is now.
    size : (width, height) or None
        Pixels of the map, if known.
    looks : Looks
    """
    wanted = wanted_view(dataset, selection, size)
    drawn = drawing(dataset, selection, wanted, looks.palette)
    background = basemaps.layers(selection.basemap, looks.tiles)
    now = record(drawn, background)
    changed = {part for part, value in now.items() if shown.get(part) != value}
    if not changed and wanted == view:
        return Redrawn()
    patch = Patch()
    if "places" in changed:
        draw_places(patch, drawn)
    if "places" in changed or ("figures" in changed and drawn.filled[0]):
        draw_values(patch, drawn)
    restyled = shown.get("sea", LIGHT.sea) != drawn.palette.sea
    if restyled:
        patch["layout"]["map"]["style"] = style(dataset, drawn.palette)
    if "background" in changed:
        patch["data"][0]["marker"]["opacity"] = basemaps.AREAS_OPACITY if background else 1
    had: int = shown.get("layers", 0)
    layers = _layers(drawn, background, had if restyled else None)
    # Layers that come without the picture of the dots would take it away until it is painted.
    with_picture = bool(drawn.dots and shown.get("dots")) and not restyled
    if "overlays" in changed and not with_picture:
        patch["layout"]["map"]["layers"] = layers
    if wanted != view:
        patch["layout"]["map"]["center"] = {"lat": wanted.latitude, "lon": wanted.longitude}
        patch["layout"]["map"]["zoom"] = wanted.zoom
    mark = hashlib.sha256(repr(now).encode()).hexdigest()[:MARK_DIGITS]
    painted: Any = None if "dots" in changed else no_update
    if drawn.dots and changed:
        painted = {
            **dots(drawn),
            "layers": layers if "overlays" in changed and with_picture else None,
            "layer": layers.index(DOTS_PICTURE),
            "mark": mark,
        }
    elif changed:
        patch["layout"]["meta"] = mark
    count = len(layers) if "overlays" in changed else had
    return Redrawn(
        figure=patch if patch.to_plotly_json()["operations"] else no_update,
        shown={**now, "layers": count, "mark": mark},
        view=no_update if wanted == view else str(wanted),
        dots=painted,
    )


def _layers(
    drawn: Drawing, background: list[dict[str, Any]], had: int | None
) -> list[dict[str, Any]]:
    """Return the map's layers, another number of them than it `had` before a change of style."""
    layers = background + overlays(drawn, with_land=not background)
    return [*layers, UNSEEN_LAYER] if len(layers) == had else layers


def record(drawn: Drawing, background: list[dict[str, Any]]) -> dict[str, Any]:
    """Return what decides each part of the figure, to be compared at the next change.

    Parameters
    ----------
    drawn : Drawing
    background : list of dict
        Layers of the background map, none where none is shown.

    Returns
    -------
    dict
        By part of the figure; two equal values mean that the part need not be sent.
    """
    selection = drawn.selection
    figures = f"{drawn.dataset.id} {drawn.palette.sea} {to_query(drawn.table.selection)}"
    circles = "" if drawn.coloured else figures
    shape = shape_text(selection.shape)
    return {
        "sea": drawn.palette.sea,
        "places": [drawn.layer, *selection.forces, *selection.districts, shape],
        "figures": figures,
        "overlays": [
            *(drawn.dots, drawn.palette.sea, selection.area, shape, circles),
            *(selection.basemap if background else "", drawn.force if drawn.dots else ""),
            *([*forces] for forces in drawn.silent.values()),
            *drawn.borders,
        ],
        "background": selection.basemap if background else "",
        "dots": [figures, drawn.force] if drawn.dots else [],
    }
