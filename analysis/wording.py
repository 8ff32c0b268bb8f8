"""How numbers and lists are written for readers: plain British English."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from .vocabulary import AREA_WORDS, PLACE_COLUMNS

NO_DATA = "no data"


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

    A small one that would read as zero says that it is not.

    >>> number(151552), number(323.1323, 1), number(float("nan")), number(0.02, 1), number(0, 1)
    ('151,552', '323.1', 'no data', 'under 0.1', '0.0')
    """
    if value is None or pd.isna(value):
        return NO_DATA
    if decimals and value > 0 and round(value, decimals) == 0:
        return f"under {10**-decimals:.{decimals}f}"
    return f"{value:,.{decimals}f}"


def printed(values: ArrayLike, decimals: int, *, signed: bool = False) -> NDArray[np.float64]:
    """Return values as a reader sees them: as ``number`` rounds them, to the last figure.

    A map's classes are of these, so that a figure lies in the class that its text names.

    Parameters
    ----------
    values : array, any shape
        NaN stays.
    decimals : int
    signed : bool
        True for changes: one that rounds to zero is printed as zero. Others that do are printed
        as "under" the smallest figure and keep their value, above zero.

    Returns
    -------
    float64 array of the same shape

    >>> printed([3.4941, 0.25, 0.02, 0.0, 1e6 + 0.05], 1).tolist()
    [3.5, 0.2, 0.02, 0.0, 1000000.1]
    """
    given = np.asarray(values, dtype=np.float64)
    rounded = np.round(given, decimals)
    scaled = np.abs(given) * 10.0**decimals
    with np.errstate(invalid="ignore"):
        near_tie = np.abs(scaled - np.floor(scaled) - 0.5) < 1e-6 * np.maximum(scaled, 1)
    for position in zip(*np.nonzero(near_tie), strict=True):
        rounded[position] = round(float(given[position]), decimals)
    if not signed:
        rounded = np.where((rounded == 0) & (given > 0), given, rounded)
    return np.asarray(rounded, dtype=np.float64)


def counted(count: int, level: str) -> str:
    """Say how many areas of a level there are.

    >>> counted(1, "ward"), counted(1234, "lsoa")
    ('1 ward', '1,234 neighbourhoods')
    """
    one, many = AREA_WORDS[level]
    return f"{number(count)} {one if count == 1 else many}"


def in_sentence(label: str) -> str:
    """Return a label as it stands within a sentence: only abbreviations keep their capital.

    >>> in_sentence("Residents, mid-2022"), in_sentence("ONS estimate"), in_sentence("residents")
    ('residents, mid-2022', 'ONS estimate', 'residents')
    """
    return label if label[1:2].isupper() else label[:1].lower() + label[1:]


def ordinal(value: int) -> str:
    """Write a rank.

    >>> ordinal(1), ordinal(12), ordinal(1022), ordinal(33)
    ('1st', '12th', '1,022nd', '33rd')
    """
    ends = {1: "st", 2: "nd", 3: "rd"}
    end = "th" if value % 100 in (11, 12, 13) else ends.get(value % 10, "th")
    return f"{value:,}{end}"


def place_name(level: str, row: Any) -> tuple[str, str]:
    """Return what an area is called, and the words that tell it from every other one.

    A neighbourhood goes by its ward, as newspapers and residents call it; its district, name and
    code follow.

    Parameters
    ----------
    level : str
    row : mapping or Series, a row of the area table

    >>> place_name("lsoa", {"name": "Liverpool 061C", "code": "E01033756",
    ...     "ward_name": "City Centre South", "lad_name": "Liverpool"})
    ('City Centre South', 'Liverpool · Liverpool 061C · E01033756')
    """
    if level == "lsoa":
        return row["ward_name"], f"{row['lad_name']} · {row['name']} · {row['code']}"
    code = [] if level == "force" else [row["code"]]
    return row["name"], " · ".join([*(row[column] for column in PLACE_COLUMNS[level]), *code])


def interval(low: float | None, high: float | None, decimals: int = 1) -> str:
    """Write an interval.

    Parameters
    ----------
    low, high : float or None
        A missing end makes the interval "no data".
    decimals : int

    >>> interval(290.57, 358.346)
    '290.6 to 358.3'
    """
    if low is None or high is None or pd.isna(low) or pd.isna(high):
        return NO_DATA
    return f"{low:,.{decimals}f} to {number(high, decimals)}"


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
