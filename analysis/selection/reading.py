"""Reading each field of a link: what makes no sense falls back alone and leaves one sentence."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any, Protocol

from data_pipeline.dataset import Dataset, is_month, month_label, period_label

from ..classes import MOST_BREAKS
from ..scope import Scope, area_count, district_names, in_scope, place_label
from ..shape import MOST_VERTICES, Shape, parse_shape
from ..vocabulary import (
    ALL_CRIME,
    AREA_WORDS,
    CODE_COLUMNS,
    MEASURES,
    NATION,
    Measure,
    sort_columns,
)
from ..wording import and_join
from .problems import NotFollowedError, Problem
from .selection import MapView, latest_first

LONGEST_SEARCH = 100
MOST_WORDS = 12
"""Words of a search: no place has more, and each one costs a look through all names."""

_LARGEST_BREAK = 1e9


class Readable(Protocol):
    """A field of the link, as far as reading needs it."""

    @property
    def attributes(self) -> tuple[str, ...]:
        """Attributes of the Selection that it fills."""

    @property
    def read(self) -> Callable[[Reading], tuple[Any, ...]]:
        """Returns the value of each attribute."""


class Reading:
    """The reading of one query: what it gives, and what could not be followed.

    Parameters
    ----------
    given : mapping
        Text of each query name that has one.
    dataset : Dataset
        What the selection must exist in.
    fields : iterable of Readable
        Every field of the link, in the order in which problems are told.
    """

    def __init__(
        self, given: Mapping[str, str], dataset: Dataset, fields: Iterable[Readable]
    ) -> None:
        self.given = given
        self.dataset = dataset
        self.problems: list[Problem] = []
        self._fields = {name: field for field in fields for name in field.attributes}
        self._values: dict[str, Any] = {}

    def value(self, attribute: str) -> Any:
        """Return an attribute of the Selection; one that another depends on is read before it."""
        if attribute not in self._values:
            field = self._fields[attribute]
            self._values.update(zip(field.attributes, field.read(self), strict=True))
        return self._values[attribute]

    def values(self) -> dict[str, Any]:
        """Return every attribute of the Selection."""
        return {attribute: self.value(attribute) for attribute in self._fields}

    @property
    def scope(self) -> Scope:
        """What the query's forces and districts cover, without its shape."""
        return Scope(self.value("forces"), self.value("districts"), (), self.value("level"))

    def text(self, name: str) -> str:
        """Return the text of a query name, empty where there is none."""
        return self.given.get(name, "")

    def complain(self, name: str, complaint: str, shown: str = "") -> None:
        """Take down what cannot be followed, and what is shown instead."""
        self.problems.append(Problem(name, complaint, shown))

    def complain_unknown(self, name: str, what: str, unknown: list[str], shown: str) -> None:
        """Take down values that the dataset does not have."""
        named = and_join([quoted(value) for value in unknown[:3]])
        more = f" and {len(unknown) - 3} more" if len(unknown) > 3 else ""
        complaint = f"The link asks for the {what} {named}{more}, which this dataset does not have"
        self.complain(name, complaint, shown)


def _clean(text: str) -> str:
    printable = "".join(letter if letter.isprintable() else " " for letter in text)
    return " ".join(printable.split())


def quoted(text: str) -> str:
    """Return what somebody wrote as a sentence quotes it: printable, and cut where it is long."""
    shown = _clean(text)
    return f"“{shown[:40]}…”" if len(shown) > 40 else f"“{shown}”"


def _listed(text: str) -> list[str]:
    return list(dict.fromkeys(part.strip() for part in text.split(",") if part.strip()))


def forces(reading: Reading) -> tuple[str, ...]:
    """Read police forces; all of them are none in particular."""
    wanted = [slug.lower() for slug in _listed(reading.text("force"))]
    names = {force.slug: force.name for force in reading.dataset.forces}
    known = [slug for slug in wanted if slug in names]
    unknown = [slug for slug in wanted if slug not in names]
    if unknown:
        shown = and_join([names[slug] for slug in known]) or NATION
        reading.complain_unknown("force", "police force", unknown, shown)
    return () if set(known) == set(names) else tuple(known)


def districts(reading: Reading) -> tuple[str, ...]:
    """Read districts, which lie in the forces that the query names."""
    wanted = [code.upper() for code in _listed(reading.text("lad"))]
    if not wanted:
        return ()
    chosen, areas = reading.value("forces"), reading.dataset.areas
    found = areas.loc[areas["lad_code"].isin(wanted), ["lad_code", "force"]].drop_duplicates()
    inside = set(
        found.loc[found["force"].isin(chosen), "lad_code"] if chosen else found["lad_code"]
    )
    unknown = [code for code in wanted if code not in set(found["lad_code"])]
    outside = [code for code in wanted if code not in inside and code not in unknown]
    shown = and_join(district_names(reading.dataset, tuple(inside))) or "every district"
    if unknown:
        reading.complain_unknown("lad", "district", unknown, shown)
    if outside:
        names = district_names(reading.dataset, tuple(outside))
        named = and_join([quoted(name) for name in names])
        reading.complain(
            "lad", f"The link asks for {named}, outside the police force it names", shown
        )
    return tuple(inside)


def shape(reading: Reading) -> Shape:
    """Read a shape in which at least one area of the rest of the scope lies."""
    text = reading.text("shape")
    if not text:
        return ()
    place = place_label(reading.dataset, reading.scope)
    try:
        found = parse_shape(text)
    except ValueError:
        complaint = (
            f"The link’s shape {quoted(text)} is not three to {MOST_VERTICES} points, "
            "longitude and latitude"
        )
        reading.complain("shape", complaint, f"all of {place}")
        return ()
    if not area_count(reading.dataset, replace(reading.scope, shape=found)):
        one = AREA_WORDS[reading.value("level")][0]
        reading.complain(
            "shape", f"No {one} of {place} lies in the shape of the link", f"all of {place}"
        )
        return ()
    return found


def types(reading: Reading) -> tuple[str, ...]:
    """Read crime types."""
    wanted = [slug.lower() for slug in _listed(reading.text("type"))]
    kinds = reading.dataset.crime_types
    names = {ALL_CRIME: "all crime"} | {kind.slug: kind.name for kind in kinds}
    known = [slug for slug in wanted if slug in names]
    unknown = [slug for slug in wanted if slug not in names]
    if unknown:
        shown = and_join([names[slug] for slug in known or [ALL_CRIME]])
        reading.complain_unknown("type", "crime type", unknown, shown)
    return tuple(known) or (ALL_CRIME,)


def period(reading: Reading) -> tuple[str, str]:
    """Read the first and the last month; without them, the usual number of the latest months."""
    dataset = reading.dataset
    wanted = {name: reading.given[name] for name in ("from", "to") if name in reading.given}
    good = {name: month for name, month in wanted.items() if month in dataset.months}
    last = good.get("to", dataset.months[-1])
    first = good.get("from") or latest_first(dataset, last)
    if first > last:
        first, last = last, first
        complaint = "The link’s first month is later than its last"
        reading.complain("from", complaint, period_label(first, last))
    for name, month in wanted.items():
        if name not in good:
            complaint = _month_complaint(name, month, dataset)
            reading.complain(name, complaint, period_label(first, last))
    return first, last


def _month_complaint(name: str, month: str, dataset: Dataset) -> str:
    if not is_month(month):
        return f"The link’s “{name}” is {quoted(month)}, which is not a month such as 2024-01"
    held = period_label(dataset.months[0], dataset.months[-1])
    return f"The link asks for data {name} {month_label(month)}, but this dataset holds {held}"


def denominator(reading: Reading) -> str:
    """Read what counts are divided by."""
    wanted = reading.text("denominator").lower()
    labels = {entry.slug: entry.label for entry in reading.dataset.denominators}
    if wanted in labels:
        return wanted
    usual = reading.dataset.denominators[0]
    if wanted:
        reading.complain_unknown("denominator", "denominator", [wanted], usual.label)
    return usual.slug


def choice(name: str, choices: Iterable[str], usual: str) -> Callable[[Reading], str]:
    """Return what reads one of some words.

    Parameters
    ----------
    choices : iterable of str
        Looked through at each reading.
    usual : str
        Stands where the query has none.
    """

    def read(reading: Reading) -> str:
        wanted = reading.given.get(name, usual).lower()
        known = list(choices)
        if wanted in known:
            return wanted
        reading.complain(
            name,
            f"The link asks for the {name} {quoted(wanted)}, which is none of {', '.join(known)}",
            usual,
        )
        return usual

    return read


def parse_breaks(text: str, measure: Measure) -> tuple[float, ...]:
    """Return class breaks typed as ``2, 5, 10``, ascending.

    Parameters
    ----------
    text : str
        Numbers in any order, separated by commas or spaces.
    measure : Measure
        Breaks of all but a diverging one lie above zero.

    Raises
    ------
    NotFollowedError
        If they cannot be used.
    """
    try:
        given = sorted({float(part) for part in text.replace(",", " ").split()})
    except ValueError:
        raise NotFollowedError(
            f"The class breaks {quoted(text)} are not numbers such as 2, 5, 10"
        ) from None
    if not all(math.isfinite(value) and abs(value) < _LARGEST_BREAK for value in given):
        raise NotFollowedError(f"The class breaks {quoted(text)} hold a number that is too large")
    if len(given) > MOST_BREAKS:
        raise NotFollowedError(
            f"There are {len(given)} class breaks; a map can show {MOST_BREAKS} at most"
        )
    if not measure.diverging and any(value <= 0 for value in given):
        raise NotFollowedError(
            f"The class breaks {quoted(text)} must lie above zero; none is a class of its own"
        )
    return tuple(int(value) if value.is_integer() else value for value in given)


def breaks(reading: Reading) -> tuple[float, ...]:
    """Read the reader's own class breaks."""
    try:
        return parse_breaks(reading.text("breaks"), MEASURES[reading.value("measure")])
    except NotFollowedError as error:
        reading.complain("breaks", str(error), "the usual classes")
        return ()


def sort(reading: Reading) -> str:
    """Read the column by which areas are sorted."""
    wanted = reading.text("sort")
    if not wanted or wanted.removeprefix("-") in sort_columns(reading.value("level")):
        return wanted
    complaint = f"The link sorts by {quoted(wanted)}, which is no column of this table"
    reading.complain("sort", complaint, "the table in its usual order")
    return ""


def search(reading: Reading) -> str:
    """Read a search of the table."""
    wanted = _clean(reading.text("q"))
    words = wanted[:LONGEST_SEARCH].split()[:MOST_WORDS]
    found = " ".join(words)
    if found != wanted:
        complaint = (
            f"The link searches for more than {LONGEST_SEARCH} characters or {MOST_WORDS} words"
        )
        reading.complain("q", complaint, f"what matches {quoted(found)}")
    return found


def view(reading: Reading) -> MapView | None:
    """Read where the map is."""
    text = reading.text("map")
    if not text:
        return None
    try:
        found = MapView.parse(text)
    except (OverflowError, ValueError):
        found = MapView(math.nan, math.nan, math.nan)
    if abs(found.latitude) <= 90 and abs(found.longitude) <= 180 and 0 <= found.zoom <= 24:
        return found
    complaint = f"The link’s map position {quoted(text)} is not a latitude, longitude and zoom"
    reading.complain("map", complaint, "the whole selection")
    return None


def area(reading: Reading) -> str | None:
    """Read the chosen area, which lies in the scope."""
    text, level, dataset = reading.text("area"), reading.value("level"), reading.dataset
    if not text:
        return None
    wanted = text.lower() if level == "force" else text.upper()
    matches = dataset.areas[CODE_COLUMNS[level]] == wanted
    if not matches.any():
        reading.complain_unknown("area", f"{level} area", [wanted], "no single area")
        return None
    scope = replace(reading.scope, shape=reading.value("shape"))
    if not (matches & in_scope(dataset, scope)).any():
        place = place_label(dataset, scope)
        complaint = f"The link asks for the area {quoted(wanted)}, which is not in {place}"
        reading.complain("area", complaint, f"all of {place}")
        return None
    return wanted
