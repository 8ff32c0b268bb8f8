"""Everything about the areas that no police file changes, and the cache that keeps it.

Reading, repairing, simplifying, dissolving and compressing boundaries takes longer than reading a
year of police files and gives the same result each month, so it is kept in a folder: one entry for
each combination of input files, code and libraries. An entry is a help and never an authority: it
is used only if every file in it is what it was when it was written, and made anew otherwise.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from pathlib import Path
from time import time
from typing import Any

import geopandas as gpd
import numpy as np
import orjson
import pandas as pd
import shapely
from pyproj import proj_version_str

from .forces import FORCES, Force
from .geometry import Geometries, build_layers, with_places, write_layers

ENTRIES_KEPT = 3
IN_USE_SECONDS = 24 * 3600
"""An entry used more recently may belong to a running build, and stays."""

CACHE_VARIABLE = "CRIME_ATLAS_CACHE"
"""Environment variable that names the cache folder, for several datasets to share."""

_AREAS, _POLYGONS, _GEOMETRY, _INDEX = "areas.parquet", "polygons.wkb", "geometry", "index.json"
_PARTIAL = ".partial-"
_LIBRARIES = ("brotli", "geopandas", "numpy", "orjson", "pandas", "pyarrow", "pyogrio", "shapely")
_MODULES = ("forces", "geography", "geometry", "prepared", "sources", "vintage")


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


def link_or_copy(file: Path, target: Path) -> None:
    """Put a file that is never changed at another place too: as a link where that is possible."""
    try:
        os.link(file, target)
    except OSError:
        shutil.copyfile(file, target)


def cache_folder(out: Path) -> Path:
    """Return where areas prepared for the dataset at `out` are kept: beside it by default."""
    chosen = os.environ.get(CACHE_VARIABLE)
    return Path(chosen) if chosen else out.with_name(out.name + ".cache")


def input_key(files: Iterable[Path | None]) -> str:
    """Return a hash of the content of some input files, and of the code that works on them."""
    digest = hashlib.sha256(code_version().encode())
    for file in files:
        digest.update(_file_hash(file) if file else b"-")
    return digest.hexdigest()[:32]


@cache
def code_version() -> str:
    """Return a hash of the code and the libraries that areas are prepared with."""
    digest = hashlib.sha256()
    for module in _MODULES:
        digest.update(Path(__file__).with_name(f"{module}.py").read_bytes())
    for library in _LIBRARIES:
        digest.update(f"{library} {version(library)}\n".encode())
    digest.update(f"{shapely.geos_version_string} {proj_version_str}".encode())
    return digest.hexdigest()


def _file_hash(file: Path) -> bytes:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").digest()


class PreparedStore:
    """A folder of prepared areas; several builds may use it at once.

    Parameters
    ----------
    folder : Path
        Created when the first entry is written.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def find(self, key: str) -> PreparedAreas | None:
        """Return the entry of an input key, or None if there is none that is whole."""
        found = map(_whole, sorted(self._folder.glob(f"{key}-*")))
        return next((prepared for prepared in found if prepared), None)

    def keep(
        self,
        key: str,
        read: Callable[[], tuple[gpd.GeoDataFrame, Geometries]],
        progress: Callable[[str], None],
    ) -> PreparedAreas:
        """Read and prepare areas, write them as the entry of `key` and return it.

        Parameters
        ----------
        key : result of :func:`input_key`
        read : function
            Returns the areas, a GeoDataFrame in EPSG:27700 with names and codes of every level, and
            an array of the polygons that are needed later, None elsewhere. Asked for here so that
            nothing else keeps the shapes in memory.
        progress : function of a message
        """
        self._folder.mkdir(parents=True, exist_ok=True)
        partial = Path(tempfile.mkdtemp(prefix=_PARTIAL, dir=self._folder))
        try:
            areas, polygons = read()
            with_places(areas).to_parquet(partial / _AREAS, index=False)
            (partial / _POLYGONS).write_bytes(_packed(polygons))
            drafts = build_layers(areas, progress)
            del areas, polygons
            layers = write_layers(drafts, partial / _GEOMETRY)
            (partial / _INDEX).write_bytes(_sealed([layers, _digests(partial)]))
            partial.chmod(0o755)
            entry = partial.rename(self._folder / partial.name.replace(_PARTIAL, f"{key}-"))
        finally:
            shutil.rmtree(partial, ignore_errors=True)
        self._forget_old(entry)
        return _opened(entry, layers)

    def _forget_old(self, current: Path) -> None:
        others = [path for path in self._folder.iterdir() if path != current]
        others.sort(key=lambda path: path.stat().st_mtime, reverse=True)
        finished = [path for path in others if not path.name.startswith(_PARTIAL)]
        recent = finished[: ENTRIES_KEPT - 1]
        for path in others:
            if path not in recent and time() - path.stat().st_mtime > IN_USE_SECONDS:
                shutil.rmtree(path, ignore_errors=True)


def _whole(entry: Path) -> PreparedAreas | None:
    """Return an entry if every file of it is what it was when it was written."""
    try:
        layers, digests = _unsealed((entry / _INDEX).read_bytes())
        if _digests(entry) != digests:
            return None
        entry.touch()
        return _opened(entry, layers)
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _sealed(value: Any) -> bytes:
    """Return a value as JSON behind its hash, so that damage to it is noticed."""
    content = orjson.dumps(value)
    return hashlib.sha256(content).hexdigest().encode() + b"\n" + content


def _unsealed(content: bytes) -> Any:
    seal, _, value = content.partition(b"\n")
    if hashlib.sha256(value).hexdigest().encode() != seal:
        raise ValueError("the index is damaged")
    return orjson.loads(value)


def _digests(entry: Path) -> dict[str, str]:
    """Return the hash of every file of an entry but its index, by name."""
    files = sorted(path for path in entry.rglob("*") if path.is_file() and path.name != _INDEX)
    return {path.relative_to(entry).as_posix(): _file_hash(path).hex() for path in files}


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


def _opened(entry: Path, layers: list[dict[str, Any]]) -> PreparedAreas:
    polygons = _unpacked((entry / _POLYGONS).read_bytes())
    return PreparedAreas(pd.read_parquet(entry / _AREAS), polygons, layers, entry / _GEOMETRY)
