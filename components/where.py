"""Where am I: the browser's position, asked for by the reader, picks the neighbourhood.

The position is used once to find the area and is neither kept nor logged.
"""

from __future__ import annotations

from typing import Any

from dash import ClientsideFunction, Dash, Input, Output, State, dcc, html, no_update

from analysis.places import place
from analysis.selection import Selection
from data_pipeline.dataset import Dataset

from . import ids
from .navigation import OpenDataset, from_store, with_place

REFUSED = "The browser did not give its position. Allow it for this page, or search for the place."
ELSEWHERE = "This position is in no neighbourhood of England and Wales."


def layout() -> html.Div:
    """Return the button of the top bar."""
    return html.Div(
        [
            html.Button("Where am I", id=ids.LOCATE, type="button", className="quiet"),
            dcc.Store(id=ids.POSITION),
        ],
        className="where",
    )


def go_to_position(
    dataset: Dataset, selection: Selection, position: list[float] | None
) -> Selection | str:
    """Return the Selection that shows a position, or a sentence saying why there is none.

    Parameters
    ----------
    position : [latitude, longitude] in degrees, or None where the browser refused
    """
    if not position:
        return REFUSED
    code = dataset.lsoa_at(position[1], position[0])
    found = place(dataset, "lsoa", code) if code else None
    return ELSEWHERE if found is None else with_place(selection, found, dataset)


def register(app: Dash, open_dataset: OpenDataset) -> None:
    """Connect the button."""
    app.clientside_callback(
        ClientsideFunction("crime_atlas", "locate"),
        Input(ids.LOCATE, "n_clicks"),
        prevent_initial_call=True,
    )

    @app.callback(
        Output(ids.GO, "data", allow_duplicate=True),
        Output(ids.NOTES, "children", allow_duplicate=True),
        Output(ids.POSITION, "data"),
        Input(ids.POSITION, "data"),
        State(ids.SELECTION, "data"),
        prevent_initial_call=True,
    )
    def show(answer: dict[str, Any] | None, query: str | None) -> tuple[Any, Any, Any]:
        if answer is None or query is None:
            return no_update, no_update, no_update
        dataset = open_dataset()
        there = go_to_position(dataset, from_store(query, dataset), answer["position"])
        if isinstance(there, str):
            return no_update, html.Div(there, className="notice", role="status"), None
        return f"?{there.to_query()}", [], None
