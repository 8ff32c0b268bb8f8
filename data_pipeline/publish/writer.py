"""Write a dataset directory: its tables, counts, facts, layers and manifest."""

from __future__ import annotations

import hashlib
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import asdict
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from ..dataset.reader import era_entries
from ..dataset.schema import (
    ACCOUNT_COLUMNS,
    AREA_COLUMNS,
    COVERAGE_COLUMNS,
    ROW_REASONS,
    SCHEMA_VERSION,
    SNAP_POINT_COLUMNS,
    UNKNOWN_VALUE_COLUMNS,
)
from ..geography.layers import build_layers, layer_count, with_places, write_layers
from ..storage.hashing import tree_hashes
from ..storage.locks import held
from ..storage.progress import Stage, Track, silent, untracked
from .draft import Draft, PublishError, check_draft
from .facts import write_facts
from .swap import (
    check_destination,
    forget_old_versions,
    free_name,
    new_version,
    point,
    versions_folder,
)

MADE = ("id", "built_at", "libraries")
LIBRARIES = ("geopandas", "numpy", "pandas", "pyarrow", "shapely")


def publish(draft: Draft, out: Path, stage: Stage = silent, track: Track = untracked) -> str:
    """Write `draft` and make `out` point to it.

    Parameters
    ----------
    draft : Draft
    out : Path
        Where the dataset is to be opened; created or replaced.
    stage, track : as for ``build.build``

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
    check_draft(draft)
    versions = versions_folder(out)
    versions.mkdir(parents=True, exist_ok=True)
    with new_version(versions) as partial:
        dataset_id = _write(draft, partial, stage, track)
        partial.chmod(0o755)
        with held(versions):
            final = partial.rename(free_name(versions, dataset_id[:16]))
            point(out, final)
            forget_old_versions(versions, final)
    return dataset_id


def _write(draft: Draft, directory: Path, stage: Stage, track: Track) -> str:
    areas, layers = _places_and_layers(draft, directory / "geometry", stage, track)
    stage("writing tables")
    columns = [*AREA_COLUMNS, *(denominator.column for denominator in draft.denominators)]
    table = areas[columns]
    _write_parquet(table, directory / "areas.parquet")
    _write_parquet(draft.coverage[list(COVERAGE_COLUMNS)], directory / "coverage.parquet")
    _write_parquet(draft.accounts[list(ACCOUNT_COLUMNS)], directory / "accounts.parquet")
    _write_parquet(draft.snap_points[list(SNAP_POINT_COLUMNS)], directory / "snap_points.parquet")
    kinds = dict.fromkeys(UNKNOWN_VALUE_COLUMNS, "str") | {"rows": "int64"}
    unknown = draft.unknown_values[list(kinds)].astype(kinds)
    _write_parquet(unknown, directory / "unknown_values.parquet")
    stage("writing counts")
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
    draft: Draft, directory: Path, stage: Stage, track: Track
) -> tuple[pd.DataFrame, list[dict[str, Any]]]:
    """Return the areas with their places, and the manifest entries of the layers written."""
    areas = draft.areas.reset_index(drop=True)
    if draft.prepared:
        draft.prepared.place_layers(directory)
        return areas, draft.prepared.layers
    count = layer_count(areas["force"].nunique())
    layers = track(build_layers(areas, stage), count, "layers")
    return with_places(areas), write_layers(layers, directory)


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
            written = [pool.submit(write_facts, draft.facts_store, *axes, counts, file)]
            running += counts
            rows += int(counts.sum(dtype=np.int64))
            stream.write(running.tobytes())
        for last in written:
            last.result()
    if rows != int(draft.accounts["kept"].sum()):
        raise PublishError("the counts do not add up to the rows kept")


def file_hashes(directory: Path) -> dict[str, str]:
    """Return the SHA-256 of every file below a dataset's directory but its manifest, by name."""
    hashes = tree_hashes(directory)
    hashes.pop("manifest.json", None)
    return hashes


def content_hash(manifest: dict[str, Any]) -> str:
    """Return the id of a dataset: a hash of its manifest, which holds those of its files.

    What tells of its making and not of its content (`MADE`) is left out.
    """
    content = {name: value for name, value in manifest.items() if name not in MADE}
    return hashlib.sha256(orjson.dumps(content, option=orjson.OPT_SORT_KEYS)).hexdigest()
