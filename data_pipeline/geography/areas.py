"""Areas: boundaries, names, districts, partnerships, forces and denominators of every LSOA."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import geopandas as gpd
import pandas as pd

from ..dataset.forces import FORCES
from ..inputs.catalogue import FORCE_AREAS, LSOA_CHANGES, RURAL_URBAN, WARDS, Source
from ..inputs.errors import InputError, examples
from ..inputs.tables import as_mapping, one_value_each, read_table
from .boundaries import check_complete
from .files import AreaFiles
from .population import Population, place_on_areas

CHANGE_KINDS = frozenset("USMX")


def read_lsoa_changes(file: Path, source: Source = LSOA_CHANGES) -> pd.DataFrame:
    """Read the 2011 to 2021 lookup.

    Columns lsoa11_code, lsoa_code, change (U, S, M or X), and lsoa11_name, which may be blank.
    """
    changes = read_table(file, source)
    changes["change"] = changes["change"].str.upper()
    unknown = changes.index[~changes["change"].isin(CHANGE_KINDS)]
    if len(unknown):
        row = int(unknown[0])
        raise InputError(
            f"{file.name} (--lsoa-changes) has the change {changes['change'].iloc[row]!r} in data "
            f"row {row + 1:,}; it is one of U, S, M, X."
        )
    return changes


def describe_areas(boundaries: gpd.GeoDataFrame, files: AreaFiles) -> gpd.GeoDataFrame:
    """Add to each area its ward, district, partnership, force and rural or urban class.

    Parameters
    ----------
    boundaries : result of ``boundaries.read_boundaries``
    files : whose lookups are read

    Returns
    -------
    GeoDataFrame
        Grouped by force, then in order of district, ward and LSOA; index 0 … n-1.

    Raises
    ------
    InputError
        If an LSOA has no ward, a district no force, or a lookup names what the boundaries lack;
        the message says how many and which.
    """
    wards, forces = files.wards, files.forces
    ward_of = one_value_each(read_table(wards, files.source(WARDS)), "lsoa_code", wards)
    check_complete(boundaries["lsoa_code"], ward_of["lsoa_code"], wards, "wards")
    areas = boundaries.merge(ward_of, on="lsoa_code", how="left", validate="one_to_one")
    _require(areas, "ward_code", "lsoa_code", f"no ward or district in {wards.name} (--wards)")
    districts = read_districts(forces, files.source(FORCE_AREAS))
    areas = areas.merge(districts, on="lad_code", how="left", validate="many_to_one")
    _require(areas, "force", "lad_code", f"no police force in {forces.name} (--forces)")
    _require_whole_forces(districts, set(areas["lad_code"]), forces)
    all_partnerships = areas["lad_name"] + " (all partnerships)"
    areas["csp_name"] = areas["csp_name"].mask(areas["csp_name"] == "", all_partnerships)
    areas["rural_urban"] = _rural_urban(areas["lsoa_code"], files)
    keys = ["force", "lad_code", "ward_code", "lsoa_code"]
    return areas.sort_values(keys, ignore_index=True)


def _require(areas: pd.DataFrame, column: str, key: str, fault: str) -> None:
    lacking = areas.loc[areas[column].isna() | (areas[column] == ""), key].unique()
    if len(lacking):
        kind = "LSOAs" if key == "lsoa_code" else "districts"
        raise InputError(
            f"{len(lacking):,} {kind} of the boundary file have {fault}: {examples(lacking)}."
        )


def _require_whole_forces(districts: pd.DataFrame, here: set[str], file: Path) -> None:
    """Refuse areas that are a part of a force: its figures would look complete and not be."""
    of_forces = districts[districts["force"].isin(_forces_of(districts, here))]
    lacking = of_forces[~of_forces["lad_code"].isin(here)]
    if len(lacking):
        whose = examples(lacking["force_name"].unique())
        raise InputError(
            f"The areas lack {len(lacking):,} districts of {whose} "
            f"that {file.name} (--forces) names: {examples(lacking['lad_code'])}. Give boundaries "
            "and wards of whole police force areas, or a lookup without those districts."
        )


def _forces_of(districts: pd.DataFrame, codes: Iterable[str]) -> set[str]:
    return set(districts.loc[districts["lad_code"].isin(list(codes)), "force"])


def read_districts(file: Path, source: Source = FORCE_AREAS) -> pd.DataFrame:
    """Read the partnership and the police force of every local authority district.

    A district with several partnerships is one unit at that level, under its own code: no lookup
    says which of its LSOAs belong to which.

    Returns
    -------
    DataFrame
        Columns lad_code, csp_code, csp_name (blank where there are several), force, force_name;
        one row per district.
    """
    table = read_table(file, source).drop_duplicates()
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


def _rural_urban(codes: pd.Series, files: AreaFiles) -> pd.Series:
    file = files.rural_urban
    if file is None:
        return pd.Series("", index=codes.index)
    classes = one_value_each(read_table(file, files.source(RURAL_URBAN)), "lsoa_code", file)
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
