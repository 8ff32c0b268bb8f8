"""The ways to draw the same areas, and where each shows a case."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

from analysis.vocabulary import ALL_CRIME
from components.map.dots import dot_size

from .cases import Case
from .reader import Visit


@dataclass(frozen=True)
class Way:
    """One way to draw areas; `server` is the program that serves it."""

    title: str
    server: str
    nation_only: bool = False


WAYS: dict[str, Way] = {
    "ours": Way("this dashboard", "ours"),
    "ours-map": Way("this dashboard, its map alone", "ours-map"),
    "inline": Way("inline GeoJSON, a figure for every change", "inline"),
    "raw": Way("raw MapLibre, polygons with feature-state", "raw"),
    "raw-circles": Way("raw MapLibre, circles with feature-state", "raw", nation_only=True),
}

SERVERS = list(dict.fromkeys(way.server for way in WAYS.values()))
DASHBOARDS = ("ours", "ours-map")
"""Servers of this dashboard: the whole page, and the page without its other panels."""


def address(way: str, case: Case, ours: Visit | None) -> str:
    """Return the address at which a way shows all crime in a case, below its server.

    Parameters
    ----------
    ours : Visit or None
        A visit of the dashboard; the others take the map's size and view from it.
    """
    if WAYS[way].server in DASHBOARDS or ours is None:
        return f"/?{case.query(ALL_CRIME)}"
    width, height = ours.size
    asked = {"case": case.slug, "width": width, "height": height, "view": ours.view}
    if way == "raw-circles":
        asked |= {"draw": "circles", "radius": dot_size(float(ours.view.split(",")[2])) / 2}
    return f"/?{urlencode(asked)}"
