"""Map geometry: shared edges stay shared, and nothing vanishes."""

from __future__ import annotations

import json

import numpy as np
import pytest
import shapely

from data_pipeline.geometry import build_layers, polygons_only, simplify, valid_polygons, watertight

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
