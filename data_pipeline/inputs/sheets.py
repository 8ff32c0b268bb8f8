"""Tables in files, whatever program saved them: CSV, workbook or Parquet, as text.

A table may stand below title lines and above notes, its fields separated by commas, semicolons,
tabs or bars, its letters in UTF-8, UTF-16 or the Windows code page. It begins at the first row that
has a heading for every column asked for.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import pandas as pd
from python_calamine import CalamineError

from .catalogue import Column, Source
from .columns import locate_columns, missing_column_message
from .errors import InputError

SEPARATORS = (",", ";", "\t", "|")
MOST_TITLE_LINES = 40
WORKBOOKS = frozenset({".xlsx", ".xlsm", ".xlsb", ".xls", ".ods"})
_PARQUET = frozenset({".parquet", ".geoparquet"})
_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")

Grid = list[list[str]]


@dataclass(frozen=True)
class Sheet:
    """One table of a file.

    Attributes
    ----------
    place : str
        Where it is, for the reader: the file's name, and the sheet's.
    name : str
        Of the sheet; "" where the file is one table.
    titles : list of list of str
        The cells of the lines above the headings.
    table : DataFrame
        Text, under the headings as printed; blank cells are "".
    """

    place: str
    name: str
    titles: Grid
    table: pd.DataFrame

    @property
    def headings(self) -> list[str]:
        """The headings as printed."""
        return [str(name) for name in self.table.columns]


def read_sheets(file: Path, source: Source) -> list[Sheet]:
    """Read every table of a file that has the columns of `source`.

    Parameters
    ----------
    file : CSV, workbook (``WORKBOOKS``) or Parquet
    source : whose columns are wanted

    Raises
    ------
    InputError
        If the file is missing, is not a table, or lacks a column.
    """
    existing_file(file, source)
    suffix = file.suffix.lower()
    try:
        if suffix in _PARQUET:
            table = pd.read_parquet(file).astype("string").fillna("").astype(str)
            return [_required(Sheet(file.name, "", [], table), source)]
        if suffix in WORKBOOKS:
            return _sheets_of_workbook(file, source)
        return [_sheet_of_text(file, source)]
    except (ValueError, OSError, KeyError, csv.Error, CalamineError) as error:
        reason = (str(error) or type(error).__name__).splitlines()[0].rstrip(".")
        raise InputError(f"{file} (--{source.role}) is not a readable table: {reason}.") from None


def existing_file(file: Path, source: Source) -> Path:
    """Return `file`, or raise InputError if it is not there."""
    if not file.is_file():
        kind = "is a folder, not a file" if file.is_dir() else "does not exist"
        raise InputError(f"{file} (--{source.role}) {kind}. Wanted: {source.title}, {source.url}")
    return file


def _required(sheet: Sheet, source: Source) -> Sheet:
    missing = locate_columns(source.columns, sheet.headings)[1]
    if missing:
        raise InputError(
            missing_column_message(sheet.place, missing[0], sheet.headings, source.role)
        )
    return sheet


def _sheet_of_text(file: Path, source: Source) -> Sheet:
    text = _decoded(file.read_bytes())
    found: list[tuple[int, int, Grid]] = []
    for separator in SEPARATORS:
        lines = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
        top = list(islice(lines, MOST_TITLE_LINES))
        at, missing = _heading_row(top, source.columns)
        if not missing:
            return _below(file.name, "", [*top, *lines], at)
        found.append((missing, at, top))
    _, at, top = min(found, key=lambda candidate: candidate[0])
    return _required(_below(file.name, "", top[: at + 1], at), source)


def _sheets_of_workbook(file: Path, source: Source) -> list[Sheet]:
    found: list[Sheet] = []
    nearest: tuple[int, Sheet] | None = None
    with pd.ExcelFile(file, engine="calamine") as workbook:
        for name in map(str, workbook.sheet_names):
            printed = pd.read_excel(
                workbook, sheet_name=name, header=None, dtype=str, keep_default_na=False
            )
            rows: Grid = printed.fillna("").astype(str).to_numpy().tolist()
            at, missing = _heading_row(rows[:MOST_TITLE_LINES], source.columns)
            sheet = _below(f"{file.name}, sheet {name!r},", name, rows, at)
            if not missing:
                found.append(sheet)
            elif nearest is None or missing < nearest[0]:
                nearest = missing, sheet
    if not found and nearest:
        _required(nearest[1], source)
    return found


def _decoded(data: bytes) -> str:
    if data.startswith(_UTF16_MARKS):
        return data.decode("utf-16")
    if b"\x00" in data[:64]:
        return data.decode("utf-16-le" if data[1:2] == b"\x00" else "utf-16-be")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", errors="replace")


def _heading_row(rows: Sequence[Sequence[str]], columns: Sequence[Column]) -> tuple[int, int]:
    """Return the row that has most of the columns' headings, and how many it lacks."""
    lacking = [len(locate_columns(columns, row)[1]) for row in rows]
    if not lacking:
        return 0, len(columns)
    at = min(range(len(lacking)), key=lambda row: lacking[row])
    return at, lacking[at]


def _below(place: str, name: str, rows: Grid, at: int) -> Sheet:
    """Return the table whose headings are row `at`, without blank rows and notes below it."""
    if not rows:
        return Sheet(place, name, [], pd.DataFrame())
    headings = rows[at]
    while len(headings) > 1 and not headings[-1].strip():
        headings = headings[:-1]
    width = len(headings)
    body = [
        row if len(row) == width else _of_width(row, width, f"{place} row {line:,}")
        for line, row in enumerate(rows[at + 1 :], at + 2)
    ]
    filled = [row for row in body if row[0].strip() or any(map(str.strip, row))]
    while len(headings) > 1 and filled and _is_note(filled[-1]):
        filled.pop()
    return Sheet(place, name, rows[:at], pd.DataFrame(filled, columns=headings, dtype=str))


def _of_width(row: list[str], width: int, place: str) -> list[str]:
    if any(map(str.strip, row[width:])):
        raise InputError(
            f"{place} has {len(row)} fields where the headings are {width}; "
            "remove what is too much or put the field that holds a separator into quotes."
        )
    return [*row[:width], *[""] * (width - len(row))]


def _is_note(row: Iterable[str]) -> bool:
    """Tell whether a row below a table is a sentence: one cell alone, of several words."""
    words = [cell.strip() for cell in row if cell.strip()]
    return len(words) == 1 and " " in words[0]


def cells(rows: Grid) -> Iterator[str]:
    """Yield the cells of some rows that are not blank."""
    return (cell.strip() for row in rows for cell in row if cell.strip())
