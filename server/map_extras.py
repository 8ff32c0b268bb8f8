"""What the map draws beside its layers: the nation's dots, names, hatching over silent forces.

Every address carries the dataset, so that the answers can be kept for good.
"""

from __future__ import annotations

import math

import orjson
from flask import Flask, Response, abort, request

from analysis.hatching import hatching
from analysis.places import place_names
from data_pipeline.dataset import Dataset, DatasetError

from .geometry import CACHE_CONTROL, MIMETYPE
from .open_dataset import DatasetSource


def register(flask_app: Flask, source: DatasetSource) -> None:
    """Serve ``GET /geometry/points-<id>.json``, ``names-…``, ``wards-…`` and ``hatching-…``."""

    @flask_app.get("/geometry/points-<identity>.json")
    def points(identity: str) -> Response:
        return _lasting(points_json(_dataset(source, identity)))

    @flask_app.get("/geometry/names-<identity>.json")
    def names(identity: str) -> Response:
        return _lasting(names_json(_dataset(source, identity)))

    @flask_app.get("/geometry/wards-<identity>.json")
    def wards(identity: str) -> Response:
        return _lasting(names_json(_dataset(source, identity), ("ward",)))

    @flask_app.get("/geometry/hatching-<identity>.json")
    def lines(identity: str) -> Response:
        dataset = _dataset(source, identity)
        wanted = set(request.args.get("forces", "").split(","))
        forces = tuple(force.slug for force in dataset.forces if force.slug in wanted)
        step = request.args.get("step", type=float)
        if not forces or step is None or not math.isfinite(step):
            abort(404)
        return _lasting(hatching(dataset, forces, step, request.args.get("crossed") == "1"))


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


def names_json(dataset: Dataset, levels: tuple[str, ...] = ("force", "lad")) -> bytes:
    """Return the names of the areas of some levels as GeoJSON points."""
    features = [
        {
            "type": "Feature",
            "properties": {"level": name.level, "name": name.name, "order": name.order},
            "geometry": {"type": "Point", "coordinates": [name.longitude, name.latitude]},
        }
        for name in place_names(dataset, levels)
    ]
    return orjson.dumps({"type": "FeatureCollection", "features": features})


def _dataset(source: DatasetSource, identity: str) -> Dataset:
    """Return the open dataset if its id starts with `identity`; otherwise the answer is 404."""
    try:
        dataset = source.current()
    except DatasetError:
        abort(404)
    if not dataset.id.startswith(identity) or len(identity) < len(dataset.id) // 4:
        abort(404)
    return dataset


def _lasting(content: bytes) -> Response:
    response = Response(content, mimetype=MIMETYPE)
    response.headers["Cache-Control"] = CACHE_CONTROL
    return response
