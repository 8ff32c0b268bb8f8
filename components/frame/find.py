"""Find an area: type a force, district, ward, LSOA name or code, and follow a link to it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from dash import Dash, Input, Output, State, html

from analysis.places import Place, find_places, scope_bounds
from analysis.selection import LONGEST_SEARCH, MapView, Selection, to_query
from data_pipeline.dataset import Dataset

from .. import ids
from ..checks import text
from ..controls.text_box import text_box, text_id
from ..moves import with_place
from ..panel import Opening, Panel, Slot
from ..stores import OpenDataset, opened

KINDS = {"force": "police force", "lad": "district", "ward": "ward", "lsoa": "neighbourhood"}
SHORTEST = 2
SEARCHED = (
    "You can search for police forces, districts, wards, and names and codes of LSOAs, of 2021 or "
    "2011. Streets and postcodes are not known here."
)
PAUSE_MS = 150


def layout(opening: Opening) -> html.Div:
    """Return the search box of the top bar."""
    return html.Div(
        [
            text_box(
                ids.FIND, "Find an area", "Find a ward, district, LSOA name or code", PAUSE_MS
            ),
            html.Div(id=ids.FOUND, className="found"),
        ],
        className="find",
        role="search",
    )


def results(dataset: Dataset, selection: Selection, typed: str) -> list[Any]:
    """Return links to the places that `typed` may mean; nothing for a text too short to tell.

    A link keeps the crime types, the period and everything else that the reader has chosen.

    Parameters
    ----------
    dataset : Dataset
    selection : Selection
        What the links keep.
    typed : str
    """
    if len(typed.strip()) < SHORTEST:
        return []
    places = find_places(dataset, typed, _middle(dataset, selection))
    if not places:
        said = f"Nothing is called “{typed.strip()}”. {SEARCHED}"
        return [html.P(said, role="status")]
    return [html.Ul([_result(dataset, selection, found) for found in places])]


def _middle(dataset: Dataset, selection: Selection) -> tuple[float, float]:
    """Return longitude and latitude of the middle of what is on screen."""
    if selection.view:
        return selection.view.longitude, selection.view.latitude
    west, south, east, north = scope_bounds(dataset, selection)
    return (west + east) / 2, (south + north) / 2


def _result(dataset: Dataset, selection: Selection, found: Place) -> html.Li:
    there = with_place(replace(selection, view=None, search=""), found, dataset)
    detail = " · ".join(part for part in (KINDS[found.kind], found.detail) if part)
    return html.Li(
        html.A(
            [html.Span(found.label), html.Span(detail, className="muted small")],
            href=f"?{to_query(there)}",
            className="go",
        )
    )


def connect(app: Dash, open_dataset: OpenDataset) -> None:
    """Connect the search box."""

    @app.callback(
        Output(ids.FOUND, "children"),
        Input(text_id(ids.FIND), "data"),
        State(ids.SELECTION, "data"),
        State(ids.VIEW, "data"),
        prevent_initial_call=True,
    )
    def suggest(typed: str | None, query: str | None, view: str | None) -> list[Any]:
        if not typed or query is None:
            return []
        dataset, selection = opened(query, open_dataset)
        here = replace(selection, view=MapView.parse(view)) if view else selection
        return results(dataset, here, typed)


PANEL = Panel(
    "find",
    layout,
    Slot.TOP,
    connect=connect,
    checks={f"{text_id(ids.FIND)}.data": text(LONGEST_SEARCH)},
)
