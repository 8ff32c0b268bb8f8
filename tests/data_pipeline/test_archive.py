"""Police archives: what is found in them, and what damage costs."""

from __future__ import annotations

import hashlib
import shutil
import struct
import zipfile
from pathlib import Path

import pytest

from data_pipeline.dataset import Dataset
from data_pipeline.inputs.errors import InputError
from data_pipeline.police.archive import DamagedFileError
from data_pipeline.police.names import read_name, street_name
from data_pipeline.police.sources import choose_files, fingerprint, open_source

from .tiny import account, build, build_tiny, counts, name, row, street, write_archive, write_inputs

CHESHIRE, KENT = name("cheshire"), name("kent")
GOOD = street([row("a"), row("b")])


@pytest.mark.parametrize(
    ("path", "fault"),
    [
        ("../2024-01/2024-01-kent-street.csv", "its path leads out of the archive"),
        ("/2024-01/2024-01-kent-street.csv", "its path leads out of the archive"),
        ("C:\\2024-01\\2024-01-kent-street.csv", "its path leads out of the archive"),
        ("2024-02/2024-01-kent-street.csv", "several months (2024-01 and 2024-02)"),
        ("2024-01-kent-street-2024-02-03.csv", "several months (2024-01 and 2024-02)"),
        ("2024-13/2024-13-kent-street.csv", "does not say which month"),
        ("1999-01/1999-01-kent-street.csv", "does not say which month"),
        ("2024-01/2024-01-street.csv", "does not say which police force"),
        ("2024-01/2024-01-kent-essex Street.csv", "does not say which police force"),
        ("2024-01/2024-01-kent-street.xlsx", "ends in .xlsx"),
        ("2024-01/2024-01-kent-street.csv.gz", "ends in .gz"),
    ],
)
def test_a_name_that_is_not_certain_is_not_taken_and_says_why(path: str, fault: str) -> None:
    assert street_name(path) is None
    named = read_name(path)
    assert named is not None
    assert fault in named.fault


@pytest.mark.parametrize(
    "path",
    [
        "2024-01/2024-01-kent-outcomes.csv",
        "2024-01/2024-01-kent-stop-and-search.csv",
        "2024-01/2024-01-kent-street.csv.bak",
        "__MACOSX/2024-01/._2024-01-kent-street.csv",
        "2024-01/~$2024-01-kent-street.csv",
    ],
)
def test_other_kinds_of_files_are_no_street_files(path: str) -> None:
    assert read_name(path) is None


@pytest.mark.parametrize(
    "path",
    [
        "2024-01/2024-01-kent-street.csv",
        "crime/2024-01/2024-01-kent-street.csv",
        "2024-01-kent-street.csv",
        "2024-01\\2024-01-kent-street.csv",
        "2024-01/2024-01-KENT-street.CSV",
        "2024-01/2024-01-kent-Street.csv",
        "2024-01/2024-01-kent-street (1).csv",
        "2024-01/2024-01-kent-street - Copy (2).csv",
        "Copy of 2024-01-kent-street.csv",
        "2024_01_Kent Police_street.csv",
        "202401 kent street.csv",
        "2024-01/kent-street.csv.txt",
        "Downloads 2026-07/2024-01/Kent/Street.csv",
    ],
)
def test_a_name_that_is_certain_is_taken_however_it_is_written(path: str) -> None:
    assert street_name(path) == ("2024-01", "kent")


def test_other_members_are_ignored_and_counted(tmp_path: Path) -> None:
    members = {CHESHIRE: GOOD, "2024-01/2024-01-kent-outcomes.csv": b"", "readme.txt": b""}
    source = open_source(write_archive(tmp_path / "police.zip", members))
    assert [file.name for file in source.files] == [CHESHIRE]
    assert source.ignored == 2


def test_a_folder_and_an_archive_of_the_same_files_give_the_same_counts(tmp_path: Path) -> None:
    members = {CHESHIRE: GOOD, KENT: street([row("c", lsoa="E01000006")])}
    archive = write_archive(tmp_path / "police.zip", members)
    with zipfile.ZipFile(archive) as opened:
        opened.extractall(tmp_path / "unpacked")
    found = []
    for number, path in enumerate((archive, tmp_path / "unpacked", tmp_path / "unpacked/2024-01")):
        out = tmp_path / f"dataset{number}"
        build(write_inputs(tmp_path / "inputs", path), out)
        found.append((out / "counts.npy").read_bytes())
    assert found[0] == found[1] == found[2]


def test_a_folder_hash_depends_on_content_and_not_on_place(tmp_path: Path) -> None:
    first, second = tmp_path / "one", tmp_path / "two"
    (first / "2024-01").mkdir(parents=True)
    (first / CHESHIRE).write_bytes(GOOD)
    shutil.copytree(first, second)
    assert fingerprint(open_source(first)) == fingerprint(open_source(second))
    (second / CHESHIRE).write_bytes(GOOD + b"\n")
    assert fingerprint(open_source(first)) != fingerprint(open_source(second))


def test_an_archive_hash_is_its_sha_256(tmp_path: Path) -> None:
    archive = write_archive(tmp_path / "police.zip", {CHESHIRE: GOOD})
    content = archive.read_bytes()
    assert fingerprint(open_source(archive)) == (hashlib.sha256(content).hexdigest(), len(content))


def test_a_corrupt_member_costs_itself_only(tmp_path: Path) -> None:
    archive = write_archive(
        tmp_path / "police.zip", {CHESHIRE: GOOD, KENT: street([row("c")] * 50)}
    )
    kent = open_source(archive).files[1]
    content = bytearray(archive.read_bytes())
    start = int(kent.offset or 0) + 30 + len(KENT)
    content[start : start + 8] = b"\xff" * 8
    archive.write_bytes(bytes(content))
    build(write_inputs(tmp_path / "inputs", archive), tmp_path / "dataset")
    dataset = Dataset.open(tmp_path / "dataset")
    assert account(dataset, KENT)["status"] == "unreadable"
    assert "unpacked" in str(account(dataset, KENT)["note"])
    assert counts(dataset) == {"E01000001": 2}


@pytest.mark.parametrize(
    ("field", "value", "reason"),
    [(16, 0, "checksum"), (24, 10, "not 10 bytes long"), (24, 1 << 31, "larger than")],
)
def test_a_directory_entry_that_lies_makes_the_file_unreadable(
    tmp_path: Path, field: int, value: int, reason: str
) -> None:
    archive = write_archive(tmp_path / "police.zip", {KENT: GOOD})
    content = bytearray(archive.read_bytes())
    entry = content.index(b"PK\x01\x02")
    content[entry + field : entry + field + 4] = struct.pack("<I", value)
    archive.write_bytes(bytes(content))
    with pytest.raises(DamagedFileError, match=reason):
        open_source(archive).files[0].read()


def test_the_last_path_given_wins_and_the_other_is_recorded(tmp_path: Path) -> None:
    old = write_archive(
        tmp_path / "old.zip", {CHESHIRE: GOOD, KENT: street([row("k", "E01000005")])}
    )
    new = write_archive(tmp_path / "new.zip", {CHESHIRE: street([row("a"), row("b"), row("c")])})
    build(write_inputs(tmp_path / "inputs", old, new), tmp_path / "dataset")
    dataset = Dataset.open(tmp_path / "dataset")
    assert counts(dataset) == {"E01000001": 3, "E01000005": 1}
    replaced = dataset.accounts[dataset.accounts["status"] == "superseded"]
    assert replaced[["source", "file", "rows_read"]].to_numpy().tolist() == [
        ["old.zip", CHESHIRE, 0]
    ]
    assert any(CHESHIRE in warning for warning in dataset.warnings)
    chosen, superseded = choose_files([open_source(new), open_source(old)])
    assert [file.source.name for file in chosen] == ["old.zip", "old.zip"]
    assert [file.source.name for file in superseded] == ["new.zip"]


def test_what_is_no_archive_is_named(tmp_path: Path) -> None:
    (tmp_path / "page.zip").write_bytes(b"<html>")
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match=r"page\.zip .* is not a ZIP archive"):
        open_source(tmp_path / "page.zip")
    with pytest.raises(InputError, match=r"absent\.zip .* does not exist"):
        open_source(tmp_path / "absent.zip")
    with pytest.raises(InputError, match="holds no street files"):
        open_source(tmp_path / "empty")


def test_a_truncated_archive_is_named(tmp_path: Path) -> None:
    archive = write_archive(tmp_path / "police.zip", {CHESHIRE: GOOD})
    archive.write_bytes(archive.read_bytes()[:-40])
    with pytest.raises(InputError, match="cut short"):
        open_source(archive)


def test_an_archive_without_any_usable_file_says_why(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"none of the police files can be counted: .*web page"):
        build_tiny(tmp_path, {CHESHIRE: b"<html>"})
