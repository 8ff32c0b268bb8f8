"""Competition ranks: 1 is the highest value, ties share the lowest rank."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from pandas.arrays import IntegerArray


def competition_rank(
    values: ArrayLike, valid: NDArray[np.bool_], groups: ArrayLike | None = None
) -> IntegerArray:
    """Rank values in descending order.

    Parameters
    ----------
    values : array [areas]
    valid : bool array [areas]
        Others neither have a rank nor take one away.
    groups : array [areas], optional
        Rank within each of these groups instead of among all.

    Returns
    -------
    nullable integer array [areas]

    >>> competition_rank([5, 9, 5, 7, 1], np.array([True, True, True, False, True])).tolist()
    [2, 1, 2, <NA>, 4]
    """
    given = np.asarray(values, dtype=np.float64)
    of = np.zeros(len(given), np.intp) if groups is None else pd.factorize(np.asarray(groups))[0]
    rows = np.flatnonzero(valid)
    order = rows[np.lexsort((-given[rows], of[rows]))]
    group, value = of[order], given[order]
    new_group, new_value = np.ones((2, len(order)), dtype=np.bool_)
    new_group[1:] = group[1:] != group[:-1]
    new_value[1:] = new_group[1:] | (value[1:] != value[:-1])
    place = np.arange(len(order))
    start = np.maximum.accumulate(np.where(new_group, place, 0))
    ranks = np.zeros(len(given), dtype=np.int64)
    ranks[order] = np.maximum.accumulate(np.where(new_value, place, 0)) - start + 1
    return pd.arrays.IntegerArray(ranks, ~np.asarray(valid, dtype=np.bool_))
