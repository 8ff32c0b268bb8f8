"""Everything about the areas that no police file changes, and the cache that keeps it.

Reading, repairing, simplifying, dissolving and compressing boundaries takes longer than reading a
year of police files and gives the same result each month, so it is kept in a folder: one entry for
each combination of input files, code and libraries.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import orjson
import pandas as pd
import shapely
from platformdirs import user_cache_path

from ..dataset.forces import FORCES, Force
from ..storage.hashing import sha256_of
from ..storage.keeper import IN_USE_SECONDS, Keeper
from ..storage.progress import Stage, Track
from ..storage.replacing import link_or_copy
from .layers import Geometries, build_layers, layer_count, with_places, write_layers

ENTRIES_KEPT = 4
"""Of some 100 MB each."""

CACHE_VARIABLE = "CRIME_ATLAS_CACHE"
"""Environment variable that names the cache folder."""

_AREAS, _POLYGONS, _GEOMETRY, _INDEX = "areas.parquet", "polygons.wkb", "geometry", "index.json"
KEY_DIGITS = 32


@dataclass(frozen=True)
class PreparedAreas:
    """The areas as they are published, but for their denominators.

    Attributes
    ----------
    areas : DataFrame
        One row per LSOA in force order, columns ``dataset.AREA_COLUMNS`` and force_name.
    polygons : object array [areas]
        Unsimplified polygons in metres of the areas that came of a split; None elsewhere.
    layers : list of dict
        Manifest entries of the map layers.
    geometry : Path
        Folder of the layers' files.
    """

    areas: pd.DataFrame
    polygons: Geometries
    layers: list[dict[str, Any]]
    geometry: Path

    @property
    def forces(self) -> tuple[Force, ...]:
        """The forces that have areas, in their order."""
        present = set(self.areas["force"].unique())
        return tuple(force for force in FORCES if force.slug in present)

    def place_layers(self, directory: Path) -> None:
        """Put the layers' files into a new directory: as links where that is possible."""
        directory.mkdir()
        for file in sorted(self.geometry.iterdir()):
            link_or_copy(file, directory / file.name)


def cache_folder(out: Path) -> Path:
    """Return where prepared areas are kept: where the system keeps what can be made again.

    All datasets of a user share it. Where nothing can be written there, as for a user without a
    home, it is beside the dataset at `out`.
    """
    chosen = os.environ.get(CACHE_VARIABLE)
    if chosen:
        return Path(chosen)
    usual = user_cache_path("crime-atlas", appauthor=False) / "areas"
    try:
        usual.mkdir(parents=True, exist_ok=True)
        writable = os.access(usual, os.W_OK)
    except OSError:
        writable = False
    return usual if writable else out.with_name(out.name + ".cache")


def input_key(conditions: Sequence[str], files: Iterable[Path | None]) -> str:
    """Return a hash of the content of some input files, and of what else decides the result."""
    contents = [sha256_of(file) if file else "-" for file in files]
    return hashlib.sha256("\n".join([*conditions, *contents]).encode()).hexdigest()[:KEY_DIGITS]


class AreasStore:
    """A folder of prepared areas; several builds may use it at once.

    Parameters
    ----------
    folder : Path
        Created when the first entry is written.
    """

    def __init__(self, folder: Path) -> None:
        self._keeper = Keeper(folder)

    def find(self, key: str) -> PreparedAreas | None:
        """Return the entry of an input key, or None if there is none that is whole."""
        for entry in self._keeper.find(key):
            self._keeper.use(entry)
            return _opened(entry)
        return None

    def keep(
        self,
        key: str,
        read: Callable[[], tuple[gpd.GeoDataFrame, Geometries]],
        stage: Stage,
        track: Track,
    ) -> PreparedAreas:
        """Read and prepare areas, write them as the entry of `key` and return it.

        Parameters
        ----------
        key : result of :func:`input_key`
        read : function
            Returns the areas, a GeoDataFrame in EPSG:27700 with names and codes of every level, and
            an array of the polygons that are needed later, None elsewhere. Asked for here so that
            nothing else keeps the shapes in memory.
        stage, track : as for ``build.build``
        """

        def write(entry: Path) -> None:
            entry.mkdir()
            areas, polygons = read()
            with_places(areas).to_parquet(entry / _AREAS, index=False)
            (entry / _POLYGONS).write_bytes(_packed(polygons))
            count = layer_count(areas["force"].nunique())
            drafts = build_layers(areas, stage)
            del areas, polygons
            layers = write_layers(track(drafts, count, "layers"), entry / _GEOMETRY)
            (entry / _INDEX).write_bytes(orjson.dumps(layers))

        kept = self._keeper.keep(key, write)
        self._keeper.forget_old(ENTRIES_KEPT, IN_USE_SECONDS)
        return _opened(kept)


def _packed(polygons: Geometries) -> bytes:
    """Return polygons as JSON: position and well-known binary of each that is there."""
    there = np.flatnonzero(~shapely.is_missing(polygons))
    shapes = shapely.to_wkb(polygons[there], hex=True).tolist()
    return orjson.dumps([len(polygons), there.tolist(), shapes])


def _unpacked(content: bytes) -> Geometries:
    count, there, shapes = orjson.loads(content)
    polygons = np.full(count, None, dtype=object)
    polygons[there] = shapely.from_wkb(shapes)
    return polygons


def _opened(entry: Path) -> PreparedAreas:
    polygons = _unpacked((entry / _POLYGONS).read_bytes())
    layers = orjson.loads((entry / _INDEX).read_bytes())
    return PreparedAreas(pd.read_parquet(entry / _AREAS), polygons, layers, entry / _GEOMETRY)
