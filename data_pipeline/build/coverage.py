"""Which force-months exist, and what is wrong with them.

"No data" is not zero: a force-month counts only if its file was supplied, could be read and is
not absurd for its force.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ..dataset.forces import Force
from ..dataset.months import month_label, month_number, months_between, period_label
from ..dataset.schema import COVERAGE_COLUMNS, MISSING, QUARANTINED, SUPPLIED, UNREADABLE

LOWEST_SHARE_OF_MEDIAN = 0.1
FEWEST_MONTHS_TO_COMPARE = 6
LOWEST_ROWS_PER_1000 = 1.0
HIGHEST_SHARE_OUTSIDE = 0.5
DROP_SHARE_OF_MEDIAN = 0.5
DROP_MONTHS = 12
DROP_FEWEST_MONTHS = 3
_LABELS = ("month", "force", "status")

NOT_INCIDENTS = ("malformed", "wrong_month", "duplicate")
"""Rows that say nothing new about the month of their file."""


def incidents(accounts: pd.DataFrame) -> pd.Series:
    """Return the rows of each file that tell of an incident of its month, located or not."""
    return accounts["rows_read"] - accounts[list(NOT_INCIDENTS)].sum(axis=1)


def absurd_files(accounts: pd.DataFrame, residents: Mapping[str, float]) -> dict[int, str]:
    """Find the files that are absurd for their force and so count as not supplied.

    A file is absurd if none of its rows can be counted; if it has less than a tenth of the median
    incidents of the force's other months or, with fewer than six of them, less than one for every
    1,000 residents; or if more than half of its located rows lie outside the force's own area.

    Parameters
    ----------
    accounts : DataFrame
        The supplied files of territorial forces, columns ``dataset.ACCOUNT_COLUMNS``.
    residents : dict of force slug to people
        Forces without areas in the dataset are left out, and are not judged by their area.

    Returns
    -------
    dict of index in `accounts` to the reason, a phrase
    """
    figures = accounts[["rows_read", "kept", "out_of_area"]].assign(incidents=incidents(accounts))
    reasons = {}
    for force, rows in accounts.groupby("supplier").indices.items():
        people = residents.get(str(force))
        files = figures.iloc[rows]
        found = files["incidents"].to_numpy()
        for at, (index, file) in enumerate(files.to_dict("index").items()):
            if reason := _absurdity(file, np.delete(found, at), people):
                reasons[int(str(index))] = reason
    return reasons


def _absurdity(
    file: Mapping[Hashable, int], others: NDArray[np.int64], residents: float | None
) -> str | None:
    found, kept, outside = file["incidents"], file["kept"], file["out_of_area"]
    if kept == 0:
        return f"none of its {file['rows_read']:,} rows can be counted"
    if len(others) >= FEWEST_MONTHS_TO_COMPARE:
        median = float(np.median(others))
        if found < LOWEST_SHARE_OF_MEDIAN * median:
            return f"{found:,} incidents where the force's median month has {median:,.0f}"
    elif residents is not None and found < LOWEST_ROWS_PER_1000 * residents / 1000:
        return f"{found:,} incidents among {residents:,.0f} residents"
    if residents is not None and outside > HIGHEST_SHARE_OUTSIDE * kept:
        return f"{outside:,} of its {kept:,} located rows lie outside the force's area"
    return None


def coverage_table(
    accounts: pd.DataFrame, months: Sequence[str], forces: Sequence[Force]
) -> pd.DataFrame:
    """Return what is known of every force-month.

    Parameters
    ----------
    accounts : DataFrame
        Columns ``dataset.ACCOUNT_COLUMNS``, quarantined files already marked.
    months, forces : the axes

    Returns
    -------
    DataFrame
        Columns ``dataset.COVERAGE_COLUMNS``; one row per month and force, in that order.
    """
    axis = pd.MultiIndex.from_product(
        [months, [force.slug for force in forces]], names=["month", "force"]
    )
    own = accounts[accounts["status"].isin([SUPPLIED, QUARANTINED, UNREADABLE])]
    own = own.rename(columns={"supplier": "force"}).set_index(["month", "force"])
    figures = [name for name in COVERAGE_COLUMNS if name in own and name not in _LABELS]
    table = own[["status", *figures]].reindex(axis)
    table["status"] = table["status"].fillna(MISSING)
    table[figures] = table[figures].fillna(0).astype(np.int64)
    table = table.reset_index()
    table["sudden_drop"] = sudden_drops(table)
    return table[list(COVERAGE_COLUMNS)]


def sudden_drops(coverage: pd.DataFrame) -> pd.Series:
    """Tell which supplied force-months have less than half the incidents of the months before.

    The comparison is with the median of up to twelve preceding supplied months of the force; it
    needs three of them.

    Parameters
    ----------
    coverage : DataFrame
        In order of month.

    Returns
    -------
    bool Series, with the index of `coverage`
    """
    found = incidents(coverage)[coverage["status"] == SUPPLIED]
    before = found.groupby(coverage["force"]).transform(
        lambda own: own.rolling(DROP_MONTHS, min_periods=DROP_FEWEST_MONTHS).median().shift(1)
    )
    return (found < DROP_SHARE_OF_MEDIAN * before).reindex(coverage.index, fill_value=False)


def spans(months: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Yield the first and last month of each unbroken run.

    >>> list(spans(["2024-01", "2024-02", "2024-05"]))
    [('2024-01', '2024-02'), ('2024-05', '2024-05')]
    """
    ordered = sorted(months)
    start = 0
    for at in range(1, len(ordered) + 1):
        ended = at == len(ordered) or month_number(ordered[at]) != month_number(ordered[at - 1]) + 1
        if ended:
            yield ordered[start], ordered[at - 1]
            start = at


def gap_lines(
    coverage: pd.DataFrame, forces: Sequence[Force], statuses: Sequence[str]
) -> list[str]:
    """Return one line for each period without figures: the forces that share it, and the months.

    What most forces share comes first, so that the exceptions stand out.

    Parameters
    ----------
    coverage : DataFrame
        Columns ``schema.COVERAGE_COLUMNS``.
    forces : to be named
    statuses : what counts as a gap, such as ``schema.MISSING``
    """
    months = coverage["month"].nunique()
    absent = coverage[coverage["status"].isin(statuses)]
    sharing: dict[str, list[str]] = {}
    for force in forces:
        gaps = absent.loc[absent["force"] == force.slug, "month"]
        if len(gaps):
            periods = ", ".join(period_label(*span) for span in spans(gaps))
            text = "every month" if len(gaps) == months else periods
            sharing.setdefault(text, []).append(force.name)
    ordered = sorted(sharing.items(), key=lambda item: -len(item[1]))
    return [f"{_named(names)}: {periods}" for periods, names in ordered]


def _named(names: list[str]) -> str:
    if len(names) == 1:
        return names[0]
    return f"{len(names):,} forces ({', '.join(names)})"


def coverage_warnings(coverage: pd.DataFrame, forces: Sequence[Force]) -> list[str]:
    """Return a sentence for every force with sudden drops."""
    drops = coverage[coverage["sudden_drop"]]
    months = {force.name: drops.loc[drops["force"] == force.slug, "month"] for force in forces}
    return [
        f"{name}, {', '.join(map(month_label, own))}: fewer than half the incidents of the months "
        "before."
        for name, own in months.items()
        if len(own)
    ]


def month_axis(months: Iterable[str]) -> tuple[str, ...]:
    """Return every month from the earliest to the latest of `months`."""
    ordered = sorted(months)
    return months_between(ordered[0], ordered[-1])
