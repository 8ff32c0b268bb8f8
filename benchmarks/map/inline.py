"""A small Dash page as it is usually written: every change returns the whole figure.

The GeoJSON travels inside the figure. What can be kept lean is: answers are compressed as the
dashboard's are, areas carry class numbers only, and there is nothing else on the page.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import plotly.graph_objects as go
from dash import Dash, Input, Output, dcc, html
from flask import Flask

from analysis.classes import PART_CLASS
from analysis.vocabulary import ALL_CRIME
from components.map.drawing import stepped_scale
from components.palette import LIGHT
from data_pipeline.dataset import Dataset
from server import headers

from .cases import CASES, crime_types, drawn, layer, layer_file


def inline_app(folder: Path) -> Flask:
    dataset = Dataset.open(folder / "dataset")
    flask_app = Flask("inline")
    headers.register(flask_app, "'self'")
    app = Dash(
        "inline",
        server=flask_app,  # type: ignore[arg-type]  # Dash accepts an application too
        assets_folder=str(folder / "no-assets"),
    )
    options = [{"label": label, "value": slug} for slug, label in crime_types(dataset).items()]
    app.layout = html.Div(
        [
            dcc.Location(id="address"),
            html.Div(dcc.Dropdown(options, ALL_CRIME, id="types", clearable=False)),
            dcc.Graph(id="map", config={"scrollZoom": True, "displayModeBar": False}),
        ]
    )

    @app.callback(Output("map", "figure"), Input("types", "value"), Input("address", "search"))
    def draw(crime_type: str, search: str) -> go.Figure:
        return figure(dataset, folder, crime_type, dict(parse_qsl(search.removeprefix("?"))))

    return flask_app


STYLE: dict[str, Any] = {
    "version": 8,
    "sources": {"none": {"type": "geojson", "data": {"type": "FeatureCollection", "features": []}}},
    "layers": [{"id": "sea", "type": "background", "paint": {"background-color": LIGHT.sea}}],
}


def figure(dataset: Dataset, folder: Path, crime_type: str, asked: dict[str, str]) -> go.Figure:
    """Return the whole map."""
    case = CASES[asked["case"]]
    shown = drawn(dataset, case, crime_type)
    latitude, longitude, zoom = map(float, asked["view"].split(","))
    line: dict[str, Any] = {"width": 0.4, "color": "rgba(255,255,255,0.75)"}
    areas = go.Choroplethmap(
        geojson=layer(layer_file(dataset, folder, case)),
        locations=shown.column("code").tolist(),
        z=shown.numbers,
        colorscale=stepped_scale(shown.colours),
        zmin=PART_CLASS - 0.5,
        zmax=PART_CLASS + len(shown.colours) - 0.5,
        featureidkey="id",
        showscale=False,
        marker={"line": line if case.force else {"width": 0}, "opacity": 1},
    )
    return go.Figure(areas).update_layout(
        map={"style": STYLE, "center": {"lat": latitude, "lon": longitude}, "zoom": zoom},
        margin={"l": 0, "r": 0, "t": 0, "b": 0},
        width=int(asked["width"]),
        height=int(asked["height"]),
        uirevision="map",
    )
