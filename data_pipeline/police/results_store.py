"""What is read of each street file, and the store that saves reading it again.

A file is known by its name, size and CRC-32, wherever it lies: in the archive of one release, of
the next, or in a folder. What was read of it depends on nothing else but the areas and the version
of the reader; with those unchanged it is taken from the store. The store is a help and never an
authority: whatever in it is damaged, or was read under other conditions, is read again.
"""

from __future__ import annotations

import hashlib
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Executor, Future
from dataclasses import fields, is_dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import pyarrow as pa
import shapely
from isal import isal_zlib
from numpy.typing import NDArray

from ..geography.lsoa_codes import LsoaCodes
from ..storage.code_version import code_version
from ..storage.keeper import Keeper
from .archive import DamagedFileError, StreetFile
from .names import street_name
from .read import LIBRARIES, ReadFile, read_street_file
from .street import StreetTally

READ_AHEAD = 64
"""Files being read, or read and waiting for those before them."""

_CONDITIONS = b"conditions"

_LEVEL = -5
"""How hard to compress: most of what is stored are hashes, which nothing makes smaller."""


def read_files(
    files: Iterable[StreetFile],
    codes: LsoaCodes,
    executor: Executor,
    readings: Readings | None = None,
) -> Iterator[ReadFile]:
    """Yield the files as read, in the order given, whatever the executor; a few at a time.

    Parameters
    ----------
    files : in order of name
    codes : what LSOA codes mean
    executor : reads what is not in `readings`
    readings : Readings, optional
        Gives what is known already, and is given what is read.
    """
    waiting: deque[ReadFile | Future[ReadFile]] = deque()
    try:
        for file in files:
            known = readings.find(file) if readings else None
            waiting.append(known or executor.submit(read_street_file, file, codes))
            if len(waiting) == READ_AHEAD:
                yield _result(waiting.popleft(), readings)
        while waiting:
            yield _result(waiting.popleft(), readings)
        if readings:
            readings.write_month()
    finally:
        for unwanted in waiting:
            if isinstance(unwanted, Future):
                unwanted.cancel()


def _result(item: ReadFile | Future[ReadFile], readings: Readings | None) -> ReadFile:
    result = item.result() if isinstance(item, Future) else item
    if readings:
        readings.keep(result)
    return result


def reading_conditions(codes: LsoaCodes) -> str:
    """Return a hash of everything but its bytes that the tally of a file depends on."""
    digest = hashlib.sha256(code_version(__name__, LIBRARIES).encode())
    descendants = {code: places.tolist() for code, places in codes.descendants.items()}
    meaning = [codes.positions, sorted(codes.old), descendants, codes.candidates.tolist()]
    digest.update(orjson.dumps(meaning, option=orjson.OPT_SORT_KEYS))
    for polygon in shapely.to_wkb(codes.polygons):
        digest.update(polygon)
    return digest.hexdigest()


def _parts(tally: Any, prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Yield every value of a tally and of the records in it, under its name."""
    for part in fields(tally):
        value = getattr(tally, part.name)
        if is_dataclass(value):
            yield from _parts(value, f"{prefix}{part.name}.")
        else:
            yield prefix + part.name, value


def _column_type(value: Any) -> pa.DataType:
    if isinstance(value, np.ndarray):
        return pa.list_(pa.from_numpy_dtype(value.dtype))
    return {int: pa.int64(), tuple: pa.list_(pa.string()), dict: pa.map_(pa.string(), pa.int64())}[
        type(value)
    ]


_NOTHING = StreetTally(rows_read=0)
_TALLY_COLUMNS = [(name, _column_type(value)) for name, value in _parts(_NOTHING)]
_ARRAYS = [name for name, value in _parts(_NOTHING) if isinstance(value, np.ndarray)]
_SCHEMA = pa.schema(
    [
        ("file", pa.string()),
        ("bytes", pa.int64()),
        ("crc", pa.uint32()),
        ("status", pa.string()),
        ("note", pa.string()),
        *_TALLY_COLUMNS,
    ]
)


class Readings:
    """The results of reading street files, one Arrow file for each month, beside a dataset.

    Each holds the conditions that it was read under. Files are found and kept in order of month.

    Parameters
    ----------
    folder : Path
        Created when the first month is written.
    codes : what LSOA codes mean
    reread : bool
        Read every file anew, whatever is known of it.
    """

    def __init__(self, folder: Path, codes: LsoaCodes, *, reread: bool = False) -> None:
        self._keeper = Keeper(folder, ".arrow")
        self._conditions = reading_conditions(codes).encode()
        self._reread = reread
        self._found: tuple[str, dict[Path, list[ReadFile]]] = ("", {})
        self._taken: dict[str, Path] = {}
        self._month: list[ReadFile] = []
        self._rows: dict[Path, int] = {}

    def find(self, file: StreetFile) -> ReadFile | None:
        """Return what was read of `file` before, or None if it has to be read."""
        if self._reread:
            return None
        if self._found[0] != file.month:
            self._found = file.month, self._read_month(file.month)
        for stored, results in self._found[1].items():
            for known in results:
                if _alike(known, file):
                    self._taken[file.name] = stored
                    return replace(known, file=file)
        return None

    def keep(self, result: ReadFile) -> None:
        """Keep a result; a month is written as soon as the next one begins."""
        if self._month and self._month[0].file.month != result.file.month:
            self.write_month()
        self._month.append(result)

    def write_month(self) -> None:
        """Write the month kept last, unless it is stored as it is already."""
        kept = [result for result in self._month if result.crc is not None]
        origins = {self._taken.pop(result.file.name, None) for result in kept}
        stored = origins.pop() if len(origins) == 1 else None
        self._month = []
        if stored and self._rows[stored] == len(kept):
            self._keeper.use(stored)
        elif kept:
            content = _packed(kept, self._conditions)
            self._keeper.keep(kept[0].file.month, lambda place: _write(place, content))

    def forget_unused(self) -> None:
        """Remove the months that were neither found useful nor written this time."""
        self._keeper.forget_unused()

    def _read_month(self, month: str) -> dict[Path, list[ReadFile]]:
        """Return what is stored of a month, by the sound entries that hold it."""
        found = {
            entry: _unpacked(entry.read_bytes(), self._conditions)
            for entry in self._keeper.find(month)
        }
        self._rows |= {entry: len(results) for entry, results in found.items()}
        return found


def _write(place: Path, content: bytes) -> None:
    place.write_bytes(content)


def _alike(known: ReadFile, file: StreetFile) -> bool:
    return (known.file.name, known.file.size) == (file.name, file.size) and (
        known.crc == _checksum(file)
    )


def _checksum(file: StreetFile) -> int | None:
    """Return the CRC-32 of a file: declared in an archive, computed in a folder."""
    if file.crc is not None:
        return file.crc
    try:
        return isal_zlib.crc32(file.read())
    except DamagedFileError:
        return None


def _packed(results: Sequence[ReadFile], conditions: bytes) -> bytes:
    """Return one month's results as an Arrow file, one row for each street file."""
    tallies = [dict(_parts(result.tally)) for result in results]
    columns: dict[str, Any] = {
        "file": [result.file.name for result in results],
        "bytes": [result.file.size for result in results],
        "crc": [result.crc for result in results],
        "status": [result.status for result in results],
        "note": [result.note for result in results],
        **{name: [_storable(tally[name]) for tally in tallies] for name, _ in _TALLY_COLUMNS},
    }
    schema = _SCHEMA.with_metadata({_CONDITIONS: conditions})
    sink = pa.BufferOutputStream()
    options = pa.ipc.IpcWriteOptions(compression=pa.Codec("zstd", compression_level=_LEVEL))
    with pa.ipc.new_file(sink, schema, options=options) as file:
        file.write_table(pa.table(columns, schema))
    return bytes(sink.getvalue().to_pybytes())


def _storable(value: Any) -> Any:
    return list(value.items()) if isinstance(value, dict) else value


def _unpacked(content: bytes, conditions: bytes) -> list[ReadFile]:
    """Return the results in an Arrow file; none if they were read under other conditions."""
    table = pa.ipc.open_file(content).read_all()
    if (table.schema.metadata or {}).get(_CONDITIONS) != conditions:
        return []
    arrays = {name: _rows(table.column(name)) for name in _ARRAYS}
    rows = table.drop_columns(_ARRAYS).to_pylist()
    return [
        _unpacked_file(row | {name: values[at] for name, values in arrays.items()})
        for at, row in enumerate(rows)
    ]


def _unpacked_file(row: dict[str, Any]) -> ReadFile:
    month, supplier = street_name(row["file"]) or ("", "")
    file = StreetFile(Path(), row["file"], month, supplier, row["bytes"], row["bytes"])
    return ReadFile(file, row["status"], _rebuilt(_NOTHING, row), row["note"], row["crc"])


def _rebuilt(record: Any, row: dict[str, Any], prefix: str = "") -> Any:
    """Return a record of the same kind as `record` with the values of a row."""
    values = {}
    for part in fields(record):
        example, name = getattr(record, part.name), prefix + part.name
        if is_dataclass(example):
            values[part.name] = _rebuilt(example, row, f"{name}.")
        elif isinstance(example, np.ndarray | int):
            values[part.name] = row[name]
        else:
            values[part.name] = type(example)(row[name])
    return replace(record, **values)


def _rows(column: pa.ChunkedArray) -> list[NDArray[Any]]:
    """Return the array in each row of a column of lists, without copying."""
    lists = column.chunk(0)
    values, edges = lists.values.to_numpy(), lists.offsets.to_numpy()
    return [values[start:end] for start, end in pairwise(edges)]
