"""The composition root: settings, the open dataset, the Dash page and the routes beside it.

``app:server`` is the WSGI entry point (``gunicorn app:server``); ``python app.py`` is for trying
things out.
"""

from __future__ import annotations

import argparse
import contextlib
import logging
import sys

from dash import Dash
from flask import Flask
from werkzeug.serving import make_server

from components import basemaps, page
from server import headers, routes, vendor
from server.open_dataset import DatasetSource
from server.settings import SettingError, Settings

ICON = (
    "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'%3E"
    "%3Cpath fill='%238a1a4f' d='M1 9h4v6H1zM6 1h4v14H6zM11 5h4v10h-4z'/%3E%3C/svg%3E"
)


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
    app = Dash(
        "crime_atlas",
        server=flask_app,  # type: ignore[arg-type]  # Dash accepts an application too
        assets_folder=str(settings.root / "assets"),
        external_stylesheets=[vendor.BOOTSTRAP_URL],
        title="Crime Atlas",
        update_title="",
        serve_locally=True,
        suppress_callback_exceptions=True,
        on_error=page.report_error,
        meta_tags=[{"name": "viewport", "content": "width=device-width, initial-scale=1"}],
        description="Police-recorded crime for every neighbourhood of England and Wales",
    )
    app.index_string = (
        app.index_string.replace("<html>", '<html lang="en-GB">')
        # An address of its own would be asked for again whenever the reader's link changes.
        .replace("{%favicon%}", f'<link rel="icon" href="{ICON}">')
        # The page has a footer of its own; this one only holds scripts.
        .replace("<footer>", "<div>")
        .replace("</footer>", "</div>")
    )
    tiles = basemaps.TILES if settings.remote_tiles else {}
    app.layout = lambda: page.layout(source.current, tuple(tiles))
    page.register(app, source.current)
    headers.allow_scripts(flask_app, app.csp_hashes())
    headers.allow_tiles(flask_app, basemaps.tile_hosts() if tiles else ())
    return app


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
