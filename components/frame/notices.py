"""What the reader is told above the figures: synthetic data, links not followed, errors."""

from __future__ import annotations

import logging
from typing import Any

from dash import ClientsideFunction, Dash, Input, html, set_props

from data_pipeline.dataset import Dataset, DatasetError

from .. import ids, theme
from ..panel import Opening, Panel, Slot
from ..stores import OpenDataset, OtherDatasetError

log = logging.getLogger(__name__)


def layout(opening: Opening) -> html.Div:
    """Return the empty room for notices."""
    return html.Div(id=ids.NOTES, **theme.aria(live="polite"))


def synthetic_banner(dataset: Dataset) -> list[Any]:
    """Return the banner that marks generated data, nothing for real data."""
    if not dataset.synthetic:
        return []
    return [
        html.Div(
            "Synthetic demonstration data: every figure and place is generated. None is real.",
            className="synthetic",
            role="note",
        )
    ]


def not_followed(sentences: tuple[str, ...]) -> list[Any]:
    """Return the notice that says which parts of a link could not be followed."""
    if not sentences:
        return []
    heading = html.Strong("This link could not be followed exactly. ")
    if len(sentences) == 1:
        return [html.Div([heading, sentences[0]], className="notice", role="status")]
    listed = html.Ul([html.Li(sentence) for sentence in sentences])
    return [html.Div([heading, listed], className="notice", role="status")]


def refused(sentence: str) -> html.Div:
    """Return the notice that something the reader did leads nowhere."""
    return html.Div(sentence, className="notice", role="status")


def no_dataset(error: DatasetError) -> html.Div:
    """Return the message for a reader whose server has no dataset; its paths stay in the log."""
    return html.Div(
        html.Main(
            [
                html.H1("Crime Atlas has no dataset to show"),
                html.P(error.public),
                html.P(
                    "Whoever runs this site finds the cause in its log. A dataset for trying "
                    "things out is made with:"
                ),
                html.Code("make demo"),
                html.P("Then reload this page."),
            ],
            className="message",
            id="content",
        ),
        role="alert",
    )


def report_error(error: Exception) -> None:
    """Tell the reader that something went wrong and keep what is on the page; log the cause."""
    if isinstance(error, OtherDatasetError):
        log.info("A page is older than the dataset: %s", error)
        set_props(ids.NOTES, {"children": other_dataset()})
        return
    log.error("A callback failed", exc_info=error)
    text = (
        error.public
        if isinstance(error, DatasetError)
        else "Something went wrong, and the page may not be up to date."
    )
    notice = html.Div(
        [html.Strong(text), " Reload the page; your link is kept."],
        className="notice",
        role="alert",
    )
    set_props(ids.NOTES, {"children": notice})


def other_dataset() -> html.Div:
    """Return the notice that the figures on the server are others than those on the page."""
    return html.Div(
        [
            html.Strong("The data on the server have been replaced since this page was opened. "),
            "What you see is still of the data before, and changes no more. ",
            html.Button("Reload the page", id=ids.RELOAD, type="button", className="quiet"),
            " Your link is kept.",
        ],
        className="notice",
        role="alert",
    )


def connect(app: Dash, open_dataset: OpenDataset) -> None:
    """Let the reader load the page again."""
    app.clientside_callback(
        ClientsideFunction("crime_atlas", "reload"),
        Input(ids.RELOAD, "n_clicks"),
        prevent_initial_call=True,
    )


PANEL = Panel("notices", layout, Slot.BAR, connect=connect)
