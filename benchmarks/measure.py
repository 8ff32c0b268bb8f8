"""Wall time, processor time and peak memory of a process and of those it starts."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from data_pipeline.geography.areas_store import CACHE_VARIABLE


@dataclass(frozen=True)
class Run:
    """What one process took: seconds of wall and processor, and peak memory in MB (10⁶ bytes)."""

    wall: float
    cpu: float
    peak: float


def measure(way: str, folder: Path, result: Path) -> Run:
    """Run one way of ``benchmarks.ways`` in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.ways", way, str(folder), str(result)]
    if way == "unzip":
        command = ["unzip", "-p", str(folder / "archive.zip")]
    start = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
        _, status, used = os.wait4(process.pid, 0)
        wall = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise RuntimeError(f"{way} failed with exit code {process.returncode}")
    return Run(wall, used.ru_utime + used.ru_stime, used.ru_maxrss * 1024 / 1e6)


def table(runs: dict[str, list[Run]], titles: dict[str, str], base: str) -> str:
    """Return medians as a Markdown table, with the wall time as a ratio to that of `base`."""
    lines = [
        f"| way | wall s | CPU s | peak MB | wall ÷ {titles[base]} | runs |",
        "|---|---|---|---|---|---|",
    ]
    for way, measured in runs.items():
        wall, cpu, peak = (
            statistics.median(getattr(run, part) for run in measured)
            for part in ("wall", "cpu", "peak")
        )
        lines.append(
            f"| {titles[way]} | {wall:.1f} | {cpu:.1f} | {peak:,.0f} | "
            f"{ratio(measured, runs[base]):.2f} | {len(measured)} |"
        )
    return "\n".join(lines)


def ratio(runs: Sequence[Run], base: Sequence[Run], part: str = "wall") -> float:
    """Return how many times more than `base` `runs` took of a part: the median over rounds."""
    pairs = zip(runs, base, strict=False)
    ratios = [float(getattr(run, part)) / float(getattr(other, part)) for run, other in pairs]
    return statistics.median(ratios)


@contextmanager
def own_cache(folder: Path) -> Iterator[None]:
    """Keep areas and map layers in a folder of the benchmark, and leave the user's alone."""
    before = os.environ.get(CACHE_VARIABLE)
    os.environ[CACHE_VARIABLE] = str(folder / "cache")
    try:
        yield
    finally:
        del os.environ[CACHE_VARIABLE]
        if before is not None:
            os.environ[CACHE_VARIABLE] = before
