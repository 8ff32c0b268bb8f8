"""The sources to fetch, with what a TOML file says about them instead."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

from ..inputs.catalogue import SOURCES, Column, Download, Source
from ..inputs.errors import InputError, examples
from .web import DownloadError, check_address

KINDS = ("archive", "arcgis", "nomis", "file")
_ABOUT = frozenset({"title", "url", "licence", "vintage"})
_FETCH = {field.name for field in fields(Download)}
_NUMBERS = frozenset({"page_rows", "rows", "megabytes"})


def read_sources(file: Path | None, years: Sequence[int]) -> tuple[Source, ...]:
    """Return every source, one population for each year, with the vintage filled in.

    Parameters
    ----------
    file : Path, optional
        TOML with a table for each source that differs, named after its role: ``title``, ``url``,
        ``licence``, ``vintage``, ``columns`` (our name to theirs) and any field of `Download`.
    years : mid-year estimates wanted

    Raises
    ------
    DownloadError
        If the file cannot be read, or names something that does not exist.
    """
    changes = _read_toml(file) if file else {}
    roles = [source.role for source in SOURCES]
    if unknown := [role for role in changes if role not in roles]:
        raise DownloadError(
            f"{file} has a table {unknown[0]!r}; the sources are: {', '.join(roles)}."
        )
    sources: list[Source] = []
    for source in SOURCES:
        changed = _changed(source, changes.get(source.role, {}), f"{file}, [{source.role}]:")
        wanted = sorted(set(years)) if source.role == "population" else [0]
        sources += [_filled(changed, year) for year in wanted]
    return tuple(sources)


def _read_toml(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise DownloadError(f"{file} (--sources) cannot be read as TOML: {error}.") from None


def _changed(source: Source, changes: Any, place: str) -> Source:
    if not isinstance(changes, dict):
        raise DownloadError(f"{place} is not a table.")
    allowed = _ABOUT | _FETCH | {"columns"}
    if unknown := sorted(changes.keys() - allowed):
        raise DownloadError(
            f"{place} {unknown[0]!r} is not a setting; they are: {', '.join(sorted(allowed))}."
        )
    about: dict[str, Any] = {
        name: _text(value, name, place) for name, value in changes.items() if name in _ABOUT
    }
    download = _changed_download(source, changes, place)
    columns = _changed_columns(source.columns, changes.get("columns", {}), place)
    return replace(source, **about, columns=columns, download=download)


def _changed_download(source: Source, changes: Mapping[str, Any], place: str) -> Download | None:
    fetch = {name: _value(name, changes[name], place) for name in sorted(changes.keys() & _FETCH)}
    if source.download is None:
        return None
    download = replace(source.download, **fetch)
    if download.kind not in KINDS:
        raise DownloadError(f"{place} kind is {download.kind!r}; it is one of {', '.join(KINDS)}.")
    check_address(download.address)
    if Path(download.file).is_absolute() or ".." in Path(download.file).parts:
        raise DownloadError(f"{place} file is {download.file!r}; it must lie in the folder.")
    return download


def _value(name: str, value: Any, place: str) -> Any:
    if name in _NUMBERS:
        if isinstance(value, bool) or not isinstance(value, int | float) or value <= 0:
            raise DownloadError(f"{place} {name} is {value!r}; it is a number above zero.")
        return value
    if name == "key":
        return tuple(_text(item, name, place) for item in value)
    if name == "parameters":
        if not isinstance(value, dict):
            raise DownloadError(f"{place} parameters is a table of names and values.")
        return {str(key): str(item) for key, item in value.items()}
    return _text(value, name, place)


def _text(value: Any, name: str, place: str) -> str:
    if not isinstance(value, str) or not value:
        raise DownloadError(f"{place} {name} is {value!r}; it is a text in quotation marks.")
    return value


def _changed_columns(columns: tuple[Column, ...], changes: Any, place: str) -> tuple[Column, ...]:
    names = [column.name for column in columns]
    if not isinstance(changes, dict) or (set(changes) - set(names)):
        raise DownloadError(
            f"{place} columns is a table from our names to the publisher's; ours are: "
            f"{examples(names, len(names))}."
        )
    return tuple(
        replace(
            column,
            accepted=(_text(changes[column.name], column.name, place), *column.accepted),
        )
        if column.name in changes
        else column
        for column in columns
    )


def _filled(source: Source, year: int) -> Source:
    """Fill in the year of an estimate, and the vintage in the names of columns."""
    download = source.download
    if download is None:
        return source

    def fill(text: str) -> str:
        return text.replace("{year}", str(year)).replace("{yy}", source.vintage[-2:])

    return replace(
        source,
        vintage=str(year) if year else source.vintage,
        download=replace(
            download,
            address=fill(download.address),
            file=fill(download.file),
            parameters={name: fill(value) for name, value in download.parameters.items()},
            key=tuple(fill(name) for name in download.key),
        ),
    )


def download_of(source: Source) -> Download:
    """Return where a source is fetched from (InputError if nowhere)."""
    if source.download is None:
        raise InputError(f"{source.title} has no address to fetch it from.")
    return source.download
