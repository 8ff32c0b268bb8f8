"""``python -m benchmarks.map.serving WAY FOLDER LIBRARY``: serve one way; print its port.

Every answer says how long the server took for it, in a Server-Timing header.
"""

from __future__ import annotations

import logging
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from werkzeug.serving import make_server

from app import create_app
from components.controls import filters
from components.map import panel as map_panel
from components.pages import explore
from server.settings import Settings

from .inline import inline_app
from .raw import raw_app
from .ways import DASHBOARDS

Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


def timed(application: Application) -> Application:
    """Add the milliseconds from request to answer to every answer of a WSGI application."""

    def serve(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        start = time.perf_counter()

        def start_timed(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
            taken = (time.perf_counter() - start) * 1000
            return start_response(
                status, [*headers, ("Server-Timing", f"app;dur={taken:.1f}")], *rest
            )

        return application(environ, start_timed)

    return serve


def application(way: str, folder: Path, library: Path) -> Application:
    """Return the WSGI application of a way."""
    if way in DASHBOARDS:
        flask_app = dashboard(folder, map_alone=way == "ours-map")
    else:
        flask_app = inline_app(folder) if way == "inline" else raw_app(folder, library)
    return timed(flask_app.wsgi_app)


def dashboard(folder: Path, map_alone: bool) -> Any:
    """Return the dashboard; with its map alone, the other panels stay empty."""
    if map_alone:
        kept = (filters.PANEL, map_panel.PANEL)
        vars(explore)["PANELS"] = tuple(
            panel if panel in kept else replace(panel, show=None, late=False)
            for panel in explore.PANELS
        )
    settings = replace(Settings.from_environment(), dataset=folder / "dataset")
    return create_app(settings).server


@contextmanager
def served(ways: Iterable[str], folder: Path, library: Path) -> Iterator[dict[str, str]]:
    """Serve each way from a process of its own; yields their addresses."""
    with ExitStack() as stack:
        processes = {way: stack.enter_context(_process(way, folder, library)) for way in ways}
        yield {way: _address(way, process) for way, process in processes.items()}


@contextmanager
def _process(way: str, folder: Path, library: Path) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "benchmarks.map.serving", way, str(folder), str(library)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.terminate()


def _address(way: str, process: subprocess.Popen[str]) -> str:
    port = process.stdout.readline().strip() if process.stdout else ""
    if not port:
        raise RuntimeError(f"The server of “{way}” did not start.")
    return f"http://127.0.0.1:{port}"


def main() -> None:
    way, folder, library = sys.argv[1:]
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    wsgi = application(way, Path(folder).resolve(), Path(library).resolve())
    server = make_server("127.0.0.1", 0, wsgi, threaded=True)
    print(server.port, flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
