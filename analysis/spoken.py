"""Names as people type them: without case, accents, apostrophes and punctuation."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

import pandas as pd
from rapidfuzz.distance import OSA

SHORTEST_GUESSED = 4
"""Letters of a word below which another letter is another word."""

_APOSTROPHES = re.compile(r"['’‘ʼʹ`´ʻ＇]")
_APART = re.compile(r"[^\w]+")
_NOT_PLAIN = re.compile(r"[^a-z0-9 ]")


def spoken(text: str) -> str:
    """Return a text as it is compared.

    >>> spoken("King’s Lynn & Ynys Môn"), spoken("ST. HELENS 014C")
    ('kings lynn and ynys mon', 'st helens 014c')
    """
    lower = text.casefold()
    if _NOT_PLAIN.search(lower):
        lower = _APOSTROPHES.sub("", lower.replace("&", " and "))
        letters = unicodedata.normalize("NFKD", lower)
        lower = _APART.sub(
            " ", "".join(sign for sign in letters if not unicodedata.combining(sign))
        )
    return " ".join(lower.split())


def spoken_series(texts: pd.Series) -> pd.Series:
    """Return each text of a Series as it is compared."""
    return texts.map(spoken)


def words_meant(word: str, known: Iterable[str]) -> list[str]:
    """Return the known words that are the one typed, but for one letter wrong, missing or swapped.

    Parameters
    ----------
    word : str
        As from :func:`spoken`.
    known : words that names are made of

    >>> words_meant("liverpol", ["liverpool", "kent"]), words_meant("ket", ["kent"])
    (['liverpool'], [])
    """
    if len(word) < SHORTEST_GUESSED or word.isdigit():
        return []
    return [other for other in known if OSA.distance(word, other, score_cutoff=1) <= 1]
