"""Facts of months whose counts are those of the build before: placed again, not written again.

A file of facts is kept under the hash of all that it is made of: the counts of its month, the
names of the areas and crime types, and the code and libraries that write it. It is a help and
never an authority: one whose content is not what it was when it was kept is written anew.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import orjson
from numpy.typing import NDArray

from .prepared import link_or_copy
from .readings import reader_version

_KEPT_NAME = re.compile(r"[0-9a-f]{32}-[0-9a-f]{32}\.parquet(\.\d+\.part)?")


class KeptFacts:
    """A folder of facts, for one set of areas and crime types.

    Parameters
    ----------
    folder : Path
        Created when the first file is kept.
    codes, names : of the areas and the crime types, in the order of the counts
    rewrite : bool
        Place nothing that is kept: everything is to be written anew.
    """

    def __init__(
        self, folder: Path, codes: Iterable[str], names: Iterable[str], *, rewrite: bool = False
    ) -> None:
        self._folder = folder
        axes = orjson.dumps([reader_version(), list(codes), list(names)])
        self._conditions = hashlib.sha256(axes)
        self._rewrite = rewrite
        self._used: set[str] = set()

    def key(self, counts: NDArray[np.uint32]) -> str:
        """Return what the facts of a month are kept under; `counts` is [crime types, areas]."""
        digest = self._conditions.copy()
        digest.update(np.ascontiguousarray(counts).data)
        return digest.hexdigest()[:32]

    def place(self, key: str, target: Path) -> bool:
        """Put the facts kept under `key` at `target`; return False if there are none."""
        if self._rewrite:
            return False
        for kept in sorted(self._folder.glob(f"{key}-*.parquet")):
            try:
                if kept.name == _kept_name(key, kept):
                    link_or_copy(kept, target)
                    self._used.add(kept.name)
                    return True
            except OSError:
                continue
        return False

    def keep(self, key: str, written: Path) -> None:
        """Keep facts that have just been written."""
        self._folder.mkdir(parents=True, exist_ok=True)
        kept = self._folder / _kept_name(key, written)
        partial = kept.with_name(f"{kept.name}.{os.getpid()}.part")
        link_or_copy(written, partial)
        partial.replace(kept)
        self._used.add(kept.name)

    def forget_unused(self) -> None:
        """Remove what was neither placed nor written this time."""
        for file in self._folder.glob("*"):
            if _KEPT_NAME.fullmatch(file.name) and file.name not in self._used:
                file.unlink(missing_ok=True)


def _kept_name(key: str, file: Path) -> str:
    return f"{key}-{hashlib.sha256(file.read_bytes()).hexdigest()[:32]}.parquet"
