"""The composition root: settings, the open dataset, the Dash page and the routes beside it.

``app:server`` is the WSGI entry point (``gunicorn app:server``); ``python app.py`` serves one
reader at a time for trying things out.
"""

from __future__ import annotations

import argparse
import sys

from dash import Dash
from flask import Flask

from components import page
from server import headers, routes, vendor
from server.open_dataset import DatasetSource
from server.settings import SettingError, Settings


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
    app.index_string = app.index_string.replace("<html>", '<html lang="en-GB">')
    app.layout = lambda: page.layout(source.current)
    page.register(app, source.current)
    headers.allow_scripts(flask_app, app.csp_hashes())
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
    print(f"Crime Atlas on http://{options.host}:{options.port}", flush=True)
    app.run(host=options.host, port=options.port, debug=False)


if __name__ == "__main__":
    main()
