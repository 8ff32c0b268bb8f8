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
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import pandas as pd
import shapely
from numpy.typing import NDArray
from shapely.geometry import shape

from .crime_types import CrimeType, Era
from .forces import Force
from .promises import (
    added_later,
    check_areas,
    check_counts,
    check_coverage,
    check_files,
    check_manifest,
)
from .schema import QUARANTINED, READABLE_VERSIONS, SUPPLIED, UNREADABLE, Denominator, Layer


class DatasetError(Exception):
    """A dataset cannot be opened; the message says why and what to do.

    Attributes
    ----------
    problem : str
        Why, as a sentence.
    remedy : str
        The command that makes one.
    public : str
        Why, for readers of a site: without the server's paths.
    """

    public = "There is no dataset to show yet."

    def __init__(self, problem: str, remedy: str) -> None:
        super().__init__(f"{problem} Make one with: {remedy}")
        self.problem = problem
        self.remedy = remedy


class DamagedDatasetError(DatasetError):
    """There is a dataset, but it is not as it was written."""

    public = "The dataset is damaged, or is still being copied."


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

    def __init__(self, path: Path, manifest: dict[str, Any], *, whole: bool = True) -> None:
        check_manifest(manifest)
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
        if whole:
            check_files(path, manifest, self.layers.values())
        self.areas = pd.read_parquet(path / "areas.parquet")
        for name in added_later(manifest["schema_version"]):
            self.areas[name] = ""
        self.coverage = pd.read_parquet(path / "coverage.parquet")
        self.totals = np.load(path / "counts.npy", mmap_mode="r")
        force_index = {force.slug: index for index, force in enumerate(self.forces)}
        check_areas(self.areas, self.denominators, set(force_index))
        if whole:
            check_coverage(self.coverage, self.months, force_index)
        check_counts(self.totals, (len(self.months) + 1, len(self.crime_types), len(self.areas)))
        self.area_force: NDArray[np.intp] = np.array(
            [force_index[slug] for slug in self.areas["force"].tolist()], dtype=np.intp
        )
        listed: NDArray[np.object_] = self.coverage["status"].to_numpy(dtype=object)
        status = listed.reshape(len(self.months), len(self.forces))
        self.supplied: NDArray[np.bool_] = status == SUPPLIED
        self._set_aside: NDArray[np.bool_] = np.isin(status, [QUARANTINED, UNREADABLE])

    @classmethod
    def open(cls, path: str | Path, *, whole: bool = True) -> Dataset:
        """Open the dataset at `path`.

        A link is followed once, so that an open dataset stays the same when a newer one is
        swapped in.

        Parameters
        ----------
        path : str or Path
            A dataset's directory, or a link to one.
        whole : bool
            Refuse one that misses files; False is for looking for what is missing.

        Raises
        ------
        DatasetError
            If there is none, or it cannot be read; the message names the remedy.
        """
        given = Path(path)
        remedy = f"python -m data_pipeline demo --out {given}"
        try:
            directory = given.resolve(strict=True)
            manifest = orjson.loads((directory / "manifest.json").read_bytes())
        except FileNotFoundError:
            raise DatasetError(f"There is no dataset at {given}.", remedy) from None
        except (OSError, ValueError) as error:
            raise DamagedDatasetError(
                f"The dataset at {given} cannot be opened: its manifest.json is not readable "
                f"({error}).",
                remedy,
            ) from None
        version = manifest.get("schema_version") if isinstance(manifest, dict) else None
        if version not in READABLE_VERSIONS:
            readable = " and ".join(map(str, READABLE_VERSIONS))
            raise DatasetError(
                f"The dataset at {given} has schema version {version}; this program reads "
                f"versions {readable}.",
                remedy,
            )
        try:
            return cls(directory, manifest, whole=whole)
        except (AttributeError, EOFError, LookupError, OSError, TypeError, ValueError) as error:
            raise DamagedDatasetError(
                f"The dataset at {given} is damaged ({error}).", remedy
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

        Parameters
        ----------
        first, last : str
            Months ``YYYY-MM`` of the dataset, both included.
        slugs : sequence of str
            Crime types of the dataset.

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
        months: NDArray[np.int64] = self.supplied[start:end].sum(axis=0, dtype=np.int64)
        return months

    def months_set_aside(self, first: str, last: str) -> NDArray[np.int64]:
        """Return in how many months of the period each force has a file that cannot be used.

        Returns
        -------
        int64 array [forces]
        """
        start, end = self.month_index(first), self.month_index(last) + 1
        months: NDArray[np.int64] = self._set_aside[start:end].sum(axis=0, dtype=np.int64)
        return months

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
        """Return the GeoJSON feature of one area of a layer, or None if it is not in it.

        Parameters
        ----------
        level : str
        force : str or None
            Slug of the force whose layer is looked in; None for the national one.
        code : str
            The area's code at that level.
        """
        return next((found for found in self.features(level, force) if found["id"] == code), None)

    def features(self, level: str, force: str | None) -> list[dict[str, Any]]:
        """Return the GeoJSON features of a layer.

        Raises
        ------
        DamagedDatasetError
            If the files are gone.
        """
        file = self.geometry / self.layer(level, force).file
        try:
            features: list[dict[str, Any]] = orjson.loads(file.read_bytes())["features"]
        except OSError as error:
            raise DamagedDatasetError(
                f"The dataset at {self.path} has been removed ({error.strerror or error}).",
                f"python -m data_pipeline demo --out {self.path}",
            ) from None
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
