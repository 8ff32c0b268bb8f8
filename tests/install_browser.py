"""Make sure that there is a browser for the tests, installing one where there is none.

Playwright's own download is tried first, then the system's package manager.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

from tests.browser.find_browser import find_browser

ATTEMPTS: tuple[tuple[str, ...], ...] = (
    (sys.executable, "-m", "playwright", "install", "--with-deps", "chromium"),
    ("apt-get", "update"),
    ("apt-get", "install", "--yes", "chromium"),
)


def main() -> int:
    for command in ATTEMPTS:
        if find_browser() is not None:
            return 0
        if shutil.which(command[0]) is None:
            continue
        print(f"No browser for the tests yet; trying: {' '.join(command)}", flush=True)
        environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        subprocess.run(command, check=False, env=environment, stdin=subprocess.DEVNULL)
    if find_browser() is not None:
        return 0
    print(
        "The tests need a Chromium browser and none could be installed. Install Chromium or "
        "Chrome, or name one with CRIME_ATLAS_BROWSER=/path/to/browser.",
        file=sys.stderr,
    )
    return 2


if __name__ == "__main__":
    sys.exit(main())
