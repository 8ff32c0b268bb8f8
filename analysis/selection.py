"""What the user is looking at: one frozen Selection, to and from a URL query.

The Selection is the only thing passed between controls, panels and exports, and the URL is its
written form. Reading a query never fails: a field that makes no sense falls back on its own, and
each fallback leaves one sentence for the reader.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Self
from urllib.parse import parse_qsl, urlencode

from data_pipeline.dataset import (
    Dataset,
    Denominator,
    add_months,
    is_month,
    month_label,
    month_number,
    period_label,
)

from .classes import METHODS, MOST_BREAKS, OWN, USUAL
from .scope import CODE_COLUMNS, Scope, area_count, in_scope
from .shape import Shape, parse_shape, rounded, shape_text
from .wording import AREA_WORDS, and_join, counted

LEVELS: dict[str, str] = {
    "lsoa": "Neighbourhoods (LSOA)",
    "ward": "Wards",
    "lad": "Districts",
    "csp": "Community safety partnerships",
    "force": "Police forces",
}
"""Levels of geography: slug and label."""

NO_BASEMAP = "none"
BASEMAPS: dict[str, str] = {NO_BASEMAP: "None", "light": "Light", "streets": "Streets"}
"""Backgrounds of the map: slug and label."""

ALL_CRIME = "all-crime"
"""Every crime type of the dataset except anti-social behaviour, which is incidents, not crimes."""

NATION = "England and Wales"
USUAL_MONTHS = 12
LONGEST_QUERY = 4000
LONGEST_SEARCH = 100
VIEW_DECIMALS = 4
ZOOM_DECIMALS = 2
_LARGEST_BREAK = 1e9
_CLASSINGS = tuple(slug for slug in METHODS if slug != OWN)


@dataclass(frozen=True)
class Measure:
    """A figure that can be mapped, ranked and charted.

    Attributes
    ----------
    slug : str
        Name in links.
    label : str
        Name shown to readers.
    column : str
        Column of the area table that holds it.
    decimals : int
        Decimal places shown.
    per_area : bool
        False for plain counts, which say more of an area's size than of its crime: a reader is
        told so where they are mapped.
    diverging : bool
        True where figures lie on both sides of zero, as change does.
    """

    slug: str
    label: str
    column: str
    decimals: int
    per_area: bool = True
    diverging: bool = False


MEASURES: dict[str, Measure] = {
    measure.slug: measure
    for measure in (
        Measure("rate", "Rate per 1,000", "rate_per_1000", 1),
        Measure("count", "Count", "count", 0, per_area=False),
        Measure("density", "Per square mile", "density_per_sq_mile", 1),
        Measure("change", "Change on a year earlier", "change_percent", 1, diverging=True),
    )
}

FIGURE_COLUMNS: tuple[str, ...] = (
    "rank",
    "force_rank",
    "code",
    "name",
    "count",
    "denominator",
    "rate_per_1000",
    "rate_low",
    "rate_high",
    "density_per_sq_mile",
    "change_percent",
    "months_supplied",
    "status",
)
"""Columns of the area table by which it can be sorted, whatever the level."""

PLACE_COLUMNS: dict[str, tuple[str, ...]] = {
    "lsoa": ("ward_name", "lad_name", "force_name"),
    "ward": ("lad_name", "force_name"),
    "lad": ("force_name",),
    "csp": ("force_name",),
    "force": (),
}
"""Columns of the area table that say where an area of each level lies."""


def sort_columns(level: str) -> tuple[str, ...]:
    """Return the columns by which the area table of a level can be sorted."""
    return FIGURE_COLUMNS + PLACE_COLUMNS[level]


@dataclass(frozen=True)
class MapView:
    """Centre, in degrees, and zoom of the map; rounded as the link writes them."""

    latitude: float
    longitude: float
    zoom: float

    def __post_init__(self) -> None:
        object.__setattr__(self, "latitude", round(float(self.latitude), VIEW_DECIMALS))
        object.__setattr__(self, "longitude", round(float(self.longitude), VIEW_DECIMALS))
        object.__setattr__(self, "zoom", round(float(self.zoom), ZOOM_DECIMALS))


@dataclass(frozen=True)
class Problem:
    """A part of a query that could not be followed.

    Attributes
    ----------
    field : str
        Query name of the field.
    complaint : str
        What is wrong, as a sentence without its full stop.
    shown : str
        What is shown instead, to follow "showing"; empty where that goes without saying.
    """

    field: str
    complaint: str
    shown: str = ""

    @property
    def note(self) -> str:
        """One sentence for the reader of the page."""
        return f"{self.complaint}; showing {self.shown}." if self.shown else f"{self.complaint}."


@dataclass(frozen=True)
class Selection:
    """What the user is looking at.

    Forces, districts and crime types are sets: they are kept sorted and without repeats, so that
    equal selections compare equal.

    Attributes
    ----------
    first, last : str
        Months ``YYYY-MM``, both included.
    denominator : str
        Slug of what counts are divided by.
    forces : tuple of str
        Force slugs; empty means England and Wales.
    districts : tuple of str
        District (LAD) codes that narrow the scope within `forces`; empty means all.
    shape : Shape
        What the reader drew on the map; it narrows the scope to the areas inside.
    level : str
        Key of LEVELS.
    types : tuple of str
        Crime type slugs as chosen; ALL_CRIME stands for every recorded crime.
    measure : str
        Key of MEASURES.
    classing : str
        How the map's classes are chosen, a key of ``classes.METHODS`` other than OWN.
    breaks : tuple of float
        The reader's own class breaks, ascending; empty where `classing` chooses them.
    area : str or None
        Code of the chosen area, at `level`.
    search : str
        Text typed above the table.
    sort : str
        Column of the area table; a leading "-" means descending.
    basemap : str
        Key of BASEMAPS.
    view : MapView or None
        Where the reader left the map; None means that the map shows the scope.
    """

    first: str
    last: str
    denominator: str
    forces: tuple[str, ...] = ()
    districts: tuple[str, ...] = ()
    shape: Shape = ()
    level: str = "lsoa"
    types: tuple[str, ...] = (ALL_CRIME,)
    measure: str = "rate"
    classing: str = USUAL
    breaks: tuple[float, ...] = ()
    area: str | None = None
    search: str = ""
    sort: str = "rank"
    basemap: str = NO_BASEMAP
    view: MapView | None = None

    def __post_init__(self) -> None:
        for name in ("forces", "districts", "types"):
            object.__setattr__(self, name, tuple(sorted(set(getattr(self, name)))))
        object.__setattr__(self, "types", self.types or (ALL_CRIME,))
        object.__setattr__(self, "shape", rounded(self.shape))

    @classmethod
    def opening(cls, dataset: Dataset) -> Self:
        """Return what the bare page shows: the nation by district, the latest twelve months."""
        return cls(
            first=_latest_first(dataset, dataset.months[-1]),
            last=dataset.months[-1],
            denominator=dataset.denominators[0].slug,
            level="lad",
        )

    @classmethod
    def from_query(cls, query: str, dataset: Dataset) -> tuple[Selection, tuple[str, ...]]:
        """Read a URL query; what cannot be followed falls back field by field.

        Parameters
        ----------
        query : str
            With or without the leading "?". Unknown names are ignored, of repeated ones the last
            counts.
        dataset : Dataset
            What the selection must exist in.

        Returns
        -------
        Selection, tuple of str
            The second holds one sentence for the reader per field that fell back.
        """
        selection, problems = read_query(query, dataset)
        return selection, tuple(problem.note for problem in problems)

    def to_query(self) -> str:
        """Return the canonical query, without "?": equal selections give equal queries."""
        fields = {
            "force": ",".join(self.forces),
            "lad": ",".join(self.districts),
            "shape": shape_text(self.shape),
            "type": ",".join(self.types),
            "from": self.first,
            "to": self.last,
            "level": self.level,
            "denominator": self.denominator,
            "measure": "" if self.measure == "rate" else self.measure,
            "classes": "" if self.classing == USUAL else self.classing,
            "breaks": ",".join(f"{value:.10g}" for value in self.breaks),
            "area": self.area or "",
            "q": self.search,
            "sort": "" if self.sort == "rank" else self.sort,
            "basemap": "" if self.basemap == NO_BASEMAP else self.basemap,
            "map": _view_text(self.view),
        }
        return urlencode({name: value for name, value in fields.items() if value}, safe=",;")

    def figures_key(self) -> Selection:
        """Return the part of the selection on which the figures depend."""
        return replace(self, area=None, search="", sort="rank", basemap=NO_BASEMAP, view=None)

    def everywhere(self) -> Selection:
        """Return the same question about all of England and Wales."""
        return replace(self, forces=(), districts=(), shape=())

    @property
    def scope(self) -> Scope:
        """The part of England and Wales that the figures are about."""
        level = self.level if self.shape else "lsoa"
        return Scope(self.forces, self.districts, self.shape, level)

    @property
    def is_narrowed(self) -> bool:
        """Whether the scope is less than all of England and Wales."""
        return self.scope.is_narrowed

    @property
    def months(self) -> int:
        """Number of months in the period."""
        return month_number(self.last) - month_number(self.first) + 1

    def period_label(self) -> str:
        """Return the period as a reader expects it, e.g. "January 2024 to December 2024"."""
        return period_label(self.first, self.last)

    def type_slugs(self, dataset: Dataset) -> tuple[str, ...]:
        """Return the crime types that are counted, sorted, each once."""
        chosen = set(self.types) - {ALL_CRIME}
        if ALL_CRIME in self.types:
            chosen |= _crime_slugs(dataset)
        return tuple(sorted(chosen))

    def is_total(self, dataset: Dataset) -> bool:
        """Tell whether every crime type is counted: the total survives changes of definition."""
        return _crime_slugs(dataset) <= set(self.type_slugs(dataset))

    def type_label(self, dataset: Dataset) -> str:
        """Return a reader's name for the crime types counted."""
        counted = set(self.type_slugs(dataset))
        names = [kind.name for kind in dataset.crime_types if kind.slug in counted]
        if self.is_total(dataset):
            others = [kind.name for kind in dataset.crime_types if not kind.is_crime]
            extra = [name.lower() for name in others if name in names]
            return and_join(["All crime", *extra])
        return and_join(names) if len(names) <= 2 else f"{len(names)} crime types"

    def place_label(self, dataset: Dataset) -> str:
        """Return a reader's name for the scope, e.g. "England and Wales" or "Merseyside"."""
        if self.shape:
            return f"{counted(area_count(dataset, self.scope), self.level)} drawn on the map"
        if self.districts:
            names = _district_names(dataset, self.districts)
            return and_join(names) if len(names) <= 2 else f"{len(names)} districts"
        names = [force.name for force in dataset.forces if force.slug in self.forces]
        if not names:
            return NATION
        return and_join(names) if len(names) <= 2 else f"{len(names)} police forces"

    def denominator_of(self, dataset: Dataset) -> Denominator:
        """Return what counts are divided by (KeyError if the dataset does not have it)."""
        return {entry.slug: entry for entry in dataset.denominators}[self.denominator]


QUERY_NAMES: frozenset[str] = frozenset(
    {
        "force",
        "lad",
        "shape",
        "type",
        "from",
        "to",
        "level",
        "denominator",
        "measure",
        "classes",
        "breaks",
        "area",
        "q",
        "sort",
        "basemap",
        "map",
    }
)
"""Every name that a query may use; others are ignored."""


def is_bare(query: str) -> bool:
    """Tell whether a query asks for nothing: the page then shows its opening."""
    return not _given(query)


def read_query(query: str, dataset: Dataset) -> tuple[Selection, tuple[Problem, ...]]:
    """Read a URL query as ``Selection.from_query`` does, and return what could not be followed."""
    problems: list[Problem] = []
    if len(query) > LONGEST_QUERY:
        complaint = f"The link is longer than {LONGEST_QUERY:,} characters and was not read"
        problems.append(Problem("", complaint, "the opening page"))
        return Selection.opening(dataset), tuple(problems)
    given = _given(query)
    forces = _read_forces(given, dataset, problems)
    districts = _read_districts(given, dataset, forces, problems)
    first, last = _read_period(given, dataset, problems)
    level = _read_choice(given, "level", tuple(LEVELS), "lsoa", problems)
    measure = _read_choice(given, "measure", tuple(MEASURES), "rate", problems)
    selection = Selection(
        first=first,
        last=last,
        denominator=_read_denominator(given, dataset, problems),
        forces=forces,
        districts=districts,
        level=level,
        types=_read_types(given, dataset, problems),
        measure=measure,
        classing=_read_choice(given, "classes", _CLASSINGS, USUAL, problems),
        breaks=_read_breaks(given, MEASURES[measure], problems),
        search=_clean(given.get("q", ""))[:LONGEST_SEARCH],
        sort=_read_sort(given, level, problems),
        basemap=_read_choice(given, "basemap", tuple(BASEMAPS), NO_BASEMAP, problems),
        view=_read_view(given, problems),
    )
    shape = _read_shape(given, dataset, selection, problems)
    selection = replace(selection, shape=shape)
    area = _read_area(given, dataset, selection, problems)
    return replace(selection, area=area), tuple(problems)


def _given(query: str) -> dict[str, str]:
    pairs = parse_qsl(query[:LONGEST_QUERY].removeprefix("?"), errors="replace")
    return {name: value.strip() for name, value in pairs if name in QUERY_NAMES and value.strip()}


def _clean(text: str) -> str:
    printable = "".join(letter if letter.isprintable() else " " for letter in text)
    return " ".join(printable.split())


def _quoted(text: str) -> str:
    shown = _clean(text)
    return f"“{shown[:40]}…”" if len(shown) > 40 else f"“{shown}”"


def _listed(text: str) -> list[str]:
    return list(dict.fromkeys(part.strip() for part in text.split(",") if part.strip()))


def _ask(field: str, what: str, unknown: list[str], shown: str) -> Problem:
    named = and_join([_quoted(value) for value in unknown[:3]])
    more = f" and {len(unknown) - 3} more" if len(unknown) > 3 else ""
    complaint = f"The link asks for the {what} {named}{more}, which this dataset does not have"
    return Problem(field, complaint, shown)


def _read_forces(
    given: dict[str, str], dataset: Dataset, problems: list[Problem]
) -> tuple[str, ...]:
    wanted = [slug.lower() for slug in _listed(given.get("force", ""))]
    names = {force.slug: force.name for force in dataset.forces}
    known = [slug for slug in wanted if slug in names]
    unknown = [slug for slug in wanted if slug not in names]
    if unknown:
        shown = and_join([names[slug] for slug in known]) or NATION
        problems.append(_ask("force", "police force", unknown, shown))
    return () if set(known) == set(names) else tuple(known)


def _read_districts(
    given: dict[str, str], dataset: Dataset, forces: tuple[str, ...], problems: list[Problem]
) -> tuple[str, ...]:
    wanted = [code.upper() for code in _listed(given.get("lad", ""))]
    if not wanted:
        return ()
    areas = dataset.areas
    found = areas.loc[areas["lad_code"].isin(wanted), ["lad_code", "force"]].drop_duplicates()
    inside = set(
        found.loc[found["force"].isin(forces), "lad_code"] if forces else found["lad_code"]
    )
    unknown = [code for code in wanted if code not in set(found["lad_code"])]
    outside = [code for code in wanted if code not in inside and code not in unknown]
    shown = and_join(_district_names(dataset, tuple(inside))) or "every district"
    if unknown:
        problems.append(_ask("lad", "district", unknown, shown))
    if outside:
        named = and_join([_quoted(name) for name in _district_names(dataset, tuple(outside))])
        complaint = f"The link asks for {named}, outside the police force it names"
        problems.append(Problem("lad", complaint, shown))
    return tuple(inside)


def _read_shape(
    given: dict[str, str], dataset: Dataset, selection: Selection, problems: list[Problem]
) -> Shape:
    if "shape" not in given:
        return ()
    place = selection.place_label(dataset)
    try:
        shape = parse_shape(given["shape"])
    except ValueError:
        complaint = (
            f"The link’s shape {_quoted(given['shape'])} is not three or more points, "
            "longitude and latitude"
        )
        problems.append(Problem("shape", complaint, f"all of {place}"))
        return ()
    if not area_count(dataset, replace(selection, shape=shape).scope):
        complaint = f"No {AREA_WORDS[selection.level][0]} of {place} lies in the shape of the link"
        problems.append(Problem("shape", complaint, f"all of {place}"))
        return ()
    return shape


def _read_types(
    given: dict[str, str], dataset: Dataset, problems: list[Problem]
) -> tuple[str, ...]:
    wanted = [slug.lower() for slug in _listed(given.get("type", ""))]
    names = {ALL_CRIME: "all crime"} | {kind.slug: kind.name for kind in dataset.crime_types}
    known = [slug for slug in wanted if slug in names]
    unknown = [slug for slug in wanted if slug not in names]
    if unknown:
        shown = and_join([names[slug] for slug in known or [ALL_CRIME]])
        problems.append(_ask("type", "crime type", unknown, shown))
    return tuple(known) or (ALL_CRIME,)


def _read_denominator(given: dict[str, str], dataset: Dataset, problems: list[Problem]) -> str:
    wanted = given.get("denominator", "").lower()
    labels = {entry.slug: entry.label for entry in dataset.denominators}
    if wanted in labels:
        return wanted
    usual = dataset.denominators[0]
    if wanted:
        problems.append(_ask("denominator", "denominator", [wanted], usual.label))
    return usual.slug


def _read_choice(
    given: dict[str, str],
    field: str,
    choices: tuple[str, ...],
    usual: str,
    problems: list[Problem],
) -> str:
    wanted = given.get(field, usual).lower()
    if wanted in choices:
        return wanted
    complaint = (
        f"The link asks for the {field} {_quoted(wanted)}, which is none of {', '.join(choices)}"
    )
    problems.append(Problem(field, complaint, usual))
    return usual


def read_breaks(text: str, measure: Measure) -> tuple[float, ...] | str:
    """Return class breaks typed as ``2, 5, 10``, or why they cannot be used.

    Parameters
    ----------
    text : str
        Numbers in any order, separated by commas or spaces.
    measure : Measure
        Breaks of all but a diverging one lie above zero.
    """
    try:
        given = sorted({float(part) for part in text.replace(",", " ").split()})
    except ValueError:
        return f"The class breaks {_quoted(text)} are not numbers such as 2, 5, 10"
    if not all(math.isfinite(value) and abs(value) < _LARGEST_BREAK for value in given):
        return f"The class breaks {_quoted(text)} hold a number that is too large"
    if len(given) > MOST_BREAKS:
        return f"There are {len(given)} class breaks; a map can show {MOST_BREAKS} at most"
    if not measure.diverging and any(value <= 0 for value in given):
        return f"The class breaks {_quoted(text)} must lie above zero; none is a class of its own"
    return tuple(int(value) if value.is_integer() else value for value in given)


def _read_breaks(
    given: dict[str, str], measure: Measure, problems: list[Problem]
) -> tuple[float, ...]:
    breaks = read_breaks(given.get("breaks", ""), measure)
    if isinstance(breaks, str):
        problems.append(Problem("breaks", breaks, "the usual classes"))
        return ()
    return breaks


def _read_period(
    given: dict[str, str], dataset: Dataset, problems: list[Problem]
) -> tuple[str, str]:
    wanted = {name: given[name] for name in ("from", "to") if name in given}
    good = {name: month for name, month in wanted.items() if month in dataset.months}
    last = good.get("to", dataset.months[-1])
    first = good.get("from") or _latest_first(dataset, last)
    if first > last:
        first, last = last, first
        complaint = "The link’s first month is later than its last"
        problems.append(Problem("from", complaint, period_label(first, last)))
    shown = period_label(first, last)
    problems += [
        Problem(name, _month_complaint(name, month, dataset), shown)
        for name, month in wanted.items()
        if name not in good
    ]
    return first, last


def _month_complaint(name: str, month: str, dataset: Dataset) -> str:
    if not is_month(month):
        return f"The link’s “{name}” is {_quoted(month)}, which is not a month such as 2024-01"
    held = period_label(dataset.months[0], dataset.months[-1])
    return f"The link asks for data {name} {month_label(month)}, but this dataset holds {held}"


def _latest_first(dataset: Dataset, last: str) -> str:
    """Return the first of the usual number of months that end with `last`."""
    return max(dataset.months[0], add_months(last, 1 - USUAL_MONTHS))


def _read_sort(given: dict[str, str], level: str, problems: list[Problem]) -> str:
    wanted = given.get("sort", "rank")
    if wanted.removeprefix("-") in sort_columns(level):
        return wanted
    complaint = f"The link sorts by {_quoted(wanted)}, which is no column of this table"
    problems.append(Problem("sort", complaint, "the table by rank"))
    return "rank"


def _read_view(given: dict[str, str], problems: list[Problem]) -> MapView | None:
    text = given.get("map")
    if text is None:
        return None
    try:
        latitude, longitude, zoom = (float(part) for part in text.split(","))
    except ValueError:
        latitude = longitude = zoom = math.nan
    if abs(latitude) <= 90 and abs(longitude) <= 180 and 0 <= zoom <= 24:
        return MapView(latitude, longitude, zoom)
    complaint = f"The link’s map position {_quoted(text)} is not a latitude, longitude and zoom"
    problems.append(Problem("map", complaint, "the whole selection"))
    return None


def _view_text(view: MapView | None) -> str:
    if view is None:
        return ""
    return f"{view.latitude:.4f},{view.longitude:.4f},{view.zoom:.2f}"


def _read_area(
    given: dict[str, str], dataset: Dataset, selection: Selection, problems: list[Problem]
) -> str | None:
    if "area" not in given:
        return None
    wanted = given["area"].lower() if selection.level == "force" else given["area"].upper()
    matches = dataset.areas[CODE_COLUMNS[selection.level]] == wanted
    if not matches.any():
        problems.append(_ask("area", f"{selection.level} area", [wanted], "no single area"))
        return None
    if not (matches & in_scope(dataset, selection.scope)).any():
        place = selection.place_label(dataset)
        complaint = f"The link asks for the area {_quoted(wanted)}, which is not in {place}"
        problems.append(Problem("area", complaint, f"all of {place}"))
        return None
    return wanted


def _crime_slugs(dataset: Dataset) -> set[str]:
    return {kind.slug for kind in dataset.crime_types if kind.is_crime}


def _district_names(dataset: Dataset, codes: tuple[str, ...]) -> list[str]:
    areas = dataset.areas
    found = areas.loc[areas["lad_code"].isin(codes), ["lad_code", "lad_name"]].drop_duplicates()
    return sorted(found["lad_name"])
