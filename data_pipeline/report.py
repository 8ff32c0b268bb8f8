"""What a dataset holds and lacks, in plain words, for the command line."""

from __future__ import annotations

from .coverage import not_supplied
from .dataset import MISSING, QUARANTINED, ROW_REASONS, SUPPLIED, UNREADABLE, Dataset
from .months import period_label

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
    ]
    gaps = not_supplied(dataset.coverage, dataset.forces)
    if gaps:
        lines += ["Not supplied:", *(f"  {line}" for line in gaps)]
    if dataset.warnings:
        lines += [f"Warnings ({len(dataset.warnings):,}):"]
        lines += [f"  {warning}" for warning in dataset.warnings]
    return "\n".join(lines)


def coverage_matrix(dataset: Dataset) -> str:
    """Return the coverage of every force, one character for each month."""
    width = max(len(force.name) for force in dataset.forces)
    status = dataset.coverage["status"].to_numpy()
    cells = status.reshape(len(dataset.months), len(dataset.forces))
    lines = [f"{'':{width}}  {dataset.months[0]} to {dataset.months[-1]}"]
    for at, force in enumerate(dataset.forces):
        lines.append(f"{force.name:{width}}  " + "".join(COVERAGE_MARKS[x] for x in cells[:, at]))
    lines.append("  ".join(f"{mark} {name}" for name, mark in COVERAGE_MARKS.items()))
    return "\n".join(lines)
