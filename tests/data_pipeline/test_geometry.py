"""Map geometry: shared edges stay shared, and nothing vanishes."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import shapely

from data_pipeline.dataset import Dataset
from data_pipeline.geography.layers import (
    LEVELS,
    build_layers,
    polygons_only,
    simplify,
    valid_polygons,
    watertight,
)

from .tiny import boundaries


def squares() -> np.ndarray:
    """Return a grid of 10 by 10 squares of 100 m."""
    return np.array(
        [
            shapely.box(100 * x, 100 * y, 100 * x + 100, 100 * y + 100)
            for x in range(10)
            for y in range(10)
        ],
        dtype=object,
    )


def test_only_the_neighbourhood_of_a_faulty_edge_is_mended() -> None:
    areas = squares()
    areas[55] = shapely.box(500.2, 500, 600.3, 600)
    assert not shapely.coverage_is_valid(areas)
    mended = watertight(areas)
    assert shapely.coverage_is_valid(mended)
    assert shapely.area(mended).sum() == pytest.approx(1e6, abs=30)
    moved = np.flatnonzero(~shapely.equals(mended, squares()))
    assert 55 in moved
    assert set(moved.tolist()) <= {44, 45, 46, 54, 55, 56, 64, 65, 66}
    rewritten = ~shapely.equals_identical(mended, squares())
    assert rewritten.sum() < 30


def test_a_valid_coverage_is_left_as_it_is() -> None:
    assert shapely.equals_identical(watertight(squares()), squares()).all()


def test_simplified_neighbours_still_share_their_edges() -> None:
    angle = np.linspace(0, np.pi, 50)
    wave = [(x, 30 * np.sin(9 * a)) for x, a in zip(np.linspace(0, 1000, 50), angle, strict=True)]
    north = shapely.Polygon([*wave, (1000, 500), (0, 500)])
    south = shapely.Polygon([*wave, (1000, -500), (0, -500)])
    simple = simplify(np.array([north, south], dtype=object), 50)
    assert shapely.get_num_coordinates(simple).sum() < shapely.get_num_coordinates(north)
    assert shapely.coverage_is_valid(simple)


def test_an_area_too_small_for_the_tolerance_keeps_its_place_in_the_coverage() -> None:
    land = shapely.box(0, 0, 1000, 1000)
    tiny = shapely.box(500, 500, 503, 503)
    simple = simplify(np.array([land.difference(tiny), tiny], dtype=object), 400)
    assert not shapely.is_empty(simple).any()
    assert shapely.coverage_is_valid(simple)


def test_repair_keeps_only_what_has_an_area() -> None:
    bow = shapely.Polygon([(0, 0), (10, 10), (10, 0), (0, 10)])
    assert valid_polygons([bow])[0].is_valid
    spiked = shapely.GeometryCollection(
        [shapely.box(0, 0, 1, 1), shapely.LineString([(0, 0), (5, 5)])]
    )
    assert polygons_only([spiked])[0].equals(shapely.box(0, 0, 1, 1))


def test_each_level_is_drawn_for_the_nation_and_for_each_force() -> None:
    areas = boundaries().rename(columns={"LSOA21CD": "lsoa_code", "LSOA21NM": "lsoa_name"})
    areas["force"] = ["cheshire"] * 4 + ["kent"] * 2
    for column, values in {
        "force_name": areas["force"].str.title(),
        "ward_code": ["w1", "w1", "w2", "w2", "w3", "w3"],
        "ward_name": "Ward",
        "lad_code": ["d1"] * 4 + ["d2"] * 2,
        "lad_name": "District",
        "csp_code": ["d1"] * 4 + ["d2"] * 2,
        "csp_name": "Partnership",
    }.items():
        areas[column] = values
    layers = {
        (layer.level, layer.force): layer for layer in build_layers(areas, lambda message: None)
    }
    assert layers["ward", None].features == 3
    assert layers["lsoa", "cheshire"].features == 4
    assert layers["force", "kent"].features == 1
    assert len(layers) == 4 + 2 * 5
    feature = json.loads(layers["lsoa", "kent"].content)["features"][0]
    assert feature["id"] == "E01000005"
    assert feature["properties"] == {"name": "Place 004A", "place": "Ward, District"}


def test_every_real_area_is_drawn_on_every_level(real_dataset: Path) -> None:
    dataset = Dataset.open(real_dataset)
    for (level, force), layer in dataset.layers.items():
        areas = dataset.areas
        inside = areas if force is None else areas[areas["force"] == force]
        collection = json.loads((dataset.geometry / layer.file).read_bytes())["features"]
        assert {feature["id"] for feature in collection} == set(inside[LEVELS[level]])
        shapes = shapely.from_geojson([json.dumps(feature["geometry"]) for feature in collection])
        assert not shapely.is_empty(shapes).any()
        assert (shapely.area(shapes) > 0).all()
        for suffix, size in layer.sizes.items():
            name = layer.file + {"plain": "", "gzip": ".gz", "br": ".br"}[suffix]
            assert (dataset.geometry / name).stat().st_size == size


def test_the_edges_of_all_levels_agree(real_dataset: Path) -> None:
    dataset = Dataset.open(real_dataset)
    (force,) = {"merseyside"} & set(dataset.areas["force"])
    joined = {}
    for level in LEVELS:
        content = json.loads((dataset.geometry / dataset.layer(level, force).file).read_bytes())
        shapes = [json.dumps(feature["geometry"]) for feature in content["features"]]
        joined[level] = shapely.union_all(shapely.make_valid(shapely.from_geojson(shapes)))
    whole = joined["force"]
    for level, shape in joined.items():
        assert shape.symmetric_difference(whole).area < 1e-5 * whole.area, level
