"""The ranked table: sorted, searched and paged on the server, so that the download is the same."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import dash_ag_grid as dag
import numpy as np
import pandas as pd
from dash import ClientsideFunction, Dash, Input, Output, State, dcc, html
from dash.exceptions import PreventUpdate

from analysis.area_table import AreaTable, area_table, listed
from analysis.figures import Positions, earlier_period
from analysis.selection import LONGEST_SEARCH, Part, Selection, part_of
from analysis.vocabulary import MEASURES, PLACE_COLUMNS, Measure
from analysis.wording import counted, in_sentence, interval, number, place_name, printed
from data_pipeline.dataset import Dataset, period_label

from .. import ids, moves, theme
from ..addresses import address
from ..checks import LONGEST_VALUE, is_row_request, text
from ..controls.text_box import follow_link, text_box, text_id
from ..panel import Asked, Control, Opening, Panel, Slot
from ..stores import OpenDataset, is_stored, opened, stored

PAGE_SIZE = 50
PAUSE_MS = 400
RANK_WIDTH, AREA_WIDTH = 76, 168
"""Pixels: with the rate they fit a telephone that is 390 wide; the browser gives the area more."""

ROW_HEIGHT = 56
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

PLACED = ("rate", "count", "change")
"""Measures whose columns have a place of their own in the table."""

BY_CHANGE = MEASURES["change"].order

LISTED = Part.FIGURES | Part.MEASURE | Part.LISTING
"""What decides which rows there are, and their order."""

Column = dict[str, Any]


def columns(dataset: Dataset, selection: Selection) -> list[Column]:
    """Return the columns of the table for a level; the download has the same rows and more.

    The column that the link sorts by says so, the others say that they do not. Where change is
    shown it stands first, with what it is a change from.
    """
    level = selection.level
    places = [
        *([_text("name", "LSOA", 178), _text("code", "LSOA code", 118)] if level == "lsoa" else []),
        *([_text("lad_name", "District", 140)] if level in ("lsoa", "ward") else []),
        *([_text("force_name", "Police force", 150)] if level != "force" else []),
    ]
    figures = _change_first(level) if selection.measure == "change" else _rate_first(level)
    per = selection.denominator_of(dataset).label
    shown = [
        *figures,
        _figure("denominator", per[:1].upper() + per[1:], 150),
        *(_measure(measure) for slug, measure in MEASURES.items() if slug not in PLACED),
        *([] if selection.measure == "change" else [_measure(MEASURES["change"])]),
        *places,
        _text("status", "Coverage", 240),
    ]
    sorted_by = selection.order.removeprefix("-")
    order = "desc" if selection.order.startswith("-") else "asc"
    return [{**column, "sort": order if column["field"] == sorted_by else None} for column in shown]


def _rate_first(level: str) -> list[Column]:
    first, *others = _rate(level)
    return [_rank(pinned="left"), _area(level), first, _measure(MEASURES["count"]), *others]


def _change_first(level: str) -> list[Column]:
    return [
        _area(level),
        _measure(MEASURES["change"]),
        _text("change_class", "Clear of chance", 142, sortable=False),
        _measure(MEASURES["count"]),
        _figure("earlier_count", "A year earlier", 122),
        _rank(),
        *_rate(level),
    ]


def _rank(**properties: Any) -> Column:
    return _figure("rank", "Rank", RANK_WIDTH, sortingOrder=["asc", "desc"], **properties)


def _area(level: str) -> Column:
    """Return the column that names the area; neighbourhoods go by their ward."""
    field = "ward_name" if level == "lsoa" else "name"
    return _text(field, "Area", AREA_WIDTH, pinned="left", cellRenderer="AreaCell")


def _measure(measure: Measure, heading: str = "", **properties: Any) -> Column:
    """Return the column of a measure, written with as many decimals as its record says."""
    written = f"figure(params, {measure.decimals}, {str(measure.diverging).lower()})"
    return _figure(
        measure.column,
        heading or measure.heading,
        measure.width,
        **{"valueFormatter": {"function": written}, **properties},
    )


def _rate(level: str) -> list[Column]:
    in_force = [] if level == "force" else [_figure("force_rank", "In force", 96)]
    return [
        _measure(
            MEASURES["rate"],
            heading=f"{MEASURES['rate'].heading}, 95% interval",
            wrapHeaderText=True,
            cellRenderer="RateCell",
            cellStyle={"function": "rateBar(params)"},
        ),
        *in_force,
    ]


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
            "valueFormatter": {"function": "figure(params, 0, false)"},
            **properties,
        },
    )


@dataclass(frozen=True, eq=False)
class Listing:
    """The table's areas as searched and sorted by the reader.

    Attributes
    ----------
    table : AreaTable
    positions : intp array [areas listed]
        Among the areas of the level.
    """

    table: AreaTable
    positions: Positions

    @property
    def longest_rate(self) -> float:
        """The highest rate, 0 if there is none."""
        rates = self.table.national.values("rate_per_1000", self.positions)
        return float(np.max(np.nan_to_num(rates), initial=0.0))

    def rows(self, start: int, end: int) -> list[dict[str, Any]]:
        """Return the rows from one place to another as the grid shows them."""
        part = self.table.national.rows(self.positions[start:end])
        return page_rows(part, self.table.selection.level, self.longest_rate)


def listing(dataset: Dataset, selection: Selection) -> Listing:
    """Return the areas that the table lists."""
    table = area_table(dataset, selection)
    return Listing(table, listed(table, selection.search, selection.order))


def row_columns(level: str) -> list[str]:
    """Return the columns of the area table that the rows of a level carry."""
    figures = [
        *("rank", "force_rank", "code", "name", "denominator", "rate_low", "rate_high"),
        *("earlier_count", "change_class", "gap", "status"),
        *(measure.column for measure in MEASURES.values()),
    ]
    return [*figures, *PLACE_COLUMNS[level]]


def page_rows(part: pd.DataFrame, level: str, longest: float) -> list[dict[str, Any]]:
    """Return rows of the area table for the grid; missing figures are null, never zero.

    Parameters
    ----------
    part : DataFrame
    level : str
        Level of the areas.
    longest : float
        The rate whose bar fills the cell.
    """
    shown = part[row_columns(level)].assign(
        **{
            measure.column: printed(
                part[measure.column], measure.decimals, signed=measure.diverging
            )
            for measure in MEASURES.values()
            if measure.decimals
        }
    )
    shown["bar"] = 100 * part["rate_per_1000"].fillna(0) / (longest or 1)
    values = shown.astype(object).where(shown.notna(), None)
    return [
        {**row, **_shown(row, level)}
        for row in (
            {str(key): value for key, value in row.items()} for row in values.to_dict("records")
        )
    ]


def _shown(row: dict[str, Any], level: str) -> dict[str, Any]:
    """Return what the grid shows of a row beside its figures."""
    area, place = place_name(level, row)
    shown = {"area": area, "place": place}
    if row["rate_per_1000"] is None:
        return {**shown, "interval": row["gap"]}
    return {**shown, "interval": interval(row["rate_low"], row["rate_high"])}


def row_target(dataset: Dataset, selection: Selection) -> dict[str, Any]:
    """Return the chosen area and the position of its row, None where it is not in the table."""
    if selection.area is None:
        return {"code": None, "row": None}
    shown = listing(dataset, selection)
    codes = shown.table.national.values("code", shown.positions)
    found = (codes == selection.area).nonzero()[0]
    return {"code": selection.area, "row": int(found[0]) if len(found) else None}


def title(dataset: Dataset, selection: Selection) -> list[Any]:
    """Return the heading of the table."""
    count = len(listing(dataset, selection).positions)
    return [
        html.H2("Ranked areas"),
        html.Span(
            f"{counted(count, selection.level)}, {_order(dataset, selection)}",
            className="muted",
        ),
    ]


def _order(dataset: Dataset, selection: Selection) -> str:
    """Say how the areas are ordered."""
    column = selection.order.removeprefix("-")
    if selection.order == "rank":
        ranked = number(int(area_table(dataset, selection).national.ranked.sum()))
        return f"by rate; ranks are among all {ranked} with data"
    if column == BY_CHANGE:
        return "by change on a year earlier: clear rises first, then no clear change, clear falls"
    headings = {entry["field"]: entry["headerName"] for entry in columns(dataset, selection)}
    return f"sorted by {headings.get(column, column)[:1].lower()}{headings.get(column, column)[1:]}"


def note(dataset: Dataset, selection: Selection) -> str:
    """Return what a reader of the table must know."""
    per = in_sentence(selection.denominator_of(dataset).label)
    said = (
        f"Per 1,000 {per}, a year; {selection.period_label()}. Areas whose intervals overlap may "
        "not differ. Town centres read high because visitors are not counted."
    )
    if selection.measure != "change":
        return f"{said} The bars grow in proportion to the rate."
    earlier = earlier_period(dataset, selection)
    if earlier.problem:
        return f"No comparison with the year before: {earlier.problem}. {said}"
    since = period_label(earlier.first, earlier.last)
    return (
        f"Change since {since}, clear where chance alone would bring one as "
        f"large in fewer than 5 of 100 areas. {said}"
    )


def layout(opening: Opening) -> html.Section:
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
            "rowHeight": ROW_HEIGHT,
            "headerHeight": 44,
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
                            href=address(EXPORT),
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
        *[dcc.Store(id=store) for store in (ids.TABLE_TARGET, ids.LISTING, ids.SORT, ids.ROW)],
        label="Ranked areas",
        className="table-panel",
    )


def show(asked: Asked) -> Mapping[str, Any]:
    """Return columns, words and rows of another list, and where the chosen area is in it."""
    dataset, selection = asked.dataset, asked.selection
    sent: dict[str, Any] = {f"{ids.TABLE_TARGET}.data": row_target(dataset, selection)}
    if asked.differs(LISTED):
        listing = stored(part_of(selection, LISTED), dataset)
        sent |= {
            f"{ids.LISTING}.data": listing,
            f"{ids.TABLE}.columnDefs": columns(dataset, selection),
            f"{ids.TABLE_TITLE}.children": title(dataset, selection),
            f"{ids.TABLE_NOTE}.children": note(dataset, selection),
            f"{ids.DOWNLOAD}.href": f"{address(EXPORT)}?{listing}",
        }
    return sent


def connect(app: Dash, open_dataset: OpenDataset) -> None:
    """Send rows as the table asks for them, and let the browser keep the chosen one in sight."""

    @app.callback(
        Output(ids.TABLE, "getRowsResponse"),
        Input(ids.TABLE, "getRowsRequest"),
        State(ids.LISTING, "data"),
        prevent_initial_call=True,
    )
    def send_rows(request: dict[str, Any] | None, query: str | None) -> dict[str, Any]:
        if request is None or query is None:
            raise PreventUpdate
        dataset, selection = opened(query, open_dataset)
        shown = listing(dataset, selection)
        part = shown.rows(request["startRow"], request["endRow"])
        return {"rowData": part, "rowCount": len(shown.positions)}

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


PANEL = Panel(
    "table",
    layout,
    Slot.MAIN,
    outputs=(
        *(f"{ids.LISTING}.data", f"{ids.TABLE_TARGET}.data", f"{ids.TABLE}.columnDefs"),
        *(f"{ids.TABLE_TITLE}.children", f"{ids.TABLE_NOTE}.children", f"{ids.DOWNLOAD}.href"),
    ),
    follows=LISTED | Part.AREA,
    show=show,
    late=True,
    controls={
        f"{ids.SORT}.data": Control(moves.with_sort, text(LONGEST_VALUE)),
        f"{ids.ROW}.data": Control(moves.with_row, text(LONGEST_VALUE)),
    },
    connect=connect,
    checks={f"{ids.TABLE}.getRowsRequest": is_row_request, f"{ids.LISTING}.data": is_stored},
)


SEARCHED = f"{text_id(ids.SEARCH)}.data"


def search_values(dataset: Dataset, selection: Selection) -> dict[str, Any]:
    """Return the text of the search box."""
    return {SEARCHED: selection.search}


SEARCH = Panel(
    "search",
    values=search_values,
    controls={SEARCHED: Control(moves.with_search, text(LONGEST_SEARCH))},
    connect=lambda app, _: follow_link(app, ids.SEARCH),
)
