"""Everything that the server adds to the page."""

from __future__ import annotations

from flask import Flask

from . import (
    compression,
    errors,
    export,
    geometry,
    headers,
    health,
    limits,
    map_extras,
    prefix,
)
from .open_dataset import DatasetSource
from .settings import Settings


def register(flask_app: Flask, source: DatasetSource, settings: Settings) -> None:
    """Add routes, headers, compression and error pages to the application.

    Parameters
    ----------
    flask_app : Flask
    source : DatasetSource
    settings : Settings
    """
    prefix.register(flask_app, settings.prefix)
    compression.register(flask_app)
    headers.register(flask_app, settings.frame_ancestors)
    limits.register(flask_app)
    errors.register(flask_app)
    geometry.register(flask_app, source)
    map_extras.register(flask_app, source)
    export.register(flask_app, source)
    health.register(flask_app, source)
