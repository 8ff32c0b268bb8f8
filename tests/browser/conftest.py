"""A server over the demo dataset, and a browser to drive the page."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, sync_playwright
from werkzeug.serving import make_server

from app import create_app
from data_pipeline.dataset import Dataset
from data_pipeline.demo import make_demo
from server.settings import Settings

from .find_browser import ARGUMENTS, find_browser

DESKTOP = {"width": 1440, "height": 900}
PATIENCE_MS = 20_000


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small synthetic nation with every force."""
    out = tmp_path_factory.mktemp("demo") / "current"
    make_demo(out, scale=0.1)
    return out


@pytest.fixture(scope="session")
def demo_dataset(demo: Path) -> Dataset:
    return Dataset.open(demo)


@pytest.fixture(scope="session")
def base_url(demo: Path) -> Iterator[str]:
    yield from serve(demo)


def serve(dataset: Path, **changes: Any) -> Iterator[str]:
    """Serve a dataset on a free port of this machine while the tests run, some settings changed."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    app = create_app(replace(Settings.from_environment(), dataset=dataset, **changes))
    server = make_server("127.0.0.1", 0, app.server, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.port}"
    server.shutdown()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    path = find_browser()
    assert path, "no browser: run make test, which installs one"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(ARGUMENTS))
        yield browser
        browser.close()


@pytest.fixture
def page(browser: Browser, base_url: str) -> Iterator[Page]:
    """A desktop page that fails the test on any error of the page's own scripts."""
    context = browser.new_context(
        viewport=DESKTOP, base_url=base_url, locale="en-GB", accept_downloads=True
    )
    page = context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    yield page
    context.close()
    assert not errors, errors
