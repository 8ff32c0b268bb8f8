"""Monthly series: what each month holds, from whom, and why not; read by charts and export.

Numerator and denominator of every month come from the same force-months: a row that lies in the
area of a force which did not supply the month is in neither. A month without data is NaN with its
reason, never zero.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from itertools import pairwise

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from data_pipeline.dataset import QUARANTINED, UNREADABLE, CrimeType, Dataset, month_label

from .figures import denominator_values
from .per_dataset import remember
from .rates import annual_rate
from .reporting import part_label
from .scope import forces_in_scope, in_scope
from .selection import Part, Selection, part_of
from .vocabulary import CODE_COLUMNS, WHOLE_SPAN
from .wording import and_join

Counts = NDArray[np.int64]
Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Positions = NDArray[np.intp]

NAMED_SILENT = 2
"""So many forces that are missing from a month are named; of more, those that supplied it are
counted."""


@dataclass(frozen=True, eq=False)
class Basis:
    """The months of a place, over some of its forces.

    Attributes
    ----------
    label : str
        What is in it, such as "Merseyside" or "38 of 43 forces".
    forces : tuple of str
        Names of the forces in it.
    frame : DataFrame
        One row for every month of the dataset:

        - month: ``YYYY-MM``
        - count: float, and one column per slug of the series' types; NaN where no force of the
          basis supplied the month or the type was not in use
        - rate_per_1000: float, the month's count scaled to a year
        - rated, people: int and float, the part of the month's count that has a denominator, and
          that denominator; zero where no force of the basis supplied the month
        - forces_supplied, forces_in_scope: int, of the place, whatever the basis
        - reason: why a figure is missing or partial, else empty
        - partial: bool, whether a force of the basis is missing from a month that has figures
        - run: int, changes where figures before and after are not of the same forces or crimes
    """

    label: str
    forces: tuple[str, ...]
    frame: pd.DataFrame = field(repr=False)


@dataclass(frozen=True, eq=False)
class Series:
    """The months of a place, of whoever supplied them and of those who supplied them all.

    Attributes
    ----------
    place : str
        Reader's name of the place, whoever supplied it.
    types : dict of str to str
        Slug and name of each crime type counted, in alphabetical order.
    breaks : tuple of (month, sentence)
        Months from which a type, and so its line, means something else.
    forces : tuple of str
        Names of all forces of the place.
    supplied : Basis
        Each month of the forces that supplied it: its line may jump where they change.
    whole_span : Basis or None
        The forces that supplied every month which any force of the place supplied; None where no
        force did.
    """

    place: str
    types: dict[str, str]
    breaks: tuple[tuple[str, str], ...]
    forces: tuple[str, ...]
    supplied: Basis
    whole_span: Basis | None

    def drawn(self, basis: str) -> Basis:
        """Return what a chart shows for a key of ``selection.SERIES``."""
        if basis == WHOLE_SPAN and self.whole_span is not None:
            return self.whole_span
        return self.supplied

    @property
    def has_choice(self) -> bool:
        """Whether the two bases differ and both can be drawn."""
        whole = self.whole_span
        return whole is not None and len(whole.forces) < len(self.supplied.forces)


@dataclass(frozen=True, eq=False)
class _Tally:
    """What the files hold of a place, by month and by the force in whose area it lies.

    Attributes
    ----------
    forces : intp array [forces]
        Positions of the place's forces.
    counts : int64 array [months, types, forces]
    rated : int64 array [months, forces]
        Rows of all types in areas that have a denominator.
    people : float64 array [forces]
    supplied : bool array [months, forces]
    """

    forces: Positions
    counts: Counts
    rated: Counts
    people: Floats
    supplied: Flags


def monthly_series(dataset: Dataset, selection: Selection) -> Series:
    """Return the months of the chosen area, or of the whole scope.

    Parameters
    ----------
    dataset : Dataset
    selection : Selection
        The period does not matter: every month of the dataset is returned.
    """
    return _series(dataset, _question(dataset, selection))


def compared_series(dataset: Dataset, selection: Selection) -> dict[str, Series]:
    """Return the series of the chosen area or scope, of its force, and of the nation.

    Parameters
    ----------
    dataset : Dataset
    selection : Selection
        The period does not matter: every month of the dataset is returned.

    Returns
    -------
    dict
        By "area", "force" or "nation"; the first is the place asked for. Larger places that it
        does not lie in, or is itself, are left out.
    """
    places = _compared(dataset, selection)
    return {column: monthly_series(dataset, place) for column, place in places.items()}


def _question(dataset: Dataset, selection: Selection) -> Selection:
    """Return the part of a selection on which its series depends."""
    return replace(
        part_of(selection, Part.FIGURES),
        area=selection.area,
        first=dataset.months[0],
        last=dataset.months[-1],
    )


@remember(16)
def _series(dataset: Dataset, selection: Selection) -> Series:
    kinds = _kinds(dataset, selection)
    tally = _tally(dataset, selection)
    breaks = _breaks(dataset, kinds)
    ever = tally.supplied.any(axis=1)
    spanning: Flags = np.logical_and(tally.supplied[ever].all(axis=0), ever.any())
    whole = np.broadcast_to(spanning, tally.supplied.shape) & tally.supplied
    return Series(
        place=_place_label(dataset, selection),
        types={kind.slug: kind.name for kind in kinds},
        breaks=breaks,
        forces=_force_names(dataset, tally.forces),
        supplied=_basis(dataset, selection, tally, tally.supplied, np.ones_like(spanning)),
        whole_span=_basis(dataset, selection, tally, whole, spanning) if spanning.any() else None,
    )


def _kinds(dataset: Dataset, selection: Selection) -> list[CrimeType]:
    counted = set(selection.type_slugs(dataset))
    return [kind for kind in dataset.crime_types if kind.slug in counted]


def _force_names(dataset: Dataset, forces: Positions) -> tuple[str, ...]:
    return tuple(dataset.forces[index].name for index in forces)


def _compared(dataset: Dataset, selection: Selection) -> dict[str, Selection]:
    """Return the places to compare, each as the selection that stands for it."""
    whole = replace(selection, area=None)
    nation = whole.everywhere()
    column = "area"
    if selection.area is None and not whole.is_narrowed:
        column = "nation"
    elif selection.area is None and len(whole.forces) == 1 and whole.scope.is_whole_forces:
        column = "force"
    places = {column: selection}
    force = _single_force(dataset, selection)
    if column == "area" and force is not None and selection.area != force:
        places["force"] = replace(nation, forces=(force,))
    places.setdefault("nation", nation)
    return places


def _place_label(dataset: Dataset, selection: Selection) -> str:
    if selection.area is None:
        return selection.place_label(dataset)
    if selection.level == "force":
        return {force.slug: force.name for force in dataset.forces}[selection.area]
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


def _tally(dataset: Dataset, selection: Selection) -> _Tally:
    slugs = selection.type_slugs(dataset)
    members = _members(dataset, selection)
    if selection.area is None and selection.scope.is_whole_forces:
        forces = forces_in_scope(dataset, selection.scope)
        counts = _force_counts(dataset)[:, dataset.type_indices(slugs)][:, :, forces]
    else:
        forces = np.unique(dataset.area_force[members])
        counts = _by_force(dataset, members, forces, slugs)
    people = denominator_values(dataset, selection)
    unknown = members[np.isnan(people[members])]
    without = _by_force(dataset, unknown, forces, slugs) if len(unknown) else np.zeros_like(counts)
    of_force = np.bincount(
        dataset.area_force[members], np.nan_to_num(people[members]), len(dataset.forces)
    )
    return _Tally(
        forces=forces,
        counts=counts,
        rated=(counts - without).sum(axis=1),
        people=of_force[forces].astype(np.float64),
        supplied=dataset.supplied[:, forces],
    )


def _by_force(
    dataset: Dataset, members: Positions, forces: Positions, slugs: tuple[str, ...]
) -> Counts:
    """Return monthly counts of some areas by their force; int64 [months, types, forces]."""
    of_member = dataset.area_force[members]
    return np.stack(
        [dataset.monthly_counts(members[of_member == force], slugs) for force in forces], axis=2
    )


@remember(4)
def _force_counts(dataset: Dataset) -> Counts:
    """Return monthly counts of whole forces; int64 [months, types, forces]."""
    slugs = [kind.slug for kind in dataset.crime_types]
    bounds = np.searchsorted(dataset.area_force, np.arange(len(dataset.forces) + 1))
    return np.stack(
        [dataset.monthly_counts(slice(start, end), slugs) for start, end in pairwise(bounds)],
        axis=2,
    )


def _basis(
    dataset: Dataset, selection: Selection, tally: _Tally, counted: Flags, asked: Flags
) -> Basis:
    """Return the months of a place over the force-months that are counted.

    Parameters
    ----------
    counted : bool array [months, forces of the place]
    asked : bool array [forces of the place]
        The forces whose silence is a reason why a figure is missing or partial.
    """
    kinds = _kinds(dataset, selection)
    meant = counted.any(axis=0)
    has_data = np.asarray(counted.any(axis=1), dtype=np.bool_)
    counts = (tally.counts * counted[:, np.newaxis]).sum(axis=2).astype(np.float64)
    in_use = np.array([[kind.covers(month, month) for kind in kinds] for month in dataset.months])
    defined = has_data & (selection.is_total(dataset) | in_use.all(axis=1))
    rate = annual_rate((tally.rated * counted).sum(axis=1), counted @ tally.people, 1)
    partial = has_data & (counted[:, meant].sum(axis=1) < meant.sum())
    frame = pd.DataFrame(
        {
            "month": dataset.months,
            "count": np.where(defined, counts.sum(axis=1), np.nan),
            "rate_per_1000": np.where(defined, rate, np.nan),
            "rated": (tally.rated * counted).sum(axis=1),
            "people": counted @ tally.people,
            "forces_supplied": tally.supplied.sum(axis=1),
            "forces_in_scope": len(tally.forces),
            "partial": partial,
            "run": _runs(counted, _own_breaks(dataset, selection, kinds)),
        }
    )
    shown = np.where(has_data[:, np.newaxis] & in_use, counts, np.nan)
    for column, kind in enumerate(kinds):
        frame[kind.slug] = shown[:, column]
    frame["reason"] = [
        _supply_reason(dataset, month, tally.forces[asked])
        or _type_reason(dataset, selection, kinds, month)
        for month in range(len(dataset.months))
    ]
    label = _basis_label(dataset, selection, tally, counted)
    return Basis(label, _force_names(dataset, tally.forces[meant]), frame)


def _basis_label(dataset: Dataset, selection: Selection, tally: _Tally, counted: Flags) -> str:
    place, forces = _place_label(dataset, selection), len(tally.forces)
    supplied = counted[counted.any(axis=1)].sum(axis=1)
    if forces == 1 or not len(supplied):
        return place
    fewest, most = int(supplied.min()), int(supplied.max())
    if fewest < most:
        part = f"{fewest} to {most} of {forces} forces"
    elif selection.area is None:
        return part_label(dataset, selection, tally.forces[counted.any(axis=0)])
    else:
        part = "" if most == forces else f"{most} of {forces} forces"
    inner = selection.area is not None or not selection.scope.is_whole_forces
    return ", ".join(filter(None, (place if inner else "", part))) or place


def _runs(counted: Flags, breaks: set[int]) -> NDArray[np.intp]:
    """Return a number for each stretch of months of the same forces and definitions."""
    changes = np.zeros(len(counted), dtype=np.intp)
    changes[1:] = (counted[1:] != counted[:-1]).any(axis=1)
    changes[sorted(breaks)] = 1
    return np.cumsum(changes)


def _own_breaks(dataset: Dataset, selection: Selection, kinds: list[CrimeType]) -> set[int]:
    """Return the positions of months from which the count means something else."""
    if selection.is_total(dataset):
        return set()
    return {dataset.month_index(month) for month, _ in _breaks(dataset, kinds)}


def _supply_reason(dataset: Dataset, month: int, forces: Positions) -> str:
    silent = [index for index in forces if not dataset.supplied[month, index]]
    if not silent:
        return ""
    if len(silent) > NAMED_SILENT:
        return f"{len(forces) - len(silent)} of {len(forces)} forces supplied"
    status = _status(dataset)[month]
    reasons: dict[str, list[str]] = {}
    for index in silent:
        reasons.setdefault(_missing_words(status[index]), []).append(dataset.forces[index].name)
    return "; ".join(f"{and_join(names)} {words}" for words, names in reasons.items())


@remember(4)
def _status(dataset: Dataset) -> NDArray[np.object_]:
    """Return the status of every force-month; object [months, forces]."""
    status = dataset.coverage["status"].to_numpy(dtype=object)
    return status.reshape(len(dataset.months), len(dataset.forces))


def _missing_words(status: str) -> str:
    """Say why a force-month has no figures, to follow the names of forces."""
    return {
        QUARANTINED: "supplied a file that was set aside",
        UNREADABLE: "supplied a file that could not be read",
    }.get(status, "supplied no file")


def _type_reason(dataset: Dataset, selection: Selection, kinds: list[CrimeType], index: int) -> str:
    month = dataset.months[index]
    absent = [kind.name for kind in kinds if not kind.covers(month, month)]
    if not absent or selection.is_total(dataset):
        return ""
    named = and_join(absent) if len(absent) <= NAMED_SILENT else f"{len(absent)} of these types"
    return f"{named} {'was' if len(absent) == 1 else 'were'} not recorded separately then"


def _breaks(dataset: Dataset, kinds: list[CrimeType]) -> tuple[tuple[str, str], ...]:
    shown = set(dataset.months[1:])
    return tuple(
        (start, f"{kind.name} changed definition in {month_label(start)}")
        for kind in kinds
        for start, _ in kind.eras[1:]
        if start in shown
    )
