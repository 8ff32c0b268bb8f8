"""Write a dataset directory and swap it in atomically.

``OUT`` becomes a link to a directory named after the dataset's hash, kept beside it in
``OUT.versions``. Replacing a link is atomic: an interrupted build leaves the old dataset serving,
and a reader that has the old one open keeps it.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import orjson
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from .crime_types import CrimeType
from .dataset import (
    ACCOUNT_COLUMNS,
    AREA_COLUMNS,
    COVERAGE_COLUMNS,
    ROW_REASONS,
    SCHEMA_VERSION,
    SNAP_POINT_COLUMNS,
    UNKNOWN_VALUE_COLUMNS,
    Denominator,
    era_entries,
)
from .forces import Force
from .geometry import QUICK_BROTLI_QUALITY, build_layers, with_places, write_layers
from .kept_facts import KeptFacts
from .locks import held, is_free
from .prepared import PreparedAreas

PARTIAL = ".partial-"
VERSIONS_KEPT = 2
STALE_AFTER_SECONDS = 24 * 3600
MADE = ("id", "built_at", "libraries")
LIBRARIES = ("geopandas", "numpy", "pandas", "pyarrow", "shapely")


class PublishError(Exception):
    """The output directory cannot be used, or a draft breaks the dataset's contract."""


class Monthly(Protocol):
    """Counts by month, crime type and area, of which each month is asked for once."""

    @property
    def shape(self) -> tuple[int, ...]:
        """Months, crime types and areas."""

    def __iter__(self) -> Iterator[NDArray[np.uint32]]:
        """Yield each month's counts [crime types, areas]."""


@dataclass(frozen=True)
class Draft:
    """Everything that a dataset is made of, before it is written.

    Attributes
    ----------
    release : str
        Latest month of the police files, ``YYYY-MM``.
    areas : DataFrame
        One row per LSOA, grouped by force in the order of `forces`; columns lsoa_code … csp_name,
        force (slug), force_name, rural_urban, reassigned, and one column per denominator (NaN
        where unknown). With `prepared`, also land area, point and edges; without it, a
        GeoDataFrame in EPSG:27700, of which they are computed and the layers drawn.
    monthly : uint32 array [months, crime types, areas]
        Rows counted in each month, or anything that has this shape and yields one month at a time.
    coverage, accounts : DataFrame
        Columns ``dataset.COVERAGE_COLUMNS`` and ``dataset.ACCOUNT_COLUMNS``.
    snap_points, unknown_values : DataFrame
        Columns ``dataset.SNAP_POINT_COLUMNS``, one row per area in the same order, and
        ``dataset.UNKNOWN_VALUE_COLUMNS``.
    sources : list of dict
        One per input: role, name, url, licence, sha256, bytes.
    kept_facts : KeptFacts, optional
        Gives the facts of months whose counts are as before, and is given those that are written.
    """

    release: str
    months: tuple[str, ...]
    crime_types: tuple[CrimeType, ...]
    forces: tuple[Force, ...]
    denominators: tuple[Denominator, ...]
    areas: pd.DataFrame
    monthly: Monthly
    coverage: pd.DataFrame
    accounts: pd.DataFrame
    snap_points: pd.DataFrame
    unknown_values: pd.DataFrame
    sources: list[dict[str, Any]] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    synthetic: bool = False
    prepared: PreparedAreas | None = None
    kept_facts: KeptFacts | None = None


def publish(draft: Draft, out: Path, progress: Callable[[str], None] = lambda message: None) -> str:
    """Write `draft` and make `out` point to it.

    Parameters
    ----------
    draft : Draft
    out : Path
        Where the dataset is to be opened; created or replaced.
    progress : function of a message
        Called as each part starts.

    Returns
    -------
    str
        The id of the dataset: a hash of its content, not of the time or place of its making.

    Raises
    ------
    PublishError
        If `out` holds something else than a dataset, or the draft contradicts itself.
    """
    check_destination(out)
    _check_draft(draft)
    versions = out.with_name(out.name + ".versions")
    versions.mkdir(parents=True, exist_ok=True)
    with _partial(versions) as partial:
        dataset_id = _write(draft, partial, progress)
        partial.chmod(0o755)
        with held(versions):
            final = partial.rename(_free_name(versions, dataset_id[:16]))
            _point(out, final)
            _forget_old_versions(versions, final)
    return dataset_id


@contextmanager
def _partial(versions: Path) -> Iterator[Path]:
    """Yield a new directory, held until it is done with, and taken away unless it was renamed."""
    with ExitStack() as stack:
        with held(versions):
            partial = Path(tempfile.mkdtemp(prefix=PARTIAL, dir=versions))
            stack.callback(shutil.rmtree, partial, ignore_errors=True)
            stack.enter_context(held(partial))
        yield partial


def check_destination(out: Path) -> None:
    """Raise PublishError unless `out` is free, a dataset, or an empty directory, and writable."""
    place = next(path for path in out.absolute().parents if path.exists())
    if not os.access(place, os.W_OK | os.X_OK):
        raise PublishError(f"{place} cannot be written to. Give --out another directory.")
    if not out.exists() or out.is_symlink():
        return
    if out.is_dir() and ((out / "manifest.json").exists() or not any(out.iterdir())):
        return
    raise PublishError(
        f"{out} exists and is not a Crime Atlas dataset, so it is left alone. "
        "Give --out another directory."
    )


def _check_draft(draft: Draft) -> None:
    shape = (len(draft.months), len(draft.crime_types), len(draft.areas))
    if draft.monthly.shape != shape:
        raise PublishError(f"the counts have shape {draft.monthly.shape}, expected {shape}")
    order = {force.slug: index for index, force in enumerate(draft.forces)}
    positions = draft.areas["force"].map(order)
    if positions.isna().any() or not positions.is_monotonic_increasing:
        raise PublishError("the areas are not grouped by force in the order of the forces")
    if not draft.areas["lsoa_code"].is_unique:
        raise PublishError("an LSOA code occurs twice among the areas")
    if len(draft.coverage) != len(draft.months) * len(draft.forces):
        raise PublishError("the coverage table does not hold every month and force once")
    explained = draft.accounts[["kept", *ROW_REASONS]].sum(axis=1)
    wrong = draft.accounts.loc[explained != draft.accounts["rows_read"], "file"]
    if len(wrong):
        raise PublishError(f"the rows of {wrong.iloc[0]} do not add up")
    if draft.snap_points["lsoa_code"].tolist() != draft.areas["lsoa_code"].tolist():
        raise PublishError("the snap points are not those of the areas")


def _write(draft: Draft, directory: Path, progress: Callable[[str], None]) -> str:
    areas, layers = _places_and_layers(draft, directory / "geometry", progress)
    progress("writing tables")
    columns = [*AREA_COLUMNS, *(denominator.column for denominator in draft.denominators)]
    table = areas[columns]
    _write_parquet(table, directory / "areas.parquet")
    _write_parquet(draft.coverage[list(COVERAGE_COLUMNS)], directory / "coverage.parquet")
    _write_parquet(draft.accounts[list(ACCOUNT_COLUMNS)], directory / "accounts.parquet")
    _write_parquet(draft.snap_points[list(SNAP_POINT_COLUMNS)], directory / "snap_points.parquet")
    kinds = dict.fromkeys(UNKNOWN_VALUE_COLUMNS, "str") | {"rows": "int64"}
    unknown = draft.unknown_values[list(kinds)].astype(kinds)
    _write_parquet(unknown, directory / "unknown_values.parquet")
    progress("writing counts")
    _write_counts(draft, table["lsoa_code"].to_numpy(), directory)
    manifest = {
        "schema_version": SCHEMA_VERSION,
        "release": draft.release,
        "synthetic": draft.synthetic,
        "months": list(draft.months),
        "crime_types": [
            {"slug": kind.slug, "name": kind.name, "eras": era_entries(kind.eras)}
            for kind in draft.crime_types
        ],
        "forces": [asdict(force) for force in draft.forces],
        "denominators": [asdict(denominator) for denominator in draft.denominators],
        "rows": {
            name: int(draft.accounts[name].sum()) for name in ("rows_read", "kept", *ROW_REASONS)
        },
        "layers": layers,
        "sources": draft.sources,
        "warnings": draft.warnings,
        "files": file_hashes(directory),
    }
    dataset_id = content_hash(manifest)
    made = {
        "id": dataset_id,
        "built_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "libraries": {library: version(library) for library in LIBRARIES},
    }
    (directory / "manifest.json").write_bytes(
        orjson.dumps({**made, **manifest}, option=orjson.OPT_INDENT_2)
    )
    return dataset_id


def _places_and_layers(
    draft: Draft, directory: Path, progress: Callable[[str], None]
) -> tuple[pd.DataFrame, list[dict[str, Any]]]:
    """Return the areas with their places, and the manifest entries of the layers written."""
    areas = draft.areas.reset_index(drop=True)
    if draft.prepared:
        draft.prepared.place_layers(directory)
        return areas, draft.prepared.layers
    layers = build_layers(areas, progress)
    return with_places(areas), write_layers(layers, directory, QUICK_BROTLI_QUALITY)


def _write_parquet(table: pd.DataFrame, file: Path) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    table.reset_index(drop=True).to_parquet(file, index=False, compression="zstd")


def _write_counts(draft: Draft, codes: NDArray[np.object_], directory: Path) -> None:
    """Write each month's facts and the running totals, with one month in memory at a time."""
    months, types, areas = draft.monthly.shape
    running = np.zeros((types, areas), dtype=np.uint32)
    rows = 0
    axes = pa.array(codes), pa.array([kind.name for kind in draft.crime_types])
    written: list[Future[None]] = []
    with (directory / "counts.npy").open("wb") as stream, ThreadPoolExecutor(1) as pool:
        header = {"descr": "<u4", "fortran_order": False, "shape": (months + 1, types, areas)}
        np.lib.format.write_array_header_1_0(stream, header)
        stream.write(running.tobytes())
        for month, counts in zip(draft.months, draft.monthly, strict=True):
            folder = directory / "facts" / f"month={month}"
            folder.mkdir(parents=True)
            for earlier in written:
                earlier.result()
            file = folder / "counts.parquet"
            written = [pool.submit(_write_facts, draft.kept_facts, *axes, counts, file)]
            running += counts
            rows += int(counts.sum(dtype=np.int64))
            stream.write(running.tobytes())
        for last in written:
            last.result()
    if rows != int(draft.accounts["kept"].sum()):
        raise PublishError("the counts do not add up to the rows kept")


def _write_facts(
    kept: KeptFacts | None, codes: pa.Array, names: pa.Array, counts: NDArray[np.uint32], file: Path
) -> None:
    """Write the facts of a month, unless they are kept."""
    key = kept.key(counts) if kept else ""
    if kept and kept.place(key, file):
        return
    pq.write_table(_facts(codes, names, counts), file, compression="zstd")
    if kept:
        kept.keep(key, file)


def _facts(codes: pa.Array, names: pa.Array, counts: NDArray[np.uint32]) -> pa.Table:
    types, areas = np.nonzero(counts)
    facts = {
        "lsoa_code": codes.take(pa.array(areas)),
        "crime_type": names.take(pa.array(types)),
        "count": pa.array(counts[types, areas]),
    }
    return pa.table(facts)


def file_hashes(directory: Path) -> dict[str, str]:
    """Return the SHA-256 of every file below a dataset's directory but its manifest, by name."""
    files = {path.relative_to(directory).as_posix(): path for path in directory.rglob("*")}
    return {
        name: _sha256(files[name])
        for name in sorted(files)
        if files[name].is_file() and name != "manifest.json"
    }


def _sha256(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def content_hash(manifest: dict[str, Any]) -> str:
    """Return the id of a dataset: a hash of its manifest, which holds those of its files.

    What tells of its making and not of its content (`MADE`) is left out.
    """
    content = {name: value for name, value in manifest.items() if name not in MADE}
    return hashlib.sha256(orjson.dumps(content, option=orjson.OPT_SORT_KEYS)).hexdigest()


def _free_name(versions: Path, name: str) -> Path:
    """Return a path not taken: what is being served now is never replaced in place."""
    final, attempt = versions / name, 1
    while final.exists():
        attempt += 1
        final = versions / f"{name}-{attempt}"
    return final


def _point(out: Path, final: Path) -> None:
    link = out.with_name(f".{out.name}.link")
    link.unlink(missing_ok=True)
    link.symlink_to(final.relative_to(out.parent), target_is_directory=True)
    if out.is_dir() and not out.is_symlink():
        out.rename(final.with_name(f"replaced-{datetime.now(UTC):%Y%m%dT%H%M%S}"))
    link.replace(out)


def _forget_old_versions(versions: Path, current: Path) -> None:
    """Keep the newest versions: a running server may still have the previous one open.

    What a killed build left half written goes too: at once, or where the file system has no locks
    as soon as it is too old to belong to a running one.
    """
    current.touch()
    now = current.stat().st_mtime
    others = [path for path in versions.iterdir() if path != current]
    others.sort(key=lambda path: path.stat().st_mtime, reverse=True)
    partial = [path for path in others if path.name.startswith(PARTIAL)]
    finished = [path for path in others if path not in partial]
    stale = [
        path
        for path in partial
        if is_free(path) or now - path.stat().st_mtime > STALE_AFTER_SECONDS
    ]
    for path in [*finished[VERSIONS_KEPT - 1 :], *stale]:
        shutil.rmtree(path, ignore_errors=True)
