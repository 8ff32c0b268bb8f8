"""Gunicorn workers that serve a dataset, as `make serve` starts them."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import requests

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 60.0
WORKERS = 3


@contextmanager
def gunicorn(dataset: Path, **settings: str) -> Iterator[str]:
    """Serve a dataset with the project's own configuration.

    Parameters
    ----------
    settings : str
        Environment variables of the server.
    """
    with served(dataset, **settings) as (address, _):
        yield address


@contextmanager
def served(dataset: Path, **settings: str) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """Serve a dataset, and give the address and the process; its log is in its standard output."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    environment = {
        "CRIME_ATLAS_DATASET": str(dataset),
        "CRIME_ATLAS_PORT": str(port),
        "CRIME_ATLAS_WORKERS": str(WORKERS),
    }
    server = subprocess.Popen(
        [sys.executable, "-m", "gunicorn", "app:server"],
        cwd=ROOT,
        env={**os.environ, **environment, **settings},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        yield f"http://127.0.0.1:{port}", server
    finally:
        server.terminate()
        server.communicate(timeout=PATIENCE)


def answered(address: str) -> requests.Response:
    """Return the first answer of a server that may not listen yet."""
    end = time.monotonic() + PATIENCE
    while True:
        try:
            return requests.get(address, timeout=PATIENCE)
        except requests.ConnectionError:
            if time.monotonic() > end:
                raise
            time.sleep(0.02)
