"""The map's layers by hashed URL: precompressed, and cached for good by the browser."""

from __future__ import annotations

import re
from pathlib import Path

from flask import Flask, Response, abort, request, send_file

from data_pipeline.dataset import Dataset, DatasetError

from .open_dataset import DatasetSource

MIMETYPE = "application/geo+json"
CACHE_CONTROL = "public, max-age=31536000, immutable"
ENCODINGS = {"br": ".br", "gzip": ".gz"}
"""Encodings in order of preference, with the suffix of their files."""

_NAME = re.compile(r"[a-z]+-[a-z0-9-]+-[0-9a-f]{16}\.json")


def register(flask_app: Flask, source: DatasetSource) -> None:
    """Serve ``GET /geometry/<file>``."""

    @flask_app.get("/geometry/<file>")
    def geometry(file: str) -> Response:
        try:
            found = find_layer(source.current(), file)
        except DatasetError:
            found = None
        if found is None:
            abort(404)
        encoding = _accepted_encoding(found)
        suffix = ENCODINGS[encoding] if encoding else ""
        response = send_file(found.with_name(found.name + suffix), mimetype=MIMETYPE, etag=False)
        if encoding:
            response.headers["Content-Encoding"] = encoding
        response.headers["Cache-Control"] = CACHE_CONTROL
        response.headers["Vary"] = "Accept-Encoding"
        return response


def find_layer(dataset: Dataset, file: str) -> Path | None:
    """Return the layer called `file`, of this dataset or of an earlier version that still exists.

    A page that was opened before a new dataset was swapped in still asks for the old one's layers.
    """
    if file in {layer.file for layer in dataset.layers.values()}:
        found = dataset.geometry / file
        return found if found.is_file() else None
    if not _NAME.fullmatch(file) or not dataset.path.parent.name.endswith(".versions"):
        return None
    versions = (path / "geometry" / file for path in dataset.path.parent.glob("[!.]*"))
    return next((path for path in versions if path.is_file()), None)


def _accepted_encoding(found: Path) -> str | None:
    accepted = request.accept_encodings
    held = [
        encoding
        for encoding, suffix in ENCODINGS.items()
        if accepted.quality(encoding) > 0 and found.with_name(found.name + suffix).is_file()
    ]
    return max(held, key=accepted.quality, default=None)
