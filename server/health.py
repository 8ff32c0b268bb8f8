"""``GET /alive``: whether the program answers; ``GET /ready``: whether it has figures to show.

``GET /health`` is another name for the second. A program that is alive and not ready should be left
running: it takes up a dataset as soon as there is one.
"""

from __future__ import annotations

from flask import Flask, Response, jsonify

from data_pipeline.dataset import DatasetError

from .open_dataset import DatasetSource


def register(flask_app: Flask, source: DatasetSource) -> None:
    """Serve ``GET /alive``, ``GET /ready`` and ``GET /health``."""

    @flask_app.get("/alive")
    def alive() -> Response:
        return _never_stored({"status": "ok"})

    @flask_app.get("/ready")
    @flask_app.get("/health")
    def ready() -> tuple[Response, int]:
        try:
            dataset = source.current()
        except DatasetError as error:
            missing: dict[str, object] = {"status": "no dataset", "error": error.public}
            return _never_stored(missing), 503
        answer: dict[str, object] = {
            "status": "ok",
            "dataset": dataset.id,
            "release": dataset.release,
            "synthetic": dataset.synthetic,
        }
        return _never_stored(answer), 200


def _never_stored(answer: dict[str, object]) -> Response:
    response = jsonify(answer)
    response.headers["Cache-Control"] = "no-store"
    return response
