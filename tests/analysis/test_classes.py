"""Class breaks that always draw and can be read."""

from __future__ import annotations

import mapclassify
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.classes import MOST_BREAKS, OWN, USUAL, Classes, class_breaks, classes, readable

METHODS = ["tail", "natural", "quantiles", "equal"]
FIGURES = st.lists(st.floats(0, 1e7) | st.just(float("nan")), max_size=60)


def long_tail(areas: int = 35_000) -> np.ndarray:
    return np.random.default_rng(7).lognormal(2, 1, areas)


def test_a_long_tail_gets_readable_breaks_and_no_empty_class() -> None:
    found = classes(long_tail())
    assert found.breaks == (6, 10, 20, 30, 60)
    assert np.bincount(found.of(long_tail()))[1:].min() > 0


def test_none_and_no_data_are_classes_of_their_own() -> None:
    numbers = Classes(OWN, (2, 5)).of([0.0, np.nan, 1.9, 2.0, 5.0, 99.0])
    assert numbers.tolist() == [0, -1, 1, 2, 3, 3]


def test_no_change_is_a_value_like_others() -> None:
    change = Classes(USUAL, (-10, 10), diverging=True)
    assert change.of([0.0, -10.0, -10.1, 10.0, np.nan]).tolist() == [2, 2, 1, 3, -1]
    assert change.directions == (-1, 0, 1)


def test_equal_numbers_follow_mapclassify_s_quantiles() -> None:
    exact = mapclassify.Quantiles(long_tail(), k=6).bins[:-1]
    found = class_breaks(long_tail(), "quantiles")
    assert found == tuple(sorted({readable(value) for value in exact}))
    shares = np.bincount(Classes("quantiles", found).of(long_tail()))[1:] / 35_000
    assert shares == pytest.approx(np.full(len(shares), 1 / 6), abs=0.06)


def test_natural_breaks_fall_between_the_groups() -> None:
    groups = np.repeat([10.5, 100.5, 200.5, 300.5], 50) + np.tile(np.linspace(-3, 3, 50), 4)
    breaks = class_breaks(groups, "natural", 4)
    assert np.bincount(Classes("natural", breaks).of(groups))[1:].tolist() == [50, 50, 50, 50]


def test_equal_steps_are_equal() -> None:
    steps = np.diff((0, *class_breaks(long_tail(), "equal")))
    assert steps == pytest.approx(np.full(len(steps), steps[0]))


def test_the_same_values_give_the_same_breaks() -> None:
    for method in METHODS:
        shuffled = np.random.default_rng(1).permutation(long_tail(3_000))
        assert class_breaks(shuffled, method) == class_breaks(long_tail(3_000), method)


def test_own_breaks_are_used_as_they_are_whatever_the_values() -> None:
    for values in ([], [1.0], long_tail(), [np.nan]):
        assert classes(values, "natural", (1, 7, 300)) == Classes(OWN, (1, 7, 300))


@pytest.mark.parametrize("method", METHODS)
def test_breaks_of_change_are_the_same_on_both_sides(method: str) -> None:
    change = np.random.default_rng(3).normal(5, 30, 5_000)
    found = classes(change, method, diverging=True)
    assert found.breaks == tuple(-value for value in found.breaks[::-1])
    assert found.directions[len(found.breaks) // 2] == 0


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("values", [[], [np.nan, np.nan], [0.0, 0.0, np.nan]])
def test_nothing_above_zero_has_no_breaks(method: str, values: list[float]) -> None:
    assert class_breaks(values, method) == ()
    assert Classes(method, ()).labels == ("None", "Any")


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("values", [[3.3], [3.3] * 50])
def test_equal_values_are_in_one_class(method: str, values: list[float]) -> None:
    assert len(set(classes(values, method).of(values))) == 1


@pytest.mark.parametrize("method", METHODS)
def test_breaks_of_counts_are_whole_numbers(method: str) -> None:
    counts = np.random.default_rng(7).poisson(1.5, 5_000).astype(float)
    assert all(isinstance(value, int) for value in class_breaks(counts, method))


def test_labels_have_thousands_separators() -> None:
    assert Classes(USUAL, (0.5, 1500)).labels == (
        "None",
        "Under 0.5",
        "0.5 to 1,500",
        "1,500 or more",
    )


@pytest.mark.parametrize("diverging", [False, True])
@pytest.mark.parametrize("method", METHODS)
@settings(max_examples=40, deadline=None)
@given(values=FIGURES)
def test_every_distribution_draws(method: str, diverging: bool, values: list[float]) -> None:
    found = classes(values, method, diverging=diverging)
    numbers = found.of(values)
    assert list(found.breaks) == sorted(set(found.breaks))
    assert len(found.breaks) <= MOST_BREAKS
    assert len(numbers) == len(values)
    assert all(-1 <= number < len(found.labels) for number in numbers)
