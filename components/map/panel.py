"""The map's panel: it compares what is asked for with what is shown, and sends the difference.

An area's figures are asked for when the reader points at it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from dash import ClientsideFunction, Dash, Input, Output, State, dcc, html, no_update
from dash.exceptions import PreventUpdate

from analysis.area_table import area_table
from analysis.selection import MapView, Part

from .. import ids, moves, theme
from ..checks import (
    LARGEST_MAP,
    MOST_CLICKS,
    is_hover,
    is_pointed,
    is_shown,
    is_view,
    numbers,
    texts,
    whole_number,
)
from ..controls import class_controls
from ..frame.about import picture_foot
from ..moves import pointed_code
from ..palette import palette_of
from ..panel import APPEARANCE, FOLLOWS_COLOURS, Asked, Control, Opening, Panel, Slot
from ..stores import OpenDataset, opened
from . import basemaps, group, words
from .card import card, card_style
from .dots import unseen_point
from .drawing import blank_figure
from .redraw import Looks, redraw
from .view import DEFAULT_SIZE

CONFIG: Any = {**theme.GRAPH_CONFIG, "scrollZoom": True}

FIGURE, SHOWN = f"{ids.MAP}.figure", f"{ids.MAP_SHOWN}.data"
VIEW, SIZE = f"{ids.VIEW}.data", f"{ids.MAP_SIZE}.data"
DOTS, TILES = f"{ids.DOTS}.data", f"{ids.BASEMAPS}.data"


def layout(opening: Opening) -> html.Section:
    """Return the map's panel."""
    graph = dcc.Graph(
        id=ids.MAP,
        figure=blank_figure(opening.dataset).add_trace(unseen_point()),
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
                html.Div(
                    [
                        html.Button(
                            "Back", id=ids.BACK, type="button", className="quiet", hidden=True
                        ),
                        html.Button(
                            "Save picture", id=ids.PICTURE, type="button", className="quiet"
                        ),
                    ],
                    className="panel-tools",
                ),
            ],
            className="panel-head",
        ),
        html.Div(
            [graph, *group.layout(), pointed, fallback],
            className="map-frame",
        ),
        html.Div(id=ids.LEGEND),
        html.P(id=ids.MAP_NOTE, className="muted small"),
        html.P(id=ids.CLASSES_NOTE, className="muted small"),
        html.Div(
            [class_controls.layout(), basemaps.layout(opening.tiles)], className="map-controls"
        ),
        dcc.Store(id=ids.MAP_SHOWN),
        dcc.Store(id=ids.DOTS),
        dcc.Store(id=ids.PICTURE_FOOT, data=picture_foot(opening.dataset)),
        dcc.Store(id=ids.MOVED),
        label="Map of the chosen areas",
        className="map-panel",
    )


def _pixels(size: list[float] | None) -> tuple[float, float] | None:
    return (size[0], size[1]) if size else None


def show(asked: Asked) -> Mapping[str, Any]:
    """Return what leads from what the map shows to the Selection; parts that stay are left out."""
    known = asked.known
    view = MapView.parse(known[VIEW]) if known[VIEW] else None
    looks = Looks(palette_of(known[APPEARANCE]), tuple(known[TILES] or ()))
    size = _pixels(known[SIZE])
    new = redraw(asked.dataset, asked.selection, known[SHOWN] or {}, view, size, looks=looks)
    sent = {FIGURE: new.figure, SHOWN: new.shown, VIEW: new.view, DOTS: new.dots}
    return {name: value for name, value in sent.items() if value is not no_update}


def connect(app: Dash, open_dataset: OpenDataset) -> None:
    """Connect what the browser does by itself, what follows its moves, and the card."""
    _connect_browser(app)
    _connect_moves(app, open_dataset)
    _connect_card(app, open_dataset)


def _connect_browser(app: Dash) -> None:
    app.clientside_callback(
        ClientsideFunction("crime_atlas", "save_picture"),
        Input(ids.PICTURE, "n_clicks"),
        State(ids.PICTURE_FOOT, "data"),
        prevent_initial_call=True,
    )
    app.clientside_callback(
        ClientsideFunction("crime_atlas", "check_map"),
        Input(ids.MAP_SHOWN, "data"),
        prevent_initial_call=True,
    )
    app.clientside_callback(
        ClientsideFunction("crime_atlas", "draw_dots"),
        Output(ids.MAP, "figure", allow_duplicate=True),
        Input(ids.DOTS, "data"),
        Input(ids.VIEW, "data"),
        Input(ids.MAP_SIZE, "data"),
        prevent_initial_call=True,
    )
    app.clientside_callback(
        ClientsideFunction("crime_atlas", "keep_view"),
        Output(ids.VIEW, "data", allow_duplicate=True),
        Output(ids.MOVED, "data"),
        Input(ids.MAP, "relayoutData"),
        State(ids.MAP_SHOWN, "data"),
        prevent_initial_call=True,
    )


def _connect_moves(app: Dash, open_dataset: OpenDataset) -> None:
    """Draw a force as areas once the reader of a map of dots is close to it."""

    @app.callback(
        Output(ids.MAP, "figure", allow_duplicate=True),
        Output(ids.MAP_SHOWN, "data", allow_duplicate=True),
        Output(ids.DOTS, "data", allow_duplicate=True),
        Output(ids.MAP_NOTE, "children", allow_duplicate=True),
        Input(ids.MOVED, "data"),
        State(ids.SELECTION, "data"),
        State(ids.MAP_SHOWN, "data"),
        State(ids.APPEARANCE, "data"),
        State(ids.BASEMAPS, "data"),
        prevent_initial_call=True,
    )
    def follow(
        view: str | None,
        query: str | None,
        shown: dict[str, Any] | None,
        appearance: str | None,
        tiles: list[str] | None,
    ) -> tuple[Any, ...]:
        if not view or not query or not shown:
            raise PreventUpdate
        dataset, selection = opened(query, open_dataset)
        here = MapView.parse(view)
        looks = Looks(palette_of(appearance), tuple(tiles or ()))
        moved = replace(selection, view=here)
        new = redraw(dataset, moved, shown, here, None, looks=looks)
        return new.figure, new.shown, new.dots, words.full_note(dataset, moved)


def _connect_card(app: Dash, open_dataset: OpenDataset) -> None:
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
        hover: dict[str, Any] | None, query: str | None, size: list[float] | None
    ) -> tuple[Any, Any, Any]:
        if not hover or query is None:
            return True, no_update, no_update
        table = area_table(*opened(query, open_dataset))
        found = card(table, pointed_code(hover)[0])
        corner = hover["points"][0]["bbox"]
        at = (corner["x0"], corner["y0"])
        return found is None, card_style(at, _pixels(size) or DEFAULT_SIZE), found


PANEL = Panel(
    "map",
    layout,
    Slot.MAIN,
    outputs=(FIGURE, SHOWN, VIEW, DOTS),
    follows=~(Part.LISTING | Part.SERIES),
    wakes={**FOLLOWS_COLOURS, TILES: texts(len(basemaps.TILES))},
    known={SHOWN: is_shown, VIEW: is_view, SIZE: numbers(2, LARGEST_MAP)},
    show=show,
    controls={
        f"{ids.MAP}.clickData": Control(moves.with_map_click, is_pointed),
        f"{ids.BACK}.n_clicks": Control(moves.up, whole_number(MOST_CLICKS)),
    },
    connect=connect,
    checks={f"{ids.MAP}.hoverData": is_hover, f"{ids.MOVED}.data": is_view},
)
