"""Remember results per dataset, so that figures of two datasets can never mix."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any, Concatenate, ParamSpec, TypeVar

from cachetools import LRUCache, cached
from cachetools.keys import hashkey

from data_pipeline.dataset import Dataset

P = ParamSpec("P")
R = TypeVar("R")
Remembered = Callable[Concatenate[Dataset, P], R]


def remember(size: int) -> Callable[[Remembered[P, R]], Remembered[P, R]]:
    """Keep the `size` latest results of a pure function of a dataset and hashable arguments.

    A dataset is known by its id: equal ids are equal datasets. The panels of several pages ask for
    the same new figures at the same time: the first request computes them, the others wait for it.
    The results are shared between threads: treat them as read-only.
    """

    def decorate(function: Remembered[P, R]) -> Remembered[P, R]:
        results: LRUCache[Any, R] = LRUCache(size)
        return cached(results, key=_key, condition=threading.Condition())(function)

    return decorate


def _key(dataset: Dataset, *args: Any, **kwargs: Any) -> tuple[Any, ...]:
    return hashkey(dataset.id, *args, **kwargs)
