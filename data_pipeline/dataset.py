"""The published dataset: its file names and columns, and the only code that reads them.

A dataset is a directory written once by :mod:`data_pipeline.publish` and never changed::

    manifest.json     schema version, release, sources with SHA-256, warnings, layers, files
    areas.parquet     one row per LSOA, in force order
    counts.npy        running totals, uint32 [month + 1, crime type, area]
    coverage.parquet  one row per month and force: what was supplied
    accounts.parquet  one row per police file read: where every row of it went
    snap_points.parquet     one row per LSOA: how much of its count sits on one map point
    unknown_values.parquet  LSOA codes and crime types that are not known, by file
    facts/            counts above zero, partitioned by month, for any engine that reads Parquet
    geometry/         hashed GeoJSON layers, plain and precompressed
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import pandas as pd
import shapely
from numpy.typing import NDArray
from shapely.geometry import shape

from .crime_types import ANTI_SOCIAL_BEHAVIOUR, CrimeType, Era, type_slug
from .forces import EXCLUDED_SUPPLIERS, Force
from .months import add_months, is_month, month_label, month_number, months_between, period_label

__all__ = [
    "ANTI_SOCIAL_BEHAVIOUR",
    "EXCLUDED_SUPPLIERS",
    "KM2_PER_SQUARE_MILE",
    "MISSING",
    "QUARANTINED",
    "SUPPLIED",
    "UNREADABLE",
    "CrimeType",
    "DamagedDatasetError",
    "Dataset",
    "DatasetError",
    "Denominator",
    "Force",
    "Layer",
    "add_months",
    "is_month",
    "month_label",
    "month_number",
    "months_between",
    "period_label",
    "type_slug",
]

SCHEMA_VERSION = 2

KM2_PER_SQUARE_MILE = 2.589988110336

SUPPLIED = "supplied"
MISSING = "missing"
QUARANTINED = "quarantined"
UNREADABLE = "unreadable"
"""Status of a force-month; only a supplied one carries figures."""

AREA_COLUMNS: tuple[str, ...] = (
    "lsoa_code",
    "lsoa_name",
    "ward_code",
    "ward_name",
    "lad_code",
    "lad_name",
    "csp_code",
    "csp_name",
    "force",
    "rural_urban",
    "reassigned",
    "land_area_km2",
    "longitude",
    "latitude",
    "west",
    "south",
    "east",
    "north",
)
"""Columns of areas.parquet; one `denominator_<slug>` column per denominator follows them.
`force` is a slug, `reassigned` marks areas whose history crosses a boundary change, the point lies
inside the area and the four edges are its bounding box, in degrees."""

ROW_REASONS: tuple[str, ...] = (
    "excluded_supplier",
    "malformed",
    "wrong_month",
    "duplicate",
    "no_lsoa",
    "unknown_lsoa",
    "quarantined",
)
"""Why a row of a police file is not counted, in the order in which the checks are made."""

ACCOUNT_COLUMNS: tuple[str, ...] = (
    "source",
    "file",
    "month",
    "supplier",
    "bytes",
    "rows_read",
    "kept",
    *ROW_REASONS,
    "out_of_area",
    "remapped_2011",
    "unplaced_2011",
    "ids_elsewhere",
    "status",
    "note",
)
"""Columns of accounts.parquet. rows_read = kept + the sum of ROW_REASONS. `out_of_area` (located in
another force's area), `remapped_2011` (printed with a 2011 code), `unplaced_2011` (of these, rows
of a split area without a usable point) and `ids_elsewhere` (Crime IDs also found in another file)
describe rows and take none away."""

COVERAGE_COLUMNS: tuple[str, ...] = (
    "month",
    "force",
    "status",
    "rows_read",
    "kept",
    *ROW_REASONS,
    "out_of_area",
    "remapped_2011",
    "unplaced_2011",
    "ids_elsewhere",
    "sudden_drop",
)
"""Columns of coverage.parquet: one row for every month and force, in that order. Row figures are
zero where no file was supplied; `sudden_drop` marks a month below half the trailing median."""

SNAP_POINT_COLUMNS: tuple[str, ...] = (
    "lsoa_code",
    "count",
    "points",
    "largest_count",
    "largest_share",
    "longitude",
    "latitude",
    "location",
)
"""Columns of snap_points.parquet: one row per area, in the order of the areas, over every month
and all crime types together. `count` is the area's rows, `points` how many distinct map points
they have, `largest_count` the rows on the largest of them, `largest_share` its share of `count`
(missing where that is zero); then its place in degrees and its name as the police print it, such
as "On or near Shopping Area"."""

UNKNOWN_VALUE_COLUMNS: tuple[str, ...] = ("file", "month", "supplier", "column", "value", "rows")
"""Columns of unknown_values.parquet: values that this version does not know and how many rows of a
file carry them. `column` is "LSOA code" (not counted) or "Crime type" (kept under its name)."""


class DatasetError(Exception):
    """A dataset cannot be opened; the message says why and what to do."""


class DamagedDatasetError(DatasetError):
    """There is a dataset, but it is not as it was written."""


@dataclass(frozen=True)
class Denominator:
    """What counts are divided by.

    Attributes
    ----------
    slug : str
        Name in links and exports, e.g. ``mid-2022``.
    label : str
        Name shown to readers, e.g. "residents, mid-2022".
    year : int
        Year that the figures describe.
    """

    slug: str
    label: str
    year: int

    @property
    def column(self) -> str:
        """Column of areas.parquet that holds it."""
        return "denominator_" + self.slug.replace("-", "_")


@dataclass(frozen=True)
class Layer:
    """One GeoJSON layer: a level's areas for one force, or for the nation (`force` is None).

    Attributes
    ----------
    file : str
        File name below ``geometry/``; it contains a hash of the content.
    features : int
        Number of areas in it.
    sizes : dict of str to int
        Bytes of the plain, gzip and brotli versions.
    """

    level: str
    force: str | None
    file: str
    features: int
    sizes: dict[str, int]


class Dataset:
    """A published dataset, open for reading; immutable and safe to share between threads.

    Attributes
    ----------
    id : str
        Hash of the content: equal inputs give equal ids.
    release : str
        Latest month supplied by the police files, ``YYYY-MM``.
    synthetic : bool
        True for generated demonstration data.
    months, crime_types, forces, denominators : tuples
        The axes. Types are in alphabetical order, forces in the order of the areas.
    areas : DataFrame
        One row per LSOA, columns AREA_COLUMNS plus one per denominator; index 0 … n-1.
    supplied : bool array [months, forces]
        True where the force supplied usable data for the month.
    area_force : intp array [areas]
        Position of each area's force in `forces`.
    """

    def __init__(self, path: Path, manifest: dict[str, Any]) -> None:
        self.path = path
        self.manifest = manifest
        self.id: str = manifest["id"]
        self.release: str = manifest["release"]
        self.synthetic: bool = manifest["synthetic"]
        self.months: tuple[str, ...] = tuple(manifest["months"])
        self.crime_types = tuple(
            CrimeType(
                entry["slug"], entry["name"], tuple((start, end) for start, end in entry["eras"])
            )
            for entry in manifest["crime_types"]
        )
        self.forces = tuple(Force(**entry) for entry in manifest["forces"])
        self.denominators = tuple(Denominator(**entry) for entry in manifest["denominators"])
        self.layers = {
            (entry["level"], entry["force"]): Layer(**entry) for entry in manifest["layers"]
        }
        self.warnings: tuple[str, ...] = tuple(manifest["warnings"])
        self.areas = pd.read_parquet(path / "areas.parquet")
        self.coverage = pd.read_parquet(path / "coverage.parquet")
        self.totals = np.load(path / "counts.npy", mmap_mode="r")
        shape = (len(self.months) + 1, len(self.crime_types), len(self.areas))
        if self.totals.shape != shape:
            raise ValueError(f"counts.npy has shape {self.totals.shape}, expected {shape}")
        force_index = {force.slug: index for index, force in enumerate(self.forces)}
        self.area_force: NDArray[np.intp] = np.array(
            [force_index[slug] for slug in self.areas["force"].tolist()], dtype=np.intp
        )
        self.supplied: NDArray[np.bool_] = (
            (self.coverage["status"] == SUPPLIED)
            .to_numpy()
            .reshape(len(self.months), len(self.forces))
        )

    @classmethod
    def open(cls, path: str | Path) -> Dataset:
        """Open the dataset at `path`.

        A link is followed once, so that an open dataset stays the same when a newer one is
        swapped in.

        Raises
        ------
        DatasetError
            If there is none, or it cannot be read; the message names the remedy.
        """
        given = Path(path)
        remedy = f"Make one with: python -m data_pipeline demo --out {given}"
        try:
            directory = given.resolve(strict=True)
            manifest = orjson.loads((directory / "manifest.json").read_bytes())
        except FileNotFoundError:
            raise DatasetError(f"There is no dataset at {given}. {remedy}") from None
        except (OSError, ValueError) as error:
            raise DamagedDatasetError(
                f"The dataset at {given} cannot be opened: its manifest.json is not readable "
                f"({error}). {remedy}"
            ) from None
        version = manifest.get("schema_version") if isinstance(manifest, dict) else None
        if version != SCHEMA_VERSION:
            raise DatasetError(
                f"The dataset at {given} has schema version {version}; this program reads "
                f"version {SCHEMA_VERSION}. {remedy}"
            )
        try:
            return cls(directory, manifest)
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise DamagedDatasetError(
                f"The dataset at {given} is damaged ({error}). {remedy}"
            ) from None

    @property
    def accounts(self) -> pd.DataFrame:
        """One row per police file read, columns ACCOUNT_COLUMNS."""
        return pd.read_parquet(self.path / "accounts.parquet")

    @property
    def snap_points(self) -> pd.DataFrame:
        """One row per area, in the order of `areas`, columns SNAP_POINT_COLUMNS."""
        return pd.read_parquet(self.path / "snap_points.parquet")

    @property
    def unknown_values(self) -> pd.DataFrame:
        """One row per file and unknown value, columns UNKNOWN_VALUE_COLUMNS."""
        return pd.read_parquet(self.path / "unknown_values.parquet")

    @property
    def geometry(self) -> Path:
        """Directory of the GeoJSON layers."""
        return self.path / "geometry"

    def month_index(self, month: str) -> int:
        """Return the position of `month` on the time axis (ValueError if outside it)."""
        return self.months.index(month)

    def type_indices(self, slugs: Iterable[str]) -> NDArray[np.intp]:
        """Return positions on the crime type axis (KeyError names an unknown slug)."""
        position = {crime_type.slug: index for index, crime_type in enumerate(self.crime_types)}
        return np.array([position[slug] for slug in slugs], dtype=np.intp)

    def period_counts(self, first: str, last: str, slugs: Sequence[str]) -> NDArray[np.int64]:
        """Return the rows counted in each area from `first` to `last`, summed over crime types.

        Missing force-months are zeros here: use `months_supplied` to withhold figures.

        Returns
        -------
        int64 array [areas]
        """
        start, end = self.month_index(first), self.month_index(last) + 1
        counts: NDArray[np.int64] = np.zeros(len(self.areas), dtype=np.int64)
        for index in self.type_indices(slugs):
            counts += np.subtract(
                self.totals[end, index], self.totals[start, index], dtype=np.int64
            )
        return counts

    def months_supplied(self, first: str, last: str) -> NDArray[np.int64]:
        """Return how many months of the period each force supplied; int64 array [forces]."""
        start, end = self.month_index(first), self.month_index(last) + 1
        return self.supplied[start:end].sum(axis=0, dtype=np.int64)

    def monthly_counts(
        self, areas: NDArray[np.intp] | slice, slugs: Sequence[str]
    ) -> NDArray[np.int64]:
        """Return monthly counts summed over some areas, for each crime type.

        Missing force-months are zeros here: use `supplied` to withhold figures.

        Parameters
        ----------
        areas : positions in `areas`, or a slice of them
        slugs : crime types

        Returns
        -------
        int64 array [months, len(slugs)]
        """
        running = np.stack(
            [
                self.totals[:, index, areas].sum(axis=1, dtype=np.int64)
                for index in self.type_indices(slugs)
            ],
            axis=1,
        )
        return np.diff(running, axis=0)

    def layer(self, level: str, force: str | None) -> Layer:
        """Return the map layer of a level, for one force or for the nation (None)."""
        return self.layers[level, force]

    def feature(self, level: str, force: str | None, code: str) -> dict[str, Any] | None:
        """Return the GeoJSON feature of one area of a layer, or None if it is not in it."""
        return next((found for found in self.features(level, force) if found["id"] == code), None)

    def features(self, level: str, force: str | None) -> list[dict[str, Any]]:
        """Return the GeoJSON features of a layer."""
        file = self.geometry / self.layer(level, force).file
        features: list[dict[str, Any]] = orjson.loads(file.read_bytes())["features"]
        return features

    def lsoa_at(self, longitude: float, latitude: float) -> str | None:
        """Return the code of the LSOA that holds a point, or None outside all of them.

        Map layers decide, so within some 30 metres of a border the neighbour can be returned.
        """
        areas = self.areas
        near = areas[
            areas["west"].le(longitude)
            & areas["east"].ge(longitude)
            & areas["south"].le(latitude)
            & areas["north"].ge(latitude)
        ]
        point, codes = shapely.Point(longitude, latitude), set(near["lsoa_code"])
        for force in near["force"].unique():
            for feature in self.features("lsoa", force):
                if feature["id"] in codes and shape(feature["geometry"]).covers(point):
                    return str(feature["id"])
        return None


def era_entries(eras: tuple[Era, ...]) -> list[list[str | None]]:
    """Return eras in the form that the manifest stores."""
    return [[start, end] for start, end in eras]
