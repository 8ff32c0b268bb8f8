"""The areas of the synthetic nation, and what kind of place each is.

Points are drawn from a mixture of towns, whose density falls off exponentially with distance from
the centre (Clark, 1951), and countryside; each becomes a Voronoi cell with roughened edges, cut at
the coast. Cells join the district that is nearest in units of the district's own radius, so that a
compact city sits inside the large district around it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import Voronoi, cKDTree
from scipy.spatial.distance import cdist

from ..geography.layers import GRID
from .gazetteer import (
    GRID_STEP_M,
    Districts,
    Points,
    Towns,
    all_towns,
    coastline,
    districts_at,
    snapped,
)
from .names import name_areas

AREAS_AT_FULL_SCALE = 35_000
EDGE_ROUGHNESS = 0.22
CENTRAL_DENSITY_PER_KM2 = 10_000.0
DENSE_DISTRICT_PER_KM2 = 1_200.0
COUNTRYSIDE_SHARE = 0.12
COUNTRYSIDE_POOL = 400_000
MAJOR_TOWN_THOUSANDS = 74.0
NEAR_KM = 22.0
URBAN_SHARE, LARGER_RURAL_SHARE = 0.83, 0.09
REASSIGNED_SHARE = 0.03

Indices = NDArray[np.intp]
Geometries = NDArray[np.object_]


@dataclass(frozen=True)
class Nation:
    """The areas, and the character that drives their figures.

    Attributes
    ----------
    areas : GeoDataFrame
        One row per LSOA in force order, EPSG:27700, all names and codes.
    centrality : float array [areas]
        0 in the suburbs and countryside, about 1 in the middle of a large city.
    deprivation : float array [areas]
        Standard score; higher is poorer.
    urban : bool array [areas]
    """

    areas: gpd.GeoDataFrame
    centrality: NDArray[np.float64]
    deprivation: NDArray[np.float64]
    urban: NDArray[np.bool_]


def make_nation(rng: np.random.Generator, scale: float) -> Nation:
    """Draw the areas of a nation `scale` times the size of England and Wales."""
    land = coastline()
    districts = districts_at(scale)
    towns = all_towns()
    count = max(round(AREAS_AT_FULL_SCALE * scale), 4 * len(districts.names))
    points = _relaxed(_draw_points(rng, count, land, districts, towns), land)
    district = _districts_of(points, _land_links(points, land), districts, scale)
    order = np.argsort(district, kind="stable")
    points, district = points[order], district[order]
    cells = cut_cells(rng, points, land)
    centrality = _centrality(points, towns)
    classes, urban = _rural_urban(points, cells, towns)
    areas = name_areas(rng, points, district, centrality, districts)
    areas["rural_urban"] = classes
    areas["reassigned"] = rng.random(count) < REASSIGNED_SHARE
    areas["former_lsoas"] = ""
    deprivation = _deprivation(rng, points, district, urban)
    return Nation(gpd.GeoDataFrame(areas, geometry=cells, crs=GRID), centrality, deprivation, urban)


def _nearest_district(points: Points, districts: Districts) -> Indices:
    """Return the district nearest to each point, distances measured in district radii."""
    chunks = np.array_split(points, max(1, len(points) // 20_000))
    return np.concatenate(
        [(cdist(chunk, districts.seeds) / districts.radii).argmin(axis=1) for chunk in chunks]
    )


def _warped(points: Points) -> Points:
    """Shift points by a smooth field, so that borders wander instead of running in arcs."""
    x, y = points.T / 1_000
    east = 700 * np.sin(y / 4.1 + np.sin(x / 9)) + 400 * np.sin((x + y) / 1.7)
    north = 700 * np.sin(x / 3.7 + np.sin(y / 8)) + 400 * np.sin((x - y) / 1.9)
    return np.asarray(points + np.column_stack([east, north]), dtype=np.float64)


def _draw_points(
    rng: np.random.Generator,
    count: int,
    land: shapely.MultiPolygon,
    districts: Districts,
    towns: Towns,
) -> Points:
    """Draw `count` points on land, one of them in the middle of each district."""
    town_district = _nearest_district(towns.centres, districts)
    in_towns = np.bincount(town_district, towns.thousands, len(districts.names))
    total = np.maximum(districts.thousands, in_towns)
    rest = np.maximum(total - in_towns, COUNTRYSIDE_SHARE * total)
    weights = np.concatenate([towns.thousands, rest])
    sources = rng.choice(len(weights), size=count - len(districts.names), p=weights / weights.sum())
    from_town = sources < len(towns.thousands)
    return np.concatenate(
        [
            districts.seeds,
            _town_points(rng, sources[from_town], land, towns),
            _background_points(rng, sources[~from_town] - len(towns.thousands), land, districts),
        ]
    )


def _town_points(
    rng: np.random.Generator, sources: Indices, land: shapely.MultiPolygon, towns: Towns
) -> Points:
    """Draw one point for each entry of `sources`, exponentially dense around that town."""
    scales = np.sqrt(towns.thousands * 1e9 / CENTRAL_DENSITY_PER_KM2 / (2 * np.pi))

    def draw(chosen: Indices) -> Points:
        distances = rng.gamma(2.0, scales[chosen])
        return towns.centres[chosen] + _directions(rng, len(chosen)) * distances[:, None]

    return _on_land(draw, sources, land)


def _background_points(
    rng: np.random.Generator, sources: Indices, land: shapely.MultiPolygon, districts: Districts
) -> Points:
    """Draw one point for each entry of `sources`, spread evenly over that district."""
    pool = rng.uniform(land.bounds[:2], land.bounds[2:], (COUNTRYSIDE_POOL, 2))
    pool = pool[shapely.contains_xy(land, *pool.T)]
    owner = _nearest_district(pool, districts)
    order = np.argsort(owner, kind="stable")
    starts = np.searchsorted(owner[order], np.arange(len(districts.names) + 1))
    sizes = np.diff(starts)
    km2 = np.pi * districts.radii**2 / 1e6
    compact = (districts.thousands * 1_000 / km2 > DENSE_DISTRICT_PER_KM2) | (sizes == 0)

    def draw(chosen: Indices) -> Points:
        near = districts.radii[chosen] * np.sqrt(rng.random(len(chosen)))
        disc = districts.seeds[chosen] + _directions(rng, len(chosen)) * near[:, None]
        picks = starts[chosen] + (rng.random(len(chosen)) * sizes[chosen]).astype(np.intp)
        spread = pool[order[np.minimum(picks, len(pool) - 1)]]
        spread = spread + rng.uniform(-500, 500, spread.shape)
        return np.where(compact[chosen, None], disc, spread)

    return _on_land(draw, sources, land)


def _directions(rng: np.random.Generator, count: int) -> Points:
    angles = rng.uniform(0, 2 * np.pi, count)
    return np.column_stack([np.cos(angles), np.sin(angles)])


def _on_land(
    draw: Callable[[Indices], Points], sources: Indices, land: shapely.MultiPolygon
) -> Points:
    """Draw a point for each source, again and again for those that fall into the sea."""
    shapely.prepare(land)
    points = draw(sources)
    while True:
        wet = np.flatnonzero(~shapely.contains_xy(land, *points.T))
        if len(wet) == 0:
            return points
        points[wet] = draw(sources[wet])


def _framed_voronoi(points: Points) -> Voronoi:
    """Return the Voronoi diagram with far points added, so that all cells on land are finite."""
    low, high = points.min(axis=0), points.max(axis=0)
    middle, reach = (low + high) / 2, (high - low).max() * 3
    angles = np.linspace(0, 2 * np.pi, 16, endpoint=False)
    frame = middle + reach * np.column_stack([np.cos(angles), np.sin(angles)])
    return Voronoi(np.concatenate([points, frame]))


def _finite_ridges(diagram: Voronoi) -> tuple[Indices, Indices]:
    """Return end points and the two generators of every finite ridge; int arrays [ridges, 2]."""
    ends = np.asarray(diagram.ridge_vertices)
    finite = (ends >= 0).all(axis=1)
    return ends[finite], diagram.ridge_points[finite]


def _relaxed(points: Points, land: shapely.MultiPolygon) -> Points:
    """Move each point to the middle of its cell, unless that is in the sea (Lloyd, once)."""
    diagram = _framed_voronoi(points)
    ends, generators = _finite_ridges(diagram)
    start, end = diagram.vertices[ends[:, 0]], diagram.vertices[ends[:, 1]]
    area, moment = np.zeros(len(diagram.points)), np.zeros((len(diagram.points), 2))
    for side in generators.T:
        corner = diagram.points[side]
        first, second = start - corner, end - corner
        size = np.abs(first[:, 0] * second[:, 1] - first[:, 1] * second[:, 0])
        middle = (corner + start + end) / 3
        area += np.bincount(side, size, len(area))
        for axis in (0, 1):
            moment[:, axis] += np.bincount(side, size * middle[:, axis], len(area))
    middles = moment[: len(points)] / area[: len(points), None]
    dry = shapely.contains_xy(land, *middles.T)
    return np.where(dry[:, None], middles, points)


def _land_links(points: Points, land: shapely.MultiPolygon) -> Indices:
    """Return the pairs of neighbouring points with no water between; int array [pairs, 2]."""
    pairs = Voronoi(points).ridge_points
    dry: Indices = pairs[shapely.contains(land, shapely.linestrings(points[pairs]))]
    return dry


def _connected(district: Indices, links: Indices) -> Indices:
    """Give the pieces cut off from their district to the district around them."""
    district = district.copy()
    for _ in range(5):
        inside = district[links[:, 0]] == district[links[:, 1]]
        size = len(district)
        first, second = links[inside].T
        graph = coo_array((np.ones(len(first)), (first, second)), shape=(size, size))
        _, piece = connected_components(graph, directed=False)
        size_of_piece = np.bincount(piece)[piece]
        largest = np.zeros(district.max() + 1, dtype=np.intp)
        np.maximum.at(largest, district, size_of_piece)
        stray = size_of_piece < largest[district]
        if not stray.any():
            break
        for here, there in (links.T, links.T[::-1]):
            better = stray[here] & ~stray[there]
            district[here[better]] = district[there[better]]
    return district


def _districts_of(points: Points, links: Indices, districts: Districts, scale: float) -> Indices:
    """Return the district of each area.

    The City of London is smaller than any mixture of towns can place, so it is given the few areas
    nearest to it. So is, in a very small nation, a force that would be left without any.
    """
    city = districts.names.index("City of London")
    radii = districts.radii.copy()
    radii[city] = 1e-6
    nearest = _nearest_district(_warped(points), districts._replace(radii=radii))
    district = _connected(nearest, links)
    tree = cKDTree(points)
    _, handful = tree.query(districts.seeds[city], k=max(2, round(6 * scale)))
    district[handful] = city
    for index, force in enumerate(districts.forces):
        if all(districts.forces[other] != force for other in np.unique(district)):
            district[tree.query(districts.seeds[index])[1]] = index
    return district


def cut_cells(rng: np.random.Generator, points: Points, land: shapely.MultiPolygon) -> Geometries:
    """Return the roughened Voronoi cells of `points`, cut at the coast; a valid coverage.

    All edges are first joined into one network and the cells are read off it, so that neighbours
    share every vertex exactly. A piece of a cell cut off by water joins a neighbour.

    Parameters
    ----------
    rng : numpy Generator
    points : float64 array [areas, 2]
        Metres of the British National Grid.
    land : MultiPolygon
        In the same metres.
    """
    edges = _rough_edges(rng, _framed_voronoi(points))
    shapely.prepare(land)
    edges = edges[shapely.intersects(land, edges)]
    network = shapely.union_all([*edges, land.boundary], grid_size=GRID_STEP_M)
    faces = shapely.get_parts(shapely.polygonize(shapely.get_parts(network)))
    faces = faces[shapely.contains(land, shapely.point_on_surface(faces))]
    return _one_per_point(faces, points)


def _rough_edges(rng: np.random.Generator, diagram: Voronoi) -> Geometries:
    """Return each finite ridge as a line of five points.

    The three new points of a ridge stay within the triangle between it and one of its generators.
    Those triangles tile the plane, so no two edges can cross.
    """
    ends, generators = _finite_ridges(diagram)
    start, end = diagram.vertices[ends[:, 0]], diagram.vertices[ends[:, 1]]
    toward = diagram.points[generators[np.arange(len(ends)), rng.integers(0, 2, len(ends))]]
    line = [start]
    for along, limit in ((0.25, EDGE_ROUGHNESS / 2), (0.5, EDGE_ROUGHNESS), (0.75, EDGE_ROUGHNESS)):
        pull = rng.uniform(0, limit, len(ends))[:, None]
        on_ridge = start + along * (end - start)
        line.append((1 - pull) * on_ridge + pull * toward)
    return np.asarray(shapely.linestrings(snapped(np.stack([*line, end], axis=1))), dtype=object)


def _one_per_point(faces: Geometries, points: Points) -> Geometries:
    """Return the face around each point, with the faces around no point added to a neighbour."""
    tree = shapely.STRtree(faces)
    point, face = tree.query(shapely.points(points), predicate="intersects")
    owner = np.full(len(faces), -1)
    owner[face] = point
    pieces = defaultdict(list)
    for index in np.flatnonzero(owner < 0).tolist():
        pieces[_longest_neighbour(index, faces, owner, tree, points)].append(faces[index])
    cells = np.empty(len(points), dtype=object)
    cells[point] = faces[face]
    for target, extra in pieces.items():
        cells[target] = shapely.union_all([cells[target], *extra])
    return cells


def _longest_neighbour(
    index: int, faces: Geometries, owner: Indices, tree: shapely.STRtree, points: Points
) -> int:
    """Return the point whose face shares most of the edge of face `index`."""
    near = tree.query(faces[index], predicate="touches")
    near = near[owner[near] >= 0]
    if len(near) == 0:
        middle = shapely.get_coordinates(faces[index].centroid)
        return int(cKDTree(points).query(middle)[1][0])
    shared = shapely.length(
        shapely.intersection(faces[index].boundary, shapely.boundary(faces[near]))
    )
    return int(owner[near[shared.argmax()]])


def _centrality(points: Points, towns: Towns) -> NDArray[np.float64]:
    """Return how central each area is: 0 far out, about 1 in the middle of a city of 150,000."""
    tree = cKDTree(towns.centres)
    distances, nearest = tree.query(points, k=6)
    size = towns.thousands[nearest]
    reach = 250 + 350 * np.sqrt(size / 100)
    pulls = ((size / 150) ** 0.35 * np.exp(-distances / reach)).max(axis=1)
    return np.asarray(pulls, dtype=np.float64)


def _deprivation(
    rng: np.random.Generator, points: Points, district: Indices, urban: NDArray[np.bool_]
) -> NDArray[np.float64]:
    """Return a standard score that varies between districts, within them, and street by street."""
    waves = np.zeros(len(points))
    for _ in range(12):
        direction = rng.normal(size=2)
        direction /= np.hypot(*direction)
        length = rng.uniform(2_500, 12_000)
        waves += np.sin(points @ direction * 2 * np.pi / length + rng.uniform(0, 2 * np.pi))
    by_district = rng.normal(size=district.max() + 1)[district]
    score = 0.35 * waves + 0.4 * by_district + 0.5 * rng.normal(size=len(points)) + 0.6 * urban
    return np.asarray((score - score.mean()) / score.std(), dtype=np.float64)


def _rural_urban(
    points: Points, cells: Geometries, towns: Towns
) -> tuple[NDArray[np.object_], NDArray[np.bool_]]:
    """Return the 2021 rural-urban class of each area, and whether it is urban."""
    size = shapely.area(cells)
    _, near = cKDTree(points).query(points, k=min(8, len(points)))
    spread = size[near].mean(axis=1)
    urban_limit, larger_limit = np.quantile(spread, [URBAN_SHARE, URBAN_SHARE + LARGER_RURAL_SHARE])
    major = towns.centres[towns.thousands >= MAJOR_TOWN_THOUSANDS]
    distance, _ = cKDTree(major).query(points)
    urban = spread <= urban_limit
    kind = np.select([urban, spread <= larger_limit], ["Urban", "Larger rural"], "Smaller rural")
    place = np.where(distance <= NEAR_KM * 1_000, "Nearer to", "Further from")
    classes = np.char.add(np.char.add(kind, ": "), np.char.add(place, " a major town or city"))
    return classes.astype(object), urban
