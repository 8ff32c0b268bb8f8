"""Crime IDs that occur in more than one street file: reported, never taken away.

Hashes go to bucket files on disk by their leading bits and each bucket is compared by itself, so
that memory does not grow with the number of months.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .spool import Spool

BUCKETS = 64
BUFFER = 1 << 16
_SHIFT = np.uint64(64 - 6)
_RECORD = np.dtype([("hash", "<u8"), ("file", "<u4")])


class IdSpool(Spool):
    """A temporary store of Crime ID hashes; use it as a context manager."""

    def __init__(self) -> None:
        super().__init__()
        self._buckets = [self._file(BUFFER) for _ in range(BUCKETS)]

    def add(self, file: int, hashes: NDArray[np.uint64]) -> None:
        """Store the distinct, ascending hashes of one file.

        Parameters
        ----------
        file : number of the file, 0 or more
        hashes : uint64 array
        """
        records = np.empty(len(hashes), dtype=_RECORD)
        records["hash"], records["file"] = hashes, file
        edges = np.arange(1, BUCKETS, dtype=np.uint64) << _SHIFT
        ends = [*np.searchsorted(hashes, edges).tolist(), len(records)]
        content = memoryview(records.tobytes())
        for bucket, start, end in zip(self._buckets, [0, *ends], ends, strict=False):
            bucket.write(content[start * _RECORD.itemsize : end * _RECORD.itemsize])

    def shared(self, files: int) -> NDArray[np.int64]:
        """Return how many Crime IDs of each file also occur in another.

        Parameters
        ----------
        files : number of files, above every number added

        Returns
        -------
        int64 array [files]
        """
        found = np.zeros(files, dtype=np.int64)
        for bucket in self._buckets:
            bucket.seek(0)
            records = np.frombuffer(bucket.read(), dtype=_RECORD)
            _, inverse, counts = np.unique(records["hash"], return_inverse=True, return_counts=True)
            repeated = records["file"][counts[inverse] > 1]
            found += np.bincount(repeated, minlength=files)
        return found
