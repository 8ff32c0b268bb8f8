"""Finding the columns asked for among a file's headings, whatever they are called."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from .catalogue import POLICE, SOURCES, VINTAGE, YEAR, Column, Source
from .errors import InputError


def plain_header(name: str) -> str:
    r"""Return a column heading without case, spaces, underscores or byte-order mark.

    >>> plain_header("\ufeffLSOA 2021 Code ")
    'lsoa2021code'
    """
    return re.sub(r"[\s_\ufeff]+", "", name).lower()


def locate_columns(
    columns: Iterable[Column], found: Iterable[str]
) -> tuple[dict[str, int], list[Column]]:
    """Find columns among the headings of a file.

    Parameters
    ----------
    columns : what is wanted
    found : headings, in the order of the file

    Returns
    -------
    positions : dict of our name to position in the file
    missing : list of Column
    """
    headings = [plain_header(name) for name in found]
    located = {column.name: _position(column, headings) for column in columns}
    missing = [column for column in columns if located[column.name] is None]
    return {name: at for name, at in located.items() if at is not None}, missing


def _position(column: Column, headings: list[str]) -> int | None:
    for accepted in column.accepted:
        pattern = re.escape(plain_header(accepted))
        pattern = pattern.replace(re.escape(VINTAGE), r"\d\d").replace(
            re.escape(YEAR), r"(19|20)\d\d"
        )
        matching = [at for at, heading in enumerate(headings) if re.fullmatch(pattern, heading)]
        if matching:
            return max(matching, key=lambda at: (headings[at], -at))
    return None


def missing_column_message(
    file: str, column: Column, found: Iterable[str], role: str | None = None
) -> str:
    """Return the sentence that names a missing column, its accepted names and what was found.

    Parameters
    ----------
    file : str
        Name of the file for the reader.
    column : Column
    found : iterable of str
        Headings that the file has.
    role : str, optional
        Of the source, if the user can say which column it is.
    """
    printed = [name.replace(VINTAGE, "24").replace(YEAR, "2024") for name in column.accepted]
    names = " or ".join(printed)
    vintage = " (any two-digit year)" if VINTAGE in "".join(column.accepted) else ""
    remedy = f' Name it with --column "{role}:{column.name}=HEADING".' if role else ""
    headings = ", ".join(name.strip("\ufeff ") or '""' for name in found) or "none"
    return f"{file} lacks the column {names}{vintage}; the columns found are: {headings}.{remedy}"


def require_columns(source: Source, file: str, found: list[str]) -> dict[str, int]:
    """Return the position of every column of `source`, or raise InputError naming a missing one.

    Parameters
    ----------
    source : Source
    file : str
        Name of the file for the reader.
    found : list of str
        Its headings, in order.

    Raises
    ------
    InputError
        If one is missing.
    """
    positions, missing = locate_columns(source.columns, found)
    if missing:
        raise InputError(missing_column_message(file, missing[0], found, source.role))
    return positions


def parse_columns(texts: Iterable[str]) -> dict[str, dict[str, str]]:
    """Return the headings that the user named: role to our name of the column to heading.

    >>> parse_columns(["population:lsoa_code=Area code"])
    {'population': {'lsoa_code': 'Area code'}}

    Raises
    ------
    InputError
        If a text is not ``ROLE:COLUMN=HEADING`` with a role and a column that exist.
    """
    known = {
        source.role: [column.name for column in source.columns]
        for source in SOURCES
        if source is not POLICE
    }
    named: dict[str, dict[str, str]] = {}
    for text in texts:
        place, _, heading = text.partition("=")
        role, _, column = (part.strip() for part in place.partition(":"))
        if column not in known.get(role, ()) or not heading.strip():
            choices = "; ".join(f"{role}: {', '.join(names)}" for role, names in known.items())
            raise InputError(
                f"--column {text!r} is not ROLE:COLUMN=HEADING, for example "
                f'--column "population:population=All people". Columns by role: {choices}.'
            )
        named.setdefault(role, {})[column] = heading.strip()
    return named


def with_columns(source: Source, texts: Iterable[str]) -> Source:
    """Return a source whose columns are looked for under the headings that the user named.

    Parameters
    ----------
    source : Source
    texts : as for :func:`parse_columns`
    """
    named = parse_columns(texts).get(source.role, {})
    columns = (
        Column(column.name, (named[column.name],)) if column.name in named else column
        for column in source.columns
    )
    return replace(source, columns=tuple(columns))
