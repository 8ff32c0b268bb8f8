"""Light or dark: what the reader's browser prefers, until the reader chooses."""

from __future__ import annotations

from dash import ClientsideFunction, Dash, Input, Output, html

from .. import ids
from ..panel import Opening, Panel, Slot
from ..stores import OpenDataset


def layout(opening: Opening) -> html.Button:
    """Return the switch; the browser writes what it leads to on it."""
    return html.Button("Dark", id=ids.APPEARANCE_SWITCH, type="button", className="quiet")


def connect(app: Dash, open_dataset: OpenDataset) -> None:
    """Connect the switch. The choice is the browser's, so that a shared link does not carry it."""
    app.clientside_callback(
        ClientsideFunction("crime_atlas", "appearance"),
        Output(ids.APPEARANCE, "data"),
        Output(ids.APPEARANCE_SWITCH, "children"),
        Input(ids.APPEARANCE_SWITCH, "n_clicks"),
    )


PANEL = Panel("appearance", layout, Slot.TOP, connect=connect)
