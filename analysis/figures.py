"""Counts, rates and ranks of every area of the nation at one level."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from data_pipeline.dataset import CrimeType, Dataset, add_months, month_label

from .levels import Units, units
from .per_dataset import remember
from .ranks import competition_rank
from .rates import (
    CLEAR_CHANGE,
    MONTHS_IN_YEAR,
    SMALL_COUNT,
    annual_rate,
    density_per_square_mile,
    equal_rates_probability,
    rate_interval,
)
from .selection import Selection

COMPLETE = "complete"
"""Status of an area whose forces supplied every month; anything else says what is amiss."""


@remember(12)
def national_figures(dataset: Dataset, selection: Selection) -> pd.DataFrame:
    """Return the figures of every area of the selection's level, best known as an AreaTable.

    Parameters
    ----------
    dataset : Dataset
    selection : Selection
        Only its months, crime types, denominator and level count; clear the rest, so that equal
        questions are asked once.
    """
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


def denominator_values(dataset: Dataset, selection: Selection) -> NDArray[np.float64]:
    """Return the selection's denominator of every LSOA, NaN where it is missing or zero."""
    column = dataset.areas[selection.denominator_of(dataset).column]
    values = column.to_numpy(dtype=np.float64, na_value=np.nan)
    return np.where(values > 0, values, np.nan)


def _figures(dataset: Dataset, selection: Selection, level: Units, withheld: bool) -> pd.DataFrame:
    first, last, months = selection.first, selection.last, selection.months
    counts = dataset.period_counts(first, last, selection.type_slugs(dataset))
    supplied = dataset.months_supplied(first, last)[dataset.area_force]
    has_data = (supplied == months) & (not withheld)
    people = denominator_values(dataset, selection)
    has_rate = has_data & (people > 0)
    reporting = level.total(has_data)
    count = np.where(reporting > 0, level.total(counts * has_data), np.nan)
    rate_count = level.total(counts * has_rate)
    denominator = level.total(np.where(has_rate, people, 0.0))
    everyone = level.total(np.nan_to_num(people))
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
    figures["change_clear"] = equal_rates_probability(now, count) < CLEAR_CHANGE
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
