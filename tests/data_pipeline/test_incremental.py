"""Bringing a dataset up to date: only what changed is read, and the result is that of a build."""

from __future__ import annotations

import os
import zipfile
from dataclasses import fields, is_dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner

from data_pipeline.__main__ import app
from data_pipeline.dataset import Dataset
from data_pipeline.dataset.crime_types import KNOWN_TYPES
from data_pipeline.dataset.months import months_between
from data_pipeline.geography.lsoa_codes import LsoaCodes
from data_pipeline.police import results_store as readings
from data_pipeline.police.archive import StreetFile
from data_pipeline.police.read import ReadFile, read_street_file
from data_pipeline.police.results_store import Readings

from .tiny import (
    SPLIT_PARENT,
    Inputs,
    account,
    build,
    middle,
    name,
    row,
    street,
    write_archive,
    write_inputs,
)

MONTHS = months_between("2024-01", "2024-08")


def month_of(month: str, rows: int = 12) -> dict[str, bytes]:
    """Both forces' files of a month; one Crime ID is in both."""
    cheshire = [row(f"{month}-{at}", "E01000001", month=month) for at in range(rows)]
    kent = [row(f"kent-{month}-{at}", "E01000005", month=month) for at in range(rows)]
    return {
        name("cheshire", month): street([*cheshire, row("shared", month=month)]),
        name("kent", month): street([*kent, row("shared", "E01000006", month=month)]),
    }


MEMBERS = {file: content for month in MONTHS[:-1] for file, content in month_of(month).items()}
STRANGE = [
    row("x", SPLIT_PARENT, at=middle("E01000003")),
    row("y", "E01999999"),
    row("z", "", kind="Piracy"),
    row("z", "", kind="Piracy"),
    row("q", kind="Piracy", at=middle("E01000001")),
    row("p", SPLIT_PARENT),
    row("o", month="2023-12"),
    "too short",
]


@pytest.fixture
def inputs(tmp_path: Path) -> Inputs:
    return write_inputs(tmp_path / "inputs", write_archive(tmp_path / "police.zip", MEMBERS))


@pytest.fixture
def files_read(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Names of the street files that are really read, filled as it happens."""
    read: list[str] = []

    def counting(file: StreetFile, codes: Any) -> Any:
        read.append(file.name)
        return read_street_file(file, codes)

    monkeypatch.setattr(readings, "read_street_file", counting)
    return read


def update(inputs: Inputs, out: Path) -> str:
    cache = out.with_name("cache")
    return build(inputs, out, cache=cache, readings=out.with_name("kept"), reread=False)


def build_afresh(inputs: Inputs, out: Path) -> str:
    return build(inputs, out, cache=out.with_name("cache"))


def assert_same_dataset(one: Path, other: Path) -> None:
    files = sorted(path.relative_to(one) for path in one.rglob("*") if path.is_file())
    assert files == sorted(path.relative_to(other) for path in other.rglob("*") if path.is_file())
    for file in files:
        if file.name != "manifest.json":
            assert (one / file).read_bytes() == (other / file).read_bytes()
    assert Dataset.open(one).id == Dataset.open(other).id


CHANGES = {
    "a new month": MEMBERS | month_of(MONTHS[-1]),
    "an old month revised": MEMBERS | month_of(MONTHS[2], rows=11),
    "a file gone": {file: MEMBERS[file] for file in MEMBERS if file != name("kent", MONTHS[1])},
    "a month gone": {file: MEMBERS[file] for file in MEMBERS if not file.startswith(MONTHS[0])},
    "a file set aside": MEMBERS
    | {name("kent", MONTHS[3]): street([row("lone", "E01000005", month=MONTHS[3])])},
    "a file damaged": MEMBERS | {name("kent", MONTHS[3]): b"<html>"},
    "strange rows": MEMBERS | {name("kent", MONTHS[0]): street(STRANGE)},
    "a supplier left out": MEMBERS | {name("btp", MONTHS[0]): street([row("shared")])},
}


@pytest.mark.parametrize("change", CHANGES)
def test_an_update_is_byte_for_byte_the_build_and_reads_only_what_changed(
    tmp_path: Path, inputs: Inputs, files_read: list[str], change: str
) -> None:
    update(inputs, tmp_path / "out")
    assert sorted(files_read) == sorted(MEMBERS)
    files_read.clear()
    write_archive(inputs.police[0], CHANGES[change])
    update(inputs, tmp_path / "out")
    changed = [file for file, data in CHANGES[change].items() if MEMBERS.get(file) != data]
    assert sorted(files_read) == sorted(changed)
    build_afresh(inputs, tmp_path / "afresh")
    assert_same_dataset(tmp_path / "out", tmp_path / "afresh")
    files_read.clear()
    update(inputs, tmp_path / "out")
    damaged = [name("kent", MONTHS[3])] if change == "a file damaged" else []
    assert files_read == damaged, "what is no street file is looked at every time"
    assert_same_dataset(tmp_path / "out", tmp_path / "afresh")


def test_a_file_is_set_aside_because_other_months_moved_the_median(
    tmp_path: Path, inputs: Inputs, files_read: list[str]
) -> None:
    few = name("kent", MONTHS[0])
    write_archive(inputs.police[0], MEMBERS | {few: street([row("lone", "E01000005")] * 1)})
    smaller = {file: data for file, data in MEMBERS.items() if file.startswith(MONTHS[1])}
    archive = write_archive(inputs.police[0], smaller | {few: street([row("l", "E01000005")])})
    update(inputs, tmp_path / "out")
    assert account(Dataset.open(tmp_path / "out"), few)["status"] == "supplied"
    files_read.clear()
    write_archive(archive, MEMBERS | {few: street([row("l", "E01000005")])})
    update(inputs, tmp_path / "out")
    assert few not in files_read
    assert account(Dataset.open(tmp_path / "out"), few)["status"] == "quarantined"
    build_afresh(inputs, tmp_path / "afresh")
    assert_same_dataset(tmp_path / "out", tmp_path / "afresh")


def test_crime_ids_shared_with_a_new_file_are_found_without_reading_the_old_ones(
    tmp_path: Path, inputs: Inputs, files_read: list[str]
) -> None:
    update(inputs, tmp_path / "out")
    old = name("cheshire", MONTHS[0])
    before = account(Dataset.open(tmp_path / "out"), old)["ids_elsewhere"]
    again = street([row(f"{MONTHS[0]}-3", month=MONTHS[-1]), row("new", month=MONTHS[-1])])
    write_archive(inputs.police[0], MEMBERS | {name("cheshire", MONTHS[-1]): again})
    files_read.clear()
    update(inputs, tmp_path / "out")
    assert files_read == [name("cheshire", MONTHS[-1])]
    assert before == 1
    assert account(Dataset.open(tmp_path / "out"), old)["ids_elsewhere"] == 2


def test_a_folder_is_known_by_content_and_an_archive_by_its_list(
    tmp_path: Path, inputs: Inputs, files_read: list[str]
) -> None:
    update(inputs, tmp_path / "out")
    files_read.clear()
    folder = tmp_path / "unpacked"
    with zipfile.ZipFile(inputs.police[0]) as archive:
        archive.extractall(folder)
    unpacked = replace(inputs, police=(folder,))
    update(unpacked, tmp_path / "out")
    assert files_read == []
    file = folder / name("kent", MONTHS[1])
    file.write_bytes(file.read_bytes().replace(b"E01000005", b"E01000006"))
    update(unpacked, tmp_path / "out")
    assert files_read == [name("kent", MONTHS[1])]
    build_afresh(unpacked, tmp_path / "afresh")
    assert_same_dataset(tmp_path / "out", tmp_path / "afresh")


def test_other_areas_or_another_reader_read_everything_again(
    tmp_path: Path, inputs: Inputs, files_read: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    update(inputs, tmp_path / "out")
    files_read.clear()
    changes = inputs.lsoa_changes.read_text()
    inputs.lsoa_changes.write_text(changes.replace("E01000092,E01000004", "E01000092,E01000003"))
    update(inputs, tmp_path / "out")
    assert len(files_read) == len(MEMBERS)
    files_read.clear()
    monkeypatch.setattr(readings, "code_version", lambda *_: "the next one")
    update(inputs, tmp_path / "out")
    assert len(files_read) == len(MEMBERS)


@pytest.mark.parametrize("damage", ["a bit turned", "cut short", "empty", "gone"])
def test_a_damaged_memory_is_read_anew_and_not_trusted(
    tmp_path: Path, inputs: Inputs, files_read: list[str], damage: str
) -> None:
    first = update(inputs, tmp_path / "out")
    files_read.clear()
    file = next((tmp_path / "kept").glob(f"{MONTHS[2]}-*.arrow"))
    sound = file.read_bytes()
    middle_byte = len(sound) // 2
    turned = bytes([sound[middle_byte] ^ 1])
    file.write_bytes(
        {
            "a bit turned": sound[:middle_byte] + turned + sound[middle_byte + 1 :],
            "cut short": sound[:middle_byte],
        }.get(damage, b"")
    )
    if damage == "gone":
        file.unlink()
    assert update(inputs, tmp_path / "out") == first
    assert files_read == [name("cheshire", MONTHS[2]), name("kent", MONTHS[2])]
    assert file.read_bytes() == sound


def test_months_no_longer_used_and_half_written_ones_are_cleared_away(
    tmp_path: Path, inputs: Inputs
) -> None:
    update(inputs, tmp_path / "out")
    kept = tmp_path / "kept"
    half = kept / f"2024-01-{'0' * 32}.arrow.12345.part"
    half.write_bytes(b"half")
    (kept / "notes.txt").write_text("mine")
    assert len(list(kept.glob("*.arrow"))) == len(MONTHS) - 1
    later = {file: data for file, data in MEMBERS.items() if file >= MONTHS[2]}
    write_archive(inputs.police[0], later)
    update(inputs, tmp_path / "out")
    assert sorted({path.name[:7] for path in kept.glob("*.arrow")}) == list(MONTHS[2:-1])
    assert not half.exists()
    assert (kept / "notes.txt").read_text() == "mine"


def test_a_stopped_build_goes_on_where_it_was(
    tmp_path: Path, inputs: Inputs, files_read: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def stopped(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("data_pipeline.build.build.publish", stopped)
        with pytest.raises(KeyboardInterrupt):
            update(inputs, tmp_path / "out")
    files_read.clear()
    update(inputs, tmp_path / "out")
    assert files_read == []


def test_every_value_of_a_tally_is_kept(
    tmp_path: Path, inputs: Inputs, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[tuple[StreetFile, LsoaCodes, ReadFile]] = []

    def watched(file: StreetFile, codes: LsoaCodes) -> ReadFile:
        seen.append((file, codes, read_street_file(file, codes)))
        return seen[-1][2]

    monkeypatch.setattr(readings, "read_street_file", watched)
    write_archive(inputs.police[0], {name("cheshire"): street(STRANGE)})
    update(inputs, tmp_path / "out")
    file, codes, read = seen[0]
    found = Readings(tmp_path / "kept", codes).find(file)
    assert found is not None
    assert_equal(found, read)
    assert nonempty(read.tally), "the example should fill every field"


def nonempty(value: Any) -> bool:
    if is_dataclass(value):
        return all(nonempty(getattr(value, part.name)) for part in fields(value))
    return bool(len(value)) if hasattr(value, "__len__") else bool(value)


def assert_equal(found: Any, expected: Any) -> None:
    assert type(found) is type(expected)
    for part in fields(expected):
        one, other = getattr(found, part.name), getattr(expected, part.name)
        if is_dataclass(other):
            assert_equal(one, other)
        elif isinstance(other, np.ndarray):
            assert one.dtype == other.dtype
            np.testing.assert_array_equal(one, other)
        else:
            assert (type(one), one) == (type(other), other)


def command(*words: object) -> Any:
    return CliRunner().invoke(app, [str(word) for word in words])


def build_words(inputs: Inputs, out: Path) -> list[object]:
    return [
        *("--police", inputs.police[0], "--boundaries", inputs.boundaries),
        *("--population", inputs.population[0], "--wards", inputs.wards),
        *("--forces", inputs.forces, "--lsoa-changes", inputs.lsoa_changes, "--out", out),
    ]


def test_add_takes_what_is_not_given_from_the_last_time(
    tmp_path: Path, inputs: Inputs, files_read: list[str]
) -> None:
    out = tmp_path / "out"
    assert command("build", *build_words(inputs, out)).exit_code == 0
    files_read.clear()
    newer = write_archive(tmp_path / "newer.zip", CHANGES["a new month"])
    result = command("add", "--police", newer, "--out", out)
    assert result.exit_code == 0, result.output
    assert sorted(files_read) == sorted(month_of(MONTHS[-1]))
    assert "Supplied only in B: 2 force-months" in result.stdout
    assert "Cheshire: August 2024 (not among the months → supplied, 13 counted)" in result.stdout
    build_afresh(replace(inputs, police=(newer,)), tmp_path / "afresh")
    assert_same_dataset(out, tmp_path / "afresh")
    again = command("add", "--to", out)
    assert "different" not in again.stdout
    assert_same_dataset(out, tmp_path / "afresh")


def test_add_can_lay_a_path_on_top_of_those_of_the_last_time(
    tmp_path: Path, inputs: Inputs
) -> None:
    out = tmp_path / "out"
    command("build", *build_words(inputs, out))
    month = write_archive(tmp_path / "month.zip", month_of(MONTHS[-1]))
    assert command("add", "--also", month, "--out", out).exit_code == 0
    assert Dataset.open(out).months == MONTHS


def test_add_without_a_memory_names_what_has_to_be_given(tmp_path: Path, inputs: Inputs) -> None:
    out = tmp_path / "out"
    result = command("add", "--police", inputs.police[0], "--out", out)
    assert result.exit_code == 2
    assert "is not remembered in" in result.stderr
    assert "give --population, --boundaries, --wards, --forces, --lsoa-changes" in result.stderr
    assert command("add", *build_words(inputs, out)).exit_code == 0
    assert Dataset.open(out).months == MONTHS[:-1]


def test_what_is_remembered_does_not_depend_on_the_current_folder(
    tmp_path: Path, inputs: Inputs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    local = Inputs(
        **{
            part.name: relative(getattr(inputs, part.name), tmp_path)
            for part in fields(Inputs)
            if getattr(inputs, part.name)
        }
    )
    local = replace(local, population=(f"{local.population[0]}::residents::2022",))
    assert command("build", *build_words(local, Path("out"))).exit_code == 0
    monkeypatch.chdir(tmp_path / "inputs")
    result = command("add", "--out", os.path.relpath(tmp_path / "out"))
    assert result.exit_code == 0, result.output


def relative(value: Any, folder: Path) -> Any:
    if isinstance(value, tuple):
        return tuple(relative(part, folder) for part in value)
    path = Path(value).relative_to(folder)
    return path if isinstance(value, Path) else str(path)


def test_the_strange_rows_hold_a_crime_type_that_is_not_known() -> None:
    assert "Piracy" not in KNOWN_TYPES
