"""``python -m benchmarks.prepare FOLDER MONTHS SCALE``: make what the ways start from."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from data_pipeline.build.remembered import build_and_remember

from .archive import write_archive
from .measure import own_cache
from .nation import inputs, make_inputs

SEED = 20240101


def prepare(folder: Path, months: int, scale: float) -> None:
    """Write inputs and archive, unless they are there, and build from all months but the last.

    The build is what ``add`` starts from; it leaves map and areas in the cache for the others. It
    is made anew each time, because what is kept by another version of the program is of no use.
    """
    rows = folder / "rows"
    if not rows.exists():
        shutil.rmtree(folder, ignore_errors=True)
        nation = make_inputs(folder / "geography", scale, SEED)
        count = write_archive(folder / "archive.zip", nation, months, SEED, folder / "extracted")
        (folder / "results").mkdir()
        rows.write_text(str(count))
    build_before(folder)


def build_before(folder: Path) -> None:
    """Build the dataset that the last month is to be added to, and remember what was read."""
    before = folder / "before"
    shutil.rmtree(before, ignore_errors=True)
    before.mkdir()
    earlier = sorted((folder / "extracted").iterdir())[:-1]
    with own_cache(folder):
        build_and_remember(inputs(folder / "geography", *earlier), before / "add", reread=True)


if __name__ == "__main__":
    prepare(Path(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3]))
