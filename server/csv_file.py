"""What every exported file shares: its form, its name, and what it says of its origin."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from itertools import chain

import pandas as pd
from flask import Response

from analysis.selection import Selection
from data_pipeline.dataset import Dataset, type_slug

ROWS_AT_ONCE = 2000
BOM = "\ufeff"
SYNTHETIC_LABEL = "SYNTHETIC DEMONSTRATION DATA"
REAL_LABEL = "police recorded crime"
FORMULA_STARTS = re.compile(r"\s*[=+\-@\t\r\n＝＋－＠]")
"""What a spreadsheet takes for the start of a formula, after blanks and in full width too."""

LONGEST_NAME = 60


def csv_response(rows: pd.DataFrame, name: str, *, bom: bool = False) -> Response:
    """Return rows as a file to save under a name.

    Parameters
    ----------
    bom : bool
        Whether the file starts with a UTF-8 signature, by which spreadsheets know its encoding.
    """
    return Response(
        chain([BOM] if bom else [], csv_chunks(harmless(rows))),
        mimetype="text/csv",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def csv_chunks(rows: pd.DataFrame) -> Iterator[str]:
    """Yield a CSV file in parts: one header row, blanks for no data.

    A figure is the shortest text that gives the same number back; the screen rounds.
    """
    heading = io.StringIO()
    line_end = "\r\n" if _has_carriage_return(rows) else "\n"
    csv.writer(heading, lineterminator=line_end).writerow(rows.columns)
    yield heading.getvalue()
    for start in range(0, len(rows), ROWS_AT_ONCE):
        part = rows.iloc[start : start + ROWS_AT_ONCE]
        yield part.to_csv(index=False, header=False, lineterminator=line_end)


def _has_carriage_return(rows: pd.DataFrame) -> bool:
    """Tell whether a text holds one: writers quote it only where it is a part of line ends."""
    texts = (rows[name] for name in rows.columns if pd.api.types.is_string_dtype(rows[name].dtype))
    return any(text.str.contains("\r", regex=False, na=False).any() for text in texts)


def file_name(dataset: Dataset, *parts: str) -> str:
    """Return a name that says what a file holds, from its parts in order; empty ones are left out.

    For example ``crime-atlas-merseyside-drugs-2024-01-to-2024-12-lsoa.csv``.
    """
    label = "SYNTHETIC" if dataset.synthetic else ""
    return "-".join(part for part in (label, "crime-atlas", *parts) if part) + ".csv"


def name_part(text: str) -> str:
    """Return a reader's name as a part of a file name."""
    return type_slug(text)[:LONGEST_NAME].strip("-")


def period_part(first: str, last: str) -> str:
    """Return a period as a part of a file name.

    >>> period_part("2024-01", "2024-12"), period_part("2024-01", "2024-01")
    ('2024-01-to-2024-12', '2024-01')
    """
    return first if first == last else f"{first}-to-{last}"


def provenance(dataset: Dataset, selection: Selection) -> dict[str, str]:
    """Return the columns that say what figures are of: crime types, denominator and dataset."""
    return {
        "crime_types": "; ".join(_type_names(dataset, selection)),
        "denominator": selection.denominator_of(dataset).label,
        "dataset_release": dataset.release,
        "dataset_id": dataset.id[:16],
        "data": SYNTHETIC_LABEL if dataset.synthetic else REAL_LABEL,
    }


def _type_names(dataset: Dataset, selection: Selection) -> list[str]:
    if selection.is_total(dataset):
        return [selection.type_label(dataset)]
    counted = set(selection.type_slugs(dataset))
    return [kind.name for kind in dataset.crime_types if kind.slug in counted]


def harmless(rows: pd.DataFrame) -> pd.DataFrame:
    """Return rows with text marked that a spreadsheet would run as a formula."""
    rows = rows.copy()
    for name in rows.columns:
        if pd.api.types.is_string_dtype(rows[name].dtype):
            risky = rows[name].str.match(FORMULA_STARTS, na=False)
            if risky.any():
                rows[name] = rows[name].where(~risky, "'" + rows[name])
    return rows
