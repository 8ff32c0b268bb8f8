"""What is remembered on disk between builds: a help and never an authority.

An entry is a file or a directory called after its key, which stands for all that it was made of,
and after a hash of its content. One that is not what it was when it was kept is not found.
"""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from time import time

from .hashing import ENTRY_DIGITS, entry_hash

PARTIAL = ".partial-"
IN_USE_SECONDS = 24 * 3600
"""What is newer may belong to a running build, and stays."""

_EARLIER_PARTIAL = r"(\.\d+\.part)?"
"""What earlier versions called an entry that was being written."""


class Keeper:
    """A folder of entries; several builds may use it at once.

    Parameters
    ----------
    folder : Path
        Created when the first entry is kept.
    suffix : str
        End of the entries' names, such as ".arrow".
    """

    def __init__(self, folder: Path, suffix: str = "") -> None:
        self._folder = folder
        self._suffix = suffix
        self._used: set[str] = set()

    def find(self, key: str) -> Iterator[Path]:
        """Yield the sound entries kept under `key`, in order of name."""
        for path in sorted(self._folder.glob(f"{key}-*{self._suffix}")):
            try:
                if path.name == self._name(key, path):
                    yield path
            except OSError:
                continue

    def use(self, entry: Path) -> None:
        """Count an entry as used, so that it is kept on."""
        self._used.add(entry.name)
        os.utime(entry)

    def keep(self, key: str, make: Callable[[Path], None]) -> Path:
        """Keep what `make` writes at the path that it is given, and return where it is kept.

        Parameters
        ----------
        key : str
        make : function of a path that is not there yet
        """
        self._folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=PARTIAL, dir=self._folder) as aside:
            partial = Path(aside) / "entry"
            make(partial)
            entry = self._folder / self._name(key, partial)
            if entry.is_dir() and entry.name != self._name(key, entry):
                shutil.rmtree(entry)
            if not entry.is_dir():
                partial.replace(entry)
        self.use(entry)
        return entry

    def forget_unused(self) -> None:
        """Remove the entries that were neither used nor kept by this keeper."""
        name = re.compile(
            rf".+-[0-9a-f]{{{ENTRY_DIGITS}}}{re.escape(self._suffix)}{_EARLIER_PARTIAL}"
        )
        for path in self._folder.glob("*"):
            if name.fullmatch(path.name) and path.name not in self._used:
                path.unlink(missing_ok=True)
        self._forget_unfinished(IN_USE_SECONDS)

    def forget_old(self, kept: int, in_use_seconds: float) -> None:
        """Remove all but the latest used entries; those used lately may be another build's.

        Parameters
        ----------
        kept : int
            How many stay, those used by this keeper included.
        in_use_seconds : float
            An entry used more recently stays, and so does what a build may be writing.
        """
        others = [
            path
            for path in self._folder.iterdir()
            if path.is_dir() and path.name not in self._used and not path.name.startswith(PARTIAL)
        ]
        others.sort(key=lambda path: path.stat().st_mtime, reverse=True)
        for path in others[max(kept - len(self._used), 0) :]:
            if time() - path.stat().st_mtime > in_use_seconds:
                shutil.rmtree(path, ignore_errors=True)
        self._forget_unfinished(in_use_seconds)

    def _forget_unfinished(self, in_use_seconds: float) -> None:
        """Remove what a killed build left, once it is too old to belong to a running one."""
        for path in self._folder.glob(f"{PARTIAL}*"):
            if time() - path.stat().st_mtime > in_use_seconds:
                shutil.rmtree(path, ignore_errors=True)

    def _name(self, key: str, content: Path) -> str:
        return f"{key}-{entry_hash(content)}{self._suffix}"
