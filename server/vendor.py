"""Style sheets of third parties, served from their installed packages so that nothing is remote."""

from __future__ import annotations

from pathlib import Path

import flask_bootstrap
from flask import Flask, Response, send_from_directory

VENDOR = "/vendor"
BOOTSTRAP_URL = f"{VENDOR}/bootstrap.min.css"
A_WEEK = 7 * 24 * 3600


def register(flask_app: Flask) -> None:
    """Serve Bootstrap's style sheet at BOOTSTRAP_URL."""
    directory = Path(flask_bootstrap.__file__).parent / "static" / "bootstrap5" / "css"

    @flask_app.get(BOOTSTRAP_URL)
    def bootstrap() -> Response:
        return send_from_directory(directory, "bootstrap.min.css", max_age=A_WEEK)
