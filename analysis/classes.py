"""Classes of a map: a few readable steps for figures with a long tail, or for change."""

from __future__ import annotations

import math
import warnings
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from mapclassify import FisherJenks, Quantiles
from numpy.typing import ArrayLike, NDArray

PART_CLASS = -2
"""Of an area whose force supplied some of the months, which are too few for a figure."""
NO_DATA_CLASS = -1
NONE_CLASS = 0

PERCENTILES = (40, 65, 82, 93, 98.5)
"""Shares of the areas above zero below each break: the last class holds the extremes only."""

EVEN_CLASSES = 6
"""Classes of the methods that do not name percentiles."""

MOST_BREAKS = 6
"""More classes than seven cannot be told apart by colour."""

NATURAL_SAMPLE = 300
"""Values of which natural breaks are found: evenly spaced among the sorted ones, both ends
included. The method compares all pairs, and more of them hardly move a break."""

SMALLEST = 1e-9
"""No figure that counts is smaller; a break needs room for its digits."""

CHANGE_BREAKS = (10.0, 25.0, 50.0)
"""Usual breaks of a change in per cent, on both sides of none."""

READABLE = (1.0, 1.2, 1.5, 2.0, 2.5, 3.0, 3.5, 4.0, 5.0, 6.0, 7.0, 8.0, 10.0)
"""Leading figures of a break, times a power of ten."""


@dataclass(frozen=True)
class Method:
    """A way to choose breaks: its name in links, its name for readers, and what it does."""

    slug: str
    label: str
    sentence: str


USUAL, OWN = "tail", "own"

METHODS: dict[str, Method] = {
    method.slug: method
    for method in (
        Method(
            USUAL,
            "Long tail (usual)",
            "Classes hold fewer areas towards the top, so that the highest stand out.",
        ),
        Method(
            "natural",
            "Natural breaks",
            "Natural breaks (Fisher–Jenks): areas with similar figures share a class.",
        ),
        Method(
            "quantiles",
            "Equal numbers",
            "Equal numbers (quantiles): each class holds about as many areas.",
        ),
        Method(
            "equal",
            "Equal steps",
            "Equal steps: each class is as wide as the others, however few areas it holds.",
        ),
        Method(
            OWN,
            "Own breaks",
            "Own breaks: they stay as they are while anything but the measure changes.",
        ),
    )
}


@dataclass(frozen=True)
class Classes:
    """The classes of a measure, numbered from 1.

    Attributes
    ----------
    method : str
        Key of METHODS.
    breaks : tuple of float
        Ascending; a class holds its lower break and not its upper one.
    diverging : bool
        True for change: zero is then a value like others, not a class of its own.
    """

    method: str
    breaks: tuple[float, ...]
    diverging: bool = False

    @property
    def count(self) -> int:
        """Number of classes above none."""
        return len(self.breaks) + 1

    @property
    def labels(self) -> tuple[str, ...]:
        """The legend's text for NONE_CLASS and every class after it.

        >>> Classes(USUAL, (2, 5, 40)).labels
        ('None', 'Under 2', '2 to 5', '5 to 40', '40 or more')
        >>> Classes(USUAL, (-10, 10), diverging=True).labels[1:]
        ('Below −10%', '−10% to +10%', '+10% or more')
        """
        if not self.breaks:
            return ("None", "Any")
        texts = [_change_text(value) if self.diverging else _text(value) for value in self.breaks]
        middle = [f"{low} to {high}" for low, high in pairwise(texts)]
        below = "Below" if self.diverging else "Under"
        return ("None", f"{below} {texts[0]}", *middle, f"{texts[-1]} or more")

    @property
    def directions(self) -> tuple[int, ...]:
        """Whether each class means less (-1), about the same (0) or more (1)."""
        edges = (-math.inf, *self.breaks, math.inf)
        return tuple(int(low >= 0) - int(high <= 0) for low, high in pairwise(edges))

    def of(self, values: ArrayLike) -> NDArray[np.int8]:
        """Return the class of each value.

        Parameters
        ----------
        values : array [areas]

        Returns
        -------
        int8 array [areas]
            NO_DATA_CLASS for NaN, NONE_CLASS for exactly zero unless `diverging`, then 1 below
            the first break up to ``count`` from the last break on.
        """
        given = np.asarray(values, dtype=np.float64)
        numbers = (np.digitize(given, np.asarray(self.breaks, np.float64)) + 1).astype(np.int8)
        if not self.diverging:
            numbers[given == 0] = NONE_CLASS
        numbers[np.isnan(given)] = NO_DATA_CLASS
        return numbers


def classes(
    values: ArrayLike,
    method: str = USUAL,
    own: tuple[float, ...] = (),
    *,
    diverging: bool = False,
) -> Classes:
    """Return the classes for a distribution, usually of all areas of the nation.

    Parameters
    ----------
    values : array [areas]
        NaN means no data.
    method : str
        Key of METHODS; without `own`, OWN is taken as USUAL.
    own : tuple of float
        The reader's own breaks, ascending; if there are any they are used as they are.
    diverging : bool
        True for change: the breaks are the same on both sides of zero.
    """
    if own:
        return Classes(OWN, own, diverging)
    method = USUAL if method == OWN else method
    if not diverging:
        return Classes(method, class_breaks(values, method))
    if method == USUAL:
        half: tuple[float, ...] = CHANGE_BREAKS
    else:
        half = class_breaks(np.abs(np.asarray(values, np.float64)), method, EVEN_CLASSES // 2 + 1)
    mirrored = tuple(_plain(float(value)) for value in (*(-part for part in half[::-1]), *half))
    return Classes(method, mirrored, diverging=True)


def class_breaks(
    values: ArrayLike, method: str = USUAL, count: int = EVEN_CLASSES
) -> tuple[float, ...]:
    """Return readable breaks for a distribution.

    Parameters
    ----------
    values : array [areas]
        NaN means no data; zeros are a class of their own and do not count here.
    method : str
        Key of METHODS without OWN.
    count : int
        Classes of the even methods.

    Returns
    -------
    tuple of float
        Ascending; whole numbers for counts. Empty where no value is above zero, else at least
        one; where there are several, no class is empty, save those of equal steps.
    """
    given = np.asarray(values, dtype=np.float64)
    positive = given[np.isfinite(given) & (given > SMALLEST)]
    if positive.size == 0:
        return ()
    if method == "equal":
        return _equal_steps(positive, count)
    breaks = {readable(float(value)) for value in _raw_breaks(positive, method, count)}
    if _whole(positive):
        breaks = {math.ceil(value) for value in breaks}
    return _without_empty_classes(tuple(sorted(breaks)), positive)


def _raw_breaks(positive: NDArray[np.float64], method: str, count: int) -> NDArray[np.float64]:
    if method == USUAL:
        found = np.percentile(positive, PERCENTILES)
    elif np.unique(positive).size <= count:
        found = np.unique(positive)
    elif method == "quantiles":
        found = Quantiles(positive, k=count).bins[:-1]
    else:
        chosen = np.linspace(0, positive.size - 1, min(positive.size, NATURAL_SAMPLE)).round()
        sample = np.sort(positive)[chosen.astype(np.intp)]
        found = (
            np.unique(sample) if np.unique(sample).size <= count else _fisher_jenks(sample, count)
        )
    return np.asarray(found, dtype=np.float64)


def _fisher_jenks(sample: NDArray[np.float64], count: int) -> NDArray[np.float64]:
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Numba not installed")
        highest: NDArray[np.float64] = FisherJenks(sample, k=count).bins[:-1]
    following = sample[np.searchsorted(sample, highest, side="right")]
    halfway: NDArray[np.float64] = (highest + following) / 2
    return halfway


def _equal_steps(positive: NDArray[np.float64], count: int) -> tuple[float, ...]:
    step = readable(float(positive.max()) / count)
    if _whole(positive):
        step = max(1, math.ceil(step))
    inside = [step * number for number in range(1, count) if step * number <= positive.max()]
    return tuple(_plain(float(f"{value:.10g}")) for value in inside) or (step,)


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
    [0.035, 2, 50, 350, 10000]
    """
    power = 10.0 ** math.floor(math.log10(value))
    nearest = min(READABLE, key=lambda lead: abs(lead * power - value))
    return _plain(float(f"{nearest * power:.3g}"))


def _whole(values: NDArray[np.float64]) -> bool:
    return bool(np.all(values == np.floor(values)))


def _text(value: float) -> str:
    return f"{value:,.10g}"


def _change_text(value: float) -> str:
    sign = "−" if value < 0 else "+" if value > 0 else ""
    return f"{sign}{abs(value):,.10g}%"


def _plain(value: float) -> float:
    return int(value) if value.is_integer() else value
