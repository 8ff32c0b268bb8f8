"""Map layers: simplified, watertight, hashed and precompressed GeoJSON.

Two simplified coverages of the same areas are made, a fine one for one force at a time and a
coarse one for the nation. Wards, districts, partnerships and forces are dissolved from them, so
that the edges of all levels agree.
"""

from __future__ import annotations

import gzip
import hashlib
import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any

import brotli
import geopandas as gpd
import numpy as np
import orjson
import pandas as pd
import shapely
from numpy.typing import NDArray
from pyproj import Transformer

from ..dataset.schema import Layer
from ..storage.memory import release_memory

GRID = "EPSG:27700"
"""British National Grid: metres, so that areas and tolerances are true."""

FINE_TOLERANCE_M = 30.0
COARSE_TOLERANCE_M = 400.0

DECIMALS = 4
"""Of a degree, in layers: some 10 metres, a third of the finer tolerance. One more would make them
a quarter larger and show nothing that the shapes hold."""
PLACE_DECIMALS = 5
"""Of a degree, in the table of areas."""

NEIGHBOUR_REACH_M = 1.0
GZIP_LEVEL = 6

BROTLI_QUALITY = 7
"""From 10 on files are a quarter smaller and take twenty times as long: more than half the
processor time of a first build, for 25 kB of a force's map of 120."""

BROTLI_WINDOW = 18
"""Logarithm of the window in bytes. The widest, 24, takes three times the memory to save 1%."""

LAYERS_WAITING = 2
"""Layers drawn and not yet compressed, at most: each is held in memory."""

LEVELS: dict[str, str] = {
    "lsoa": "lsoa_code",
    "ward": "ward_code",
    "lad": "lad_code",
    "csp": "csp_code",
    "force": "force",
}
"""Levels, each with the column of the areas that identifies it."""

NATIONAL_LEVELS = ("ward", "lad", "csp", "force")
Geometries = NDArray[np.object_]


@dataclass(frozen=True)
class LayerDraft:
    """A layer before it is written: GeoJSON bytes and what the manifest says of them."""

    level: str
    force: str | None
    features: int
    content: bytes


def watertight(geometries: Geometries) -> Geometries:
    """Return the same areas as a valid coverage: every shared edge is one edge.

    Only the neighbourhoods of faulty edges are mended, unless that is not enough: mending the
    whole nation takes a hundred times as long and three times the memory.

    Parameters
    ----------
    geometries : object array [areas]
        Polygons in metres.
    """
    valid = valid_polygons(geometries)
    faulty = ~shapely.is_empty(shapely.coverage_invalid_edges(valid))
    if not faulty.any():
        return valid
    around = _neighbourhood(valid, faulty)
    mended = valid.copy()
    mended[around] = _cleaned(valid[around])
    return mended if shapely.coverage_is_valid(mended) else _cleaned(valid)


def _neighbourhood(geometries: Geometries, faulty: NDArray[np.bool_]) -> NDArray[np.intp]:
    """Return the positions of the faulty areas and of those they touch or nearly touch."""
    tree = shapely.STRtree(geometries)
    reach = shapely.buffer(geometries[faulty], NEIGHBOUR_REACH_M)
    near: NDArray[np.intp] = np.unique(tree.query(reach, predicate="intersects")[1])
    return near


def _cleaned(geometries: Geometries) -> Geometries:
    """Mend overlaps and unmatched edges; an area that would vanish keeps its shape."""
    cleaned = polygons_only(shapely.coverage_clean(list(geometries)))
    lost = shapely.is_empty(cleaned)
    cleaned[lost] = geometries[lost]
    return cleaned


def valid_polygons(geometries: Any) -> Geometries:
    """Return the same areas, the invalid ones repaired."""
    result = np.array(geometries, dtype=object)
    invalid = ~shapely.is_valid(result)
    result[invalid] = polygons_only(shapely.make_valid(result[invalid]))
    return polygons_only(result)


def polygons_only(geometries: Any) -> Geometries:
    """Return the polygonal part of each geometry; repairs can leave stray lines and points."""
    result = np.asarray(geometries, dtype=object)
    mixed = shapely.get_type_id(result) == shapely.GeometryType.GEOMETRYCOLLECTION
    for index in np.flatnonzero(mixed):
        parts = shapely.get_parts(result[index])
        areal = parts[shapely.get_dimensions(parts) == 2]
        result[index] = shapely.union_all(areal)
    return result


def simplify(coverage: Geometries, tolerance: float) -> Geometries:
    """Simplify a coverage without opening gaps; an area that would vanish keeps its shape.

    The result is checked while it is still in metres and unrounded, and mended if need be: an area
    that kept its shape does not match its neighbours.
    """
    simple = np.asarray(shapely.coverage_simplify(list(coverage), tolerance), dtype=object)
    lost = shapely.is_empty(simple)
    simple[lost] = coverage[lost]
    return watertight(simple) if lost.any() or not shapely.coverage_is_valid(simple) else simple


def layer_count(forces: int) -> int:
    """Return how many layers the map of so many forces has."""
    return len(NATIONAL_LEVELS) + forces * len(LEVELS)


def build_layers(areas: gpd.GeoDataFrame, progress: Callable[[str], None]) -> Iterator[LayerDraft]:
    """Yield every layer of the map, `layer_count` of them.

    Parameters
    ----------
    areas : GeoDataFrame
        Areas in EPSG:27700 with the columns of ``dataset.AREA_COLUMNS``.
    progress : function of a message
        Called as work goes on.
    """
    progress("repairing and simplifying boundaries")
    coverage = watertight(areas.geometry.to_numpy())
    release_memory()
    names = pd.DataFrame(areas.drop(columns="geometry"))
    del areas  # the last reference to the unsimplified shapes, if the caller keeps none
    fine = simplify(coverage, FINE_TOLERANCE_M)
    del coverage
    release_memory()
    coarse = simplify(fine, COARSE_TOLERANCE_M)
    progress("drawing the map")
    for level in NATIONAL_LEVELS:
        yield _layer(level, None, names, coarse)
    del coarse
    release_memory()
    for force, members in names.groupby("force", sort=False):
        rows = members.index.to_numpy()
        for level in LEVELS:
            yield _layer(level, str(force), members, fine[rows])


def _layer(
    level: str, force: str | None, areas: pd.DataFrame, geometries: Geometries
) -> LayerDraft:
    codes = areas[LEVELS[level]].to_numpy()
    order = np.argsort(codes, kind="stable")
    unique, starts = np.unique(codes[order], return_index=True)
    if level == "lsoa":
        dissolved = geometries[order]
    else:
        groups = np.split(geometries[order], starts[1:])
        dissolved = np.array([_dissolve(group) for group in groups], dtype=object)
    first_rows = areas.iloc[order[starts]]
    features = [
        {
            "type": "Feature",
            "id": code,
            "properties": {"name": name, "place": place},
            "geometry": orjson.Fragment(shape),
        }
        for code, name, place, shape in zip(
            unique.tolist(), *_labels(level, first_rows), _geojson(dissolved), strict=True
        )
    ]
    content = orjson.dumps({"type": "FeatureCollection", "features": features})
    return LayerDraft(level, force, len(features), content)


def _dissolve(group: Geometries) -> shapely.Geometry:
    union = shapely.coverage_union_all(list(group))
    return union if union.is_valid else shapely.union_all(shapely.make_valid(group))


def _labels(level: str, areas: pd.DataFrame) -> tuple[list[str], list[str]]:
    if level == "lsoa":
        return areas["lsoa_name"].tolist(), (areas["ward_name"] + ", " + areas["lad_name"]).tolist()
    if level == "ward":
        return areas["ward_name"].tolist(), areas["lad_name"].tolist()
    if level == "force":
        return areas["force_name"].tolist(), [""] * len(areas)
    return areas[f"{level}_name"].tolist(), areas["force_name"].tolist()


def _geojson(geometries: Geometries) -> list[str]:
    to_degrees = _degrees()

    def project(points: NDArray[np.float64]) -> NDArray[np.float64]:
        longitude, latitude = to_degrees.transform(points[:, 0], points[:, 1])
        return np.round(np.column_stack([longitude, latitude]), DECIMALS)

    return list(shapely.to_geojson(shapely.transform(geometries, project)))


@cache
def _degrees() -> Transformer:
    """Return the projection to degrees; it is slow to make, and every layer needs it."""
    return Transformer.from_crs(GRID, "EPSG:4326", always_xy=True)


def with_places(areas: gpd.GeoDataFrame) -> pd.DataFrame:
    """Return the areas' table with land area, an inner point and the bounding box of each.

    Parameters
    ----------
    areas : GeoDataFrame
        Areas in EPSG:27700.
    """
    table = pd.DataFrame(areas.drop(columns="geometry"))
    table["land_area_km2"] = areas.geometry.area.to_numpy() / 1e6
    inner = shapely.point_on_surface(areas.geometry.to_numpy())
    points = gpd.GeoSeries(inner, crs=GRID).to_crs("EPSG:4326")
    table["longitude"] = points.x.round(PLACE_DECIMALS).to_numpy()
    table["latitude"] = points.y.round(PLACE_DECIMALS).to_numpy()
    edges = areas.geometry.to_crs("EPSG:4326").bounds.round(PLACE_DECIMALS).to_numpy()
    for position, edge in enumerate(("west", "south", "east", "north")):
        table[edge] = edges[:, position]
    return table


def write_layers(drafts: Iterable[LayerDraft], directory: Path) -> list[dict[str, Any]]:
    """Write layers plain, gzip and brotli under hashed names; return their manifest entries."""
    directory.mkdir()
    written: list[Layer] = []
    waiting: deque[Future[Layer]] = deque()
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for draft in drafts:
            waiting.append(pool.submit(_write_layer, draft, directory))
            if len(waiting) > LAYERS_WAITING:
                written.append(waiting.popleft().result())
        written += [future.result() for future in waiting]
    return [asdict(layer) for layer in written]


def _write_layer(draft: LayerDraft, directory: Path) -> Layer:
    digest = hashlib.sha256(draft.content).hexdigest()[:16]
    scope = draft.force or "all"
    file = directory / f"{draft.level}-{scope}-{digest}.json"
    versions = {
        "": draft.content,
        ".gz": gzip.compress(draft.content, GZIP_LEVEL, mtime=0),
        ".br": brotli.compress(draft.content, quality=BROTLI_QUALITY, lgwin=BROTLI_WINDOW),
    }
    for suffix, content in versions.items():
        file.with_name(file.name + suffix).write_bytes(content)
    sizes = {
        name: len(versions[key]) for name, key in (("plain", ""), ("gzip", ".gz"), ("br", ".br"))
    }
    return Layer(draft.level, draft.force, file.name, draft.features, sizes)
