"""The coast, districts and towns of :mod:`.places`, in metres on the British National Grid."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import Transformer

from ..dataset.forces import FORCES
from ..geography.layers import GRID
from . import places

COAST_SEED = 1094
"""The coast is the same for every seed of the data: only what lies inside it changes."""

COAST_STEP_M = 700.0
COAST_ROUGHNESS = 0.13
GRID_STEP_M = 0.125

Points = NDArray[np.float64]
"""Eastings and northings in metres; float array [points, 2]."""


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


def to_grid(longitudes: Sequence[float], latitudes: Sequence[float]) -> Points:
    """Return British National Grid coordinates; float array [points, 2], metres."""
    transformer = Transformer.from_crs("EPSG:4326", GRID, always_xy=True)
    return np.column_stack(transformer.transform(longitudes, latitudes))


def coastline() -> shapely.MultiPolygon:
    """Return the land: the hand-drawn outline with its long lines broken up."""
    rng = np.random.default_rng(COAST_SEED)
    rings = [to_grid(*zip(*outline, strict=True)) for outline in places.LAND]
    return shapely.MultiPolygon([shapely.Polygon(snapped(_roughened(ring, rng))) for ring in rings])


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


def snapped(points: NDArray[np.float64]) -> NDArray[np.float64]:
    """Round coordinates to GRID_STEP_M, the step to which lines are joined into a network."""
    return np.round(points / GRID_STEP_M) * GRID_STEP_M


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


def all_towns() -> Towns:
    """Return every town."""
    _, longitudes, latitudes, thousands = zip(*places.TOWNS, strict=True)
    return Towns(to_grid(longitudes, latitudes), np.array(thousands))
