"""What the visits come to: one Markdown table, and ratios taken within rounds."""

from __future__ import annotations

import os
import statistics
from collections.abc import Callable

from data_pipeline.dataset import Dataset

from .cases import CASES
from .reader import Visit
from .ways import WAYS

Visits = dict[tuple[str, str], list[Visit]]
"""The visits of every case and way, by their slugs, in the order of the rounds."""

Figure = Callable[[Visit], float]

COLUMNS: dict[str, Figure] = {
    "first load ms": lambda done: done.first,
    "first load kB": lambda done: done.first_traffic.wire / 1e3,
    "change ms": lambda done: done.change,
    "settled ms": lambda done: done.settled,
    "change, map's answer bytes": lambda done: done.change_traffic.map_answers,
    "change, all answers bytes": lambda done: done.change_traffic.answers,
    "change, all traffic bytes": lambda done: done.change_traffic.wire,
    "requests": lambda done: done.change_traffic.requests,
    "server ms": lambda done: done.change_traffic.server,
    "heap MB": lambda done: done.page_heap,
    "workers MB": lambda done: done.worker_heap,
}

RATIOS = {
    "first load": COLUMNS["first load ms"],
    "change": COLUMNS["change ms"],
    "settled": COLUMNS["settled ms"],
    "bytes of a change": COLUMNS["change, all traffic bytes"],
    "memory": lambda done: done.page_heap + done.worker_heap,
}


JSON_FIGURES: dict[str, Figure] = {
    "first_load_ms": COLUMNS["first load ms"],
    "first_load_bytes": lambda done: done.first_traffic.wire,
    "change_ms": COLUMNS["change ms"],
    "settled_ms": COLUMNS["settled ms"],
    "change_bytes": COLUMNS["change, all traffic bytes"],
    "requests": COLUMNS["requests"],
    "server_ms": COLUMNS["server ms"],
}


def as_json(visits: Visits) -> list[dict[str, str | float]]:
    """Return every visit as a plain record, for programs that compare versions."""
    return [
        {"case": case, "way": way}
        | {name: round(figure(visit), 1) for name, figure in JSON_FIGURES.items()}
        for (case, way), done in visits.items()
        for visit in done
    ]


def report(dataset: Dataset, visits: Visits) -> str:
    """Return the machine, what the ways agree on, the table and the ratios."""
    rounds = len(next(iter(visits.values())))
    renderer = next(iter(visits.values()))[0].renderer
    areas = {case: sum(done[0].classes.values()) for (case, _), done in visits.items()}
    lines = [
        f"{len(dataset.areas):,} synthetic areas; {rounds} rounds, medians; "
        f"{os.cpu_count()} processors; drawn by {renderer}.",
        "All ways show the same classes: "
        + ", ".join(f"{CASES[case].title} {count:,} areas" for case, count in areas.items())
        + ".",
        "",
        table(visits),
        "",
        *ratios(visits),
    ]
    return "\n".join(lines)


def table(visits: Visits) -> str:
    """Return medians as a Markdown table."""
    lines = [
        f"| place | way | {' | '.join(COLUMNS)} | zoom kept |",
        "|---" * (len(COLUMNS) + 3) + "|",
    ]
    for (case, way), done in visits.items():
        figures = [f"{statistics.median(map(figure, done)):,.0f}" for figure in COLUMNS.values()]
        kept = "yes" if done[0].kept else "no"
        cells = [CASES[case].title, WAYS[way].title, *figures, kept]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def ratios(visits: Visits) -> list[str]:
    """Return a line for each other way of each case: how many times what the dashboard takes."""
    lines = []
    for (case, way), done in visits.items():
        if way == "ours":
            continue
        figures = [
            f"{name} {ratio(figure, done, visits[case, 'ours']):.2f}"
            for name, figure in RATIOS.items()
        ]
        line = f"- {CASES[case].title}, {WAYS[way].title} ÷ this dashboard: {', '.join(figures)}"
        if (case, "ours-map") in visits and way != "ours-map":
            alone = ratio(RATIOS["change"], done, visits[case, "ours-map"])
            line += f"; change ÷ its map alone {alone:.2f}"
        lines.append(line)
    return lines


def ratio(figure: Figure, done: list[Visit], base: list[Visit]) -> float:
    """Return how many times the figure of `base` it is: the median over rounds."""
    return statistics.median(
        figure(one) / figure(other) for one, other in zip(done, base, strict=True)
    )
