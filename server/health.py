"""``GET /health``: which dataset is being served."""

from __future__ import annotations

from flask import Flask, Response, jsonify

from data_pipeline.dataset import DatasetError

from .open_dataset import DatasetSource


def register(flask_app: Flask, source: DatasetSource) -> None:
    """Serve ``GET /health``."""

    @flask_app.get("/health")
    def health() -> tuple[Response, int]:
        try:
            dataset = source.current()
        except DatasetError as error:
            missing: dict[str, object] = {"status": "no dataset", "error": str(error)}
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
