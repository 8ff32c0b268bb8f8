"""Compressed answers; files of the page are compressed once, not for every visitor."""

from __future__ import annotations

import threading

from cachetools import LRUCache
from flask import Flask, Request
from flask_compress import Compress

from .vendor import VENDOR

COMPRESSED = (
    "application/geo+json",
    "application/javascript",
    "application/json",
    "image/svg+xml",
    "text/css",
    "text/csv",
    "text/html",
    "text/javascript",
    "text/plain",
)
FILES = ("/_dash-component-suites/", "/assets/", f"{VENDOR}/")
"""Paths of files that stay as they are while the server runs."""

BROTLI_LEVEL = 6
"""A tenth smaller than the library's own choice; more takes five times as long for answers."""

MOST_BYTES = 16_000_000
NOT_KEPT = ""


def register(flask_app: Flask) -> None:
    """Compress the answers of an application."""
    flask_app.config.setdefault("COMPRESS_MIMETYPES", list(COMPRESSED))
    flask_app.config.setdefault("COMPRESS_ALGORITHM", ["br", "gzip"])
    flask_app.config.setdefault("COMPRESS_ALGORITHM_STREAMING", ["br", "gzip"])
    flask_app.config.setdefault("COMPRESS_BR_LEVEL", BROTLI_LEVEL)
    flask_app.config.setdefault("COMPRESS_CACHE_BACKEND", CompressedFiles)
    flask_app.config.setdefault("COMPRESS_CACHE_KEY", file_key)
    Compress(flask_app)


def file_key(request: Request) -> str:
    """Return what a compressed file is kept under; NOT_KEPT for every other answer.

    A part of a file is none that is kept, and an address with a query may name another version.
    """
    is_file = request.path.startswith(FILES) and request.method == "GET"
    return request.full_path if is_file and "Range" not in request.headers else NOT_KEPT


class CompressedFiles:
    """What Flask-Compress has compressed, by algorithm and ``file_key``; bounded in bytes."""

    def __init__(self) -> None:
        self._kept: LRUCache[str, bytes] = LRUCache(MOST_BYTES, getsizeof=len)
        self._lock = threading.Lock()

    def get(self, key: str) -> bytes | None:
        """Return what is kept under a key, or None."""
        with self._lock:
            return self._kept.get(key)

    def set(self, key: str, value: bytes) -> None:
        """Keep the bytes of a file."""
        if not key.endswith(f";{NOT_KEPT}") and len(value) <= MOST_BYTES:
            with self._lock:
                self._kept[key] = value
