"""The fields of the link: one record each, from which reading, writing and comparing follow."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass
from enum import Flag, auto
from functools import partial
from typing import Any

from ..classes import METHODS, OWN, USUAL
from ..shape import shape_text
from ..vocabulary import BASEMAPS, LEVELS, MEASURES, NO_BASEMAP, SERIES, WHOLE_SPAN
from . import reading
from .reading import Reading
from .selection import MapView, Selection


class Part(Flag):
    """What a field of the link decides, and what a part of the page follows."""

    FIGURES = auto()
    """Which figures there are: of what, where, when, and per what."""
    MEASURE = auto()
    """Which of them is mapped: it decides classes, order and captions, never a figure."""
    DISPLAY = auto()
    """How the map is drawn."""
    BACKGROUND = auto()
    """What lies under the map."""
    LISTING = auto()
    """Which rows the table has, and in which order."""
    AREA = auto()
    """Which area is looked at."""
    SERIES = auto()
    """Which months the charts draw where forces enter or leave."""
    VIEW = auto()
    """Where the map is."""

    LOOKS = MEASURE | DISPLAY | BACKGROUND | SERIES | VIEW
    """What no file depends on."""


@dataclass(frozen=True)
class Field:
    """A field of the link.

    Attributes
    ----------
    names : tuple of str
        Its names in a query.
    attributes : tuple of str
        What it fills of a Selection, in the same order.
    decides : Part
    read : function of a Reading
        Returns the value of each attribute, whatever the query gives.
    write : function of a Selection
        Returns the text of each name; a name without text is left out.
    """

    names: tuple[str, ...]
    attributes: tuple[str, ...]
    decides: Part
    read: Callable[[Reading], tuple[Any, ...]]
    write: Callable[[Selection], tuple[str, ...]]

    @property
    def defaults(self) -> dict[str, Any]:
        """What a Selection has where the query does not say; empty where the dataset decides."""
        return {
            field.name: field.default
            for field in dataclasses.fields(Selection)
            if field.name in self.attributes and field.default is not dataclasses.MISSING
        }


def _one(
    name: str,
    attribute: str,
    decides: Part,
    read: Callable[[Reading], Any],
    write: Callable[[Any], str] = str,
) -> Field:
    """Return a field with one name: it is read as a value and written from it."""
    return Field(
        (name,),
        (attribute,),
        decides,
        lambda given: (read(given),),
        lambda selection: (write(getattr(selection, attribute)),),
    )


def _choice(
    name: str, attribute: str, decides: Part, choices: dict[str, Any], usual: str, **always: bool
) -> Field:
    """Return a field that is one of some words; the usual one is written only if `always`."""
    write = str if always else partial(_unless, usual)
    return _one(name, attribute, decides, reading.choice(name, choices, usual), write)


def _unless(usual: str, value: str) -> str:
    return "" if value == usual else value


def _breaks_text(breaks: tuple[float, ...]) -> str:
    return ",".join(f"{value:.10g}" for value in breaks)


def _view_text(view: MapView | None) -> str:
    return "" if view is None else str(view)


CLASSINGS = {slug: method for slug, method in METHODS.items() if slug != OWN}
"""Own breaks are no choice of the link: a query names them by themselves."""

FIELDS: tuple[Field, ...] = (
    _one("force", "forces", Part.FIGURES, reading.forces, ",".join),
    _one("lad", "districts", Part.FIGURES, reading.districts, ",".join),
    _one("shape", "shape", Part.FIGURES, reading.shape, shape_text),
    _one("type", "types", Part.FIGURES, reading.types, ",".join),
    Field(
        ("from", "to"),
        ("first", "last"),
        Part.FIGURES,
        reading.period,
        lambda selection: (selection.first, selection.last),
    ),
    _choice("level", "level", Part.FIGURES, LEVELS, "lsoa", always=True),
    _one("denominator", "denominator", Part.FIGURES, reading.denominator),
    _choice("measure", "measure", Part.MEASURE, MEASURES, "rate"),
    _choice("classes", "classing", Part.DISPLAY, CLASSINGS, USUAL),
    _one("breaks", "breaks", Part.DISPLAY, reading.breaks, _breaks_text),
    _one("area", "area", Part.AREA, reading.area, lambda code: code or ""),
    _one("q", "search", Part.LISTING, reading.search),
    _one("sort", "sort", Part.LISTING, reading.sort),
    _choice("series", "series", Part.SERIES, SERIES, WHOLE_SPAN),
    _choice("basemap", "basemap", Part.BACKGROUND, BASEMAPS, NO_BASEMAP),
    _one("map", "view", Part.VIEW, reading.view, _view_text),
)
"""Every field, in the order in which links name them. A new one is one record here and an attribute
of Selection with a default."""


def names(parts: Part | None = None) -> frozenset[str]:
    """Return the query names of the fields that decide any of some parts; of all without them."""
    return frozenset(
        name for field in FIELDS if parts is None or field.decides & parts for name in field.names
    )


def part_of(selection: Selection, parts: Part) -> Selection:
    """Return a selection with its other parts as they are by default.

    Figures always stay: without them there is no Selection.
    """
    kept = parts | Part.FIGURES
    others: dict[str, Any] = {}
    for field in FIELDS:
        if not field.decides & kept:
            others |= field.defaults
    return dataclasses.replace(selection, **others)


def changed_parts(before: Selection, after: Selection) -> Part:
    """Return every part that a change from one selection to another concerns."""
    parts = Part(0)
    for field in FIELDS:
        if any(getattr(before, name) != getattr(after, name) for name in field.attributes):
            parts |= field.decides
    return parts
