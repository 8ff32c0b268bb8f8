"""Results are remembered per dataset, and computed once for all who ask at the same time."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from analysis.per_dataset import remember
from data_pipeline.dataset import Dataset


def test_those_who_ask_at_the_same_time_wait_for_one_computation(small_dataset: Dataset) -> None:
    calls: list[int] = []
    started, go_on = threading.Event(), threading.Event()

    @remember(2)
    def slow(dataset: Dataset, number: int) -> object:
        calls.append(number)
        started.set()
        assert go_on.wait(10)
        return object()

    with ThreadPoolExecutor(4) as pool:
        answers = [pool.submit(slow, small_dataset, 1) for _ in range(4)]
        assert started.wait(10)
        go_on.set()
        assert len({id(answer.result(10)) for answer in answers}) == 1
    assert calls == [1]


def test_a_computation_that_fails_is_tried_again(small_dataset: Dataset) -> None:
    attempts: list[int] = []

    @remember(2)
    def unsure(dataset: Dataset) -> int:
        attempts.append(1)
        if len(attempts) == 1:
            raise ValueError("not yet")
        return len(attempts)

    with pytest.raises(ValueError, match="not yet"):
        unsure(small_dataset)
    assert unsure(small_dataset) == unsure(small_dataset) == 2


def test_a_remembered_function_may_ask_for_another_of_its_own_results(
    small_dataset: Dataset,
) -> None:
    @remember(8)
    def below(dataset: Dataset, number: int) -> int:
        return number + below(dataset, number - 1) if number else 0

    assert below(small_dataset, 4) == 10


def test_two_computations_that_need_the_same_third_do_not_wait_for_each_other(
    small_dataset: Dataset,
) -> None:
    both = threading.Barrier(2)

    @remember(4)
    def shared(dataset: Dataset) -> int:
        return 1

    @remember(4)
    def panel(dataset: Dataset, number: int) -> int:
        both.wait(10)
        return number + shared(dataset)

    with ThreadPoolExecutor(2) as pool:
        answers = [pool.submit(panel, small_dataset, number) for number in range(2)]
        assert [answer.result(20) for answer in answers] == [1, 2]
