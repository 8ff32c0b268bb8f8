"""One remote file, read in parts that are known to belong together, or whole with resume."""

from __future__ import annotations

import io
import re
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

import orjson
import requests
from remotezip import PartialBuffer, RemoteFetcher

from ..storage.progress import Grew
from .web import DownloadError, GoneError, PassingFaultError, Web

CHUNK = 1 << 16
TAIL = 1 << 20
"""Bytes at the end of an archive that are fetched first: they hold a directory of 4,500 members."""

_CONTENT_RANGE = re.compile(r"bytes (\d+)-(\d+)/(\d+)")
_AS_IT_IS = {"Accept-Encoding": "identity"}


class RangesRefusedError(Exception):
    """The server sends the file only as a whole."""


class ChangedError(Exception):
    """The remote file is not the one that was read from before."""


@dataclass(frozen=True)
class Remote:
    """A remote file as it is now.

    Attributes
    ----------
    address, final : str
        What was asked for, and where the redirects led.
    size : int or None
        Bytes, where the server says so.
    etag, modified : str
        The server's marks of this version; empty where there are none.
    ranges : bool
        Whether parts of it can be asked for.
    """

    address: str
    final: str
    size: int | None
    etag: str
    modified: str
    ranges: bool

    def same_version(self, other: Remote) -> bool:
        """Tell whether nothing speaks against `other` being the same file."""
        pairs = (
            (self.size, other.size),
            (self.etag, other.etag),
            (self.modified, other.modified),
        )
        return all(one == two for one, two in pairs if one and two)


def look_up(web: Web, address: str) -> Remote:
    """Ask for the first byte of a file, and learn what it is and whether parts can be had."""

    def step() -> Remote:
        with web.get(address, headers={**_AS_IT_IS, "Range": "bytes=0-0"}) as response:
            return _described(response, address)

    return web.patiently(address, step)


def _described(response: requests.Response, address: str) -> Remote:
    span = _span(response) if response.status_code == 206 else None
    length = response.headers.get("Content-Length", "")
    plain = response.status_code == 200 and "Content-Encoding" not in response.headers
    whole = int(length) if plain and length.isdigit() else None
    return Remote(
        address,
        response.url,
        span[2] if span else whole,
        response.headers.get("ETag", ""),
        response.headers.get("Last-Modified", ""),
        span is not None,
    )


def _span(response: requests.Response) -> tuple[int, int, int] | None:
    match = _CONTENT_RANGE.fullmatch(response.headers.get("Content-Range", ""))
    return (int(match[1]), int(match[2]), int(match[3])) if match else None


def read_range(
    web: Web, remote: Remote, first: int, last: int, grew: Grew = lambda count: None
) -> bytes:
    """Return bytes `first` to `last` (both included) of a remote file.

    A cut is resumed where it happened. Every part is checked to be of the version `remote`.

    Parameters
    ----------
    web : Web
    remote : Remote
        The version of the file that is meant.
    first, last : int
        Positions in bytes.
    grew : function of a number of bytes
        Told of each part that has come.

    Raises
    ------
    ChangedError
        If the file is another version now, or its address has expired.
    RangesRefusedError
        If the server sends the whole file.
    DownloadError
        If it cannot be fetched.
    """
    got = bytearray()

    def step() -> None:
        wanted = f"bytes={first + len(got)}-{last}"
        try:
            with web.get(remote.final, headers={**_AS_IT_IS, "Range": wanted}) as response:
                _check_part(response, remote, first + len(got))
                for chunk in response.iter_content(CHUNK):
                    taken = chunk[: last + 1 - first - len(got)]
                    got.extend(taken)
                    grew(len(taken))
                    if len(taken) < len(chunk):
                        break
        except GoneError:
            raise ChangedError(_changed(remote)) from None
        if len(got) < last + 1 - first:
            raise PassingFaultError("an answer was shorter than announced")

    while True:
        before = len(got)
        try:
            web.patiently(remote.address, step)
            return bytes(got)
        except DownloadError:
            if len(got) - before < CHUNK:
                raise


def _check_part(response: requests.Response, remote: Remote, first: int) -> None:
    now = _described(response, remote.address)
    if not remote.same_version(now):
        raise ChangedError(_changed(remote))
    if not now.ranges:
        raise RangesRefusedError
    span = _span(response)
    if span is None or span[0] != first:
        raise PassingFaultError("another part than the one asked for was sent")


class CheckedFetcher(RemoteFetcher):  # type: ignore[misc]  # remotezip has no types
    """remotezip's way to a file, over checked and resumed ranges, with reading ahead."""

    def __init__(self, web: Web, remote: Remote) -> None:
        super().__init__(remote.final)
        self._web, self._remote = web, remote
        self._first, self._ahead = 0, b""

    def read_ahead(self, first: int, last: int, grew: Grew = lambda count: None) -> None:
        """Fetch a part in one request, from which smaller ones are then served.

        Parameters
        ----------
        first, last : int
            Positions in bytes, both included.
        grew : function of a number of bytes
        """
        self._ahead = b""
        self._ahead = read_range(self._web, self._remote, first, last, grew)
        self._first = first

    def fetch(self, data_range: tuple[int, int | None], stream: bool = False) -> PartialBuffer:
        """Return the bytes of a range; a negative start counts from the end."""
        size = self._remote.size or 0
        first = data_range[0] if data_range[0] >= 0 else max(0, size + data_range[0])
        last = data_range[1] if data_range[1] is not None else size - 1
        if first < self._first or last >= self._first + len(self._ahead):
            self.read_ahead(first, last)
        part = self._ahead[first - self._first : last + 1 - self._first]
        return PartialBuffer(io.BytesIO(part), first, len(part), stream)


def fetch_whole(web: Web, remote: Remote, part: Path, grew: Grew = lambda count: None) -> None:
    """Fetch a whole file to `part`, going on after a cut, also one of an earlier run.

    What is there is continued only if the server sends the rest of the same version; else it
    starts again.

    Parameters
    ----------
    web : Web
    remote : Remote
        The version of the file that is meant.
    part : Path
        Where it is written; it may hold the beginning already.
    grew : function of a number of bytes
        Told of each part that has come.

    Raises
    ------
    ChangedError
        If the file is another version now.
    DownloadError
        If it cannot be fetched.
    """
    part.parent.mkdir(parents=True, exist_ok=True)

    def step() -> None:
        start = _resume_at(part, remote)
        if start and start == remote.size:
            return
        headers = {**_AS_IT_IS, **({"Range": f"bytes={start}-"} if start else {})}
        try:
            with web.get(remote.final, headers=headers) as response:
                _append(response, remote, part, start, grew)
        except GoneError:
            raise ChangedError(_changed(remote)) from None
        _check_size(part, remote)

    while True:
        before = _size(part)
        try:
            return web.patiently(remote.address, step)
        except DownloadError:
            if not remote.ranges or _size(part) - before < CHUNK:
                raise


def _append(
    response: requests.Response, remote: Remote, part: Path, start: int, grew: Grew
) -> None:
    now = _described(response, remote.address)
    if not remote.same_version(now):
        raise ChangedError(_changed(remote))
    if start and now.ranges:
        _check_part(response, remote, start)
    _marks(part).write_bytes(orjson.dumps(asdict(remote)))
    with part.open("ab" if start and now.ranges else "wb") as stream:
        for chunk in response.iter_content(CHUNK):
            stream.write(chunk)
            grew(len(chunk))


def _changed(remote: Remote) -> str:
    return f"{remote.address} has changed while it was being read"


def take_over(part: Path, final: Path) -> None:
    """Give a complete file its final name."""
    part.replace(final)
    _marks(part).unlink(missing_ok=True)


def discard(part: Path) -> None:
    """Remove a file that turned out to be useless, and what was known of it."""
    part.unlink(missing_ok=True)
    _marks(part).unlink(missing_ok=True)


def _marks(part: Path) -> Path:
    return part.with_name(part.name + ".json")


def _size(part: Path) -> int:
    return part.stat().st_size if part.exists() else 0


def _resume_at(part: Path, remote: Remote) -> int:
    """Return how much of `remote` is in `part` already; 0 unless its version is known."""
    if not (remote.etag or remote.modified) or not remote.ranges:
        return 0
    with suppress(OSError, ValueError, TypeError):
        known = Remote(**orjson.loads(_marks(part).read_bytes()))
        if known.same_version(remote) and _size(part) <= (remote.size or 0):
            return _size(part)
    return 0


def _check_size(part: Path, remote: Remote) -> None:
    if remote.size is None or (size := _size(part)) == remote.size:
        return
    if size > remote.size:
        part.unlink()
    raise PassingFaultError(f"{size:,} of {remote.size:,} bytes were sent")
