"""What could not be followed, in words for the reader."""

from __future__ import annotations

from dataclasses import dataclass


class NotFollowedError(ValueError):
    """What the reader asked for cannot be done; the message says why, without a full stop."""


@dataclass(frozen=True)
class Problem:
    """A part of a query that could not be followed.

    Attributes
    ----------
    field : str
        Query name of the field.
    complaint : str
        What is wrong, as a sentence without its full stop.
    shown : str
        What is shown instead, to follow "showing"; empty where that goes without saying.
    """

    field: str
    complaint: str
    shown: str = ""

    @property
    def note(self) -> str:
        """One sentence for the reader of the page."""
        return f"{self.complaint}; showing {self.shown}." if self.shown else f"{self.complaint}."
