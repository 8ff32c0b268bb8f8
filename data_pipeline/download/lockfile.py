"""The record of everything fetched: where from, which version, and the hash of what was kept."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson

from .ranges import Remote
from .web import DownloadError

NAME = "crime-atlas.lock.json"
_VERSION = 1


class LockFile:
    """The lock file of a download folder; every change is written at once, atomically.

    It has one entry for each release of the police archive and one for each other file::

        {"version": 1,
         "archives": {"2025-09": {"url", "final_url", "etag", "last_modified", "bytes", "fetched",
                                  "files": {NAME: {"bytes", "crc32", "sha256", "fetched"}}}},
         "files": {NAME: {"role", "url", "parameters", "licence", "bytes", "sha256", "fetched"}}}
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.path = folder / NAME
        self._entries = self._read()

    def _read(self) -> dict[str, Any]:
        empty: dict[str, Any] = {"version": _VERSION, "archives": {}, "files": {}}
        try:
            read = orjson.loads(self.path.read_bytes())
        except FileNotFoundError:
            return empty
        except ValueError:
            read = None
        if not isinstance(read, dict) or read.get("version") != _VERSION:
            raise DownloadError(
                f"{self.path} is not a lock file of this program. Remove it: files that are "
                "complete are recognised without it."
            )
        return {**empty, **read}

    def archive(self, release: str) -> Mapping[str, Any]:
        """Return the entry of a release; empty if there is none."""
        entry: Mapping[str, Any] = self._entries["archives"].get(release, {})
        return entry

    def file(self, name: str) -> Mapping[str, Any]:
        """Return the entry of another file; empty if there is none."""
        entry: Mapping[str, Any] = self._entries["files"].get(name, {})
        return entry

    def record_archive(self, release: str, remote: Remote) -> None:
        """Record the version of the archive that a release's files come from."""
        entry = self._entries["archives"].setdefault(release, {"files": {}})
        version = {
            "url": remote.address,
            "final_url": remote.final,
            "etag": remote.etag,
            "last_modified": remote.modified,
            "bytes": remote.size,
        }
        if any(entry.get(key) != value for key, value in version.items()):
            entry.update(version, fetched=_now())
            self._write()

    def record_members(self, release: str, members: Mapping[str, tuple[int, int, str]]) -> None:
        """Record street files by name: bytes, CRC-32 and SHA-256 of each."""
        files = self._entries["archives"].setdefault(release, {"files": {}})["files"]
        for name, (size, crc, sha256) in members.items():
            entry = {"bytes": size, "crc32": f"{crc:08x}", "sha256": sha256}
            if any(files.get(name, {}).get(key) != value for key, value in entry.items()):
                files[name] = {**entry, "fetched": _now()}
        self._write()

    def forget_member(self, release: str, name: str) -> None:
        """Remove a street file that the archive no longer holds."""
        self._entries["archives"][release]["files"].pop(name, None)
        self._write()

    def record_file(self, name: str, **facts: Any) -> None:
        """Record another file."""
        self._entries["files"][name] = {**facts, "fetched": _now()}
        self._write()

    def _write(self) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        part = self.path.with_name(self.path.name + ".part")
        part.write_bytes(
            orjson.dumps(self._entries, option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS)
        )
        part.replace(self.path)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
