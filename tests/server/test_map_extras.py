"""Names, hatching and dots: what the map draws beside its layers."""

from __future__ import annotations

import json

import numpy as np
import pytest
import shapely
from flask.testing import FlaskClient

from data_pipeline.dataset import Dataset


def lines_of(client: FlaskClient, dataset: Dataset, query: str) -> shapely.Geometry:
    answer = client.get(f"/geometry/hatching-{dataset.id[:16]}.json?{query}")
    assert answer.status_code == 200
    assert "immutable" in answer.headers["Cache-Control"]
    return shapely.from_geojson(answer.get_data(as_text=True))


def shape_of(dataset: Dataset, force: str) -> shapely.Geometry:
    return shapely.from_geojson(json.dumps(dataset.feature("force", force, force)["geometry"]))


def test_hatching_fills_the_force_and_nothing_else(
    client: FlaskClient, small_dataset: Dataset
) -> None:
    lines = lines_of(client, small_dataset, "forces=kent&step=0.002")
    kent = shape_of(small_dataset, "kent")
    assert shapely.covers(kent.buffer(0.0005), lines)
    inside = shapely.points(
        *np.random.default_rng(1).uniform(*np.reshape(kent.bounds, (2, 2)), (200, 2)).T
    )
    inside = inside[shapely.contains(kent, inside)]
    assert len(inside) > 20
    assert (shapely.distance(inside, lines) < 0.002).all()


def test_crossed_lines_slant_both_ways(client: FlaskClient, small_dataset: Dataset) -> None:
    slants = []
    for query in ("forces=kent&step=0.002", "forces=kent&step=0.002&crossed=1"):
        ends = [np.asarray(line.coords) for line in lines_of(client, small_dataset, query).geoms]
        slants.append({float(np.sign(np.diff(end, axis=0).prod())) for end in ends})
    assert slants == [{1.0}, {1.0, -1.0}]


def test_the_finest_hatching_is_bounded(client: FlaskClient, small_dataset: Dataset) -> None:
    forces = ",".join(force.slug for force in small_dataset.forces)
    lines = lines_of(client, small_dataset, f"forces={forces}&step=1e-9&crossed=1")
    assert 0 < len(lines.geoms) < 2_000


@pytest.mark.parametrize(
    "query", ["", "forces=atlantis&step=0.1", "forces=kent&step=nan", "forces=kent"]
)
def test_hatching_of_nothing_is_not_found(
    client: FlaskClient, small_dataset: Dataset, query: str
) -> None:
    assert client.get(f"/geometry/hatching-{small_dataset.id[:16]}.json?{query}").status_code == 404


def test_every_force_and_district_is_named_inside_itself(
    client: FlaskClient, small_dataset: Dataset
) -> None:
    found = client.get(f"/geometry/names-{small_dataset.id[:16]}.json").get_json()["features"]
    names = [feature["properties"]["name"] for feature in found]
    assert set(names) == {force.name for force in small_dataset.forces} | set(
        small_dataset.areas["lad_name"]
    )
    (kent,) = [feature for feature in found if feature["properties"]["name"] == "Kent"]
    point = shapely.Point(kent["geometry"]["coordinates"])
    assert shape_of(small_dataset, "kent").contains(point)


@pytest.mark.parametrize("what", ["names", "hatching"])
def test_they_travel_compressed(client: FlaskClient, small_dataset: Dataset, what: str) -> None:
    url = f"/geometry/{what}-{small_dataset.id[:16]}.json?forces=kent&step=0.002"
    answer = client.get(url, headers={"Accept-Encoding": "br"})
    assert answer.headers["Content-Encoding"] == "br"
    assert len(answer.data) < len(client.get(url).data)


@pytest.mark.parametrize("what", ["names", "points", "hatching"])
def test_another_dataset_s_address_is_not_found(client: FlaskClient, what: str) -> None:
    query = "?forces=kent&step=0.1"
    assert client.get(f"/geometry/{what}-{'0' * 16}.json{query}").status_code == 404
    assert client.get(f"/geometry/{what}-.json{query}").status_code == 404


def test_without_a_dataset_there_is_nothing_to_draw(client_without_dataset: FlaskClient) -> None:
    assert client_without_dataset.get(f"/geometry/names-{'0' * 16}.json").status_code == 404
