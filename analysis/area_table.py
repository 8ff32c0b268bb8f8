"""The area table: one row per area for a Selection, read by map, ranking, headline and export.

Figures are computed once for the whole nation and sliced to the scope, so that ranks mean the
same in every view. An area without data has no figure at all: never a zero, never a rank.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from data_pipeline.dataset import SUPPLIED, Dataset, Denominator, period_label

from .classes import USUAL, Classes, classes
from .figures import earlier_period, national_figures
from .levels import Units, units
from .per_dataset import remember
from .rates import annual_rate, rate_interval
from .scope import forces_in_scope
from .selection import MEASURES, Selection

_DEFAULT_ORDER = "rank"


@dataclass(frozen=True, eq=False)
class AreaTable:
    """One row per area of the selection's level within its scope.

    Attributes
    ----------
    dataset : Dataset
    selection : Selection
        Without what does not change figures: chosen area, search, sorting and map view.
    units : Units
        All areas of the level, in and out of scope.
    frame : DataFrame
        Ordered by rank, then code; areas without data last. Treat it as read-only. Columns:

        - rank, force_rank: Int64, by rate among all areas of the nation or of its force
        - code, name, the level's place columns, force (slug), force_name, lsoas
        - count: Int64
        - denominator: float, summed over the LSOAs with data (over all of them if none has any)
        - rate_per_1000, rate_low, rate_high: per year, with the 95% interval
        - density_per_sq_mile: count of the period per square mile of land
        - earlier_count, change_percent: the same months one year earlier, and the change since
        - change_clear: bool, whether chance alone would seldom bring such a change
        - months_supplied, months_in_period: int
        - status: ``figures.COMPLETE``, or what is amiss
        - has_data, small_count, reassigned: bool
        - west, south, east, north: bounding box in degrees
        - unit: position among `units`; rate_count: the part of count that has a denominator
    national : DataFrame
        The same columns for every area of the nation.
    denominator : Denominator
    """

    dataset: Dataset = field(repr=False)
    selection: Selection
    units: Units = field(repr=False)
    frame: pd.DataFrame = field(repr=False)
    national: pd.DataFrame = field(repr=False)
    denominator: Denominator

    @property
    def months(self) -> int:
        """Number of months in the period."""
        return self.selection.months

    @property
    def place_label(self) -> str:
        """Reader's name of the scope."""
        return self.selection.place_label(self.dataset)

    @property
    def type_label(self) -> str:
        """Reader's name of the crime types counted."""
        return self.selection.type_label(self.dataset)

    @property
    def period_label(self) -> str:
        """Reader's name of the period."""
        return self.selection.period_label()

    def national_values(self, measure: str) -> NDArray[np.float64]:
        """Return a measure for every area of the nation, NaN where there is none.

        Class breaks come from it, so that one colour means one value in every view.
        """
        column = self.national[MEASURES[measure].column]
        return column.to_numpy(dtype=np.float64, na_value=np.nan)

    @cached_property
    def classes(self) -> Classes:
        """The classes of the selection's measure, from the whole nation."""
        chosen = self.selection
        return classes(
            self.national_values(chosen.measure),
            chosen.classing,
            chosen.breaks,
            diverging=MEASURES[chosen.measure].diverging,
        )

    def row(self, code: str) -> pd.Series | None:
        """Return the row of an area, or None where the scope does not have it."""
        found = self.frame.loc[self.frame["code"] == code]
        return None if found.empty else found.iloc[0]


def area_table(dataset: Dataset, selection: Selection) -> AreaTable:
    """Return the area table of a selection; equal questions are computed once.

    Parameters
    ----------
    dataset : Dataset
    selection : Selection
        Months, crime types and denominator must exist in the dataset.
    """
    return _area_table(dataset, selection.figures_key())


@remember(32)
def _area_table(dataset: Dataset, selection: Selection) -> AreaTable:
    level = units(dataset, selection.level)
    national = national_figures(
        dataset, replace(selection.everywhere(), measure="rate", classing=USUAL, breaks=())
    )
    frame = national
    if selection.is_narrowed:
        inside = level.in_scope(dataset, selection)
        frame = national.loc[inside[national["unit"].to_numpy()]].reset_index(drop=True)
    denominator = selection.denominator_of(dataset)
    return AreaTable(dataset, selection, level, frame, national, denominator)


def arranged(table: AreaTable, search: str = "", sort: str = _DEFAULT_ORDER) -> pd.DataFrame:
    """Return the rows of a table that match a search, sorted; page and export both use this.

    Parameters
    ----------
    table : AreaTable
    search : str
        Every word must occur in an area's code, name or place, in any case.
    sort : str
        Column of ``AreaTable.frame``; a leading "-" means descending. Ties keep the order of rank,
        then code; areas without data come last either way. A column that the table does not have
        leaves the order of rank.
    """
    rows = table.frame
    words = search.lower().split()
    if words:
        text = table.units.search_text.iloc[rows["unit"].to_numpy()]
        matches = np.ones(len(rows), dtype=np.bool_)
        for word in words:
            matches &= text.str.contains(word, regex=False).to_numpy(dtype=np.bool_)
        rows = rows.loc[matches]
    column = sort.removeprefix("-")
    if sort != _DEFAULT_ORDER and column in rows:
        rows = rows.sort_values(
            column, ascending=not sort.startswith("-"), kind="stable", key=_without_case
        )
        rows = rows.sort_values("has_data", ascending=False, kind="stable")
    return rows.reset_index(drop=True)


def _without_case(column: pd.Series) -> pd.Series:
    return column.str.lower() if pd.api.types.is_string_dtype(column.dtype) else column


@dataclass(frozen=True)
class Highest:
    """The area with the highest rate."""

    code: str
    name: str
    rate: float


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
    top_tenth_share : float or None
        Per cent of the count in the tenth of the areas with data that has most of it.
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
        Share of rows without an LSOA, all types, in the supplied force-months in scope.
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
    top_tenth_share: float | None
    change_percent: float | None
    areas_compared: int
    earlier_period: str
    change_note: str
    incomplete_forces: tuple[str, ...]
    unplaced_percent: float | None


def headline(table: AreaTable) -> Headline:
    """Return what a table says at a glance, over the areas with data."""
    reporting = table.frame.loc[table.frame["has_data"]]
    counts = reporting["count"].to_numpy(dtype=np.int64)
    rated = reporting.loc[reporting["rate_per_1000"].notna()]
    people = float(rated["denominator"].sum())
    rate, low, high = _joint_rate(int(rated["rate_count"].sum()), people, table.months)
    change, period, note = _joint_change(table, reporting)
    return Headline(
        count=int(counts.sum()) if len(counts) else None,
        denominator=people or None,
        rate=rate,
        rate_low=low,
        rate_high=high,
        areas_with_data=len(reporting),
        areas_in_scope=len(table.frame),
        areas_with_none=int((counts == 0).sum()),
        highest=_highest(rated),
        top_tenth_share=_top_tenth_share(counts),
        change_percent=change,
        areas_compared=int(reporting["earlier_count"].notna().sum()),
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


def _highest(rated: pd.DataFrame) -> Highest | None:
    if rated.empty or rated["rate_per_1000"].iloc[0] == 0:
        return None
    first = rated.iloc[0]
    return Highest(first["code"], first["name"], float(first["rate_per_1000"]))


def _top_tenth_share(counts: NDArray[np.int64]) -> float | None:
    total = int(counts.sum())
    if total == 0:
        return None
    tenth = math.ceil(len(counts) / 10)
    return 100 * int(np.sort(counts)[-tenth:].sum()) / total


def _joint_change(table: AreaTable, reporting: pd.DataFrame) -> tuple[float | None, str, str]:
    earlier = earlier_period(table.dataset, table.selection)
    if isinstance(earlier, str):
        return None, "", f"No comparison with the year before: {earlier}"
    label = period_label(*earlier)
    both = reporting.loc[reporting["earlier_count"].notna()]
    before = int(both["earlier_count"].sum())
    if before == 0:
        why = "no area has both periods complete" if both.empty else "there were none then"
        return None, label, f"No comparison with the year before: {why}"
    return 100 * (int(both["count"].sum()) / before - 1), label, ""


def _forces_in_scope(table: AreaTable) -> NDArray[np.bool_]:
    inside = np.zeros(len(table.dataset.forces), dtype=np.bool_)
    inside[forces_in_scope(table.dataset, table.selection.scope)] = True
    return inside


def _incomplete_forces(table: AreaTable) -> tuple[str, ...]:
    chosen = table.selection
    supplied = table.dataset.months_supplied(chosen.first, chosen.last)
    silent = _forces_in_scope(table) & (supplied < table.months)
    return tuple(table.dataset.forces[index].name for index in np.flatnonzero(silent))


def _unplaced_percent(table: AreaTable) -> float | None:
    forces = table.dataset.forces
    slugs = [forces[index].slug for index in np.flatnonzero(_forces_in_scope(table))]
    coverage = table.dataset.coverage
    rows = coverage.loc[
        (coverage["status"] == SUPPLIED)
        & coverage["month"].between(table.selection.first, table.selection.last)
        & coverage["force"].isin(slugs)
    ]
    unplaced, kept = int(rows["no_lsoa"].sum()), int(rows["kept"].sum())
    return 100 * unplaced / (unplaced + kept) if unplaced + kept else None
