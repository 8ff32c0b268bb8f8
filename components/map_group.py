"""Draw a group of areas on the map: freehand, as a box, or all that the map shows now.

Drawing belongs to the browser; the vertices come back once, become the Selection's shape, and the
link carries them from there on.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from dash import Dash, Input, Output, State, dcc, html, no_update

from analysis.scope import area_count
from analysis.selection import Selection
from analysis.shape import simplified
from analysis.wording import AREA_WORDS
from data_pipeline.dataset import Dataset

from . import ids, theme
from .navigation import OpenDataset, from_store, with_shape

CHOICES = (
    ("Freehand", ids.DRAW_FREEHAND),
    ("Box", ids.DRAW_BOX),
    ("What the map shows now", ids.DRAW_VIEW),
)


def layout() -> list[Any]:
    """Return what lies over the map: the sheet that is drawn on, a hint, and the tool."""
    return [
        html.Div(id=ids.DRAW_SHEET, className="draw-sheet", hidden=True),
        html.Div(
            [
                html.Span("Draw around the areas; Escape to stop.", role="status"),
                _button("Stop", ids.DRAW_STOP),
            ],
            id=ids.DRAW_HINT,
            className="draw-hint",
            hidden=True,
        ),
        html.Details(
            [
                html.Summary("Draw a group", className="quiet"),
                html.Div(
                    [_button(label, component_id) for label, component_id in CHOICES],
                    className="group-choices",
                    role="group",
                    **theme.aria(label="Draw a group"),
                ),
            ],
            id=ids.DRAW,
            className="group-tools",
        ),
        dcc.Store(id=ids.DRAWN),
    ]


def _button(label: str, component_id: str) -> html.Button:
    return html.Button(label, id=component_id, type="button", className="quiet")


def note(selection: Selection) -> list[str]:
    """Return the sentence that says which areas a group holds; none where nothing is drawn."""
    one = AREA_WORDS[selection.level][0]
    if not selection.shape:
        return []
    if selection.level == "lsoa":
        return [f"The group is every {one} whose middle lies inside the line."]
    return [f"The group is every {one} with at least half its neighbourhoods inside the line."]


def group(dataset: Dataset, selection: Selection, vertices: list[list[float]]) -> Selection | str:
    """Return the Selection of the areas inside what was drawn, or a sentence where there are none.

    Parameters
    ----------
    vertices : list of [longitude, latitude] in degrees
    """
    found = with_shape(selection, simplified(vertices), dataset)
    if area_count(dataset, found.scope):
        return found
    within = replace(selection, shape=()).place_label(dataset)
    return f"No {AREA_WORDS[found.level][0]} of {within} has its middle inside what was drawn."


def register(app: Dash, open_dataset: OpenDataset) -> None:
    """Connect the tool."""

    @app.callback(
        Output(ids.GO, "data", allow_duplicate=True),
        Output(ids.NOTES, "children", allow_duplicate=True),
        Output(ids.DRAWN, "data"),
        Input(ids.DRAWN, "data"),
        State(ids.SELECTION, "data"),
        prevent_initial_call=True,
    )
    def show(vertices: list[list[float]] | None, query: str | None) -> tuple[Any, Any, Any]:
        if vertices is None or query is None:
            return no_update, no_update, no_update
        dataset = open_dataset()
        found = group(dataset, from_store(query, dataset), vertices)
        if isinstance(found, str):
            return no_update, html.Div(found, className="notice", role="status"), None
        return f"?{found.to_query()}", [], None
