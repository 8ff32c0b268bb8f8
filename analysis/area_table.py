"""The area table: one row per area for a Selection, read by map, ranking, headline and export.

Figures are computed once for the whole nation and sliced to the scope, so that ranks mean the
same in every view. An area without data has no figure at all: never a zero, never a rank.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from data_pipeline.dataset import Dataset, Denominator, period_label

from .classes import Classes, classes
from .figures import RISE, NationalFigures, Positions, earlier_period, national_figures
from .levels import Units, units
from .per_dataset import remember
from .rates import annual_rate, rate_interval
from .reporting import figures_label, reporting_forces
from .scope import forces_in_scope
from .selection import MOST_WORDS, Part, Selection, part_of
from .spoken import spoken
from .vocabulary import MEASURES, Measure
from .wording import place_name, printed

FEWEST_FOR_TENTH = 20
"""With fewer areas than this the tenth that has most is one area, and is said in numbers."""


@dataclass(frozen=True, eq=False)
class AreaTable:
    """One row per area of the selection's level within its scope.

    Attributes
    ----------
    dataset : Dataset
    selection : Selection
        Without what changes neither figures nor classes: chosen area, search, sorting, map view.
    units : Units
        All areas of the level, in and out of scope.
    national : NationalFigures
        Of every area of the nation.
    order : intp array [areas in scope]
        Positions of the scope's areas among `units`, by rank, then code; areas without data last.
    denominator : Denominator

    Notes
    -----
    The columns of `frame` and `national`:

        - rank, force_rank: Int64, by rate among all areas of the nation or of its force
        - code, name, the level's place columns, force (slug), force_name, lsoas
        - count: Int64
        - denominator: float, summed over the LSOAs with data (over all of them if none has any)
        - rate_per_1000, rate_low, rate_high: per year, with the 95% interval
        - density_per_sq_mile: count of the period per square mile of land
        - earlier_count, change_percent: the same months one year earlier, and the change since
        - change_clear: bool, whether chance alone would seldom bring such a change
        - change_class: one of ``figures.CHANGE_CLASSES``
        - change_order: Int64, place by change: clear rises first, clear falls last
        - months_supplied, months_set_aside, months_in_period: int
        - gap: why there is no figure, or no rate; empty where there is one
        - status: ``figures.COMPLETE``, or what is amiss
        - has_data, small_count: bool
        - reassigned_history: bool, whether rows of the period may have been placed in it, or in a
          part of it, by their point, because its boundary was redrawn
        - west, south, east, north: bounding box in degrees
        - unit: position among `units`; rate_count: the part of count that has a denominator
    """

    dataset: Dataset = field(repr=False)
    selection: Selection
    units: Units = field(repr=False)
    national: NationalFigures = field(repr=False)
    order: Positions = field(repr=False)
    denominator: Denominator

    @cached_property
    def frame(self) -> pd.DataFrame:
        """One row per area in scope, in `order`; large for the nation. Treat it as read-only."""
        return self.national.rows(self.order)

    def values(self, column: str) -> Any:
        """Return a column of the areas in scope, in `order`."""
        return self.national.values(column, self.order)

    @property
    def months(self) -> int:
        """Number of months in the period."""
        return self.selection.months

    @property
    def figures_label(self) -> str:
        """Reader's name of what the figures are about: the scope, or the part that reported."""
        return figures_label(self.dataset, self.selection)

    @property
    def measure(self) -> Measure:
        """What is mapped, and decides how areas are listed."""
        return MEASURES[self.selection.measure]

    @property
    def type_label(self) -> str:
        """Reader's name of the crime types counted."""
        return self.selection.type_label(self.dataset)

    @property
    def period_label(self) -> str:
        """Reader's name of the period."""
        return self.selection.period_label()

    def printed(self, rows: Positions | None = None) -> NDArray[np.float64]:
        """Return the selection's measure as it is printed, NaN where there is none.

        Parameters
        ----------
        rows : intp array, optional
            Positions of areas among `units`; all of them where there are none.
        """
        values = pd.array(self.national.values(self.measure.column, rows))
        plain = values.to_numpy(dtype=np.float64, na_value=np.nan)
        return printed(plain, self.measure.decimals, signed=self.measure.diverging)

    @cached_property
    def classes(self) -> Classes:
        """The classes of the measure's printed figures, from the whole nation.

        One colour means one value in every view, and a figure lies in the class that it reads as.
        """
        return classes(
            self.printed(),
            self.selection.classing,
            self.selection.breaks,
            diverging=self.measure.diverging,
        )

    def row(self, code: str) -> pd.Series | None:
        """Return the row of an area, or None where the scope does not have it."""
        found = self.order[self.values("code") == code]
        return self.national.rows(found).iloc[0] if len(found) else None


def area_table(dataset: Dataset, selection: Selection) -> AreaTable:
    """Return the area table of a selection; equal questions are computed once.

    Parameters
    ----------
    dataset : Dataset
    selection : Selection
        Months, crime types and denominator must exist in the dataset.
    """
    return _area_table(dataset, part_of(selection, Part.MEASURE | Part.DISPLAY))


@remember(32)
def _area_table(dataset: Dataset, selection: Selection) -> AreaTable:
    level = units(dataset, selection.level)
    national = national_figures(dataset, part_of(selection.everywhere(), Part.FIGURES))
    order = national.order
    if selection.is_narrowed:
        order = order[level.in_scope(dataset, selection)[order]]
    return AreaTable(dataset, selection, level, national, order, selection.denominator_of(dataset))


def listed(table: AreaTable, search: str = "", sort: str = "rank") -> Positions:
    """Return which areas match a search, sorted; page and export both use this.

    Parameters
    ----------
    table : AreaTable
    search : str
        Each of the first MOST_WORDS words must occur in an area's code, name or place, as
        ``spoken``.
    sort : str
        Column of ``AreaTable.frame``; a leading "-" means descending. Ties keep the order of rank,
        then code; areas without data come last either way. A column that the table does not have
        leaves the order of rank.

    Returns
    -------
    intp array
        Positions among ``table.units``.
    """
    found = table.order
    words = set(spoken(search).split()[:MOST_WORDS])
    if words:
        text = table.units.search_text.iloc[found]
        matches = np.ones(len(found), dtype=np.bool_)
        for word in words:
            matches &= text.str.contains(word, regex=False).to_numpy(dtype=np.bool_)
        found = found[matches]
    column = sort.removeprefix("-")
    if sort == "rank" or column not in table.national:
        return found
    keys = pd.Series(table.national.values(column, found))
    sorted_keys = keys.sort_values(
        ascending=not sort.startswith("-"), kind="stable", key=_without_case
    )
    found = found[sorted_keys.index.to_numpy()]
    silent = ~table.national.values("has_data", found)
    return np.concatenate([found[~silent], found[silent]])


def arranged(table: AreaTable, search: str = "", sort: str = "rank") -> pd.DataFrame:
    """Return the rows of the areas ``listed``."""
    return table.national.rows(listed(table, search, sort))


def _without_case(column: pd.Series) -> pd.Series:
    return column.str.lower() if pd.api.types.is_string_dtype(column.dtype) else column


@dataclass(frozen=True)
class Highest:
    """The area that stands first: with the highest rate, or the largest clear rise.

    Attributes
    ----------
    code : str
    name, place : str
        What it is called, and the words that tell it from every other one.
    value : float
    """

    code: str
    name: str
    place: str
    value: float

    @classmethod
    def of(cls, level: str, row: pd.Series, column: str) -> Highest:
        """Return the area of a row with its figure in a column."""
        return cls(row["code"], *place_name(level, row), float(row[column]))


@dataclass(frozen=True)
class TopTenth:
    """The areas with data that have most of the count: a tenth of them, one at least.

    Attributes
    ----------
    areas, areas_with_data : int
    count, total : int
    """

    areas: int
    areas_with_data: int
    count: int
    total: int

    @property
    def share(self) -> float:
        """Per cent of the count that they have."""
        return 100 * self.count / self.total

    @property
    def is_tenth(self) -> bool:
        """Whether there are enough areas to speak of a tenth."""
        return self.areas_with_data >= FEWEST_FOR_TENTH


@dataclass(frozen=True)
class Headline:
    """What a table says at a glance; None where there is nothing to say.

    Attributes
    ----------
    count, denominator, rate, rate_low, rate_high : numbers or None
        Of all areas with data together; the rate per 1,000 and year, with its 95% interval.
    areas_with_data, areas_in_scope, areas_with_none : int
        The last are areas with data and a count of zero.
    highest : Highest or None
        By rate.
    largest_rise : Highest or None
        By change, among the clear rises.
    top_tenth : TopTenth or None
        By count; None where nothing was counted, or in one area only.
    change_percent : float or None
        Against the same months one year earlier, over the areas complete in both.
    areas_compared : int
        How many areas are complete in both periods.
    earlier_period : str
        The months compared with, for readers.
    change_note : str
        Why there is no change; empty if there is one.
    incomplete_forces : tuple of str
        Names of the forces in scope that did not supply every month.
    unplaced_percent : float or None
        Share of rows without an LSOA, all types, in the files of the forces whose areas the
        figures are of.
    """

    count: int | None
    denominator: float | None
    rate: float | None
    rate_low: float | None
    rate_high: float | None
    areas_with_data: int
    areas_in_scope: int
    areas_with_none: int
    highest: Highest | None
    largest_rise: Highest | None
    top_tenth: TopTenth | None
    change_percent: float | None
    areas_compared: int
    earlier_period: str
    change_note: str
    incomplete_forces: tuple[str, ...]
    unplaced_percent: float | None


def headline(table: AreaTable) -> Headline:
    """Return what a table says at a glance, over the areas with data."""
    reporting = table.order[table.values("has_data")]
    of = table.national.values
    counts = of("count", reporting).to_numpy(dtype=np.int64)
    rated = reporting[~np.isnan(of("rate_per_1000", reporting))]
    people = float(of("denominator", rated).sum())
    rate, low, high = _joint_rate(int(of("rate_count", rated).sum()), people, table.months)
    change, period, note = _joint_change(table, reporting)
    return Headline(
        count=int(counts.sum()) if len(counts) else None,
        denominator=people or None,
        rate=rate,
        rate_low=low,
        rate_high=high,
        areas_with_data=len(reporting),
        areas_in_scope=len(table.order),
        areas_with_none=int((counts == 0).sum()),
        highest=_highest(table, rated),
        largest_rise=_largest_rise(table, reporting),
        top_tenth=_top_tenth(counts),
        change_percent=change,
        areas_compared=int((~of("earlier_count", reporting).isna()).sum()),
        earlier_period=period,
        change_note=note,
        incomplete_forces=_incomplete_forces(table),
        unplaced_percent=_unplaced_percent(table),
    )


def _joint_rate(
    count: int, people: float, months: int
) -> tuple[float | None, float | None, float | None]:
    if not people:
        return None, None, None
    low, high = rate_interval([count], [people], months)
    return float(annual_rate([count], [people], months)[0]), float(low[0]), float(high[0])


def _highest(table: AreaTable, rated: Positions) -> Highest | None:
    if not len(rated) or table.national.values("rate_per_1000", rated[:1])[0] == 0:
        return None
    row = table.national.rows(rated[:1]).iloc[0]
    return Highest.of(table.selection.level, row, "rate_per_1000")


def _largest_rise(table: AreaTable, reporting: Positions) -> Highest | None:
    of = table.national.values
    rises = reporting[of("change_class", reporting) == RISE]
    if not len(rises):
        return None
    places = of("change_order", rises).to_numpy(dtype=np.int64)
    first = np.lexsort((table.units.code_order[rises], places))[:1]
    row = table.national.rows(rises[first]).iloc[0]
    return Highest.of(table.selection.level, row, "change_percent")


def _top_tenth(counts: NDArray[np.int64]) -> TopTenth | None:
    total = int(counts.sum())
    if total == 0 or len(counts) == 1:
        return None
    tenth = math.ceil(len(counts) / 10)
    return TopTenth(tenth, len(counts), int(np.sort(counts)[-tenth:].sum()), total)


def _joint_change(table: AreaTable, reporting: Positions) -> tuple[float | None, str, str]:
    earlier = earlier_period(table.dataset, table.selection)
    if earlier.problem:
        return None, "", f"No comparison with the year before: {earlier.problem}"
    label = period_label(earlier.first, earlier.last)
    of = table.national.values
    both = reporting[~of("earlier_count", reporting).isna()]
    before = int(of("earlier_count", both).sum())
    if before == 0:
        why = "there were none then" if len(both) else "no area has both periods complete"
        return None, label, f"No comparison with the year before: {why}"
    return 100 * (int(of("count", both).sum()) / before - 1), label, ""


def _incomplete_forces(table: AreaTable) -> tuple[str, ...]:
    dataset, chosen = table.dataset, table.selection
    inside = forces_in_scope(dataset, chosen.scope)
    silent = np.setdiff1d(inside, reporting_forces(dataset, chosen))
    return tuple(dataset.forces[index].name for index in silent)


def _unplaced_percent(table: AreaTable) -> float | None:
    dataset = table.dataset
    slugs = [dataset.forces[index].slug for index in reporting_forces(dataset, table.selection)]
    coverage = dataset.coverage
    rows = coverage.loc[
        coverage["month"].between(table.selection.first, table.selection.last)
        & coverage["force"].isin(slugs)
    ]
    unplaced, kept = int(rows["no_lsoa"].sum()), int(rows["kept"].sum())
    return 100 * unplaced / (unplaced + kept) if unplaced + kept else None
