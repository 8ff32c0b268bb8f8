"""One inner point for every area, for maps that draw the nation as dots."""

from __future__ import annotations

import orjson
from flask import Flask, Response, abort

from data_pipeline.dataset import Dataset, DatasetError

from .geometry import CACHE_CONTROL
from .open_dataset import DatasetSource


def register(flask_app: Flask, source: DatasetSource) -> None:
    """Serve ``GET /geometry/points-<dataset>.json``; the name changes with the dataset."""

    @flask_app.get("/geometry/points-<identity>.json")
    def points(identity: str) -> Response:
        try:
            dataset = source.current()
        except DatasetError:
            abort(404)
        if not dataset.id.startswith(identity) or len(identity) < len(dataset.id) // 4:
            abort(404)
        response = Response(points_json(dataset), mimetype="application/json")
        response.headers["Cache-Control"] = CACHE_CONTROL
        return response


def points_json(dataset: Dataset) -> bytes:
    """Return codes, longitudes and latitudes of all areas, in the dataset's order, as JSON."""
    areas = dataset.areas
    return orjson.dumps(
        {
            "codes": areas["lsoa_code"].tolist(),
            "longitudes": areas["longitude"].round(4).tolist(),
            "latitudes": areas["latitude"].round(4).tolist(),
        }
    )
