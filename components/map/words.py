"""What is written around the map: its title, the legend, how to read and use it, the way up."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dash import html

from analysis.reporting import figures_label
from analysis.scope import only_force
from analysis.selection import Part, Selection
from analysis.vocabulary import AREA_WORDS, MEASURES
from analysis.wording import in_sentence
from data_pipeline.dataset import Dataset

from .. import ids
from ..moves import one_up
from ..panel import FOLLOWS_COLOURS, Asked, Panel, other_than
from . import group
from .drawing import drawing, is_dotted
from .legend import explanation, legend
from .view import detail_force


def title(dataset: Dataset, selection: Selection) -> list[Any]:
    """Return the heading of the map: what is drawn, where and when."""
    measure = MEASURES[selection.measure]
    label = in_sentence(selection.denominator_of(dataset).label)
    per = f" {label}" if measure.slug == "rate" else ""
    parts = [f"{measure.label}{per}"]
    if not selection.shape:
        parts.append(AREA_WORDS[selection.level][1])
    return [
        html.H2(f"{selection.type_label(dataset)} in {figures_label(dataset, selection)}"),
        html.Span(" · ".join([*parts, selection.period_label()]), className="muted"),
    ]


def note(dataset: Dataset, selection: Selection) -> str:
    """Return the sentence under the legend that says how to read and use the map."""
    if is_dotted(selection, only_force(dataset, selection.scope)):
        close = detail_force(dataset, selection.view) if selection.view else None
        if close:
            name = next(force.name for force in dataset.forces if force.slug == close)
            return (
                f"Here the areas of {name} are drawn; those of other forces are dots until you "
                "come closer to them. Click an area to choose it."
            )
        return (
            "Every dot is a neighbourhood, the highest on top. Click one, or zoom in, to see the "
            "areas themselves."
        )
    use = "Click an area to choose it."
    if not selection.is_narrowed and selection.level == "lad":
        use = "Click a district to see its neighbourhoods."
    if not selection.is_narrowed and selection.level == "force":
        use = "Click a force to see its neighbourhoods."
    measure = MEASURES[selection.measure]
    if not measure.per_area:
        return f"{use} Circles grow with the count; compare areas by their rate."
    if measure.diverging:
        return (
            f"{use} A change is clear where chance alone would bring one as large in fewer than "
            "5 of 100 areas."
        )
    return f"{use} The classes are the same for every force. Scroll or pinch to zoom."


def full_note(dataset: Dataset, selection: Selection) -> str:
    """Return how to read and use the map, with what a drawn group asks to be known."""
    return " ".join([*group.note(selection), note(dataset, selection)])


def back_label(dataset: Dataset, selection: Selection) -> str:
    """Return the label of the way up, or nothing at the top."""
    if not selection.is_narrowed:
        return ""
    above = one_up(selection)
    of_all = "All of " if above.is_narrowed else ""
    return f"← {of_all}{above.place_label(dataset)}"


def plain(dataset: Dataset, selection: Selection) -> dict[str, Any]:
    """Return the words that are no more than text, by output."""
    back = back_label(dataset, selection)
    return {
        f"{ids.MAP_NOTE}.children": full_note(dataset, selection),
        f"{ids.BACK}.children": back,
        f"{ids.BACK}.hidden": not back,
    }


def show(asked: Asked) -> Mapping[str, Any]:
    """Return the words that are others than before."""
    dataset, selection = asked.dataset, asked.selection
    drawn = drawing(dataset, selection, palette=asked.palette)
    sent: dict[str, Any] = {f"{ids.LEGEND}.children": legend(drawn)}
    if asked.differs(Part.FIGURES | Part.MEASURE | Part.DISPLAY):
        sent[f"{ids.CLASSES_NOTE}.children"] = explanation(drawn)
    if asked.differs(Part.FIGURES | Part.MEASURE):
        sent[f"{ids.MAP_TITLE}.children"] = title(dataset, selection)
    before = plain(dataset, asked.before) if asked.before else {}
    return {**sent, **other_than(plain(dataset, selection), before)}


PANEL = Panel(
    "map-words",
    outputs=(
        *(f"{words}.children" for words in (ids.MAP_TITLE, ids.LEGEND, ids.MAP_NOTE)),
        *(f"{ids.CLASSES_NOTE}.children", f"{ids.BACK}.children", f"{ids.BACK}.hidden"),
    ),
    follows=Part.FIGURES | Part.MEASURE | Part.DISPLAY,
    wakes=FOLLOWS_COLOURS,
    show=show,
)
