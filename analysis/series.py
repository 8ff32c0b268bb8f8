"""Monthly series: counts by crime type, and rates beside the force and the nation.

A month without data is NaN with its reason, never zero. Sums cover the forces that supplied the
month; numerator and denominator leave together.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from itertools import pairwise

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from data_pipeline.dataset import CrimeType, Dataset, month_label

from .figures import denominator_values
from .per_dataset import remember
from .rates import annual_rate
from .scope import CODE_COLUMNS, forces_in_scope, in_scope
from .selection import NATION, Selection
from .wording import and_join

ALL, SOME, NONE = "all", "some", "none"
"""How many of the forces in scope supplied a month."""

Floats = NDArray[np.float64]
Positions = NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class MonthlySeries:
    """Counts of every month of the dataset.

    Attributes
    ----------
    frame : DataFrame
        month (``YYYY-MM``), total, one column per slug of `types`, reporting (ALL, SOME or NONE
        of the forces in scope supplied it) and reason (why a figure is missing or partial, else
        empty). Figures are float, NaN where no force supplied the month or the type was not in
        use.
    types : dict of str to str
        Slug and name of each crime type counted, in alphabetical order.
    breaks : tuple of (month, sentence)
        Months from which a type, and so its line, means something else.
    """

    frame: pd.DataFrame = field(repr=False)
    types: dict[str, str]
    breaks: tuple[tuple[str, str], ...]


@dataclass(frozen=True, eq=False)
class RateComparison:
    """Each month's count as a yearly rate per 1,000, for one place and what it lies in.

    Attributes
    ----------
    frame : DataFrame
        month, and one float column per entry of `lines`.
    lines : dict of str to str
        Column ("area", "force", "nation") and the label of the place; the first is the place asked
        for. Larger places that it does not lie in, or is itself, are left out.
    """

    frame: pd.DataFrame = field(repr=False)
    lines: dict[str, str]


def monthly_series(dataset: Dataset, selection: Selection) -> MonthlySeries:
    """Return the monthly counts of the chosen area, or of the whole scope.

    Parameters
    ----------
    dataset : Dataset
    selection : Selection
        The period does not matter: every month of the dataset is returned.
    """
    kinds = _kinds(dataset, selection)
    counts, forces = _counts(dataset, selection)
    supplied = dataset.supplied[:, forces].sum(axis=1)
    in_use = np.array([[kind.covers(month, month) for kind in kinds] for month in dataset.months])
    shown = np.where((supplied[:, np.newaxis] > 0) & in_use, counts, np.nan)
    total = np.where(supplied > 0, counts.sum(axis=1), np.nan)
    total[_undefined(dataset, selection, kinds)] = np.nan
    frame = pd.DataFrame({"month": dataset.months, "total": total})
    for column, kind in enumerate(kinds):
        frame[kind.slug] = shown[:, column]
    frame["reporting"] = np.select([supplied == 0, supplied < len(forces)], [NONE, SOME], ALL)
    frame["reason"] = [
        _supply_reason(dataset, month, forces) or _type_reason(dataset, selection, kinds, month)
        for month in range(len(dataset.months))
    ]
    return MonthlySeries(frame, {kind.slug: kind.name for kind in kinds}, _breaks(dataset, kinds))


def rate_comparison(dataset: Dataset, selection: Selection) -> RateComparison:
    """Return the monthly rates of the chosen area or scope, of its force, and of the nation.

    Parameters
    ----------
    dataset : Dataset
    selection : Selection
        The period does not matter: every month of the dataset is returned.
    """
    places = _compared(dataset, selection)
    frame = pd.DataFrame({"month": dataset.months})
    missing = _undefined(dataset, selection, _kinds(dataset, selection))
    for column, (_, place) in places.items():
        rate = _monthly_rate(dataset, place)
        rate[missing] = np.nan
        frame[column] = rate
    return RateComparison(frame, {column: label for column, (label, _) in places.items()})


def _kinds(dataset: Dataset, selection: Selection) -> list[CrimeType]:
    counted = set(selection.type_slugs(dataset))
    return [kind for kind in dataset.crime_types if kind.slug in counted]


def _compared(dataset: Dataset, selection: Selection) -> dict[str, tuple[str, Selection]]:
    """Return the places to compare: column, label and the selection that stands for it."""
    whole = replace(selection, area=None)
    nation = whole.everywhere()
    label, column = whole.place_label(dataset), "area"
    if selection.area is not None:
        label = _area_label(dataset, selection)
    elif not whole.is_narrowed:
        column = "nation"
    elif len(whole.forces) == 1 and whole.scope.is_whole_forces:
        column = "force"
    places = {column: (label, selection)}
    force = _single_force(dataset, selection)
    if column == "area" and force is not None and selection.area != force:
        of_force = replace(nation, forces=(force,))
        places["force"] = (of_force.place_label(dataset), of_force)
    places.setdefault("nation", (NATION, nation))
    return places


def _area_label(dataset: Dataset, selection: Selection) -> str:
    if selection.level == "force":
        return {force.slug: force.name for force in dataset.forces}[selection.area or ""]
    first = dataset.areas.loc[_members(dataset, selection)[0]]
    return str(first[f"{selection.level}_name"])


def _single_force(dataset: Dataset, selection: Selection) -> str | None:
    positions = np.unique(dataset.area_force[_members(dataset, selection)])
    return dataset.forces[positions[0]].slug if len(positions) == 1 else None


def _members(dataset: Dataset, selection: Selection) -> Positions:
    """Return the positions of the LSOAs of the chosen area, or of the whole scope."""
    if selection.area is not None:
        codes = dataset.areas[CODE_COLUMNS[selection.level]]
        return np.flatnonzero((codes == selection.area).to_numpy())
    return np.flatnonzero(in_scope(dataset, selection.scope))


def _counts(dataset: Dataset, selection: Selection) -> tuple[Floats, Positions]:
    """Return counts [months, types] of the place, and the positions of its forces."""
    slugs = selection.type_slugs(dataset)
    if selection.area is None and selection.scope.is_whole_forces:
        forces = forces_in_scope(dataset, selection.scope)
        types = dataset.type_indices(slugs)
        counts = _force_counts(dataset)[:, types][:, :, forces].sum(axis=2)
    else:
        members = _members(dataset, selection)
        forces = np.unique(dataset.area_force[members])
        counts = dataset.monthly_counts(members, slugs)
    return counts.astype(np.float64), forces


@remember(4)
def _force_counts(dataset: Dataset) -> NDArray[np.int64]:
    """Return monthly counts of whole forces; int64 [months, types, forces]."""
    slugs = [kind.slug for kind in dataset.crime_types]
    bounds = np.searchsorted(dataset.area_force, np.arange(len(dataset.forces) + 1))
    return np.stack(
        [dataset.monthly_counts(slice(start, end), slugs) for start, end in pairwise(bounds)],
        axis=2,
    )


def _monthly_rate(dataset: Dataset, selection: Selection) -> Floats:
    counts, people = _rated(dataset, selection)
    return annual_rate(counts, people, 1)


def _rated(dataset: Dataset, selection: Selection) -> tuple[Floats, Floats]:
    """Return counts and denominators [months] of the reporting LSOAs that have a denominator."""
    people = denominator_values(dataset, selection)
    members = _members(dataset, selection)
    counts, forces = _counts(dataset, selection)
    unknown = members[np.isnan(people[members])]
    total = counts.sum(axis=1)
    if len(unknown):
        slugs = selection.type_slugs(dataset)
        total = total - dataset.monthly_counts(unknown, slugs).sum(axis=1)
    of_force = np.bincount(
        dataset.area_force[members], np.nan_to_num(people[members]), len(dataset.forces)
    )
    reporting = dataset.supplied[:, forces] * of_force[forces]
    return total, reporting.sum(axis=1, dtype=np.float64)


def _undefined(dataset: Dataset, selection: Selection, kinds: list[CrimeType]) -> NDArray[np.bool_]:
    """Return the months in which a counted type was not in use; the total is always defined."""
    if selection.is_total(dataset):
        return np.zeros(len(dataset.months), dtype=np.bool_)
    return np.array(
        [not all(kind.covers(month, month) for kind in kinds) for month in dataset.months]
    )


def _supply_reason(dataset: Dataset, month: int, forces: Positions) -> str:
    silent = [dataset.forces[index].name for index in forces if not dataset.supplied[month, index]]
    if not silent:
        return ""
    if len(silent) <= 2:
        return f"{and_join(silent)} did not supply this month"
    return f"{len(forces) - len(silent)} of {len(forces)} forces supplied"


def _type_reason(dataset: Dataset, selection: Selection, kinds: list[CrimeType], index: int) -> str:
    month = dataset.months[index]
    absent = [kind.name for kind in kinds if not kind.covers(month, month)]
    if not absent or selection.is_total(dataset):
        return ""
    named = and_join(absent) if len(absent) <= 2 else f"{len(absent)} of these crime types"
    return f"{named} {'was' if len(absent) == 1 else 'were'} not recorded separately then"


def _breaks(dataset: Dataset, kinds: list[CrimeType]) -> tuple[tuple[str, str], ...]:
    shown = set(dataset.months[1:])
    return tuple(
        (start, f"{kind.name} changed definition in {month_label(start)}")
        for kind in kinds
        for start, _ in kind.eras[1:]
        if start in shown
    )
