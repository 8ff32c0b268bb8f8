"""How the page answers a change: one request carries everything that is seen at once.

A control, a click, a drawn shape or a link leads from one Selection to the next. The same answer
brings the link, the controls, the headline, the legend and the map; panels that can wait ask for
theirs once the map has been painted. Nothing is sent that is on the page already.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from dash import ClientsideFunction, Dash, Input, Output, State, no_update
from dash.exceptions import PreventUpdate

from analysis.selection import (
    MapView,
    NotFollowedError,
    Selection,
    from_query,
    is_bare,
    part_of,
    to_query,
)
from data_pipeline.dataset import Dataset

from . import ids
from .checks import LONGEST_LINK, Check, is_record, is_view, text
from .frame.notices import not_followed, refused
from .moves import FollowedOtherwiseError
from .panel import Asked, Control, Panel, other_than
from .stores import IDENTITY_DIGITS, OpenDataset, is_stored, opened, opened_as, stored

LINK, ASK, ANSWERED = f"{ids.LINK}.data", f"{ids.ASK}.data", f"{ids.ANSWERED}.data"
SELECTION, DATASET, VIEW = f"{ids.SELECTION}.data", f"{ids.DATASET}.data", f"{ids.VIEW}.data"
NOTES = f"{ids.NOTES}.children"

MOST_ACTS = 100
"""In one request: a reader who acts faster than is answered has them sent together."""

Acts = Sequence[tuple[str, Any]]
"""What the reader did, in order: ``id.property`` and its value."""

CHECKS: dict[str, Check] = {
    SELECTION: is_stored,
    DATASET: text(IDENTITY_DIGITS),
    VIEW: is_view,
}
"""Of what every answer is asked with."""


@dataclass(frozen=True)
class Step:
    """Where the reader's act leads.

    Attributes
    ----------
    before : Selection or None
        What the page shows, where the map is now; None at first.
    after : Selection
    notes : list or None
        Notices about what could not be followed; None where those on the page may stay.
    go : str
        Query to write into the page's address; empty where it is there already.
    """

    before: Selection | None
    after: Selection
    notes: list[Any] | None
    go: str = ""


def wanted(panel: Panel) -> str:
    """Return the store of what a late panel is to show."""
    return f"{panel.name}-wanted.data"


def asked(panel: Panel) -> str:
    """Return the store by which a late panel asks, once the map has been painted."""
    return f"{panel.name}-asked.data"


def shown(panel: Panel) -> str:
    """Return the store of what a late panel shows."""
    return f"{panel.name}-shown.data"


def stores(panels: Iterable[Panel]) -> list[str]:
    """Return the ids of the stores that a page with these panels needs."""
    own = (ids.LINK, ids.ASK, ids.ANSWERED, ids.BUSY, ids.SELECTION)
    looks = (ids.VIEW, ids.MAP_SIZE, ids.APPEARANCE)
    late = [store(panel) for panel in _late(panels) for store in (wanted, asked, shown)]
    return [*own, *looks, *(name.partition(".")[0] for name in late)]


def checks(panels: Iterable[Panel]) -> dict[str, Check]:
    """Return the check of every input and state of a page with these panels."""
    found = {**CHECKS, ASK: are_acts(panels)}
    for panel in panels:
        found |= {**panel.wakes, **panel.known, **panel.checks}
        if panel in _late(panels):
            found |= {asked(panel): is_stored, shown(panel): is_record}
    return found


def are_acts(panels: Iterable[Panel]) -> Check:
    """Return the check of what a reader did on a page with these panels."""
    of_acts: dict[str, Check] = {LINK: text(LONGEST_LINK)}
    for panel in panels:
        of_acts |= {name: control.check for name, control in panel.controls.items()}
        of_acts |= panel.wakes

    def check(value: Any) -> bool:
        return (
            isinstance(value, list)
            and len(value) <= MOST_ACTS
            and all(isinstance(act, list) and len(act) == len(("name", "value")) for act in value)
            and all(isinstance(name, str) and name in of_acts for name, _ in value)
            and all(of_acts[name](given) for name, given in value)
        )

    return check


def controls(panels: Iterable[Panel]) -> dict[str, Control]:
    """Return everything that a reader can do on a page with these panels."""
    return {name: control for panel in panels for name, control in panel.controls.items()}


def read_link(search: str, dataset: Dataset) -> tuple[Selection, tuple[str, ...]]:
    """Return the Selection of a link and one sentence for each part that had to be replaced."""
    if is_bare(search):
        return Selection.opening(dataset), ()
    return from_query(search, dataset)


def step(
    dataset: Dataset, held: Mapping[str, Any], acts: Acts, offered: Mapping[str, Control]
) -> Step:
    """Return where the reader's acts lead.

    Parameters
    ----------
    dataset : Dataset
    held : mapping
        Values of the page by ``id.property``: what it shows, and where the map is.
    acts : sequence of (str, value)
        One after the other; a link leads away from whatever was done before it.
    offered : mapping of ``id.property`` to Control
    """
    query, view = held[SELECTION], held[VIEW]
    before = None
    if query is not None:
        here = MapView.parse(view) if view else None
        before = replace(from_query(query, dataset)[0], view=here)
    after, notes = before, list[Any]()
    followed = False
    for name, value in acts:
        if name == LINK:
            after, sentences = read_link(value, dataset)
            notes, followed = not_followed(sentences), True
        elif name in offered and after is not None:
            try:
                now = offered[name].change(after, value, dataset)
            except FollowedOtherwiseError as error:
                notes.append(refused(f"{error}."))
                followed, after = False, error.selection
            except NotFollowedError as error:
                notes.append(refused(f"{error}."))
            else:
                followed = followed and now == after
                after = now
    if after is None:
        after = Selection.opening(dataset)
    if after != before and not followed:
        # What the page shows is what its link would show to anybody else.
        after, sentences = from_query(to_query(after), dataset)
        notes += not_followed(sentences)
    go = "" if followed or after == before else f"?{to_query(after)}"
    return Step(before, after, notes if notes or after != before or followed else None, go)


def content(panel: Panel, question: Asked) -> Mapping[str, Any]:
    """Return what a panel sends; nothing where nothing that it follows has changed."""
    if panel.show is None or not (
        question.woken & panel.wakes.keys() or question.differs(panel.follows)
    ):
        return {}
    return panel.show(question)


def connect(app: Dash, panels: Sequence[Panel], open_dataset: OpenDataset) -> None:
    """Add the callbacks that answer changes on a page with these panels.

    Parameters
    ----------
    app : Dash
    panels : sequence of Panel
        All panels of the page; the callbacks are made of this list alone.
    open_dataset : function that returns the Dataset
    """
    early = [panel for panel in panels if not panel.late]
    _connect_early(app, early, _late(panels), controls(panels), open_dataset)
    for panel in _late(panels):
        _connect_late(app, panel, open_dataset)


def _late(panels: Iterable[Panel]) -> list[Panel]:
    return [panel for panel in panels if panel.late]


def _connect_early(
    app: Dash,
    early: Sequence[Panel],
    late: Sequence[Panel],
    offered: dict[str, Control],
    open_dataset: OpenDataset,
) -> None:
    wakes = list(dict.fromkeys(name for panel in early for name in panel.wakes))
    states = [SELECTION, DATASET, VIEW, *wakes, *(name for panel in early for name in panel.known)]
    outputs = [ANSWERED, SELECTION, NOTES, *(wanted(panel) for panel in late)]
    outputs += [name for panel in early for name in panel.outputs]
    acting = list(dict.fromkeys([LINK, *offered, *wakes]))
    app.clientside_callback(
        ClientsideFunction("crime_atlas", "act"),
        [_one(Input, name) for name in acting],
        prevent_initial_call=True,
    )
    app.clientside_callback(
        ClientsideFunction("crime_atlas", "answered"),
        _one(Input, ANSWERED),
        prevent_initial_call=True,
    )
    app.clientside_callback(
        ClientsideFunction("crime_atlas", "idle"),
        Input(ids.BUSY, "data"),
        prevent_initial_call=True,
    )

    @app.callback(
        output=_each(Output, outputs),
        inputs={"acts": _one(Input, ASK)},
        state={"held": _each(State, states)},
        running=[(Output(ids.BUSY, "data"), True, False)],
        prevent_initial_call=True,
    )
    def answer(*, acts: list[list[Any]] | None, held: dict[str, Any]) -> dict[str, Any]:
        if acts is None:
            raise PreventUpdate
        dataset = opened_as(held[DATASET], open_dataset)
        done = [(name, value) for name, value in acts if value is not None]
        taken = step(dataset, held, done, offered)
        woken = frozenset(name for name, _ in done) & frozenset(wakes)
        question = Asked(dataset, taken.after, taken.before, {**held, **dict(done)}, woken)
        return dict.fromkeys(outputs, no_update) | early_answer(taken, early, late, question)


def early_answer(
    taken: Step, early: Sequence[Panel], late: Sequence[Panel], question: Asked
) -> dict[str, Any]:
    """Return what is seen at once after a step, and what the late panels are to ask for.

    Parameters
    ----------
    taken : Step
    early, late : sequences of Panel
        Those that are shown at once, and those that ask once the map has been painted.
    question : Asked
        What the early panels are asked.

    Returns
    -------
    dict
        What to send, by ``id.property``; empty where everything is on the page already.
    """
    dataset, before = question.dataset, taken.before
    values = control_values([*early, *late], dataset, taken.after)
    shown_now = control_values([*early, *late], dataset, before) if before else {}
    changed = other_than(values, {**shown_now, **question.known})
    if taken.after == before:
        kept = {name for name, control in controls([*early, *late]).items() if control.keeps}
        changed = {name: value for name, value in changed.items() if name not in kept}
    sent: dict[str, Any] = {ANSWERED: {"go": taken.go, "values": changed}}
    for panel in early:
        sent |= content(panel, question)
    for panel in late:
        if question.differs(panel.follows):
            sent[wanted(panel)] = stored(part_of(taken.after, panel.follows), dataset)
    if taken.after != before:
        sent[SELECTION] = stored(taken.after, dataset)
    if taken.notes is not None:
        sent[NOTES] = taken.notes
    return sent


def control_values(
    panels: Iterable[Panel], dataset: Dataset, selection: Selection
) -> dict[str, Any]:
    """Return what the controls of some panels show of a selection, by ``id.property``.

    Parameters
    ----------
    panels : iterable of Panel
    dataset : Dataset
    selection : Selection
    """
    values: dict[str, Any] = {}
    for panel in panels:
        if panel.values:
            values |= panel.values(dataset, selection)
    return values


def _connect_late(app: Dash, panel: Panel, open_dataset: OpenDataset) -> None:
    app.clientside_callback(
        ClientsideFunction("crime_atlas", "after_paint"),
        _one(Output, asked(panel)),
        [_one(Input, name) for name in (wanted(panel), *panel.wakes)],
        prevent_initial_call=True,
    )

    @app.callback(
        output=_each(Output, [shown(panel), *panel.outputs]),
        inputs={"given": _each(Input, [asked(panel)])},
        state={"held": _each(State, [shown(panel), *panel.wakes, *panel.known])},
        prevent_initial_call=True,
    )
    def show(*, given: dict[str, Any], held: dict[str, Any]) -> dict[str, Any]:
        known = given | held
        if known[asked(panel)] is None:
            raise PreventUpdate
        dataset, selection = opened(known[asked(panel)], open_dataset)
        sent = late_answer(dataset, selection, panel, known)
        if not sent:
            raise PreventUpdate
        return dict.fromkeys([shown(panel), *panel.outputs], no_update) | sent


def late_answer(
    dataset: Dataset, selection: Selection, panel: Panel, known: Mapping[str, Any]
) -> dict[str, Any]:
    """Return what a late panel sends, and the record of what it shows then.

    Parameters
    ----------
    dataset : Dataset
    selection : Selection
    panel : Panel
    known : mapping
        Values of the page by ``id.property``: the record of what the panel shows, what wakes it and
        what it asked to know.

    Returns
    -------
    dict
        What to send, by ``id.property``; empty where everything is on the page already.
    """
    record: dict[str, Any] = known[shown(panel)] or {}
    woken = frozenset(name for name in panel.wakes if record.get(name) != known[name])
    before = from_query(record["query"], dataset)[0] if record else None
    sent = dict(content(panel, Asked(dataset, selection, before, known, woken)))
    if not sent:
        return {}
    now = {"query": known[asked(panel)], **{name: known[name] for name in panel.wakes}}
    return {**sent, shown(panel): now}


def _one(kind: Any, name: str) -> Any:
    component, _, prop = name.partition(".")
    return kind(component, prop)


def _each(kind: Any, names: Iterable[str]) -> dict[str, Any]:
    return {name: _one(kind, name) for name in names}
