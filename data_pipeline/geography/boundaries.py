"""The shapes of the areas: read from any format, put on the national grid, and checked.

A layer whose coordinates cannot be told for certain, or that lies outside the country, is refused:
a map of it would be wrong everywhere, and every point of a split area with it.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterable
from pathlib import Path

import geopandas as gpd
import numpy as np
import pyogrio

from ..inputs.catalogue import BOUNDARIES, Source
from ..inputs.columns import locate_columns, require_columns
from ..inputs.errors import InputError, examples
from ..inputs.sheets import existing_file
from .layers import GRID, valid_polygons

COUNTRY = (75_000.0, 0.0, 665_000.0, 665_000.0)
"""West, south, east and north of England and Wales on the national grid, in metres."""

_DEGREES = (-7.0, 49.0, 2.5, 56.5)
"""The same in degrees."""

_MOST_DEGREES = (180.0, 90.0)
_LAYER_FILES = (".shp", ".gpkg", ".geojson", ".json", ".fgb")


def read_boundaries(file: Path, source: Source = BOUNDARIES) -> gpd.GeoDataFrame:
    """Read the areas: GeoParquet, GeoJSON, GeoPackage, shapefile or a ZIP of one of them.

    Parameters
    ----------
    file : in any reference system
    source : what is wanted, with the columns that the user named

    Returns
    -------
    GeoDataFrame
        Columns lsoa_code, lsoa_name, geometry (valid polygons in EPSG:27700), in order of code.

    Raises
    ------
    InputError
        If it cannot be read, its reference system is not certain, it lies outside England and
        Wales, or a code or shape is missing or repeated.
    """
    raw = _read_geometry(existing_file(file, source), source)
    positions = require_columns(source, file.name, [str(name) for name in raw.columns])
    columns = {name: raw.iloc[:, at].astype(str).str.strip() for name, at in positions.items()}
    areas = gpd.GeoDataFrame(columns, geometry=raw.geometry, crs=raw.crs)
    _check_codes(areas, file)
    areas = _on_grid(areas, file).sort_values("lsoa_code", ignore_index=True)
    areas.geometry = valid_polygons(areas.geometry.to_numpy())
    return areas


def _read_geometry(file: Path, source: Source) -> gpd.GeoDataFrame:
    try:
        if file.suffix.lower() in {".parquet", ".geoparquet"}:
            return gpd.read_parquet(file)
        place = _inner_file(file) if zipfile.is_zipfile(file) else str(file)
        layer = _layer(place, file, source)
        read = gpd.read_file(place, layer=layer)
    except InputError:
        raise
    except Exception as error:  # each format has errors of its own
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise InputError(f"{file} (--boundaries) cannot be read as boundaries: {reason}") from None
    if not isinstance(read, gpd.GeoDataFrame):
        raise InputError(f"{file} (--boundaries) has no geometry.")
    return read


def _inner_file(archive: Path) -> str:
    """Return where the one layer in a ZIP is, however deep its folder."""
    with zipfile.ZipFile(archive) as opened:
        names = [name for name in opened.namelist() if not name.startswith("__MACOSX/")]
    found = [name for name in names if name.lower().endswith(_LAYER_FILES)]
    if len(found) != 1:
        holds = f"several layers ({examples(found)})" if found else "no layer"
        raise InputError(
            f"{archive} (--boundaries) holds {holds}; unpack it and give the one that is wanted."
        )
    return f"/vsizip/{archive.absolute()}/{found[0]}"


def _layer(place: str, file: Path, source: Source) -> str | None:
    """Return the one layer with an LSOA code, where a file has several."""
    layers = [str(name) for name, kind in pyogrio.list_layers(place) if kind]
    if len(layers) < 2:
        return None
    wanted = [
        name
        for name in layers
        if not locate_columns(source.columns, pyogrio.read_info(place, layer=name)["fields"])[1]
    ]
    if len(wanted) != 1:
        raise InputError(
            f"{file} (--boundaries) has the layers {', '.join(layers)}, of which "
            f"{len(wanted) or 'none'} have an LSOA code and name; save the one that is wanted "
            "as a file of its own."
        )
    return wanted[0]


def _on_grid(areas: gpd.GeoDataFrame, file: Path) -> gpd.GeoDataFrame:
    """Return the areas in metres of the national grid, or say why they cannot be put there."""
    bounds = areas.total_bounds
    in_metres = _within(bounds, COUNTRY) and max(bounds) > max(_MOST_DEGREES)
    if areas.crs is None:
        if not in_metres:
            raise InputError(
                f"{file} (--boundaries) does not say which coordinate reference system it is in; "
                "save it with one, for example EPSG:27700."
            )
        areas = areas.set_crs(GRID)
    elif areas.crs.is_geographic and not _within(bounds, (-180.0, -90.0, 180.0, 90.0)):
        if not in_metres:
            raise InputError(
                f"{file} (--boundaries) says that it is in degrees ({areas.crs.name}), and has "
                f"coordinates like {bounds[0]:,.0f}, {bounds[1]:,.0f}; save it in EPSG:27700."
            )
        areas = areas.set_crs(GRID, allow_override=True)
    elif areas.crs.is_geographic and _within(bounds[[1, 0, 3, 2]], _DEGREES):
        raise InputError(
            f"{file} (--boundaries) has latitude and longitude swapped: its first coordinates are "
            f"{bounds[0]:.1f} to {bounds[2]:.1f}. Save it with longitude first."
        )
    placed = areas.to_crs(GRID)
    _check_country(placed, file)
    return placed


def _check_country(areas: gpd.GeoDataFrame, file: Path) -> None:
    edges = areas.bounds.to_numpy()
    outside = ~np.array([_within(edge, COUNTRY) for edge in edges], dtype=bool)
    if outside.any():
        raise InputError(
            f"{file} (--boundaries) has {outside.sum():,} of its {len(areas):,} areas outside "
            f"England and Wales: {examples(areas.loc[outside, 'lsoa_code'])}. Download the layer "
            "again, or save it in the reference system that it is really in."
        )


def _within(inner: Iterable[float], outer: tuple[float, float, float, float]) -> bool:
    west, south, east, north = inner
    return bool(outer[0] <= west <= east <= outer[2] and outer[1] <= south <= north <= outer[3])


def _check_codes(areas: gpd.GeoDataFrame, file: Path) -> None:
    codes = areas["lsoa_code"]
    if codes.empty:
        raise InputError(f"{file} (--boundaries) has no areas.")
    blank = codes.isin(["", "None", "nan"])
    if blank.any():
        raise InputError(
            f"{file} (--boundaries) has {blank.sum():,} areas without an LSOA code; "
            f"the first is row {int(blank.to_numpy().argmax()) + 1:,}."
        )
    if codes.duplicated().any():
        raise InputError(
            f"{file} (--boundaries) repeats {examples(codes[codes.duplicated()].unique())}; "
            "each LSOA is one shape."
        )
    missing = areas.geometry.isna() | areas.geometry.is_empty
    if missing.any():
        raise InputError(f"{file} (--boundaries) has no shape for {examples(codes[missing])}.")


def check_complete(codes: Iterable[str], named: Iterable[str], lookup: Path, role: str) -> None:
    """Refuse boundaries that lack areas which a lookup names: they would silently disappear.

    Parameters
    ----------
    codes : LSOA 2021 codes of the boundaries
    named : those of the lookup
    lookup : Path
        Named in the error.
    role : str
        Its option.

    Raises
    ------
    InputError
        If some are missing.
    """
    wanted = set(named) - {""}
    missing = sorted(wanted - set(codes))
    if missing:
        raise InputError(
            f"The boundary file has no shape for {len(missing):,} of the {len(wanted):,} LSOAs in "
            f"{lookup.name} (--{role}): {examples(missing)}. Download the whole layer again (a "
            "server may have cut it off), or give a lookup of the areas that are wanted."
        )
