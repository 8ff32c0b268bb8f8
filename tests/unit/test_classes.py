"""Class breaks that always draw and can be read."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.classes import class_breaks, class_labels, classify


def test_a_long_tail_gets_readable_breaks_and_no_empty_class() -> None:
    rates = np.random.default_rng(7).lognormal(2, 1, 35_000)
    breaks = class_breaks(rates)
    assert breaks == (6, 10, 20, 30, 60)
    assert np.bincount(classify(rates, breaks))[1:].min() > 0


def test_none_and_no_data_are_classes_of_their_own() -> None:
    assert classify([0.0, np.nan, 1.9, 2.0, 5.0, 99.0], (2, 5)).tolist() == [0, -1, 1, 2, 3, 3]


@pytest.mark.parametrize("values", [[], [np.nan, np.nan], [0.0, 0.0, np.nan]])
def test_nothing_above_zero_has_no_breaks(values: list[float]) -> None:
    assert class_breaks(values) == ()
    assert class_labels(()) == ("None", "Any")


@pytest.mark.parametrize("values", [[3.3], [3.3] * 50])
def test_equal_values_have_one_break(values: list[float]) -> None:
    breaks = class_breaks(values)
    assert len(breaks) == 1
    assert set(classify(values, breaks)) <= {1, 2}


def test_breaks_of_counts_are_whole_numbers() -> None:
    counts = np.random.default_rng(7).poisson(1.5, 5_000).astype(float)
    assert all(isinstance(value, int) for value in class_breaks(counts))


def test_labels_have_thousands_separators() -> None:
    assert class_labels((0.5, 1500)) == ("None", "Under 0.5", "0.5 to 1,500", "1,500 or more")


@given(st.lists(st.floats(0, 1e7) | st.just(float("nan")), max_size=60))
def test_every_distribution_draws(values: list[float]) -> None:
    breaks = class_breaks(values)
    classes = classify(values, breaks)
    labels = class_labels(breaks)
    assert list(breaks) == sorted(set(breaks))
    assert len(classes) == len(values)
    assert all(-1 <= number < len(labels) for number in classes)
