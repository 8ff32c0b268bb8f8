"""Temporary files of a build: what would fill memory goes to disk, and leaves nothing behind."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from types import TracebackType
from typing import IO, Any, Self

import numpy as np
import numpy.typing as npt
from numpy.typing import NDArray

BUCKETS = 64
BUFFER = 1 << 16
_EDGES = np.arange(1, BUCKETS, dtype=np.uint64) << np.uint64(64 - 6)
Keys = NDArray[np.uint64]
Positions = NDArray[np.intp]


class Spool:
    """A temporary store; use it as a context manager.

    Its files have no name: they are gone when their process ends, however it ends.
    """

    def __init__(self) -> None:
        self._files = ExitStack()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._files.close()

    def _file(self, buffering: int = -1) -> IO[bytes]:
        return self._files.enter_context(tempfile.TemporaryFile(buffering=buffering))


@dataclass(frozen=True)
class Bucket:
    """The records of many files whose keys begin with the same bits: file by file, as added.

    Attributes
    ----------
    columns : list of arrays [records]
        The keys, and each figure that stands beside them.
    sizes : intp array [files]
        How many of the records are of each file.
    skipped : intp array [files]
        How many records of each file come before those in this bucket.
    """

    columns: list[NDArray[Any]]
    sizes: Positions
    skipped: Positions

    def origin(self, records: Positions) -> tuple[Positions, Positions]:
        """Return the file that each of some records is of, and its place in that file."""
        ends = np.cumsum(self.sizes)
        files = np.searchsorted(ends, records, side="right")
        return files, records - (ends - self.sizes)[files] + self.skipped[files]


class KeySpool(Spool):
    """The ascending keys of many files, with figures beside them, in buckets by leading bits.

    One bucket is read at a time, so that memory does not grow with the number of files.

    Parameters
    ----------
    figures : types of what stands beside each key
    """

    def __init__(self, *figures: npt.DTypeLike) -> None:
        super().__init__()
        self._types = [np.dtype(kind) for kind in (np.uint64, *figures)]
        self._streams = [[self._file(BUFFER) for _ in self._types] for _ in range(BUCKETS)]
        self._bounds: list[Positions] = []

    def add_keys(self, keys: Keys, *figures: NDArray[Any]) -> None:
        """Store the records of the next file."""
        bounds = np.concatenate([[0], np.searchsorted(keys, _EDGES), [len(keys)]])
        self._bounds.append(bounds)
        contents = [
            np.ascontiguousarray(values, kind)
            for values, kind in zip((keys, *figures), self._types, strict=True)
        ]
        edges = bounds.tolist()
        for streams, start, end in zip(self._streams, edges, edges[1:], strict=False):
            if start < end:
                for stream, content in zip(streams, contents, strict=True):
                    stream.write(content[start:end].data)

    def buckets(self) -> Iterator[Bucket]:
        """Yield every bucket, in order of the keys."""
        bounds = np.array(self._bounds, dtype=np.intp).reshape(-1, BUCKETS + 1)
        for at, streams in enumerate(self._streams):
            columns = []
            for stream, kind in zip(streams, self._types, strict=True):
                stream.seek(0)
                columns.append(np.frombuffer(stream.read(), kind))
            yield Bucket(columns, bounds[:, at + 1] - bounds[:, at], bounds[:, at])
