"""Remember results per dataset, so that figures of two datasets can never mix."""

from __future__ import annotations

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


def remember(
    size: int,
) -> Callable[[Callable[Concatenate[Dataset, P], R]], Callable[Concatenate[Dataset, P], R]]:
    """Keep the `size` latest results of a pure function of a dataset and hashable arguments.

    The results are shared between threads: treat them as read-only.
    """

    def decorate(
        function: Callable[Concatenate[Dataset, P], R],
    ) -> Callable[Concatenate[Dataset, P], R]:
        @lru_cache(maxsize=size)
        def remembered(key: _Key, *args: Any, **kwargs: Any) -> R:
            return function(key.dataset, *args, **kwargs)

        @wraps(function)
        def call(dataset: Dataset, *args: P.args, **kwargs: P.kwargs) -> R:
            answer: Callable[..., R] = remembered
            return answer(_Key(dataset.id, dataset), *args, **kwargs)

        return call

    return decorate
