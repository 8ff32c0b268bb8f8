"""The noun that everything is about, and the link that is its written form."""

from .fields import FIELDS, Part, changed_parts, names, part_of
from .link import LONGEST_QUERY, from_query, is_bare, read_query, to_query
from .problems import NotFollowedError, Problem
from .reading import LONGEST_SEARCH, MOST_WORDS, parse_breaks
from .selection import MapView, Selection

__all__ = [
    "FIELDS",
    "LONGEST_QUERY",
    "LONGEST_SEARCH",
    "MOST_WORDS",
    "MapView",
    "NotFollowedError",
    "Part",
    "Problem",
    "Selection",
    "changed_parts",
    "from_query",
    "is_bare",
    "names",
    "parse_breaks",
    "part_of",
    "read_query",
    "to_query",
]
