"""Make what the ways need, once: the demo dataset, the nation's polygons, MapLibre GL JS."""

from __future__ import annotations

import gzip
import subprocess
import tarfile
from pathlib import Path
from typing import Any

import brotli
import orjson

from data_pipeline.dataset import Dataset, DatasetError
from data_pipeline.demo import make_demo

from .cases import CASES, layer_file

MAPLIBRE = "6.9.0"
"""The version that plotly carries inside, so that the ways differ in how they use it."""

LIBRARY_FILES = tuple(
    f"package/dist/{name}"
    for name in ("maplibre-gl.mjs", "maplibre-gl-shared.mjs", "maplibre-gl-worker.mjs")
)
NPM_PATIENCE_S = 120


def make_dataset(folder: Path, scale: float) -> Dataset:
    """Return the synthetic dataset, made unless an earlier run left it."""
    folder.mkdir(parents=True, exist_ok=True)
    try:
        dataset = Dataset.open(folder / "dataset")
    except DatasetError:
        make_demo(folder / "dataset", scale=scale)
        dataset = Dataset.open(folder / "dataset")
    nation = layer_file(dataset, folder, CASES["nation"])
    if not nation.exists():
        write_nation(dataset, nation)
    return dataset


def write_nation(dataset: Dataset, file: Path) -> None:
    """Join the forces' neighbourhoods into one layer, in the order of the areas."""
    features: dict[str, Any] = {}
    for force in dataset.forces:
        content = (dataset.geometry / dataset.layer("lsoa", force.slug).file).read_bytes()
        features |= {feature["id"]: feature for feature in orjson.loads(content)["features"]}
    joined = [features[code] for code in dataset.areas["lsoa_code"]]
    content = orjson.dumps({"type": "FeatureCollection", "features": joined})
    file.with_name(file.name + ".br").write_bytes(brotli.compress(content, quality=9))
    file.with_name(file.name + ".gz").write_bytes(gzip.compress(content, 9, mtime=0))
    file.write_bytes(content)


def fetch_maplibre(folder: Path) -> str:
    """Fetch MapLibre GL JS with npm into `folder`; return a sentence if it cannot be had."""
    if (folder / LIBRARY_FILES[-1]).exists():
        return ""
    folder.mkdir(parents=True, exist_ok=True)
    command = ["npm", "pack", f"maplibre-gl@{MAPLIBRE}", "--silent", "--fetch-retries=0"]
    try:
        subprocess.run(command, cwd=folder, check=True, capture_output=True, timeout=NPM_PATIENCE_S)
        with tarfile.open(folder / f"maplibre-gl-{MAPLIBRE}.tgz") as package:
            for name in LIBRARY_FILES:
                package.extract(name, folder, filter="data")
    except (OSError, subprocess.SubprocessError, tarfile.TarError, KeyError) as error:
        reason = type(error).__name__
        return (
            f"MapLibre GL JS {MAPLIBRE} could not be fetched with npm ({reason}), "
            "so raw MapLibre is left out."
        )
    return ""
