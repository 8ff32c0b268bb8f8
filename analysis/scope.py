"""Where a Selection looks: which LSOAs it covers. The one place that answers this."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from data_pipeline.dataset import Dataset

from .per_dataset import remember
from .shape import Shape, encloses
from .vocabulary import CODE_COLUMNS, NATION
from .wording import and_join, counted

MOST_NAMED = 3
"""Of more places the first are named, and it is said how many more there are."""


@dataclass(frozen=True)
class Scope:
    """The part of England and Wales that a Selection is about.

    Attributes
    ----------
    forces : tuple of str
        Force slugs; empty means all.
    districts : tuple of str
        District (LAD) codes; empty means all.
    shape : Shape
        Drawn on the map by the reader; empty means no limit. An LSOA belongs when its inner point
        is enclosed, and a larger area, whole, when at least half of its LSOAs are.
    level : str
        Level of the areas that the shape picks.
    """

    forces: tuple[str, ...] = ()
    districts: tuple[str, ...] = ()
    shape: Shape = ()
    level: str = "lsoa"

    @property
    def is_narrowed(self) -> bool:
        """Whether it is less than all of England and Wales."""
        return bool(self.forces or self.districts or self.shape)

    @property
    def is_whole_forces(self) -> bool:
        """Whether it is made of whole police forces."""
        return not (self.districts or self.shape)


@remember(64)
def in_scope(dataset: Dataset, scope: Scope) -> NDArray[np.bool_]:
    """Return which LSOAs a scope covers; bool [LSOAs]."""
    areas = dataset.areas
    inside = np.ones(len(areas), dtype=np.bool_)
    if scope.forces:
        inside &= areas["force"].isin(scope.forces).to_numpy()
    if scope.districts:
        inside &= areas["lad_code"].isin(scope.districts).to_numpy()
    if scope.shape:
        inside &= _in_shape(dataset, scope)
    return inside


@remember(64)
def forces_in_scope(dataset: Dataset, scope: Scope) -> NDArray[np.intp]:
    """Return the positions of the forces that have LSOAs in a scope, ascending."""
    return np.unique(dataset.area_force[in_scope(dataset, scope)])


def only_force(dataset: Dataset, scope: Scope) -> str | None:
    """Return the slug of the force in which all of a scope lies, or None."""
    positions = forces_in_scope(dataset, scope)
    return dataset.forces[positions[0]].slug if len(positions) == 1 else None


@remember(64)
def area_count(dataset: Dataset, scope: Scope) -> int:
    """Return how many areas of its level a scope has."""
    codes = dataset.areas[CODE_COLUMNS[scope.level]]
    return int(codes[in_scope(dataset, scope)].nunique())


def place_label(dataset: Dataset, scope: Scope) -> str:
    """Return a reader's name for a scope, e.g. "England and Wales" or "Merseyside"."""
    if scope.shape:
        return f"{counted(area_count(dataset, scope), scope.level)} drawn on the map"
    if scope.districts:
        names = district_names(dataset, scope.districts)
        return names_label(names)
    names = [force.name for force in dataset.forces if force.slug in scope.forces]
    if not names:
        return NATION
    return names_label(names)


def names_label(names: Sequence[str]) -> str:
    """Return several places' names as one: all of a few, else the first and how many more.

    >>> names_label(["Essex", "Kent", "Surrey"]), names_label(["a", "b", "c", "d", "e"])
    ('Essex, Kent and Surrey', 'a, b and 3 more')
    """
    if len(names) <= MOST_NAMED:
        return and_join(names)
    return and_join([*names[: MOST_NAMED - 1], f"{len(names) - MOST_NAMED + 1} more"])


def chosen_places(dataset: Dataset, scope: Scope) -> list[tuple[str, str]]:
    """Return code and name of each district of a scope, or of each force where it names none."""
    if scope.districts:
        areas = dataset.areas.drop_duplicates("lad_code").sort_values("lad_name")
        found = areas[areas["lad_code"].isin(scope.districts)]
        return list(zip(found["lad_code"], found["lad_name"], strict=True))
    return [(force.slug, force.name) for force in dataset.forces if force.slug in scope.forces]


def district_names(dataset: Dataset, codes: tuple[str, ...]) -> list[str]:
    """Return the names of some districts by their codes, sorted; unknown codes have none."""
    areas = dataset.areas
    found = areas.loc[areas["lad_code"].isin(codes), ["lad_code", "lad_name"]].drop_duplicates()
    return sorted(found["lad_name"])


def _in_shape(dataset: Dataset, scope: Scope) -> NDArray[np.bool_]:
    areas = dataset.areas
    inside = encloses(scope.shape, areas["longitude"], areas["latitude"])
    if scope.level == "lsoa":
        return inside
    of_area = pd.factorize(areas[CODE_COLUMNS[scope.level]])[0]
    belongs = 2 * np.bincount(of_area, inside) >= np.bincount(of_area)
    return np.asarray(belongs[of_area], dtype=np.bool_)
