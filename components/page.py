"""The page: its panels in reading order, and what is shown when there is no dataset."""

from __future__ import annotations

import logging
from typing import Any

from dash import ClientsideFunction, Dash, Input, Output, State, dcc, html, set_props

from data_pipeline.dataset import Dataset, DatasetError, period_label

from . import (
    about,
    appearance,
    filters,
    find,
    headline,
    ids,
    map,
    map_group,
    navigation,
    ranking,
    theme,
    trends,
    where,
)
from .navigation import OpenDataset

log = logging.getLogger(__name__)

PANELS = (appearance, navigation, find, where, headline, map, map_group, ranking, trends)
"""Everything with callbacks. A new panel is one module and its name here."""

STORES = (
    *(ids.LINK, ids.GO, ids.SELECTION, *navigation.STORES),
    *(ids.VIEW, ids.MAP_SIZE, ids.APPEARANCE),
)


def layout(open_dataset: OpenDataset, basemaps: tuple[str, ...] = ()) -> html.Div:
    """Return the page, or a message where no dataset can be opened.

    Parameters
    ----------
    open_dataset : function that returns the Dataset
    basemaps : tuple of str
        Backgrounds that the map may load from elsewhere, keys of ``basemaps.TILES``.
    """
    try:
        dataset = open_dataset()
    except DatasetError as error:
        return no_dataset(str(error))
    return html.Div(
        [
            html.A("Skip to the figures", href="#content", className="skip-link"),
            *[dcc.Store(id=store) for store in STORES],
            html.Header([top_bar(dataset), *synthetic_banner(dataset)]),
            filters.layout(dataset),
            html.Div(id=ids.NOTES, **theme.aria(live="polite")),
            html.Main(
                [
                    headline.layout(),
                    html.Div(
                        [
                            map.layout(dataset, about.picture_foot(dataset), basemaps),
                            ranking.layout(),
                        ],
                        className="main",
                    ),
                    trends.layout(),
                ],
                className="page",
                id="content",
            ),
            about.layout(dataset),
        ]
    )


def top_bar(dataset: Dataset) -> html.Div:
    """Return the name of the page, what it holds, and the search for a place."""
    span = period_label(dataset.months[0], dataset.months[-1])
    return html.Div(
        [
            html.H1("Crime Atlas"),
            html.Span(f"Police-recorded crime by neighbourhood, {span}", className="tagline"),
            find.layout(),
            where.layout(),
            appearance.layout(),
        ],
        className="top-bar",
    )


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


def no_dataset(reason: str) -> html.Div:
    """Return the message for a reader whose server has no dataset; `reason` names the remedy."""
    sentence, _, command = reason.partition("Make one with: ")
    return html.Div(
        [
            html.H1("Crime Atlas has no dataset to show"),
            html.P(sentence),
            *([html.P("Make one with:"), html.Code(command)] if command else []),
            html.P("Then reload this page."),
        ],
        className="message",
        role="alert",
    )


def report_error(error: Exception) -> None:
    """Tell the reader that something went wrong and keep what is on the page; log the cause."""
    log.error("A callback failed", exc_info=error)
    known = isinstance(error, DatasetError)
    text = str(error) if known else "Something went wrong, and the page may not be up to date."
    notice = html.Div(
        [html.Strong(text), " Reload the page; your link is kept."],
        className="notice",
        role="alert",
    )
    set_props(ids.NOTES, {"children": notice})


def register(app: Dash, open_dataset: OpenDataset) -> None:
    """Connect every panel."""
    for panel in PANELS:
        panel.register(app, open_dataset)
    app.clientside_callback(
        ClientsideFunction("crime_atlas", "measure_map"),
        Output(ids.MAP_SIZE, "data"),
        Input(ids.MAP, "id"),
    )
    app.clientside_callback(
        ClientsideFunction("crime_atlas", "keep_view"),
        Output(ids.VIEW, "data"),
        Input(ids.MAP, "relayoutData"),
        State(ids.VIEW, "data"),
        prevent_initial_call=True,
    )
