"""What the synthetic police files held: gaps, and where every row of every file went."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from ..build.coverage import absurd_files
from ..dataset.forces import EXCLUDED_SUPPLIERS, FORCES
from ..dataset.months import months_between
from ..dataset.schema import (
    ACCOUNT_COLUMNS,
    EXCLUDED,
    QUARANTINED,
    ROW_REASONS,
    SUPPLIED,
    UNKNOWN_VALUE_COLUMNS,
)
from .geography import AREAS_AT_FULL_SCALE, Nation

FIRST_MONTH, LAST_MONTH = "2022-10", "2025-09"
MONTHS = months_between(FIRST_MONTH, LAST_MONTH)

GAPS: dict[str, tuple[str, ...]] = {
    "greater-manchester": months_between("2023-07", LAST_MONTH),
    "devon-and-cornwall": ("2022-11", "2022-12"),
    "gwent": ("2025-09",),
    "city-of-london": ("2023-03", "2024-08"),
}
"""Months that a force never supplied; Greater Manchester stopped for good."""

ABSURD_FILE = ("lincolnshire", "2023-11")
ABSURD_ROWS = 14
"""In a nation of full scale; fewer where they would be no surprise."""
SUDDEN_DROP = ("suffolk", "2024-05")
SHARE_IN_DROP = 0.4
UNLOCATED_FILE = ("dyfed-powys", "2024-01")
SHARE_UNLOCATED = 0.3
USUAL_SHARE_UNLOCATED = (0.010, 0.020)
SHARE_OUT_OF_AREA = 0.003
CITY_SHARE_OUT_OF_AREA = 0.05
SHARE_DUPLICATE = {"derbyshire": 0.02, "humberside": 0.015, "north-yorkshire": 0.02}
SHARE_UNKNOWN = 0.00004
UNKNOWN_CODE = "X01999999"
SHARE_ELSEWHERE = 0.0002
SHARE_REMAPPED = 0.055
LAST_MONTH_WITH_2011_CODES = "2023-05"
BTP_MONTHS = months_between(FIRST_MONTH, "2024-12")
BTP_ROWS = 4_300.0
BYTES_PER_ROW = 228

SLUGS = tuple(force.slug for force in FORCES)


def recorded_share() -> NDArray[np.float64]:
    """Return the share of crimes that reach the figures; float array [months, forces].

    It is 0 where no usable file was supplied, and low in the sudden drop and in the file whose rows
    lack an LSOA.
    """
    share = np.ones((len(MONTHS), len(SLUGS)))
    for slug, months in GAPS.items():
        for month in months:
            share[_position(slug, month)] = 0
    share[_position(*ABSURD_FILE)] = 0
    share[_position(*SUDDEN_DROP)] = SHARE_IN_DROP
    share[_position(*UNLOCATED_FILE)] = 1 - SHARE_UNLOCATED
    return share


def _position(slug: str, month: str) -> tuple[int, int]:
    return MONTHS.index(month), SLUGS.index(slug)


def account_rows(
    rng: np.random.Generator, nation: Nation, monthly: NDArray[np.uint32]
) -> pd.DataFrame:
    """Return the row account of every file.

    Parameters
    ----------
    nation : Nation
    monthly : uint32 array [months, crime types, areas]

    Returns
    -------
    DataFrame
        Columns ``dataset.ACCOUNT_COLUMNS``, in order of file name; kept adds up to `monthly`.
    """
    counted = _by_force(nation.areas["force"], monthly)
    neighbour = _neighbours(nation.areas)
    outside = _outside(rng, counted, neighbour)
    received = np.zeros_like(outside)
    np.add.at(received.T, neighbour, outside.T)
    kept = counted + outside - received
    files = _territorial_files(rng, kept, outside)
    scale = len(nation.areas) / AREAS_AT_FULL_SCALE
    full = pd.concat([files, _excluded_files(rng, scale)], ignore_index=True)
    full["bytes"] = full["rows_read"] * BYTES_PER_ROW
    full["file"] = full["month"] + "/" + full["month"] + "-" + full["supplier"] + "-street.csv"
    full["source"] = "synthetic"
    return full.sort_values("file", ignore_index=True)[list(ACCOUNT_COLUMNS)]


def _by_force(force: pd.Series, monthly: NDArray[np.uint32]) -> NDArray[np.int64]:
    """Sum counts over types and over the areas of each force; int64 array [months, forces]."""
    ends = np.searchsorted(force.map(SLUGS.index).to_numpy(), np.arange(len(SLUGS)))
    by_area = monthly.sum(axis=1, dtype=np.int64)
    return np.add.reduceat(by_area, ends, axis=1)


def _neighbours(areas: pd.DataFrame) -> NDArray[np.intp]:
    """Return the force whose middle is nearest to that of each force; intp array [forces]."""
    inner = areas.geometry.representative_point()
    points = pd.DataFrame({"force": areas["force"], "x": inner.x, "y": inner.y})
    middles = points.groupby("force", sort=False)[["x", "y"]].mean().to_numpy()
    _, nearest = cKDTree(middles).query(middles, k=2)
    neighbours: NDArray[np.intp] = nearest[:, 1]
    return neighbours


def _outside(
    rng: np.random.Generator, counted: NDArray[np.int64], neighbour: NDArray[np.intp]
) -> NDArray[np.int64]:
    """Draw how many rows each file has in the neighbour's area, none where that has no figures."""
    share = np.full(len(SLUGS), SHARE_OUT_OF_AREA)
    share[SLUGS.index("city-of-london")] = CITY_SHARE_OUT_OF_AREA
    rows = np.minimum(counted, counted[:, neighbour])
    return rng.binomial(rows, share)


def _territorial_files(
    rng: np.random.Generator, kept: NDArray[np.int64], outside: NDArray[np.int64]
) -> pd.DataFrame:
    """Return a row for every file that a police force supplied, the absurd one quarantined."""
    absurd = _position(*ABSURD_FILE)
    supplied = recorded_share() > 0
    supplied[absurd] = True
    kept = kept.copy()
    kept[absurd] = min(ABSURD_ROWS, np.median(kept[:, absurd[1]]) // 20)
    month, force = np.nonzero(supplied)
    files = pd.DataFrame(0, index=range(len(month)), columns=list(ACCOUNT_COLUMNS))
    files["month"] = np.array(MONTHS)[month]
    files["supplier"] = np.array(SLUGS)[force]
    files["kept"] = kept[supplied]
    files["out_of_area"] = outside[supplied]
    files["status"], files["note"] = SUPPLIED, ""
    files = _with_lost_rows(rng, files)
    files["rows_read"] = files[["kept", *ROW_REASONS]].sum(axis=1)
    return _quarantined(files)


def _with_lost_rows(rng: np.random.Generator, files: pd.DataFrame) -> pd.DataFrame:
    """Draw the rows of each file that are not counted, or that something else is said of."""
    kept = files["kept"].to_numpy()
    complete = np.where(_is(files, ABSURD_FILE), 0, kept)
    unlocated = rng.uniform(*USUAL_SHARE_UNLOCATED, len(files))
    unlocated[_is(files, UNLOCATED_FILE)] = SHARE_UNLOCATED
    duplicate = files["supplier"].map(SHARE_DUPLICATE).fillna(0).to_numpy()
    old_codes = (files["month"] <= LAST_MONTH_WITH_2011_CODES).to_numpy()
    return files.assign(
        no_lsoa=rng.poisson(complete * unlocated / (1 - unlocated)),
        duplicate=rng.poisson(complete * duplicate),
        unknown_lsoa=rng.poisson(complete * SHARE_UNKNOWN),
        ids_elsewhere=rng.poisson(complete * SHARE_ELSEWHERE),
        remapped_2011=rng.binomial(complete, SHARE_REMAPPED * old_codes),
    )


def _is(files: pd.DataFrame, file: tuple[str, str]) -> pd.Series:
    return (files["supplier"] == file[0]) & (files["month"] == file[1])


def _quarantined(files: pd.DataFrame) -> pd.DataFrame:
    """Mark the absurd file, with the reason that the pipeline itself finds."""
    absurd = _is(files, ABSURD_FILE)
    reasons = files.index.map(absurd_files(files, {}))
    return files.assign(
        quarantined=files["kept"].where(absurd, 0),
        kept=files["kept"].mask(absurd, 0),
        status=files["status"].mask(absurd, QUARANTINED),
        note=files["note"].mask(absurd, reasons),
    )


def _excluded_files(rng: np.random.Generator, scale: float) -> pd.DataFrame:
    """Return the files of the British Transport Police, all of them left out."""
    files = pd.DataFrame(0, index=range(len(BTP_MONTHS)), columns=list(ACCOUNT_COLUMNS))
    rows = rng.poisson(BTP_ROWS * scale, len(BTP_MONTHS))
    return files.assign(
        month=list(BTP_MONTHS),
        supplier="btp",
        rows_read=rows,
        excluded_supplier=rows,
        status=EXCLUDED,
        note=f"{EXCLUDED_SUPPLIERS['btp']} is left out",
    )


def unknown_codes(accounts: pd.DataFrame) -> pd.DataFrame:
    """Return the code that stands for the unknown LSOAs of every file that has any.

    Returns
    -------
    DataFrame
        Columns ``dataset.UNKNOWN_VALUE_COLUMNS``.
    """
    files = accounts[accounts["unknown_lsoa"] > 0].rename(columns={"unknown_lsoa": "rows"})
    files = files.assign(column="LSOA code", value=UNKNOWN_CODE)
    return files[list(UNKNOWN_VALUE_COLUMNS)].reset_index(drop=True)
