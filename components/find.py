"""Find an area: type a force, district, ward, LSOA name or code, and go there."""

from __future__ import annotations

from typing import Any

from dash import Dash, Input, Output, dcc, html
from dash.exceptions import PreventUpdate

from analysis.places import Place, find_places

from . import ids
from .navigation import OpenDataset

KINDS = {"force": "police force", "lad": "district", "ward": "ward", "lsoa": "neighbourhood"}
SHORTEST = 2


def layout() -> html.Div:
    """Return the search box of the top bar."""
    return html.Div(
        [
            html.Label(
                "Find an area", htmlFor=ids.FIND, id=f"{ids.FIND}-label", className="sr-only"
            ),
            dcc.Dropdown(
                id=ids.FIND,
                options=[],
                placeholder="Find a ward, district, LSOA name or code",
                clearable=True,
                searchable=True,
                maxHeight=420,
                labels={
                    "search": "Type a name or code",
                    "no_options_found": "Type at least two letters of a name, or a code",
                },
            ),
        ],
        className="find",
    )


def option(place: Place) -> dict[str, Any]:
    """Return a place as an entry of the list; `search` lets the server decide what matches."""
    return {
        "label": html.Span(
            [
                html.Span(place.label, className="find-name"),
                html.Span(f"{KINDS[place.kind]} · {place.detail}", className="muted small"),
            ],
            className="find-option",
        ),
        "value": f"{place.kind}:{place.code}",
    }


def register(app: Dash, open_dataset: OpenDataset) -> None:
    """Connect the search box."""

    @app.callback(
        Output(ids.FIND, "options"),
        Input(ids.FIND, "search_value"),
        prevent_initial_call=True,
    )
    def suggest(text: str | None) -> list[dict[str, Any]]:
        if text is None or len(text.strip()) < SHORTEST:
            raise PreventUpdate
        found = find_places(open_dataset(), text)
        return [{**option(entry), "search": text} for entry in found]
