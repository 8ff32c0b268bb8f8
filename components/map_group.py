"""Draw a group of areas on the map: freehand, as a box, or all that the map shows now.

Drawing belongs to the browser; the vertices come back once, become the Selection's shape, and the
link carries them from there on.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from dash import ClientsideFunction, Dash, Input, Output, State, ctx, dcc, html, no_update

from analysis.scope import area_count
from analysis.selection import Selection
from analysis.shape import Shape, box, simplified
from analysis.wording import AREA_WORDS
from data_pipeline.dataset import Dataset

from . import ids, theme
from .map_view import DEFAULT_SIZE, parse_view, seen
from .navigation import OpenDataset, from_store, with_shape


def layout() -> html.Details:
    """Return the ways of drawing a group, folded into one tool."""
    choices = (
        ("Freehand", ids.DRAW_FREEHAND),
        ("Box", ids.DRAW_BOX),
        ("What the map shows now", ids.DRAW_VIEW),
    )
    return html.Details(
        [
            html.Summary("Draw a group", className="quiet"),
            html.Div(
                [
                    html.Button(label, id=component_id, type="button", className="quiet")
                    for label, component_id in choices
                ],
                className="group-choices",
                role="group",
                **theme.aria(label="Draw a group"),
            ),
            dcc.Store(id=ids.DRAWING),
            dcc.Store(id=ids.DRAWN),
        ],
        id=ids.DRAW,
        className="group-tools",
    )


def hint() -> html.Div:
    """Return what is shown over the map while the reader draws."""
    return html.Div(
        [
            html.Span("Draw around the areas; Escape to stop.", role="status"),
            html.Button("Stop", id=ids.DRAW_STOP, type="button", className="quiet"),
        ],
        id=ids.DRAW_HINT,
        className="draw-hint",
        hidden=True,
    )


def group(dataset: Dataset, selection: Selection, shape: Shape) -> Selection | str:
    """Return the Selection of the areas in a shape, or a sentence where there are none."""
    found = with_shape(selection, shape, dataset)
    if area_count(dataset, found.scope):
        return found
    within = replace(selection, shape=()).place_label(dataset)
    one = AREA_WORDS[found.level][0]
    return f"No {one} of {within} has its middle inside what was drawn."


def register(app: Dash, open_dataset: OpenDataset) -> None:
    """Connect the tool."""
    app.clientside_callback(
        ClientsideFunction("crime_atlas", "draw_group"),
        Output(ids.DRAWING, "data"),
        Output(ids.DRAWN, "data"),
        Input(ids.DRAW_FREEHAND, "n_clicks"),
        Input(ids.DRAW_BOX, "n_clicks"),
        Input(ids.DRAW_VIEW, "n_clicks"),
        Input(ids.DRAW_STOP, "n_clicks"),
        Input(ids.MAP, "selectedData"),
        prevent_initial_call=True,
    )
    app.clientside_callback(
        ClientsideFunction("crime_atlas", "show_drawing"),
        Output(ids.MAP, "figure", allow_duplicate=True),
        Output(ids.DRAW_HINT, "hidden"),
        Input(ids.DRAWING, "data"),
        prevent_initial_call=True,
    )

    @app.callback(
        Output(ids.GO, "data", allow_duplicate=True),
        Output(ids.NOTES, "children", allow_duplicate=True),
        Output(ids.DRAWN, "data", allow_duplicate=True),
        Input(ids.DRAWN, "data"),
        Input(ids.DRAW_VIEW, "n_clicks"),
        State(ids.SELECTION, "data"),
        State(ids.VIEW, "data"),
        State(ids.MAP_SIZE, "data"),
        prevent_initial_call=True,
    )
    def show(
        drawn: list[list[float]] | None,
        clicks: int | None,
        query: str | None,
        view: str | None,
        size: tuple[float, float] | None,
    ) -> tuple[Any, Any, Any]:
        here = parse_view(view)
        if query is None:
            return no_update, no_update, no_update
        if ctx.triggered_id == ids.DRAW_VIEW and clicks and here:
            shape = box(*seen(here, size or DEFAULT_SIZE))
        elif drawn:
            shape = simplified(drawn)
        else:
            return no_update, no_update, no_update
        dataset = open_dataset()
        found = group(dataset, from_store(query, dataset), shape)
        if isinstance(found, str):
            return no_update, html.Div(found, className="notice", role="status"), None
        return f"?{found.to_query()}", [], None
