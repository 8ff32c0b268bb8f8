"""Lookup tables as publishers print them, under our names."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from ..storage.hashing import sha256_of
from .catalogue import Source
from .columns import locate_columns, require_columns
from .decoding import filled
from .errors import InputError, examples
from .sheets import read_sheets


def read_table(file: Path, source: Source) -> pd.DataFrame:
    """Read the columns of `source` from a table: CSV, workbook or Parquet.

    Returns
    -------
    DataFrame
        One text column per column of `source`, under our names, without surrounding spaces; "" for
        what stands for nothing.

    Raises
    ------
    InputError
        If the file is missing, is not a table, lacks a column, or has several tables with them.
    """
    sheets = read_sheets(file, source)
    if len(sheets) != 1:
        names = examples(sheet.name for sheet in sheets)
        raise InputError(
            f"{file.name} (--{source.role}) has several sheets with these columns ({names}); "
            "save the one that is wanted as CSV."
        )
    sheet = sheets[0]
    positions = require_columns(source, sheet.place, sheet.headings)
    positions |= locate_columns(source.optional, sheet.headings)[0]
    table = pd.DataFrame(
        {name: filled(sheet.table.iloc[:, at].tolist()) for name, at in positions.items()}
    )
    return table.assign(
        **{column.name: "" for column in source.optional if column.name not in table}
    )


def describe_file(file: Path, source: Source) -> dict[str, Any]:
    """Return the manifest entry of an input file: what it is and the hash of its content."""
    return source_entry(source, file.name, sha256_of(file), file.stat().st_size)


def source_entry(source: Source, name: str, sha256: str, size: int) -> dict[str, Any]:
    """Return the manifest entry of an input; its path on this machine is not part of it.

    Parameters
    ----------
    source : Source
        The part that the input plays.
    name : str
        Of the file, without its folder.
    sha256 : str
        Hexadecimal digits.
    size : int
        Bytes.
    """
    return {
        "role": source.role,
        "title": source.title,
        "name": name,
        "url": source.url,
        "licence": source.licence,
        "vintage": source.vintage,
        "sha256": sha256,
        "bytes": size,
    }


def one_value_each(table: pd.DataFrame, key: str, file: Path) -> pd.DataFrame:
    """Return `table` with one row per key, or raise InputError where two rows disagree.

    Parameters
    ----------
    table : DataFrame
    key : str
        Column by which rows are told apart.
    file : Path
        Named in the error.

    Raises
    ------
    InputError
        If two rows of a key disagree.
    """
    distinct = table.drop_duplicates()
    repeated = distinct.loc[distinct[key].duplicated(), key]
    if len(repeated):
        raise InputError(
            f"{file.name} gives two different rows for {examples(repeated.unique())}; "
            "keep one row for each code."
        )
    return distinct


def as_mapping(table: pd.DataFrame, key: str, value: str) -> Mapping[str, str]:
    """Return two columns as a mapping.

    Parameters
    ----------
    table : DataFrame
    key, value : str
        Two of its columns; each key stands once.
    """
    return dict(zip(table[key], table[value], strict=True))
