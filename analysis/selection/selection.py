"""What the user is looking at: one frozen Selection, passed between controls and panels."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Self

from data_pipeline.dataset import Dataset, Denominator, add_months, month_number, period_label

from ..classes import USUAL
from ..scope import Scope, place_label
from ..shape import Shape, rounded
from ..vocabulary import ALL_CRIME, MEASURES, NO_BASEMAP, WHOLE_SPAN
from ..wording import and_join

USUAL_MONTHS = 12
VIEW_DECIMALS = 4
ZOOM_DECIMALS = 2


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

    def __str__(self) -> str:
        """Return it as links write it: ``lat,lon,zoom``."""
        return (
            f"{self.latitude:.{VIEW_DECIMALS}f},{self.longitude:.{VIEW_DECIMALS}f},"
            f"{self.zoom:.{ZOOM_DECIMALS}f}"
        )

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read what ``str`` wrote (ValueError for anything else)."""
        latitude, longitude, zoom = (float(part) for part in text.split(","))
        return cls(latitude, longitude, zoom)


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
        Column of the area table; a leading "-" means descending. Empty for the measure's own
        order.
    series : str
        Key of SERIES.
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
    sort: str = ""
    series: str = WHOLE_SPAN
    basemap: str = NO_BASEMAP
    view: MapView | None = None

    def __post_init__(self) -> None:
        for name in ("forces", "districts", "types"):
            object.__setattr__(self, name, tuple(sorted(set(getattr(self, name)))))
        object.__setattr__(self, "types", self.types or (ALL_CRIME,))
        object.__setattr__(self, "shape", rounded(self.shape))
        if self.sort == MEASURES[self.measure].order:
            object.__setattr__(self, "sort", "")

    @classmethod
    def opening(cls, dataset: Dataset) -> Self:
        """Return what the bare page shows: the nation by district, the latest twelve months."""
        return cls(
            first=latest_first(dataset, dataset.months[-1]),
            last=dataset.months[-1],
            denominator=dataset.denominators[0].slug,
            level="lad",
        )

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

    @property
    def order(self) -> str:
        """Column by which the areas are listed; a leading "-" means descending."""
        return self.sort or MEASURES[self.measure].order

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
        return place_label(dataset, self.scope)

    def denominator_of(self, dataset: Dataset) -> Denominator:
        """Return what counts are divided by (KeyError if the dataset does not have it)."""
        return {entry.slug: entry for entry in dataset.denominators}[self.denominator]


def latest_first(dataset: Dataset, last: str) -> str:
    """Return the first of the usual number of months that end with `last`."""
    return max(dataset.months[0], add_months(last, 1 - USUAL_MONTHS))


def _crime_slugs(dataset: Dataset) -> set[str]:
    return {kind.slug for kind in dataset.crime_types if kind.is_crime}
