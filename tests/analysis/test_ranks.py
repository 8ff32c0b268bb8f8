"""Competition ranks."""

from __future__ import annotations

import numpy as np
import pandas as pd

from analysis.ranks import competition_rank


def test_ties_share_the_lowest_rank_and_the_next_one_is_skipped() -> None:
    ranks = competition_rank([3.0, 9.0, 3.0, 1.0], np.ones(4, dtype=bool))
    assert ranks.tolist() == [2, 1, 2, 4]


def test_an_area_without_data_neither_has_nor_takes_a_rank() -> None:
    ranks = competition_rank([3.0, 9.0, 1.0], np.array([True, False, True]))
    assert ranks.tolist() == [1, pd.NA, 2]


def test_ranks_within_groups_start_at_one_each() -> None:
    ranks = competition_rank([3.0, 9.0, 5.0], np.ones(3, dtype=bool), ["a", "a", "b"])
    assert ranks.tolist() == [2, 1, 1]
