"""Competition ranks: 1 is the highest value, ties share the lowest rank."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray


def competition_rank(
    values: ArrayLike, valid: NDArray[np.bool_], groups: ArrayLike | None = None
) -> pd.Series:
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
    Series of nullable Int64 [areas]

    >>> competition_rank([5, 9, 5, 7, 1], np.array([True, True, True, False, True])).tolist()
    [2, 1, 2, <NA>, 4]
    """
    ranked = pd.Series(np.where(valid, np.asarray(values, dtype=np.float64), np.nan))
    if groups is None:
        ranks = ranked.rank(method="min", ascending=False)
    else:
        ranks = ranked.groupby(np.asarray(groups)).rank(method="min", ascending=False)
    return ranks.astype("Int64")
