"""Class breaks for the map: a few readable steps for figures with a long tail."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
from mapclassify import Percentiles
from numpy.typing import ArrayLike, NDArray

NO_DATA_CLASS = -1
NONE_CLASS = 0

PERCENTILES = (40, 65, 82, 93, 98.5)
"""Shares of the areas above zero below each break: the last class holds the extremes only."""

READABLE = (1.0, 1.5, 2.0, 2.5, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0)
"""Leading figures of a break, times a power of ten."""


def class_breaks(values: ArrayLike) -> tuple[float, ...]:
    """Return readable breaks for a distribution, usually of all areas of the nation.

    Parameters
    ----------
    values : array [areas]
        NaN means no data; zeros are a class of their own and do not count here.

    Returns
    -------
    tuple of float
        Ascending, at most one per PERCENTILES; whole numbers for counts. Empty where no value is
        above zero, else at least one; where there are several, no class is empty.
    """
    given = np.asarray(values, dtype=np.float64)
    positive = given[np.isfinite(given) & (given > 0)]
    if positive.size == 0:
        return ()
    raw = Percentiles(positive, pct=list(PERCENTILES)).bins[: len(PERCENTILES)]
    breaks = {readable(float(value)) for value in raw}
    if np.all(positive == np.floor(positive)):
        breaks = {math.ceil(value) for value in breaks}
    return _without_empty_classes(tuple(sorted(breaks)), positive)


def _without_empty_classes(
    breaks: tuple[float, ...], values: NDArray[np.float64]
) -> tuple[float, ...]:
    filled = set(np.digitize(values, breaks).tolist())
    kept = [value for below, value in enumerate(breaks) if below in filled]
    if len(breaks) not in filled:
        kept = kept[:-1]
    return tuple(kept) or breaks[:1]


def readable(value: float) -> float:
    """Return the readable number nearest to a positive value.

    >>> [readable(value) for value in (0.0337, 1.8, 47, 338, 9800)]
    [0.03, 2, 50, 300, 10000]
    """
    power = 10.0 ** math.floor(math.log10(value))
    nearest = min(READABLE, key=lambda lead: abs(lead * power - value))
    return _plain(float(f"{nearest * power:.3g}"))


def classify(values: ArrayLike, breaks: tuple[float, ...]) -> NDArray[np.int8]:
    """Return the class of each value.

    Parameters
    ----------
    values : array [areas]
    breaks : tuple of float
        As from ``class_breaks``.

    Returns
    -------
    int8 array [areas]
        NO_DATA_CLASS for NaN, NONE_CLASS for exactly zero, then 1 below the first break up to
        ``len(breaks) + 1`` from the last break on.
    """
    given = np.asarray(values, dtype=np.float64)
    classes = (np.digitize(given, np.asarray(breaks, dtype=np.float64)) + 1).astype(np.int8)
    classes[given == 0] = NONE_CLASS
    classes[np.isnan(given)] = NO_DATA_CLASS
    return classes


def class_labels(breaks: tuple[float, ...]) -> tuple[str, ...]:
    """Return the legend's text for classes 0, 1, …, ``len(breaks) + 1``.

    >>> class_labels((2, 5, 40))
    ('None', 'Under 2', '2 to 5', '5 to 40', '40 or more')
    """
    if not breaks:
        return ("None", "Any")
    texts = [f"{value:,.10g}" for value in breaks]
    middle = [f"{low} to {high}" for low, high in pairwise(texts)]
    return ("None", f"Under {texts[0]}", *middle, f"{texts[-1]} or more")


def _plain(value: float) -> float:
    return int(value) if value.is_integer() else value
