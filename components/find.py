"""Find an area: type a force, district, ward, LSOA name or code, and follow a link to it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from dash import Dash, Input, Output, State, html

from analysis.places import Place, find_places
from analysis.selection import Selection
from data_pipeline.dataset import Dataset

from . import ids
from .navigation import OpenDataset, from_store, with_place
from .text_box import text_box, text_id

KINDS = {"force": "police force", "lad": "district", "ward": "ward", "lsoa": "neighbourhood"}
SHORTEST = 2
PAUSE_MS = 150


def layout() -> html.Div:
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


def results(dataset: Dataset, selection: Selection, text: str) -> list[Any]:
    """Return links to the places that `text` may mean; nothing for a text too short to tell.

    A link keeps the crime types, the period and everything else that the reader has chosen.
    """
    if len(text.strip()) < SHORTEST:
        return []
    places = find_places(dataset, text)
    if not places:
        return [html.P(f"Nothing is called “{text.strip()}”.", role="status")]
    return [html.Ul([_result(dataset, selection, found) for found in places])]


def _result(dataset: Dataset, selection: Selection, found: Place) -> html.Li:
    there = with_place(replace(selection, view=None, search=""), found, dataset)
    detail = " · ".join(part for part in (KINDS[found.kind], found.detail) if part)
    return html.Li(
        html.A(
            [html.Span(found.label), html.Span(detail, className="muted small")],
            href=f"?{there.to_query()}",
            className="go",
        )
    )


def register(app: Dash, open_dataset: OpenDataset) -> None:
    """Connect the search box."""

    @app.callback(
        Output(ids.FOUND, "children"),
        Input(text_id(ids.FIND), "data"),
        State(ids.SELECTION, "data"),
        prevent_initial_call=True,
    )
    def suggest(text: str | None, query: str | None) -> list[Any]:
        if not text or query is None:
            return []
        dataset = open_dataset()
        return results(dataset, from_store(query, dataset), text)
