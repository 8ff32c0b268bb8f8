"""Generate a police archive, count it in several ways, and print what each way takes.

Nothing heavy is imported here: a process starts out with the peak memory of the one it comes from.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
from pathlib import Path

from .measure import Run, measure, ratio, table

TITLES = {
    "unzip": "`unzip -p` to nowhere",
    "pipeline": "this pipeline: ZIP to published dataset",
    "duckdb": "DuckDB: extracted files to counts",
    "pandas": "pandas: ZIP to counts",
    "pipeline_first": "this pipeline, drawing the map as well",
    "add": "this pipeline: the last month added to those before it",
}
ONCE = "pipeline_first"


def main() -> None:
    options = parsed(sys.argv[1:])
    folder = options.into / f"{options.months}-months-scale-{options.scale:g}"
    say(f"preparing {options.months} months in {folder}, and building all but the last")
    python("prepare", folder, options.months, options.scale)
    ways = [way for way in TITLES if way not in options.without]
    runs: dict[str, list[Run]] = {way: [] for way in ways}
    agreed = ""
    for number in range(options.repeats):
        for way in ways:
            if number == 0 or way != ONCE:
                say(f"round {number + 1} of {options.repeats}: {TITLES[way]}")
                if way == "add":
                    put_back(folder)
                runs[way].append(measure(way, folder, folder / "results" / way))
        agreed = python("compare", *(folder / "results" / way for way in ways if way != "unzip"))
    print(report(options.months, int((folder / "rows").read_text()), agreed, runs))


def parsed(words: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--months", type=int, default=12, help="length of the archive")
    parser.add_argument("--repeats", type=int, default=3, help="rounds; each way runs once in each")
    parser.add_argument("--scale", type=float, default=1.0, help="size of the nation, from 0.02")
    parser.add_argument("--into", type=Path, default=Path("data/bench"), help="folder to work in")
    parser.add_argument("--without", nargs="*", default=[], choices=list(TITLES)[2:])
    options = parser.parse_args(words)
    if options.months < 2:
        parser.error("--months is 2 or more: the last one is added to those before it")
    return options


def put_back(folder: Path) -> None:
    """Put the dataset that the last month is added to back to what it was before."""
    for path in (folder / "results").glob("add*"):
        if path.is_symlink():
            path.unlink()
        else:
            shutil.rmtree(path)
    shutil.copytree(folder / "before", folder / "results", symlinks=True, dirs_exist_ok=True)


def python(module: str, *words: object) -> str:
    """Run a module of this package in a process of its own and return what it prints."""
    command = [sys.executable, "-m", f"benchmarks.{module}", *map(str, words)]
    done = subprocess.run(command, check=False, stdout=subprocess.PIPE, text=True)
    if done.returncode:
        sys.exit(done.returncode)
    return done.stdout.strip()


def report(months: int, rows: int, agreed: str, runs: dict[str, list[Run]]) -> str:
    own = runs["pipeline"]
    lines = [
        f"{months} months, {rows:,} rows; {os.cpu_count()} processors. All ways agree: {agreed}.",
        "",
        table(runs, TITLES, "unzip"),
        "",
        f"- this pipeline ÷ `unzip -p`: {ratio(own, runs['unzip']):.2f}",
        *(
            f"- {way} ÷ this pipeline: {ratio(runs[way], own):.2f}"
            for way in ("duckdb", "pandas")
            if way in runs
        ),
        *(
            f"- adding a month ÷ {TITLES[way]}, CPU: {ratio(runs['add'], runs[way], 'cpu'):.2f}"
            for way in ("pipeline", "pipeline_first")
            if "add" in runs and way in runs
        ),
    ]
    return "\n".join(lines)


def say(message: str) -> None:
    print(f"{message} …", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
