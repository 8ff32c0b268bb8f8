"""The check command: sound datasets pass, and damage is named."""

from __future__ import annotations

import gzip
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import brotli
import numpy as np
import orjson
import pandas as pd
import pytest
from typer.testing import CliRunner, Result

from data_pipeline.__main__ import app
from data_pipeline.dataset import Dataset
from data_pipeline.dataset.schema import SCHEMA_VERSION
from data_pipeline.publish.check import faults
from data_pipeline.publish.writer import content_hash, file_hashes

from .tiny import build_tiny, middle, name, row, street


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    cheshire = [row("a", at=middle("E01000001")), row("b", lsoa="E01000002"), row("a")]
    kent = [row("c", lsoa="E01000005"), row("d", lsoa="W01999999"), row("e", lsoa="")]
    members = {name("cheshire"): street(cheshire), name("kent"): street(kent)}
    return build_tiny(tmp_path_factory.mktemp("sound"), members).path


@pytest.fixture
def dataset(tmp_path: Path, sound: Path) -> Path:
    return shutil.copytree(sound, tmp_path / "dataset")


def check(path: Path) -> Result:
    return CliRunner().invoke(app, ["check", str(path)])


def seal(path: Path) -> Dataset:
    """Let the hashes agree again, as if the pipeline itself had written something wrong."""
    file = path / "manifest.json"
    manifest = orjson.loads(file.read_bytes())
    manifest["files"] = file_hashes(path)
    manifest["id"] = content_hash(manifest)
    file.write_bytes(orjson.dumps(manifest))
    return Dataset.open(path, whole=False)


def change(path: Path, file: str, edit: Callable[[pd.DataFrame], pd.DataFrame]) -> Dataset:
    edit(pd.read_parquet(path / file)).to_parquet(path / file, index=False)
    return seal(path)


def test_a_sound_dataset_has_no_faults_and_exit_code_0(dataset: Path) -> None:
    assert faults(Dataset.open(dataset)) == []
    result = check(dataset)
    assert result.exit_code == 0
    assert result.stdout.endswith(f"at {dataset} is sound.\n")


def test_demo_data_are_sound(tmp_path: Path) -> None:
    out = tmp_path / "demo"
    made = CliRunner().invoke(app, ["demo", "--out", str(out), "--scale", "0.02"])
    assert made.exit_code == 0, made.output
    result = check(out)
    assert result.exit_code == 0, result.output
    assert "Suffolk, May 2024: " in result.stdout


@pytest.mark.parametrize(
    "file", ["counts.npy", "facts/month=2024-01/counts.parquet", "snap_points.parquet"]
)
def test_one_changed_byte_is_found_and_its_file_named(dataset: Path, file: str) -> None:
    content = bytearray((dataset / file).read_bytes())
    content[-1] ^= 1
    (dataset / file).write_bytes(bytes(content))
    result = check(dataset)
    assert result.exit_code == 1
    assert f"{file} was changed: its SHA-256 is not that in the manifest." in result.stderr
    assert "build it again" in result.stderr


def test_missing_and_foreign_files_are_named(dataset: Path) -> None:
    layer = next((dataset / "geometry").glob("ward-all-*.json.br"))
    layer.unlink()
    (dataset / "notes.txt").write_text("mine")
    result = check(dataset)
    assert result.exit_code == 1
    assert f"geometry/{layer.name} is missing." in result.stderr
    assert "notes.txt does not belong to the dataset." in result.stderr


def test_a_changed_manifest_is_found(dataset: Path) -> None:
    file = dataset / "manifest.json"
    file.write_text(file.read_text().replace('"synthetic": false', '"synthetic": true'))
    assert faults(Dataset.open(dataset)) == [
        "manifest.json was changed: it does not have the hash that is its id."
    ]


@pytest.mark.parametrize(
    ("file", "keep"), [("counts.npy", 200), ("areas.parquet", 100), ("manifest.json", 50)]
)
def test_a_dataset_too_damaged_to_open_is_exit_code_1(dataset: Path, file: str, keep: int) -> None:
    (dataset / file).write_bytes((dataset / file).read_bytes()[:keep])
    result = check(dataset)
    assert result.exit_code == 1
    assert str(dataset) in result.stderr
    assert "Traceback" not in result.output


def test_what_is_no_dataset_and_wrong_usage_are_exit_code_2(tmp_path: Path) -> None:
    result = check(tmp_path / "absent")
    assert result.exit_code == 2
    assert "There is no dataset at" in result.stderr
    assert CliRunner().invoke(app, ["check"]).exit_code == 2


def test_a_dataset_of_the_schema_before_still_opens(dataset: Path) -> None:
    manifest = json.loads((dataset / "manifest.json").read_text())
    assert manifest["schema_version"] == SCHEMA_VERSION
    (dataset / "manifest.json").write_text(
        json.dumps(manifest | {"schema_version": SCHEMA_VERSION - 1})
    )
    assert Dataset.open(dataset).id == manifest["id"]


def test_another_schema_version_is_no_damage(dataset: Path) -> None:
    manifest = json.loads((dataset / "manifest.json").read_text())
    (dataset / "manifest.json").write_text(json.dumps(manifest | {"schema_version": 1}))
    result = check(dataset)
    assert result.exit_code == 2
    assert "has schema version 1" in result.stderr


def test_an_account_that_does_not_add_up_is_found(dataset: Path) -> None:
    found = faults(
        change(dataset, "accounts.parquet", lambda t: t.assign(no_lsoa=t["no_lsoa"] + 1))
    )
    assert f"The account of {name('cheshire')} does not add up." in found
    assert "The accounts have 3 rows as no_lsoa, not 1." in found
    assert "Coverage and accounts differ in their rows as no_lsoa." in found


def test_counts_that_differ_from_the_rows_kept_are_found(dataset: Path) -> None:
    totals = np.load(dataset / "counts.npy")
    totals[1, 0, 0] += 1
    np.save(dataset / "counts.npy", totals)
    assert faults(seal(dataset)) == [
        "2024-01 has 4 rows counted and 3 kept.",
        "The facts of 2024-01 differ from the counts.",
        "The snap points have other counts than the areas.",
    ]


def test_counts_that_are_moved_between_areas_are_found(dataset: Path) -> None:
    def moved(facts: pd.DataFrame) -> pd.DataFrame:
        return facts.assign(lsoa_code=facts["lsoa_code"].replace("E01000001", "E01000003"))

    found = faults(change(dataset, "facts/month=2024-01/counts.parquet", moved))
    assert found == ["The facts of 2024-01 differ from the counts."]


def test_a_coverage_table_out_of_order_is_found(dataset: Path) -> None:
    found = faults(change(dataset, "coverage.parquet", lambda table: table[::-1]))
    assert found == ["The coverage table does not hold every month and force once, in order."]


def test_rows_of_a_missing_force_month_are_found(dataset: Path) -> None:
    found = faults(
        change(dataset, "coverage.parquet", lambda table: table.assign(status="missing"))
    )
    assert "kent is missing in 2024-01 and has rows there." in found


def test_impossible_snap_points_are_found(dataset: Path) -> None:
    found = faults(change(dataset, "snap_points.parquet", lambda t: t.assign(largest_count=9)))
    assert "The largest snap point of E01000001 is impossible." in found


def test_unknown_codes_without_an_account_are_found(dataset: Path) -> None:
    found = faults(change(dataset, "unknown_values.parquet", lambda table: table.iloc[:0]))
    assert found == [f"The unknown LSOA codes of {name('kent')} differ from its account."]


def test_a_map_that_lacks_an_area_is_found(dataset: Path) -> None:
    layer = next((dataset / "geometry").glob("lsoa-kent-*.json"))
    collection = orjson.loads(layer.read_bytes())
    collection["features"].pop()
    content = orjson.dumps(collection)
    layer.write_bytes(content)
    layer.with_name(f"{layer.name}.gz").write_bytes(gzip.compress(content))
    layer.with_name(f"{layer.name}.br").write_bytes(brotli.compress(content))
    assert faults(seal(dataset)) == [
        "The map of kent by lsoa does not hold every area once.",
        f"{layer.name} and its compressed forms have other sizes than the manifest says.",
    ]


def test_faults_of_one_kind_are_counted_beyond_the_first_few(dataset: Path) -> None:
    for number in range(8):
        (dataset / f"stray{number}").touch()
    assert faults(Dataset.open(dataset))[-1] == "… and 3 more of this kind."
