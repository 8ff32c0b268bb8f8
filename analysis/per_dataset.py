"""Remember results per dataset, so that figures of two datasets can never mix."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache, wraps
from typing import Any, Concatenate, ParamSpec, TypeVar

from data_pipeline.dataset import Dataset

P = ParamSpec("P")
R = TypeVar("R")


@dataclass(frozen=True)
class _Key:
    """Stands for a dataset by its content: equal ids are equal datasets."""

    id: str
    dataset: Dataset = field(compare=False)


class _Result:
    """A result that is computed once, however many threads ask for it at the same time."""

    def __init__(self, compute: Callable[[], Any]) -> None:
        self._compute = compute
        self._lock = threading.Lock()
        self._value: list[Any] = []

    def get(self) -> Any:
        with self._lock:
            if not self._value:
                self._value.append(self._compute())
            return self._value[0]


def remember(
    size: int,
) -> Callable[[Callable[Concatenate[Dataset, P], R]], Callable[Concatenate[Dataset, P], R]]:
    """Keep the `size` latest results of a pure function of a dataset and hashable arguments.

    The panels of a page ask for the same new figures at the same time: the first request computes
    them, the others wait for it. The results are shared between threads: treat them as read-only.
    """

    def decorate(
        function: Callable[Concatenate[Dataset, P], R],
    ) -> Callable[Concatenate[Dataset, P], R]:
        @lru_cache(maxsize=size)
        def result(key: _Key, *args: Any, **kwargs: Any) -> _Result:
            return _Result(lambda: function(key.dataset, *args, **kwargs))

        @wraps(function)
        def call(dataset: Dataset, *args: P.args, **kwargs: P.kwargs) -> R:
            find: Callable[..., _Result] = result
            answer: R = find(_Key(dataset.id, dataset), *args, **kwargs).get()
            return answer

        return call

    return decorate
