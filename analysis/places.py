"""Find a force, district, ward or LSOA by name or code, and where on the map it lies."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from data_pipeline.dataset import Dataset

from .levels import EDGES, Units, units
from .per_dataset import remember
from .selection import MOST_WORDS, Selection
from .spoken import spoken, spoken_series, words_meant
from .vocabulary import LEVELS, PLACE_COLUMNS

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
    points : float array [entries, 2]
        Longitude and latitude of the middle of each.
    vocabulary : tuple of str
        Every word of a name that is no number.
    """

    name: pd.Series
    words: pd.Series
    code: pd.Series
    level: np.ndarray
    row: np.ndarray
    points: np.ndarray
    vocabulary: tuple[str, ...]


def find_places(
    dataset: Dataset, text: str, near: tuple[float, float] | None = None, limit: int = LIMIT
) -> list[Place]:
    """Return the places that a reader may mean.

    Parameters
    ----------
    dataset : Dataset
    text : str
        Name or code, or part of it, also of 2011, in any case, with or without accents and
        apostrophes; every word must occur, in any order. Where nothing is found one letter of each
        word may be wrong.
    near : longitude and latitude in degrees, optional
        Among equal matches of a level the nearest comes first.
    limit : int

    Returns
    -------
    list of Place
        An exact code or name first, then names that start with the text, names with a word that
        starts with it, then any that contain it; larger places before smaller ones.
    """
    wanted = spoken(text)
    words = wanted.split()
    if not words or len(words) > MOST_WORDS:
        return []
    index = _index(dataset)
    positions = _with_words(index, [[word] for word in words])
    if not len(positions):
        guesses = [[word, *words_meant(word, index.vocabulary)] for word in words]
        positions = _with_words(index, guesses)
        wanted = " ".join(guess[-1] for guess in guesses)
    order = np.lexsort(
        (
            np.arange(len(positions)),
            _distance(index.points[positions], near),
            index.level[positions],
            _grade(index, positions, wanted),
        )
    )
    return [
        _place(units(dataset, SEARCHED_LEVELS[index.level[position]]), index.row[position])
        for position in positions[order][:limit]
    ]


def _with_words(index: _Index, choices: list[list[str]]) -> np.ndarray:
    """Return the positions of the entries that hold one of the choices for every word."""
    found = np.ones(len(index.name), dtype=np.bool_)
    for words in choices:
        pattern = "|".join(map(re.escape, words))
        found &= index.words.str.contains(pattern, regex=len(words) > 1).to_numpy(dtype=np.bool_)
    return np.flatnonzero(found)


def _distance(points: np.ndarray, near: tuple[float, float] | None) -> np.ndarray:
    """Return how far points are from another, in degrees of latitude; 0 where there is none."""
    if near is None:
        return np.zeros(len(points))
    squeeze = np.array([math.cos(math.radians(near[1])), 1.0])
    return np.asarray(np.linalg.norm((points - near) * squeeze, axis=1))


def place(dataset: Dataset, level: str, code: str) -> Place | None:
    """Return the place with a code at a level, or None.

    Parameters
    ----------
    dataset : Dataset
    level : str
        Key of ``vocabulary.LEVELS``.
    code : str
        The area's code at that level; a force's slug.
    """
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
        part = pd.DataFrame(
            {
                "name": spoken_series(frame["name"]),
                "words": units(dataset, level).search_text,
                "code": frame["code"].str.lower(),
                "level": number,
                "row": np.arange(len(frame)),
                "longitude": (frame["west"] + frame["east"]) / 2,
                "latitude": (frame["south"] + frame["north"]) / 2,
            }
        )
        parts.append(part.sort_values(["name", "code"]))
    index = pd.concat(parts, ignore_index=True)
    words = {word for name in index["name"] for word in name.split() if word.isalpha()}
    return _Index(
        index["name"],
        index["words"],
        index["code"],
        index["level"].to_numpy(),
        index["row"].to_numpy(),
        index[["longitude", "latitude"]].to_numpy(),
        tuple(sorted(words)),
    )


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
    if found.level == "lsoa":
        former = entry["former_lsoas"]
        within = [entry["code"], *within, *([f"in 2011 {former}"] if former else [])]
    detail = ", ".join(within)
    west, south, east, north = (float(entry[edge]) for edge in EDGES)
    return Place(
        found.level,
        entry["code"],
        entry["name"],
        detail,
        entry["force"],
        (west, south, east, north),
    )
