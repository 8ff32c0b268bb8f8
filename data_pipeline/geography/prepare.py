"""From boundaries and lookups to areas and map layers, or what is kept of the last time."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
from pyproj import proj_version_str
from shapely import geos_version_string

from ..inputs.catalogue import BOUNDARIES
from ..inputs.sheets import existing_file
from ..storage.code_version import code_version
from ..storage.memory import release_memory
from ..storage.progress import Stage, Track
from .areas import describe_areas
from .areas_store import AreasStore, PreparedAreas, input_key
from .boundaries import check_complete, read_boundaries
from .files import AreaFiles
from .layers import Geometries
from .lsoa_codes import former_lsoas, lsoa_codes, reassigned

LIBRARIES = ("brotli", "geopandas", "numpy", "orjson", "pandas", "pyarrow", "pyogrio", "shapely")


def prepared_areas(
    files: AreaFiles, changes: pd.DataFrame, store: AreasStore, stage: Stage, track: Track
) -> PreparedAreas:
    """Return areas and map layers: as they are kept in `store`, or drawn anew and kept there.

    Parameters
    ----------
    files : AreaFiles
    changes : DataFrame
        As from ``areas.read_lsoa_changes``.
    store : AreasStore
    stage, track : as for ``build.build``

    Raises
    ------
    InputError
        If a file cannot be used.
    """
    versions = code_version(__name__, LIBRARIES), geos_version_string, proj_version_str
    conditions = (*versions, *files.columns)
    key = input_key(conditions, (existing_file(file, source) for source, file in files.listed()))

    def read() -> tuple[gpd.GeoDataFrame, Geometries]:
        stage("reading boundaries")
        boundaries = read_boundaries(files.boundaries, files.source(BOUNDARIES))
        named = changes["lsoa_code"]
        check_complete(boundaries["lsoa_code"], named, files.lsoa_changes, "lsoa-changes")
        release_memory()
        stage("joining wards, districts and forces")
        areas = describe_areas(boundaries, files)
        areas["reassigned"] = reassigned(areas["lsoa_code"], changes)
        areas["former_lsoas"] = former_lsoas(areas["lsoa_code"], areas["lsoa_name"], changes)
        codes = lsoa_codes(areas["lsoa_code"], areas.geometry.to_numpy(), changes)
        polygons = np.full(len(areas), None, dtype=object)
        polygons[codes.candidates] = codes.polygons
        return areas, polygons

    prepared = store.find(key) or store.keep(key, read, stage, track)
    release_memory()
    return prepared
