"""One ``--police`` path: which street files it holds, and which of them count.

A file is taken for what its name says. Where that is not certain its rows are asked, which carry
the month and the force's name; what they do not settle either is named with the reason.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pyarrow as pa

from ..dataset.crime_types import FIRST_MONTH
from ..inputs.decoding import as_month
from ..inputs.errors import InputError, examples
from ..storage.hashing import sha256_of
from .archive import DamagedFileError, Listed, StreetFile, list_archive, list_folder
from .names import FileName, is_regular, supplier_slug
from .table import REPORTED_BY, UnreadableFileError, distinct, read_street_table


@dataclass(frozen=True)
class Unplaced:
    """A street file that is not read, for it is not certain of which force and month it is.

    Attributes
    ----------
    file : StreetFile
        `month` and `supplier` are "" where neither its name nor its rows say them.
    reason : str
        The end of a sentence.
    """

    file: StreetFile
    reason: str


@dataclass(frozen=True)
class PoliceSource:
    """One ``--police`` path: its street files in order of name, and what else was in it."""

    path: Path
    files: tuple[StreetFile, ...]
    unplaced: tuple[Unplaced, ...]
    ignored: int


def open_source(path: Path) -> PoliceSource:
    """List the street files of an archive or folder.

    A file whose name does not say for certain of which force and month it is, is opened: its rows
    may say it.

    Raises
    ------
    InputError
        If there is nothing at `path`, it is not a ZIP, or it holds no street file.
    """
    if path.is_dir():
        listed = list_folder(path)
    elif path.exists():
        listed = list_archive(path)
    else:
        raise InputError(f"{path} (--police) does not exist.")
    files, unplaced = [], []
    for settled in map(_settled, listed):
        if isinstance(settled, Unplaced):
            unplaced.append(settled)
        elif settled:
            files.append(settled)
    ignored = len(listed) - len(files) - len(unplaced)
    if not files:
        raise InputError(_nothing_found(path, unplaced, ignored))
    ordered = sorted(files, key=lambda file: (file.name, is_regular(file.path), file.path))
    doubtful = sorted(unplaced, key=lambda item: item.file.path)
    return PoliceSource(path, tuple(ordered), tuple(doubtful), ignored)


def _settled(listed: Listed) -> StreetFile | Unplaced | None:
    """Return a file of which force and month are certain; None if it is no street file."""
    file, named = listed
    if named is None:
        return None
    if not named.fault:
        return file
    if named.is_table and not named.leads_out:
        try:
            return _asked(file, named)
        except (DamagedFileError, UnreadableFileError) as error:
            reason = f"{named.fault}, and {str(error).rstrip('.')}"
    else:
        reason = named.fault
    return Unplaced(file, reason) if named.is_street else None


def _asked(file: StreetFile, named: FileName) -> StreetFile | Unplaced:
    """Return a file with the force and month that its rows say."""
    columns = read_street_table(file.read(), [REPORTED_BY]).columns
    months = {as_month(month) for month in _values(columns["month"])}
    months = months - {""} or months
    names = _values(columns["reported_by"]) if "reported_by" in columns else []
    suppliers = {supplier_slug(name) for name in names}
    month = months.pop() if len(months) == 1 else ""
    supplier = suppliers.pop() if len(suppliers) == 1 else ""
    reason = ""
    if len(months) > 1:
        reason = f"its rows are of several months ({examples(sorted(months))})"
    elif not month or month < FIRST_MONTH or named.month not in ("", month):
        reason = f"its rows are of {month or 'no month that can be read'}"
    elif len(suppliers) > 1:
        reason = f"its rows are reported by several forces ({examples(sorted(names))})"
    elif named.supplier and supplier not in ("", named.supplier):
        reason = f"its rows are reported by {examples(names)}"
    elif not (supplier or named.supplier):
        reason = "its rows do not say it either"
    if reason:
        return Unplaced(file, f"{named.fault}, and {reason}")
    return replace(file, month=month, supplier=supplier or named.supplier)


def _values(column: pa.Array) -> list[str]:
    """Return the distinct values of a column that stand for something, in order."""
    return sorted(set(distinct(column)[0]) - {""})


def _nothing_found(path: Path, unplaced: Sequence[Unplaced], ignored: int) -> str:
    cause = f"found {ignored:,} other files"
    if unplaced:
        cause = f"{unplaced[0].file.path} is not read: {unplaced[0].reason}"
    return (
        f"{path} (--police) holds no street files. Wanted: a data.police.uk archive, or a "
        f"folder, with files named like 2024-01/2024-01-merseyside-street.csv; {cause}."
    )


def fingerprint(source: PoliceSource) -> tuple[str, int]:
    """Return the SHA-256 and size of an archive, or of the street files of a folder.

    A folder's hash is over the names of its street files and the hashes of their content, in
    order of name, wherever the folder is.
    """
    if source.path.is_file():
        return sha256_of(source.path), source.path.stat().st_size
    digest = hashlib.sha256()
    for file in source.files:
        digest.update(f"{file.path}\0{sha256_of(file.source / file.path)}\n".encode())
    return digest.hexdigest(), sum(file.size for file in source.files)


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
