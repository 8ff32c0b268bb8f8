"""Street files out of the remote police archive: its directory first, then only what is wanted."""

from __future__ import annotations

import hashlib
import os
import shutil
import zipfile
import zlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass
from pathlib import Path

from isal import isal_zlib
from remotezip import RemoteZip, RemoteZipError

from ..archive import MOST_BYTES, street_name
from ..forces import FORCES
from ..months import months_between
from .lockfile import LockFile
from .ranges import (
    TAIL,
    ChangedError,
    CheckedFetcher,
    Grew,
    RangesRefusedError,
    Remote,
    discard,
    fetch_whole,
    look_up,
    take_over,
)
from .web import DownloadError, Web

LATEST = "latest"
FOLDER = "police"
MOST_AT_ONCE = 16 << 20
GAP_WORTH_FETCHING = 256 << 10
"""Bytes between two wanted members: fetching them is quicker than another request."""

_DAMAGE = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    NotImplementedError,
    RuntimeError,
    RemoteZipError,
)


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


@dataclass(frozen=True)
class Choice:
    """What is wanted of the archive.

    Attributes
    ----------
    forces : tuple of str
        Slugs; all 43 territorial forces by default.
    first, last : str or None
        Months; from the archive's first to its last by default.
    release : str
        ``YYYY-MM`` or ``latest``.
    """

    forces: tuple[str, ...] = tuple(force.slug for force in FORCES)
    first: str | None = None
    last: str | None = None
    release: str = LATEST


@dataclass(frozen=True)
class Member:
    """A street file in the archive: its name, and the bytes that its entry occupies."""

    name: str
    month: str
    force: str
    info: zipfile.ZipInfo
    first: int
    last: int

    @property
    def size(self) -> int:
        """Bytes, unpacked."""
        return self.info.file_size

    @property
    def span(self) -> int:
        """Bytes in the archive, packed, with the entry's header."""
        return self.last + 1 - self.first


@dataclass(frozen=True)
class Archive:
    """An open archive, remote (`fetcher` reads ahead) or a local copy."""

    remote: Remote
    opened: zipfile.ZipFile
    fetcher: CheckedFetcher | None = None

    def read_ahead(self, batch: Sequence[Member], grew: Grew) -> None:
        """Fetch the bytes of neighbouring members in one request."""
        if self.fetcher:
            self.fetcher.read_ahead(batch[0].first, batch[-1].last, grew)
        else:
            grew(span(batch))


@dataclass(frozen=True)
class PolicePlan:
    """What has to be done for the wanted street files.

    Attributes
    ----------
    release : str
        The newest month in the archive.
    folder : Path
        Where the files are kept.
    members : tuple of Member
        Everything wanted that the archive holds; `here` of it is in the folder already, `same`
        is equal to a file of another release, `fetch` has to be fetched.
    absent : dict of str to int
        Months not in the archive, by slug of the force.
    months : tuple of str
        The period wanted.
    withdrawn : tuple of str
        Files fetched earlier that the archive no longer holds.
    others : int
        Street files in the folder that are not part of this choice.
    """

    choice: Choice
    archive: Archive
    release: str
    folder: Path
    members: tuple[Member, ...]
    here: tuple[Member, ...]
    same: Mapping[str, Path]
    fetch: tuple[Member, ...]
    absent: Mapping[str, int]
    months: tuple[str, ...]
    withdrawn: tuple[str, ...]
    others: int

    @property
    def work(self) -> bool:
        """Whether anything would change."""
        return bool(self.fetch or self.same or self.withdrawn)

    @property
    def remote(self) -> Remote:
        """The archive, as it was when the plan was made."""
        return self.archive.remote

    @property
    def bytes_to_fetch(self) -> float | None:
        """Bytes that the requests will bring."""
        return bytes_to_fetch(self.fetch)


@dataclass(frozen=True)
class WholePlan:
    """The server does not send parts, so that the whole archive has to be fetched first."""

    choice: Choice
    remote: Remote

    @property
    def work(self) -> bool:
        """Whether anything would change: not known before the archive is here."""
        return True

    @property
    def bytes_to_fetch(self) -> float | None:
        """Bytes of the archive, where the server says so."""
        return self.remote.size


def span(members: Iterable[Member]) -> int:
    """Return the bytes in the archive from the first of some neighbours to the last, no gaps."""
    return sum(member.span for member in members)


def archive_address(pattern: str, release: str) -> str:
    """Return the address of a release of the archive."""
    return pattern.replace("{release}", release)


def plan_police(web: Web, pattern: str, choice: Choice, lock: LockFile) -> PolicePlan | WholePlan:
    """Read the archive's directory and find out what is missing here.

    Raises
    ------
    DownloadError
        If there is no archive, or nothing wanted is in it.
    """
    address = archive_address(pattern, choice.release)
    try:
        return _plan_for(web, look_up(web, address), choice, lock)
    except ChangedError:
        return _plan_for(web, look_up(web, address), choice, lock)


def _plan_for(web: Web, remote: Remote, choice: Choice, lock: LockFile) -> PolicePlan | WholePlan:
    if (kept := _kept_whole(lock, remote)) is not None:
        return _plan(Archive(remote, _open_local(kept)), choice, lock)
    if not remote.ranges or not remote.size:
        return WholePlan(choice, remote)
    try:
        return _plan(_open_remote(web, remote), choice, lock)
    except RangesRefusedError:
        return WholePlan(choice, remote)


def fetch_police(
    web: Web, plan: PolicePlan | WholePlan, lock: LockFile, watch: Watch
) -> PolicePlan:
    """Carry out a plan, once more from the start if the archive changes on the way.

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
    whole = _plan(Archive(plan.remote, _open_local(copy)), plan.choice, lock)
    _fetch_members(whole, lock, lambda count: None)
    return whole


def _open_remote(web: Web, remote: Remote) -> Archive:
    fetcher = CheckedFetcher(web, remote)
    try:
        opened = RemoteZip(remote.final, initial_buffer_size=TAIL, fetcher=lambda *_, **__: fetcher)
    except _DAMAGE as error:
        raise DownloadError(_not_an_archive(remote.address, error)) from None
    return Archive(remote, opened, fetcher)


def _open_local(copy: Path) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(copy)
    except (zipfile.BadZipFile, OSError) as error:
        raise DownloadError(_not_an_archive(str(copy), error)) from None


def _not_an_archive(place: str, error: Exception) -> str:
    return (
        f"{place} is not a ZIP archive, or is cut short ({error}). Try again later, or name "
        "another release with --release YYYY-MM."
    )


def _fetch_archive(web: Web, remote: Remote, lock: LockFile, grew: Grew) -> Path:
    folder = lock.folder / FOLDER
    part = folder / f"{Path(remote.address).stem}.zip.part"
    fetch_whole(web, remote, part, grew)
    try:
        with _open_local(part) as opened:
            release = newest_month(street_members(opened), remote.address)
    except DownloadError:
        discard(part)
        raise
    final = folder / f"{release}.zip"
    take_over(part, final)
    lock.record_archive(release, remote)
    return final


def _kept_whole(lock: LockFile, remote: Remote) -> Path | None:
    """Return a whole archive fetched earlier, if it is the same version as the remote one."""
    for copy in sorted((lock.folder / FOLDER).glob("*.zip")):
        entry = lock.archive(copy.stem)
        marks = (entry.get("bytes"), entry.get("etag"), entry.get("last_modified"))
        now = (remote.size, remote.etag, remote.modified)
        if any(now[1:]) and marks == now and copy.stat().st_size == remote.size:
            return copy
    return None


def street_members(opened: zipfile.ZipFile) -> list[Member]:
    """Return the street files of an archive, in the order in which they lie in it."""
    infos = sorted(opened.infolist(), key=lambda info: info.header_offset)
    ends = [info.header_offset for info in infos[1:]] + [opened.start_dir]
    members = {}
    for info, end in zip(infos, ends, strict=True):
        if named := street_name(info.orig_filename):
            month, force = named
            name = f"{month}/{month}-{force}-street.csv"
            members[name] = Member(name, month, force, info, info.header_offset, end - 1)
    return list(members.values())


def newest_month(members: Sequence[Member], place: str) -> str:
    """Return the newest month of an archive, which names its release."""
    if not members:
        raise DownloadError(f"{place} holds no street files, so it is not a police archive.")
    return max(member.month for member in members)


def _plan(archive: Archive, choice: Choice, lock: LockFile) -> PolicePlan:
    everything = street_members(archive.opened)
    release = newest_month(everything, archive.remote.address)
    months = _period(choice, sorted({member.month for member in everything}))
    members = [
        member
        for member in everything
        if member.force in choice.forces and member.month in set(months)
    ]
    _check_sizes(members)
    folder = lock.folder / FOLDER / release
    here = [member for member in members if _is_complete(folder / member.name, member)]
    missing = [member for member in members if member not in here]
    same = _same_in_other_releases(missing, folder)
    names = {member.name for member in everything}
    known = lock.archive(release).get("files", {})
    withdrawn = sorted(name for name in known if name not in names and (folder / name).exists())
    kept = {path.relative_to(folder).as_posix() for path in folder.glob("*/*-street.csv")}
    return PolicePlan(
        choice,
        archive,
        release,
        folder,
        tuple(members),
        tuple(here),
        same,
        tuple(member for member in missing if member.name not in same),
        _absent(members, choice.forces, months),
        months,
        tuple(withdrawn),
        len(kept - {member.name for member in members} - set(withdrawn)),
    )


def _period(choice: Choice, found: Sequence[str]) -> tuple[str, ...]:
    first, last = choice.first or found[0], choice.last or found[-1]
    wanted = set(months_between(first, last))
    if not wanted & set(found):
        raise DownloadError(
            f"the release {found[-1]} covers {found[0]} to {found[-1]}, nothing of the period "
            f"{first} to {last}. Name another with --release: each covers the 36 months before "
            "it, and 2017-04 everything from 2010-12."
        )
    return tuple(sorted(wanted))


def _check_sizes(members: Sequence[Member]) -> None:
    for member in members:
        if max(member.size, member.span) > MOST_BYTES:
            raise DownloadError(
                f"{member.name} is said to be {member.size:,} bytes long; a real street file is "
                "below 40 MB, so nothing was fetched."
            )


def _absent(
    members: Sequence[Member], forces: Sequence[str], months: Sequence[str]
) -> dict[str, int]:
    found = {force: 0 for force in forces}
    for member in members:
        found[member.force] += 1
    return {force: len(months) - count for force, count in found.items() if count < len(months)}


def _is_complete(file: Path, member: Member) -> bool:
    try:
        if file.stat().st_size != member.size:
            return False
        return isal_zlib.crc32(file.read_bytes()) == member.info.CRC
    except OSError:
        return False


def _same_in_other_releases(members: Sequence[Member], folder: Path) -> dict[str, Path]:
    others = sorted(
        (path for path in folder.parent.glob("????-??") if path != folder), reverse=True
    )
    same = {}
    for member in members:
        for other in others:
            if _is_complete(other / member.name, member):
                same[member.name] = other / member.name
                break
    return same


def batches(members: Iterable[Member]) -> list[list[Member]]:
    """Group members that lie near each other, so that one request fetches them."""
    groups: list[list[Member]] = []
    for member in sorted(members, key=lambda item: item.first):
        if (
            groups
            and member.first - groups[-1][-1].last <= GAP_WORTH_FETCHING
            and member.last - groups[-1][0].first < MOST_AT_ONCE
        ):
            groups[-1].append(member)
        else:
            groups.append([member])
    return groups


def bytes_to_fetch(members: Iterable[Member]) -> int:
    """Return the bytes that the requests for some members bring, gaps between them included."""
    return sum(group[-1].last + 1 - group[0].first for group in batches(members))


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
    except _DAMAGE:
        return None
    sound = len(data) == member.size and isal_zlib.crc32(data) == member.info.CRC
    return data if sound else None


def _save(data: bytes, file: Path) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    part = file.with_name(file.name + ".part")
    try:
        part.write_bytes(data)
        part.replace(file)
    finally:
        part.unlink(missing_ok=True)


def _link(source: Path, file: Path) -> None:
    """Make `file` the same as `source`, taking no space where the file system can."""
    file.parent.mkdir(parents=True, exist_ok=True)
    part = file.with_name(file.name + ".part")
    part.unlink(missing_ok=True)
    with suppress(OSError):
        os.link(source, part)
    if not part.exists():
        shutil.copyfile(source, part)
    part.replace(file)
