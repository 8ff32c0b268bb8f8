"""The areas of each level, and which LSOAs make them up."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from pandas.api.types import is_string_dtype

from data_pipeline.dataset import Dataset

from .per_dataset import remember
from .scope import in_scope
from .selection import Selection
from .spoken import spoken_series
from .vocabulary import CODE_COLUMNS, PLACE_COLUMNS

EDGES: dict[str, np.ufunc] = {
    "west": np.minimum,
    "south": np.minimum,
    "east": np.maximum,
    "north": np.maximum,
}
"""Columns of a bounding box in degrees, each with what joins two of them."""


@dataclass(frozen=True, eq=False)
class Units:
    """The areas of one level, in the order in which their first LSOA comes.

    Attributes
    ----------
    level : str
    frame : DataFrame
        One row per area: code, name, the level's PLACE_COLUMNS, force, force_name, lsoas (how
        many it has), reassigned (any of them), west, south, east, north.
    of_area : intp array [LSOAs]
        Position of each LSOA's area in `frame`.
    code_order : intp array [areas]
        Place of each area when all are sorted by code.
    forces : array of str
        Slug of every force that has areas.
    of_force : intp array [areas]
        Position of each area's force among `forces`.
    search_text : Series of str
        What a search looks through, as from ``spoken``.
    """

    level: str
    frame: pd.DataFrame
    of_area: NDArray[np.intp]
    code_order: NDArray[np.intp]
    forces: NDArray[np.object_]
    of_force: NDArray[np.intp]
    search_text: pd.Series
    _columns: dict[str, Any] = field(repr=False)

    def __len__(self) -> int:
        return len(self.frame)

    def column(self, name: str) -> Any:
        """Return a column of `frame` as an array [areas]; texts are plain objects."""
        return self._columns[name]

    def total(self, values: ArrayLike) -> NDArray[np.float64]:
        """Sum values over the LSOAs of each area; float64 array [areas]."""
        weights = np.asarray(values, dtype=np.float64)
        return np.bincount(self.of_area, weights, len(self)).astype(np.float64, copy=False)

    def highest(self, values: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the highest value among the LSOAs of each area; values are not negative."""
        result = np.zeros(len(self), dtype=np.int64)
        np.maximum.at(result, self.of_area, values)
        return result

    def in_scope(self, dataset: Dataset, selection: Selection) -> NDArray[np.bool_]:
        """Return which areas have an LSOA in the selection's scope."""
        result = np.zeros(len(self), dtype=np.bool_)
        result[self.of_area[in_scope(dataset, selection.scope)]] = True
        return result


@remember(16)
def units(dataset: Dataset, level: str) -> Units:
    """Return the areas of a level.

    Parameters
    ----------
    dataset : Dataset
    level : str
        Key of ``selection.LEVELS``.
    """
    areas = dataset.areas
    of_area, codes = pd.factorize(areas[CODE_COLUMNS[level]])
    first = np.unique(of_area, return_index=True)[1]
    frame = _places(dataset, areas.iloc[first].reset_index(drop=True), level)
    frame["lsoas"] = np.bincount(of_area)
    if level == "lsoa":
        frame["former_lsoas"] = areas["former_lsoas"]
    frame["reassigned"] = np.bincount(of_area, weights=areas["reassigned"]) > 0
    for edge, join in EDGES.items():
        values = areas[edge].to_numpy()
        joined = values[first].copy()
        join.at(joined, of_area, values)
        frame[edge] = joined
    code_order = np.empty(len(frame), dtype=np.intp)
    code_order[np.argsort(np.asarray(codes, dtype=object), kind="stable")] = np.arange(len(frame))
    text = frame["code"] + " " + frame["name"]
    for column in PLACE_COLUMNS[level]:
        text = text + " " + frame[column]
    if level == "lsoa":
        text = text + " " + frame["former_lsoas"]
    columns = {
        str(name): column.to_numpy(dtype=object if is_string_dtype(column.dtype) else None)
        for name, column in frame.items()
    }
    of_force, forces = pd.factorize(columns["force"])
    return Units(level, frame, of_area, code_order, forces, of_force, spoken_series(text), columns)


def _places(dataset: Dataset, first: pd.DataFrame, level: str) -> pd.DataFrame:
    force_names = {force.slug: force.name for force in dataset.forces}
    first["force_name"] = first["force"].map(force_names)
    name = "force_name" if level == "force" else f"{level}_name"
    frame = pd.DataFrame({"code": first[CODE_COLUMNS[level]], "name": first[name]})
    for column in dict.fromkeys((*PLACE_COLUMNS[level], "force", "force_name")):
        frame[column] = first[column]
    return frame
