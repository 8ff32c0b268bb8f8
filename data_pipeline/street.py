"""One street file to counts and a row account: bytes in, table out, nothing else touched.

Every row ends in exactly one place, and the checks are made in this order: excluded supplier,
malformed, wrong month, repeated Crime ID, no LSOA, unknown LSOA, kept.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv
from numpy.typing import NDArray

from .crime_types import KNOWN_TYPES, type_slug
from .snap_points import PointCounts, count_points
from .sources import POLICE, Column, examples, locate_columns, missing_column_message
from .text import as_text
from .vintage import SPLIT, UNKNOWN, LsoaCodes, Positions

CRIME_ID_LENGTH = 64
"""Crime IDs are 64 hexadecimal digits; any other length is read too."""

MOST_UNKNOWN_TYPES = 50
"""A new release may bring a few new crime types; more than this is another column's content."""

LONGEST_REASON = 200
LONGEST_HEADING = 40
MOST_HEADINGS = 20

Hashes = NDArray[np.uint64]

_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")
_UTF8_MARK = b"\xef\xbb\xbf"
_KNOWN_NAMES = {type_slug(name): name for name in KNOWN_TYPES}
_FIELD_EDGES = (b"", b",", b"\r", b"\n")
_MIX = np.uint64(0x9E3779B97F4A7C15)
_DICTIONARY = pa.dictionary(pa.int32(), pa.binary())
_COLUMN_TYPES = {
    "crime_id": pa.binary(),
    "month": _DICTIONARY,
    "longitude": pa.float64(),
    "latitude": pa.float64(),
    "location": pa.binary(),
    "lsoa_code": _DICTIONARY,
    "crime_type": _DICTIONARY,
}
_AS_PRINTED = {"longitude": pa.binary(), "latitude": pa.binary()}
_LOCATION = Column("location", ("Location",))
_NUMBER = rb"^\s*-?\d+(\.\d+)?\s*$"


class UnreadableFileError(Exception):
    """A file is not a street file; the message says why."""


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
    ids: Hashes = field(default_factory=lambda: np.zeros(0, np.uint64))
    points: PointCounts = field(default_factory=PointCounts)


def count_rows(data: bytes) -> int:
    """Return the number of lines below the heading, blank ones left out."""
    return max(0, sum(1 for line in data.splitlines() if line) - 1)


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
    table, skipped = _parse(data)
    types, type_of_row = _crime_types(table["crime_type"])
    malformed = type_of_row < 0
    wrong_month = ~malformed & ~_matches(table["month"], month)
    remaining = ~(malformed | wrong_month)
    hashes, duplicate = _crime_ids(table["crime_id"], remaining)
    remaining &= ~duplicate
    printed, code_of_row = _dictionary(table["lsoa_code"])
    longitude, latitude = _degrees(table["longitude"]), _degrees(table["latitude"])
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
        unknown_codes=_tally_codes(printed, code_of_row[unknown]),
        ids=hashes,
        points=count_points(np.flatnonzero(kept), area, longitude, latitude, table["location"]),
    )


def _parse(data: bytes) -> tuple[dict[str, pa.Array], int]:
    """Return the needed columns, and the number of lines that are not rows of the table."""
    headings, body = _split_heading(data)
    positions, missing = locate_columns(POLICE.columns, headings)
    if missing:
        raise UnreadableFileError(missing_column_message("it", missing[0], _shown(headings)))
    positions |= locate_columns([_LOCATION], headings)[0]
    body, skipped = _without_broken_lines(body)
    columns, rejected = _read_columns(body, positions, len(headings))
    columns.setdefault("location", pa.array([b""] * len(columns["month"]), pa.binary()))
    return columns, skipped + rejected


def _shown(headings: Sequence[str]) -> list[str]:
    """Return headings fit to be printed: what they are made of may be anything."""
    return [
        "".join(letter for letter in heading if letter.isprintable())[:LONGEST_HEADING]
        for heading in headings[:MOST_HEADINGS]
    ]


def _read_columns(
    body: bytes, positions: dict[str, int], width: int
) -> tuple[dict[str, pa.Array], int]:
    """Return the columns at some positions of a table, and the number of rows of another width."""
    if not body.lstrip(b"\r\n"):
        return {name: pa.array([], _COLUMN_TYPES[name]) for name in positions}, 0
    try:
        return _typed_columns(body, positions, width, _COLUMN_TYPES)
    except pa.ArrowInvalid:  # a coordinate that is no number: they are read one by one
        pass
    try:
        return _typed_columns(body, positions, width, _COLUMN_TYPES | _AS_PRINTED)
    except pa.ArrowInvalid as error:
        reason = str(error).splitlines()[0][:LONGEST_REASON]
        raise UnreadableFileError(f"it cannot be read as a table ({reason}).") from None


def _typed_columns(
    body: bytes, positions: dict[str, int], width: int, types: dict[str, pa.DataType]
) -> tuple[dict[str, pa.Array], int]:
    names = [f"column {at}" for at in range(width)]
    wanted = {names[at]: types[name] for name, at in positions.items()}
    rejected: list[None] = []

    def reject(_row: pacsv.InvalidRow) -> str:
        rejected.append(None)
        return "skip"

    table = pacsv.read_csv(
        pa.BufferReader(body),
        pacsv.ReadOptions(use_threads=False, block_size=len(body) + 1, column_names=names),
        pacsv.ParseOptions(quote_char='"' if b'"' in body else False, invalid_row_handler=reject),
        pacsv.ConvertOptions(
            check_utf8=False,
            column_types=wanted,
            include_columns=list(wanted),
            strings_can_be_null=False,
            quoted_strings_can_be_null=False,
        ),
    )
    columns = {name: _one_chunk(table.column(names[at])) for name, at in positions.items()}
    return columns, len(rejected)


def _one_chunk(column: pa.ChunkedArray) -> pa.Array:
    joined = column.unify_dictionaries().combine_chunks()
    return joined.chunk(0) if isinstance(joined, pa.ChunkedArray) else joined


def _split_heading(data: bytes) -> tuple[list[str], bytes]:
    """Return the headings and everything below them, in UTF-8."""
    if not data.lstrip():
        raise UnreadableFileError("it is empty.")
    if data.startswith(_UTF16_MARKS) or b"\x00" in data[:64]:
        raise UnreadableFileError("it is written in UTF-16 or is not text; street files are UTF-8.")
    if data.lstrip(_UTF8_MARK + b" \r\n\t").startswith(b"<"):
        raise UnreadableFileError("it is a web page, not a table; download it again.")
    text = _utf8(data).lstrip(b"\r\n")
    line, _, body = text.partition(b"\n")
    if b"\r" in line.rstrip():
        line, _, body = _with_line_feeds(text).partition(b"\n")
    try:
        return next(csv.reader([as_text(line)]), []), body
    except csv.Error as error:
        raise UnreadableFileError(f"its first line is no heading ({error}).") from None


def _utf8(data: bytes) -> bytes:
    """Return the same lines in UTF-8, without byte-order marks; a line in Latin-1 is translated."""
    if data.isascii():
        return data
    try:
        data.decode()
    except UnicodeDecodeError:
        data = b"\n".join(map(_line_as_utf8, data.split(b"\n")))
    # one byte is looked for far faster than three
    return data.replace(_UTF8_MARK, b"") if _UTF8_MARK[:1] in data else data


def _line_as_utf8(line: bytes) -> bytes:
    try:
        line.decode()
    except UnicodeDecodeError:
        return line.decode("latin-1").encode()
    return line


def _with_line_feeds(text: bytes) -> bytes:
    return text.replace(b"\r\n", b"\n").replace(b"\r", b"\n")


def _without_broken_lines(body: bytes) -> tuple[bytes, int]:
    """Drop lines that hold a NUL, or a quote that is not closed; return how many there were.

    A row is one line, so that what is open at its end cannot continue below.
    """
    if b"\x00" not in body and _plainly_quoted(body):
        return body, 0
    body, torn = _without_lines(_with_line_feeds(body), b"\x00", lambda line: True)
    body, unclosed = _without_lines(body, b'"', _unclosed)
    return body, torn + unclosed


def _plainly_quoted(body: bytes) -> bool:
    """Tell whether all quotes stand in pairs around whole fields, so that no line need be read."""
    opening = body.find(b'"')
    while opening >= 0:
        closing = body.find(b'"', opening + 1)
        if (
            closing < 0
            or body[max(opening - 1, 0) : opening] not in _FIELD_EDGES
            or body[closing + 1 : closing + 2] not in _FIELD_EDGES
            or body.find(b"\n", opening, closing) >= 0
            or body.find(b"\r", opening, closing) >= 0
        ):
            return False
        opening = body.find(b'"', closing + 1)
    return True


def _without_lines(body: bytes, mark: bytes, broken: Callable[[bytes], bool]) -> tuple[bytes, int]:
    """Drop the broken ones of the lines that hold a mark."""
    whole, dropped, start = [], 0, 0
    found = body.find(mark)
    while found >= 0:
        first = body.rfind(b"\n", 0, found) + 1
        end = body.find(b"\n", found) + 1 or len(body)
        if broken(body[first:end]):
            whole.append(body[start:first])
            dropped, start = dropped + 1, end
        found = body.find(mark, end)
    return (b"".join([*whole, body[start:]]) if dropped else body), dropped


def _unclosed(line: bytes) -> bool:
    try:
        next(csv.reader([line.decode()], strict=True))
    except csv.Error:
        return True
    return False


def _dictionary(column: pa.Array) -> tuple[list[str], Positions]:
    """Return the distinct values of a column as text, and each row's position among them."""
    if not len(column):
        return [""], np.zeros(0, dtype=np.intp)
    values = pc.utf8_trim_whitespace(column.dictionary.cast(pa.string()))
    return values.to_numpy(zero_copy_only=False).tolist(), column.indices.to_numpy().astype(np.intp)


def _matches(column: pa.Array, wanted: str) -> NDArray[np.bool_]:
    values, rows = _dictionary(column)
    return np.array([value == wanted for value in values], dtype=bool)[rows]


def _crime_types(column: pa.Array) -> tuple[list[str], Positions]:
    """Return the crime types present, and each row's position among them; -1 where blank."""
    printed, rows = _dictionary(column)
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
    rows = np.flatnonzero(eligible & (_lengths(column) > 0))
    ids = column.take(pa.array(rows))
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


def _lengths(column: pa.Array) -> NDArray[np.int32]:
    return np.diff(_offsets(column))


def _offsets(column: pa.Array) -> NDArray[np.int32]:
    if not len(column):
        return np.zeros(1, dtype=np.int32)
    start = column.offset
    return np.frombuffer(column.buffers()[1], dtype=np.int32)[start : start + len(column) + 1]


def hash_ids(ids: pa.Array) -> Hashes:
    """Return a 64-bit hash of each Crime ID, the same in every file and on every machine."""
    usual = _lengths(ids) == CRIME_ID_LENGTH
    hashes = np.zeros(len(ids), dtype=np.uint64)
    regular = ids.filter(pa.array(usual)) if not usual.all() else ids
    if len(regular):
        first = int(_offsets(regular)[0])
        content = np.frombuffer(regular.buffers()[2], dtype=np.uint8, offset=first)
        words = content[: len(regular) * CRIME_ID_LENGTH].view(np.uint64)
        hashes[usual] = _mix(words.reshape(len(regular), -1))
    if not usual.all():
        others = ids.filter(pa.array(~usual)).to_pylist()
        hashes[~usual] = pd.util.hash_array(np.array(others, dtype=object), categorize=False)
    return hashes


def _mix(words: NDArray[np.uint64]) -> Hashes:
    """Fold each row of words into one, by multiplication and shift."""
    mixed = np.zeros(len(words), dtype=np.uint64)
    for column in words.T:
        mixed = (mixed ^ column) * _MIX
        mixed ^= mixed >> np.uint64(29)
    return mixed


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


def _degrees(column: pa.Array) -> NDArray[np.float64]:
    """Return degrees as numbers, NaN for what is none."""
    if pa.types.is_binary(column.type):
        number = pc.match_substring_regex(column, _NUMBER)
        printed = pc.if_else(number, column, None).cast(pa.string())
        column = pc.utf8_trim_whitespace(printed).cast(pa.float64())
    degrees: NDArray[np.float64] = column.to_numpy(zero_copy_only=False)
    return degrees


def _pairs(
    kinds: Positions, areas: Positions, area_count: int
) -> tuple[Positions, Positions, NDArray[np.intp]]:
    keys, counts = np.unique(kinds * area_count + areas, return_counts=True)
    return keys // area_count, keys % area_count, counts


def _tally_codes(printed: Sequence[str], rows: Positions) -> dict[str, int]:
    counts = np.bincount(rows, minlength=len(printed))
    return {printed[at]: int(counts[at]) for at in np.flatnonzero(counts).tolist()}
