"""Whose figures they are: which forces reported, and what their areas are called together.

A total over forces of which some are missing is never called by the name of the whole.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from data_pipeline.dataset import Dataset

from .scope import forces_in_scope, in_scope
from .selection import Selection
from .vocabulary import AREA_WORDS, CODE_COLUMNS
from .wording import number

Positions = NDArray[np.intp]


def reporting_forces(dataset: Dataset, selection: Selection) -> Positions:
    """Return the positions of the forces in scope that supplied every month of the period."""
    inside = forces_in_scope(dataset, selection.scope)
    supplied = dataset.months_supplied(selection.first, selection.last)[inside]
    reporting: Positions = inside[supplied == selection.months]
    return reporting


def supplied_span(dataset: Dataset, selection: Selection) -> tuple[str, str] | None:
    """Return the latest months that every force in scope supplied, as many as are chosen at most.

    None where there is no such month.
    """
    inside = forces_in_scope(dataset, selection.scope)
    months = np.flatnonzero(dataset.supplied[:, inside].all(axis=1))
    if not len(months):
        return None
    last = int(months[-1])
    run = np.flatnonzero(np.diff(months[::-1]) != -1)
    length = int(run[0]) + 1 if len(run) else len(months)
    first = last + 1 - min(length, selection.months)
    return dataset.months[first], dataset.months[last]


def figures_label(dataset: Dataset, selection: Selection) -> str:
    """Return what the figures of a selection are about: its place, or the part that reported."""
    return part_label(dataset, selection, reporting_forces(dataset, selection))


def part_label(dataset: Dataset, selection: Selection, forces: Positions) -> str:
    """Return what the areas of some of a selection's forces are called together.

    Parameters
    ----------
    dataset : Dataset
    selection : Selection
    forces : intp array
        Positions in ``Dataset.forces`` of those whose figures are meant; all lie in scope.

    Returns
    -------
    str
        The name of the place where all of its forces are meant or it lies within one, else how
        many of its forces, districts or drawn areas are, such as "2 of 43 forces".
    """
    inside = forces_in_scope(dataset, selection.scope)
    if len(inside) == 1 or len(forces) == len(inside):
        return selection.place_label(dataset)
    if selection.scope.is_whole_forces:
        return f"{number(len(forces))} of {number(len(inside))} forces"
    level = selection.level if selection.shape else "lad"
    codes = dataset.areas[CODE_COLUMNS[level]]
    scope = in_scope(dataset, selection.scope)
    meant = scope & np.isin(dataset.area_force, forces)
    part = f"{number(codes[meant].nunique())} of {number(codes[scope].nunique())}"
    return f"{part} {AREA_WORDS[level][1]}{' drawn on the map' if selection.shape else ''}"
