"""The ranked table: sorted, searched and paged on the server, so that the download is the same."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import dash_ag_grid as dag
import pandas as pd
from dash import ClientsideFunction, Dash, Input, Output, State, dcc, html
from dash.exceptions import PreventUpdate

from analysis.area_table import area_table, arranged
from analysis.selection import PLACE_COLUMNS, Selection
from analysis.wording import counted, interval
from data_pipeline.dataset import Dataset

from . import ids, theme
from .navigation import OpenDataset, from_store
from .text_box import text_box

PAGE_SIZE = 50
PAUSE_MS = 400
EXPORT = "/export/areas.csv"

GRID_THEME = (
    "themeAlpine.withParams({"
    "fontSize: 13, fontFamily: 'inherit', foregroundColor: 'var(--ink)', "
    "backgroundColor: 'var(--paper)', borderColor: 'var(--rule)', spacing: 6, "
    "headerBackgroundColor: 'var(--ground)', rowHoverColor: 'var(--hover)', "
    "selectedRowBackgroundColor: 'var(--selected)', "
    "accentColor: 'var(--accent)', wrapperBorderRadius: 6"
    "})"
)
"""The table's colours are the style sheet's, so that they follow the appearance."""

ROW_COLUMNS = (
    *("rank", "force_rank", "code", "name", "count", "denominator"),
    *("rate_per_1000", "rate_low", "rate_high"),
    *("density_per_sq_mile", "change_percent", "status"),
)
"""Columns of the area table that every level's rows carry."""

Column = dict[str, Any]


def columns(dataset: Dataset, selection: Selection) -> list[Column]:
    """Return the columns of the table for a level; the download has the same rows and more.

    The column that the link sorts by says so, the others say that they do not.
    """
    per = selection.denominator_of(dataset).label
    level = selection.level
    places = [
        *([_text("code", "LSOA code", 118)] if level == "lsoa" else []),
        *([_text("ward_name", "Ward", 150)] if level == "lsoa" else []),
        *([_text("lad_name", "District", 140)] if level in ("lsoa", "ward") else []),
        *([_text("force_name", "Police force", 150)] if level != "force" else []),
    ]
    in_force = [] if level == "force" else [_figure("force_rank", "In force", 96)]
    shown = [
        _figure("rank", "Rank", 84, pinned="left", sortingOrder=["asc", "desc"]),
        _text("name", "Area", 178, pinned="left", cellRenderer="AreaCell", tooltipField="place"),
        _figure("count", "Count", 90),
        _figure("rate_per_1000", "Per 1,000", 98, cellStyle={"function": "rateBar(params)"}),
        _text("interval", "95% interval", 132, sortable=False, cellClass="figure"),
        *in_force,
        _figure("denominator", per[:1].upper() + per[1:], 150),
        _figure("density_per_sq_mile", "Per sq mile", 118),
        _figure("change_percent", "On a year earlier", 142),
        *places,
        _text("status", "Coverage", 240),
    ]
    sorted_by = selection.sort.removeprefix("-")
    order = "desc" if selection.sort.startswith("-") else "asc"
    return [{**column, "sort": order if column["field"] == sorted_by else None} for column in shown]


def _text(field: str, label: str, width: int, **properties: Any) -> Column:
    return {
        "field": field,
        "headerName": label,
        "width": width,
        "sortingOrder": ["asc", "desc"],
        **properties,
    }


def _figure(field: str, label: str, width: int, **properties: Any) -> Column:
    return _text(
        field,
        label,
        width,
        **{
            "type": "rightAligned",
            "sortingOrder": ["desc", "asc"],
            "valueFormatter": {"function": f"figure(params, '{field}')"},
            **properties,
        },
    )


def rows(dataset: Dataset, selection: Selection) -> pd.DataFrame:
    """Return the table's rows: the area table as searched and sorted by the reader."""
    table = area_table(dataset, selection.figures_key())
    return arranged(table, selection.search, selection.sort)


def page_rows(
    frame: pd.DataFrame, level: str, start: int, end: int, longest: float
) -> list[dict[str, Any]]:
    """Return some rows for the grid; missing figures are null, never zero.

    Parameters
    ----------
    level : str
        Level of the areas.
    longest : float
        The rate whose bar fills the cell.
    """
    part = frame.iloc[start:end]
    fields = [*ROW_COLUMNS, *PLACE_COLUMNS[level]]
    values = part[fields].astype(object).where(part[fields].notna(), None)
    return [
        {**row, **_shown(row, level, longest)}
        for row in (
            {str(key): value for key, value in row.items()} for row in values.to_dict("records")
        )
    ]


def _shown(row: dict[str, Any], level: str, longest: float) -> dict[str, Any]:
    """Return what the grid shows of a row beside its figures."""
    place = [row[column] for column in PLACE_COLUMNS[level]]
    if level == "lsoa":
        place = [row["code"], row["ward_name"]]
    shown = {"place": ", ".join(place)}
    rate = row["rate_per_1000"]
    if rate is None:
        return {**shown, "bar": 0, "interval": str(row["status"]).removeprefix("no data: ")}
    bar = 100 * math.sqrt(rate / longest) if longest else 0
    return {**shown, "bar": bar, "interval": interval(row["rate_low"], row["rate_high"])}


def longest_rate(frame: pd.DataFrame) -> float:
    """Return the highest rate of a table, 0 if it has none."""
    rates = frame["rate_per_1000"].dropna()
    return float(rates.max()) if len(rates) else 0.0


def row_target(dataset: Dataset, selection: Selection) -> dict[str, Any]:
    """Return the chosen area and the position of its row, None where it is not in the table."""
    codes = rows(dataset, selection)["code"].to_numpy()
    found = (codes == selection.area).nonzero()[0]
    return {"code": selection.area, "row": int(found[0]) if len(found) else None}


def title(dataset: Dataset, selection: Selection) -> list[Any]:
    """Return the heading of the table."""
    count = len(rows(dataset, selection))
    return [
        html.H2("Ranked areas"),
        html.Span(
            f"{counted(count, selection.level)}, ranked by rate",
            className="muted",
        ),
    ]


def note(dataset: Dataset, selection: Selection) -> str:
    """Return what a reader of the table must know."""
    per = selection.denominator_of(dataset).label
    return (
        f"Per 1,000 {per}, a year; {selection.period_label()}. Areas whose intervals overlap may "
        "not differ. Town centres read high because visitors are not counted."
    )


def layout() -> html.Section:
    """Return the table's panel."""
    grid = dag.AgGrid(
        id=ids.TABLE,
        rowModelType="infinite",
        columnDefs=[],
        defaultColDef={"sortable": True, "resizable": True, "suppressMovable": True},
        getRowId="params.data.code",
        dashGridOptions={
            "theme": {"function": GRID_THEME},
            "pagination": True,
            "paginationPageSize": PAGE_SIZE,
            "paginationPageSizeSelector": False,
            "cacheBlockSize": PAGE_SIZE,
            "maxBlocksInCache": 4,
            "rowSelection": {
                "mode": "singleRow",
                "checkboxes": False,
                "enableClickSelection": True,
            },
            "rowHeight": 40,
            "headerHeight": 36,
            "suppressCellFocus": False,
            "animateRows": False,
        },
        className="ranking",
        style={"height": "100%", "width": "100%"},
    )
    return theme.panel(
        html.Div(
            [
                html.Div(id=ids.TABLE_TITLE, className="panel-title"),
                html.Div(
                    [
                        text_box(ids.SEARCH, "Search the table", "Search the table", PAUSE_MS),
                        html.A(
                            "Download CSV",
                            id=ids.DOWNLOAD,
                            href=EXPORT,
                            className="button",
                            download="",
                        ),
                    ],
                    className="panel-tools",
                ),
            ],
            className="panel-head",
        ),
        html.Div(grid, className="table-frame"),
        html.P(id=ids.TABLE_NOTE, className="muted small"),
        dcc.Store(id=ids.TABLE_TARGET),
        dcc.Store(id=ids.SORT),
        label="Ranked areas",
        className="table-panel",
    )


def register(app: Dash, open_dataset: OpenDataset) -> None:
    """Connect the table."""

    @app.callback(
        Output(ids.TABLE, "getRowsResponse"),
        Input(ids.TABLE, "getRowsRequest"),
        State(ids.LISTING, "data"),
        prevent_initial_call=True,
    )
    def send_rows(request: dict[str, Any] | None, query: str | None) -> dict[str, Any]:
        if request is None or query is None:
            raise PreventUpdate
        dataset = open_dataset()
        selection = from_store(query, dataset)
        frame = rows(dataset, selection)
        part = page_rows(
            frame, selection.level, request["startRow"], request["endRow"], longest_rate(frame)
        )
        return {"rowData": part, "rowCount": len(frame)}

    @app.callback(
        Output(ids.TABLE, "columnDefs"),
        Output(ids.TABLE_TITLE, "children"),
        Output(ids.TABLE_NOTE, "children"),
        Output(ids.DOWNLOAD, "href"),
        Input(ids.LISTING, "data"),
        prevent_initial_call=True,
    )
    def describe(query: str) -> tuple[Any, ...]:
        dataset = open_dataset()
        selection = from_store(query, dataset)
        return (
            columns(dataset, selection),
            title(dataset, selection),
            note(dataset, selection),
            f"{EXPORT}?{query}",
        )

    @app.callback(
        Output(ids.TABLE_TARGET, "data"),
        Input(ids.FOCUS, "data"),
        Input(ids.LISTING, "data"),
        prevent_initial_call=True,
    )
    def find_row(focus: str, listing: str) -> dict[str, Any]:
        dataset = open_dataset()
        chosen = from_store(focus, dataset).area
        return row_target(dataset, replace(from_store(listing, dataset), area=chosen))

    app.clientside_callback(
        ClientsideFunction("crime_atlas", "reload_rows"),
        Input(ids.LISTING, "data"),
        prevent_initial_call=True,
    )
    app.clientside_callback(
        ClientsideFunction("crime_atlas", "show_row"),
        Input(ids.TABLE_TARGET, "data"),
        prevent_initial_call=True,
    )
