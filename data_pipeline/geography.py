"""Areas: boundaries, names, districts, partnerships, forces and denominators of every LSOA."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd

from .forces import FORCES
from .geometry import GRID, valid_polygons
from .population import Population, place_on_areas
from .sources import (
    BOUNDARIES,
    FORCE_AREAS,
    LSOA_CHANGES,
    RURAL_URBAN,
    WARDS,
    InputError,
    as_mapping,
    examples,
    existing_file,
    one_value_each,
    read_table,
    require_columns,
)

CHANGE_KINDS = frozenset("USMX")


def read_boundaries(file: Path) -> gpd.GeoDataFrame:
    """Read the areas: GeoParquet, GeoJSON, GeoPackage or shapefile, in any reference system.

    Returns
    -------
    GeoDataFrame
        Columns lsoa_code, lsoa_name, geometry (valid polygons in EPSG:27700), in order of code.

    Raises
    ------
    InputError
        If it cannot be read, has no reference system, or a code or shape is missing or repeated.
    """
    raw = _read_geometry(existing_file(file, BOUNDARIES))
    if raw.crs is None:
        raise InputError(
            f"{file} (--boundaries) does not say which coordinate reference system it is in; "
            "save it with one, for example EPSG:27700."
        )
    positions = require_columns(BOUNDARIES, file.name, [str(name) for name in raw.columns])
    columns = {name: raw.iloc[:, at].astype(str).str.strip() for name, at in positions.items()}
    areas = gpd.GeoDataFrame(columns, geometry=raw.geometry, crs=raw.crs)
    _check_codes(areas, file)
    areas = areas.sort_values("lsoa_code", ignore_index=True).to_crs(GRID)
    areas.geometry = valid_polygons(areas.geometry.to_numpy())
    return areas


def _read_geometry(file: Path) -> gpd.GeoDataFrame:
    try:
        if file.suffix.lower() in {".parquet", ".geoparquet"}:
            return gpd.read_parquet(file)
        read: Any = gpd.read_file(file)
    except Exception as error:  # each format has errors of its own
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise InputError(f"{file} (--boundaries) cannot be read as boundaries: {reason}") from None
    if not isinstance(read, gpd.GeoDataFrame):
        raise InputError(f"{file} (--boundaries) has no geometry.")
    return read


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


def read_lsoa_changes(file: Path) -> pd.DataFrame:
    """Read the 2011 to 2021 lookup: columns lsoa11_code, lsoa_code, change (U, S, M or X)."""
    changes = read_table(file, LSOA_CHANGES)
    changes["change"] = changes["change"].str.upper()
    unknown = changes.index[~changes["change"].isin(CHANGE_KINDS)]
    if len(unknown):
        row = int(unknown[0])
        raise InputError(
            f"{file.name} (--lsoa-changes) has the change {changes['change'].iloc[row]!r} in data "
            f"row {row + 1:,}; it is one of U, S, M, X."
        )
    return changes


def describe_areas(
    boundaries: gpd.GeoDataFrame, wards: Path, forces: Path, rural_urban: Path | None
) -> gpd.GeoDataFrame:
    """Add to each area its ward, district, partnership, force and rural or urban class.

    Parameters
    ----------
    boundaries : result of :func:`read_boundaries`
    wards, forces, rural_urban : lookup files

    Returns
    -------
    GeoDataFrame
        Grouped by force, then in order of district, ward and LSOA; index 0 … n-1.

    Raises
    ------
    InputError
        If an LSOA has no ward, or a district no force; the message says how many and which.
    """
    ward_of = one_value_each(read_table(wards, WARDS), "lsoa_code", wards)
    areas = boundaries.merge(ward_of, on="lsoa_code", how="left", validate="one_to_one")
    _require(areas, "ward_code", "lsoa_code", f"no ward or district in {wards.name} (--wards)")
    districts = read_districts(forces)
    areas = areas.merge(districts, on="lad_code", how="left", validate="many_to_one")
    _require(areas, "force", "lad_code", f"no police force in {forces.name} (--forces)")
    all_partnerships = areas["lad_name"] + " (all partnerships)"
    areas["csp_name"] = areas["csp_name"].mask(areas["csp_name"] == "", all_partnerships)
    areas["rural_urban"] = _rural_urban(areas["lsoa_code"], rural_urban)
    keys = ["force", "lad_code", "ward_code", "lsoa_code"]
    return areas.sort_values(keys, ignore_index=True)


def _require(areas: pd.DataFrame, column: str, key: str, fault: str) -> None:
    lacking = areas.loc[areas[column].isna() | (areas[column] == ""), key].unique()
    if len(lacking):
        kind = "LSOAs" if key == "lsoa_code" else "districts"
        raise InputError(
            f"{len(lacking):,} {kind} of the boundary file have {fault}: {examples(lacking)}."
        )


def read_districts(file: Path) -> pd.DataFrame:
    """Read the partnership and the police force of every local authority district.

    A district with several partnerships is one unit at that level, under its own code: no lookup
    says which of its LSOAs belong to which.

    Returns
    -------
    DataFrame
        Columns lad_code, csp_code, csp_name (blank where there are several), force, force_name;
        one row per district.
    """
    table = read_table(file, FORCE_AREAS).drop_duplicates()
    known = {force.code: force for force in FORCES}
    unknown = sorted(set(table["force_code"]) - known.keys())
    if unknown:
        raise InputError(
            f"{file.name} (--forces) has the police force area codes {examples(unknown)}, which "
            "are not among the 43 territorial forces of England and Wales."
        )
    one_value_each(table[["lad_code", "force_code"]], "lad_code", file)
    several = table["lad_code"].duplicated(keep=False)
    table.loc[several, "csp_code"] = table["lad_code"]
    table.loc[several, "csp_name"] = ""
    table = table.drop_duplicates("lad_code")
    table["force"] = [known[code].slug for code in table["force_code"]]
    table["force_name"] = [known[code].name for code in table["force_code"]]
    return table[["lad_code", "csp_code", "csp_name", "force", "force_name"]]


def _rural_urban(codes: pd.Series, file: Path | None) -> pd.Series:
    if file is None:
        return pd.Series("", index=codes.index)
    classes = one_value_each(read_table(file, RURAL_URBAN), "lsoa_code", file)
    return codes.map(as_mapping(classes, "lsoa_code", "rural_urban")).fillna("")


def add_denominators(
    areas: gpd.GeoDataFrame, populations: list[Population]
) -> tuple[gpd.GeoDataFrame, list[str]]:
    """Add one column per denominator; return the areas and what is missing, as warnings."""
    warnings = []
    for population in populations:
        figures, warning = place_on_areas(population, areas["lsoa_code"])
        areas = areas.assign(**{population.denominator.column: figures})
        warnings += [warning] if warning else []
    return areas, warnings
