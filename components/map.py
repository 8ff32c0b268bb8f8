"""The map's panel: one callback compares what is asked for with what is shown.

Geometry travels once, by hashed address. A change of filter sends class numbers as a Patch, and
the reader's view stays; an area's figures are asked for when the reader points at it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from dash import Dash, Input, Output, Patch, State, dcc, html, no_update

from analysis.selection import MEASURES, MapView, Selection
from data_pipeline.dataset import Dataset

from . import ids, theme
from .area_words import AREA_WORDS
from .legend import legend
from .map_card import card, card_style
from .map_drawing import (
    Drawing,
    blank_figure,
    draw_places,
    draw_values,
    drawing,
    overlays,
)
from .map_view import DEFAULT_SIZE, parse_view, view_text, wanted_view
from .navigation import OpenDataset, drawn_level, from_store

CONFIG: Any = {**theme.GRAPH_CONFIG, "scrollZoom": True}


def title(dataset: Dataset, selection: Selection) -> list[Any]:
    """Return the heading of the map: what is drawn, where and when."""
    measure = MEASURES[selection.measure]
    per = selection.denominator_of(dataset).label if measure.slug == "rate" else ""
    what = f"{selection.type_label(dataset)}, {measure.label.lower()} {per}".strip()
    where = selection.place_label(dataset)
    level = AREA_WORDS[drawn_level(selection)][1]
    return [
        html.H2(what),
        html.Span(f"{where} · {level} · {selection.period_label()}", className="muted"),
    ]


def note(selection: Selection) -> str:
    """Return the sentence under the legend that says how to read and use the map."""
    if drawn_level(selection) != selection.level:
        return (
            "The map draws districts while more than one force is shown. Click a district to see "
            "its neighbourhoods."
        )
    use = "Click an area to choose it."
    if not selection.forces and selection.level == "lad":
        use = "Click a district to see its neighbourhoods."
    if not selection.forces and selection.level == "force":
        use = "Click a force to see its neighbourhoods."
    if not MEASURES[selection.measure].per_area:
        return f"{use} Circles grow with the count; compare areas by their rate."
    return f"{use} The classes are the same for every force. Scroll or pinch to zoom."


def back_label(dataset: Dataset, selection: Selection) -> str:
    """Return the label of the way up, or nothing at the top."""
    if selection.districts:
        return f"← All of {replace(selection, districts=()).place_label(dataset)}"
    return "← England and Wales" if selection.forces else ""


def layout() -> html.Section:
    """Return the map's panel."""
    graph = dcc.Graph(
        id=ids.MAP,
        figure=blank_figure(),
        config=CONFIG,
        className="map",
        responsive=True,
        clear_on_unhover=True,
    )
    pointed = html.Div(id=ids.MAP_CARD, className="map-card", hidden=True)
    fallback = html.Div(id=ids.MAP_FALLBACK, className="map-fallback", hidden=True)
    return theme.panel(
        html.Div(
            [
                html.Div(id=ids.MAP_TITLE, className="panel-title"),
                html.Button("Back", id=ids.BACK, type="button", className="quiet", hidden=True),
            ],
            className="panel-head",
        ),
        html.Div([graph, pointed, fallback], className="map-frame"),
        html.Div(id=ids.LEGEND),
        html.P(id=ids.MAP_NOTE, className="muted small"),
        dcc.Store(id=ids.MAP_SHOWN),
        label="Map",
        className="map-panel",
    )


def redraw(
    dataset: Dataset,
    selection: Selection,
    shown: dict[str, Any],
    view: MapView | None,
    size: tuple[float, float] | None,
) -> tuple[Any, Any, Any]:
    """Return the Patch from what is shown to `selection`, the new record, and the new view.

    Parameters
    ----------
    shown : dict
        Record of what the map shows, as returned before; empty at first.
    view : MapView or None
        Where the map is now.
    size : (width, height) or None
        Pixels of the map, if known.
    """
    drawn = drawing(dataset, selection)
    now = record(dataset, selection, drawn)
    wanted = wanted_view(dataset, selection, size)
    changed = {part for part, value in now.items() if shown.get(part) != value}
    if not changed and wanted == view:
        return no_update, no_update, no_update
    patch = Patch()
    if "places" in changed:
        draw_places(patch, drawn)
    if changed & {"places", "figures"}:
        draw_values(patch, drawn)
    if "overlays" in changed:
        patch["layout"]["map"]["layers"] = overlays(dataset, selection, drawn)
    if wanted == view:
        return patch, now, no_update
    patch["layout"]["map"]["center"] = {"lat": wanted.latitude, "lon": wanted.longitude}
    patch["layout"]["map"]["zoom"] = wanted.zoom
    return patch, now, view_text(wanted)


def record(dataset: Dataset, selection: Selection, drawn: Drawing) -> dict[str, Any]:
    """Return what decides each part of the figure, to be compared at the next change."""
    figures = f"{dataset.id} {drawn.table.selection.to_query()}"
    circles = "" if drawn.measure.per_area else figures
    return {
        "places": [drawn.layer, *selection.forces, *selection.districts],
        "figures": figures,
        "overlays": [*drawn.borders, selection.area, circles],
    }


def _pixels(size: list[float] | None) -> tuple[float, float] | None:
    return (size[0], size[1]) if size else None


def register(app: Dash, open_dataset: OpenDataset) -> None:
    """Connect the map."""

    @app.callback(
        Output(ids.MAP, "figure"),
        Output(ids.MAP_SHOWN, "data"),
        Output(ids.VIEW, "data", allow_duplicate=True),
        Input(ids.SELECTION, "data"),
        State(ids.MAP_SHOWN, "data"),
        State(ids.VIEW, "data"),
        State(ids.MAP_SIZE, "data"),
        prevent_initial_call=True,
    )
    def draw(
        query: str, shown: dict[str, Any] | None, view: str | None, size: list[float] | None
    ) -> tuple[Any, Any, Any]:
        dataset = open_dataset()
        selection = from_store(query, dataset)
        return redraw(dataset, selection, shown or {}, parse_view(view), _pixels(size))

    @app.callback(
        Output(ids.MAP_CARD, "hidden"),
        Output(ids.MAP_CARD, "style"),
        Output(ids.MAP_CARD, "children"),
        Input(ids.MAP, "hoverData"),
        State(ids.SELECTION, "data"),
        State(ids.MAP_SIZE, "data"),
        prevent_initial_call=True,
    )
    def point(
        hover: dict[str, Any] | None, query: str, size: list[float] | None
    ) -> tuple[Any, Any, Any]:
        if not hover:
            return True, no_update, no_update
        dataset = open_dataset()
        pointed = hover["points"][0]
        table = drawing(dataset, from_store(query, dataset)).table
        shown = card(table, str(pointed["location"]))
        at = (pointed["bbox"]["x0"], pointed["bbox"]["y0"])
        return shown is None, card_style(at, _pixels(size) or DEFAULT_SIZE), shown

    @app.callback(
        Output(ids.MAP_TITLE, "children"),
        Output(ids.LEGEND, "children"),
        Output(ids.MAP_NOTE, "children"),
        Output(ids.BACK, "children"),
        Output(ids.BACK, "hidden"),
        Input(ids.FIGURES, "data"),
        prevent_initial_call=True,
    )
    def describe(query: str) -> tuple[Any, ...]:
        dataset = open_dataset()
        selection = from_store(query, dataset)
        back = back_label(dataset, selection)
        key = legend(drawing(dataset, selection))
        return title(dataset, selection), key, note(selection), back, not back
