"""A dataset small enough to check by hand: three forces, twelve LSOAs of one square mile each.

Cheshire supplied every month, Greater Manchester none, Kent all but May and June 2024 (of June
there was a file, quarantined). Every month each LSOA has the counts of MONTHLY; E01000005 had one
drug offence a month less before 2024. The other columns of the table are its population and ward.
"""

from __future__ import annotations

from itertools import product
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from data_pipeline.dataset import Dataset
from data_pipeline.dataset.crime_types import crime_type
from data_pipeline.dataset.forces import FORCES
from data_pipeline.dataset.months import months_between
from data_pipeline.dataset.schema import (
    ACCOUNT_COLUMNS,
    COVERAGE_COLUMNS,
    UNKNOWN_VALUE_COLUMNS,
    Denominator,
)
from data_pipeline.police.snap_points import snap_point_table
from data_pipeline.publish.draft import Draft
from data_pipeline.publish.writer import publish

MILE = 1609.344
FIRST, LAST = "2022-09", "2024-12"
TYPES = ("Anti-social behaviour", "Burglary", "Drugs", "Robbery")
UNPLACED_EACH_MONTH = 2

# code, force, district, ward, population, monthly: anti-social behaviour, burglary, drugs, robbery
LSOAS = (
    ("E01000001", "cheshire", "Northtown", "Abbey", 1000, (4, 1, 1, 0)),
    ("E01000002", "cheshire", "Northtown", "Abbey", 1000, (4, 1, 2, 0)),
    ("E01000003", "cheshire", "Northtown", "Bridge", 2000, (4, 1, 2, 0)),
    ("E01000004", "cheshire", "Southtown", "Castle", 1000, (4, 1, 0, 0)),
    ("E01000005", "cheshire", "Southtown", "Castle", 1000, (4, 1, 5, 0)),
    ("E01000006", "cheshire", "Southtown", "City Centre", 500, (4, 1, 10, 1)),
    ("E01000007", "greater-manchester", "Milltown", "Dale", 1000, (0, 0, 0, 0)),
    ("E01000008", "greater-manchester", "Milltown", "Dale", 1000, (0, 0, 0, 0)),
    ("E01000009", "greater-manchester", "Milltown", "Edge", 1000, (0, 0, 0, 0)),
    ("E01000010", "kent", "Eastport", "Ferry", 1000, (4, 1, 3, 0)),
    ("E01000011", "kent", "Eastport", "Ferry", np.nan, (4, 1, 3, 0)),
    ("E01000012", "kent", "Eastport", "Garden", 1000, (4, 1, 3, 0)),
)
NOT_SUPPLIED = {("kent", "2024-05"): "missing", ("kent", "2024-06"): "quarantined"}
DENOMINATORS = (
    Denominator("mid-2022", "residents, mid-2022", 2022),
    Denominator("census-2021", "residents, Census 2021", 2021),
)


FORMER = {"E01000002": "E01000090 Old Mill Green 002X; E01000091 Old Mill Green 002Y"}
"""What areas were in 2011, where they were others."""


def small_draft(
    first: str = FIRST, last: str = LAST, types: tuple[str, ...] = TYPES, synthetic: bool = False
) -> Draft:
    """Return the draft; `types` rename the four crime types of the table."""
    months = months_between(first, last)
    areas = _areas()
    forces = tuple(force for force in FORCES if force.slug in set(areas["force"]))
    monthly = np.zeros((len(months), len(types), len(areas)), dtype=np.uint32)
    for index, month in enumerate(months):
        supplied = [_status(slug, month) == "supplied" for slug in areas["force"]]
        monthly[index] = np.array([row[5] for row in LSOAS]).T * supplied
        if month < "2024-01":
            monthly[index, 2, 4] -= 1
    accounts = _accounts(months, [force.slug for force in forces], monthly, areas)
    return Draft(
        release=last,
        months=months,
        crime_types=tuple(crime_type(name) for name in types),
        forces=forces,
        denominators=DENOMINATORS,
        areas=areas,
        monthly=monthly,
        coverage=accounts.assign(force=accounts["supplier"], sudden_drop=False)[
            list(COVERAGE_COLUMNS)
        ],
        accounts=accounts[list(ACCOUNT_COLUMNS)],
        snap_points=_snap_points(areas["lsoa_code"], monthly),
        unknown_values=pd.DataFrame(columns=list(UNKNOWN_VALUE_COLUMNS)),
        synthetic=synthetic,
    )


def _snap_points(codes: pd.Series, monthly: np.ndarray) -> pd.DataFrame:
    """Return half of every count on one point."""
    count = monthly.sum(axis=(0, 1), dtype=np.int64)
    largest = pd.DataFrame({"points": np.minimum(count, 2), "largest_count": (count + 1) // 2})
    largest[["longitude", "latitude"]] = np.nan
    return snap_point_table(codes, count, largest.assign(location="On or near Abbey Road"))


def build_small(out: Path, **changes: object) -> Dataset:
    """Publish the draft at `out` and open it."""
    publish(small_draft(**changes), out)
    return Dataset.open(out)


def publish_changed(draft: Draft, out: Path) -> Dataset:
    """Publish a draft whose counts a test has changed: the first file accounts for the rows."""
    more = int(draft.monthly.sum(dtype=np.int64)) - int(draft.accounts["kept"].sum())
    for table in (draft.accounts, draft.coverage):
        table.loc[table.index[0], ["rows_read", "kept"]] += more
    publish(draft, out)
    return Dataset.open(out)


def _status(force: str, month: str) -> str:
    return (
        "missing" if force == "greater-manchester" else NOT_SUPPLIED.get((force, month), "supplied")
    )


def _areas() -> gpd.GeoDataFrame:
    table = pd.DataFrame(
        [row[:5] for row in LSOAS],
        columns=["lsoa_code", "force", "lad_name", "ward_name", "denominator_mid_2022"],
    )
    table["lsoa_name"] = table["lad_name"] + " 00" + table["lsoa_code"].str[-1] + "A"
    for level, digits in (("lad", "E06"), ("ward", "E05")):
        numbers = pd.factorize(table[f"{level}_name"])[0] + 1
        table[f"{level}_code"] = [f"{digits}{number:06d}" for number in numbers]
    table["csp_code"] = table["lad_code"].str.replace("E06", "E22")
    table["csp_name"] = table["lad_name"]
    names = {force.slug: force.name for force in FORCES}
    table["force_name"] = table["force"].map(names)
    table["rural_urban"] = "Urban"
    table["reassigned"] = table["lsoa_code"] == "E01000002"
    table["former_lsoas"] = table["lsoa_code"].map(FORMER).fillna("")
    table["denominator_census_2021"] = 1250.0
    squares = [
        shapely.box(x, 400_000, x + MILE, 400_000 + MILE)
        for x in 350_000 + MILE * np.arange(len(table))
    ]
    return gpd.GeoDataFrame(table, geometry=squares, crs="EPSG:27700")


def _accounts(
    months: tuple[str, ...], forces: list[str], monthly: np.ndarray, areas: gpd.GeoDataFrame
) -> pd.DataFrame:
    rows = []
    for (index, month), force in product(enumerate(months), forces):
        status = _status(force, month)
        kept = int(monthly[index][:, (areas["force"] == force).to_numpy()].sum())
        unplaced = UNPLACED_EACH_MONTH if status == "supplied" else 0
        quarantined = 7 if status == "quarantined" else 0
        rows.append(
            {
                "source": "police",
                "file": f"{month}-{force}-street.csv",
                "month": month,
                "supplier": force,
                "rows_read": kept + unplaced + quarantined,
                "kept": kept,
                "no_lsoa": unplaced,
                "quarantined": quarantined,
                "status": status,
                "note": "",
            }
        )
    return pd.DataFrame(rows).reindex(
        columns=list(dict.fromkeys(ACCOUNT_COLUMNS + COVERAGE_COLUMNS)), fill_value=0
    )
