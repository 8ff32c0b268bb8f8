"""What is printed in a file as text, and which texts stand for nothing."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date, timedelta

BLANKS = frozenset({"", "na", "n/a", "#n/a", "nan", "null", "none", "-", '""', "''"})
"""What programs write where there is no value, in lower case."""

_LONGEST_BLANK = max(map(len, BLANKS))


def as_text(value: bytes) -> str:
    """Return a printed value without the blanks around it; what is not UTF-8 is Latin-1."""
    try:
        return value.decode().strip()
    except UnicodeDecodeError:
        return value.decode("latin-1").strip()


def filled(values: Iterable[str]) -> list[str]:
    """Return values without the spaces around them, and "" for those that stand for nothing.

    >>> filled([" E01000001", "NA", "null", " "])
    ['E01000001', '', '', '']
    """
    trimmed = [value.strip() for value in values]
    return [
        "" if len(value) <= _LONGEST_BLANK and value.lower() in BLANKS else value
        for value in trimmed
    ]


def as_month(printed: str) -> str:
    """Return a month of the police files as ``YYYY-MM``, however a spreadsheet has saved it.

    A spreadsheet takes a month for its first day. Of ``01/02/2024`` and ``2/1/2024`` the 1 is that
    day, so that both are February, wherever the spreadsheet comes from. What is no month, or could
    be another, such as ``24-Jan``, is "".

    >>> as_month("Jan-24"), as_month("01/01/2024"), as_month("2024-01-01 00:00:00"), as_month("May")
    ('2024-01', '2024-01', '2024-01', '')
    """
    text = printed.strip().lower()
    for pattern, read in _MONTH_STYLES:
        if found := pattern.fullmatch(text):
            return read(found)
    return ""


def _year_and_month(year: str, month: int) -> str:
    return f"{int(year) + (2000 if len(year) == 2 else 0)}-{month:02d}" if 1 <= month <= 12 else ""


def _of_name(found: re.Match[str]) -> str:
    return _year_and_month(found["year"], _MONTH_NAMES.index(found["name"][:3]) + 1)


def _of_numbers(found: re.Match[str]) -> str:
    return _year_and_month(found["year"], int(found["month"]))


def _of_first_day(found: re.Match[str]) -> str:
    numbers = int(found["a"]), int(found["b"])
    return _year_and_month(found["year"], max(numbers)) if 1 in numbers else ""


def _of_serial_day(found: re.Match[str]) -> str:
    """Read the number of a spreadsheet's day, which counts from the end of 1899."""
    day = date(1899, 12, 30) + timedelta(days=int(found[0]))
    return f"{day:%Y-%m}" if day.day == 1 else ""


_MONTH_NAMES = ["jan", "feb", "mar", "apr", "may", "jun"]
_MONTH_NAMES += ["jul", "aug", "sep", "oct", "nov", "dec"]
_NAME = (
    r"(?P<name>jan(uary)?|feb(ruary)?|mar(ch)?|apr(il)?|may|june?|july?|aug(ust)?|"
    r"sept?(ember)?|oct(ober)?|nov(ember)?|dec(ember)?)"
)
_TIME = r"([ t]0?0:00(:00(\.0+)?)?z?)?"
_MONTH_STYLES = tuple(
    (re.compile(pattern), read)
    for pattern, read in (
        (r"(?P<year>\d{4})[-/. ]?(?P<month>\d{2})", _of_numbers),
        (r"(?P<year>\d{4})[-/.](?P<month>\d{1,2})[-/.]0?1" + _TIME, _of_numbers),
        (r"(?P<month>\d{1,2})[-/.](?P<year>\d{4})", _of_numbers),
        (r"(?P<a>\d{1,2})[-/.](?P<b>\d{1,2})[-/.](?P<year>\d{4}|\d{2})" + _TIME, _of_first_day),
        (r"(0?1[- ])?" + _NAME + r"\.?[-, /]*(?P<year>\d{4}|\d{2})", _of_name),
        (r"(?P<year>\d{4})[- /]" + _NAME, _of_name),
        (r"[34]\d{4}", _of_serial_day),
    )
)
