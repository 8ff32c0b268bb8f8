"""The area table: one row per area for a Selection, read by map, ranking, headline and export.

Figures are computed once for the whole nation and sliced to the scope, so that ranks mean the
same in every view. An area without data has no figure at all: never a zero, never a rank.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from data_pipeline.dataset import CrimeType, Dataset, Denominator, add_months, month_label

from .levels import Units, units
from .per_dataset import remember
from .ranks import competition_rank
from .rates import (
    MONTHS_IN_YEAR,
    SMALL_COUNT,
    annual_rate,
    density_per_square_mile,
    rate_interval,
)
from .selection import MEASURES, Selection

COMPLETE = "complete"

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
        - months_supplied, months_in_period: int
        - status: COMPLETE, or why there is no figure
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
    national = _national(dataset, replace(selection, forces=(), districts=(), measure="rate"))
    frame = national
    if selection.forces or selection.districts:
        inside = level.in_scope(dataset, selection)
        frame = national.loc[inside[national["unit"].to_numpy()]].reset_index(drop=True)
    denominator = selection.denominator_of(dataset)
    return AreaTable(dataset, selection, level, frame, national, denominator)


@remember(12)
def _national(dataset: Dataset, selection: Selection) -> pd.DataFrame:
    level = units(dataset, selection.level)
    problem = definition_problem(dataset, selection, selection.first, selection.last)
    figures = _figures(dataset, selection, level, withheld=problem is not None)
    figures = _with_change(figures, dataset, selection, level)
    figures = pd.concat([level.frame, figures], axis=1)
    figures["status"] = _status(figures, selection.months, problem)
    ranked = figures["rate_per_1000"].notna().to_numpy()
    rates = figures["rate_per_1000"].to_numpy()
    figures.insert(0, "rank", competition_rank(rates, ranked))
    figures.insert(1, "force_rank", competition_rank(rates, ranked, figures["force"]))
    order = np.lexsort(
        (
            level.code_order,
            ~figures["has_data"].to_numpy(),
            figures["rank"].to_numpy(dtype=np.float64, na_value=np.inf),
        )
    )
    return figures.iloc[order].reset_index(drop=True)


def definition_problem(dataset: Dataset, selection: Selection, first: str, last: str) -> str | None:
    """Return why the counted types do not mean one thing from `first` to `last`, or None.

    The total of all crime types is exempt: a change of definition moves crimes within it.
    """
    counted = set(selection.type_slugs(dataset))
    total = selection.is_total(dataset)
    for kind in dataset.crime_types:
        exempt = total and kind.is_crime
        if kind.slug in counted and not exempt and not kind.covers(first, last):
            return definition_sentence(kind, first, last)
    return None


def definition_sentence(kind: CrimeType, first: str, last: str) -> str:
    """Say why a crime type does not mean one thing from `first` to `last`."""
    begin, end = kind.eras[0][0], kind.eras[-1][1]
    if first < begin:
        return f"{kind.name} was not recorded as a separate type before {month_label(begin)}"
    if end is not None and last > end:
        return f"{kind.name} was not recorded as a separate type after {month_label(end)}"
    return f"{kind.name} changed definition within this period"


def _complete(dataset: Dataset, first: str, last: str, months: int) -> NDArray[np.bool_]:
    """Return which LSOAs' forces supplied every month."""
    return (dataset.months_supplied(first, last) == months)[dataset.area_force]


def _denominators(dataset: Dataset, selection: Selection) -> NDArray[np.float64]:
    column = dataset.areas[selection.denominator_of(dataset).column]
    return column.to_numpy(dtype=np.float64, na_value=np.nan)


def _figures(dataset: Dataset, selection: Selection, level: Units, withheld: bool) -> pd.DataFrame:
    first, last, months = selection.first, selection.last, selection.months
    counts = dataset.period_counts(first, last, selection.type_slugs(dataset))
    supplied = dataset.months_supplied(first, last)[dataset.area_force]
    has_data = (supplied == months) & (not withheld)
    people = _denominators(dataset, selection)
    has_rate = has_data & (people > 0)
    reporting = level.total(has_data)
    count = np.where(reporting > 0, level.total(counts * has_data), np.nan)
    rate_count = level.total(counts * has_rate)
    denominator = level.total(np.where(has_rate, people, 0.0))
    everyone = level.total(np.where(people > 0, people, 0.0))
    shown = np.where(reporting > 0, denominator, everyone)
    land = level.total(np.where(has_data, dataset.areas["land_area_km2"], 0.0))
    low, high = rate_interval(rate_count, denominator, months)
    return pd.DataFrame(
        {
            "unit": np.arange(len(level)),
            "count": pd.Series(count).astype("Int64"),
            "rate_count": rate_count.astype(np.int64),
            "denominator": np.where(shown > 0, shown, np.nan),
            "rate_per_1000": annual_rate(rate_count, denominator, months),
            "rate_low": low,
            "rate_high": high,
            "density_per_sq_mile": density_per_square_mile(count, land),
            "months_supplied": level.highest(supplied),
            "months_in_period": months,
            "has_data": reporting > 0,
            "small_count": count < SMALL_COUNT,
            "reporting_lsoas": reporting.astype(np.int64),
            "rated_lsoas": level.total(has_rate).astype(np.int64),
        }
    )


def earlier_period(dataset: Dataset, selection: Selection) -> tuple[str, str] | str:
    """Return the same months one year earlier, or the reason why they cannot be compared."""
    if selection.months > MONTHS_IN_YEAR:
        return "the period is longer than a year"
    first = add_months(selection.first, -MONTHS_IN_YEAR)
    last = add_months(selection.last, -MONTHS_IN_YEAR)
    if first < dataset.months[0]:
        return f"the data start in {month_label(dataset.months[0])}"
    problem = definition_problem(dataset, selection, first, selection.last)
    if problem is not None:
        return problem.replace("this period", "the two periods")
    return first, last


def _with_change(
    figures: pd.DataFrame, dataset: Dataset, selection: Selection, level: Units
) -> pd.DataFrame:
    earlier = earlier_period(dataset, selection)
    count = np.full(len(level), np.nan)
    if not isinstance(earlier, str):
        complete = _complete(dataset, *earlier, selection.months)
        counts = level.total(dataset.period_counts(*earlier, selection.type_slugs(dataset)))
        whole = level.total(~complete) == 0
        now_whole = figures["reporting_lsoas"].to_numpy() == level.frame["lsoas"].to_numpy()
        count = np.where(whole & now_whole, counts, np.nan)
    now = figures["count"].to_numpy(dtype=np.float64, na_value=np.nan)
    figures["earlier_count"] = pd.Series(count).astype("Int64")
    figures["change_percent"] = 100 * (now / np.where(count > 0, count, np.nan) - 1)
    return figures


def _status(figures: pd.DataFrame, months: int, problem: str | None) -> NDArray[np.object_]:
    status = np.full(len(figures), COMPLETE, dtype=object)
    if problem is not None:
        status[:] = f"no data: {problem}"
        return status
    lsoas, reporting, rated = (
        figures[name].to_numpy() for name in ("lsoas", "reporting_lsoas", "rated_lsoas")
    )
    for row in np.flatnonzero((reporting > 0) & (reporting < lsoas)):
        status[row] = f"reporting areas only: {reporting[row]:,} of {lsoas[row]:,} neighbourhoods"
    for row in np.flatnonzero((rated > 0) & (rated < reporting)):
        status[row] = f"rate of {rated[row]:,} of {lsoas[row]:,} neighbourhoods: no denominator"
    status[(rated == 0) & (reporting > 0)] = "no rate: no denominator"
    supplied = figures["months_supplied"].to_numpy()
    for number in np.unique(supplied[reporting == 0]):
        silent = (reporting == 0) & (supplied == number)
        status[silent] = f"no data: {number} of {months} months supplied"
    return status


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
