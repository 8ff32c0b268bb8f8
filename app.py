"""The composition root: settings, the open dataset, the Dash page and the routes beside it.

``app:server`` is the WSGI entry point (``gunicorn app:server``); ``python app.py`` is for trying
things out.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import html
import json
import logging
import re
import sys
from typing import Any

from dash import Dash
from flask import Flask
from werkzeug.serving import make_server

from components import answer, ids, page, palette
from components.frame import notices
from components.map import basemaps
from components.pages import explore
from server import headers, limits, routes, vendor
from server.open_dataset import DatasetSource
from server.settings import SettingError, Settings

FINGERPRINT = re.compile(r"\.v([\w-]+)m(?=\d+\.)")
"""Version and time in the address of a script, by which Dash lets browsers keep it."""

ASKED_FOR = ("_dash-layout", "_dash-dependencies")
LATE_SCRIPTS = (
    "plotly/package_data/plotly.min.js",
    "dash/dcc/async-graph.js",
    "dash/dcc/async-dropdown.js",
    "dash_ag_grid/async-community.js",
)
"""What Dash's components load once they are drawn, one after the other."""

ICON = (
    "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E"
    "%3Cpath fill='%238a1a4f' d='M1 9h4v6H1zM6 1h4v14H6zM11 5h4v10h-4z'/%3E%3C/svg%3E"
)


class Site(Dash):
    """Dash, without a word of what it runs on: versions tell attackers where to look."""

    def _config(self) -> Any:
        config: dict[str, Any] = super()._config()  # type: ignore[no-untyped-call]
        return {name: value for name, value in config.items() if not _tells_version(name)}

    def interpolate_index(self, *parts: Any, **named: Any) -> str:
        """Return the page's frame; the addresses of scripts carry a hash for a version."""
        written: str = super().interpolate_index(*parts, **named)  # type: ignore[no-untyped-call]
        return FINGERPRINT.sub(lambda found: f".v{_hash(found[1])}m", written)


def _tells_version(name: str) -> bool:
    return name.removesuffix("_url").endswith("_version")


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:8]


def create_app(settings: Settings) -> Dash:
    """Return the application for some settings.

    Parameters
    ----------
    settings : Settings
        Where the dataset is, among others.

    Returns
    -------
    Dash
        Its ``server`` is the WSGI application.
    """
    source = DatasetSource(settings.dataset)
    flask_app = Flask("crime_atlas")
    routes.register(flask_app, source, settings)
    vendor.register(flask_app)
    app = Site(
        "crime_atlas",
        server=flask_app,  # type: ignore[arg-type]  # Dash accepts an application too
        assets_folder=str(settings.root / "assets"),
        external_stylesheets=[f"{settings.prefix}{vendor.BOOTSTRAP_URL}"],
        requests_pathname_prefix=f"{settings.prefix}/",
        routes_pathname_prefix="/",
        title="Crime Atlas",
        update_title="",
        serve_locally=True,
        suppress_callback_exceptions=True,
        on_error=notices.report_error,
        meta_tags=[{"name": "viewport", "content": "width=device-width, initial-scale=1"}],
        description="Police-recorded crime for every neighbourhood of England and Wales",
    )
    app.index_string = (
        app.index_string.replace("<html>", '<html lang="en-GB">')
        .replace("{%css%}", _handed() + _hints(settings.prefix) + "{%css%}")
        # An address of its own would be asked for again whenever the reader's link changes.
        .replace("{%favicon%}", f'<link rel="icon" href="{ICON}">')
        # The page has a footer of its own; this one only holds scripts.
        .replace("<footer>", "<div>")
        .replace("</footer>", "</div>")
    )
    tiles = basemaps.TILES if settings.remote_tiles else {}
    app.layout = lambda: page.layout(explore.PANELS, source.current, tuple(tiles))
    page.connect(app, explore.PANELS, source.current)
    limits.guard_callbacks(flask_app, app.callback_map, answer.checks(explore.PANELS))
    headers.allow_scripts(flask_app, app.csp_hashes())
    headers.allow_tiles(flask_app, basemaps.tile_hosts() if tiles else ())
    _warm(flask_app)
    return app


def _hints(prefix: str) -> str:
    """Return the elements by which a browser fetches at once what the page will ask for later."""
    data = "".join(
        f'<link rel="preload" as="fetch" crossorigin href="{prefix}/{name}">' for name in ASKED_FOR
    )
    scripts = "".join(
        f'<link rel="preload" as="script" href="{prefix}/_dash-component-suites/{name}">'
        for name in LATE_SCRIPTS
    )
    return data + scripts


def _handed() -> str:
    """Return the elements by which style sheet and scripts get colours and ids from Python."""
    names = html.escape(json.dumps(ids.by_name()))
    return f'<style>{palette.style_sheet()}</style><meta name="crime-atlas-ids" content="{names}">'


def _warm(flask_app: Flask) -> None:
    """Render the page's frame once, so that a worker may be asked for any file of it first.

    Dash knows the packages whose scripts it serves only after it has written their addresses into
    a page, and a reader's browser asks several workers at once.
    """
    flask_app.test_client().get("/")


try:
    settings = Settings.from_environment()
except SettingError as error:
    print(error, file=sys.stderr)
    sys.exit(2)
app = create_app(settings)
server = app.server


def main() -> None:
    """Serve the dashboard for trying things out."""
    parser = argparse.ArgumentParser(description="Serve Crime Atlas on this machine.")
    parser.add_argument("--host", default=settings.host)
    parser.add_argument("--port", type=int, default=settings.port)
    options = parser.parse_args()
    logging.getLogger("werkzeug").setLevel(logging.WARNING)
    try:
        served = make_server(options.host, options.port, server, threaded=True)
    except (OSError, SystemExit):
        print(
            f"Port {options.port} of {options.host} is taken or not allowed. "
            "Name another with --port or CRIME_ATLAS_PORT.",
            file=sys.stderr,
        )
        sys.exit(2)
    print(f"Crime Atlas on http://{options.host}:{options.port} (stop with Ctrl+C)", flush=True)
    with contextlib.suppress(KeyboardInterrupt):
        served.serve_forever()


if __name__ == "__main__":
    main()
