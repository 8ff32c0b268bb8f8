"""Street files out of the remote police archive, fetched as planned and checked."""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

from isal import isal_zlib

from ..storage.progress import Grew
from ..storage.replacing import link_or_copy, replace_with
from .lockfile import LockFile
from .police_plan import (
    DAMAGE,
    FOLDER,
    Archive,
    Member,
    PolicePlan,
    WholePlan,
    batches,
    newest_month,
    open_local,
    plan_members,
    plan_police,
    street_members,
)
from .ranges import ChangedError, RangesRefusedError, Remote, discard, fetch_whole, take_over
from .web import DownloadError, Web


@dataclass(frozen=True)
class Watch:
    """Where progress is shown.

    Attributes
    ----------
    tell : function of a sentence
    bar : function of a title, a total and a unit
        Returns a context manager, which gives a function of what was added.
    """

    tell: Callable[[str], object]
    bar: Callable[[str, float | None, str], AbstractContextManager[Grew]]


def fetch_police(
    web: Web, plan: PolicePlan | WholePlan, lock: LockFile, watch: Watch
) -> PolicePlan:
    """Carry out a plan, once more from the start if the archive changes on the way.

    Parameters
    ----------
    web : Web
    plan : PolicePlan or WholePlan
    lock : LockFile
        Where it is written down what each file is.
    watch : Watch
        Told of the progress.

    Returns
    -------
    PolicePlan
        The plan that was carried out, with the release known.

    Raises
    ------
    DownloadError
        If the archive changes again, or some files cannot be had; the others are kept.
    """
    try:
        return _carry_out(web, plan, lock, watch)
    except ChangedError:
        watch.tell("The archive changed while it was being read: starting again.")
    try:
        again = plan_police(web, plan.remote.address, plan.choice, lock)
        return _carry_out(web, again, lock, watch)
    except ChangedError as change:
        raise DownloadError(
            f"{change}, twice. A new release may be on its way: run the same command later."
        ) from None


def _carry_out(web: Web, plan: PolicePlan | WholePlan, lock: LockFile, watch: Watch) -> PolicePlan:
    with watch.bar("Police files", plan.bytes_to_fetch, "B") as grew:
        if isinstance(plan, PolicePlan):
            try:
                _fetch_members(plan, lock, grew)
                return plan
            except RangesRefusedError:
                watch.tell("The server no longer sends parts: fetching the whole archive.")
        copy = _fetch_archive(web, plan.remote, lock, grew)
    whole = plan_members(Archive(plan.remote, open_local(copy)), plan.choice, lock)
    _fetch_members(whole, lock, lambda count: None)
    return whole


def _fetch_archive(web: Web, remote: Remote, lock: LockFile, grew: Grew) -> Path:
    folder = lock.folder / FOLDER
    part = folder / f"{Path(remote.address).stem}.zip.part"
    fetch_whole(web, remote, part, grew)
    try:
        with open_local(part) as opened:
            release = newest_month(street_members(opened), remote.address)
    except DownloadError:
        discard(part)
        raise
    final = folder / f"{release}.zip"
    take_over(part, final)
    lock.record_archive(release, remote)
    return final


def _fetch_members(plan: PolicePlan, lock: LockFile, grew: Grew) -> None:
    lock.record_archive(plan.release, plan.archive.remote)
    _record_here(plan, lock)
    for member in plan.members:
        if member.name in plan.same:
            _link(plan.same[member.name], plan.folder / member.name)
            lock.record_members(plan.release, _facts(plan.folder, [member]))
    damaged: list[Member] = []
    for batch in batches(plan.fetch):
        damaged += _fetch_batch(plan, batch, lock, grew)
    damaged = [
        member for member in damaged if _fetch_batch(plan, [member], lock, lambda count: None)
    ]
    for name in plan.withdrawn:
        (plan.folder / name).unlink(missing_ok=True)
        lock.forget_member(plan.release, name)
    if damaged:
        names = ", ".join(member.name for member in damaged[:3])
        raise DownloadError(
            f"{len(damaged):,} of {len(plan.members):,} street files are damaged in the archive "
            f"itself ({names}{' …' if len(damaged) > 3 else ''}); all others are in "
            f"{plan.folder}, and can be built from as they are."
        )


def _record_here(plan: PolicePlan, lock: LockFile) -> None:
    known = lock.archive(plan.release).get("files", {})
    unknown = [
        member
        for member in plan.here
        if known.get(member.name, {}).get("crc32") != f"{member.info.CRC:08x}"
    ]
    if unknown:
        lock.record_members(plan.release, _facts(plan.folder, unknown))


def _facts(folder: Path, members: Iterable[Member]) -> dict[str, tuple[int, int, str]]:
    return {
        member.name: (
            member.size,
            member.info.CRC,
            hashlib.sha256((folder / member.name).read_bytes()).hexdigest(),
        )
        for member in members
    }


def _fetch_batch(
    plan: PolicePlan, batch: Sequence[Member], lock: LockFile, grew: Grew
) -> list[Member]:
    """Fetch neighbours in one request and save the good ones; return the damaged ones."""
    plan.archive.read_ahead(batch, grew)
    saved: dict[str, tuple[int, int, str]] = {}
    damaged = []
    for member in batch:
        data = _unpacked(plan.archive.opened, member)
        if data is None:
            damaged.append(member)
            continue
        _save(data, plan.folder / member.name)
        saved[member.name] = (len(data), member.info.CRC, hashlib.sha256(data).hexdigest())
    if saved:
        lock.record_members(plan.release, saved)
    return damaged


def _unpacked(opened: zipfile.ZipFile, member: Member) -> bytes | None:
    try:
        data = opened.read(member.info)
    except DAMAGE:
        return None
    sound = len(data) == member.size and isal_zlib.crc32(data) == member.info.CRC
    return data if sound else None


def _save(data: bytes, file: Path) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    replace_with(file, data)


def _link(source: Path, file: Path) -> None:
    """Make `file` the same as `source`, taking no space where the file system can."""
    file.parent.mkdir(parents=True, exist_ok=True)
    part = file.with_name(file.name + ".part")
    part.unlink(missing_ok=True)
    link_or_copy(source, part)
    part.replace(file)
