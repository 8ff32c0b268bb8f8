"""Snap points: the map points that stand for eight addresses or more in the police files.

A neighbourhood's count may sit on one of them, a shopping centre or a hospital, so the share of its
largest one is kept.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from ..dataset.schema import SNAP_POINT_COLUMNS
from ..geography.window import DEGREE, SOUTH, WEST, Floats, on_map
from ..inputs.decoding import as_text
from .spool import Bucket, Keys, KeySpool

MOST_AREAS = 1 << 16
_BITS = np.uint64(24)
_AREA_SHIFT = np.uint64(48)
_MASK = np.uint64((1 << 24) - 1)


@dataclass(frozen=True)
class PointCounts:
    """The rows of one street file at each snap point of each area.

    Attributes
    ----------
    keys : uint64 array [points], ascending
        Position of the area in the upper 16 bits; then east of WEST and north of SOUTH, in steps,
        24 bits each.
    counts : uint32 array [points]
    named : int32 array [points]
        Position of the point's name among the names.
    letters : uint8 array
        The names that the file prints, such as "On or near Shopping Area", each once and in
        alphabetical order, one after another.
    ends : int32 array [names]
        Where each name ends.
    """

    keys: Keys = field(default_factory=lambda: np.zeros(0, np.uint64))
    counts: NDArray[np.uint32] = field(default_factory=lambda: np.zeros(0, np.uint32))
    named: NDArray[np.int32] = field(default_factory=lambda: np.zeros(0, np.int32))
    letters: NDArray[np.uint8] = field(default_factory=lambda: np.zeros(0, np.uint8))
    ends: NDArray[np.int32] = field(default_factory=lambda: np.zeros(0, np.int32))


def count_points(
    rows: NDArray[np.intp],
    area: NDArray[np.intp],
    longitude: Floats,
    latitude: Floats,
    names: pa.Array,
) -> PointCounts:
    """Count the rows of one street file at each point of each area.

    Parameters
    ----------
    rows : positions of the rows that count
    area : position of each row's area, below MOST_AREAS
    longitude, latitude : degrees of each row, NaN where there is none
    names : pyarrow binary array of each row's location

    Returns
    -------
    PointCounts
        Rows without a point on the map are in none of them. Where a file gives one point several
        names, the first in alphabetical order stands for it, whatever the order of the rows.
    """
    rows = rows[on_map(longitude[rows], latitude[rows])]
    if not len(rows):
        return PointCounts()
    east = np.rint((longitude[rows] - WEST) * DEGREE).astype(np.uint64)
    north = np.rint((latitude[rows] - SOUTH) * DEGREE).astype(np.uint64)
    keys = (area[rows].astype(np.uint64) << _AREA_SHIFT) | (east << _BITS) | north
    order = np.argsort(keys)
    keys = keys[order]
    again = keys[1:] == keys[:-1]
    first = np.flatnonzero(np.concatenate([[True], ~again]))
    ordered = names.take(pa.array(rows[order]))
    differs = pc.not_equal(ordered.slice(1), ordered.slice(0, len(rows) - 1))
    renamed = np.flatnonzero(again & differs.to_numpy(zero_copy_only=False))
    chosen = _alphabetical(first, renamed, ordered)
    counts = np.diff(first, append=len(keys)).astype(np.uint32)
    return PointCounts(keys[first], counts, *_names(ordered.take(pa.array(chosen))))


def _names(
    printed: pa.Array,
) -> tuple[NDArray[np.int32], NDArray[np.uint8], NDArray[np.int32]]:
    """Return the position of each value among the distinct ones, and these in order."""
    encoded = printed.dictionary_encode()
    order = pc.array_sort_indices(encoded.dictionary).to_numpy()
    names = encoded.dictionary.take(pa.array(order))
    position = np.empty(len(order), np.int32)
    position[order] = np.arange(len(order), dtype=np.int32)
    _, ends, letters = names.buffers()
    content = np.frombuffer(letters, np.uint8) if letters else np.zeros(0, np.uint8)
    named = position[encoded.indices.to_numpy()]
    return named, content, np.frombuffer(ends, np.int32)[1 : len(names) + 1]


def _alphabetical(
    first: NDArray[np.intp], renamed: NDArray[np.intp], names: pa.Array
) -> NDArray[np.intp]:
    """Return, for each point, the position of a row with the name that comes first."""
    named = first.copy()
    ends = np.append(first[1:], len(names))
    for point in np.unique(np.searchsorted(first, renamed, side="right") - 1):
        start = int(first[point])
        printed = names.slice(start, int(ends[point]) - start).to_pylist()
        named[point] = start + printed.index(min(printed))
    return named


class PointSpool(KeySpool):
    """A temporary store of the points of many files; use it as a context manager."""

    def __init__(self) -> None:
        super().__init__(np.uint32)
        self._names = self._file()
        self._places: list[tuple[int, int, int]] = []

    def add(self, points: PointCounts) -> None:
        """Store the points of the next file."""
        self.add_keys(points.keys, points.counts)
        self._places.append((self._names.tell(), len(points.named), len(points.ends)))
        for values in (points.named, points.ends, points.letters):
            self._names.write(np.ascontiguousarray(values).data)

    def largest(self, used: NDArray[np.bool_], areas: int) -> pd.DataFrame:
        """Return the largest snap point of every area.

        Parameters
        ----------
        used : bool array [files]
            Which files count: one may have been set aside since it was added.
        areas : number of areas

        Returns
        -------
        DataFrame
            One row per area: points (how many there are), largest_count, longitude, latitude (NaN
            where there is no point) and location (as the last file with the point prints it).
            Of equally large points the most western one is given, then the most southern.
        """
        found = [_largest_in(bucket, used) for bucket in self.buckets()]
        winners = pd.concat(found, ignore_index=True)
        key = winners["key"].to_numpy()
        area = (key >> _AREA_SHIFT).astype(np.intp)
        table = pd.DataFrame(
            {
                "points": np.zeros(areas, np.int64),
                "largest_count": np.zeros(areas, np.int64),
                "longitude": np.nan,
                "latitude": np.nan,
                "location": "",
            }
        )
        table.loc[area, "points"] = winners["points"].to_numpy()
        table.loc[area, "largest_count"] = winners["count"].to_numpy()
        table.loc[area, "longitude"] = WEST + ((key >> _BITS) & _MASK) / DEGREE
        table.loc[area, "latitude"] = SOUTH + (key & _MASK) / DEGREE
        table.loc[area, "location"] = self._names_of(winners)
        return table.astype({"location": "str"}).round({"longitude": 6, "latitude": 6})

    def _names_of(self, winners: pd.DataFrame) -> list[str]:
        names = np.full(len(winners), "", dtype=object)
        for file, rows in winners.groupby("file").indices.items():
            start, points, distinct = self._places[int(str(file))]
            self._names.seek(start)
            named = np.frombuffer(self._names.read(4 * points), np.int32)
            edges = np.append(np.frombuffer(self._names.read(4 * distinct), np.int32), 0)
            letters = self._names.read(int(edges[-2]))
            names[rows] = [
                as_text(letters[edges[at - 1] : edges[at]])
                for at in named[winners["place"].to_numpy()[rows]].tolist()
            ]
        return names.tolist()


def _largest_in(bucket: Bucket, used: NDArray[np.bool_]) -> pd.DataFrame:
    """Return the largest point of each area of a bucket: key, count, points, file, place."""
    keys, counts = bucket.columns
    records = np.flatnonzero(np.repeat(used, bucket.sizes))
    order = records[np.argsort(keys[records], kind="stable")]
    keys = keys[order]
    last = np.flatnonzero(np.append(keys[1:] != keys[:-1], [True] * bool(len(keys))))
    totals = np.diff(np.cumsum(counts[order], dtype=np.int64)[last], prepend=0)
    area = keys[last] >> _AREA_SHIFT
    # keys ascend, so that of equally large points the first stays ahead
    ranked = np.lexsort((-totals, area))
    _, first, points = np.unique(area[ranked], return_index=True, return_counts=True)
    winners = last[ranked[first]]
    files, places = bucket.origin(order[winners])
    return pd.DataFrame(
        {
            "key": keys[winners],
            "count": totals[ranked[first]],
            "points": points,
            "file": files,
            "place": places,
        }
    )


def snap_point_table(
    codes: pd.Series, count: NDArray[np.int64], largest: pd.DataFrame
) -> pd.DataFrame:
    """Return the table that is published.

    Parameters
    ----------
    codes : LSOA code of each area
    count : rows of each area
    largest : DataFrame
        Columns points, largest_count, longitude, latitude, location; one row per area.

    Returns
    -------
    DataFrame
        Columns ``dataset.SNAP_POINT_COLUMNS``.
    """
    share = largest["largest_count"].to_numpy() / np.where(count > 0, count, np.nan)
    table = largest.assign(lsoa_code=codes.to_numpy(), count=count, largest_share=share)
    return table[list(SNAP_POINT_COLUMNS)]
