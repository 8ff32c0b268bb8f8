"""A build as a whole: what it guarantees whatever happens while it runs."""

from __future__ import annotations

import errno
import json
import os
import shutil
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from data_pipeline.__main__ import app
from data_pipeline.dataset import Dataset
from data_pipeline.police.crime_ids import IdSpool
from data_pipeline.publish import writer as publishing

from .tiny import (
    Inputs,
    PublishError,
    build,
    counts,
    name,
    row,
    street,
    write_archive,
    write_inputs,
)

MEMBERS = {
    name("cheshire"): street([row("a"), row("b", lsoa="E01000002"), row("a")]),
    name("kent"): street([row("c", lsoa="E01000005"), row("a", lsoa="E01000006")]),
    name("kent", "2024-02"): street([row("c", lsoa="E01000005", month="2024-02")]),
}


def arguments(inputs: Inputs, out: Path) -> list[str]:
    options: list[object] = ["build"]
    for path in inputs.police:
        options += ["--police", path]
    options += ["--boundaries", inputs.boundaries, "--population", inputs.population[0]]
    options += ["--wards", inputs.wards, "--forces", inputs.forces]
    options += ["--lsoa-changes", inputs.lsoa_changes, "--out", out]
    return [str(option) for option in options]


@pytest.fixture
def inputs(tmp_path: Path) -> Inputs:
    return write_inputs(tmp_path / "inputs", write_archive(tmp_path / "police.zip", MEMBERS))


def test_same_inputs_give_the_same_dataset_whatever_their_place_and_order(
    tmp_path: Path, inputs: Inputs
) -> None:
    first = build(inputs, tmp_path / "one")
    shutil.copytree(tmp_path / "inputs", tmp_path / "elsewhere")
    (tmp_path / "away").mkdir()
    shuffled = write_archive(tmp_path / "away/police.zip", dict(reversed(MEMBERS.items())))
    again = replace(write_inputs(tmp_path / "elsewhere"), police=inputs.police)
    assert build(again, tmp_path / "two") == first
    one, two = Dataset.open(tmp_path / "one"), Dataset.open(tmp_path / "two")
    assert one.id == two.id == first
    build(replace(again, police=(shuffled,)), tmp_path / "three")
    for file in ("counts.npy", "accounts.parquet", "coverage.parquet", "areas.parquet"):
        assert (tmp_path / "one" / file).read_bytes() == (tmp_path / "three" / file).read_bytes()


def test_threads_and_processes_give_the_same_dataset(tmp_path: Path, inputs: Inputs) -> None:
    with ThreadPoolExecutor(4) as threads, ProcessPoolExecutor(1) as processes:
        ids = {build(inputs, tmp_path / "out", pool) for pool in (None, threads, processes)}
    assert len(ids) == 1


def test_other_counts_give_another_dataset(tmp_path: Path, inputs: Inputs) -> None:
    first = build(inputs, tmp_path / "out")
    write_archive(inputs.police[0], MEMBERS | {name("kent"): street([row("z", "E01000005")])})
    assert build(inputs, tmp_path / "out") != first


def test_an_interrupted_build_leaves_the_old_dataset_serving(
    tmp_path: Path, inputs: Inputs, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out"
    first = build(inputs, out)
    write_archive(inputs.police[0], {name("cheshire"): street([row("z")])})

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(publishing, "_write_counts", interrupted)
    with pytest.raises(KeyboardInterrupt):
        build(inputs, out)
    assert Dataset.open(out).id == first
    assert counts(Dataset.open(out)) == {
        "E01000001": 1,
        "E01000002": 1,
        "E01000005": 1,
        "E01000006": 1,
    }
    assert [path.name for path in tmp_path.glob("out.versions/.partial*")] == []


def test_a_full_disk_is_one_sentence_and_leaves_the_old_dataset(
    tmp_path: Path, inputs: Inputs, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out"
    first = build(inputs, out)

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device", "counts.npy")

    monkeypatch.setattr(publishing, "_write_counts", full)
    result = CliRunner().invoke(app, arguments(inputs, out))
    assert result.exit_code == 2
    assert "Error: No space left on device (counts.npy). Nothing was published" in result.stderr
    assert Dataset.open(out).id == first


def test_something_else_at_the_destination_is_left_alone(tmp_path: Path, inputs: Inputs) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / "thesis.txt").write_text("mine")
    with pytest.raises(PublishError, match="is not a Crime Atlas dataset"):
        build(inputs, out)
    assert (out / "thesis.txt").read_text() == "mine"


def test_a_place_that_cannot_be_written_to_is_named_before_any_work(
    tmp_path: Path, inputs: Inputs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "access", lambda place, mode: place != tmp_path)
    with pytest.raises(PublishError, match="cannot be written to"):
        build(inputs, tmp_path / "new" / "out")
    assert not (tmp_path / "new").exists()


def test_a_month_without_counts_has_the_same_columns_as_the_others(
    tmp_path: Path, inputs: Inputs
) -> None:
    empty = {name("cheshire", "2023-12"): street([row(month="2023-11")])}
    write_archive(inputs.police[0], MEMBERS | empty)
    build(inputs, tmp_path / "out")
    facts = pd.read_parquet(tmp_path / "out/facts", filters=[("crime_type", "==", "Drugs")])
    assert facts["count"].sum() == 5
    schemas = {pq.read_schema(file) for file in (tmp_path / "out/facts").glob("*/counts.parquet")}
    assert len(schemas) == 1


def test_the_manifest_names_every_input_by_content_and_not_by_place(
    tmp_path: Path, inputs: Inputs
) -> None:
    build(inputs, tmp_path / "out")
    text = (tmp_path / "out/manifest.json").read_text()
    sources = json.loads(text)["sources"]
    assert [source["role"] for source in sources] == [
        "police",
        "boundaries",
        "population",
        "wards",
        "forces",
        "lsoa-changes",
    ]
    assert all(len(source["sha256"]) == 64 and source["licence"] for source in sources)
    assert str(tmp_path) not in text


def test_the_command_line_builds_and_says_what_became_of_every_row(
    tmp_path: Path, inputs: Inputs
) -> None:
    out = tmp_path / "out"
    result = CliRunner().invoke(app, arguments(inputs, out))
    assert result.exit_code == 0, result.output
    for phrase in (
        "3 police files: 3 supplied",
        "6 rows read",
        "5 counted",
        "1 repeating a Crime ID of their file",
        "Cheshire: February 2024",
        Dataset.open(out).id[:16],
    ):
        assert phrase in result.stdout
    assert CliRunner().invoke(app, ["info", str(out)]).stdout.startswith("6 LSOAs of 2 forces")
    matrix = CliRunner().invoke(app, ["check", str(out)]).stdout
    assert "Cheshire  ■·" in matrix
    assert "Kent      ■■" in matrix


@pytest.mark.parametrize(
    ("option", "value", "message"),
    [
        ("--police", "absent.zip", "absent.zip (--police) does not exist"),
        ("--wards", "absent.csv", "absent.csv (--wards) does not exist"),
        ("--population", "absent.csv", "absent.csv (--population) does not exist"),
    ],
)
def test_a_wrong_argument_is_one_sentence_and_exit_code_2(
    tmp_path: Path, inputs: Inputs, option: str, value: str, message: str
) -> None:
    words = arguments(inputs, tmp_path / "out")
    words[words.index(option) + 1] = value
    result = CliRunner().invoke(app, words)
    assert result.exit_code == 2
    assert message in result.stderr
    assert "Traceback" not in result.output
    assert not (tmp_path / "out").exists()


def test_an_id_shared_by_three_files_is_counted_once_in_each() -> None:
    with IdSpool() as spool:
        spool.add(np.array([1, 5, 2**63], dtype=np.uint64))
        spool.add(np.array([5, 2**63], dtype=np.uint64))
        spool.add(np.array([2, 5], dtype=np.uint64))
        spool.add(np.array([], dtype=np.uint64))
        assert spool.shared().tolist() == [2, 2, 1, 0]
