"""What a value of the page may be: checks of inputs and states, made before any work."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from typing import Any

import orjson

from analysis.selection import LONGEST_QUERY
from analysis.vocabulary import MEASURES

Check = Callable[[Any], bool]
"""Tells whether a value may be worked on; None is always fine."""

LONGEST_LINK = 4 * LONGEST_QUERY
"""Characters of an address: one that is too long to be followed is still told so."""
LONGEST_STORE = LONGEST_QUERY + 200
LONGEST_VALUE = 100
MOST_VALUES = 50
MOST_CLICKS = 1_000_000
MOST_ROWS = 1000
LARGEST_MAP = 20_000
"""Pixels of a map's side."""
MOST_DRAWN = 2000
"""Vertices of a shape as the reader drew it."""
LARGEST_EVENT = 8 * 1024
"""Bytes of what a map or a table tells of a click."""

_VIEW = re.compile(r"-?\d{1,3}(\.\d{1,12})?,-?\d{1,3}(\.\d{1,12})?,\d{1,2}(\.\d{1,12})?")


def text(longest: int) -> Check:
    """Accept text of so many characters at most."""
    return lambda value: isinstance(value, str) and len(value) <= longest


def texts(most: int) -> Check:
    """Accept so many short texts at most."""
    one = text(LONGEST_VALUE)
    return lambda value: isinstance(value, list) and len(value) <= most and all(map(one, value))


def one_of(*values: str) -> Check:
    """Accept one of some texts."""
    return lambda value: value in values


def whole_number(most: int) -> Check:
    """Accept a whole number from zero."""
    return lambda value: type(value) is int and 0 <= value <= most


def numbers(count: int, largest: float) -> Check:
    """Accept a list of finite numbers no larger than `largest` on either side of zero."""
    return lambda value: (
        isinstance(value, list)
        and len(value) == count
        and all(
            type(part) in (int, float) and math.isfinite(part) and abs(part) <= largest
            for part in value
        )
    )


def small(value: Any) -> bool:
    """Accept an object that is not larger than an event of map or table."""
    try:
        return isinstance(value, dict) and len(orjson.dumps(value)) <= LARGEST_EVENT
    except TypeError:
        return False


def is_measure(value: Any) -> bool:
    """Accept the name of a measure."""
    return isinstance(value, str) and value in MEASURES


def is_view(value: Any) -> bool:
    """Accept where a map is, as ``lat,lon,zoom``."""
    return isinstance(value, str) and _VIEW.fullmatch(value) is not None


def is_pointed(value: Any) -> bool:
    """Accept what the map tells of the area under the pointer."""
    points = value.get("points") if small(value) else None
    if not (isinstance(points, list) and points and isinstance(points[0], dict)):
        return False
    code = points[0].get("location", points[0].get("customdata"))
    return text(LONGEST_VALUE)(code)


def is_hover(value: Any) -> bool:
    """Accept what the map tells of the area under the pointer, and where on the map it is."""
    if not is_pointed(value):
        return False
    box = value["points"][0].get("bbox")
    corner = [box.get("x0"), box.get("y0")] if isinstance(box, dict) else None
    return numbers(2, LARGEST_MAP)(corner)


def is_row_request(value: Any) -> bool:
    """Accept the table's wish for some rows."""
    if not small(value):
        return False
    start, end = value.get("startRow"), value.get("endRow")
    count = whole_number(MOST_CLICKS)
    return count(start) and count(end) and start <= end <= start + MOST_ROWS


def is_vertices(value: Any) -> bool:
    """Accept what the reader drew: longitudes and latitudes in degrees."""
    return (
        isinstance(value, list)
        and len(value) <= MOST_DRAWN
        and all(numbers(2, 180)(point) and abs(point[1]) <= 90 for point in value)
    )


def is_position(value: Any) -> bool:
    """Accept the browser's position: latitude and longitude, or nothing where it was refused."""
    if not small(value) or "position" not in value:
        return False
    position = value["position"]
    return position is None or (numbers(2, 180)(position) and abs(position[0]) <= 90)


def is_record(value: Any) -> bool:
    """Accept the record of what a panel shows."""
    return small(value) and isinstance(value.get("query"), str)


def is_shown(value: Any) -> bool:
    """Accept the record of what the map shows."""
    return isinstance(value, dict) and "dots" in value
