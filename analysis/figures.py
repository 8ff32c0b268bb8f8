"""Counts, rates and ranks of every area of the nation at one level."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pandas.arrays import IntegerArray

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

RANKS = ("rank", "force_rank")
Positions = NDArray[np.intp]

COMPLETE = "complete"
"""Status of an area whose forces supplied every month; anything else says what is amiss."""


@dataclass(frozen=True)
class Labels:
    """One of few texts for every area: the texts, and the position of each area's among them."""

    texts: tuple[str, ...]
    positions: NDArray[np.intp]

    def of(self, rows: Positions) -> NDArray[np.object_]:
        """Return the texts of some areas."""
        return np.array(self.texts, dtype=object)[self.positions[rows]]


@dataclass(frozen=True, eq=False)
class NationalFigures:
    """The figures of every area of a level, as arrays; rows are made of those that are shown.

    Attributes
    ----------
    level : Units
    columns : dict of str to array [areas] or Labels
        In the order of `level`; best known as an AreaTable. Treat them as read-only.
    order : intp array [areas]
        Positions by rank, then code; areas without data last.
    """

    level: Units
    columns: Mapping[str, Any]
    order: Positions

    def __contains__(self, column: str) -> bool:
        """Tell whether there is a column of this name."""
        return column in self.columns or column in self.level.frame

    def values(self, column: str, rows: Positions | None = None) -> Any:
        """Return a column, of some areas or of all in the order of `level`.

        Parameters
        ----------
        column : str
            Of the figures, or of what the level says of an area.
        rows : intp array, optional
            Positions of areas.

        Returns
        -------
        array
            Of numpy, or of pandas where a figure may be missing.
        """
        if column not in self.columns:
            stored = self.level.column(column)
            return stored if rows is None else stored[rows]
        stored = self.columns[column]
        if isinstance(stored, Labels):
            return stored.of(np.arange(len(self.level)) if rows is None else rows)
        return stored if rows is None else stored[rows]

    def rows(self, rows: Positions) -> pd.DataFrame:
        """Return some areas with all that is known of them, in the order given."""
        names = [*self.level.frame.columns, *self.columns]
        first = [name for name in RANKS if name in self.columns]
        names = list(dict.fromkeys([*first, *names]))
        return pd.DataFrame({name: self.values(name, rows) for name in names}, copy=False)

    @property
    def ranked(self) -> NDArray[np.bool_]:
        """Which areas have a rank; bool [areas]."""
        ranked: NDArray[np.bool_] = ~np.isnan(self.columns["rate_per_1000"])
        return ranked


@remember(12)
def national_figures(dataset: Dataset, selection: Selection) -> NationalFigures:
    """Return the figures of every area of the selection's level.

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
    figures |= _change(figures, dataset, selection, level)
    for measure in MEASURES.values():
        if measure.figure is not None:
            table = pd.concat([level.frame, pd.DataFrame(figures)], axis=1)
            figures[measure.column] = np.asarray(measure.figure(table), dtype=np.float64)
    gap = _gaps(figures, selection.months, problem)
    rates = figures["rate_per_1000"]
    ranked = ~np.isnan(rates)
    rank = competition_rank(rates, ranked)
    figures |= {
        "gap": gap,
        "status": _status(figures, level.frame["lsoas"].to_numpy(), gap),
        "rank": rank,
        "force_rank": competition_rank(rates, ranked, level.of_force),
    }
    places = rank.to_numpy(dtype=np.float64, na_value=np.inf)
    order = np.lexsort((level.code_order, ~figures["has_data"], places))
    return NationalFigures(level, figures, order)


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


def _figures(
    dataset: Dataset, selection: Selection, level: Units, withheld: bool
) -> dict[str, Any]:
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
    aside = dataset.months_set_aside(first, last)[dataset.area_force]
    return {
        "unit": np.arange(len(level)),
        "count": whole_numbers(count),
        "rate_count": rate_count.astype(np.int64),
        "denominator": np.where(shown > 0, shown, np.nan),
        "rate_per_1000": annual_rate(rate_count, denominator, months),
        "rate_low": low,
        "rate_high": high,
        "density_per_sq_mile": density_per_square_mile(count, land),
        "months_supplied": level.highest(supplied),
        "months_set_aside": level.highest(aside),
        "months_in_period": np.full(len(level), months),
        "has_data": reporting > 0,
        "small_count": count < SMALL_COUNT,
        "reporting_lsoas": reporting.astype(np.int64),
        "rated_lsoas": level.total(has_rate).astype(np.int64),
        "reassigned_history": level.total(_reassigned(dataset, first, last)) > 0,
    }


def whole_numbers(values: NDArray[np.float64]) -> IntegerArray:
    """Return whole numbers as nullable integers; NaN is missing."""
    missing = np.isnan(values)
    return pd.arrays.IntegerArray(np.where(missing, 0, values).astype(np.int64), missing)


@remember(16)
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


def _change(
    figures: dict[str, Any], dataset: Dataset, selection: Selection, level: Units
) -> dict[str, Any]:
    """Return what has changed since the year before."""
    earlier = earlier_period(dataset, selection)
    count = np.full(len(level), np.nan)
    if not earlier.problem:
        months = (earlier.first, earlier.last)
        complete = _complete(dataset, *months, selection.months)
        counts = level.total(dataset.period_counts(*months, selection.type_slugs(dataset)))
        whole = level.total(~complete) == 0
        now_whole = figures["reporting_lsoas"] == level.frame["lsoas"].to_numpy()
        count = np.where(whole & now_whole, counts, np.nan)
    now = figures["count"].to_numpy(dtype=np.float64, na_value=np.nan)
    percent = 100 * (now / np.where(count > 0, count, np.nan) - 1)
    clear = equal_rates_probability(now, count) < CLEAR_CHANGE
    kind = _change_class(now, count, clear)
    return {
        "earlier_count": whole_numbers(count),
        "change_percent": percent,
        "change_clear": clear,
        "change_class": pd.Categorical.from_codes(kind, pd.Index(CHANGE_CLASSES), ordered=True),
        "change_order": _change_order(percent, kind),
    }


def _change_class(
    now: NDArray[np.float64], earlier: NDArray[np.float64], clear: NDArray[np.bool_]
) -> NDArray[np.int8]:
    """Return the position of each area's change among CHANGE_CLASSES."""
    compared = ~np.isnan(now) & ~np.isnan(earlier)
    conditions = [~compared, earlier == 0, clear & (now > earlier), clear & (now < earlier)]
    kinds = [
        np.int8(CHANGE_CLASSES.index(name)) for name in (NO_COMPARISON, NONE_EARLIER, RISE, FALL)
    ]
    kind: NDArray[np.int8] = np.select(conditions, kinds, np.int8(CHANGE_CLASSES.index(UNCLEAR)))
    return kind


def _change_order(percent: NDArray[np.float64], kind: NDArray[np.int8]) -> IntegerArray:
    """Return the place of each area by its change: ties share the lowest place.

    Clear rises come first and clear falls last, the largest rise first of all; an area that cannot
    be compared has no place.
    """
    order = np.lexsort((-percent, kind))
    placed, change = kind[order], percent[order]
    starts = np.ones(len(order), dtype=np.bool_)
    starts[1:] = (placed[1:] != placed[:-1]) | (change[1:] != change[:-1])
    place = np.empty(len(order))
    place[order] = np.maximum.accumulate(np.where(starts, np.arange(1, len(order) + 1), 0))
    place[np.isnan(percent)] = np.nan
    return whole_numbers(place)


def _gaps(figures: Mapping[str, Any], months: int, problem: str | None) -> Labels:
    """Return why each area has no figure, or no rate; empty where it has one."""
    reporting, rated = figures["reporting_lsoas"], figures["rated_lsoas"]
    positions = np.zeros(len(reporting), dtype=np.intp)
    if problem is not None:
        return Labels((problem,), positions)
    texts = ["", "no denominator"]
    positions[(rated == 0) & (reporting > 0)] = 1
    silent = reporting == 0
    supplied, aside = figures["months_supplied"], figures["months_set_aside"]
    pair = supplied * (months + 1) + aside
    for value in np.unique(pair[silent]):
        positions[silent & (pair == value)] = len(texts)
        had, lost = divmod(int(value), months + 1)
        texts.append(f"{had} of {months} months {_usable(lost)}")
    return Labels(tuple(texts), positions)


def _usable(set_aside: int) -> str:
    """Say what was supplied: a month whose file is there is never called not supplied."""
    if not set_aside:
        return "supplied"
    return f"usable, {set_aside} {'file' if set_aside == 1 else 'files'} set aside"


def _status(figures: Mapping[str, Any], lsoas: NDArray[np.int64], gap: Labels) -> Labels:
    reporting, rated = figures["reporting_lsoas"], figures["rated_lsoas"]
    texts = {COMPLETE: 0}
    positions = np.zeros(len(reporting), dtype=np.intp)

    def say(rows: Any, text: str) -> None:
        positions[rows] = texts.setdefault(text, len(texts))

    for row in np.flatnonzero((reporting > 0) & (reporting < lsoas)):
        say(row, f"reporting areas only: {reporting[row]:,} of {lsoas[row]:,} neighbourhoods")
    for row in np.flatnonzero((rated > 0) & (rated < reporting)):
        say(row, f"rate of {rated[row]:,} of {lsoas[row]:,} neighbourhoods: no denominator")
    for number, why in enumerate(gap.texts):
        if why:
            because = gap.positions == number
            say(because & (reporting > 0), f"no rate: {why}")
            say(because & (reporting == 0), f"no data: {why}")
    return Labels(tuple(texts), positions)
