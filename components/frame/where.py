"""Where am I: the browser's position, asked for by the reader, picks the neighbourhood.

The position is used once to find the area and is neither kept nor logged.
"""

from __future__ import annotations

from typing import Any

from dash import ClientsideFunction, Dash, Input, dcc, html

from analysis.places import place
from analysis.selection import NotFollowedError, Selection
from data_pipeline.dataset import Dataset

from .. import ids
from ..checks import is_position
from ..moves import with_place
from ..panel import Control, Opening, Panel, Slot
from ..stores import OpenDataset

REFUSED = "The browser did not give its position. Allow it for this page, or search for the place"
ELSEWHERE = "This position is in no neighbourhood of England and Wales"


def layout(opening: Opening) -> html.Div:
    """Return the button of the top bar."""
    return html.Div(
        [
            html.Button("Where am I", id=ids.LOCATE, type="button", className="quiet"),
            dcc.Store(id=ids.POSITION),
        ],
        className="where",
    )


def with_position(selection: Selection, answer: dict[str, Any], dataset: Dataset) -> Selection:
    """Go to the neighbourhood of the browser's position.

    Parameters
    ----------
    answer : dict
        "position" holds latitude and longitude in degrees, or None where the browser refused.

    Raises
    ------
    NotFollowedError
        If it refused, or the position is in no neighbourhood.
    """
    position = answer["position"]
    if not position:
        raise NotFollowedError(REFUSED)
    code = dataset.lsoa_at(position[1], position[0])
    found = place(dataset, "lsoa", code) if code else None
    if found is None:
        raise NotFollowedError(ELSEWHERE)
    return with_place(selection, found, dataset)


def connect(app: Dash, open_dataset: OpenDataset) -> None:
    """Let the button ask the browser."""
    app.clientside_callback(
        ClientsideFunction("crime_atlas", "locate"),
        Input(ids.LOCATE, "n_clicks"),
        prevent_initial_call=True,
    )


PANEL = Panel(
    "where",
    layout,
    Slot.TOP,
    controls={f"{ids.POSITION}.data": Control(with_position, is_position)},
    connect=connect,
)
