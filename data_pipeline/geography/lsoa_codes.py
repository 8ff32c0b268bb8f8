"""LSOA codes of either vintage to today's areas.

A code is judged by itself, never by the month of its file: real files mix both vintages. A 2011
LSOA that has one descendant maps to it exactly. One that was split, or redrawn irregularly, maps
row by row: to the descendant that holds the row's published point, else to the nearest of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import repeat
from typing import Any

import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from pyproj import Transformer

from .layers import GRID, Geometries
from .window import on_map

UNKNOWN = -1
"""Position given to a code that no area of the dataset answers to."""

SPLIT = -2
"""Position given to a code with several descendants: the row's point decides."""

REASSIGNED_CHANGES = ("S", "X")
"""Kinds of change after which an area's earlier history is estimated: split and irregular."""

Positions = NDArray[np.intp]


@dataclass(frozen=True)
class LsoaCodes:
    """What every LSOA code means.

    Attributes
    ----------
    positions : dict of code to int
        Area of each 2021 code, and of each 2011 code with a single descendant; SPLIT for the
        others.
    old : frozenset of codes
        Codes that exist in the 2011 vintage only.
    descendants : dict of code to intp array
        Places in `candidates` of the areas that a split 2011 code became, in order of their codes.
    candidates, polygons : intp and object arrays [areas that came of a split]
        Their positions, and their unsimplified polygons in metres.
    areas : int
        Number of areas in all.
    to_grid : Transformer
        From degrees of longitude and latitude to metres.
    """

    positions: dict[str, int]
    old: frozenset[str]
    descendants: dict[str, Positions]
    candidates: Positions
    polygons: Geometries
    areas: int
    to_grid: Any

    def locate(self, codes: Sequence[str]) -> Positions:
        """Return the area of each code, or SPLIT or UNKNOWN."""
        found = map(self.positions.get, codes, repeat(UNKNOWN))
        return np.fromiter(found, dtype=np.intp, count=len(codes))

    def resolve(
        self,
        parents: Sequence[str],
        longitude: NDArray[np.float64],
        latitude: NDArray[np.float64],
    ) -> tuple[Positions, NDArray[np.bool_]]:
        """Return the descendant that each point falls to.

        Parameters
        ----------
        parents : split 2011 codes
        longitude, latitude : float arrays in degrees, NaN where not published

        Returns
        -------
        areas : intp array
        placed : bool array
            False where the point is missing or not on the map around England and Wales: the first
            descendant stands in.
        """
        families = [self.descendants[parent] for parent in parents]
        sizes = np.array([len(family) for family in families], dtype=np.intp)
        offered = np.concatenate(families)
        firsts = np.concatenate([[0], np.cumsum(sizes)[:-1]])
        x, y = self.to_grid.transform(longitude, latitude)
        placed = on_map(longitude, latitude) & np.isfinite(x) & np.isfinite(y)
        points = shapely.points(np.where(placed, x, 0.0), np.where(placed, y, 0.0))
        apart = shapely.distance(self.polygons[offered], np.repeat(points, sizes))
        least = np.repeat(np.minimum.reduceat(apart, firsts), sizes)
        place = np.where(apart == least, np.arange(len(apart)), len(apart))
        nearest = np.where(placed, np.minimum.reduceat(place, firsts), firsts)
        return self.candidates[offered[nearest]], placed


def lsoa_codes(codes: pd.Series, polygons: Geometries, changes: pd.DataFrame) -> LsoaCodes:
    """Build the meaning of every code.

    Parameters
    ----------
    codes : LSOA 2021 codes of the areas, in order of position
    polygons : their unsimplified polygons in metres
    changes : DataFrame
        Columns lsoa11_code, lsoa_code, change: one row per pair of ancestor and descendant.
    """
    positions = {code: at for at, code in enumerate(codes.tolist())}
    here, before = (
        np.fromiter((code in positions for code in changes[column].tolist()), bool, len(changes))
        for column in ("lsoa_code", "lsoa11_code")
    )
    pairs = changes[here & ~before].drop_duplicates(["lsoa11_code", "lsoa_code"])
    pairs = pairs.sort_values("lsoa_code")
    several = pairs["lsoa11_code"].duplicated(keep=False)
    split, single = pairs[several], pairs[~several]
    candidates = sorted(split["lsoa_code"].unique())
    place = {code: at for at, code in enumerate(candidates)}
    descendants = {
        str(parent): np.array([place[code] for code in children], dtype=np.intp)
        for parent, children in split.groupby("lsoa11_code")["lsoa_code"]
    }
    at = np.array([positions[code] for code in candidates], dtype=np.intp)
    exact = {
        old: positions[new]
        for old, new in zip(single["lsoa11_code"], single["lsoa_code"], strict=True)
    }
    return LsoaCodes(
        positions=positions | exact | dict.fromkeys(descendants, SPLIT),
        old=frozenset(pairs["lsoa11_code"]),
        descendants=descendants,
        candidates=at,
        polygons=polygons[at],
        areas=len(positions),
        to_grid=Transformer.from_crs("EPSG:4326", GRID, always_xy=True),
    )


def former_lsoas(codes: pd.Series, names: pd.Series, changes: pd.DataFrame) -> pd.Series:
    """Return the 2011 LSOAs that each area came of, where they have another code or name.

    Parameters
    ----------
    codes, names : of the areas, in order of position
    changes : DataFrame
        Columns lsoa11_code, lsoa11_name (may be blank), lsoa_code.

    Returns
    -------
    Series of str, with the index of `codes`
        Such as "E01006755 Liverpool 060A; E01006756 Liverpool 060B"; "" where nothing changed.
    """
    now = dict(zip(codes, names, strict=True))
    pairs = changes.drop_duplicates(["lsoa11_code", "lsoa_code"]).sort_values("lsoa11_code")
    former: dict[str, list[str]] = {}
    for old, name, code in zip(
        pairs["lsoa11_code"], pairs["lsoa11_name"], pairs["lsoa_code"], strict=True
    ):
        if old != code or name not in ("", now.get(code, "")):
            former.setdefault(code, []).append(f"{old} {name}".strip())
    return codes.map(lambda code: "; ".join(former.get(code, ())))


def reassigned(codes: pd.Series, changes: pd.DataFrame) -> NDArray[np.bool_]:
    """Tell which areas' history before the 2021 codes is estimated from points.

    Returns
    -------
    bool array [areas]
    """
    estimated = changes.loc[changes["change"].str.upper().isin(REASSIGNED_CHANGES), "lsoa_code"]
    flags: NDArray[np.bool_] = codes.isin(set(estimated)).to_numpy()
    return flags
