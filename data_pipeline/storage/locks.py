"""Directories held by a running process, so that what a killed one left is told from its work.

The system lets go of a lock when its process ends, however it ends. Where a file system has no
locks, nothing is held and nothing is known to be free.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


@contextmanager
def held(directory: Path) -> Iterator[None]:
    """Hold a directory; wait for whoever holds it now."""
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        with suppress(OSError):
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def is_free(directory: Path) -> bool:
    """Tell whether certainly no running process holds a directory."""
    try:
        descriptor = os.open(directory, os.O_RDONLY)
    except OSError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    else:
        return True
    finally:
        os.close(descriptor)
