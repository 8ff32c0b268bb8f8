"""MapLibre GL JS without Dash and plotly: geometry by address, colours by feature-state."""

from __future__ import annotations

from pathlib import Path

import orjson
from flask import Flask, Response, abort, send_file

from analysis.classes import PART_CLASS
from data_pipeline.dataset import Dataset
from server import headers

from .cases import CASES, Case, classes_in_order, crime_types, drawn, layer, layer_file

HERE = Path(__file__).parent
JAVASCRIPT = "text/javascript"


def raw_app(folder: Path, library: Path) -> Flask:
    dataset = Dataset.open(folder / "dataset")
    flask_app = Flask("raw")
    headers.register(flask_app, "'self'")
    options = "".join(
        f'<option value="{slug}">{label}</option>' for slug, label in crime_types(dataset).items()
    )
    page = (HERE / "raw.html").read_text().replace("<!-- types -->", options)

    @flask_app.get("/")
    def index() -> str:
        return page

    @flask_app.get("/raw.js")
    def script() -> Response:
        return send_file(HERE / "raw.js", mimetype=JAVASCRIPT)

    @flask_app.get("/library/<name>")
    def maplibre(name: str) -> Response:
        return send_file(library / "package" / "dist" / name, mimetype=JAVASCRIPT)

    @flask_app.get("/polygons/<case>.json")
    def polygons(case: str) -> Response:
        file = layer_file(dataset, folder, _known(case))
        answer = send_file(file.with_name(file.name + ".br"), mimetype="application/geo+json")
        answer.headers["Content-Encoding"] = "br"
        return answer

    @flask_app.get("/points/<case>.json")
    def points(case: str) -> Response:
        areas = dataset.areas
        codes = _codes(dataset, folder, case)
        places = areas.set_index("lsoa_code").loc[codes, ["longitude", "latitude"]]
        return _json(places.round(4).to_numpy().tolist())

    @flask_app.get("/classes/<case>/<crime_type>.json")
    def classes(case: str, crime_type: str) -> Response:
        shown = drawn(dataset, _known(case), crime_type)
        numbers = classes_in_order(shown, _codes(dataset, folder, case))
        digits = "".join(str(number - PART_CLASS) for number in numbers)
        return _json({"classes": digits, "colours": shown.colours})

    return flask_app


def _known(case: str) -> Case:
    if case not in CASES:
        abort(404)
    return CASES[case]


def _codes(dataset: Dataset, folder: Path, case: str) -> list[str]:
    file = layer_file(dataset, folder, _known(case))
    return [feature["id"] for feature in layer(file)["features"]]


def _json(content: object) -> Response:
    return Response(orjson.dumps(content), mimetype="application/json")
