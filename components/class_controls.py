"""How the map's classes are chosen: the method, the reader's own breaks, and the pin."""

from __future__ import annotations

from dataclasses import replace

from dash import html

from analysis.area_table import area_table
from analysis.classes import METHODS, OWN
from analysis.selection import MEASURES, Selection, read_breaks
from data_pipeline.dataset import Dataset

from . import ids
from .filters import control
from .text_box import text_box

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
                    control("Classes", ids.CLASSING, methods, searchable=False),
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
    return area_table(dataset, selection.figures_key()).classes.breaks


def with_classing(selection: Selection, slug: str, dataset: Dataset) -> Selection:
    """Choose how classes are made; own breaks start from those on the map."""
    if slug == OWN:
        return replace(selection, breaks=selection.breaks or current_breaks(dataset, selection))
    if slug == selection.classing and not selection.breaks:
        return selection
    return replace(selection, classing=slug, breaks=())


def with_breaks(selection: Selection, text: str | None, dataset: Dataset) -> Selection:
    """Take the breaks that the reader typed; what cannot be used changes nothing."""
    breaks = read_breaks(text or "", MEASURES[selection.measure])
    if isinstance(breaks, str) or not breaks:
        return selection
    return replace(selection, breaks=breaks)


def with_pin(selection: Selection, clicks: int | None, dataset: Dataset) -> Selection:
    """Keep the classes on the map whatever else changes, or let go of them."""
    if not clicks:
        return selection
    if selection.breaks:
        return replace(selection, breaks=())
    return replace(selection, breaks=current_breaks(dataset, selection))


def complaint(text: str | None, selection: Selection) -> str:
    """Return why the breaks that the reader typed cannot be used; empty if they can."""
    breaks = read_breaks(text or "", MEASURES[selection.measure])
    return f"{breaks}." if isinstance(breaks, str) else ""


def classing(selection: Selection) -> str:
    """Return the method that the control shows."""
    return OWN if selection.breaks else selection.classing


def breaks_text(selection: Selection) -> str:
    """Return the own breaks as the reader types them."""
    return ", ".join(f"{value:.10g}" for value in selection.breaks)


def pin_label(selection: Selection) -> str:
    """Return what the pin does next."""
    return UNPIN if selection.breaks else PIN
