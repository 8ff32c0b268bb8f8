"""The dataset that is being served: opened once, replaced when a newer one is swapped in."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import cast

from data_pipeline.dataset import Dataset, DatasetError

CHECK_SECONDS = 1.0

Stamp = tuple[str, int, int]
"""Where the link leads, and the manifest's file number and time."""

log = logging.getLogger(__name__)


class DatasetSource:
    """Gives the dataset at a path, and follows the path when it leads to another one.

    Safe to share between threads.

    Parameters
    ----------
    path : Path
        A dataset directory or a link to one; it may come into being later.
    clock : function returning seconds
        For tests.
    """

    def __init__(self, path: Path, clock: Callable[[], float] = time.monotonic) -> None:
        self.path = path
        self._clock = clock
        self._lock = threading.Lock()
        self._dataset: Dataset | None = None
        self._error: DatasetError | None = None
        self._stamp: Stamp | None = None
        self._is_whole = False
        self._checked = -float("inf")

    def current(self, wanted: str = "") -> Dataset:
        """Return the dataset; the path is looked at once a second at most.

        A dataset that replaces a good one but cannot be opened is logged, and the good one stays.

        Parameters
        ----------
        wanted : str
            Start of the id that a page was opened on, if any. Where it is another one the path is
            looked at at once: the page may be of a worker that noticed a new dataset earlier.

        Raises
        ------
        DatasetError
            If none could be opened so far; the message names the remedy.
        """
        with self._lock:
            other = self._dataset is not None and not self._dataset.id.startswith(wanted)
            if other or self._clock() - self._checked >= CHECK_SECONDS:
                self._look()
                self._checked = self._clock()
            if self._dataset is None and self._error is not None:
                raise type(self._error)(self._error.problem, self._error.remedy)
            return cast("Dataset", self._dataset)

    def _look(self) -> None:
        stamp = _stamp(self.path)
        if stamp == self._stamp and (self._is_whole or stamp is None) and self._has_looked():
            return
        self._stamp = stamp
        try:
            opened = Dataset.open(self.path)
        except DatasetError as error:
            self._complain(error)
            return
        self._is_whole, self._error = True, None
        log.info("Serving dataset %s, release %s", opened.id[:16], opened.release)
        self._dataset = opened

    def _has_looked(self) -> bool:
        return self._dataset is not None or self._error is not None

    def _complain(self, error: DatasetError) -> None:
        """Keep an error; it is logged once, though a copy in progress is looked at every second."""
        is_new = self._error is None or str(self._error) != str(error)
        self._is_whole, self._error = False, error
        if not is_new:
            return
        if self._dataset is not None:
            log.warning("Still serving dataset %s. %s", self._dataset.id[:16], error)
        else:
            log.warning("%s", error)


def _stamp(path: Path) -> Stamp | None:
    try:
        directory = path.resolve(strict=True)
        manifest = (directory / "manifest.json").stat()
    except OSError:
        return None
    return str(directory), manifest.st_ino, manifest.st_mtime_ns
