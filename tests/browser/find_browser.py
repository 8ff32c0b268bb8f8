"""Where the browser of tests and benchmarks is, and how it is started."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from playwright.sync_api import sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")

ARGUMENTS = (
    *("--no-sandbox", "--disable-quic", "--no-first-run", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync"),
    *("--use-gl=angle", "--use-angle=swiftshader", "--enable-unsafe-swiftshader"),
)
"""Quiet, and drawing without a graphics card."""


def find_browser() -> str | None:
    """Return the path of a Chromium: the one named, Playwright's own, or the system's."""
    named = os.environ.get("CRIME_ATLAS_BROWSER")
    if named:
        return named if Path(named).exists() else None
    with sync_playwright() as playwright:
        own = playwright.chromium.executable_path
    if own and Path(own).exists():
        return own
    return next((path for name in NAMES if (path := shutil.which(name))), None)
