"""``GET /export/areas.csv``: the ranked table of a Selection as a file."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

import numpy as np
import pandas as pd
from flask import Flask, Response, request

from analysis.area_table import AreaTable, area_table, arranged
from analysis.selection import PLACE_COLUMNS, Problem, read_query
from data_pipeline.dataset import DatasetError, type_slug

from .open_dataset import DatasetSource

PAGE_ONLY = frozenset({"area", "map", "measure", "classes", "breaks", "basemap"})
"""Query names that say how the page looks and do not change the file."""

ROWS_AT_ONCE = 2000
RATE_FORMAT = "%.1f"
SYNTHETIC_LABEL = "SYNTHETIC DEMONSTRATION DATA"
REAL_LABEL = "police recorded crime"
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
LONGEST_NAME = 60


def register(flask_app: Flask, source: DatasetSource) -> None:
    """Serve ``GET /export/areas.csv``."""

    @flask_app.get("/export/areas.csv")
    def export_areas() -> Response:
        try:
            dataset = source.current()
        except DatasetError as error:
            return _plain(f"{error}\n", 503)
        query = request.query_string.decode("utf-8", errors="replace")
        selection, problems = read_query(query, dataset)
        refused = [problem for problem in problems if problem.field not in PAGE_ONLY]
        if refused:
            return _plain(_complaints(refused), 400)
        table = area_table(dataset, selection)
        rows = export_rows(table, arranged(table, selection.search, selection.sort))
        return Response(
            csv_chunks(rows),
            mimetype="text/csv",
            headers={"Content-Disposition": f'attachment; filename="{file_name(table)}"'},
        )


def _plain(text: str, status: int) -> Response:
    return Response(text, status, mimetype="text/plain")


def _complaints(problems: list[Problem]) -> str:
    return "".join(f"{problem.complaint}.\n" for problem in problems)


def export_rows(table: AreaTable, rows: pd.DataFrame) -> pd.DataFrame:
    """Return rows of the area table under the names and in the order of the file.

    Parameters
    ----------
    table : AreaTable
    rows : DataFrame
        As from ``arranged``.
    """
    level, dataset, selection = table.selection.level, table.dataset, table.selection
    columns = {
        "rank": rows["rank"],
        "force_rank": rows["force_rank"],
        f"{level}_code": _codes(table, rows),
        f"{level}_name": rows["name"],
        **{name: rows[name] for name in PLACE_COLUMNS[level]},
        "count": rows["count"],
        "population": _whole(rows["denominator"]),
        "rate_per_1000": rows["rate_per_1000"],
        "rate_low": rows["rate_low"],
        "rate_high": rows["rate_high"],
        "density_per_sq_mile": rows["density_per_sq_mile"],
        "months_supplied": rows["months_supplied"],
        "months_in_period": rows["months_in_period"],
        "status": rows["status"],
        "change_percent": rows["change_percent"],
        "small_count": _yes_no(rows["small_count"]).where(rows["has_data"]),
        "reassigned_history": _yes_no(rows["reassigned"]),
        "crime_types": "; ".join(_type_names(table)),
        "period_from": selection.first,
        "period_to": selection.last,
        "denominator": table.denominator.label,
        "dataset_release": dataset.release,
        "dataset_id": dataset.id[:16],
        "data": SYNTHETIC_LABEL if dataset.synthetic else REAL_LABEL,
    }
    return _harmless(pd.DataFrame(columns, index=rows.index))


def csv_chunks(rows: pd.DataFrame) -> Iterator[str]:
    """Yield a CSV file in parts: one header row, rates with one decimal, blanks for no data."""
    heading = io.StringIO()
    csv.writer(heading, lineterminator="\n").writerow(rows.columns)
    yield heading.getvalue()
    for start in range(0, len(rows), ROWS_AT_ONCE):
        part = rows.iloc[start : start + ROWS_AT_ONCE]
        yield part.to_csv(index=False, header=False, float_format=RATE_FORMAT, lineterminator="\n")


def file_name(table: AreaTable) -> str:
    """Return a name that says what the file holds.

    For example ``crime-atlas-merseyside-drugs-2024-01-to-2024-12-lsoa.csv``.
    """
    selection = table.selection
    parts = (
        "SYNTHETIC" if table.dataset.synthetic else "",
        "crime-atlas",
        type_slug(table.place_label)[:LONGEST_NAME],
        type_slug(table.type_label)[:LONGEST_NAME],
        f"{selection.first}-to-{selection.last}",
        selection.level,
    )
    return "-".join(part for part in parts if part) + ".csv"


def _codes(table: AreaTable, rows: pd.DataFrame) -> pd.Series:
    """Return official codes; within the program a force goes by its slug."""
    if table.selection.level != "force":
        return rows["code"]
    return rows["code"].map({force.slug: force.code for force in table.dataset.forces})


def _type_names(table: AreaTable) -> list[str]:
    dataset, selection = table.dataset, table.selection
    if selection.is_total(dataset):
        return [table.type_label]
    counted = set(selection.type_slugs(dataset))
    return [kind.name for kind in dataset.crime_types if kind.slug in counted]


def _yes_no(flags: pd.Series) -> pd.Series:
    return pd.Series(np.where(flags, "yes", "no"), index=flags.index)


def _whole(values: pd.Series) -> pd.Series:
    known = values.dropna()
    return values.astype("Int64") if (known == known.round()).all() else values


def _harmless(rows: pd.DataFrame) -> pd.DataFrame:
    """Mark text that a spreadsheet would run as a formula."""
    for name in rows.columns:
        if pd.api.types.is_string_dtype(rows[name].dtype):
            risky = rows[name].str.startswith(FORMULA_STARTS, na=False)
            if risky.any():
                rows[name] = rows[name].where(~risky, "'" + rows[name])
    return rows
