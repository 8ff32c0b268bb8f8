"""The land, areas and names of the synthetic nation.

Points are drawn from a mixture of towns, whose density falls off exponentially with distance from
the centre (Clark, 1951), and countryside; each becomes a Voronoi cell with roughened edges, cut at
the coast. Cells join the district that is nearest in units of the district's own radius, so that a
compact city sits inside the large district around it.
"""

from __future__ import annotations

import warnings
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from pyproj import Transformer
from scipy.cluster.vq import kmeans2
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import Voronoi, cKDTree
from scipy.spatial.distance import cdist

from ..forces import FORCES
from ..geometry import GRID
from . import places

AREAS_AT_FULL_SCALE = 35_000
AREAS_PER_WARD = 5
AREAS_PER_MSOA = 5
COAST_SEED = 1094
"""The coast is the same for every seed of the data: only what lies inside it changes."""

COAST_STEP_M = 700.0
GRID_STEP_M = 0.125
COAST_ROUGHNESS = 0.13
EDGE_ROUGHNESS = 0.22
CENTRAL_DENSITY_PER_KM2 = 10_000.0
DENSE_DISTRICT_PER_KM2 = 1_200.0
COUNTRYSIDE_SHARE = 0.12
COUNTRYSIDE_POOL = 400_000
MAJOR_TOWN_THOUSANDS = 74.0
NEAR_KM = 22.0
URBAN_SHARE, LARGER_RURAL_SHARE = 0.83, 0.09
REASSIGNED_SHARE = 0.03

Points = NDArray[np.float64]
Indices = NDArray[np.intp]
Geometries = NDArray[np.object_]


class Districts(NamedTuple):
    """Districts in force order: names, slug of the force, middle (metres), radius (metres)."""

    names: list[str]
    forces: list[str]
    seeds: Points
    radii: NDArray[np.float64]
    thousands: NDArray[np.float64]


class Towns(NamedTuple):
    """Towns: centre (metres) and residents in thousands."""

    centres: Points
    thousands: NDArray[np.float64]


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
    towns = _towns()
    count = max(round(AREAS_AT_FULL_SCALE * scale), 4 * len(districts.names))
    points = _relaxed(_draw_points(rng, count, land, districts, towns), land)
    district = _districts_of(points, _land_links(points, land), districts, scale)
    order = np.argsort(district, kind="stable")
    points, district = points[order], district[order]
    cells = cut_cells(rng, points, land)
    centrality = _centrality(points, towns)
    classes, urban = _rural_urban(points, cells, towns)
    areas = _named(rng, points, district, centrality, districts)
    areas["rural_urban"] = classes
    areas["reassigned"] = rng.random(count) < REASSIGNED_SHARE
    deprivation = _deprivation(rng, points, district, urban)
    return Nation(gpd.GeoDataFrame(areas, geometry=cells, crs=GRID), centrality, deprivation, urban)


def to_grid(longitudes: Sequence[float], latitudes: Sequence[float]) -> Points:
    """Return British National Grid coordinates; float array [points, 2], metres."""
    transformer = Transformer.from_crs("EPSG:4326", GRID, always_xy=True)
    return np.column_stack(transformer.transform(longitudes, latitudes))


def coastline() -> shapely.MultiPolygon:
    """Return the land: the hand-drawn outline with its long lines broken up."""
    rng = np.random.default_rng(COAST_SEED)
    rings = [to_grid(*zip(*outline, strict=True)) for outline in places.LAND]
    return shapely.MultiPolygon(
        [shapely.Polygon(_snapped(_roughened(ring, rng))) for ring in rings]
    )


def _roughened(ring: Points, rng: np.random.Generator) -> Points:
    """Displace midpoints at random until no side is longer than COAST_STEP_M."""
    while True:
        sides = np.roll(ring, -1, axis=0) - ring
        lengths = np.hypot(sides[:, 0], sides[:, 1])
        long = lengths > COAST_STEP_M
        if not long.any():
            return ring
        normals = np.column_stack([-sides[:, 1], sides[:, 0]])
        bend = rng.uniform(-COAST_ROUGHNESS, COAST_ROUGHNESS, len(ring))[:, None]
        middles = ring + sides / 2 + normals * bend
        ring = np.insert(ring, np.flatnonzero(long) + 1, middles[long], axis=0)


def districts_at(scale: float) -> Districts:
    """Return the districts of a nation of this scale: the largest of every force."""
    rows = [
        (force.slug, *entry)
        for force in FORCES
        for entry in _largest(places.DISTRICTS[force.slug], scale)
    ]
    slugs, names, longitudes, latitudes, thousands, km2 = zip(*rows, strict=True)
    return Districts(
        list(names),
        list(slugs),
        to_grid(longitudes, latitudes),
        np.sqrt(np.array(km2) * 1e6 / np.pi),
        np.array(thousands),
    )


def _largest(
    entries: tuple[places.DistrictEntry, ...], scale: float
) -> tuple[places.DistrictEntry, ...]:
    keep = int(np.ceil(len(entries) * min(1.0, scale) ** 0.5))
    by_size = sorted(range(len(entries)), key=lambda index: -entries[index][3])
    return tuple(entries[index] for index in sorted(by_size[:keep]))


def _towns() -> Towns:
    _, longitudes, latitudes, thousands = zip(*places.TOWNS, strict=True)
    return Towns(to_grid(longitudes, latitudes), np.array(thousands))


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
    return points + np.column_stack([east, north])


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
    return pairs[shapely.contains(land, shapely.linestrings(points[pairs]))]


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
    return shapely.linestrings(_snapped(np.stack([*line, end], axis=1)))


def _snapped(points: NDArray[np.float64]) -> NDArray[np.float64]:
    """Round coordinates to GRID_STEP_M, the step to which lines are joined into a network."""
    return np.round(points / GRID_STEP_M) * GRID_STEP_M


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
    return ((size / 150) ** 0.35 * np.exp(-distances / reach)).max(axis=1)


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
    return (score - score.mean()) / score.std()


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


def _named(
    rng: np.random.Generator,
    points: Points,
    district: Indices,
    centrality: NDArray[np.float64],
    districts: Districts,
) -> pd.DataFrame:
    """Return the codes and names of every area; rows in the order of `points`."""
    starts = np.flatnonzero(np.diff(district, prepend=-1))
    bounds = [*starts, len(points)]
    blocks = [
        _named_district(rng, points[first:last], centrality[first:last], districts, district[first])
        for first, last in pairwise(bounds)
    ]
    areas = pd.concat(blocks, ignore_index=True)
    areas["lsoa_code"] = [f"X01{number:06d}" for number in range(1, len(areas) + 1)]
    areas["ward_code"] = _codes("X05", areas["lad_name"] + "/" + areas["ward_name"])
    areas["lad_code"] = _codes("X07", areas["lad_name"])
    partnership = {
        name: joint for joint, members in places.PARTNERSHIPS.items() for name in members
    }
    areas["csp_name"] = areas["lad_name"].map(lambda name: partnership.get(name, name))
    areas["csp_code"] = _codes("X22", areas["csp_name"])
    areas["force_name"] = areas["force"].map({force.slug: force.name for force in FORCES})
    return areas


def _codes(prefix: str, names: pd.Series) -> list[str]:
    """Return a code for each name; equal names share one, in order of appearance."""
    numbers, _ = pd.factorize(names)
    return [f"{prefix}{number + 1:06d}" for number in numbers]


def _named_district(
    rng: np.random.Generator,
    points: Points,
    centrality: NDArray[np.float64],
    districts: Districts,
    index: int,
) -> pd.DataFrame:
    """Cluster one district's areas into wards and name both, numbering from north to south."""
    cluster = _clusters(rng, points, max(1, round(len(points) / AREAS_PER_WARD)))
    size = np.bincount(cluster)
    north_first = np.argsort(-np.bincount(cluster, points[:, 1]) / size, kind="stable")
    centre = int((np.bincount(cluster, centrality) / size).argmax())
    welsh = districts.forces[index] in places.WELSH_FORCES
    names = np.array(_ward_names(rng, len(size), centre, welsh), dtype=object)
    rank = np.empty(len(size), dtype=np.intp)
    rank[north_first] = np.arange(len(size))
    order = np.lexsort((-points[:, 1], rank[cluster]))
    numbers = np.empty(len(points), dtype=np.intp)
    numbers[order] = np.arange(len(points))
    name = districts.names[index]
    return pd.DataFrame(
        {
            "lsoa_name": [
                f"{name} {number // AREAS_PER_MSOA + 1:03d}{chr(65 + number % AREAS_PER_MSOA)}"
                for number in numbers
            ],
            "ward_name": names[cluster],
            "lad_name": name,
            "force": districts.forces[index],
        }
    )


def _clusters(rng: np.random.Generator, points: Points, count: int) -> Indices:
    """Group points that lie together; int array [points] of numbers from 0 without gaps."""
    if count == 1:
        return np.zeros(len(points), dtype=np.intp)
    with warnings.catch_warnings(action="ignore"):
        _, labels = kmeans2(points, count, minit="++", rng=rng)
    return np.unique(labels, return_inverse=True)[1]


def _ward_names(rng: np.random.Generator, count: int, centre: int, welsh: bool) -> list[str]:
    """Return distinct names for the wards of a district; the central one is named as such."""
    words = places.WARD_WORDS[welsh]
    first = str(rng.choice(places.CENTRE_WARDS[welsh]))
    single = [words[pick] for pick in rng.permutation(len(words)) if words[pick] != first]
    double = [f"{word} {end}" for end in places.WARD_SUFFIXES[welsh] for word in single]
    names = [*single, *double][: count - 1]
    return [*names[:centre], first, *names[centre:]]
