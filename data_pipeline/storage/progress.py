"""How work that takes long tells of its progress."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

Stage = Callable[[str], None]
"""Told as each part starts."""

Track = Callable[[Iterable[Any], int, str], Iterable[Any]]
"""Wraps items, of which it is told how many there are and what they are, as they are worked on."""

Grew = Callable[[float], object]
"""Told how much was added."""


def silent(message: str) -> None:
    """Show nothing of a stage."""


def untracked(items: Iterable[Any], total: int, what: str) -> Iterable[Any]:
    """Return items as they are."""
    return items
