"""How the map's classes are chosen: the method, the reader's own breaks, and the pin."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from dash import Dash, html

from analysis.area_table import area_table
from analysis.classes import METHODS, OWN
from analysis.selection import LONGEST_SEARCH, NotFollowedError, Part, Selection, parse_breaks
from analysis.vocabulary import MEASURES
from data_pipeline.dataset import Dataset

from .. import ids
from ..checks import MOST_CLICKS, one_of, text, whole_number
from ..panel import Asked, Control, Panel
from ..stores import OpenDataset
from .drop_down import drop_down
from .text_box import follow_link, text_box, text_id

PAUSE_MS = 1200
PIN, UNPIN = "Pin these classes", "Unpin the classes"


def layout() -> html.Details:
    """Return the controls, folded away until they are wanted; the link fills them in."""
    methods = [{"label": method.label, "value": slug} for slug, method in METHODS.items()]
    return html.Details(
        [
            html.Summary("Change the classes"),
            html.Div(
                [
                    drop_down("Classes", ids.CLASSING, methods, searchable=False),
                    text_box(
                        ids.BREAKS, "Own breaks", "e.g. 2, 5, 10, 20", PAUSE_MS, visible_label=True
                    ),
                    html.Button(PIN, id=ids.PIN, type="button", className="quiet"),
                ],
                className="class-controls",
            ),
            html.P(id=ids.BREAKS_NOTE, className="small", role="status"),
        ],
        className="class-details",
    )


def current_breaks(dataset: Dataset, selection: Selection) -> tuple[float, ...]:
    """Return the breaks of the map that a selection shows."""
    return area_table(dataset, selection).classes.breaks


def with_classing(selection: Selection, slug: str, dataset: Dataset) -> Selection:
    """Choose how classes are made; own breaks start from those on the map."""
    if slug == OWN:
        return replace(selection, breaks=selection.breaks or current_breaks(dataset, selection))
    if slug == selection.classing and not selection.breaks:
        return selection
    return replace(selection, classing=slug, breaks=())


def with_breaks(selection: Selection, text: str | None, dataset: Dataset) -> Selection:
    """Take the breaks that the reader typed; what cannot be used changes nothing."""
    try:
        breaks = parse_breaks(text or "", MEASURES[selection.measure])
    except NotFollowedError:
        return selection
    return replace(selection, breaks=breaks) if breaks else selection


def with_pin(selection: Selection, clicks: int | None, dataset: Dataset) -> Selection:
    """Keep the classes on the map whatever else changes, or let go of them."""
    if not clicks:
        return selection
    if selection.breaks:
        return replace(selection, breaks=())
    return replace(selection, breaks=current_breaks(dataset, selection))


def complaint(text: str | None, selection: Selection) -> str:
    """Return why the breaks that the reader typed cannot be used; empty if they can."""
    try:
        parse_breaks(text or "", MEASURES[selection.measure])
    except NotFollowedError as error:
        return f"{error}."
    return ""


def classing(selection: Selection) -> str:
    """Return the method that the control shows."""
    return OWN if selection.breaks else selection.classing


def breaks_text(selection: Selection) -> str:
    """Return the own breaks as the reader types them."""
    return ", ".join(f"{value:.10g}" for value in selection.breaks)


def pin_label(selection: Selection) -> str:
    """Return what the pin does next."""
    return UNPIN if selection.breaks else PIN


BREAKS = f"{text_id(ids.BREAKS)}.data"


def values(dataset: Dataset, selection: Selection) -> dict[str, Any]:
    """Return what the controls show of a selection."""
    return {f"{ids.CLASSING}.value": classing(selection), BREAKS: breaks_text(selection)}


def show(asked: Asked) -> Mapping[str, Any]:
    """Return what the pin does next, and what is wrong with the breaks that the reader typed."""
    said = {f"{ids.BREAKS_NOTE}.children": complaint(asked.known.get(BREAKS), asked.selection)}
    if not asked.differs(Part.DISPLAY):
        return said
    return {**said, f"{ids.PIN}.children": pin_label(asked.selection)}


def connect(app: Dash, open_dataset: OpenDataset) -> None:
    """Fill the box of own breaks from the link."""
    follow_link(app, ids.BREAKS)


PANEL = Panel(
    "classes",
    outputs=(f"{ids.PIN}.children", f"{ids.BREAKS_NOTE}.children"),
    follows=Part.DISPLAY,
    wakes={BREAKS: text(LONGEST_SEARCH)},
    show=show,
    values=values,
    controls={
        f"{ids.CLASSING}.value": Control(with_classing, one_of(*METHODS)),
        BREAKS: Control(with_breaks, text(LONGEST_SEARCH), keeps=True),
        f"{ids.PIN}.n_clicks": Control(with_pin, whole_number(MOST_CLICKS)),
    },
    connect=connect,
)
