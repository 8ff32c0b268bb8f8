"""The map: one choropleth trace, its geometry fetched once by hashed address.

A change of filter sends class numbers and hover text only, as a Patch; the reader's view stays.
The callback compares what is asked for with what is shown and sends the difference.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from analysis.classes import class_breaks, class_labels, classify
from analysis.places import place, scope_bounds
from dash import Dash, Input, Output, Patch, State, dcc, html, no_update

from analysis.area_table import AreaTable, area_table
from analysis.selection import LEVELS, MEASURES, MapView, Selection
from analysis.wording import change, interval, number
from data_pipeline.dataset import Dataset

from . import ids, theme
from .navigation import OpenDataset, drawn_level, from_store, parse_view, view_text

TILE = 512
"""Pixels that the whole world takes at zoom 0 in MapLibre."""
MARGIN = 0.06
"""Share of the map left free on each side when fitting to an area."""
DEFAULT_SIZE = (760, 420)
CLOSEST_FIT = 14.0

Bounds = tuple[float, float, float, float]

STYLE: dict[str, Any] = {
    "version": 8,
    "name": "plain",
    "sources": {"none": {"type": "geojson", "data": {"type": "FeatureCollection", "features": []}}},
    "layers": [
        {"id": "sea", "type": "background", "paint": {"background-color": theme.SEA}},
    ],
}
"""A map style that needs no network."""

CONFIG: dict[str, Any] = {
    **theme.GRAPH_CONFIG,
    "scrollZoom": True,
    "modeBarButtonsToRemove": [
        *theme.GRAPH_CONFIG["modeBarButtonsToRemove"],
        "resetViewMap",
    ],
    "displayModeBar": False,
}


@dataclass(frozen=True)
class Drawing:
    """What the map draws for a Selection: which layers, and the table that colours them."""

    layer: str
    borders: tuple[str, ...]
    table: AreaTable


def drawing(dataset: Dataset, selection: Selection) -> Drawing:
    """Return the layers and the area table that the map draws."""
    level = drawn_level(selection)
    force = selection.forces[0] if len(selection.forces) == 1 else None
    drawn = replace(selection.figures_key(), level=level)
    borders = []
    if force and level in ("lsoa", "ward"):
        borders.append(dataset.layer("lad", force).file)
    elif not force and level != "force":
        borders.append(dataset.layer("force", None).file)
    return Drawing(dataset.layer(level, force).file, tuple(borders), area_table(dataset, drawn))


def geometry_url(file: str) -> str:
    """Return the address of a layer."""
    return f"/geometry/{file}"


def fit(bounds: Bounds, size: tuple[float, float]) -> MapView:
    """Return the view that shows `bounds` on a map of `size` pixels.

    Parameters
    ----------
    bounds : west, south, east, north in degrees
    size : width and height in pixels

    Notes
    -----
    In the Web Mercator projection a zoom of z makes the world ``TILE * 2**z`` pixels wide.
    """
    west, south, east, north = bounds
    low, high = _mercator(south), _mercator(north)
    spans = (max((east - west) / 360, 1e-9), max(high - low, 1e-9))
    room = [pixels * (1 - 2 * MARGIN) for pixels in size]
    zoom = min(math.log2(space / (TILE * span)) for space, span in zip(room, spans, strict=True))
    middle = math.atan(math.sinh(math.pi * (low + high)))
    return MapView(math.degrees(middle), (west + east) / 2, max(0.0, min(zoom, CLOSEST_FIT)))


def _mercator(latitude: float) -> float:
    """Return the Web Mercator height of a latitude, as a share of the world, 0 at the equator."""
    return math.asinh(math.tan(math.radians(latitude))) / (2 * math.pi)


def target_bounds(dataset: Dataset, selection: Selection) -> Bounds:
    """Return what the map should show when the reader has not moved it."""
    if selection.area:
        found = place(dataset, selection.level, selection.area)
        if found is not None:
            return _loosen(found.bounds)
    return scope_bounds(dataset, selection)


def _loosen(bounds: Bounds) -> Bounds:
    """Widen bounds around an area so that its surroundings are seen."""
    west, south, east, north = bounds
    across, up = (east - west) * 1.5, (north - south) * 1.5
    return west - across, south - up, east + across, north + up


def empty_figure() -> go.Figure:
    """Return the map before any figures: a blank sheet that later Patches colour."""
    trace = go.Choroplethmap(
        geojson={"type": "FeatureCollection", "features": []},
        locations=[],
        z=[],
        featureidkey="id",
        showscale=False,
        marker={"line": {"width": 0.4, "color": "rgba(255,255,255,0.7)"}, "opacity": 1},
        hoverlabel={"bgcolor": "white", "bordercolor": theme.BORDER, "align": "left"},
    )
    figure = go.Figure(trace)
    figure.update_layout(
        map={"style": STYLE, "center": {"lat": 52.7, "lon": -2.0}, "zoom": 5.2, "layers": []},
        margin={"l": 0, "r": 0, "t": 0, "b": 0},
        font={"family": theme.FONT, "color": theme.INK},
        paper_bgcolor=theme.SEA,
        uirevision="map",
        hoverlabel={"font": {"family": theme.FONT, "size": 13, "color": theme.INK}},
    )
    return figure


def colours(breaks: tuple[float, ...]) -> list[str]:
    """Return the colour of "no data", of "none", and of every class, in that order."""
    return [theme.NO_DATA, theme.NONE, *theme.class_colours(len(breaks) + 1)]


def stepped_scale(steps: list[str]) -> list[list[Any]]:
    """Return a colour scale of equal steps for class numbers."""
    count = len(steps)
    return [
        [edge / count, colour] for index, colour in enumerate(steps) for edge in (index, index + 1)
    ]


def hover_texts(table: AreaTable, dataset: Dataset) -> list[str]:
    """Return the changing part of each area's hover card; names come with the geometry."""
    frame = table.frame
    ranked = int(frame["rank"].notna().sum())
    nation = "" if table.selection.forces else f" of {ranked:,}"
    return [_hover_text(row, nation) for row in frame[_HOVER_COLUMNS].itertuples(index=False)]


_HOVER_COLUMNS = [
    *("count", "rate_per_1000", "rate_low", "rate_high", "density_per_sq_mile"),
    *("rank", "change_percent", "status"),
]


def _hover_text(row: Any, of_ranked: str) -> str:
    if pd.isna(row.count):
        return f"<b>{str(row.status).capitalize()}</b>"
    lines = [f"{number(row.count)} recorded"]
    if pd.notna(row.rate_per_1000):
        lines = [
            f"<b>{number(row.rate_per_1000, 1)}</b> per 1,000 a year "
            f"(95% interval {interval(row.rate_low, row.rate_high)})",
            *lines,
        ]
    else:
        lines.append(str(row.status).capitalize())
    lines.append(f"{number(row.density_per_sq_mile, 1)} per square mile")
    if pd.notna(row.rank):
        lines.append(f"Rank {number(row.rank)}{of_ranked} in England and Wales")
    if pd.notna(row.change_percent):
        lines.append(f"{change(row.change_percent)} on the same months a year earlier")
    return "<br>".join(lines)


def hover_template(table: AreaTable, dataset: Dataset) -> str:
    """Return the fixed part of the hover card: names, code, figures, crime types and period."""
    selection = table.selection
    return (
        "<b>%{properties.name}</b><br>%{properties.place}<br>%{location}<br><br>%{text}<br><br>"
        f"{selection.type_label(dataset)}, {selection.period_label()}<br>"
        f"Rate per 1,000 {selection.denominator_of(dataset).label}<extra></extra>"
    )


def value_patch(patch: Patch, table: AreaTable, dataset: Dataset) -> None:
    """Write a table's colours and hover texts into a Patch of the figure."""
    measure = MEASURES[table.selection.measure]
    breaks = class_breaks(table.national_values(measure.slug))
    steps = colours(breaks)
    classes = classify(table.frame[measure.column].to_numpy(float, na_value=np.nan), breaks)
    patch["data"][0]["z"] = classes.tolist()
    patch["data"][0]["text"] = hover_texts(table, dataset)
    patch["data"][0]["hovertemplate"] = hover_template(table, dataset)
    patch["data"][0]["colorscale"] = stepped_scale(steps)
    patch["data"][0]["zmin"] = -1.5
    patch["data"][0]["zmax"] = len(steps) - 1.5


def line_layers(
    dataset: Dataset, selection: Selection, borders: tuple[str, ...]
) -> list[dict[str, Any]]:
    """Return the lines over the map: borders, and the outline of the chosen area."""
    layers = [_line(geometry_url(file), theme.BORDER, 1.0) for file in borders]
    if selection.area:
        outline = _outline(dataset, selection)
        if outline is not None:
            layers += [_line(outline, "#ffffff", 5.0), _line(outline, theme.CHOSEN, 2.5)]
    return layers


def _outline(dataset: Dataset, selection: Selection) -> dict[str, Any] | None:
    found = place(dataset, selection.level, selection.area or "")
    if found is None:
        return None
    return dataset.feature(selection.level, found.force, found.code)


def _line(source: Any, colour: str, width: float) -> dict[str, Any]:
    return {
        "sourcetype": "geojson",
        "source": source,
        "type": "line",
        "color": colour,
        "line": {"width": width},
    }


def legend(table: AreaTable) -> html.Ul:
    """Return the legend: every class with its colour and how many areas of the scope are in it."""
    measure = MEASURES[table.selection.measure]
    breaks = class_breaks(table.national_values(measure.slug))
    values = table.frame[measure.column].to_numpy(float, na_value=np.nan)
    classes = classify(values, breaks)
    labels = ["No data", *class_labels(breaks)]
    entries = []
    for index, (label, colour) in enumerate(zip(labels, colours(breaks), strict=True)):
        areas = int((classes == index - 1).sum())
        if label == "No data":
            last = (label, colour, areas)
            continue
        entries.append(_legend_entry(label, colour, areas))
    return html.Ul([*entries, _legend_entry(*last)], className="legend")


def _legend_entry(label: str, colour: str, areas: int) -> html.Li:
    return html.Li(
        [
            html.Span(className="swatch", style={"backgroundColor": colour}),
            html.Span(label, className="legend-label"),
            html.Span(f"{number(areas)} {'area' if areas == 1 else 'areas'}", className="muted"),
        ]
    )


def title(dataset: Dataset, selection: Selection) -> list[Any]:
    """Return the heading of the map: what is drawn, where and when."""
    measure = MEASURES[selection.measure]
    per = selection.denominator_of(dataset).label if measure.slug == "rate" else ""
    what = f"{selection.type_label(dataset)}, {measure.label.lower()} {per}".strip()
    where = selection.place_label(dataset)
    level = LEVELS[drawn_level(selection)].lower()
    return [
        html.H2(what),
        html.Span(f"{where}, {level}, {selection.period_label()}", className="muted"),
    ]


def note(selection: Selection) -> str:
    """Return the sentence under the legend that says how to read and use the map."""
    if selection.measure == "count":
        return "Counts follow the size of an area: compare areas by their rate."
    if drawn_level(selection) != selection.level:
        return (
            "The map draws districts while more than one force is shown; click a district to see "
            "its neighbourhoods."
        )
    if not selection.forces and selection.level == "lad":
        return "Click a district to see its neighbourhoods."
    return "Click an area to choose it. The classes are the same for every force."


def layout() -> html.Section:
    """Return the map's panel."""
    graph = dcc.Graph(
        id=ids.MAP, figure=empty_figure(), config=CONFIG, className="map", responsive=True
    )
    return theme.panel(
        html.Div(
            [
                html.Div(id=ids.MAP_TITLE, className="panel-title"),
                html.Button("Back", id=ids.BACK, type="button", className="quiet", hidden=True),
            ],
            className="panel-head",
        ),
        html.Div(
            [graph, html.Div(id="map-fallback", className="map-fallback", hidden=True)],
            className="map-frame",
        ),
        html.Div(id=ids.LEGEND),
        html.P(id=ids.MAP_NOTE, className="muted small"),
        dcc.Store(id=ids.MAP_SHOWN),
        label="Map",
        className="map-panel",
    )


def back_label(dataset: Dataset, selection: Selection) -> str:
    """Return the label of the way up, or nothing at the top."""
    if selection.districts:
        above = replace(selection, districts=()).place_label(dataset)
        return f"← All of {above}"
    return "← England and Wales" if selection.forces else ""


def register(app: Dash, open_dataset: OpenDataset) -> None:
    """Connect the map."""

    @app.callback(
        Output(ids.MAP, "figure"),
        Output(ids.MAP_SHOWN, "data"),
        Output(ids.VIEW, "data", allow_duplicate=True),
        Input(ids.SELECTION, "data"),
        State(ids.MAP_SHOWN, "data"),
        State(ids.VIEW, "data"),
        State(ids.MAP_SIZE, "data"),
        prevent_initial_call=True,
    )
    def draw(
        query: str, shown: dict[str, Any] | None, view: str | None, size: list[float] | None
    ) -> tuple[Any, Any, Any]:
        dataset = open_dataset()
        selection = from_store(query, dataset)
        return redraw(dataset, selection, shown or {}, parse_view(view), size)

    @app.callback(
        Output(ids.MAP_TITLE, "children"),
        Output(ids.LEGEND, "children"),
        Output(ids.MAP_NOTE, "children"),
        Output(ids.BACK, "children"),
        Output(ids.BACK, "hidden"),
        Input(ids.FIGURES, "data"),
        prevent_initial_call=True,
    )
    def describe(query: str) -> tuple[Any, ...]:
        dataset = open_dataset()
        selection = from_store(query, dataset)
        back = back_label(dataset, selection)
        return (
            title(dataset, selection),
            legend(drawing(dataset, selection).table),
            note(selection),
            back,
            not back,
        )


def redraw(
    dataset: Dataset,
    selection: Selection,
    shown: dict[str, Any],
    view: MapView | None,
    size: list[float] | None,
) -> tuple[Any, Any, Any]:
    """Return the Patch from what is shown to `selection`, the new record, and the new view.

    Parameters
    ----------
    shown : dict
        Record of what the map shows: dataset, layer, figures and lines.
    view : MapView or None
        Where the map is now.
    size : [width, height] or None
        Pixels of the map, if known.
    """
    drawn = drawing(dataset, selection)
    figures = f"{dataset.id} {drawn.table.selection.to_query()}"
    now = {
        "layer": drawn.layer,
        "figures": figures,
        "lines": [*drawn.borders, selection.area],
    }
    wanted = selection.view or fit(
        target_bounds(dataset, selection), (size[0], size[1]) if size else DEFAULT_SIZE
    )
    moved = wanted != view
    if now == shown and not moved:
        return no_update, no_update, no_update
    patch = Patch()
    if now["figures"] != shown.get("figures") or now["layer"] != shown.get("layer"):
        patch["data"][0]["locations"] = drawn.table.frame["code"].tolist()
        value_patch(patch, drawn.table, dataset)
    if now["layer"] != shown.get("layer"):
        patch["data"][0]["geojson"] = geometry_url(drawn.layer)
    if now["lines"] != shown.get("lines"):
        patch["layout"]["map"]["layers"] = line_layers(dataset, selection, drawn.borders)
    if moved:
        patch["layout"]["map"]["center"] = {"lat": wanted.latitude, "lon": wanted.longitude}
        patch["layout"]["map"]["zoom"] = wanted.zoom
    return patch, now, view_text(wanted) if moved else no_update
