"""The rows of one street file, whatever program saved it last: bytes in, columns out.

The archive's own files are UTF-8 with commas, their headings in the first line. A spreadsheet
leaves semicolons or tabs, title lines, rows of nothing but separators; such files are read where
all headings are found, and otherwise it is said which one is missing.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv
from numpy.typing import NDArray

from ..geography.lsoa_codes import Positions
from ..inputs.catalogue import POLICE, Column
from ..inputs.columns import locate_columns, missing_column_message
from ..inputs.decoding import as_text, filled

REPORTED_BY = Column("reported_by", ("Reported by",))
SEPARATORS = (",", ";", "\t", "|")
MOST_TITLE_LINES = 20
LONGEST_REASON = 200
LONGEST_HEADING = 40
MOST_HEADINGS = 20
_LOCATION = Column("location", ("Location",))
_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")
_UTF8_MARK = b"\xef\xbb\xbf"
_DICTIONARY = pa.dictionary(pa.int32(), pa.binary())
_COLUMN_TYPES = {
    "crime_id": pa.binary(),
    "month": _DICTIONARY,
    "longitude": pa.float64(),
    "latitude": pa.float64(),
    "location": pa.binary(),
    "lsoa_code": _DICTIONARY,
    "crime_type": _DICTIONARY,
    "reported_by": _DICTIONARY,
}
_BLANK_ROW = "".join((*SEPARATORS, ' "\r')).encode()
_AS_PRINTED = {"longitude": pa.binary(), "latitude": pa.binary()}
_NUMBER = rb"^\s*-?\d+([.,]\d+)?\s*$"


class UnreadableFileError(Exception):
    """A file is not a street file; the message says why."""


@dataclass(frozen=True)
class StreetTable:
    """The columns of a street file.

    Attributes
    ----------
    columns : dict of our name to Arrow array [rows]
        Those of ``catalogue.POLICE``, and `location` (blank where the file has none).
    broken : int
        Lines that are not rows of the table.
    """

    columns: dict[str, pa.Array]
    broken: int


@dataclass(frozen=True)
class _Layout:
    """Where the headings are found, what separates them, and what stands below."""

    headings: list[str]
    separator: str
    body: bytes


def read_street_table(data: bytes, also: Sequence[Column] = ()) -> StreetTable:
    """Read the columns that are needed of a street file.

    Parameters
    ----------
    data : the file's bytes
    also : columns to be read besides, where the file has them

    Raises
    ------
    UnreadableFileError
        If it is not a table with the columns of a street file.
    """
    layout = _layout(_lines(data))
    positions, missing = locate_columns(POLICE.columns, layout.headings)
    if missing:
        raise UnreadableFileError(missing_column_message("it", missing[0], _shown(layout.headings)))
    positions |= locate_columns([_LOCATION, *also], layout.headings)[0]
    body, broken = _without_broken_lines(
        _without_blank_rows(layout.body, layout.separator), layout.separator
    )
    columns, rejected = _read_columns(body, positions, layout)
    columns.setdefault("location", pa.array([b""] * len(columns["month"]), pa.binary()))
    return StreetTable(columns, broken + rejected)


def distinct(column: pa.Array) -> tuple[list[str], Positions]:
    """Return the distinct values of a column as text, and each row's position among them.

    Values are without the spaces around them, and "" where they stand for nothing.
    """
    if not len(column):
        return [""], np.zeros(0, dtype=np.intp)
    values = column.dictionary.cast(pa.string()).to_pylist()
    return filled(values), column.indices.to_numpy().astype(np.intp)


def degrees(column: pa.Array) -> NDArray[np.float64]:
    """Return a column of degrees as numbers, NaN for what is none."""
    if pa.types.is_binary(column.type):
        number = pc.match_substring_regex(column, _NUMBER)
        printed = pc.if_else(number, column, None).cast(pa.string())
        with_point = pc.replace_substring(printed, ",", ".")
        column = pc.utf8_trim_whitespace(with_point).cast(pa.float64())
    found: NDArray[np.float64] = column.to_numpy(zero_copy_only=False)
    return found


def _lines(data: bytes) -> bytes:
    """Return the lines of a file of text in UTF-8, blank ones above the first left out."""
    if not data.lstrip():
        raise UnreadableFileError("it is empty.")
    if data.startswith(_UTF16_MARKS) or b"\x00" in data[:64]:
        raise UnreadableFileError("it is written in UTF-16 or is not text; street files are UTF-8.")
    if data.lstrip(_UTF8_MARK + b" \r\n\t").startswith(b"<"):
        raise UnreadableFileError("it is a web page, not a table; download it again.")
    text = _utf8(data).lstrip(b"\r\n")
    first = text.partition(b"\n")[0]
    return _with_line_feeds(text) if b"\r" in first.rstrip() else text


def _layout(text: bytes) -> _Layout:
    """Return the first line and separator under which every needed column has its heading.

    Where there are none, those of the first line that has most of them: they can be named.
    """
    best, least = None, len(POLICE.columns)
    start = 0
    for _ in range(MOST_TITLE_LINES):
        end = text.find(b"\n", start) + 1 or len(text)
        for separator in SEPARATORS:
            headings = _headings(text[start:end], separator, is_first=start == 0)
            layout = _Layout(headings, separator, text[end:])
            lacking = len(locate_columns(POLICE.columns, layout.headings)[1])
            if not lacking:
                return layout
            if lacking < least or best is None:
                best, least = layout, lacking
        start = end
        if start == len(text):
            break
    assert best is not None
    return best


def _headings(line: bytes, separator: str, *, is_first: bool) -> list[str]:
    try:
        return next(csv.reader([as_text(line)], delimiter=separator), [])
    except csv.Error as error:
        if not is_first:
            return []
        raise UnreadableFileError(f"its first line is no heading ({error}).") from None


def _shown(headings: Sequence[str]) -> list[str]:
    """Return headings fit to be printed: what they are made of may be anything."""
    return [
        "".join(letter for letter in heading if letter.isprintable())[:LONGEST_HEADING]
        for heading in headings[:MOST_HEADINGS]
    ]


def _read_columns(
    body: bytes, positions: dict[str, int], layout: _Layout
) -> tuple[dict[str, pa.Array], int]:
    """Return the columns at some positions of a table, and the number of rows of another width."""
    if not body.lstrip(b"\r\n"):
        return {name: pa.array([], _COLUMN_TYPES[name]) for name in positions}, 0
    try:
        return _typed_columns(body, positions, layout, _COLUMN_TYPES)
    except pa.ArrowInvalid:  # a coordinate that is no number: they are read one by one
        pass
    try:
        return _typed_columns(body, positions, layout, _COLUMN_TYPES | _AS_PRINTED)
    except pa.ArrowInvalid as error:
        reason = str(error).splitlines()[0][:LONGEST_REASON]
        raise UnreadableFileError(f"it cannot be read as a table ({reason}).") from None


def _typed_columns(
    body: bytes, positions: dict[str, int], layout: _Layout, types: dict[str, pa.DataType]
) -> tuple[dict[str, pa.Array], int]:
    names = [f"column {at}" for at in range(len(layout.headings))]
    wanted = {names[at]: types[name] for name, at in positions.items()}
    rejected: list[None] = []

    def reject(_row: pacsv.InvalidRow) -> str:
        rejected.append(None)
        return "skip"

    table = pacsv.read_csv(
        pa.BufferReader(body),
        pacsv.ReadOptions(use_threads=False, block_size=len(body) + 1, column_names=names),
        pacsv.ParseOptions(
            delimiter=layout.separator,
            quote_char='"' if b'"' in body else False,
            invalid_row_handler=reject,
        ),
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


def is_blank_row(line: bytes) -> bool:
    """Tell whether a line holds nothing but separators, blanks and quotes, and one of the first.

    >>> is_blank_row(b",,,"), is_blank_row(b'"";""'), is_blank_row(b" "), is_blank_row(b",a")
    (True, True, False, False)
    """
    return not line.strip(_BLANK_ROW) and any(mark.encode() in line for mark in SEPARATORS)


def _without_blank_rows(body: bytes, separator: str) -> bytes:
    """Drop the lines that hold nothing but separators: a spreadsheet adds them, and no row is one.

    They are looked for only where two separators, or blank fields in quotes, begin a line.
    """
    mark = separator.encode()
    starts = (mark * 2, b'""' + mark)
    if not any(body.startswith(start) or b"\n" + start in body for start in starts):
        return body
    blank = re.compile(rb'^[ "]*' + re.escape(mark) + rb'[ \r"' + re.escape(mark) + rb"]*$", re.M)
    return blank.sub(b"", body)


def _without_broken_lines(body: bytes, separator: str) -> tuple[bytes, int]:
    """Drop lines that hold a NUL, or a quote that is not closed; return how many there were.

    A row is one line, so that what is open at its end cannot continue below.
    """
    if b"\x00" not in body and _plainly_quoted(body, separator):
        return body, 0
    body, torn = _without_lines(_with_line_feeds(body), b"\x00", lambda line: True)
    body, unclosed = _without_lines(body, b'"', lambda line: _unclosed(line, separator))
    return body, torn + unclosed


def _plainly_quoted(body: bytes, separator: str) -> bool:
    """Tell whether all quotes stand in pairs around whole fields, so that no line need be read."""
    edges = (b"", separator.encode(), b"\r", b"\n")
    opening = body.find(b'"')
    while opening >= 0:
        closing = body.find(b'"', opening + 1)
        if (
            closing < 0
            or body[max(opening - 1, 0) : opening] not in edges
            or body[closing + 1 : closing + 2] not in edges
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


def _unclosed(line: bytes, separator: str) -> bool:
    try:
        next(csv.reader([line.decode()], delimiter=separator, strict=True))
    except csv.Error:
        return True
    return False
