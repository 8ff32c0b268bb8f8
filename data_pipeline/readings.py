"""What is read of each street file, and the store that saves reading it again.

A file is known by its name, size and CRC-32, wherever it lies: in the archive of one release, of
the next, or in a folder. What was read of it depends on nothing else but the areas and the version
of the reader; with those unchanged it is taken from the store. The store is a help and never an
authority: whatever in it is damaged, or was read under other conditions, is read again.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Executor, Future
from dataclasses import dataclass

from isal import isal_zlib

from .archive import DamagedFileError, StreetFile
from .coverage import EXCLUDED
from .dataset import SUPPLIED, UNREADABLE
from .forces import EXCLUDED_SUPPLIERS, FORCES
from .street import StreetTally, UnreadableFileError, count_rows, tally_street_file
from .vintage import LsoaCodes

READ_AHEAD = 64
"""Files being read, or read and waiting for those before them."""

_LIBRARIES = ("isal", "numpy", "pandas", "pyarrow", "pyproj", "shapely")
_STORED_NAME = re.compile(r"\d{4}-\d{2}-[0-9a-f]{32}\.arrow(\.part)?")
_CONDITIONS = b"conditions"


@dataclass(frozen=True)
class ReadFile:
    """One street file after reading: its tally, or why there is none.

    Attributes
    ----------
    crc : int or None
        CRC-32 of the bytes that were read; None where they could not be.
    """

    file: StreetFile
    status: str
    tally: StreetTally
    note: str = ""
    crc: int | None = None


def read_street_file(file: StreetFile, codes: LsoaCodes) -> ReadFile:
    """Read one street file; a fault in it is part of the result, never an exception."""
    excluded = _excluded(file.supplier)
    try:
        data = file.read()
        crc = isal_zlib.crc32(data) if file.crc is None else file.crc
        if excluded:
            return ReadFile(file, EXCLUDED, StreetTally(rows_read=count_rows(data)), excluded, crc)
        return ReadFile(file, SUPPLIED, tally_street_file(data, file.month, codes), "", crc)
    except (DamagedFileError, UnreadableFileError) as error:
        return ReadFile(file, UNREADABLE, StreetTally(rows_read=0), str(error))


def _excluded(supplier: str) -> str:
    if supplier in EXCLUDED_SUPPLIERS:
        return f"{EXCLUDED_SUPPLIERS[supplier]} is left out"
    if all(force.slug != supplier for force in FORCES):
        return f"{supplier} is not a known police force"
    return ""


def read_files(
    files: Iterable[StreetFile], codes: LsoaCodes, executor: Executor
) -> Iterator[ReadFile]:
    """Yield the files as read, in the order given, whatever the executor; a few at a time."""
    waiting: deque[Future[ReadFile]] = deque()
    try:
        for file in files:
            waiting.append(executor.submit(read_street_file, file, codes))
            if len(waiting) == READ_AHEAD:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        for unwanted in waiting:
            unwanted.cancel()
