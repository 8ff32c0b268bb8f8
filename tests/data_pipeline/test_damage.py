"""Damaged police files: what each kind says and costs, and that everything else is kept.

Cheshire's file is sound throughout, and so is Kent's of February; only Kent's of January is
damaged.
"""

from __future__ import annotations

import struct
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from data_pipeline.dataset import Dataset
from data_pipeline.dataset.schema import ROW_REASONS
from data_pipeline.inputs.errors import InputError
from data_pipeline.police.archive import MOST_BYTES, StreetFile
from data_pipeline.police.sources import open_source

from .tiny import (
    HEADER,
    SPLIT_PARENT,
    account,
    build,
    build_tiny,
    counts,
    middle,
    name,
    row,
    street,
    write_archive,
    write_inputs,
)

CHESHIRE, KENT, LATER = name("cheshire"), name("kent"), name("kent", "2024-02")
SOUND = {
    CHESHIRE: street([row("a"), row("b", lsoa="E01000002"), row(kind="Anti-social behaviour")]),
    LATER: street([row("later", lsoa="E01000006", month="2024-02")]),
}
KEPT = {"E01000001": 2, "E01000002": 1}
GOOD = [row(f"k{at}", lsoa="E01000005") for at in range(4)]


def damaged(folder: Path, content: bytes) -> Dataset:
    return build_tiny(folder, SOUND | {KENT: content})


def assert_the_rest_is_kept(dataset: Dataset) -> None:
    found = counts(dataset)
    assert {code: found.get(code) for code in KEPT} == KEPT
    assert counts(dataset, "2024-02") == {"E01000006": 1}
    for file, rows in ((CHESHIRE, 3), (LATER, 1)):
        assert account(dataset, file)["kept"] == account(dataset, file)["rows_read"] == rows
    accounts = dataset.accounts
    assert (accounts[["kept", *ROW_REASONS]].sum(axis=1) == accounts["rows_read"]).all()


def assert_not_supplied(dataset: Dataset, reason: str) -> None:
    """Say why Kent's January is lost, everywhere where it is said, and that nothing else is."""
    found = account(dataset, KENT)
    assert found["status"] == "unreadable"
    assert reason in str(found["note"])
    assert "kept" not in found
    assert [warning for warning in dataset.warnings if KENT in warning and reason in warning]
    assert dataset.supplied.tolist() == [[True, False], [False, True]]
    assert_the_rest_is_kept(dataset)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        pytest.param(b"", "it is empty", id="0 bytes"),
        pytest.param(b"\r\n \n", "it is empty", id="blank lines"),
        pytest.param(b"<!DOCTYPE html><html>Gone</html>", "it is a web page", id="HTML"),
        pytest.param(
            b"\n\n  <?xml version='1.0'?><Error>AccessDenied</Error>", "it is a web page", id="XML"
        ),
        pytest.param(street(GOOD).decode().encode("utf-16"), "UTF-16", id="UTF-16 with a mark"),
        pytest.param(street(GOOD).decode().encode("utf-16-le"), "UTF-16", id="UTF-16 without"),
        pytest.param(b"\x00" * 4096, "UTF-16 or is not text", id="NULs only"),
        pytest.param(b"PK\x03\x04" + b"\x07" * 400, "lacks the column Crime ID", id="a ZIP"),
        pytest.param(street(GOOD[1:], GOOD[0]), "lacks the column Crime ID", id="no heading"),
        pytest.param(
            street(GOOD, HEADER.replace("LSOA code", "Area code")),
            "lacks the column LSOA code; the columns found are: Crime ID, Month,",
            id="renamed column",
        ),
        pytest.param(
            street([line.rpartition(",")[0] for line in GOOD], "Crime ID,Month,Crime type"),
            "lacks the column Longitude",
            id="missing columns",
        ),
        pytest.param(b"x" * 200_000, "its first line is no heading", id="endless first field"),
        pytest.param(b"x" * 90_000, f"are: {'x' * 40}.", id="long first field"),
        pytest.param(
            street([row(kind=f"Road {at}", lsoa="E01000005") for at in range(51)]),
            "its column Crime type holds something else: Road 0, Road 1",
            id="shifted columns",
        ),
    ],
)
def test_a_file_that_is_no_street_file_is_named_with_the_reason(
    tmp_path: Path, content: bytes, reason: str
) -> None:
    assert_not_supplied(damaged(tmp_path, content), reason)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        pytest.param(b"\xef\xbb\xbf" + street(GOOD), {"kept": 4}, id="byte-order mark"),
        pytest.param(street(GOOD).replace(b"\n", b"\r\n"), {"kept": 4}, id="CRLF"),
        pytest.param(street(GOOD).replace(b"\n", b"\r"), {"kept": 4}, id="CR"),
        pytest.param(street(GOOD).rstrip(), {"kept": 4}, id="no last line end"),
        pytest.param(street(GOOD).replace(b"\n", b"\n\n"), {"kept": 4}, id="blank lines between"),
        pytest.param(
            street([*GOOD, row("x", lsoa="E01000005", location="Caf\u00e9")])
            .decode()
            .encode("latin-1"),
            {"kept": 5},
            id="Latin-1",
        ),
        pytest.param(
            street([*GOOD, "x,2024-01,Caf\u00e9"]).decode().encode("latin-1"),
            {"kept": 4, "malformed": 1},
            id="short row in Latin-1",
        ),
        pytest.param(
            street([*GOOD[:2], GOOD[2].rpartition(",")[0], GOOD[3] + ","]),
            {"kept": 2, "malformed": 2},
            id="short and long row",
        ),
        pytest.param(
            street([*GOOD[:2], row("q", location='"On or near'), *GOOD[2:]]),
            {"kept": 4, "malformed": 1},
            id="open quote",
        ),
        pytest.param(
            street([*GOOD[:2], row('q"q', location='"On or near'), *GOOD[2:]]),
            {"kept": 4, "malformed": 1},
            id="open quote after a stray one",
        ),
        pytest.param(
            street([*GOOD, row("q", lsoa="E01000005", location='"The ""Bell"", High Street"')]),
            {"kept": 5},
            id="quotes within quotes",
        ),
        pytest.param(
            street([*GOOD[:2], HEADER, *GOOD[2:]]),
            {"kept": 4, "wrong_month": 1},
            id="heading repeated",
        ),
        pytest.param(
            street([*GOOD[:2], "\x00" * 512, row("n\x00", lsoa="E01000005"), *GOOD[2:]]),
            {"kept": 4, "malformed": 2},
            id="NULs",
        ),
        pytest.param(
            street([*GOOD, *[row("m", month=month) for month in ("2024-02", "Jan 2023", "")]]),
            {"kept": 4, "wrong_month": 3},
            id="another month",
        ),
        pytest.param(
            street([*GOOD, row("u", lsoa="E01000005", kind="Space piracy")]),
            {"kept": 5},
            id="unknown crime type",
        ),
        pytest.param(
            street([*GOOD, row("u", lsoa="E09999999"), row("s", lsoa="S01006506")]),
            {"kept": 4, "unknown_lsoa": 2},
            id="unknown LSOAs",
        ),
        pytest.param(
            street(
                [",".join(reversed(line.split(","))) for line in GOOD],
                ",".join(reversed(HEADER.split(","))),
            ),
            {"kept": 4},
            id="columns in another order",
        ),
        pytest.param(
            street([line + ",more" for line in GOOD], HEADER + ",New column"),
            {"kept": 4},
            id="a column more",
        ),
        pytest.param(
            street([row(lsoa="E01000005", at=at) for at in (("200", "95"), ("x", "y"), ("", ""))]),
            {"kept": 3},
            id="coordinates nowhere",
        ),
    ],
)
def test_damage_within_a_file_costs_the_damaged_rows_only(
    tmp_path: Path, content: bytes, expected: dict[str, int]
) -> None:
    dataset = damaged(tmp_path, content)
    found = account(dataset, KENT)
    figures = {key: found[key] for key in ("kept", *ROW_REASONS) if key in found}
    assert figures == expected
    assert found["rows_read"] == sum(expected.values())
    assert found["status"] == "supplied"
    assert counts(dataset)["E01000005"] == expected["kept"]
    assert_the_rest_is_kept(dataset)


@pytest.mark.parametrize(
    "at",
    [("", ""), ("0", "0"), ("53.4", "-2.9"), ("1e300", "52"), ("nowhere", "52"), ("-2.5", "")],
)
def test_a_split_row_with_a_point_that_cannot_be_is_conserved_and_reported(
    tmp_path: Path, at: tuple[str, str]
) -> None:
    rows = [row(lsoa=SPLIT_PARENT, at=at), row(lsoa=SPLIT_PARENT, at=middle("E01000003"))]
    dataset = build_tiny(tmp_path, {CHESHIRE: street(rows)})
    assert counts(dataset) == {"E01000002": 1, "E01000003": 1}
    assert account(dataset, CHESHIRE)["unplaced_2011"] == 1
    assert any(warning.startswith("1 rows of split 2011 LSOAs") for warning in dataset.warnings)


def test_a_point_elsewhere_in_the_country_goes_to_the_nearest_part_of_the_split(
    tmp_path: Path,
) -> None:
    cornwall, northumberland = ("-5.7", "50.1"), ("-1.6", "55.6")
    rows = [row(lsoa=SPLIT_PARENT, at=at) for at in (cornwall, northumberland)]
    dataset = build_tiny(tmp_path, {CHESHIRE: street(rows)})
    assert counts(dataset) == {"E01000002": 1, "E01000003": 1}
    assert "unplaced_2011" not in account(dataset, CHESHIRE)


Edit = Callable[[bytearray, int, int], object]


def tampered(folder: Path, edit: Edit, *, rows: int = 200) -> Dataset:
    """Build from an archive after `edit` of its bytes, given Kent's offset and directory entry."""
    kent = street([row(f"k{at}", lsoa="E01000005") for at in range(rows)])
    archive = write_archive(folder / "police.zip", SOUND | {KENT: kent})
    offset = next(file.offset for file in open_source(archive).files if file.name == KENT)
    content = bytearray(archive.read_bytes())
    entry = content.rindex(KENT.encode()) - 46
    edit(content, int(offset or 0), entry)
    archive.write_bytes(bytes(content))
    build(write_inputs(folder / "inputs", archive), folder / "dataset")
    return Dataset.open(folder / "dataset")


def put(value: int, field: int) -> Edit:
    """Return an edit that writes `value` into a field of Kent's directory entry."""
    return lambda content, _offset, entry: struct.pack_into("<I", content, entry + field, value)


@pytest.mark.parametrize(
    ("edit", "reason"),
    [
        pytest.param(
            lambda content, offset, _: content.__setitem__(
                slice(offset + 70, offset + 90), b"\xff" * 20
            ),
            "it cannot be unpacked",
            id="corrupt",
        ),
        pytest.param(
            lambda content, offset, _: content.__setitem__(slice(offset, offset + 4), b"\0" * 4),
            "its place in the archive holds something else",
            id="overwritten header",
        ),
        pytest.param(put(0xDEADBEEF, 16), "its checksum is wrong", id="wrong checksum"),
        pytest.param(put(12, 24), "it is not 12 bytes long, as the archive says", id="lying size"),
        pytest.param(put(MOST_BYTES + 1, 24), "it is larger than 1,024 MB", id="declared bomb"),
        pytest.param(put(MOST_BYTES + 1, 20), "it is larger than 1,024 MB", id="packed too large"),
        pytest.param(put(1 << 29, 42), "its place in the archive holds", id="offset beyond"),
    ],
)
def test_a_damaged_member_is_named_and_the_others_are_kept(
    tmp_path: Path, edit: Edit, reason: str
) -> None:
    assert_not_supplied(tampered(tmp_path, edit), reason)


def test_a_bomb_is_not_unpacked_beyond_its_declared_size(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    archive = write_archive(tmp_path / "police.zip", SOUND | {KENT: b"\n" * (64 << 20)})
    content = bytearray(archive.read_bytes())
    struct.pack_into("<I", content, content.rindex(KENT.encode()) - 46 + 24, 1000)
    archive.write_bytes(bytes(content))
    unpack, sizes = StreetFile._unpack, []

    def measured(self: StreetFile, packed: bytes) -> bytes:
        data = unpack(self, packed)
        sizes.append(len(data))
        return data

    monkeypatch.setattr(StreetFile, "_unpack", measured)
    build(write_inputs(tmp_path / "inputs", archive), tmp_path / "dataset")
    assert max(sizes) == 1001
    assert_not_supplied(Dataset.open(tmp_path / "dataset"), "it is not 1,000 bytes long")


@pytest.mark.parametrize(
    "path", [f"../{KENT}", f"/{KENT}", f"../../etc/{KENT}", "C:\\" + KENT.replace("/", "\\")]
)
def test_a_name_that_leads_out_of_the_archive_is_not_read_and_said(
    tmp_path: Path, path: str
) -> None:
    archive = tmp_path / "police.zip"
    with zipfile.ZipFile(archive, "w") as opened:
        for member, content in (SOUND | {path: street(GOOD)}).items():
            entry = zipfile.ZipInfo(member)
            entry.filename = member
            opened.writestr(entry, content)
    before = set(tmp_path.parent.rglob("*"))
    build(write_inputs(tmp_path / "inputs", archive), tmp_path / "dataset")
    dataset = Dataset.open(tmp_path / "dataset")
    assert_not_supplied(dataset, "its path leads out of the archive")
    assert path in str(account(dataset, KENT)["note"])
    new = {path.name for path in set(tmp_path.parent.rglob("*")) - before}
    assert Path(KENT).name not in new


@pytest.mark.parametrize("kept", [0.3, 0.9, 0.99])
def test_a_truncated_archive_stops_the_build_and_the_old_dataset_stays(
    tmp_path: Path, kept: float
) -> None:
    archive = write_archive(tmp_path / "police.zip", SOUND | {KENT: street(GOOD)})
    inputs, out = write_inputs(tmp_path / "inputs", archive), tmp_path / "dataset"
    first = build(inputs, out)
    content = archive.read_bytes()
    archive.write_bytes(content[: int(len(content) * kept)])
    with pytest.raises(InputError, match=r"police\.zip \(--police\) is not a ZIP archive, or is"):
        build(inputs, out)
    assert Dataset.open(out).id == first
    assert_the_rest_is_kept(Dataset.open(out))


def test_a_file_without_rows_is_set_aside(tmp_path: Path) -> None:
    dataset = damaged(tmp_path, street([]))
    found = account(dataset, KENT)
    assert (found["status"], found["note"]) == (
        "quarantined",
        "none of its 0 rows can be counted",
    )
    assert_the_rest_is_kept(dataset)
