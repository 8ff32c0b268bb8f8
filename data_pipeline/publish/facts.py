"""Facts of each month; those of months whose counts are as before are placed again, not written.

A file of facts is kept under the hash of all that it is made of: the counts of its month, the
names of the areas and crime types, and the code and libraries that write it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import orjson
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from ..storage.code_version import code_version
from ..storage.keeper import Keeper
from ..storage.replacing import link_or_copy

LIBRARIES = ("numpy", "pyarrow")
KEY_DIGITS = 32


class FactsStore:
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
        self._keeper = Keeper(folder, ".parquet")
        version = code_version(__name__, LIBRARIES)
        self._conditions = hashlib.sha256(orjson.dumps([version, list(codes), list(names)]))
        self._rewrite = rewrite

    def key(self, counts: NDArray[np.uint32]) -> str:
        """Return what the facts of a month are kept under; `counts` is [crime types, areas]."""
        digest = self._conditions.copy()
        digest.update(np.ascontiguousarray(counts).data)
        return digest.hexdigest()[:KEY_DIGITS]

    def place(self, key: str, target: Path) -> bool:
        """Put the facts kept under `key` at `target`; return False if there are none."""
        entry = None if self._rewrite else next(self._keeper.find(key), None)
        if entry is None:
            return False
        link_or_copy(entry, target)
        self._keeper.use(entry)
        return True

    def keep(self, key: str, written: Path) -> None:
        """Keep facts that have just been written."""
        self._keeper.keep(key, lambda place: link_or_copy(written, place))

    def forget_unused(self) -> None:
        """Remove what was neither placed nor written this time."""
        self._keeper.forget_unused()


def write_facts(
    store: FactsStore | None,
    codes: pa.Array,
    names: pa.Array,
    counts: NDArray[np.uint32],
    file: Path,
) -> None:
    """Write the facts of a month, unless they are kept.

    Parameters
    ----------
    store : FactsStore or None
    codes, names : text arrays [areas] and [crime types]
    counts : uint32 array [crime types, areas]
    file : Path
        Where they are to be.
    """
    key = store.key(counts) if store else ""
    if store and store.place(key, file):
        return
    pq.write_table(_facts(codes, names, counts), file, compression="zstd")
    if store:
        store.keep(key, file)


def _facts(codes: pa.Array, names: pa.Array, counts: NDArray[np.uint32]) -> pa.Table:
    types, areas = np.nonzero(counts)
    facts = {
        "lsoa_code": codes.take(pa.array(areas)),
        "crime_type": names.take(pa.array(types)),
        "count": pa.array(counts[types, areas]),
    }
    return pa.table(facts)
