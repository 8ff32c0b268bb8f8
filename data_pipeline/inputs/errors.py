"""What is wrong with an input, in one sentence."""

from __future__ import annotations

from collections.abc import Iterable


class InputError(Exception):
    """An input cannot be used; the message names the file, the fault and the remedy."""


def examples(values: Iterable[object], most: int = 3) -> str:
    """Return the first few values as a phrase, saying how many more there are.

    >>> examples(["a", "b", "c", "d"])
    'a, b, c and 1 more'
    """
    listed = [str(value) for value in values]
    if len(listed) <= most:
        return ", ".join(listed)
    return f"{', '.join(listed[:most])} and {len(listed) - most:,} more"
