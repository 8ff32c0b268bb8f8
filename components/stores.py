"""Stores that hold a Selection as its query, and say of which dataset it is.

A page lives longer than the dataset it was opened on. Every store names its dataset, and a request
about another one than is served is refused: figures never stand under a banner, a map or a source
that is not theirs.
"""

from __future__ import annotations

from typing import Protocol
from urllib.parse import parse_qsl

from analysis.selection import LONGEST_QUERY, Selection, from_query, to_query
from data_pipeline.dataset import Dataset

from .checks import text

DATASET = "dataset"
"""Name in a store's query, after those of the Selection; never in the page's address."""
IDENTITY_DIGITS = 16

is_stored = text(LONGEST_QUERY + 200)
"""Accept what a store may hold."""


class OtherDatasetError(Exception):
    """A page asks about another dataset than the one being served."""


class OpenDataset(Protocol):
    """Returns the dataset being served; looks for `wanted` first where that is another one."""

    def __call__(self, wanted: str = "") -> Dataset:
        """Return the dataset being served."""


def identity(dataset: Dataset) -> str:
    """Return what a store calls a dataset."""
    return dataset.id[:IDENTITY_DIGITS]


def stored(selection: Selection, dataset: Dataset) -> str:
    """Return what a store holds of a selection."""
    return f"{to_query(selection)}&{DATASET}={identity(dataset)}"


def opened(query: str, open_dataset: OpenDataset) -> tuple[Dataset, Selection]:
    """Return the dataset of a page, and the Selection that one of its stores holds.

    Raises
    ------
    OtherDatasetError
        If another dataset is being served now.
    """
    wanted = dict(parse_qsl(query)).get(DATASET, "")
    dataset = opened_as(wanted, open_dataset)
    return dataset, from_query(query, dataset)[0]


def opened_as(wanted: str | None, open_dataset: OpenDataset) -> Dataset:
    """Return the dataset being served, which must be the wanted one.

    A request that names none is of no page of it.

    Raises
    ------
    OtherDatasetError
        If it is another one.
    """
    wanted = wanted or ""
    dataset = open_dataset(wanted)
    if wanted != identity(dataset):
        raise OtherDatasetError(f"wanted {wanted[:IDENTITY_DIGITS]}, serving {identity(dataset)}")
    return dataset
