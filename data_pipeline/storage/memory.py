"""Give memory back to the system."""

from __future__ import annotations

import ctypes
import gc
import sys

import pyarrow as pa


def release_memory() -> None:
    """Return to the system what is no longer used.

    Geometries are many small blocks: once freed they leave the heap full of holes, which glibc
    keeps, so that later stages would come on top of them.
    """
    gc.collect()
    pa.default_memory_pool().release_unused()
    if sys.platform == "linux":
        trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
        if trim is not None:
            trim(0)
