"""Rates with their intervals, and densities."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import binom, chi2, norm

from data_pipeline.dataset import KM2_PER_SQUARE_MILE

PER = 1000
MONTHS_IN_YEAR = 12
SMALL_COUNT = 10
"""Below this count the interval is exact, and a reader is told to read it."""

CLEAR_CHANGE = 0.05
"""A change is clear of chance where equal rates would bring one as large less often than this."""

Floats = NDArray[np.float64]


def count_interval(counts: ArrayLike, confidence: float = 0.95) -> tuple[Floats, Floats]:
    """Return the interval of Poisson counts: exact below SMALL_COUNT, Byar's from there on.

    Parameters
    ----------
    counts : array of counts, any shape
        NaN gives NaN.
    confidence : float
        Two-sided.

    Returns
    -------
    low, high : float64 arrays of the same shape

    Notes
    -----
    The rule of Public Health England's *Technical Guide: Confidence Intervals*: Garwood's exact
    limits ½χ²(α/2; 2x) and ½χ²(1−α/2; 2x+2), and Byar's x(1−1/9x−z/3√x)³ and
    (x+1)(1−1/9(x+1)+z/3√(x+1))³.
    """
    x = np.asarray(counts, dtype=np.float64)
    low, high = byar_interval(x, confidence)
    small = x < SMALL_COUNT
    exact_low, exact_high = exact_interval(np.arange(SMALL_COUNT), confidence)
    few = x[small].astype(np.intp)
    low[small], high[small] = exact_low[few], exact_high[few]
    return low, high


def byar_interval(counts: ArrayLike, confidence: float = 0.95) -> tuple[Floats, Floats]:
    """Return Byar's approximate interval of Poisson counts, whatever their size.

    Parameters
    ----------
    counts : array of counts, any shape
    confidence : float

    Returns
    -------
    low, high : float64 arrays of the same shape
    """
    x = np.asarray(counts, dtype=np.float64)
    z = norm.ppf(0.5 + confidence / 2)
    with np.errstate(divide="ignore", invalid="ignore"):
        low = x * (1 - 1 / (9 * x) - z / (3 * np.sqrt(x))) ** 3
    above = x + 1
    high = above * (1 - 1 / (9 * above) + z / (3 * np.sqrt(above))) ** 3
    return low, high


def exact_interval(counts: ArrayLike, confidence: float = 0.95) -> tuple[Floats, Floats]:
    """Return Garwood's exact interval of Poisson counts.

    Parameters
    ----------
    counts : array of counts, any shape
    confidence : float

    Returns
    -------
    low, high : float64 arrays of the same shape
    """
    x = np.asarray(counts, dtype=np.float64)
    tail = (1 - confidence) / 2
    low = np.where(x > 0, chi2.ppf(tail, 2 * np.maximum(x, 1)) / 2, 0.0)
    high = chi2.ppf(1 - tail, 2 * x + 2) / 2
    return low, high


def annual_rate(counts: ArrayLike, denominators: ArrayLike, months: int) -> Floats:
    """Return events per 1,000 of the denominator and year.

    Equal fractions give equal rates to the last bit, so that ties are ties.

    Parameters
    ----------
    counts, denominators : arrays [areas]
    months : int
        Length of the period that was counted.

    Returns
    -------
    float64 array [areas]
        NaN where the denominator is missing or not positive.
    """
    n = np.asarray(denominators, dtype=np.float64)
    fraction = np.asarray(counts, dtype=np.float64) / np.where(n > 0, n, np.nan)
    return fraction * (PER * MONTHS_IN_YEAR / months)


def rate_interval(
    counts: ArrayLike, denominators: ArrayLike, months: int, confidence: float = 0.95
) -> tuple[Floats, Floats]:
    """Return the interval of ``annual_rate``: that of the count, divided likewise.

    Parameters
    ----------
    counts, denominators : arrays of the same shape
        Crimes, and people (or what else is divided by); NaN or zero people give NaN.
    months : int
        Months of the period, by which the rate is scaled to a year.
    confidence : float
        Between 0 and 1.

    Returns
    -------
    low, high : float64 arrays of that shape
        Per 1,000 and year.
    """
    low, high = count_interval(counts, confidence)
    return annual_rate(low, denominators, months), annual_rate(high, denominators, months)


def equal_rates_probability(counts: ArrayLike, earlier: ArrayLike) -> Floats:
    """Return how likely a difference as large is if two Poisson counts have the same rate.

    Parameters
    ----------
    counts, earlier : arrays of counts, any shape
        Of the same place and equally long periods; NaN gives NaN.

    Returns
    -------
    float64 array of the same shape
        Two-sided p of the exact conditional test of Przyborowski and Wilenski (1940): given their
        sum n, one of two such counts is binomial (n, ½).
    """
    x, y = np.asarray(counts, np.float64), np.asarray(earlier, np.float64)
    p: Floats = np.minimum(1.0, 2 * binom.cdf(np.minimum(x, y), x + y, 0.5))
    return p


def density_per_square_mile(counts: ArrayLike, land_km2: ArrayLike) -> Floats:
    """Return events of the period per square mile of land.

    Parameters
    ----------
    counts : array [areas]
    land_km2 : array [areas]
        Land area in square kilometres.
    """
    land = np.asarray(land_km2, dtype=np.float64)
    square_miles = np.where(land > 0, land, np.nan) / KM2_PER_SQUARE_MILE
    return np.asarray(counts, dtype=np.float64) / square_miles
