"""Find a force, district, ward or LSOA by name or code, and where on the map it lies."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from data_pipeline.dataset import Dataset

from .levels import EDGES, Units, units
from .per_dataset import remember
from .selection import LEVELS, PLACE_COLUMNS, Selection

Bounds = tuple[float, float, float, float]
"""West, south, east and north in degrees."""

SEARCHED_LEVELS = ("force", "lad", "ward", "lsoa")
"""Levels that are searched; among equal matches the larger place comes first."""

LIMIT = 12


@dataclass(frozen=True)
class Place:
    """A place that the reader can go to.

    Attributes
    ----------
    kind : str
        Its level, a key of ``selection.LEVELS``.
    code : str
        Its code at that level; the slug of a force.
    label : str
        Its name.
    detail : str
        What tells it from others of the same name: what it lies in, and an LSOA's code.
    force : str
        Slug of its police force.
    bounds : Bounds
    """

    kind: str
    code: str
    label: str
    detail: str
    force: str
    bounds: Bounds = field(compare=False)


@dataclass(frozen=True, eq=False)
class _Index:
    """What is searched: one entry per place, larger places first, then by name.

    Attributes
    ----------
    name, words, code : Series of str, lower case
        `words` holds all that is searched.
    level, row : arrays
        Position in SEARCHED_LEVELS, and in the frame of that level.
    """

    name: pd.Series
    words: pd.Series
    code: pd.Series
    level: np.ndarray
    row: np.ndarray


def find_places(dataset: Dataset, text: str, limit: int = LIMIT) -> list[Place]:
    """Return the places that a reader may mean.

    Parameters
    ----------
    dataset : Dataset
    text : str
        Name or code, or part of it, in any case; every word must occur.
    limit : int

    Returns
    -------
    list of Place
        An exact code or name first, then names that start with the text, names with a word that
        starts with it, then any that contain it; larger places before smaller ones.
    """
    wanted = " ".join(_spoken(pd.Series([text])).iloc[0].split())
    if not wanted:
        return []
    index = _index(dataset)
    found = np.ones(len(index.name), dtype=np.bool_)
    for word in wanted.split():
        found &= index.words.str.contains(word, regex=False).to_numpy(dtype=np.bool_)
    positions = np.flatnonzero(found)
    grade = _grade(index, positions, wanted)
    best = positions[np.argsort(grade, kind="stable")][:limit]
    return [
        _place(units(dataset, SEARCHED_LEVELS[index.level[position]]), index.row[position])
        for position in best
    ]


def place(dataset: Dataset, level: str, code: str) -> Place | None:
    """Return the place with a code at a level, or None."""
    if level not in LEVELS:
        return None
    found = units(dataset, level)
    rows = np.flatnonzero((found.frame["code"] == code).to_numpy())
    return _place(found, rows[0]) if len(rows) else None


@dataclass(frozen=True)
class Name:
    """Where on a map the name of an area is written.

    Attributes
    ----------
    level, name : str
    longitude, latitude : float
        A point within the area, among where most of its neighbourhoods are.
    order : int
        0 for the area with the most neighbourhoods of its level.
    """

    level: str
    name: str
    longitude: float
    latitude: float
    order: int


@remember(4)
def place_names(dataset: Dataset, levels: tuple[str, ...] = ("force", "lad")) -> list[Name]:
    """Return the names of all areas of some levels, each with a point to write it at."""
    return [name for level in levels for name in _names(dataset, level)]


def _names(dataset: Dataset, level: str) -> list[Name]:
    found, areas = units(dataset, level), dataset.areas
    points = areas[["longitude", "latitude"]].to_numpy()
    middle = np.column_stack([found.total(column) for column in points.T])
    middle /= found.frame["lsoas"].to_numpy()[:, np.newaxis]
    away = ((points - middle[found.of_area]) ** 2).sum(axis=1)
    nearest = np.lexsort((away, found.of_area))
    first = nearest[np.unique(found.of_area[nearest], return_index=True)[1]]
    order = found.frame["lsoas"].rank(method="first", ascending=False).astype(int) - 1
    written = zip(found.frame["name"], *points[first].T.round(4).tolist(), order, strict=True)
    return [Name(level, *name) for name in written]


def scope_bounds(dataset: Dataset, selection: Selection) -> Bounds:
    """Return the bounding box of the areas in a selection's scope."""
    chosen = units(dataset, "lsoa")
    inside = chosen.in_scope(dataset, selection)
    frame = chosen.frame.loc[inside] if inside.any() else chosen.frame
    west, south, east, north = (
        float(join.reduce(frame[edge].to_numpy())) for edge, join in EDGES.items()
    )
    return west, south, east, north


@remember(4)
def _index(dataset: Dataset) -> _Index:
    parts = []
    for number, level in enumerate(SEARCHED_LEVELS):
        frame = units(dataset, level).frame
        words = frame["code"] + " " + frame["name"]
        for column in PLACE_COLUMNS[level]:
            words = words + " " + frame[column]
        part = pd.DataFrame(
            {
                "name": _spoken(frame["name"]),
                "words": _spoken(words),
                "code": frame["code"].str.lower(),
                "level": number,
                "row": np.arange(len(frame)),
            }
        )
        parts.append(part.sort_values(["name", "code"]))
    index = pd.concat(parts, ignore_index=True)
    return _Index(
        index["name"],
        index["words"],
        index["code"],
        index["level"].to_numpy(),
        index["row"].to_numpy(),
    )


def _spoken(text: pd.Series) -> pd.Series:
    """Return text as it is compared: lower case, without apostrophes and other punctuation."""
    plain = text.str.lower().str.replace(r"['’]", "", regex=True)
    return plain.str.replace(r"[^\w]+", " ", regex=True)


def _grade(index: _Index, positions: np.ndarray, wanted: str) -> np.ndarray:
    """Return 0 for the best matches, higher for worse ones."""
    name, code = index.name.iloc[positions], index.code.iloc[positions]
    exact = (code == wanted) | (name == wanted)
    starts = name.str.startswith(wanted) | code.str.startswith(wanted)
    word = (" " + name).str.contains(" " + wanted, regex=False)
    inside = name.str.contains(wanted, regex=False)
    return np.select([exact, starts, word, inside], [0, 1, 2, 3], 4)


def _place(found: Units, row: int) -> Place:
    entry = found.frame.iloc[row]
    within = [entry[column] for column in PLACE_COLUMNS[found.level]]
    detail = ", ".join([entry["code"], *within] if found.level == "lsoa" else within)
    west, south, east, north = (float(entry[edge]) for edge in EDGES)
    return Place(
        found.level,
        entry["code"],
        entry["name"],
        detail,
        entry["force"],
        (west, south, east, north),
    )
