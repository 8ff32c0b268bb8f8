"""Counts, rates and ranks of every area of the nation at one level."""

from __future__ import annotations

from dataclasses import dataclass

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
from .vocabulary import MEASURES

RISE, FALL, UNCLEAR = "clear rise", "clear fall", "no clear change"
NONE_EARLIER, NO_COMPARISON = "none earlier", "no comparison"
CHANGE_CLASSES: tuple[str, ...] = (RISE, UNCLEAR, FALL, NONE_EARLIER, NO_COMPARISON)
"""What a change is, in the order in which areas are listed by it. NONE_EARLIER has no percentage:
there was nothing then, and there is something now or nothing again."""

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
    for measure in MEASURES.values():
        if measure.figure is not None:
            figures[measure.column] = measure.figure(figures)
    figures["gap"] = _gaps(figures, selection.months, problem)
    figures["status"] = _status(figures)
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


def definition_problem(
    dataset: Dataset, selection: Selection, first: str, last: str, span: str = "this period"
) -> str | None:
    """Return why the counted types do not mean one thing from `first` to `last`, or None.

    Parameters
    ----------
    first, last : str
        Months ``YYYY-MM``, both included.
    span : str
        What a sentence calls them.

    The total of all crime types is exempt: a change of definition moves crimes within it.
    """
    counted = set(selection.type_slugs(dataset))
    total = selection.is_total(dataset)
    for kind in dataset.crime_types:
        exempt = total and kind.is_crime
        if kind.slug in counted and not exempt and not kind.covers(first, last):
            return definition_sentence(kind, first, last, span)
    return None


def definition_sentence(kind: CrimeType, first: str, last: str, span: str = "this period") -> str:
    """Say why a crime type does not mean one thing from `first` to `last`, which is `span`.

    Parameters
    ----------
    first, last : str
        Months ``YYYY-MM``, both included.
    span : str
        What the sentence calls them.
    """
    begin, end = kind.eras[0][0], kind.eras[-1][1]
    if first < begin:
        return f"{kind.name} was not recorded as a separate type before {month_label(begin)}"
    if end is not None and last > end:
        return f"{kind.name} was not recorded as a separate type after {month_label(end)}"
    return f"{kind.name} changed definition within {span}"


def _complete(dataset: Dataset, first: str, last: str, months: int) -> NDArray[np.bool_]:
    """Return which LSOAs' forces supplied every month."""
    forces: NDArray[np.bool_] = dataset.months_supplied(first, last) == months
    return np.asarray(forces[dataset.area_force], dtype=np.bool_)


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
            "months_set_aside": level.highest(
                dataset.months_set_aside(first, last)[dataset.area_force]
            ),
            "months_in_period": months,
            "has_data": reporting > 0,
            "small_count": count < SMALL_COUNT,
            "reporting_lsoas": reporting.astype(np.int64),
            "rated_lsoas": level.total(has_rate).astype(np.int64),
            "reassigned_history": level.total(_reassigned(dataset, first, last)) > 0,
        }
    )


def _reassigned(dataset: Dataset, first: str, last: str) -> NDArray[np.bool_]:
    """Return which LSOAs of redrawn boundaries lie in a force of which rows were re-mapped.

    Rows printed with a 2011 code are placed by their point where that code was split or redrawn;
    files that carry the areas' own codes are counted as they are.
    """
    coverage = dataset.coverage
    rows = coverage.loc[coverage["month"].between(first, last) & (coverage["remapped_2011"] > 0)]
    forces = np.array([force.slug in set(rows["force"]) for force in dataset.forces])
    flags: NDArray[np.bool_] = dataset.areas["reassigned"].to_numpy() & forces[dataset.area_force]
    return flags


@dataclass(frozen=True)
class EarlierPeriod:
    """The same months one year earlier.

    Attributes
    ----------
    first, last : str
        Months ``YYYY-MM``, both included; empty where nothing can be compared.
    problem : str
        Why it cannot; empty where it can.
    """

    first: str = ""
    last: str = ""
    problem: str = ""


def earlier_period(dataset: Dataset, selection: Selection) -> EarlierPeriod:
    """Return the months that a selection's are compared with."""
    if selection.months > MONTHS_IN_YEAR:
        return EarlierPeriod(problem="the period is longer than a year")
    first = add_months(selection.first, -MONTHS_IN_YEAR)
    last = add_months(selection.last, -MONTHS_IN_YEAR)
    if first < dataset.months[0]:
        return EarlierPeriod(problem=f"the data start in {month_label(dataset.months[0])}")
    problem = definition_problem(dataset, selection, first, selection.last, "the two periods")
    if problem is not None:
        return EarlierPeriod(problem=problem)
    return EarlierPeriod(first, last)


def _with_change(
    figures: pd.DataFrame, dataset: Dataset, selection: Selection, level: Units
) -> pd.DataFrame:
    earlier = earlier_period(dataset, selection)
    count = np.full(len(level), np.nan)
    if not earlier.problem:
        months = (earlier.first, earlier.last)
        complete = _complete(dataset, *months, selection.months)
        counts = level.total(dataset.period_counts(*months, selection.type_slugs(dataset)))
        whole = level.total(~complete) == 0
        now_whole = figures["reporting_lsoas"].to_numpy() == level.frame["lsoas"].to_numpy()
        count = np.where(whole & now_whole, counts, np.nan)
    now = figures["count"].to_numpy(dtype=np.float64, na_value=np.nan)
    figures["earlier_count"] = pd.Series(count).astype("Int64")
    figures["change_percent"] = 100 * (now / np.where(count > 0, count, np.nan) - 1)
    figures["change_clear"] = equal_rates_probability(now, count) < CLEAR_CHANGE
    figures["change_class"] = _change_class(figures, now, count)
    figures["change_order"] = _change_order(figures)
    return figures


def _change_class(
    figures: pd.DataFrame, now: NDArray[np.float64], earlier: NDArray[np.float64]
) -> pd.Categorical:
    clear, compared = figures["change_clear"].to_numpy(), ~np.isnan(now) & ~np.isnan(earlier)
    conditions = [
        ~compared,
        earlier == 0,
        clear & (now > earlier),
        clear & (now < earlier),
    ]
    names = np.select(conditions, [NO_COMPARISON, NONE_EARLIER, RISE, FALL], UNCLEAR)
    return pd.Categorical(names, categories=CHANGE_CLASSES, ordered=True)


def _change_order(figures: pd.DataFrame) -> pd.Series:
    """Return the place of each area by its change: Int64, ties share the lowest place.

    Clear rises come first and clear falls last, the largest rise first of all; an area that cannot
    be compared has no place.
    """
    downwards = (-figures["change_percent"]).rank(method="dense")
    group = figures["change_class"].cat.codes.astype(np.int64)
    return (group * (len(figures) + 1) + downwards).rank(method="min").astype("Int64")


def _gaps(figures: pd.DataFrame, months: int, problem: str | None) -> NDArray[np.object_]:
    """Return why each area has no figure, or no rate; empty where it has one."""
    gaps = np.full(len(figures), "", dtype=object)
    if problem is not None:
        gaps[:] = problem
        return gaps
    reporting, rated = (figures[name].to_numpy() for name in ("reporting_lsoas", "rated_lsoas"))
    gaps[(rated == 0) & (reporting > 0)] = "no denominator"
    silent = figures.loc[reporting == 0, ["months_supplied", "months_set_aside"]]
    for (supplied, aside), rows in silent.groupby(list(silent.columns)):
        gaps[rows.index] = f"{supplied} of {months} months {_usable(aside)}"
    return gaps


def _usable(set_aside: int) -> str:
    """Say what was supplied: a month whose file is there is never called not supplied."""
    if not set_aside:
        return "supplied"
    return f"usable, {set_aside} {'file' if set_aside == 1 else 'files'} set aside"


def _status(figures: pd.DataFrame) -> NDArray[np.object_]:
    status = np.full(len(figures), COMPLETE, dtype=object)
    lsoas, reporting, rated, gaps = (
        figures[name].to_numpy() for name in ("lsoas", "reporting_lsoas", "rated_lsoas", "gap")
    )
    for row in np.flatnonzero((reporting > 0) & (reporting < lsoas)):
        status[row] = f"reporting areas only: {reporting[row]:,} of {lsoas[row]:,} neighbourhoods"
    for row in np.flatnonzero((rated > 0) & (rated < reporting)):
        status[row] = f"rate of {rated[row]:,} of {lsoas[row]:,} neighbourhoods: no denominator"
    for gap in filter(None, np.unique(gaps)):
        status[(gaps == gap) & (reporting > 0)] = f"no rate: {gap}"
        status[(gaps == gap) & (reporting == 0)] = f"no data: {gap}"
    return status
