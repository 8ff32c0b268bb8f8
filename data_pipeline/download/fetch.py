"""Carry out a plan: police files first, then one ONS product after the other."""

from __future__ import annotations

import fcntl
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ..build.inputs import Inputs
from ..storage.hashing import sha256_of
from ..storage.progress import Grew
from .addresses import download_of
from .lockfile import LockFile
from .plan import Plan, TablePlan
from .police import Watch, fetch_police
from .ranges import ChangedError, Remote, discard, fetch_whole, take_over
from .tables import fetch_pages, write_table
from .web import DownloadError, Web


def carry_out(web: Web, plan: Plan, lock: LockFile, watch: Watch) -> Inputs:
    """Fetch what a plan names, and return the files as a build takes them.

    Parameters
    ----------
    web : Web
    plan : Plan
        As from ``plan.make_plan``.
    lock : LockFile
        Where it is written down what each file is.
    watch : Watch
        Told of the progress.

    Raises
    ------
    DownloadError
        If something cannot be had; what has come is kept.
    """
    police = fetch_police(web, plan.police, lock, watch)
    for table in plan.tables:
        if not table.here:
            _fetch_table(web, table, lock, watch)
    return inputs(plan, police.folder)


def inputs(plan: Plan, folder: Path) -> Inputs:
    """Return the files of a plan as a build takes them."""
    files: dict[str, list[Path]] = {}
    for table in plan.tables:
        name = download_of(table.source).file
        files.setdefault(table.source.role, []).append(plan.into / name)
    return Inputs(
        police=(folder,),
        boundaries=files["boundaries"][0],
        population=tuple(map(str, files["population"])),
        wards=files["wards"][0],
        forces=files["forces"][0],
        lsoa_changes=files["lsoa-changes"][0],
        rural_urban=files["rural-urban"][0],
    )


def _fetch_table(web: Web, table: TablePlan, lock: LockFile, watch: Watch) -> None:
    source, download = table.source, download_of(table.source)
    file = lock.folder / download.file
    facts: dict[str, Any] = {
        "role": source.role,
        "title": source.title,
        "licence": source.licence,
        "vintage": source.vintage,
        "url": download.address,
        "parameters": dict(download.parameters),
    }
    if table.remote is not None:
        with watch.bar(source.role, table.remote.size, "B") as grew:
            facts |= _fetch_file(web, table.remote, file, grew)
    else:
        pages = file.with_name(f".{file.name}.pages")
        with watch.bar(source.role, table.rows, " rows") as grew:
            answers = fetch_pages(web, download, pages, table.rows, grew)
        try:
            facts["rows"] = write_table(source, download, answers, file)
        finally:
            shutil.rmtree(pages, ignore_errors=True)
    lock.record_file(
        download.file, **{**facts, "bytes": file.stat().st_size, "sha256": sha256_of(file)}
    )


def _fetch_file(web: Web, remote: Remote, file: Path, grew: Grew) -> dict[str, Any]:
    part = file.with_name(file.name + ".part")
    try:
        fetch_whole(web, remote, part, grew)
    except ChangedError as change:
        raise DownloadError(f"{change}. Run the same command again.") from None
    with part.open("rb") as stream:
        start = stream.read(64).lstrip()[:5].lower()
    if start.startswith((b"<!doc", b"<html")):
        discard(part)
        raise DownloadError(f"{remote.address} sent a web page instead of {file.name}.")
    take_over(part, file)
    return {"final_url": remote.final, "etag": remote.etag, "last_modified": remote.modified}


@contextmanager
def only_one(into: Path) -> Iterator[None]:
    """Keep a second download out of the same folder while one is at work."""
    into.mkdir(parents=True, exist_ok=True)
    with (into / ".download.lock").open("w") as stream:
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise DownloadError(
                f"Another download is at work in {into}; wait for it, or give --into another "
                "folder."
            ) from None
        yield
