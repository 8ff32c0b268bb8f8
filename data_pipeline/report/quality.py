"""What a dataset holds and lacks, in plain words, for the command line."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ..build.coverage import gap_lines, incidents
from ..dataset.forces import Force
from ..dataset.months import month_label, period_label
from ..dataset.reader import Dataset
from ..dataset.schema import (
    MISSING,
    QUARANTINED,
    REPEATED,
    ROW_REASONS,
    SUPPLIED,
    UNPLACED,
    UNREADABLE,
)
from ..inputs.errors import examples

REASON_LABELS: dict[str, str] = {
    "excluded_supplier": "of suppliers left out",
    "malformed": "malformed",
    "wrong_month": "of another month than their file",
    "duplicate": "repeating a Crime ID of their file",
    "no_lsoa": "without an LSOA",
    "unknown_lsoa": "with an unknown LSOA",
    "quarantined": "in files set aside",
}

COVERAGE_MARKS = {SUPPLIED: "■", MISSING: "·", QUARANTINED: "Q", UNREADABLE: "X"}
DROP_MARK = "▼"
TENTH_OR_MORE = "+"

FORCE_FIGURES: dict[str, str] = {
    "rows_read": "rows read",
    "kept": "counted",
    "no_lsoa": "no LSOA",
    "duplicate": "repeats",
    "out_of_area": "out of area",
    "remapped_2011": "2011 code",
    "unknown_lsoa": "unknown",
    "sudden_drop": "drops",
}
"""Columns of the coverage table that are summed for each force, with their headings."""

GAPS = {
    "Not supplied:": (MISSING,),
    "Supplied, but set aside or not readable (the warnings say why):": (QUARANTINED, UNREADABLE),
}
"""Headings of the months without figures, and their statuses."""

UNUSED = (UNREADABLE, QUARANTINED, UNPLACED, REPEATED)
"""Statuses of files that a user may expect to find in the figures."""

FORCES_HEADING = "Rows of each force’s files"
CONCENTRATED = (0.25, 0.5, 0.75)

LEAST_COUNT = 100
"""Neighbourhoods with fewer rows say little about concentration."""

MOST_LISTED = 10


def summary(dataset: Dataset) -> str:
    """Return the account of a dataset: files, rows and where they went, gaps, warnings."""
    rows = dataset.manifest["rows"]
    accounts = dataset.accounts
    statuses = accounts["status"].value_counts()
    files = ", ".join(f"{statuses[name]:,} {name}" for name in sorted(statuses.index))
    lines = [
        f"{len(dataset.areas):,} LSOAs of {len(dataset.forces):,} forces, "
        f"{period_label(dataset.months[0], dataset.months[-1])}, "
        f"{len(dataset.crime_types):,} crime types",
        f"{len(accounts):,} police files: {files}" if len(accounts) else "no police files",
        f"{rows['rows_read']:>12,} rows read",
        f"{rows['kept']:>12,} counted",
        *(f"{rows[name]:>12,} {REASON_LABELS[name]}" for name in ROW_REASONS),
        f"{int(accounts['remapped_2011'].sum()):>12,} printed with a 2011 LSOA code",
        f"{int(accounts['out_of_area'].sum()):>12,} located in another force's area",
        f"{int(accounts['ids_elsewhere'].sum()):>12,} with a Crime ID that another file has too",
        *(f"{number:>12,} {what}" for number, what in quality_figures(dataset)),
    ]
    for title, wanted in GAPS.items():
        gaps = gap_lines(dataset.coverage, dataset.forces, wanted)
        lines += [title, *(f"  {line}" for line in gaps)] if gaps else []
    if dataset.warnings:
        lines += [f"Warnings ({len(dataset.warnings):,}):"]
        lines += [f"  {warning}" for warning in dataset.warnings]
    return "\n".join(lines)


def quality_figures(dataset: Dataset) -> list[tuple[int, str]]:
    """Return the figures of the quality report that fit on a line each."""
    points = _sizeable(dataset.snap_points)
    return [
        (int(dataset.coverage["sudden_drop"].sum()), "force-months with a sudden drop"),
        (_estimated(dataset), "redrawn LSOAs in forces whose files carry 2011 codes"),
        (
            int((points["largest_share"] >= CONCENTRATED[1]).sum()),
            f"LSOAs with half of their {LEAST_COUNT:,} rows or more on one map point",
        ),
        (dataset.unknown_values["value"].nunique(), "values not known to this version"),
    ]


def _estimated(dataset: Dataset) -> int:
    """Return how many LSOAs may hold rows that were placed by their point, not by their code."""
    coverage, areas = dataset.coverage, dataset.areas
    remapped = coverage.loc[coverage["remapped_2011"] > 0, "force"].unique()
    return int((areas["reassigned"] & areas["force"].isin(remapped)).sum())


def quality_report(dataset: Dataset) -> str:
    """Return everything that is known of the quality of a dataset, section by section."""
    sections = (
        coverage_matrix(dataset),
        unused_files(dataset),
        unlocated_matrix(dataset),
        force_figures(dataset),
        sudden_drop_list(dataset),
        concentration(dataset),
        vintage_changes(dataset),
        unknown_value_list(dataset),
    )
    return "\n\n".join(sections)


def coverage_matrix(dataset: Dataset) -> str:
    """Return the coverage of every force, one character for each month."""
    status = dataset.coverage["status"].map(COVERAGE_MARKS)
    marks = status.mask(dataset.coverage["sudden_drop"], DROP_MARK)
    legend = "  ".join(f"{mark} {name}" for name, mark in COVERAGE_MARKS.items())
    return "\n".join(
        [
            f"Coverage, {period_label(dataset.months[0], dataset.months[-1])}",
            *_matrix(dataset.forces, _by_month(dataset, marks)),
            f"{legend}  {DROP_MARK} supplied, with a sudden drop",
        ]
    )


def unused_files(dataset: Dataset) -> str:
    """Return the files that have no figures and might have had, with the reason."""
    accounts = dataset.accounts
    unused = accounts[accounts["status"].isin(UNUSED)].sort_values(["file", "note"])
    lines = [
        f"  {file}, {status}: {note}"
        for file, status, note in zip(unused["file"], unused["status"], unused["note"], strict=True)
    ]
    return _section("Files without figures", lines)


def unlocated_matrix(dataset: Dataset) -> str:
    """Return the per cent of each force-month's incidents that have no LSOA."""
    coverage = dataset.coverage
    supplied = coverage["status"] == SUPPLIED
    share = (100 * coverage["no_lsoa"] / incidents(coverage)).where(supplied)
    marks = share.map(_digit, na_action="ignore").fillna(COVERAGE_MARKS[MISSING])
    notes = {}
    for force, own in zip(dataset.forces, _by_month(dataset, share).T, strict=True):
        known = pd.Series(own, index=list(dataset.months), dtype=float).dropna()
        if len(known):
            month = month_label(str(known.idxmax()))
            notes[force.slug] = f"highest {known.max():.1f}% in {month}"
    return "\n".join(
        [
            "Incidents without an LSOA, per cent of the month",
            *_matrix(dataset.forces, _by_month(dataset, marks), notes),
            f"0 to 9 per cent, rounded down  {TENTH_OR_MORE} 10 per cent or more  · no data",
        ]
    )


def force_figures(dataset: Dataset) -> str:
    """Return the rows of each force's files, and where they went."""
    table = dataset.coverage.groupby("force")[list(FORCE_FIGURES)].sum()
    rows = table.loc[[force.slug for force in dataset.forces]].to_numpy(dtype=np.int64)
    names = [*(force.name for force in dataset.forces), "All"]
    named = dict(zip(names, [*rows.tolist(), rows.sum(axis=0).tolist()], strict=True))
    width = max(map(len, [FORCES_HEADING, *named]))
    heading = f"{FORCES_HEADING:{width}}" + "".join(f"{x:>13}" for x in FORCE_FIGURES.values())
    lines = [
        f"{name:{width}}" + "".join(f"{x:>13,}" for x in figures) for name, figures in named.items()
    ]
    return "\n".join([heading, *lines])


def sudden_drop_list(dataset: Dataset) -> str:
    """Return the force-months with fewer than half the incidents of the months before."""
    names = {force.slug: force.name for force in dataset.forces}
    drops = dataset.coverage[dataset.coverage["sudden_drop"]]
    lines = [
        f"  {names[force]}, {month_label(month)}: {found:,} incidents"
        for force, month, found in zip(
            drops["force"], drops["month"], incidents(drops), strict=True
        )
    ]
    return _section("Sudden drops, below half the trailing median", lines)


def concentration(dataset: Dataset) -> str:
    """Return how many LSOAs have most of their count on one map point, and the foremost."""
    points = _sizeable(dataset.snap_points)
    lines = [
        f"  {int((points['largest_share'] >= share).sum()):,} of {len(points):,} LSOAs with at "
        f"least {LEAST_COUNT:,} rows have {share:.0%} of them or more on one point"
        for share in CONCENTRATED
    ]
    names = dataset.areas.set_index("lsoa_code")["lsoa_name"]
    foremost = points.nlargest(MOST_LISTED, "largest_share")
    columns = ["lsoa_code", "largest_share", "count", "location"]
    lines += [
        f"  {code} {names[code]}: {share:.0%} of {count:,} rows {_near(str(location))}"
        for code, share, count, location in zip(*(foremost[x] for x in columns), strict=True)
    ]
    return _section("Concentration on one map point, all crime types and months", lines)


def vintage_changes(dataset: Dataset) -> str:
    """Return how much of the figures rests on a translation of 2011 codes."""
    coverage = dataset.coverage
    old = coverage[coverage["remapped_2011"] > 0]
    rows, unplaced = int(old["remapped_2011"].sum()), int(old["unplaced_2011"].sum())
    lines = [f"  {int(dataset.areas['reassigned'].sum()):,} LSOAs came of a split or a redrawing"]
    if rows:
        period = period_label(old["month"].min(), old["month"].max())
        lines += [
            f"  {rows:,} rows in {len(old):,} force-months carry a 2011 code, {period}",
            f"  {unplaced:,} of them had no usable point",
        ]
    return _section("LSOA codes of 2011", lines)


def unknown_value_list(dataset: Dataset) -> str:
    """Return the LSOA codes and crime types that are not known, the most frequent first."""
    unknown = dataset.unknown_values
    found = unknown.groupby(["column", "value"]).agg(rows=("rows", "sum"), files=("file", list))
    found = found.sort_values("rows", ascending=False, kind="stable")
    lines = [
        f"  {column} {value!r}: {rows:,} rows in {examples(files)}"
        for (column, value), rows, files in zip(
            found.index, found["rows"], found["files"], strict=True
        )
    ]
    more = len(lines) - MOST_LISTED
    return _section(
        "Values not known to this version",
        lines if more <= 0 else [*lines[:MOST_LISTED], f"  and {more:,} more"],
    )


def _section(title: str, lines: list[str]) -> str:
    return "\n".join([title, *(lines or ["  none"])])


def _sizeable(points: pd.DataFrame) -> pd.DataFrame:
    return points[points["count"] >= LEAST_COUNT]


def _near(location: str) -> str:
    if not location:
        return "are on a point without a name"
    return location[:1].lower() + location[1:]


def _digit(per_cent: float) -> str:
    return TENTH_OR_MORE if per_cent >= 10 else str(int(per_cent))


def _by_month(dataset: Dataset, marks: pd.Series) -> NDArray[np.object_]:
    return marks.to_numpy(dtype=object).reshape(len(dataset.months), len(dataset.forces))


def _matrix(
    forces: Iterable[Force], cells: NDArray[np.object_], notes: dict[str, str] | None = None
) -> list[str]:
    """Return a line for each force: its name, a character for each month, and a note."""
    width = max(len(force.name) for force in forces)
    rows = ["".join(cells[:, at]) for at in range(cells.shape[1])]
    return [
        f"{force.name:{width}}  {row}  {(notes or {}).get(force.slug, '')}".rstrip()
        for force, row in zip(forces, rows, strict=True)
    ]
