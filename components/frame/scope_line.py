"""What every figure is about: one line, the places chosen, and the way to choose more of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dash import html

from analysis.reporting import figures_label
from analysis.scope import chosen_places
from analysis.selection import Part, Selection, to_query
from analysis.wording import in_sentence
from data_pipeline.dataset import Dataset

from .. import ids, moves, theme
from ..checks import LONGEST_VALUE, text
from ..controls.drop_down import Options, drop_down
from ..panel import Asked, Control, Opening, Panel, Slot

FEWEST_CHIPS = 2
"""A place alone is taken out with the filters."""


def layout(opening: Opening) -> html.Div:
    """Return the empty line."""
    return html.Div(
        [
            html.Div(
                [
                    html.P(id=ids.SCOPE, className="scope", **theme.aria(live="polite")),
                    html.Div(id=ids.CHIPS, className="chips"),
                ],
                className="scope-words",
            ),
            html.Div(
                drop_down("Add another", ids.ADD, [], placeholder="Force or district"),
                id=ids.ADD_FRAME,
                className="add",
                hidden=True,
            ),
        ],
        className="scope-line",
    )


def description(dataset: Dataset, selection: Selection) -> list[Any]:
    """Return the line that says what every figure below describes."""
    per = in_sentence(selection.denominator_of(dataset).label)
    return [
        html.Strong(figures_label(dataset, selection)),
        f" · {selection.type_label(dataset)} · {selection.period_label()}"
        f" · rates are a year’s, per 1,000 {per}",
    ]


def chips(dataset: Dataset, selection: Selection) -> list[Any]:
    """Return every chosen place with a link that takes it out, where there are several."""
    places = chosen_places(dataset, selection.scope)
    if len(places) < FEWEST_CHIPS or selection.shape:
        return []
    return [
        html.A(
            [name, html.Span(" ×", **theme.aria(hidden="true"))],
            href=f"?{to_query(moves.without_place(selection, code, dataset))}",
            className="go chip",
            **theme.aria(label=f"Leave out {name}"),
        )
        for code, name in places
    ]


def addable(dataset: Dataset, selection: Selection) -> Options:
    """Return the forces or districts that can be added to those that are chosen.

    The chosen ones stay in their places, out of reach: a list that moves on while the reader adds
    one after the other would give another entry than the one clicked.
    """
    if selection.shape or not selection.forces:
        return []
    if selection.districts:
        areas = dataset.areas.drop_duplicates("lad_code").sort_values("lad_name")
        offered = dict(zip(areas["lad_code"], areas["lad_name"], strict=True))
    else:
        by_name = sorted(dataset.forces, key=lambda force: force.name)
        offered = {force.slug: force.name for force in by_name}
    chosen = selection.districts or selection.forces
    return [
        {"label": name, "value": place, "disabled": place in chosen}
        for place, name in offered.items()
    ]


def show(asked: Asked) -> Mapping[str, Any]:
    """Return what differs; the links that take places out keep all that is chosen besides."""
    dataset, selection, before = asked.dataset, asked.selection, asked.before
    sent: dict[str, Any] = {}
    if asked.differs(Part.FIGURES):
        sent[f"{ids.SCOPE}.children"] = description(dataset, selection)
    now = chips(dataset, selection)
    if now or (before and chips(dataset, before)):
        sent[f"{ids.CHIPS}.children"] = now
    offered = addable(dataset, selection)
    if before is None or offered != addable(dataset, before):
        sent |= {f"{ids.ADD}.options": offered, f"{ids.ADD_FRAME}.hidden": not offered}
    return sent


PANEL = Panel(
    "scope-line",
    layout,
    Slot.STRIP,
    outputs=(
        *(f"{ids.SCOPE}.children", f"{ids.CHIPS}.children"),
        *(f"{ids.ADD}.options", f"{ids.ADD_FRAME}.hidden"),
    ),
    follows=~Part.VIEW,
    show=show,
    values=lambda dataset, selection: {f"{ids.ADD}.value": None},
    controls={f"{ids.ADD}.value": Control(moves.with_added, text(LONGEST_VALUE))},
)
