"""Codes and names of the synthetic areas, given as ONS gives them."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ..dataset.forces import FORCES
from . import places
from .gazetteer import Districts, Points

AREAS_PER_WARD = 5
AREAS_PER_MSOA = 5

Indices = NDArray[np.intp]


def name_areas(
    rng: np.random.Generator,
    points: Points,
    district: Indices,
    centrality: NDArray[np.float64],
    districts: Districts,
) -> pd.DataFrame:
    """Group areas into wards, and name and number everything.

    Parameters
    ----------
    points : float array [areas, 2]
        Grouped by district.
    district : intp array [areas]
        Position of each area's district in `districts`.
    centrality : float array [areas]
        The most central ward of a district is named as such.

    Returns
    -------
    DataFrame
        Columns lsoa_code … csp_name, force and force_name; rows in the order of `points`.
    """
    starts = np.flatnonzero(np.diff(district, prepend=-1))
    bounds = [*starts, len(points)]
    blocks = [
        _named_district(rng, points[first:last], centrality[first:last], districts, district[first])
        for first, last in pairwise(bounds)
    ]
    areas = pd.concat(blocks, ignore_index=True)
    areas["lsoa_code"] = [f"X01{number:06d}" for number in range(1, len(areas) + 1)]
    areas["ward_code"] = _codes("X05", areas["lad_name"] + "/" + areas["ward_name"])
    areas["lad_code"] = _codes("X07", areas["lad_name"])
    partnership = {
        name: joint for joint, members in places.PARTNERSHIPS.items() for name in members
    }
    areas["csp_name"] = areas["lad_name"].map(lambda name: partnership.get(name, name))
    areas["csp_code"] = _codes("X22", areas["csp_name"])
    areas["force_name"] = areas["force"].map({force.slug: force.name for force in FORCES})
    return areas


def _codes(prefix: str, names: pd.Series) -> list[str]:
    """Return a code for each name; equal names share one, in order of appearance."""
    numbers, _ = pd.factorize(names)
    return [f"{prefix}{number + 1:06d}" for number in numbers]


def _named_district(
    rng: np.random.Generator,
    points: Points,
    centrality: NDArray[np.float64],
    districts: Districts,
    index: int,
) -> pd.DataFrame:
    """Group one district's areas into wards and name both, numbering from north to south."""
    cluster = _clusters(rng, points, max(1, round(len(points) / AREAS_PER_WARD)))
    size = np.bincount(cluster)
    north_first = np.argsort(-np.bincount(cluster, points[:, 1]) / size, kind="stable")
    centre = int((np.bincount(cluster, centrality) / size).argmax())
    welsh = districts.forces[index] in places.WELSH_FORCES
    names = np.array(_ward_names(rng, len(size), centre, welsh), dtype=object)
    rank = np.empty(len(size), dtype=np.intp)
    rank[north_first] = np.arange(len(size))
    order = np.lexsort((-points[:, 1], rank[cluster]))
    numbers = np.empty(len(points), dtype=np.intp)
    numbers[order] = np.arange(len(points))
    name = districts.names[index]
    return pd.DataFrame(
        {
            "lsoa_name": [
                f"{name} {number // AREAS_PER_MSOA + 1:03d}{chr(65 + number % AREAS_PER_MSOA)}"
                for number in numbers
            ],
            "ward_name": names[cluster],
            "lad_name": name,
            "force": districts.forces[index],
        }
    )


def _clusters(rng: np.random.Generator, points: Points, count: int) -> Indices:
    """Halve a group of points across its longest extent, again and again, into `count` groups.

    Returns
    -------
    int array [points]
        Number of each point's group, 0 … count-1.
    """
    groups = np.zeros(len(points), dtype=np.intp)
    if count == 1:
        return groups
    _, _, axes = np.linalg.svd(points - points.mean(axis=0), full_matrices=False)
    order = np.argsort(points @ axes[0], kind="stable")
    first = count // 2
    share = len(points) * first / count * rng.uniform(0.85, 1.15)
    size = int(np.clip(round(share), first, len(points) - (count - first)))
    near, far = order[:size], order[size:]
    groups[near] = _clusters(rng, points[near], first)
    groups[far] = first + _clusters(rng, points[far], count - first)
    return groups


def _ward_names(rng: np.random.Generator, count: int, centre: int, welsh: bool) -> list[str]:
    """Return distinct names for the wards of a district; the central one is named as such."""
    words = places.WARD_WORDS[welsh]
    first = str(rng.choice(places.CENTRE_WARDS[welsh]))
    single = [words[pick] for pick in rng.permutation(len(words)) if words[pick] != first]
    double = [f"{word} {end}" for end in places.WARD_SUFFIXES[welsh] for word in single]
    names = [*single, *double][: count - 1]
    return [*names[:centre], first, *names[centre:]]
