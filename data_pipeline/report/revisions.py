"""What one dataset says differently from another: the police revise older months in each release.

Only what both can answer for is compared: LSOAs that both have, under the same force. A figure of
a force-month that a dataset does not supply is unknown, not zero.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ..dataset.reader import Dataset
from ..dataset.schema import MISSING, ROW_REASONS, SUPPLIED
from ..inputs.errors import InputError, examples

OUTSIDE = "outside"
"""Status of a force-month that lies outside the months of a dataset."""

APPEARED = "appeared"
VANISHED = "vanished"
REVISED = "revised"
STATUS_CHANGED = "status changed"

SAME = ""
"""What happened to a force-month between two datasets."""

KEYS = ["month", "force"]
ROW_FIGURES = ("rows_read", "kept", *ROW_REASONS, "out_of_area")
COUNTS = ("count_a", "count_b", "added", "removed")

REVISION_COLUMNS = (*KEYS, "crime_type", "change", "status_a", "status_b", *COUNTS)
"""Columns of `revisions`. Counts are of the force's own LSOAs; `added` and `removed` are the sums
of what each LSOA gained and lost, so that a place corrected within the force shows as both."""

FORCE_MONTH_COLUMNS = (
    *(*KEYS, "change", "status_a", "status_b", *COUNTS),
    *(f"{name}_{side}" for name in ROW_FIGURES for side in ("a", "b")),
)
"""Columns of `Comparison.force_months`: the counts over all crime types, and what became of the
rows of the force's file, NA where there was none."""

Counts = NDArray[np.int64]
Areas = NDArray[np.intp]


@dataclass(frozen=True)
class Comparison:
    """How a newer dataset differs from an older one.

    Attributes
    ----------
    revisions : DataFrame
        Columns REVISION_COLUMNS; one row for each month, force and crime type that differs.
    force_months : DataFrame
        Columns FORCE_MONTH_COLUMNS; one row for each force-month that differs.
    limits : list of str
        A sentence for everything that could not be compared.
    """

    revisions: pd.DataFrame
    force_months: pd.DataFrame
    limits: list[str]


@dataclass(frozen=True)
class CommonAreas:
    """The LSOAs that two datasets share, in order of force.

    Attributes
    ----------
    in_a, in_b : intp arrays [common areas]
        Their positions in each dataset.
    forces : tuple of str
        Slugs of their forces.
    starts : intp array [forces]
        Where the areas of each force begin.
    """

    in_a: Areas
    in_b: Areas
    forces: tuple[str, ...]
    starts: Areas


def common_areas(a: Dataset, b: Dataset) -> CommonAreas:
    """Return the LSOAs that both datasets have under the same force.

    Raises
    ------
    InputError
        If there are none.
    """
    known = {code: at for at, code in enumerate(a.areas["lsoa_code"].tolist())}
    found = np.array([known.get(code, -1) for code in b.areas["lsoa_code"].tolist()], dtype=np.intp)
    in_b = np.flatnonzero(found >= 0)
    in_a = found[in_b]
    forces_a = a.areas["force"].to_numpy()[in_a]
    forces_b = b.areas["force"].to_numpy()[in_b]
    alike = forces_a == forces_b
    forces = forces_b[alike]
    if not len(forces):
        raise InputError(
            "The two datasets have no LSOA of the same force in common, so they cannot be compared."
        )
    starts = np.flatnonzero(np.concatenate([[True], forces[1:] != forces[:-1]]))
    return CommonAreas(in_a[alike], in_b[alike], tuple(forces[starts]), starts)


def revisions(a: Dataset, b: Dataset) -> pd.DataFrame:
    """Return what dataset `b` counts differently from `a`, by month, force and crime type.

    Parameters
    ----------
    a, b : Dataset
        The older and the newer one.

    Returns
    -------
    DataFrame
        Columns REVISION_COLUMNS; one row for each month, force and crime type that differs, in
        that order. Counts are missing (NA) where the force-month is not supplied, and `added` and
        `removed` where either count is.

    Raises
    ------
    InputError
        If the datasets have no area in common.
    """
    return compare(a, b).revisions


def compare(a: Dataset, b: Dataset) -> Comparison:
    """Compare an older dataset with a newer one.

    Raises
    ------
    InputError
        If they have no area in common.
    """
    areas = common_areas(a, b)
    kinds = {kind.slug: kind.name for kind in (*a.crime_types, *b.crime_types)}
    months = sorted({*a.months, *b.months})
    counts = pd.concat(
        [_month_counts(a, b, month, sorted(kinds), areas) for month in months], ignore_index=True
    )
    statuses = _statuses(a, b)
    counts = counts.merge(statuses, on=KEYS, how="left", validate="many_to_one")
    for side in ("a", "b"):
        unknown = counts[f"status_{side}"] != SUPPLIED
        counts.loc[unknown, [f"count_{side}", "added", "removed"]] = pd.NA
    counts["crime_type"] = counts["crime_type"].map(kinds)
    moved = (counts["added"] + counts["removed"] > 0).fillna(value=False)
    turned = counts["change"].isin([APPEARED, VANISHED])
    turned &= counts[["count_a", "count_b"]].gt(0).any(axis=1)
    revised = counts[moved | turned].copy()
    revised["change"] = revised["change"].replace(SAME, REVISED)
    return Comparison(
        revised[list(REVISION_COLUMNS)].reset_index(drop=True),
        _force_months(a, b, counts, statuses),
        _limits(a, b, areas),
    )


def _month_counts(
    a: Dataset, b: Dataset, month: str, slugs: list[str], areas: CommonAreas
) -> pd.DataFrame:
    """Return the counts of one month by force and crime type, where either dataset has any."""
    before, after = _counts(a, month, slugs, areas.in_a), _counts(b, month, slugs, areas.in_b)
    gains = np.maximum(after - before, 0)
    count_a, count_b, added = (
        np.add.reduceat(figures, areas.starts, axis=1).T.ravel()
        for figures in (before, after, gains)
    )
    removed = added - (count_b - count_a)
    index = pd.MultiIndex.from_product([areas.forces, slugs], names=["force", "crime_type"])
    table = pd.DataFrame(
        dict(zip(COUNTS, (count_a, count_b, added, removed), strict=True)), index=index
    ).astype("Int64")
    table = table[(table > 0).any(axis=1)].reset_index()
    table.insert(0, "month", month)
    return table


def _counts(dataset: Dataset, month: str, slugs: list[str], areas: Areas) -> Counts:
    """Return a month's counts, int64 [crime types, areas]; zeros where the dataset has none."""
    counts: Counts = np.zeros((len(slugs), len(areas)), dtype=np.int64)
    if month in dataset.months:
        at = dataset.month_index(month)
        found = dataset.totals[at + 1] - dataset.totals[at]
        for own, kind in enumerate(dataset.crime_types):
            counts[slugs.index(kind.slug)] = found[own, areas]
    return counts


def _statuses(a: Dataset, b: Dataset) -> pd.DataFrame:
    """Return the status of every force-month in each dataset, and what happened to it."""
    sides = [
        dataset.coverage[[*KEYS, "status"]].rename(columns={"status": f"status_{side}"})
        for side, dataset in (("a", a), ("b", b))
    ]
    table = sides[0].merge(sides[1], on=KEYS, how="outer").fillna(OUTSIDE)
    table["change"] = [
        _change(was, now) for was, now in zip(table["status_a"], table["status_b"], strict=True)
    ]
    return table


def _change(was: str, now: str) -> str:
    if (was == SUPPLIED) != (now == SUPPLIED):
        return APPEARED if now == SUPPLIED else VANISHED
    return SAME if was == now or {was, now} == {MISSING, OUTSIDE} else STATUS_CHANGED


def _force_months(
    a: Dataset, b: Dataset, counts: pd.DataFrame, statuses: pd.DataFrame
) -> pd.DataFrame:
    """Return the force-months that differ, columns FORCE_MONTH_COLUMNS."""
    totals = counts.groupby(KEYS)[list(COUNTS)].sum(min_count=1)
    table = statuses.merge(totals, on=KEYS, how="left", validate="one_to_one")
    for side, dataset in (("a", a), ("b", b)):
        files = dataset.coverage[dataset.coverage["status"] != MISSING].set_index(KEYS)
        figures = files[list(ROW_FIGURES)].astype("Int64").add_suffix(f"_{side}")
        table = table.merge(figures, on=KEYS, how="left", validate="one_to_one")
    differs = (table["added"] + table["removed"] > 0).fillna(value=False)
    for name in ROW_FIGURES:
        differs |= table[f"{name}_a"].ne(table[f"{name}_b"]).fillna(value=False)
    table.loc[differs & (table["change"] == SAME), "change"] = REVISED
    changed = table.loc[table["change"] != SAME, list(FORCE_MONTH_COLUMNS)]
    return changed.sort_values(KEYS, ignore_index=True)


def _limits(a: Dataset, b: Dataset, areas: CommonAreas) -> list[str]:
    """Return a sentence for everything that one dataset has and the other has not."""
    shared = len(areas.in_a)
    lines = []
    left_out = len(a.areas) + len(b.areas) - 2 * shared
    if left_out:
        lines.append(
            f"Only the {shared:,} LSOAs that both have under the same force are compared "
            f"(A has {len(a.areas):,}, B {len(b.areas):,})."
        )
    for side, one, other in (("A", a, b), ("B", b, a)):
        theirs = {kind.slug for kind in other.crime_types}
        own = [kind.name for kind in one.crime_types if kind.slug not in theirs]
        if own:
            lines.append(f"Crime types in {side} only: {examples(own)}.")
    if a.synthetic != b.synthetic:
        lines.append("One of the two holds made-up data.")
    return lines
