"""Facts kept between builds: placed only where they are what would be written."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from data_pipeline.dataset import Dataset
from data_pipeline.publish import facts
from data_pipeline.publish.check import faults

from .test_incremental import MONTHS, assert_same_dataset, build_afresh, month_of, update
from .tiny import Inputs, build, name, row, street, write_archive, write_inputs

OLD = MONTHS[2]
MEMBERS = {
    file: content
    for at, month in enumerate(MONTHS[:-1])
    for file, content in month_of(month, rows=12 + at).items()
}


@pytest.fixture
def inputs(tmp_path: Path) -> Inputs:
    return write_inputs(tmp_path / "inputs", write_archive(tmp_path / "police.zip", MEMBERS))


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Months whose facts are really written, filled as it happens."""
    months: list[str] = []
    real = facts.pq.write_table

    def watched(table: object, file: object, **options: object) -> None:
        if isinstance(file, Path) and file.name == "counts.parquet":
            months.append(file.parent.name.removeprefix("month="))
        real(table, file, **options)

    monkeypatch.setattr(facts.pq, "write_table", watched)
    return months


def facts_file(folder: Path, month: str) -> Path:
    """Return the kept file that the dataset's facts of a month are a link to."""
    placed = folder / "out" / "facts" / f"month={month}" / "counts.parquet"
    return next(kept for kept in (folder / "kept" / "facts").iterdir() if kept.samefile(placed))


def test_only_months_whose_counts_changed_are_written(
    tmp_path: Path, inputs: Inputs, written: list[str]
) -> None:
    update(inputs, tmp_path / "out")
    assert written == list(MONTHS[:-1])
    written.clear()
    revised = MEMBERS | month_of(OLD, rows=30) | month_of(MONTHS[-1], rows=31)
    write_archive(inputs.police[0], revised)
    update(inputs, tmp_path / "out")
    assert written == [OLD, MONTHS[-1]]
    build_afresh(inputs, tmp_path / "afresh")
    assert_same_dataset(tmp_path / "out", tmp_path / "afresh")


def test_a_file_set_aside_changes_facts_though_it_was_not_read_again(
    tmp_path: Path, inputs: Inputs, written: list[str]
) -> None:
    lone = {name("kent", OLD): street([row("l", "E01000005", month=OLD)])}
    few = {file: data for file, data in MEMBERS.items() if file[:7] in MONTHS[1:3]}
    write_archive(inputs.police[0], few | lone)
    update(inputs, tmp_path / "out")
    written.clear()
    write_archive(inputs.police[0], {**MEMBERS, **lone})
    update(inputs, tmp_path / "out")
    assert set(written) == {*MONTHS[:-1]} - {MONTHS[1]}
    build_afresh(inputs, tmp_path / "afresh")
    assert_same_dataset(tmp_path / "out", tmp_path / "afresh")


def test_another_axis_or_another_program_writes_every_month(
    tmp_path: Path, inputs: Inputs, written: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    update(inputs, tmp_path / "out")
    written.clear()
    new = MONTHS[-1]
    rows = [row(f"x{at}", "E01000005", month=new, kind="Arson") for at in range(20)]
    strange = {name("kent", new): street(rows)}
    write_archive(inputs.police[0], MEMBERS | strange)
    update(inputs, tmp_path / "out")
    assert written == list(MONTHS)
    written.clear()
    monkeypatch.setattr(facts, "code_version", lambda *_: "the next one")
    update(inputs, tmp_path / "out")
    assert written == list(MONTHS)


def cut_short(file: Path) -> None:
    content = file.read_bytes()
    file.unlink()
    file.write_bytes(content[: len(content) // 2])


def turn_a_bit(file: Path) -> None:
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.unlink()
    file.write_bytes(content)


@pytest.mark.parametrize("damage", [cut_short, turn_a_bit, Path.unlink])
def test_damaged_facts_are_written_anew(
    tmp_path: Path, inputs: Inputs, written: list[str], damage: Callable[[Path], None]
) -> None:
    first = update(inputs, tmp_path / "out")
    damage(facts_file(tmp_path, OLD))
    written.clear()
    assert update(inputs, tmp_path / "out") == first
    assert written == [OLD]
    build_afresh(inputs, tmp_path / "afresh")
    assert_same_dataset(tmp_path / "out", tmp_path / "afresh")
    assert not faults(Dataset.open(tmp_path / "out"))


def test_facts_damaged_in_the_dataset_are_not_placed_again(tmp_path: Path, inputs: Inputs) -> None:
    first = update(inputs, tmp_path / "out")
    linked = facts_file(tmp_path, OLD)
    linked.write_bytes(b"damaged, and so is the kept file that is the same on disk")
    assert update(inputs, tmp_path / "out") == first
    assert not faults(Dataset.open(tmp_path / "out"))


def test_months_with_equal_counts_are_written_once(
    tmp_path: Path, inputs: Inputs, written: list[str]
) -> None:
    alike = {file: data for month in MONTHS for file, data in month_of(month).items()}
    write_archive(inputs.police[0], alike)
    update(inputs, tmp_path / "out")
    assert written == [MONTHS[0]]
    build_afresh(inputs, tmp_path / "afresh")
    assert_same_dataset(tmp_path / "out", tmp_path / "afresh")


def test_building_anew_writes_every_month(
    tmp_path: Path, inputs: Inputs, written: list[str]
) -> None:
    update(inputs, tmp_path / "out")
    written.clear()
    build(inputs, tmp_path / "out", cache=tmp_path / "cache", readings=tmp_path / "kept")
    assert written == list(MONTHS[:-1])


def test_facts_no_longer_used_go_and_what_is_not_ours_stays(tmp_path: Path, inputs: Inputs) -> None:
    update(inputs, tmp_path / "out")
    folder = tmp_path / "kept" / "facts"
    (folder / "notes.txt").write_text("mine")
    half = folder / f"{'0' * 32}-{'1' * 32}.parquet.12.part"
    half.write_bytes(b"half")
    later = {file: data for file, data in MEMBERS.items() if file >= MONTHS[3]}
    write_archive(inputs.police[0], later)
    update(inputs, tmp_path / "out")
    assert len(list(folder.glob("*.parquet"))) == len(MONTHS) - 1 - 3
    assert not half.exists()
    assert (folder / "notes.txt").exists()


def test_facts_are_copied_where_they_cannot_be_linked(
    tmp_path: Path, inputs: Inputs, written: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_paths: Path) -> None:
        raise OSError("cross-device link")

    monkeypatch.setattr(os, "link", refuse)
    update(inputs, tmp_path / "out")
    written.clear()
    update(inputs, tmp_path / "out")
    assert written == []
    build_afresh(inputs, tmp_path / "afresh")
    assert_same_dataset(tmp_path / "out", tmp_path / "afresh")
