"""What a panel is: a part of the page with a layout, the things it shows, and what it follows.

A page is a list of panels; layout, callbacks and the checks of requests are all made of that list.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Any

from dash import Dash
from dash.development.base_component import Component

from analysis.selection import Part, Selection, changed_parts
from data_pipeline.dataset import Dataset

from . import ids
from .checks import Check, one_of
from .palette import LIGHT, Palette, palette_of
from .stores import OpenDataset

APPEARANCE = f"{ids.APPEARANCE}.data"
FOLLOWS_COLOURS: dict[str, Check] = {APPEARANCE: one_of("light", "dark")}
"""What wakes a panel that draws in the page's colours."""

Change = Callable[[Selection, Any, Dataset], Selection]
"""Where a control's value leads; raises NotFollowedError where it leads nowhere."""


class Slot(Enum):
    """Where on the page a panel stands."""

    TOP = auto()
    BAR = auto()
    STRIP = auto()
    MAIN = auto()
    BELOW = auto()
    FOOT = auto()


@dataclass(frozen=True)
class Control:
    """Something that the reader acts with.

    Attributes
    ----------
    change : Change
    check : Check
        Of its value.
    keeps : bool
        Whether it goes on showing a value that led nowhere, as a text box does.
    """

    change: Change
    check: Check
    keeps: bool = False


@dataclass(frozen=True)
class Opening:
    """What a page is laid out for.

    Attributes
    ----------
    dataset : Dataset
    tiles : tuple of str
        Backgrounds that the map may load from elsewhere.
    """

    dataset: Dataset
    tiles: tuple[str, ...] = ()


@dataclass(frozen=True)
class Asked:
    """What a panel is asked to show.

    Attributes
    ----------
    dataset : Dataset
    selection : Selection
    before : Selection or None
        What the panel shows; None where it shows nothing yet.
    known : mapping
        Values of the page by ``id.property``: those that the panel asked for, and what the reader
        acted with.
    woken : frozenset of str
        What has changed beside the Selection, as ``id.property``.
    """

    dataset: Dataset
    selection: Selection
    before: Selection | None = None
    known: Mapping[str, Any] = field(default_factory=dict)
    woken: frozenset[str] = frozenset()

    def differs(self, parts: Part) -> bool:
        """Tell whether any of some parts of the Selection is another one than before."""
        return self.before is None or bool(changed_parts(self.before, self.selection) & parts)

    @property
    def palette(self) -> Palette:
        """The colours of the page."""
        return palette_of(self.known.get(APPEARANCE)) if APPEARANCE in self.known else LIGHT


Show = Callable[[Asked], Mapping[str, Any]]
Values = Callable[[Dataset, Selection], Mapping[str, Any]]


@dataclass(frozen=True)
class Panel:
    """A part of the page.

    Attributes
    ----------
    name : str
        Its own among the panels of a page.
    layout : function of Opening, or None
        Returns its component; None for a panel that lives in another one's.
    slot : Slot
    outputs : tuple of str
        What it may change, each as ``id.property``.
    follows : Part
        The parts of the Selection that it shows. Where one has changed it is asked to show them.
    wakes : mapping of ``id.property`` to Check
        What else it must be asked for, such as the colours of the page.
    known : mapping of ``id.property`` to Check
        What it must know of the page.
    show : function of Asked, or None
        Pure. Returns what to send, by output: what is on the page already is left out.
    late : bool
        Whether it can wait until the map has been painted.
    controls : mapping of ``id.property`` to Control
        What the reader can do with it.
    values : function of Dataset and Selection, or None
        Returns what its controls show of a Selection, by ``id.property``.
    connect : function of Dash and OpenDataset, or None
        Adds callbacks that follow neither the Selection nor the colours, such as those of the
        browser alone.
    checks : mapping of ``id.property`` to Check
        Of the inputs and states of what `connect` adds, where they are not named above.
    """

    name: str
    layout: Callable[[Opening], Component] | None = None
    slot: Slot = Slot.BELOW
    outputs: tuple[str, ...] = ()
    follows: Part = Part.FIGURES
    wakes: Mapping[str, Check] = field(default_factory=dict)
    known: Mapping[str, Check] = field(default_factory=dict)
    show: Show | None = None
    late: bool = False
    controls: Mapping[str, Control] = field(default_factory=dict)
    values: Values | None = None
    connect: Callable[[Dash, OpenDataset], None] | None = None
    checks: Mapping[str, Check] = field(default_factory=dict)


def other_than(wanted: Mapping[str, Any], known: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is wanted, without what is there already: it need not travel again."""
    return {
        name: value for name, value in wanted.items() if name not in known or known[name] != value
    }
