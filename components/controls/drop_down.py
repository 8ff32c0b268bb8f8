"""A labelled drop-down."""

from __future__ import annotations

from typing import Any

from dash import dcc, html

Options = list[dict[str, Any]]
"""Entries of a drop-down: each has a label and a value."""


def drop_down(label: str, component_id: str, options: Options, **properties: Any) -> html.Div:
    """Return a labelled drop-down; the link fills in its value.

    Parameters
    ----------
    label : str
        Shown above it, and its name for screen readers.
    component_id : str
    options : list of dict
        Each has a label and a value.
    **properties
        Others of ``dcc.Dropdown``.
    """
    return html.Div(
        [
            html.Label(label, htmlFor=component_id, id=f"{component_id}-label"),
            dcc.Dropdown(
                id=component_id, options=options, clearable=False, maxHeight=360, **properties
            ),
        ],
        className="control",
    )
