"""What a manifest promises, checked cheaply when a dataset is opened.

A copy that is not complete, a file of another version, or a table with another column would be
served in part and answered wrong later. Content is not read here: that is what ``check`` is for.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
from numpy.typing import NDArray

from .months import months_between
from .schema import (
    ACCOUNT_COLUMNS,
    ADDED_COLUMNS,
    AREA_COLUMNS,
    COVERAGE_COLUMNS,
    MISSING,
    QUARANTINED,
    SNAP_POINT_COLUMNS,
    SUPPLIED,
    UNKNOWN_VALUE_COLUMNS,
    UNREADABLE,
    Denominator,
    Layer,
)

STATUSES = (SUPPLIED, MISSING, QUARANTINED, UNREADABLE)
TABLES: dict[str, tuple[str, ...]] = {
    "areas.parquet": AREA_COLUMNS,
    "coverage.parquet": COVERAGE_COLUMNS,
    "accounts.parquet": ACCOUNT_COLUMNS,
    "snap_points.parquet": SNAP_POINT_COLUMNS,
    "unknown_values.parquet": UNKNOWN_VALUE_COLUMNS,
}
_KINDS: dict[str, type] = {
    **dict.fromkeys(("id", "release"), str),
    "synthetic": bool,
    **dict.fromkeys(("months", "crime_types", "forces", "denominators", "layers"), list),
    **dict.fromkeys(("sources", "warnings"), list),
    **dict.fromkeys(("rows", "files"), dict),
}
_SUFFIXES = {"plain": "", "gzip": ".gz", "br": ".br"}


def check_manifest(manifest: dict[str, Any]) -> None:
    """Check that a manifest has every part, and each is of its kind.

    Raises
    ------
    ValueError
        Names the part.
    """
    for name, kind in _KINDS.items():
        if not isinstance(manifest.get(name), kind):
            raise ValueError(f"manifest.json has no {name}, or something else under that name")
    months = manifest["months"]
    if not months or list(months_between(months[0], months[-1])) != months:
        raise ValueError("the months of manifest.json are not a row of months")
    for name in ("crime_types", "forces", "layers"):
        if not manifest[name]:
            raise ValueError(f"manifest.json has no {name}")


def added_later(version: int) -> set[str]:
    """Return the columns that datasets of a schema version do not have yet."""
    return {name for name, since in ADDED_COLUMNS.items() if version < since}


def check_files(directory: Path, manifest: dict[str, Any], layers: Iterable[Layer]) -> None:
    """Check that every file is there, map layers in their full size, tables with their columns.

    Raises
    ------
    ValueError
        Names the first that is not.
    """
    for name in manifest["files"]:
        if not (directory / name).is_file():
            raise ValueError(f"{name} is missing")
    for name in (*TABLES, "counts.npy"):
        if name not in manifest["files"]:
            raise ValueError(f"manifest.json does not list {name}")
    for layer in layers:
        for encoding, size in layer.sizes.items():
            file = directory / "geometry" / (layer.file + _SUFFIXES[encoding])
            if file.stat().st_size != size:
                raise ValueError(f"geometry/{file.name} is not {size:,} bytes long")
    for name, columns in TABLES.items():
        found = set(pq.read_schema(directory / name).names)
        found |= added_later(manifest["schema_version"])
        lacking = [column for column in columns if column not in found]
        if lacking:
            raise ValueError(f"{name} lacks the column {lacking[0]}")


def check_areas(areas: pd.DataFrame, denominators: Iterable[Denominator], forces: set[str]) -> None:
    """Check that the areas have figures where figures are wanted, and known forces.

    Raises
    ------
    ValueError
        Names the column.
    """
    numbers = [denominator.column for denominator in denominators]
    numbers += ["land_area_km2", "longitude", "latitude", "west", "south", "east", "north"]
    for name in numbers:
        if name not in areas or not pd.api.types.is_numeric_dtype(areas[name].dtype):
            raise ValueError(f"areas.parquet has no numbers as {name}")
    if not pd.api.types.is_bool_dtype(areas["reassigned"].dtype):
        raise ValueError("areas.parquet does not say yes or no as reassigned")
    if areas["lsoa_code"].duplicated().any() or areas["lsoa_code"].isna().any():
        raise ValueError("areas.parquet has an area without a code, or twice")
    strange = set(areas["force"].unique()) - forces
    if strange:
        raise ValueError(f"areas.parquet has the force {min(map(str, strange))}, manifest.json not")


def check_coverage(coverage: pd.DataFrame, months: Iterable[str], forces: Iterable[str]) -> None:
    """Check that coverage has one row for each month and force, in order, with a known status.

    Raises
    ------
    ValueError
        Says what is wrong.
    """
    names = tuple(forces)
    axis = [(month, force) for month in months for force in names]
    if list(zip(coverage["month"], coverage["force"], strict=True)) != axis:
        raise ValueError("coverage.parquet does not hold every month and force once, in order")
    strange = set(coverage["status"].unique()) - set(STATUSES)
    if strange:
        raise ValueError(f"coverage.parquet has the status {min(map(str, strange))!r}")


def check_counts(totals: NDArray[Any], shape: tuple[int, int, int]) -> None:
    """Check that the running totals have the axes' lengths, and are whole numbers.

    Raises
    ------
    ValueError
        Says what they are instead.
    """
    if totals.shape != shape:
        raise ValueError(f"counts.npy has shape {totals.shape}, expected {shape}")
    if totals.dtype != np.dtype("<u4"):
        raise ValueError(f"counts.npy holds {totals.dtype}, expected uint32")
