"""What is to be fetched, what is here already, and how large it is."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ..dataset.forces import FORCES
from ..dataset.months import month_label, period_label
from ..inputs.catalogue import Source
from ..storage.hashing import sha256_of
from .addresses import download_of
from .lockfile import LockFile
from .police_plan import Choice, PolicePlan, WholePlan, batches, bytes_to_fetch, plan_police
from .ranges import Remote, look_up
from .tables import count_rows
from .web import Web

MEGABYTE = 1_000_000
MOST_LISTED = 6


@dataclass(frozen=True)
class TablePlan:
    """One ONS product: here already, or to be fetched.

    Attributes
    ----------
    rows : int
        Rows of the whole table; 0 for a plain file.
    remote : Remote or None
        The plain file as it is now.
    here : bool
        Whether there is nothing to do.
    """

    source: Source
    rows: int = 0
    remote: Remote | None = None
    here: bool = False


@dataclass(frozen=True)
class Plan:
    """Everything that a download would do."""

    into: Path
    police: PolicePlan | WholePlan
    tables: tuple[TablePlan, ...] = field(default_factory=tuple)

    @property
    def work(self) -> bool:
        """Whether anything is to be fetched or would change."""
        return self.police.work or any(not table.here for table in self.tables)


def make_plan(web: Web, sources: Sequence[Source], choice: Choice, lock: LockFile) -> Plan:
    """Ask every service what it has, and compare that with what is here; nothing is written.

    Parameters
    ----------
    web : Web
    sources : sequence of Source
        What is wanted beside the police files.
    choice : Choice
        Which police files are wanted, and where files go.
    lock : LockFile
        What is known of the files that are here.

    Raises
    ------
    DownloadError
        If a service does not answer, or does not have what is wanted.
    """
    police, *others = sources
    planned = plan_police(web, download_of(police).address, choice, lock)
    return Plan(lock.folder, planned, tuple(_plan_table(web, item, lock) for item in others))


def _plan_table(web: Web, source: Source, lock: LockFile) -> TablePlan:
    download = download_of(source)
    entry = lock.file(download.file)
    asked = {"url": download.address, "parameters": dict(download.parameters)}
    same = {key: entry.get(key) for key in asked} == asked
    file = lock.folder / download.file
    whole = same and file.is_file() and sha256_of(file) == entry.get("sha256")
    if download.kind != "file":
        if whole:
            return TablePlan(source, entry.get("rows", 0), here=True)
        return TablePlan(source, count_rows(web, download))
    remote = look_up(web, download.address)
    marks = (entry.get("bytes"), entry.get("etag"), entry.get("last_modified"))
    unchanged = whole and marks == (remote.size, remote.etag, remote.modified)
    return TablePlan(source, remote=remote, here=unchanged)


def describe(plan: Plan) -> str:
    """Return a plan as a reader is shown it before anything is fetched."""
    lines = _describe_police(plan.police)
    lines += [f"  {_describe_table(table)}" for table in plan.tables]
    if not plan.work:
        return "\n".join([*lines, f"Nothing new: {plan.into} is complete."])
    size = (plan.police.bytes_to_fetch or 0) + sum(map(_table_bytes, plan.tables))
    free = shutil.disk_usage(_existing(plan.into)).free
    return "\n".join([*lines, f"To fetch: about {_mb(size)} into {plan.into} ({_mb(free)} free)."])


def _existing(folder: Path) -> Path:
    return next(path for path in (folder, *folder.absolute().parents) if path.exists())


def _describe_police(plan: PolicePlan | WholePlan) -> list[str]:
    if isinstance(plan, WholePlan):
        remote = plan.remote
        size = _mb(remote.size) if remote.size else "unknown size"
        return [
            f"Police archive {remote.address}",
            f"  {_place(remote.final)} does not send parts of it, so all of it is fetched "
            f"({size}), and what is wanted is taken out.",
        ]
    remote, fetch = plan.remote, plan.fetch
    lines = [
        f"Police archive, release {month_label(plan.release)} ({remote.final}, "
        f"{_mb(remote.size or 0)})",
        f"  {len(plan.members):,} street files wanted, {period_label(*_ends(plan.months))}: "
        f"{len(plan.here):,} here, {len(plan.same):,} the same as in another release here, "
        f"{len(fetch):,} to fetch",
    ]
    if fetch:
        lines.append(
            f"  {_mb(bytes_to_fetch(fetch))} in {len(batches(fetch)):,} requests; "
            f"{_mb(sum(member.size for member in fetch))} unpacked"
        )
    lines += _describe_absent(plan)
    if plan.withdrawn:
        lines.append(f"  No longer in the archive, removed here: {', '.join(plan.withdrawn)}")
    if plan.others:
        lines.append(f"  {plan.others:,} street files of earlier downloads stay, and are built too")
    return lines


def _describe_absent(plan: PolicePlan) -> list[str]:
    """Name the forces without any file, and those that lack some months if they are few."""
    names = {force.slug: force.name for force in FORCES}
    whole = [names[slug] for slug, count in plan.absent.items() if count == len(plan.months)]
    partly = {slug: count for slug, count in plan.absent.items() if count < len(plan.months)}
    lines = [f"  Not in this release at all: {', '.join(whole)}"] if whole else []
    if len(partly) > MOST_LISTED:
        months = sum(partly.values())
        lines.append(f"  {len(partly):,} forces lack some months, {months:,} files together")
    elif partly:
        listed = (f"{names[slug]} ({count:,} months)" for slug, count in partly.items())
        lines.append(f"  Not in this release: {', '.join(listed)}")
    return lines


def _ends(months: Sequence[str]) -> tuple[str, str]:
    return months[0], months[-1]


def _place(address: str) -> str:
    return address.split("/")[2]


def _describe_table(table: TablePlan) -> str:
    download = download_of(table.source)
    name = f"{table.source.role}: {download.file}"
    if table.here:
        return f"{name} is here"
    if table.remote is not None:
        size = _mb(table.remote.size) if table.remote.size else "unknown size"
        return f"{name}, {size}"
    pages = -(-table.rows // download.page_rows)
    size = f", usually {_mb(_table_bytes(table))}" if download.megabytes else ""
    return f"{name}, {table.rows:,} rows (pages: {pages:,}{size})"


def _table_bytes(table: TablePlan) -> float:
    if table.here:
        return 0
    if table.remote is not None:
        return table.remote.size or 0
    return download_of(table.source).megabytes * MEGABYTE


def _mb(size: float) -> str:
    return f"{size / MEGABYTE:,.1f} MB"
