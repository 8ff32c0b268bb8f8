"""How numbers and lists are written for readers: plain British English."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

NO_DATA = "no data"

AREA_WORDS: dict[str, tuple[str, str]] = {
    "lsoa": ("neighbourhood", "neighbourhoods"),
    "ward": ("ward", "wards"),
    "lad": ("district", "districts"),
    "csp": ("partnership", "partnerships"),
    "force": ("police force", "police forces"),
}
"""What one area of each level is called in a sentence, and several."""


def and_join(parts: Sequence[str]) -> str:
    """Join parts into a list as one would say it.

    >>> and_join(["Burglary", "Drugs", "Robbery"])
    'Burglary, Drugs and Robbery'
    """
    if len(parts) <= 1:
        return "".join(parts)
    return f"{', '.join(parts[:-1])} and {parts[-1]}"


def number(value: float | None, decimals: int = 0) -> str:
    """Write a number with thousands separators; a missing one is "no data", never zero.

    >>> number(151552), number(323.1323, 1), number(float("nan"))
    ('151,552', '323.1', 'no data')
    """
    return NO_DATA if value is None or pd.isna(value) else f"{value:,.{decimals}f}"


def counted(count: int, level: str) -> str:
    """Say how many areas of a level there are.

    >>> counted(1, "ward"), counted(1234, "lsoa")
    ('1 ward', '1,234 neighbourhoods')
    """
    one, many = AREA_WORDS[level]
    return f"{number(count)} {one if count == 1 else many}"


def interval(low: float | None, high: float | None, decimals: int = 1) -> str:
    """Write an interval.

    >>> interval(290.57, 358.346)
    '290.6 to 358.3'
    """
    if pd.isna(low) or pd.isna(high):
        return NO_DATA
    return f"{number(low, decimals)} to {number(high, decimals)}"


def percent(value: float | None, decimals: int = 1) -> str:
    """Write a percentage.

    >>> percent(12.345)
    '12.3%'
    """
    written = number(value, decimals)
    return written if written == NO_DATA else f"{written}%"


def change(value: float | None) -> str:
    """Write a change in per cent with its sign.

    >>> change(4.21), change(-0.04), change(-3.96)
    ('+4.2%', '0.0%', '−4.0%')
    """
    if value is None or pd.isna(value):
        return NO_DATA
    size = f"{abs(value):,.1f}%"
    if size == "0.0%":
        return size
    return f"{'−' if value < 0 else '+'}{size}"
