"""The figures of a Selection as files: ``GET /export/areas.csv`` and ``/export/series.csv``."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
from flask import Flask, Response, request

from analysis.area_table import AreaTable, area_table, arranged
from analysis.figures import earlier_period
from analysis.selection import Part, names
from analysis.series import Basis, Series, monthly_series
from analysis.vocabulary import MEASURES, PLACE_COLUMNS
from data_pipeline.dataset import Dataset, DatasetError

from .csv_file import csv_response, file_name, name_part, period_part, provenance
from .export_query import DATASET, ExportQuery, RefusedQueryError, read_export_query
from .open_dataset import DatasetSource

Answer = Callable[[Dataset, ExportQuery], Response]


def register(flask_app: Flask, source: DatasetSource) -> None:
    """Serve the exports."""

    @flask_app.get("/export/areas.csv")
    def export_areas() -> Response:
        return _answer(source, names(Part.LOOKS | Part.AREA), areas_file)

    @flask_app.get("/export/series.csv")
    def export_series() -> Response:
        return _answer(source, names(Part.LOOKS | Part.LISTING), series_file)


def _answer(source: DatasetSource, ignored: frozenset[str], file: Answer) -> Response:
    """Return the file that a request asks for, or what is wrong with the request.

    Parameters
    ----------
    ignored : frozenset of str
        Query names that do not change the file.
    file : function of dataset and ExportQuery
    """
    try:
        dataset = source.current(request.args.get(DATASET, ""))
    except DatasetError as error:
        return _plain(f"{error.public}\n", 503)
    try:
        query = request.query_string.decode("utf-8", errors="replace")
        asked = read_export_query(query, dataset, ignored)
    except RefusedQueryError as error:
        return _plain(f"{error}\n", error.status)
    return file(dataset, asked)


def _plain(text: str, status: int) -> Response:
    return Response(text, status, mimetype="text/plain")


def areas_file(dataset: Dataset, asked: ExportQuery) -> Response:
    """Return the page's table: the same rows in the same order."""
    selection = asked.selection
    table = area_table(dataset, selection)
    rows = area_rows(table, arranged(table, selection.search, selection.order))
    name = file_name(
        dataset,
        name_part(table.figures_label),
        name_part(table.type_label),
        period_part(selection.first, selection.last),
        selection.level,
    )
    return csv_response(rows, name, bom=asked.bom)


def area_rows(table: AreaTable, rows: pd.DataFrame) -> pd.DataFrame:
    """Return rows of the area table under the names and in the order of the file.

    Parameters
    ----------
    table : AreaTable
    rows : DataFrame
        As from ``arranged``.
    """
    level, selection = table.selection.level, table.selection
    source = provenance(table.dataset, selection)
    earlier = earlier_period(table.dataset, selection)
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
        "reassigned_history": _yes_no(rows["reassigned_history"]),
        "crime_types": source.pop("crime_types"),
        "period_from": selection.first,
        "period_to": selection.last,
        **source,
        "earlier_count": rows["earlier_count"],
        "earlier_from": earlier.first,
        "earlier_to": earlier.last,
        "change_class": rows["change_class"].astype(str),
    }
    columns |= {
        measure.column: rows[measure.column]
        for measure in MEASURES.values()
        if measure.column not in columns
    }
    return pd.DataFrame(columns, index=rows.index)


def series_file(dataset: Dataset, asked: ExportQuery) -> Response:
    """Return the months of the charts: of the period where the query names one, else all."""
    selection = asked.selection
    first = selection.first if "from" in asked.given else dataset.months[0]
    last = selection.last if "to" in asked.given else dataset.months[-1]
    series = monthly_series(dataset, selection)
    rows = series_rows(series, selection.area or "")
    rows = rows[rows["month"].between(first, last)].assign(**provenance(dataset, selection))
    of_place = series.place if selection.area else series.supplied.label
    name = file_name(
        dataset,
        name_part(f"{of_place} {selection.area or ''}"),
        name_part(selection.type_label(dataset)),
        period_part(first, last),
        "monthly",
    )
    return csv_response(rows, name, bom=asked.bom)


def series_rows(series: Series, area: str) -> pd.DataFrame:
    """Return the months of a series under the names and in the order of the file.

    The first figures are of the forces that supplied the month; those of the forces that supplied
    every month, which the charts draw, follow.

    Parameters
    ----------
    area : str
        Code of the chosen area, empty for the whole scope.
    """
    frame = series.supplied.frame
    whole = series.whole_span or Basis("", (), frame.assign(count=np.nan, rate_per_1000=np.nan))
    return pd.DataFrame(
        {
            "month": frame["month"],
            "count": frame["count"].astype("Int64"),
            "rate_per_1000": frame["rate_per_1000"],
            "forces_supplied": frame["forces_supplied"],
            "forces_in_scope": frame["forces_in_scope"],
            "reason": frame["reason"],
            "population": _whole(frame["people"].where(frame["people"] > 0)),
            "whole_span_count": whole.frame["count"].astype("Int64"),
            "whole_span_rate_per_1000": whole.frame["rate_per_1000"],
            "whole_span_forces": "; ".join(whole.forces),
            "place": [
                series.place
                if supplied == in_scope
                else f"{supplied} of {in_scope} forces of {series.place}"
                for supplied, in_scope in zip(
                    frame["forces_supplied"], frame["forces_in_scope"], strict=True
                )
            ],
            "area": area,
        }
    )


def _codes(table: AreaTable, rows: pd.DataFrame) -> pd.Series:
    """Return official codes; within the program a force goes by its slug."""
    if table.selection.level != "force":
        return rows["code"]
    return rows["code"].map({force.slug: force.code for force in table.dataset.forces})


def _yes_no(flags: pd.Series) -> pd.Series:
    return pd.Series(np.where(flags, "yes", "no"), index=flags.index)


def _whole(values: pd.Series) -> pd.Series:
    known = values.dropna()
    return values.astype("Int64") if (known == known.round()).all() else values
