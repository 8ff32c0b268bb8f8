"""``python -m benchmarks.prepare FOLDER MONTHS SCALE``: generate what is to be counted."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from .archive import write_archive
from .nation import make_inputs
from .ways import pipeline

SEED = 20240101


def prepare(folder: Path, months: int, scale: float) -> None:
    """Write inputs and archive, and build once, so that map and areas are in the cache."""
    shutil.rmtree(folder, ignore_errors=True)
    nation = make_inputs(folder / "geography", scale, SEED)
    archive = folder / "archive.zip"
    rows = write_archive(archive, nation, months, SEED, folder / "extracted")
    pipeline(folder, folder / "results" / "warm")
    (folder / "rows").write_text(str(rows))


if __name__ == "__main__":
    prepare(Path(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3]))
