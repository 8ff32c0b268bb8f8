"""Everything that a dataset is made of, before it is written."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ..dataset.crime_types import CrimeType
from ..dataset.forces import Force
from ..dataset.schema import ROW_REASONS, Denominator
from ..geography.areas_store import PreparedAreas
from .facts import FactsStore


class PublishError(Exception):
    """The output directory cannot be used, or a draft breaks the dataset's contract."""


class Monthly(Protocol):
    """Counts by month, crime type and area, of which each month is asked for once."""

    @property
    def shape(self) -> tuple[int, ...]:
        """Months, crime types and areas."""

    def __iter__(self) -> Iterator[NDArray[np.uint32]]:
        """Yield each month's counts [crime types, areas]."""


@dataclass(frozen=True)
class Draft:
    """Everything that a dataset is made of, before it is written.

    Attributes
    ----------
    release : str
        Latest month of the police files, ``YYYY-MM``.
    areas : DataFrame
        One row per LSOA, grouped by force in the order of `forces`; columns lsoa_code … csp_name,
        force (slug), force_name, rural_urban, reassigned, and one column per denominator (NaN
        where unknown). With `prepared`, also land area, point and edges; without it, a
        GeoDataFrame in EPSG:27700, of which they are computed and the layers drawn.
    monthly : uint32 array [months, crime types, areas]
        Rows counted in each month, or anything that has this shape and yields one month at a time.
    coverage, accounts : DataFrame
        Columns ``dataset.COVERAGE_COLUMNS`` and ``dataset.ACCOUNT_COLUMNS``.
    snap_points, unknown_values : DataFrame
        Columns ``dataset.SNAP_POINT_COLUMNS``, one row per area in the same order, and
        ``dataset.UNKNOWN_VALUE_COLUMNS``.
    sources : list of dict
        One per input: role, name, url, licence, sha256, bytes.
    facts_store : FactsStore, optional
        Gives the facts of months whose counts are as before, and is given those that are written.
    """

    release: str
    months: tuple[str, ...]
    crime_types: tuple[CrimeType, ...]
    forces: tuple[Force, ...]
    denominators: tuple[Denominator, ...]
    areas: pd.DataFrame
    monthly: Monthly
    coverage: pd.DataFrame
    accounts: pd.DataFrame
    snap_points: pd.DataFrame
    unknown_values: pd.DataFrame
    sources: list[dict[str, Any]] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    synthetic: bool = False
    prepared: PreparedAreas | None = None
    facts_store: FactsStore | None = None


def check_draft(draft: Draft) -> None:
    """Raise PublishError where a draft contradicts itself."""
    shape = (len(draft.months), len(draft.crime_types), len(draft.areas))
    if draft.monthly.shape != shape:
        raise PublishError(f"the counts have shape {draft.monthly.shape}, expected {shape}")
    order = {force.slug: index for index, force in enumerate(draft.forces)}
    positions = draft.areas["force"].map(order)
    if positions.isna().any() or not positions.is_monotonic_increasing:
        raise PublishError("the areas are not grouped by force in the order of the forces")
    if not draft.areas["lsoa_code"].is_unique:
        raise PublishError("an LSOA code occurs twice among the areas")
    if len(draft.coverage) != len(draft.months) * len(draft.forces):
        raise PublishError("the coverage table does not hold every month and force once")
    explained = draft.accounts[["kept", *ROW_REASONS]].sum(axis=1)
    wrong = draft.accounts.loc[explained != draft.accounts["rows_read"], "file"]
    if len(wrong):
        raise PublishError(f"the rows of {wrong.iloc[0]} do not add up")
    if draft.snap_points["lsoa_code"].tolist() != draft.areas["lsoa_code"].tolist():
        raise PublishError("the snap points are not those of the areas")
