"""What a user should know of a build, one sentence each."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd

from ..dataset.crime_types import KNOWN_TYPES, crime_type
from ..dataset.forces import EXCLUDED_SUPPLIERS
from ..dataset.schema import (
    EXCLUDED,
    QUARANTINED,
    REPEATED,
    SUPERSEDED,
    UNKNOWN_VALUE_COLUMNS,
    UNPLACED,
    UNREADABLE,
)
from ..inputs.errors import examples
from ..police.counts import CountSpool
from ..police.names import EXAMPLE
from ..police.read import ReadFile


def file_warnings(accounts: pd.DataFrame) -> list[str]:
    """Return a sentence for each file that was not used and should have been."""
    lines = []
    for status, phrase in ((UNREADABLE, "cannot be used"), (QUARANTINED, "is set aside")):
        files = accounts[accounts["status"] == status]
        lines += [
            f"{name} {phrase}: {note.rstrip('.')}. The force-month has no figures."
            for name, note in zip(files["file"], files["note"], strict=True)
        ]
    strangers = accounts[
        (accounts["status"] == EXCLUDED) & ~accounts["supplier"].isin(EXCLUDED_SUPPLIERS)
    ]
    for supplier, files in strangers.groupby("supplier"):
        lines.append(
            f"{supplier} is not a known police force: {files['rows_read'].sum():,} rows in "
            f"{len(files):,} files are NOT COUNTED."
        )
    replaced = accounts.loc[accounts["status"] == SUPERSEDED, "file"].sort_values()
    if len(replaced):
        lines.append(
            "Force-months given more than once, where the file in the last --police path counts "
            f"({len(replaced):,}): {examples(replaced)}."
        )
    twice = accounts[accounts["status"] == REPEATED].sort_values(["file", "note"])
    lines += [
        f"{name} is given more than once: {note}."
        for name, note in zip(twice["file"], twice["note"], strict=True)
    ]
    unplaced = accounts[accounts["status"] == UNPLACED].sort_values("file")
    lines += [
        f"{name} in {source} is not read: {note}. Name it like {EXAMPLE}, a file for each force "
        "and month, if it is one."
        for name, source, note in zip(
            unplaced["file"], unplaced["source"], unplaced["note"], strict=True
        )
    ]
    return lines


def unknown_values(read: Sequence[ReadFile], counts: CountSpool) -> pd.DataFrame:
    """Return the LSOA codes and crime types that are not known, with their rows in each file.

    Returns
    -------
    DataFrame
        Columns ``dataset.UNKNOWN_VALUE_COLUMNS``, in order of file, column and value.
    """
    rows = []
    for at, item in enumerate(read):
        file, codes = item.file, item.tally.unknown_codes
        types = _unknown_types(item.tally.types, counts, at)
        for column, values in (("Crime type", types), ("LSOA code", codes)):
            rows += [
                (file.name, file.month, file.supplier, column, value, values[value])
                for value in sorted(values)
            ]
    return pd.DataFrame(rows, columns=list(UNKNOWN_VALUE_COLUMNS))


def _unknown_types(names: Sequence[str], counts: CountSpool, file: int) -> dict[str, int]:
    strange = [name for name in names if name not in KNOWN_TYPES]
    return _rows_of_types(names, strange, counts, file)


def _rows_of_types(
    names: Sequence[str], wanted: Sequence[str], counts: CountSpool, file: int
) -> dict[str, int]:
    """Return the rows of some of the types of a file."""
    if not wanted:
        return {}
    pairs = counts.pairs(file)
    rows = np.bincount(pairs.type_index, pairs.count, len(names)).astype(int).tolist()
    return {name: rows[names.index(name)] for name in wanted}


def era_warnings(read: Sequence[ReadFile], used: Iterable[int], counts: CountSpool) -> list[str]:
    """Return a sentence if files that count have crime types outside their months.

    Parameters
    ----------
    read : sequence of ReadFile
    used : iterable of int
        Positions in `read` of the files that count.
    counts : CountSpool
        The counts of each file, in the order of `read`.
    """
    found: dict[str, int] = {}
    for at in used:
        month, names = read[at].file.month, read[at].tally.types
        strange = [name for name in names if not crime_type(name).covers(month, month)]
        for name, rows in _rows_of_types(names, strange, counts, at).items():
            place = f"{name} in {month}"
            found[place] = found.get(place, 0) + rows
    if not found:
        return []
    return [
        f"{sum(found.values()):,} rows carry a crime type outside the months in which it was used; "
        f"they count in the total of all crime only: {examples(sorted(found))}."
    ]


def row_warnings(unknown: pd.DataFrame, unplaced: int) -> list[str]:
    """Return a sentence for each kind of unexpected value among the rows.

    Parameters
    ----------
    unknown : DataFrame
        Columns ``dataset.UNKNOWN_VALUE_COLUMNS``.
    unplaced : rows of split 2011 LSOAs without a usable point
    """
    lines = []
    types = unknown.loc[unknown["column"] == "Crime type", "value"]
    if len(types):
        lines.append(
            f"Crime types not known to this version are kept under their own names: "
            f"{examples(sorted(set(types)))}."
        )
    codes = unknown[unknown["column"] == "LSOA code"].groupby("value")["rows"].sum()
    if len(codes):
        listed = sorted(codes.index, key=lambda code: (-codes[code], code))
        lines.append(
            f"{codes.sum():,} rows carry LSOA codes that are neither in the boundary file "
            f"nor in the 2011 lookup: {examples(listed)}."
        )
    if unplaced:
        lines.append(
            f"{unplaced:,} rows of split 2011 LSOAs have no usable point and are counted in the "
            "descendant with the lowest code."
        )
    return lines
