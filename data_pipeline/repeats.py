"""Crime IDs that occur in more than one street file: reported, never taken away."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .spool import Keys, KeySpool


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
