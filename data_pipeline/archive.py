"""Police archives: the street files in a ZIP read in place, or in a folder of the same shape.

Nothing is unpacked to disk. A member that is damaged, or is not what its directory entry says,
raises DamagedFileError when it is read; the other members stay readable.
"""

from __future__ import annotations

import hashlib
import re
import struct
import zipfile
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from isal import igzip_lib, isal_zlib

from .crime_types import FIRST_MONTH
from .months import is_month
from .sources import InputError

MOST_BYTES = 1 << 30
"""Largest street file that is read; a real one is below 40 MB."""

_STREET_FILE = re.compile(r"(\d{4}-\d{2})-([a-z]+(?:-[a-z]+)*)-street\.csv")
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
        What its name says: ``YYYY-MM`` and the slug of the force.
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


@dataclass(frozen=True)
class PoliceSource:
    """One ``--police`` path: its street files in order of name, and what else was in it."""

    path: Path
    files: tuple[StreetFile, ...]
    ignored: int


def open_source(path: Path) -> PoliceSource:
    """List the street files of an archive or folder.

    Raises
    ------
    InputError
        If there is nothing at `path`, it is not a ZIP, or it holds no street file.
    """
    if path.is_dir():
        files, others = _folder_files(path)
    elif path.exists():
        files, others = _archive_files(path)
    else:
        raise InputError(f"{path} (--police) does not exist.")
    if not files:
        raise InputError(
            f"{path} (--police) holds no street files. Wanted: a data.police.uk archive, or a "
            "folder, with files named like 2024-01/2024-01-merseyside-street.csv; "
            f"found {others:,} other files."
        )
    ordered = sorted(files, key=lambda file: (file.name, file.path))
    return PoliceSource(path, tuple(ordered), others)


def street_name(path: str) -> tuple[str, str] | None:
    """Return the month and supplier that a street file's path names, or None for any other path.

    >>> street_name("2024-01/2024-01-west-mercia-street.csv")
    ('2024-01', 'west-mercia')
    >>> street_name("../2024-01/2024-01-west-mercia-street.csv") is None
    True
    """
    if "\\" in path or path.startswith("/") or ".." in path.split("/"):
        return None
    match = _STREET_FILE.fullmatch(PurePosixPath(path).name)
    if match is None or not is_month(match[1]) or match[1] < FIRST_MONTH:
        return None
    folder = PurePosixPath(path).parent.name
    if is_month(folder) and folder != match[1]:
        return None
    return match[1], match[2]


def _folder_files(folder: Path) -> tuple[list[StreetFile], int]:
    paths = [path for path in folder.rglob("*") if path.is_file()]
    files = []
    for path in paths:
        relative = path.relative_to(folder).as_posix()
        if named := street_name(relative):
            size = path.stat().st_size
            files.append(StreetFile(folder, relative, *named, size, size))
    return files, len(paths) - len(files)


def _archive_files(archive: Path) -> tuple[list[StreetFile], int]:
    try:
        with zipfile.ZipFile(archive) as opened:
            members = [member for member in opened.infolist() if not member.is_dir()]
    except (zipfile.BadZipFile, OSError, ValueError) as error:
        raise InputError(
            f"{archive} (--police) is not a ZIP archive, or is cut short ({error}); "
            "download it again."
        ) from None
    files = [
        StreetFile(
            archive,
            member.orig_filename,
            *named,
            member.file_size,
            member.compress_size,
            member.CRC,
            member.header_offset,
            member.compress_type,
            bool(member.flag_bits & _ENCRYPTED),
        )
        for member in members
        if (named := street_name(member.orig_filename))
    ]
    return files, len(members) - len(files)


def fingerprint(source: PoliceSource) -> tuple[str, int]:
    """Return the SHA-256 and size of an archive, or of the street files of a folder.

    A folder's hash is over the names of its street files and the hashes of their content, in
    order of name, wherever the folder is.
    """
    if source.path.is_file():
        return _file_hash(source.path), source.path.stat().st_size
    digest = hashlib.sha256()
    for file in source.files:
        digest.update(f"{file.path}\0{_file_hash(file.source / file.path)}\n".encode())
    return digest.hexdigest(), sum(file.size for file in source.files)


def _file_hash(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def choose_files(
    sources: Iterable[PoliceSource],
) -> tuple[list[StreetFile], list[StreetFile]]:
    """Choose one file for each force-month: that of the last source given wins.

    Returns
    -------
    chosen, superseded : lists of StreetFile, in order of name
    """
    chosen: dict[str, StreetFile] = {}
    superseded = []
    for source in sources:
        for file in source.files:
            if file.name in chosen:
                superseded.append(chosen[file.name])
            chosen[file.name] = file
    return [chosen[name] for name in sorted(chosen)], superseded
