"""What the synthetic nation is drawn from: a coast, districts, towns and words for names.

All of it, in places.json, was written by hand from general geographical knowledge, to be right at a
glance and no more: coordinates are degrees to two or three decimals, populations are thousands,
land areas are square kilometres. No boundary data was copied.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson

Point = tuple[float, float]
"""Longitude and latitude, degrees."""

DistrictEntry = tuple[str, float, float, float, float]
"""Name, longitude and latitude of the middle, residents in thousands, land area in km²."""

TownEntry = tuple[str, float, float, float]
"""Name, longitude and latitude of the centre, residents of the built-up area in thousands."""


def _tuples(value: Any) -> Any:
    """Return a value with every list in it as a tuple: what is drawn from is never changed."""
    if isinstance(value, list):
        return tuple(map(_tuples, value))
    if isinstance(value, dict):
        return {name: _tuples(part) for name, part in value.items()}
    return value


_PLACES: dict[str, Any] = _tuples(
    orjson.loads(Path(__file__).with_name("places.json").read_bytes())
)


def _by_language(name: str) -> dict[bool, tuple[str, ...]]:
    """Return words by whether they are Welsh."""
    return {False: _PLACES[name]["english"], True: _PLACES[name]["welsh"]}


LAND: tuple[tuple[Point, ...], ...] = tuple(_PLACES["outlines"].values())
DISTRICTS: dict[str, tuple[DistrictEntry, ...]] = _PLACES["districts"]
"""By force."""
TOWNS: tuple[TownEntry, ...] = _PLACES["towns"]
PARTNERSHIPS: dict[str, tuple[str, ...]] = _PLACES["partnerships"]
"""Community safety partnerships of several districts."""
CENTRE_WARDS = _by_language("centre wards")
WARD_WORDS = _by_language("ward words")
WARD_SUFFIXES = _by_language("ward suffixes")
WELSH_FORCES: tuple[str, ...] = _PLACES["welsh forces"]
