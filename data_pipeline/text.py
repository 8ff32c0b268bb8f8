"""Bytes of the police files as text."""

from __future__ import annotations


def as_text(value: bytes) -> str:
    """Return a printed value without the blanks around it; what is not UTF-8 is Latin-1."""
    try:
        return value.decode().strip()
    except UnicodeDecodeError:
        return value.decode("latin-1").strip()
