"""The link: a Selection as a URL query, and back.

Reading never fails: a field that makes no sense falls back on its own, and each fallback leaves one
sentence for the reader.
"""

from __future__ import annotations

from urllib.parse import parse_qsl, urlencode

from data_pipeline.dataset import Dataset

from .fields import FIELDS, names
from .problems import Problem
from .reading import Reading
from .selection import Selection

LONGEST_QUERY = 4000


def to_query(selection: Selection) -> str:
    """Return the canonical query, without "?": equal selections give equal queries."""
    texts: dict[str, str] = {}
    for field in FIELDS:
        texts |= zip(field.names, field.write(selection), strict=True)
    return urlencode({name: text for name, text in texts.items() if text}, safe=",;")


def from_query(query: str, dataset: Dataset) -> tuple[Selection, tuple[str, ...]]:
    """Read a URL query; what cannot be followed falls back field by field.

    Parameters
    ----------
    query : str
        With or without the leading "?". Unknown names are ignored, of repeated ones the last
        counts.
    dataset : Dataset
        What the selection must exist in.

    Returns
    -------
    Selection, tuple of str
        The second holds one sentence for the reader per field that fell back.
    """
    selection, problems = read_query(query, dataset)
    return selection, tuple(problem.note for problem in problems)


def read_query(query: str, dataset: Dataset) -> tuple[Selection, tuple[Problem, ...]]:
    """Read a URL query as ``from_query`` does, and return what could not be followed."""
    if len(query) > LONGEST_QUERY:
        complaint = f"The link is longer than {LONGEST_QUERY:,} characters and was not read"
        return Selection.opening(dataset), (Problem("", complaint, "the opening page"),)
    reading = Reading(_given(query), dataset, FIELDS)
    return Selection(**reading.values()), tuple(reading.problems)


def is_bare(query: str) -> bool:
    """Tell whether a query asks for nothing: the page then shows its opening."""
    return not _given(query)


def _given(query: str) -> dict[str, str]:
    known = names()
    pairs = parse_qsl(query[:LONGEST_QUERY].removeprefix("?"), errors="replace")
    return {name: value.strip() for name, value in pairs if name in known and value.strip()}
