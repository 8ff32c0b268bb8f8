"""Calendar months as ``YYYY-MM`` strings, the way the police files name them."""

from __future__ import annotations

import re

_PATTERN = re.compile(r"^(\d{4})-(0[1-9]|1[0-2])$")
_NAMES = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]


def is_month(text: str) -> bool:
    """Tell whether `text` is a month written ``YYYY-MM``."""
    return _PATTERN.match(text) is not None


def month_number(month: str) -> int:
    """Return months since year 0, so that months can be subtracted.

    Raises
    ------
    ValueError
        If `month` is not written ``YYYY-MM``.
    """
    match = _PATTERN.match(month)
    if match is None:
        raise ValueError(f"{month!r} is not a month written YYYY-MM")
    return int(match[1]) * 12 + int(match[2]) - 1


def month_from_number(number: int) -> str:
    """Return the month that is `number` months after January of year 0."""
    return f"{number // 12:04d}-{number % 12 + 1:02d}"


def add_months(month: str, count: int) -> str:
    """Return the month `count` months after `month` (before it, if negative).

    >>> add_months("2024-11", 3)
    '2025-02'
    """
    return month_from_number(month_number(month) + count)


def months_between(first: str, last: str) -> tuple[str, ...]:
    """Return every month from `first` to `last`, both included."""
    return tuple(
        month_from_number(number) for number in range(month_number(first), month_number(last) + 1)
    )


def month_label(month: str) -> str:
    """Return the month as a reader expects it.

    >>> month_label("2024-01")
    'January 2024'
    """
    number = month_number(month)
    return f"{_NAMES[number % 12]} {number // 12}"


def period_label(first: str, last: str) -> str:
    """Return a period as a reader expects it.

    >>> period_label("2024-01", "2024-12")
    'January 2024 to December 2024'
    >>> period_label("2024-01", "2024-01")
    'January 2024'
    """
    return month_label(first) if first == last else f"{month_label(first)} to {month_label(last)}"
