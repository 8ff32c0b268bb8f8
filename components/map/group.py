"""Draw a group of areas on the map: freehand, as a box, or all that the map shows now.

Drawing belongs to the browser; the vertices come back once, become the Selection's shape, and the
link carries them from there on.
"""

from __future__ import annotations

from typing import Any

from dash import dcc, html

from analysis.selection import Selection
from analysis.shape import simplified
from analysis.vocabulary import AREA_WORDS
from data_pipeline.dataset import Dataset

from .. import ids, theme
from ..checks import is_vertices
from ..moves import with_shape
from ..panel import Control, Panel

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


def with_drawn(selection: Selection, vertices: list[list[float]], dataset: Dataset) -> Selection:
    """Make a group of the areas inside what was drawn.

    Parameters
    ----------
    vertices : list of [longitude, latitude] in degrees

    Raises
    ------
    NotFollowedError
        If there are none.
    """
    return with_shape(selection, simplified(vertices), dataset)


PANEL = Panel(
    "group",
    controls={f"{ids.DRAWN}.data": Control(with_drawn, is_vertices)},
)
