"""Police archives: the files in a ZIP read in place, or in a folder of the same shape.

Nothing is unpacked to disk. A member that is damaged, or is not what its directory entry says,
raises DamagedFileError when it is read; the other members stay readable.
"""

from __future__ import annotations

import struct
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path

from isal import igzip_lib, isal_zlib

from ..inputs.errors import InputError
from .names import FileName, read_name

Listed = tuple["StreetFile", FileName | None]
"""A file, and what its path says of it: None if it is no street file."""

MOST_BYTES = 1 << 30
"""Largest street file that is read; a real one is below 40 MB."""

_LOCAL_HEADER = struct.Struct("<4s22xHH")
_ENCRYPTED = 1
_UNPACK_ERROR: type[Exception] = igzip_lib.IsalError  # type: ignore[assignment]


class DamagedFileError(Exception):
    """A street file cannot be read; the message says why."""


@dataclass(frozen=True)
class StreetFile:
    """Where the bytes of one street file are.

    Attributes
    ----------
    source : Path
        The archive or folder.
    path : str
        Its name there.
    month, supplier : str
        What its name, or else its rows, say: ``YYYY-MM`` and the slug of the force.
    size, packed : int
        Declared bytes, unpacked and packed.
    crc, offset, method : int or None
        Checksum, position of the local header and compression method; None in a folder.
    """

    source: Path
    path: str
    month: str
    supplier: str
    size: int
    packed: int
    crc: int | None = None
    offset: int | None = None
    method: int | None = None
    encrypted: bool = False

    @property
    def name(self) -> str:
        """Name in the archive's own shape, without leading folders."""
        return f"{self.month}/{self.month}-{self.supplier}-street.csv"

    def read(self) -> bytes:
        """Return the file's bytes, checked against their declared size and checksum.

        Raises
        ------
        DamagedFileError
            If they are too many, cannot be read or unpacked, or fail the check.
        """
        stored = self.stored_bytes()
        if self.offset is None:
            return stored
        data = self._unpack(stored)
        if len(data) != self.size:
            raise DamagedFileError(f"it is not {self.size:,} bytes long, as the archive says")
        if isal_zlib.crc32(data) != self.crc:
            raise DamagedFileError("its checksum is wrong")
        return data

    def stored_bytes(self) -> bytes:
        """Return the bytes as they lie in the archive, packed, or in the folder.

        Raises
        ------
        DamagedFileError
            If they are too many or cannot be read.
        """
        if max(self.size, self.packed) > MOST_BYTES:
            raise DamagedFileError(f"it is larger than {MOST_BYTES >> 20:,} MB")
        try:
            return self._from_folder() if self.offset is None else self._from_archive(self.offset)
        except OSError as error:
            raise DamagedFileError(f"it cannot be read ({error.strerror or error})") from None

    def _from_folder(self) -> bytes:
        return (self.source / self.path).read_bytes()

    def _from_archive(self, offset: int) -> bytes:
        if self.encrypted:
            raise DamagedFileError("it is encrypted")
        with self.source.open("rb") as stream:
            stream.seek(offset)
            header = stream.read(_LOCAL_HEADER.size)
            if len(header) < _LOCAL_HEADER.size or header[:4] != b"PK\x03\x04":
                raise DamagedFileError("its place in the archive holds something else")
            _, name_length, extra_length = _LOCAL_HEADER.unpack(header)
            stream.seek(name_length + extra_length, 1)
            packed = stream.read(self.packed)
        if len(packed) < self.packed:
            raise DamagedFileError("the archive is cut short")
        return packed

    def _unpack(self, packed: bytes) -> bytes:
        if self.method == zipfile.ZIP_STORED:
            return packed
        if self.method != zipfile.ZIP_DEFLATED:
            raise DamagedFileError(
                f"its compression method ({self.method}) is not used by data.police.uk"
            )
        try:
            return isal_zlib.decompressobj(wbits=-zlib.MAX_WBITS).decompress(packed, self.size + 1)
        except _UNPACK_ERROR as error:
            raise DamagedFileError(f"it cannot be unpacked ({error})") from None


def list_folder(folder: Path) -> list[Listed]:
    """Return every file below a folder."""
    listed = []
    for path in folder.rglob("*"):
        if path.is_file():
            relative, size = path.relative_to(folder).as_posix(), path.stat().st_size
            named = read_name(relative)
            listed.append((StreetFile(folder, relative, *_known(named), size, size), named))
    return listed


def list_archive(archive: Path) -> list[Listed]:
    """Return every file in an archive; InputError if it is no ZIP."""
    try:
        with zipfile.ZipFile(archive) as opened:
            members = [member for member in opened.infolist() if not member.is_dir()]
    except (zipfile.BadZipFile, OSError, ValueError) as error:
        raise InputError(
            f"{archive} (--police) is not a ZIP archive, or is cut short ({error}); "
            "download it again."
        ) from None
    listed = []
    for member in members:
        named = read_name(member.orig_filename)
        file = StreetFile(
            archive,
            member.orig_filename,
            *_known(named),
            member.file_size,
            member.compress_size,
            member.CRC,
            member.header_offset,
            member.compress_type,
            bool(member.flag_bits & _ENCRYPTED),
        )
        listed.append((file, named))
    return listed


def _known(named: FileName | None) -> tuple[str, str]:
    return (named.month, named.supplier) if named else ("", "")
