"""Raw files small enough to check by hand: two forces, six LSOAs, squares of one kilometre.

Cheshire has E01000001 to E01000004 side by side, Kent has E01000005 and E01000006 to the east.
E01000090 was split into E01000002 and E01000003; E01000091 and E01000092 merged into E01000004.
A hundred people live in each, so that a file of one row is not absurd for its force.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path

import geopandas as gpd
import pandas as pd
import shapely

from data_pipeline.build.build import build
from data_pipeline.build.inputs import Inputs
from data_pipeline.dataset import Dataset
from data_pipeline.publish.draft import PublishError

HEADER = (
    "Crime ID,Month,Reported by,Falls within,Longitude,Latitude,Location,LSOA code,LSOA name,"
    "Crime type,Last outcome category,Context"
)
CODES = tuple(f"E0100000{number}" for number in range(1, 7))
WEST, SOUTH, SIDE = 350_000, 350_000, 1_000
SPLIT_PARENT, MERGED_PARENT = "E01000090", "E01000091"

__all__ = ["CODES", "HEADER", "Inputs", "PublishError", "build"]


def point(easting: float, northing: float) -> tuple[str, str]:
    """Return the longitude and latitude of a grid point as the police print them."""
    place = gpd.GeoSeries([shapely.Point(easting, northing)], crs=27700).to_crs(4326)[0]
    return f"{place.x:.6f}", f"{place.y:.6f}"


def middle(code: str) -> tuple[str, str]:
    """Return the longitude and latitude of the middle of an LSOA."""
    return point(WEST + SIDE * (CODES.index(code) + 0.5), SOUTH + SIDE / 2)


def row(
    crime_id: str = "",
    lsoa: str = "E01000001",
    *,
    kind: str = "Drugs",
    month: str = "2024-01",
    at: tuple[str, str] = ("", ""),
    location: str = "On or near Abbey Road",
) -> str:
    """Return one line of a street file."""
    return f"{crime_id},{month},A,A,{at[0]},{at[1]},{location},{lsoa},Name,{kind},,"


def street(rows: Iterable[str], header: str = HEADER) -> bytes:
    """Return a street file."""
    return ("\n".join([header, *rows]) + "\n").encode()


def name(supplier: str, month: str = "2024-01") -> str:
    """Return a street file's name in the archive."""
    return f"{month}/{month}-{supplier}-street.csv"


def write_archive(file: Path, members: Mapping[str, bytes]) -> Path:
    """Write a police archive."""
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for member, content in members.items():
            archive.writestr(member, content)
    return file


def boundaries() -> gpd.GeoDataFrame:
    """Return the six squares."""
    squares = [
        shapely.box(WEST + SIDE * at, SOUTH, WEST + SIDE * (at + 1), SOUTH + SIDE)
        for at in range(len(CODES))
    ]
    names = [f"Place 00{at}A" for at in range(len(CODES))]
    return gpd.GeoDataFrame({"LSOA21CD": CODES, "LSOA21NM": names}, geometry=squares, crs=27700)


def write_inputs(folder: Path, *police: Path) -> Inputs:
    """Write the geography and return the inputs of a build of `police`."""
    folder.mkdir(parents=True, exist_ok=True)
    boundaries().to_parquet(folder / "boundaries.parquet")
    tables = {
        "population_mid2022.csv": {"LSOA21CD": CODES, "population": 100},
        "wards.csv": {
            "LSOA21CD": CODES,
            "WD24CD": ["E05000001"] * 2 + ["E05000002"] * 2 + ["E05000003"] * 2,
            "WD24NM": ["Abbey"] * 2 + ["Bridge"] * 2 + ["Castle"] * 2,
            "LAD24CD": ["E06000001"] * 4 + ["E07000001"] * 2,
            "LAD24NM": ["Northtown"] * 4 + ["Eastport"] * 2,
        },
        "forces.csv": {
            "LAD24CD": ["E06000001", "E06000001", "E07000001"],
            "CSP24CD": ["E22000001", "E22000002", "E22000003"],
            "CSP24NM": ["Near Northtown", "Far Northtown", "Eastport Safer Together"],
            "PFA24CD": ["E23000006", "E23000006", "E23000032"],
        },
        "changes.csv": {
            "LSOA11CD": [
                *("E01000001", "E01000005", "E01000006"),
                *(SPLIT_PARENT, SPLIT_PARENT, MERGED_PARENT, "E01000092"),
            ],
            "LSOA21CD": [
                *("E01000001", "E01000005", "E01000006"),
                *("E01000002", "E01000003", "E01000004", "E01000004"),
            ],
            "CHGIND": ["U", "U", "U", "S", "S", "M", "M"],
        },
    }
    for file, columns in tables.items():
        pd.DataFrame(columns).to_csv(folder / file, index=False)
    return Inputs(
        police=police,
        boundaries=folder / "boundaries.parquet",
        population=(str(folder / "population_mid2022.csv"),),
        wards=folder / "wards.csv",
        forces=folder / "forces.csv",
        lsoa_changes=folder / "changes.csv",
    )


def build_tiny(folder: Path, members: Mapping[str, bytes]) -> Dataset:
    """Build a dataset of the given street files."""
    archive = write_archive(folder / "police.zip", members)
    build(write_inputs(folder / "inputs", archive), folder / "dataset")
    return Dataset.open(folder / "dataset")


def account(dataset: Dataset, file: str) -> dict[str, object]:
    """Return the account of one file, zeros left out."""
    accounts = dataset.accounts
    found = accounts[accounts["file"] == file].iloc[-1].to_dict()
    return {key: value for key, value in found.items() if value not in (0, "")}


def counts(dataset: Dataset, month: str = "2024-01") -> dict[str, int]:
    """Return the rows counted in each LSOA in a month, zeros left out."""
    slugs = [kind.slug for kind in dataset.crime_types]
    figures = dataset.period_counts(month, month, slugs)
    return {
        code: int(figure)
        for code, figure in zip(dataset.areas["lsoa_code"], figures, strict=True)
        if figure
    }
