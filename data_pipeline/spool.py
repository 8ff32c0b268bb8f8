"""Temporary files of a build: what would fill memory goes to disk, and leaves nothing behind."""

from __future__ import annotations

import tempfile
from contextlib import ExitStack
from types import TracebackType
from typing import IO, Self


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
