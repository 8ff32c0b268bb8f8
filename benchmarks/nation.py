"""The geography of the benchmark: the demo's synthetic nation, written as ONS publishes a real one.

Codes begin with X, so that none can be mistaken for a real one; police force areas alone bear
their real codes, because the pipeline accepts no others.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from pyproj import Transformer

from data_pipeline.build.inputs import Inputs
from data_pipeline.dataset.forces import FORCES
from data_pipeline.demo.counts import RESIDENTS, expected_counts, populations
from data_pipeline.demo.geography import make_nation

SNAP_POINTS_PER_AREA = 17
SPLIT_SHARE = 1900 / 35672
MERGED_SHARE = 119 / 35672
"""Shares of the 2021 LSOAs that came of a split and of a merger, in the real lookup."""

COMMA_FORCE = "dorset"
COMMA_NAME = "Bournemouth, Christchurch and Poole"
"""The one real district with a comma in its name; the first one of its force stands for it."""

WELSH_ROAD = "Heol Tŷ Gwyn"
ROADS = ("High Street", "Station Road", "Church Lane", "Victoria Road", "Mill Close", "Park Avenue")


@dataclass(frozen=True)
class Nation:
    """What the street files are drawn from.

    Attributes
    ----------
    areas : DataFrame
        lsoa_code, lsoa_name, force and the rest, one row per area.
    expected : float array [crime types, areas]
        Rows of an average month.
    old_codes : object array [areas, 2]
        2011 codes of each area; two different ones where it came of a merger.
    split : bool array [areas]
        Areas that came of a split: their 2011 code alone does not tell where a row lies.
    points : float array [areas, points, 2]
        Snap points as printed: degrees, six decimals, inside their area.
    """

    areas: pd.DataFrame
    expected: NDArray[np.float64]
    old_codes: NDArray[np.object_]
    split: NDArray[np.bool_]
    points: NDArray[np.float64]


def make_inputs(folder: Path, scale: float, seed: int) -> Nation:
    """Draw the nation and write its files into `folder`."""
    rng = np.random.default_rng(seed)
    drawn = make_nation(rng, scale)
    people = populations(rng, drawn)
    areas = drawn.areas.copy()
    renamed = areas.loc[areas["force"] == COMMA_FORCE, "lad_name"].iloc[0]
    names = areas["lsoa_name"].str.replace(renamed, COMMA_NAME)
    areas["lsoa_name"] = [unaccented(name) for name in names]
    expected = expected_counts(rng, drawn, people[RESIDENTS.column].to_numpy())
    changes, old_codes, split = _changes(rng, areas)
    nation = Nation(
        pd.DataFrame(areas.drop(columns="geometry")),
        expected,
        old_codes,
        split,
        snap_points(rng, areas.geometry.to_numpy()),
    )
    folder.mkdir(parents=True)
    boundaries = areas[["lsoa_code", "lsoa_name", "geometry"]].set_axis(
        ["LSOA21CD", "LSOA21NM", "geometry"], axis=1
    )
    boundaries.set_geometry("geometry", crs=27700).to_crs(4326).to_parquet(
        folder / "lsoa21_boundaries.parquet"
    )
    _write_tables(folder, areas, people[RESIDENTS.column], changes)
    ready_made(nation, people[RESIDENTS.column]).to_parquet(folder / "codes.parquet")
    split_points(nation).to_parquet(folder / "split_points.parquet")
    return nation


def unaccented(name: str) -> str:
    """Return a name in ASCII: ONS prints those of LSOAs without accents."""
    return unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()


def inputs(folder: Path, *police: Path) -> Inputs:
    """Return the inputs of a build with the files that :func:`make_inputs` wrote."""
    return Inputs(
        police=police,
        boundaries=folder / "lsoa21_boundaries.parquet",
        population=(str(folder / "lsoa21_population_mid2022.csv"),),
        wards=folder / "lsoa21_wd24_lad24.csv",
        forces=folder / "lad24_csp24_pfa24.csv",
        lsoa_changes=folder / "lsoa11_lsoa21.csv",
        rural_urban=folder / "lsoa21_ruc21.csv",
    )


def _write_tables(
    folder: Path, areas: gpd.GeoDataFrame, residents: pd.Series, changes: pd.DataFrame
) -> None:
    force_code = areas["force"].map({force.slug: force.code for force in FORCES})
    codes = {"LSOA21CD": areas["lsoa_code"]}
    district = {"LAD24CD": areas["lad_code"], "LAD24NM": areas["lad_name"]}
    tables = {
        "lsoa21_population_mid2022": codes | {"population": residents},
        "lsoa21_wd24_lad24": codes
        | {"WD24CD": areas["ward_code"], "WD24NM": areas["ward_name"]}
        | district,
        "lad24_csp24_pfa24": district
        | {"CSP24CD": areas["csp_code"], "CSP24NM": areas["csp_name"], "PFA24CD": force_code},
        "lsoa21_ruc21": codes | {"RUC21NM": areas["rural_urban"]},
        "lsoa11_lsoa21": dict(changes),
    }
    for name, columns in tables.items():
        pd.DataFrame(columns).drop_duplicates().to_csv(folder / f"{name}.csv", index=False)


def _changes(
    rng: np.random.Generator, areas: pd.DataFrame
) -> tuple[pd.DataFrame, NDArray[np.object_], NDArray[np.bool_]]:
    """Let some neighbours come of one 2011 LSOA, and some areas of two."""
    codes = areas["lsoa_code"].to_numpy(dtype=object)
    old = np.column_stack([codes, codes])
    kind = np.full(len(codes), "U", dtype=object)
    wards = [rows[:2] for rows in areas.groupby("ward_code").indices.values() if len(rows) > 1]
    parents = rng.choice(len(wards), round(len(codes) * SPLIT_SHARE / 2), replace=False)
    for number, parent in enumerate(parents):
        old[wards[parent]] = f"X00{number:06d}"
        kind[wards[parent]] = "S"
    unchanged = np.flatnonzero(kind == "U")
    merged = rng.choice(unchanged, round(len(codes) * MERGED_SHARE), replace=False)
    for number, at in enumerate(merged):
        old[at] = [f"X00{number:05d}{letter}" for letter in "AB"]
        kind[at] = "M"
    changes = pd.DataFrame(
        {"LSOA11CD": old.ravel(), "LSOA21CD": np.repeat(codes, 2), "CHGIND": np.repeat(kind, 2)}
    ).drop_duplicates()
    return changes, old, kind == "S"


def snap_points(rng: np.random.Generator, polygons: NDArray[np.object_]) -> NDArray[np.float64]:
    """Return points inside each polygon, in degrees; float array [areas, points, 2]."""
    inner = shapely.point_on_surface(polygons)
    middle = shapely.get_coordinates(inner)[:, None, :]
    reach = np.sqrt(shapely.area(polygons))[:, None, None]
    offsets = rng.normal(0, 0.25, (len(polygons), SNAP_POINTS_PER_AREA, 2))
    points = _as_printed(middle + reach * offsets)
    to_grid = Transformer.from_crs(4326, 27700, always_xy=True)
    x, y = to_grid.transform(points[..., 0], points[..., 1])
    shapely.prepare(polygons)
    astray = ~shapely.contains_xy(polygons[:, None], x, y)
    return np.where(astray[..., None], _as_printed(middle), points)


def _as_printed(grid: NDArray[np.float64]) -> NDArray[np.float64]:
    to_degrees = Transformer.from_crs(27700, 4326, always_xy=True)
    return np.round(np.stack(to_degrees.transform(grid[..., 0], grid[..., 1]), axis=-1), 6)


def ready_made(nation: Nation, residents: pd.Series) -> pd.DataFrame:
    """Return what every code that needs no point means, for the ways that read no lookups.

    Returns
    -------
    DataFrame
        Columns code, area (position in order of 2021 code), force, residents (of the area, 0 in
        rows of 2011 codes).
    """
    codes = nation.areas["lsoa_code"].to_numpy(dtype=object)
    force = nation.areas["force"].to_numpy(dtype=object)
    place = np.argsort(np.argsort(codes))
    exact = np.flatnonzero(~nation.split & (nation.old_codes[:, 0] != codes))
    return pd.DataFrame(
        {
            "code": np.concatenate([codes, nation.old_codes[exact].ravel()]),
            "area": np.concatenate([place, np.repeat(place[exact], 2)]),
            "force": np.concatenate([force, np.repeat(force[exact], 2)]),
            "residents": np.concatenate([residents, np.zeros(2 * len(exact))]),
        }
    )


def split_points(nation: Nation) -> pd.DataFrame:
    """Return the area of every snap point in a split 2011 LSOA: code, longitude, latitude, area."""
    place = np.argsort(np.argsort(nation.areas["lsoa_code"].to_numpy(dtype=object)))
    at = np.repeat(np.flatnonzero(nation.split), SNAP_POINTS_PER_AREA)
    longitude, latitude = nation.points[nation.split].reshape(-1, 2).T
    return pd.DataFrame(
        {
            "code": nation.old_codes[at, 0],
            "longitude": [f"{value:.6f}" for value in longitude],
            "latitude": [f"{value:.6f}" for value in latitude],
            "area": place[at],
            "force": nation.areas["force"].to_numpy(dtype=object)[at],
        }
    ).drop_duplicates()
