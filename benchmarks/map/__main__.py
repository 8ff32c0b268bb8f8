"""Open the same maps in a browser in several ways, change a filter, and print what each takes."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from data_pipeline.dataset import Dataset
from tests.browser.find_browser import ARGUMENTS, find_browser

from .cases import CASES, Case, chosen_type, crime_types
from .prepare import fetch_maplibre, make_dataset
from .reader import Errand, UnusableMapError, Visit, visit
from .report import Visits, as_json, report
from .serving import served
from .ways import SERVERS, WAYS, address

NO_BROWSER = (
    "The map's benchmark needs a Chromium browser. `make test` installs one where it can; "
    "or install Chromium or Chrome, or name one with CRIME_ATLAS_BROWSER=/path/to/browser."
)


@dataclass(frozen=True)
class Stand:
    """What visits are made with; `servers` are the addresses of the servers by name."""

    browser: Browser
    servers: dict[str, str]
    dataset: Dataset
    pictures: Path


def main() -> None:
    options = parsed(sys.argv[1:])
    executable = find_browser()
    if executable is None:
        sys.exit(NO_BROWSER)
    folder = options.into / "map" / f"scale-{options.scale:g}"
    say(f"opening the synthetic dataset in {folder}, making it if there is none")
    dataset = make_dataset(folder, options.scale)
    library = options.into / "map"
    names = server_names(options.without, library)
    pictures = folder / "pictures"
    pictures.mkdir(exist_ok=True)
    with served(names, folder, library) as servers, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=list(ARGUMENTS))
        try:
            visits = measured(Stand(browser, servers, dataset, pictures), options)
        except UnusableMapError as error:
            sys.exit(str(error))
        finally:
            browser.close()
    if options.json:
        options.json.write_text(json.dumps(as_json(visits), indent=1), encoding="utf-8")
    print(report(dataset, visits))
    say(f"a picture of every map is in {pictures}; done")


def server_names(without: list[str], library: Path) -> list[str]:
    """Return which servers are needed, fetching MapLibre for the one that needs it."""
    wanted = [name for name in SERVERS if name not in without]
    if "raw" not in wanted:
        return wanted
    say("fetching MapLibre GL JS, unless it is there")
    missing = fetch_maplibre(library)
    if missing:
        print(missing, file=sys.stderr)
    return [name for name in wanted if name != "raw" or not missing]


def parsed(words: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.map", description=__doc__)
    parser.add_argument("--rounds", type=int, default=3, help="each way runs once in each")
    parser.add_argument("--scale", type=float, default=1.0, help="size of the nation, from 0.02")
    parser.add_argument("--into", type=Path, default=Path("data/bench"), help="folder to work in")
    parser.add_argument("--cases", nargs="*", default=list(CASES), choices=list(CASES))
    parser.add_argument("--without", nargs="*", default=[], choices=SERVERS[1:])
    parser.add_argument("--json", type=Path, help="file to write every visit to, as a list")
    return parser.parse_args(words)


def measured(stand: Stand, options: argparse.Namespace) -> Visits:
    """Visit every case in every way, in turn, round after round.

    Raises
    ------
    UnusableMapError
        If a map shows no colours, or the ways disagree about the areas' classes.
    """
    labels = crime_types(stand.dataset)
    visits: Visits = {}
    for number in range(options.rounds):
        for case in map(CASES.__getitem__, options.cases):
            of_case = {
                way: visits.setdefault((case.slug, way), []) for way in ways(stand.servers, case)
            }
            for way in list(of_case)[:: -1 if number % 2 else 1]:
                say(f"round {number + 1} of {options.rounds}: {case.title}, {WAYS[way].title}")
                ours = next(iter(of_case["ours"]), None)
                errand = Errand(
                    f"{case.slug}-{way}",
                    stand.servers[WAYS[way].server] + address(way, case, ours),
                    labels[chosen_type(number, case)],
                    zooms=number == 0,
                    pictures=stand.pictures if number == 0 else None,
                )
                of_case[way].append(visit(stand.browser, errand))
            compare(case, {way: done[-1] for way, done in of_case.items()})
    return visits


def ways(servers: dict[str, str], case: Case) -> Iterator[str]:
    """Yield the ways in which a case is drawn."""
    for name, way in WAYS.items():
        if way.server in servers and (case.force is None or not way.nation_only):
            yield name


def compare(case: Case, latest: dict[str, Visit]) -> None:
    """Make sure that all ways show the same classes before anything is said of their speed."""
    different = {way: done.classes for way, done in latest.items()}
    if len({str(classes) for classes in different.values()}) != 1:
        raise UnusableMapError(
            f"The ways do not show the same classes of {case.title}, so nothing can be said of "
            f"their speed: {different}"
        )


def say(message: str) -> None:
    print(f"{message} …", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
