"""A page: made of its list of panels, or the message that there is no dataset to show."""

from __future__ import annotations

from collections.abc import Sequence

from dash import ClientsideFunction, Dash, Input, Output, dcc, html
from dash.development.base_component import Component

from data_pipeline.dataset import DatasetError, period_label

from . import answer, ids
from .frame.notices import no_dataset, synthetic_banner
from .panel import Opening, Panel, Slot
from .stores import OpenDataset, identity


def layout(
    panels: Sequence[Panel], open_dataset: OpenDataset, tiles: tuple[str, ...] = ()
) -> html.Div:
    """Return a page, or a message where no dataset can be opened.

    Parameters
    ----------
    panels : sequence of Panel
        In reading order.
    open_dataset : function that returns the Dataset
    tiles : tuple of str
        Backgrounds that the map may load from elsewhere, keys of ``basemaps.TILES``.
    """
    try:
        dataset = open_dataset()
    except DatasetError as error:
        return no_dataset(error)
    opening = Opening(dataset, tiles)
    span = period_label(dataset.months[0], dataset.months[-1])

    def at(slot: Slot) -> list[Component]:
        return [panel.layout(opening) for panel in panels if panel.layout and panel.slot is slot]

    top = [
        html.H1("Crime Atlas"),
        html.Span(f"Police-recorded crime by neighbourhood, {span}", className="tagline"),
        *at(Slot.TOP),
    ]
    return html.Div(
        [
            html.A("Skip to the figures", href="#content", className="skip-link"),
            *[dcc.Store(id=store) for store in answer.stores(panels)],
            dcc.Store(id=ids.DATASET, data=identity(dataset)),
            html.Header([html.Div(top, className="top-bar"), *synthetic_banner(dataset)]),
            *at(Slot.BAR),
            html.Main(
                [
                    *at(Slot.STRIP),
                    html.Div(at(Slot.MAIN), className="main"),
                    *at(Slot.BELOW),
                ],
                className="page",
                id="content",
            ),
            *at(Slot.FOOT),
        ]
    )


def connect(app: Dash, panels: Sequence[Panel], open_dataset: OpenDataset) -> None:
    """Connect the panels of a page, its address and the size of its window.

    Parameters
    ----------
    app : Dash
    panels : sequence of Panel
        Those that the page was laid out with.
    open_dataset : function that returns the Dataset
    """
    app.clientside_callback(
        ClientsideFunction("crime_atlas", "start"),
        Output(ids.LINK, "data"),
        Output(ids.MAP_SIZE, "data"),
        Input(ids.LINK, "id"),
    )
    answer.connect(app, panels, open_dataset)
    for panel in panels:
        if panel.connect:
            panel.connect(app, open_dataset)
