"""The row account of every police file: rows = kept + each reason for leaving."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ..dataset.forces import FORCES
from ..dataset.schema import (
    ACCOUNT_COLUMNS,
    EXCLUDED,
    QUARANTINED,
    REPEATED,
    SUPERSEDED,
    SUPPLIED,
    UNPLACED,
    UNREADABLE,
)
from ..police.archive import StreetFile
from ..police.counts import CountSpool, Pairs
from ..police.names import is_regular
from ..police.read import ReadFile
from ..police.sources import Unplaced
from .coverage import HIGHEST_SHARE_OUTSIDE, absurd_files
from .geography import Geography

SLUGS = {force.slug for force in FORCES}

Rows = Iterator[dict[str, Any]]
"""Accounts of files, ``schema.ACCOUNT_COLUMNS`` each."""


def file_accounts(
    read: Sequence[ReadFile],
    counts: CountSpool,
    elsewhere: NDArray[np.int64],
    geography: Geography,
) -> pd.DataFrame:
    """Return the row account of every file read, the absurd ones quarantined.

    Parameters
    ----------
    read : sequence of ReadFile
    counts : CountSpool
        The counts of each file, in the same order.
    elsewhere : int64 array [files]
        Rows of each whose Crime ID is in another file too.
    geography : Geography

    Returns
    -------
    DataFrame
        One row per file in the same order, columns ``schema.ACCOUNT_COLUMNS``; the rows read are
        the sum of those kept and of every reason for leaving.
    """
    area_force, slugs = pd.factorize(geography.areas["force"])
    own = {slug: at for at, slug in enumerate(slugs)}

    def outside(at: int) -> Pairs:
        """Return what the file at a position has in the areas of other forces."""
        pairs = counts.pairs(at)
        foreign = area_force[pairs.area] != own.get(read[at].file.supplier, len(own))
        return Pairs(pairs.type_index[foreign], pairs.area[foreign], pairs.count[foreign])

    accounts = pd.DataFrame(
        [
            _account(item, int(outside(at).count.sum()), int(elsewhere[at]))
            for at, item in enumerate(read)
        ],
        columns=list(ACCOUNT_COLUMNS),
    )
    supplied = accounts[accounts["status"] == SUPPLIED]
    codes = geography.areas["lsoa_code"].to_numpy()
    reasons = {
        at: f"{reason}{_evidence(read[at], outside(at), codes)}"
        for at, reason in absurd_files(supplied, geography.residents()).items()
    }
    absurd = accounts.index.isin(reasons)
    return accounts.assign(
        quarantined=accounts["kept"].where(absurd, 0),
        kept=accounts["kept"].mask(absurd, 0),
        status=accounts["status"].mask(absurd, QUARANTINED),
        note=accounts["note"].mask(absurd, accounts.index.map(reasons)),
    )


def _account(item: ReadFile, out_of_area: int, shared: int) -> dict[str, Any]:
    file, tally = item.file, item.tally
    place = "" if is_regular(file.path) else f"the file is {file.path}"
    return {
        "source": file.source.name,
        "file": file.name,
        "month": file.month,
        "supplier": file.supplier,
        "bytes": file.size,
        "rows_read": tally.rows_read,
        "kept": tally.kept,
        "excluded_supplier": tally.rows_read if item.status == EXCLUDED else 0,
        "malformed": tally.malformed,
        "wrong_month": tally.wrong_month,
        "duplicate": tally.duplicate,
        "no_lsoa": tally.no_lsoa,
        "unknown_lsoa": tally.unknown_lsoa,
        "quarantined": 0,
        "out_of_area": out_of_area,
        "remapped_2011": tally.remapped_2011,
        "unplaced_2011": tally.unplaced_2011,
        "ids_elsewhere": shared,
        "status": item.status,
        "note": f"{item.note.rstrip('.')}; {place}" if item.note and place else item.note or place,
    }


def _evidence(item: ReadFile, outside: Pairs, codes: NDArray[np.object_]) -> str:
    """Return the column and the value that a file is set aside for, to follow the reason."""
    tally, month = item.tally, item.file.month
    if tally.kept and outside.count.sum() <= HIGHEST_SHARE_OUTSIDE * tally.kept:
        return ""
    if tally.kept:
        rows = np.bincount(outside.area, outside.count, len(codes)).astype(int)
        most = int(rows.argmax())
        return f" (LSOA code says {codes[most]} in {rows[most]:,} of them)"
    causes: tuple[tuple[str, int, dict[str, int], str], ...] = (
        ("Month", tally.wrong_month, tally.other_months, f", not {month}"),
        ("LSOA code", tally.unknown_lsoa, tally.unknown_codes, ", which no boundary has"),
        ("LSOA code", tally.no_lsoa, {}, ""),
        ("Crime type", tally.malformed, {}, ""),
    )
    column, rows_lost, found, remark = max(causes, key=lambda cause: cause[1])
    if not rows_lost:
        return ""
    if not found:
        return f" ({column} is blank in {rows_lost:,} of them)"
    value = max(found, key=lambda printed: found[printed])
    printed = f"says {value!r}" if value else "is blank"
    return f" ({column} {printed} in {found[value]:,} of them{remark})"


def superseded_accounts(replaced: Iterable[StreetFile], chosen: Iterable[StreetFile]) -> Rows:
    """Return the accounts of the files in whose place another one counts.

    Parameters
    ----------
    replaced : of force-months that are given more than once
    chosen : the files that count
    """
    used = {file.name: file for file in chosen}
    for file in replaced:
        winner = used[file.name]
        if winner.source == file.source:
            note = f"{winner.path} in the same --police path is used instead of {file.path}"
            yield _unread(file, REPEATED, note) | {"file": file.name}
        else:
            note = "the same force-month in a later --police path is used instead"
            yield _unread(file, SUPERSEDED, note) | {"file": file.name}


def unplaced_accounts(unplaced: Iterable[Unplaced], chosen: Iterable[StreetFile]) -> Rows:
    """Return the accounts of the files of which force and month are not certain, or not readable.

    One that is known by its name to be of a force-month that no other file tells of leaves that
    force-month unreadable; it is not missing.

    Parameters
    ----------
    unplaced : with the reasons
    chosen : the files that count
    """
    told = {file.name for file in chosen}
    for item in unplaced:
        file = item.file
        if file.month and file.supplier in SLUGS and file.name not in told:
            told.add(file.name)
            note = f"{item.reason} (it is {file.path})"
            yield _unread(file, UNREADABLE, note) | {"file": file.name}
        else:
            yield _unread(file, UNPLACED, item.reason) | {"file": file.path}


def _unread(file: StreetFile, status: str, note: str) -> dict[str, Any]:
    blank: dict[str, Any] = dict.fromkeys(ACCOUNT_COLUMNS, 0)
    return blank | {
        "source": file.source.name,
        "month": file.month,
        "supplier": file.supplier,
        "bytes": file.size,
        "status": status,
        "note": note,
    }
