"""One street file to counts and a row account: bytes in, table out, nothing else touched.

Every row ends in exactly one place, and the checks are made in this order: excluded supplier,
malformed, wrong month, repeated Crime ID, no LSOA, unknown LSOA, kept.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from ..dataset.crime_types import KNOWN_TYPES, type_slug
from ..geography.lsoa_codes import SPLIT, UNKNOWN, LsoaCodes, Positions
from ..inputs.decoding import BLANKS, as_month
from ..inputs.errors import examples
from .crime_ids import CRIME_ID_LENGTH, Hashes, hash_ids, text_lengths
from .snap_points import PointCounts, count_points
from .table import UnreadableFileError, degrees, distinct, is_blank_row, read_street_table

MOST_UNKNOWN_TYPES = 50
"""A new release may bring a few new crime types; more than this is another column's content."""

MOST_OTHER_MONTHS = 3

_KNOWN_NAMES = {type_slug(name): name for name in KNOWN_TYPES}


@dataclass(frozen=True)
class StreetTally:
    """Everything that is kept of one street file.

    Attributes
    ----------
    rows_read … unknown_lsoa : int
        The row account: rows_read = kept + the five reasons after it.
    remapped_2011 : int
        Kept rows printed with a 2011 code.
    unplaced_2011 : int
        Of those, rows of a split area without a usable point.
    types : tuple of str
        Crime types of the kept rows.
    type_index, area, count : arrays [pairs]
        Kept rows of each type in each area, zero counts left out.
    unknown_codes : dict of code to rows
    other_months : dict of what is printed as the month to rows
        Of the rows of another month; the most frequent ones.
    ids : uint64 array
        Hashes of the distinct Crime IDs, ascending.
    points : PointCounts
        Kept rows at each snap point of each area.
    """

    rows_read: int
    kept: int = 0
    malformed: int = 0
    wrong_month: int = 0
    duplicate: int = 0
    no_lsoa: int = 0
    unknown_lsoa: int = 0
    remapped_2011: int = 0
    unplaced_2011: int = 0
    types: tuple[str, ...] = ()
    type_index: NDArray[np.int32] = field(default_factory=lambda: np.zeros(0, np.int32))
    area: NDArray[np.int32] = field(default_factory=lambda: np.zeros(0, np.int32))
    count: NDArray[np.uint32] = field(default_factory=lambda: np.zeros(0, np.uint32))
    unknown_codes: dict[str, int] = field(default_factory=dict)
    other_months: dict[str, int] = field(default_factory=dict)
    ids: Hashes = field(default_factory=lambda: np.zeros(0, np.uint64))
    points: PointCounts = field(default_factory=PointCounts)


def count_rows(data: bytes) -> int:
    """Return the number of lines below the heading; blank ones, and blank rows, left out."""
    return max(0, sum(1 for line in data.splitlines() if line and not is_blank_row(line)) - 1)


def tally_street_file(data: bytes, month: str, codes: LsoaCodes) -> StreetTally:
    """Count the rows of one street file by crime type and area.

    Parameters
    ----------
    data : the file's bytes
    month : ``YYYY-MM`` that its name says
    codes : what LSOA codes mean

    Raises
    ------
    UnreadableFileError
        If it is not a table with the columns of a street file.
    """
    read = read_street_table(data)
    table, skipped = read.columns, read.broken
    types, type_of_row = _crime_types(table["crime_type"])
    malformed = type_of_row < 0
    months, month_of_row = distinct(table["month"])
    right = np.array([as_month(printed) == month for printed in months], dtype=bool)
    wrong_month = ~malformed & ~right[month_of_row]
    remaining = ~(malformed | wrong_month)
    hashes, duplicate = _crime_ids(table["crime_id"], remaining)
    remaining &= ~duplicate
    printed, code_of_row = distinct(table["lsoa_code"])
    printed = [code.upper() for code in printed]
    longitude, latitude = degrees(table["longitude"]), degrees(table["latitude"])
    area = codes.locate(printed)[code_of_row]
    split = np.flatnonzero((area == SPLIT) & remaining)
    area[split], placed = _descendants(
        printed, code_of_row[split], longitude[split], latitude[split], codes
    )
    blank = np.array([not code for code in printed], dtype=bool)[code_of_row]
    no_lsoa = remaining & blank
    unknown = remaining & ~blank & (area == UNKNOWN)
    kept = remaining & ~blank & (area != UNKNOWN)
    old = np.array([code in codes.old for code in printed], dtype=bool)[code_of_row]
    kinds, areas, counts = _pairs(type_of_row[kept], area[kept], codes.areas)
    used, kinds = np.unique(kinds, return_inverse=True)
    return StreetTally(
        rows_read=len(type_of_row) + skipped,
        kept=int(kept.sum()),
        malformed=int(malformed.sum()) + skipped,
        wrong_month=int(wrong_month.sum()),
        duplicate=int(duplicate.sum()),
        no_lsoa=int(no_lsoa.sum()),
        unknown_lsoa=int(unknown.sum()),
        remapped_2011=int((kept & old).sum()),
        unplaced_2011=int((~placed).sum()),
        types=tuple(types[index] for index in used),
        type_index=kinds.astype(np.int32),
        area=areas.astype(np.int32),
        count=counts.astype(np.uint32),
        unknown_codes=_rows_of_values(printed, code_of_row[unknown]),
        other_months=_most_frequent(_rows_of_values(months, month_of_row[wrong_month])),
        ids=hashes,
        points=count_points(np.flatnonzero(kept), area, longitude, latitude, table["location"]),
    )


def _crime_types(column: pa.Array) -> tuple[list[str], Positions]:
    """Return the crime types present, and each row's position among them; -1 where blank."""
    printed, rows = distinct(column)
    named = [
        _KNOWN_NAMES.get(type_slug(value), value) if type_slug(value) else "" for value in printed
    ]
    types = sorted(set(named) - {""})
    strange = [name for name in types if name not in KNOWN_TYPES]
    if len(strange) > MOST_UNKNOWN_TYPES:
        raise UnreadableFileError(
            f"its column Crime type holds something else: {examples(strange)}."
        )
    lookup = np.array([types.index(name) if name else -1 for name in named], dtype=np.intp)
    return types, lookup[rows]


def _crime_ids(column: pa.Array, eligible: NDArray[np.bool_]) -> tuple[Hashes, NDArray[np.bool_]]:
    """Return the hashes of the distinct Crime IDs, and which rows repeat an earlier one."""
    rows = np.flatnonzero(eligible & (text_lengths(column) > 0))
    ids = column.take(pa.array(rows))
    if (text_lengths(ids) != CRIME_ID_LENGTH).any():
        text = pc.utf8_trim_whitespace(ids.cast(pa.string()))
        there = pc.invert(pc.is_in(pc.utf8_lower(text), pa.array(sorted(BLANKS))))
        rows, ids = rows[there.to_numpy(zero_copy_only=False)], text.filter(there).cast(pa.binary())
    hashes = hash_ids(ids)
    ascending = np.sort(hashes)
    again = ascending[1:] == ascending[:-1]
    duplicate = np.zeros(len(column), dtype=bool)
    if again.any():
        suspects = np.flatnonzero(np.isin(hashes, ascending[1:][again]))
        repeats = pd.Series(ids.take(pa.array(suspects)).to_pylist()).duplicated().to_numpy()
        duplicate[rows[suspects[repeats]]] = True
        ascending = np.unique(ascending)
    return ascending, duplicate


def _descendants(
    printed: Sequence[str],
    code_of_row: Positions,
    longitude: NDArray[np.float64],
    latitude: NDArray[np.float64],
    codes: LsoaCodes,
) -> tuple[Positions, NDArray[np.bool_]]:
    """Return the area of rows of split codes, and whether their points could decide it."""
    if not len(code_of_row):
        return code_of_row, np.zeros(0, dtype=bool)
    order = np.lexsort((latitude, longitude, code_of_row))
    first = np.ones(len(order), dtype=bool)
    first[1:] = False
    for values in (code_of_row[order], longitude[order], latitude[order]):
        first[1:] |= values[1:] != values[:-1]
    distinct = order[first]
    areas, decided = codes.resolve(
        [printed[code] for code in code_of_row[distinct]], longitude[distinct], latitude[distinct]
    )
    group = np.empty(len(order), dtype=np.intp)
    group[order] = np.cumsum(first) - 1
    return areas[group], decided[group]


def _pairs(
    kinds: Positions, areas: Positions, area_count: int
) -> tuple[Positions, Positions, NDArray[np.intp]]:
    keys, counts = np.unique(kinds * area_count + areas, return_counts=True)
    return keys // area_count, keys % area_count, counts


def _rows_of_values(printed: Sequence[str], rows: Positions) -> dict[str, int]:
    """Return how many rows have each value; several places may hold the same one."""
    found: Counter[str] = Counter()
    for at, count in zip(*np.unique(rows, return_counts=True), strict=True):
        found[printed[at]] += int(count)
    return dict(found)


def _most_frequent(found: dict[str, int]) -> dict[str, int]:
    ordered = sorted(found.items(), key=lambda item: (-item[1], item[0]))
    return dict(ordered[:MOST_OTHER_MONTHS])
