"""A comparison of two datasets in plain words, for the command line."""

from __future__ import annotations

import pandas as pd

from ..build.coverage import spans
from ..dataset.months import month_label, period_label
from ..dataset.reader import Dataset
from .revisions import APPEARED, OUTSIDE, REVISED, STATUS_CHANGED, VANISHED, Comparison

MOST_LINES = 20
MOST_TYPES = 3
_HEADINGS = {
    APPEARED: "Supplied only in B",
    VANISHED: "Supplied only in A",
    STATUS_CHANGED: "Not supplied in either, for another reason",
}


def describe_revisions(
    a: Dataset, b: Dataset, comparison: Comparison, most: int | None = MOST_LINES
) -> str:
    """Return what is different in `b`, the largest revisions first.

    Parameters
    ----------
    a, b : Dataset
    comparison : Comparison
        Of `a` with `b`.
    most : int or None
        Revised force-months to list; None for all.
    """
    names = {force.slug: force.name for force in (*a.forces, *b.forces)}
    changed = comparison.force_months
    lines = [_title("A", a), _title("B", b), *comparison.limits]
    if not len(changed):
        return "\n".join([*lines, "No force-month differs."])
    for change in (APPEARED, VANISHED, STATUS_CHANGED):
        lines += _turned(changed[changed["change"] == change], change, names)
    revised = changed[changed["change"] == REVISED]
    if not len(revised):
        return "\n".join([*lines, "No force-month that both supply was revised."])
    added, removed = int(revised["added"].sum()), int(revised["removed"].sum())
    lines.append(
        f"Revised: {len(revised):,} force-months, {added:,} counts added and {removed:,} removed "
        "(in some LSOA), largest first:"
    )
    revised = revised.assign(size=revised["added"].fillna(0) + revised["removed"].fillna(0))
    revised = revised.sort_values(["size", "month", "force"], ascending=[False, True, True])
    types = comparison.revisions.set_index(["month", "force"]).sort_index()
    for _, row in revised.head(len(revised) if most is None else most).iterrows():
        lines.append(f"  {names[row['force']]}, {month_label(row['month'])}: {_moved(row, types)}")
    if most is not None and len(revised) > most:
        lines.append(f"  and {len(revised) - most:,} more (--all lists them)")
    return "\n".join(lines)


def _title(side: str, dataset: Dataset) -> str:
    return (
        f"{side}: release {month_label(dataset.release)}, "
        f"{period_label(dataset.months[0], dataset.months[-1])}, {dataset.id[:16]}"
    )


def _turned(changed: pd.DataFrame, change: str, names: dict[str, str]) -> list[str]:
    if not len(changed):
        return []
    lines = [f"{_HEADINGS[change]}: {len(changed):,} force-months"]
    for (was, now), alike in changed.groupby(["status_a", "status_b"]):
        for force, own in alike.groupby("force"):
            periods = ", ".join(period_label(*span) for span in spans(own["month"]))
            counted = own["count_b" if change == APPEARED else "count_a"].sum()
            figures = "" if change == STATUS_CHANGED else f", {counted:,} counted"
            lines.append(f"  {names[str(force)]}: {periods} ({_turn(str(was), str(now))}{figures})")
    return lines


def _turn(was: str, now: str) -> str:
    words = {OUTSIDE: "not among the months"}
    return f"{words.get(was, was)} → {words.get(now, now)}"


def _moved(row: pd.Series, types: pd.DataFrame) -> str:
    """Return what became of a force-month: its total, and the crime types that moved most."""
    if not row["size"]:
        return (
            f"the counts are the same; rows read {row['rows_read_a']:,} → {row['rows_read_b']:,}, "
            f"counted {row['kept_a']:,} → {row['kept_b']:,}"
        )
    own = types.loc[[(row["month"], row["force"])]]
    own = own.assign(size=own["added"] + own["removed"]).sort_values(
        ["size", "crime_type"], ascending=[False, True]
    )
    listed = [
        f"{kind} +{added:,} −{removed:,}"
        for kind, added, removed in zip(
            own["crime_type"].head(MOST_TYPES), own["added"], own["removed"], strict=False
        )
    ]
    more = len(own) - len(listed)
    tail = f" and {more:,} more types" if more else ""
    return (
        f"{row['count_a']:,} → {row['count_b']:,} (+{row['added']:,} −{row['removed']:,}): "
        f"{', '.join(listed)}{tail}"
    )
