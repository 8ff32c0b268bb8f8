"""What to fetch of the remote police archive: its directory first, then only what is wanted."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from isal import isal_zlib
from remotezip import RemoteZip, RemoteZipError

from ..dataset.forces import FORCES
from ..dataset.months import months_between
from ..police.archive import MOST_BYTES
from ..police.names import street_name
from ..storage.progress import Grew
from .lockfile import LockFile
from .ranges import TAIL, ChangedError, CheckedFetcher, RangesRefusedError, Remote, look_up
from .web import DownloadError, Web

LATEST = "latest"
FOLDER = "police"
MOST_AT_ONCE = 16 << 20

GAP_WORTH_FETCHING = 256 << 10
"""Bytes between two wanted members: fetching them is quicker than another request."""

DAMAGE = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    NotImplementedError,
    RuntimeError,
    RemoteZipError,
)


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

    Parameters
    ----------
    web : Web
    pattern : str
        Address of the archive, with ``{release}`` where its month stands.
    choice : Choice
        Which forces and months are wanted.
    lock : LockFile
        What is known of the files that are here.

    Raises
    ------
    DownloadError
        If there is no archive, or nothing wanted is in it.
    """
    address = archive_address(pattern, choice.release)
    try:
        return plan_for(web, look_up(web, address), choice, lock)
    except ChangedError:
        return plan_for(web, look_up(web, address), choice, lock)


def plan_for(web: Web, remote: Remote, choice: Choice, lock: LockFile) -> PolicePlan | WholePlan:
    """Return what is to be fetched of an archive; all of it where parts cannot be had.

    Parameters
    ----------
    web : Web
    remote : Remote
        The archive as its server describes it.
    choice : Choice
    lock : LockFile
    """
    if (kept := kept_whole(lock, remote)) is not None:
        return plan_members(Archive(remote, open_local(kept)), choice, lock)
    if not remote.ranges or not remote.size:
        return WholePlan(choice, remote)
    try:
        return plan_members(_open_remote(web, remote), choice, lock)
    except RangesRefusedError:
        return WholePlan(choice, remote)


def _open_remote(web: Web, remote: Remote) -> Archive:
    fetcher = CheckedFetcher(web, remote)
    try:
        opened = RemoteZip(remote.final, initial_buffer_size=TAIL, fetcher=lambda *_, **__: fetcher)
    except DAMAGE as error:
        raise DownloadError(not_an_archive(remote.address, error)) from None
    return Archive(remote, opened, fetcher)


def open_local(copy: Path) -> zipfile.ZipFile:
    """Open a copy on disk (DownloadError where it is no archive)."""
    try:
        return zipfile.ZipFile(copy)
    except (zipfile.BadZipFile, OSError) as error:
        raise DownloadError(not_an_archive(str(copy), error)) from None


def not_an_archive(place: str, error: Exception) -> str:
    """Say that what is at a place is no archive, and what to do."""
    return (
        f"{place} is not a ZIP archive, or is cut short ({error}). Try again later, or name "
        "another release with --release YYYY-MM."
    )


def kept_whole(lock: LockFile, remote: Remote) -> Path | None:
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


def plan_members(archive: Archive, choice: Choice, lock: LockFile) -> PolicePlan:
    """Return which members of an archive are wanted, and which are here already.

    Parameters
    ----------
    archive : Archive
        With its directory read.
    choice : Choice
        Which forces and months are wanted.
    lock : LockFile
        What is known of the files that are here.
    """
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
    here = [member for member in members if is_complete(folder / member.name, member)]
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


def is_complete(file: Path, member: Member) -> bool:
    """Tell whether a file on disk is the member, to the last byte."""
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
            if is_complete(other / member.name, member):
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
