"""Crime IDs as 64-bit hashes: repeats within a file, and IDs that occur in several files."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from .spool import Keys, KeySpool

CRIME_ID_LENGTH = 64
"""Crime IDs are 64 hexadecimal digits; any other length is read too."""

Hashes = NDArray[np.uint64]
_MIX = np.uint64(0x9E3779B97F4A7C15)


def text_lengths(column: pa.Array) -> NDArray[np.int32]:
    """Return the number of bytes of each text of a column."""
    return np.diff(text_offsets(column))


def text_offsets(column: pa.Array) -> NDArray[np.int32]:
    """Return where each text of a column starts in its buffer, and where the last one ends."""
    if not len(column):
        return np.zeros(1, dtype=np.int32)
    start = column.offset
    return np.frombuffer(column.buffers()[1], dtype=np.int32)[start : start + len(column) + 1]


def hash_ids(ids: pa.Array) -> Hashes:
    """Return a 64-bit hash of each Crime ID, the same in every file and on every machine.

    Hashes stand for IDs because those of ten years would not fit into memory, and a number is
    compared at once. Crime IDs are digests themselves, so that two different ones share a hash as
    seldom as random numbers do: among n of them with a chance of about n²/2⁶⁵, that is 1 in 90,000
    for 20 million. Within a file suspects are compared letter by letter, so that no row is ever
    dropped for its hash; between files a shared hash is only counted.
    """
    usual = text_lengths(ids) == CRIME_ID_LENGTH
    hashes = np.zeros(len(ids), dtype=np.uint64)
    regular = ids.filter(pa.array(usual)) if not usual.all() else ids
    if len(regular):
        first = int(text_offsets(regular)[0])
        content = np.frombuffer(regular.buffers()[2], dtype=np.uint8, offset=first)
        words = content[: len(regular) * CRIME_ID_LENGTH].view(np.uint64)
        hashes[usual] = _mix(words.reshape(len(regular), -1))
    if not usual.all():
        others = ids.filter(pa.array(~usual)).to_pylist()
        hashes[~usual] = pd.util.hash_array(np.array(others, dtype=object), categorize=False)
    return hashes


def _mix(words: NDArray[np.uint64]) -> Hashes:
    """Fold each row of words into one, by multiplication and shift."""
    mixed = np.zeros(len(words), dtype=np.uint64)
    for column in words.T:
        mixed = (mixed ^ column) * _MIX
        mixed ^= mixed >> np.uint64(29)
    return mixed


class IdSpool(KeySpool):
    """A temporary store of Crime ID hashes; use it as a context manager."""

    def add(self, hashes: Keys) -> None:
        """Store the distinct, ascending hashes of the next file."""
        self.add_keys(hashes)

    def shared(self) -> NDArray[np.int64]:
        """Return how many Crime IDs of each file also occur in another; int64 array [files]."""
        found = np.zeros(len(self._bounds), dtype=np.int64)
        for bucket in self.buckets():
            (hashes,) = bucket.columns
            order = np.argsort(hashes)
            ordered = hashes[order]
            again = ordered[1:] == ordered[:-1]
            repeated = np.zeros(len(hashes), dtype=bool)
            repeated[1:] |= again
            repeated[:-1] |= again
            files, _ = bucket.origin(order[repeated])
            found += np.bincount(files, minlength=len(found))
        return found
