"""One street file from its bytes to what is counted of it: pure, so that any machine can do it."""

from __future__ import annotations

from dataclasses import dataclass

from isal import isal_zlib

from ..dataset.forces import EXCLUDED_SUPPLIERS, FORCES
from ..dataset.schema import EXCLUDED, SUPPLIED, UNREADABLE
from ..geography.lsoa_codes import LsoaCodes
from ..storage.code_version import code_version
from .archive import DamagedFileError, StreetFile
from .street import StreetTally, count_rows, tally_street_file
from .table import UnreadableFileError

LIBRARIES = ("isal", "numpy", "pandas", "pyarrow", "pyproj", "shapely")


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


def reader_version() -> str:
    """Return a hash of the code and the libraries that files are read with."""
    return code_version(__name__, LIBRARIES)
