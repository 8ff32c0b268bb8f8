"""Is a published dataset sound? Its figures agree with each other, and its files with their hashes.

Every check yields one sentence for each fault that it finds; a sound dataset yields none.
"""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

import brotli
import numpy as np
import orjson
import pandas as pd

from ..dataset.reader import Dataset
from ..dataset.schema import MISSING, QUARANTINED, ROW_REASONS, SUPPLIED, UNREADABLE, Layer
from ..geography.layers import LEVELS, NATIONAL_LEVELS
from .writer import content_hash, file_hashes

MOST_NAMED = 5
"""Faults of one kind that are named one by one."""

_UNREADABLE = (OSError, EOFError, ValueError, KeyError, TypeError, zlib.error, brotli.error)
Faults = Iterator[str]


def faults(dataset: Dataset) -> list[str]:
    """Return one sentence for every fault of a dataset, none if it is sound.

    The accounts add up, the counts equal the rows kept, the map has every area, and no file
    differs from what was written.
    """
    checks: dict[str, Callable[[Dataset], Faults]] = {
        "files": changed_files,
        "accounts": wrong_accounts,
        "coverage": wrong_coverage,
        "counts": wrong_counts,
        "facts": wrong_facts,
        "snap points": wrong_snap_points,
        "unknown values": wrong_unknown_values,
        "layers": wrong_layers,
    }
    return [fault for what, check in checks.items() for fault in _limited(what, check, dataset)]


def _limited(what: str, check: Callable[[Dataset], Faults], dataset: Dataset) -> list[str]:
    found: list[str] = []
    try:
        found.extend(check(dataset))
    except _UNREADABLE as error:
        found.append(f"The {what} cannot be checked: {error}.")
    rest = len(found) - MOST_NAMED
    return found if rest <= 0 else [*found[:MOST_NAMED], f"… and {rest:,} more of this kind."]


def changed_files(dataset: Dataset) -> Faults:
    """Compare every file with its hash in the manifest, and the manifest with its own."""
    if content_hash(dataset.manifest) != dataset.id:
        yield "manifest.json was changed: it does not have the hash that is its id."
    written, found = dataset.manifest["files"], file_hashes(dataset.path)
    for name in sorted(written.keys() | found.keys()):
        if name not in found:
            yield f"{name} is missing."
        elif name not in written:
            yield f"{name} does not belong to the dataset."
        elif found[name] != written[name]:
            yield f"{name} was changed: its SHA-256 is not that in the manifest."


def wrong_accounts(dataset: Dataset) -> Faults:
    """Add up the account of every police file, and compare the sums with the manifest."""
    accounts = dataset.accounts
    explained = accounts[["kept", *ROW_REASONS]].sum(axis=1)
    for file in accounts.loc[explained != accounts["rows_read"], "file"]:
        yield f"The account of {file} does not add up."
    for name, rows in dataset.manifest["rows"].items():
        if rows != int(accounts[name].sum()):
            yield f"The accounts have {int(accounts[name].sum()):,} rows as {name}, not {rows:,}."


def wrong_coverage(dataset: Dataset) -> Faults:
    """Compare the coverage table with the axes, and its rows with the accounts."""
    coverage, accounts = dataset.coverage, dataset.accounts
    slugs = [force.slug for force in dataset.forces]
    axis = [(month, slug) for month in dataset.months for slug in slugs]
    if list(zip(coverage["month"], coverage["force"], strict=True)) != axis:
        yield "The coverage table does not hold every month and force once, in order."
    own = accounts[accounts["status"].isin([SUPPLIED, QUARANTINED, UNREADABLE])]
    own = own[own["supplier"].isin(slugs)]
    for name in ("rows_read", "kept", *ROW_REASONS):
        if int(own[name].sum()) != int(coverage[name].sum()):
            yield f"Coverage and accounts differ in their rows as {name}."
    idle = coverage[coverage["status"].eq(MISSING) & coverage["rows_read"].gt(0)]
    for month, force in zip(idle["month"], idle["force"], strict=True):
        yield f"{force} is missing in {month} and has rows there."


def wrong_counts(dataset: Dataset) -> Faults:
    """Compare the counts of every month with the rows kept of its files."""
    accounts = dataset.accounts
    kept = accounts.groupby("month")["kept"].sum().reindex(list(dataset.months), fill_value=0)
    running = dataset.totals.sum(axis=(1, 2), dtype=np.int64)
    counted = np.diff(running)
    if running[0] != 0 or (dataset.totals[1:] < dataset.totals[:-1]).any():
        yield "counts.npy holds no running totals."
    for month, rows, count in zip(dataset.months, kept, counted, strict=True):
        if rows != count:
            yield f"{month} has {int(count):,} rows counted and {int(rows):,} kept."


def wrong_facts(dataset: Dataset) -> Faults:
    """Compare every month of the facts with the counts, area by area and type by type."""
    area = pd.Index(dataset.areas["lsoa_code"])
    kind = pd.Index([crime_type.name for crime_type in dataset.crime_types])
    for at, month in enumerate(dataset.months):
        facts = pd.read_parquet(dataset.path / "facts" / f"month={month}" / "counts.parquet")
        table = np.zeros((len(kind), len(area)), dtype=np.int64)
        places = (
            kind.get_indexer(pd.Index(facts["crime_type"])),
            area.get_indexer(pd.Index(facts["lsoa_code"])),
        )
        strange = (places[0] < 0) | (places[1] < 0)
        np.add.at(table, places, facts["count"].to_numpy())
        counts = np.subtract(dataset.totals[at + 1], dataset.totals[at], dtype=np.int64)
        if strange.any() or (table != counts).any():
            yield f"The facts of {month} differ from the counts."


def wrong_snap_points(dataset: Dataset) -> Faults:
    """Compare the snap points with the areas and their counts."""
    points = dataset.snap_points
    if points["lsoa_code"].tolist() != dataset.areas["lsoa_code"].tolist():
        yield "The snap points are not those of the areas."
        return
    if (points["count"].to_numpy() != dataset.totals[-1].sum(axis=0, dtype=np.int64)).any():
        yield "The snap points have other counts than the areas."
    impossible = points[
        (points["largest_count"] > points["count"])
        | (points["points"] > points["count"])
        | (points["points"].eq(0) != points["largest_count"].eq(0))
    ]
    for code in impossible["lsoa_code"]:
        yield f"The largest snap point of {code} is impossible."


def wrong_unknown_values(dataset: Dataset) -> Faults:
    """Compare the unknown LSOA codes with the accounts."""
    unknown = dataset.unknown_values
    codes = unknown[unknown["column"] == "LSOA code"].groupby("file")["rows"].sum()
    counted = dataset.accounts.groupby("file")["unknown_lsoa"].sum()
    listed = codes.reindex(counted.index, fill_value=0)
    for file in counted.index[counted.to_numpy() != listed.to_numpy()]:
        yield f"The unknown LSOA codes of {file} differ from its account."


def wrong_layers(dataset: Dataset) -> Faults:
    """Look for every area in every layer of the map, and compare its compressed forms."""
    national: list[tuple[str, str | None]] = [(level, None) for level in NATIONAL_LEVELS]
    of_forces = [(level, force.slug) for level in LEVELS for force in dataset.forces]
    for level, force in [*national, *of_forces]:
        name = f"map of {force or 'the nation'} by {level}"
        layer = dataset.layers.get((level, force))
        if layer is None:
            yield f"There is no {name}."
            continue
        areas = dataset.areas
        inside = areas if force is None else areas[areas["force"] == force]
        content = (dataset.geometry / layer.file).read_bytes()
        drawn = [feature["id"] for feature in orjson.loads(content)["features"]]
        if sorted(drawn) != sorted(set(inside[LEVELS[level]])) or len(drawn) != layer.features:
            yield f"The {name} does not hold every area once."
        yield from _wrong_forms(dataset.geometry, layer, content)


def _wrong_forms(folder: Path, layer: Layer, content: bytes) -> Faults:
    packed = {form: (folder / f"{layer.file}.{form}").read_bytes() for form in ("gz", "br")}
    sizes = {"plain": len(content), "gzip": len(packed["gz"]), "br": len(packed["br"])}
    if layer.sizes != sizes:
        yield f"{layer.file} and its compressed forms have other sizes than the manifest says."
    elif gzip.decompress(packed["gz"]) != content or brotli.decompress(packed["br"]) != content:
        yield f"The compressed forms of {layer.file} hold something else."
