"""The counts of each street file on disk, so that memory does not grow with the months."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..dataset.crime_types import CrimeType, type_slug
from .read import ReadFile
from .spool import Spool


@dataclass(frozen=True)
class Pairs:
    """Kept rows of each type in each area of one file; arrays [pairs], as in its tally."""

    type_index: NDArray[np.int32]
    area: NDArray[np.int32]
    count: NDArray[np.uint32]


class CountSpool(Spool):
    """A temporary store of the counts of many files; use it as a context manager."""

    def __init__(self) -> None:
        super().__init__()
        self._stream = self._file()
        self._places: list[tuple[int, int]] = []

    def add(self, pairs: Pairs) -> None:
        """Store the counts of one more file."""
        self._places.append((self._stream.seek(0, 2), len(pairs.count)))
        for values in (pairs.type_index, pairs.area, pairs.count):
            self._stream.write(np.ascontiguousarray(values).data)

    def pairs(self, file: int) -> Pairs:
        """Return the counts of the file added as number `file`, from 0."""
        start, length = self._places[file]
        self._stream.seek(start)
        type_index, area, count = (self._stream.read(4 * length) for _ in range(3))
        return Pairs(
            np.frombuffer(type_index, np.int32),
            np.frombuffer(area, np.int32),
            np.frombuffer(count, np.uint32),
        )


@dataclass(frozen=True)
class MonthlyCounts:
    """The rows kept of all files that count, one month at a time.

    Iterating gives, for each month, a uint32 array [crime types, areas].

    Attributes
    ----------
    spool : CountSpool
    read : every file in it, in its order
    used : numbers of the files that count
    months, crime_types : the axes
    areas : number of areas
    """

    spool: CountSpool
    read: Sequence[ReadFile]
    used: Sequence[int]
    months: Sequence[str]
    crime_types: Sequence[CrimeType]
    areas: int

    @property
    def shape(self) -> tuple[int, int, int]:
        """Months, crime types and areas."""
        return len(self.months), len(self.crime_types), self.areas

    def __iter__(self) -> Iterator[NDArray[np.uint32]]:
        position = {kind.slug: at for at, kind in enumerate(self.crime_types)}
        for month in self.months:
            counts = np.zeros(self.shape[1:], dtype=np.uint32)
            for file in self._files_of(month):
                pairs, types = self.spool.pairs(file), self.read[file].tally.types
                kinds = np.array([position[type_slug(name)] for name in types], dtype=np.intp)
                # two spellings of one type share a position, so that pairs can repeat
                np.add.at(counts, (kinds[pairs.type_index], pairs.area), pairs.count)
            yield counts

    def by_area(self) -> NDArray[np.int64]:
        """Return the rows of each area, over all months and types; int64 array [areas]."""
        total = np.zeros(self.areas, dtype=np.int64)
        for file in self.used:
            pairs = self.spool.pairs(file)
            total += np.bincount(pairs.area, pairs.count, self.areas).astype(np.int64)
        return total

    def _files_of(self, month: str) -> list[int]:
        return [file for file in self.used if self.read[file].file.month == month]
