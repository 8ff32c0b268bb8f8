"""Tables that services hand out page by page: ArcGIS features and Nomis figures.

Every page is kept as it came until all are there, so that a cut costs one page. The result is
written only when it has as many rows as the service says it holds, no two of them the same.
"""

from __future__ import annotations

import csv
import io
import shutil
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from ..inputs.catalogue import SOURCES, Download, Source
from ..inputs.columns import locate_columns, missing_column_message
from ..inputs.errors import examples
from ..storage.progress import Grew
from ..storage.replacing import replace_with
from .web import DownloadError, PassingFaultError, Web, host

MOST_PAGE_BYTES = 256 << 20
PAGES_KEPT_SECONDS = 24 * 3600
"""Older pages of an unfinished table may be of another version of it."""

_BUSY_CODES = frozenset({429, 500, 502, 503, 504})

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Page:
    """Some rows of a table.

    Attributes
    ----------
    rows : list of mapping
        For boundaries, GeoJSON features; else column to value.
    more : bool
        Whether the service says that rows follow.
    total : int or None
        Rows of the whole table, where the page says that instead.
    """

    rows: list[Row]
    more: bool
    total: int | None = None


@dataclass(frozen=True)
class Query:
    """How one kind of service is asked.

    Attributes
    ----------
    parameters : dict
        Sent with every request.
    offset, limit : str
        Names of the parameters that choose a page.
    read : function of bytes
        Makes a Page of an answer.
    """

    address: str
    parameters: Mapping[str, str]
    offset: str
    limit: str
    read: Callable[[bytes], Page]

    @property
    def identity(self) -> bytes:
        """What pages must have in common to belong together."""
        return orjson.dumps(
            {"address": self.address, "parameters": dict(self.parameters)},
            option=orjson.OPT_SORT_KEYS,
        )


def query(download: Download) -> Query:
    """Return how a source is asked for its rows."""
    if download.kind == "nomis":
        return Query(
            download.address, download.parameters, "RecordOffset", "RecordLimit", read_nomis
        )
    parameters = {
        "where": "1=1",
        **download.parameters,
        "returnGeometry": "true" if _has_shapes(download) else "false",
        "orderByFields": ",".join(download.key),
    }
    return Query(download.address, parameters, "resultOffset", "resultRecordCount", read_arcgis)


def _has_shapes(download: Download) -> bool:
    return download.parameters.get("f") == "geojson"


def count_rows(web: Web, download: Download) -> int:
    """Ask how many rows the whole table has.

    Raises
    ------
    DownloadError
        If the answer is no number, or not the published one.
    """
    asked = query(download)
    if download.kind == "nomis":
        page = _ask(web, asked, {asked.offset: "0", asked.limit: "1"}, asked.read)
        count = page.total if page.total is not None else len(page.rows)
    else:
        only = {"where": "1=1", "returnCountOnly": "true", "f": "json"}
        count = _ask(web, Query(asked.address, only, "", "", asked.read), {}, _read_count)
    if not count:
        raise DownloadError(
            f"{download.address} has no rows for what is asked of it "
            f"({', '.join(f'{name}={value}' for name, value in download.parameters.items())})."
        )
    if download.rows is not None and count != download.rows:
        raise DownloadError(
            f"{download.address} has {count:,} rows; {download.rows:,} are published. If that is "
            f"right, say so with rows = {count} in --sources FILE.toml."
        )
    return count


def _ask(web: Web, asked: Query, extra: Mapping[str, str], read: Callable[[bytes], Any]) -> Any:
    def step() -> Any:
        with web.get(asked.address, {**asked.parameters, **extra}) as response:
            body = bytearray()
            for chunk in response.iter_content(1 << 16):
                body.extend(chunk)
                if len(body) > MOST_PAGE_BYTES:
                    raise DownloadError(
                        f"{host(asked.address)} sends a page larger than "
                        f"{MOST_PAGE_BYTES >> 20:,} MB; it is not what was asked for."
                    )
        return read(bytes(body))

    return web.patiently(asked.address, step)


def _json(body: bytes) -> dict[str, Any]:
    """Read an ArcGIS answer, in which errors come with status 200.

    Raises
    ------
    PassingFaultError, DownloadError
        If it is an error, or not JSON.
    """
    try:
        answer = orjson.loads(body)
    except orjson.JSONDecodeError:
        kind = "a web page" if body.lstrip()[:1] == b"<" else "something else"
        raise PassingFaultError(f"it sent {kind} instead of JSON") from None
    if not isinstance(answer, dict):
        raise PassingFaultError("it sent JSON of another shape than expected")
    if error := answer.get("error"):
        error = error if isinstance(error, dict) else {"message": str(error)}
        details = "; ".join(str(item) for item in error.get("details") or [] if item)
        text = f"error {error.get('code', '')}: {error.get('message') or details}".strip()
        if error.get("code") in _BUSY_CODES:
            raise PassingFaultError(f"it answered with {text}")
        raise DownloadError(
            f"the ArcGIS service refuses the request with {text}. If the publisher has renamed "
            "the service or a column, name the new one with --sources FILE.toml."
        )
    return answer


def _read_count(body: bytes) -> int:
    count = _json(body).get("count")
    if not isinstance(count, int):
        raise PassingFaultError("it did not say how many rows it has")
    return count


def read_arcgis(body: bytes) -> Page:
    """Read a page of features: GeoJSON with shapes, or ArcGIS JSON without."""
    answer = _json(body)
    features = answer.get("features")
    if not isinstance(features, list):
        raise PassingFaultError("it sent JSON without features")
    nested = answer.get("properties")
    more = bool(
        answer.get("exceededTransferLimit")
        or (isinstance(nested, dict) and nested.get("exceededTransferLimit"))
    )
    rows = [feature if "properties" in feature else feature["attributes"] for feature in features]
    return Page(rows, more)


def read_nomis(body: bytes) -> Page:
    """Read a page of Nomis CSV, which carries its place and the total in each row."""
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise PassingFaultError("it sent something else than text") from None
    if text.lstrip()[:1] == "<":
        raise PassingFaultError("it sent a web page instead of CSV")
    reader = csv.DictReader(io.StringIO(text))
    headings = {name.upper() for name in reader.fieldnames or []}
    if not {"OBS_VALUE", "RECORD_COUNT"} <= headings:
        raise DownloadError(f"Nomis did not send figures but: {text[:120].strip()!r}.")
    rows = [{key.upper(): value for key, value in row.items() if key} for row in reader]
    if any(None in row.values() for row in rows):
        raise PassingFaultError("its last line is cut short")
    total = int(rows[0]["RECORD_COUNT"]) if rows and rows[0]["RECORD_COUNT"].isdigit() else 0
    place = {"RECORD_OFFSET", "RECORD_COUNT"}
    figures = [{key: row[key] for key in row if key not in place} for row in rows]
    return Page(list(figures), False, total)


def fetch_pages(
    web: Web, download: Download, pages: Path, total: int, grew: Grew = lambda count: None
) -> list[Path]:
    """Fetch every page that is not there yet, and return them all in order.

    Parameters
    ----------
    pages : Path
        Folder that keeps the answers as they came; emptied if they belong to another request.
    total : int
        Rows of the whole table.
    grew : function of a number of rows
        Called after each page.

    Raises
    ------
    DownloadError
        If a page cannot be had, or the pages end too early or too late.
    """
    asked = query(download)
    _keep_only(pages, asked.identity + f" {total}".encode())
    files: list[Path] = []
    offset, more = 0, True
    while more:
        file = pages / f"{offset:09d}"
        page = _page(web, asked, download.page_rows, offset, file)
        files.append(file)
        offset += len(page.rows)
        grew(len(page.rows))
        more = offset < page.total if page.total is not None else page.more
        if offset > total:
            break
    if offset != total:
        shutil.rmtree(pages)
        raise DownloadError(
            f"{download.address} sent {offset:,} rows of {total:,}, so nothing of it was kept. "
            "Run the same command again."
        )
    return files


def _keep_only(pages: Path, identity: bytes) -> None:
    mark = pages / "request"
    fresh = mark.exists() and time.time() - mark.stat().st_mtime < PAGES_KEPT_SECONDS
    if not fresh or mark.read_bytes() != identity:
        shutil.rmtree(pages, ignore_errors=True)
        pages.mkdir(parents=True)
        mark.write_bytes(identity)


def _page(web: Web, asked: Query, limit: int, offset: int, file: Path) -> Page:
    if file.exists():
        return asked.read(file.read_bytes())

    def read(body: bytes) -> Page:
        page = asked.read(body)
        if not page.rows:
            raise PassingFaultError(f"it sent an empty page after {offset:,} rows")
        replace_with(file, body)
        return page

    extra = {asked.offset: str(offset), asked.limit: str(limit)}
    page: Page = _ask(web, asked, extra, read)
    return page


def write_table(source: Source, asked: Download, files: Sequence[Path], file: Path) -> int:
    """Write all pages as one file that a build can read; return its rows.

    Parameters
    ----------
    source : Source
        What the table is for, and which columns it needs.
    asked : Download
        What was asked of the service.
    files : sequence of Path
        The pages that it answered.
    file : Path
        Where the table goes.

    Raises
    ------
    DownloadError
        If two rows are the same, a column is missing, or a shape is missing or misplaced.
    """
    seen: set[tuple[Any, ...]] = set()
    file.parent.mkdir(parents=True, exist_ok=True)
    part = file.with_name(file.name + ".part")
    rows = _checked_rows(source, asked, files, seen)
    if _has_shapes(asked):
        _write_geojson(rows, part)
    else:
        _write_csv(rows, part)
    part.replace(file)
    return len(seen)


def _checked_rows(
    source: Source, asked: Download, files: Sequence[Path], seen: set[tuple[Any, ...]]
) -> Iterator[Row]:
    read = query(asked).read
    names: dict[str, str] = {}
    for file in files:
        for row in read(file.read_bytes()).rows:
            values = row["properties"] if _has_shapes(asked) else row
            if not seen:
                names = _column_names(source, list(values))
            key = tuple(values.get(name) for name in asked.key) if asked.key else (len(seen),)
            if key in seen:
                raise DownloadError(
                    f"{asked.address} sent {examples(key)} twice, so a row may be missing; "
                    "nothing of it was kept. Run the same command again."
                )
            seen.add(key)
            named = _renamed(values, names)
            yield _feature(row, named, asked) if _has_shapes(asked) else named


def _column_names(source: Source, found: list[str]) -> dict[str, str]:
    """Check that every column is there; return new names for those that a build would not know."""
    positions, missing = locate_columns(source.columns, found)
    if missing:
        place = source.download.address if source.download else source.title
        raise DownloadError(missing_column_message(place, missing[0], found))
    usual = next(item for item in SOURCES if item.role == source.role)
    known, _ = locate_columns(usual.columns, found)
    names = {column.name: column.accepted[0] for column in usual.columns}
    return {
        found[at]: names[name].replace("{yy}", source.vintage[-2:])
        for name, at in positions.items()
        if known.get(name) != at
    }


def _renamed(values: Row, names: Mapping[str, str]) -> Row:
    if not names:
        return values
    taken = set(names.values())
    return {
        names.get(name, name): value
        for name, value in values.items()
        if name in names or name not in taken
    }


def _feature(row: Row, properties: Row, asked: Download) -> Row:
    shape = row.get("geometry")
    if not shape or not shape.get("coordinates"):
        raise DownloadError(
            f"{asked.address} sent {examples(properties.values())} without a shape."
        )
    place = shape["coordinates"]
    while isinstance(place[0], list):
        place = place[0]
    if abs(place[0]) > 180 or abs(place[1]) > 90:
        raise DownloadError(
            f"{asked.address} sent coordinates that are not degrees ({place[0]}, {place[1]}); "
            "ask it for outSR 4326."
        )
    return {"type": "Feature", "properties": properties, "geometry": shape}


def _write_geojson(rows: Iterator[Row], part: Path) -> None:
    with part.open("wb") as stream:
        stream.write(b'{"type":"FeatureCollection","features":[\n')
        for at, row in enumerate(rows):
            stream.write(b",\n" if at else b"")
            stream.write(orjson.dumps(row))
        stream.write(b"\n]}\n")


def _write_csv(rows: Iterator[Row], part: Path) -> None:
    with part.open("w", encoding="utf-8", newline="") as stream:
        writer: csv.DictWriter[str] | None = None
        for row in rows:
            if writer is None:
                writer = csv.DictWriter(stream, list(row), lineterminator="\n")
                writer.writeheader()
            writer.writerow(row)
