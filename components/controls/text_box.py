"""A text box whose text is never rewritten while the reader types.

An input that the page's state controls can lose or swap letters when an answer arrives between
two key strokes. This one belongs to the browser: its text goes to a store after a short pause,
and is set from the page only when the reader is elsewhere.
"""

from __future__ import annotations

from typing import Any

from dash import ClientsideFunction, Dash, Input, State, dcc, html

from analysis.selection import LONGEST_SEARCH


def text_box(
    box_id: str, label: str, placeholder: str, pause_ms: int, *, visible_label: bool = False
) -> html.Div:
    """Return a labelled text box; the store `box_id`-text holds its text.

    Parameters
    ----------
    box_id : str
        Id of the input.
    label : str
        What screen readers call it; others see it only with `visible_label`.
    pause_ms : int
        Milliseconds without a key stroke after which the text is taken.
    """
    settings: dict[str, Any] = {
        "data-box": box_id,
        "data-placeholder": placeholder,
        "data-pause": str(pause_ms),
        "data-longest": str(LONGEST_SEARCH),
    }
    return html.Div(
        [
            html.Label(label, htmlFor=box_id, className="" if visible_label else "sr-only"),
            html.Div(className="text-box", **settings),
            dcc.Store(id=text_id(box_id)),
        ],
        className="text-box-frame",
    )


def text_id(box_id: str) -> str:
    """Return the id of the store that holds a box's text."""
    return f"{box_id}-text"


def follow_link(app: Dash, box_id: str) -> None:
    """Write the text of a box's store into the box, unless the reader is typing there."""
    app.clientside_callback(
        ClientsideFunction("crime_atlas", "show_text"),
        Input(text_id(box_id), "data"),
        State(text_id(box_id), "id"),
        prevent_initial_call=True,
    )
