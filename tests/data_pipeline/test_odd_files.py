"""Police files as people really have them: renamed, copied, saved by a spreadsheet."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from data_pipeline.__main__ import app
from data_pipeline.dataset import Dataset
from data_pipeline.inputs.decoding import as_month
from data_pipeline.police.sources import open_source

from .tiny import account, build_tiny, counts, middle, name, row, street, write_archive

CHESHIRE, KENT = name("cheshire"), name("kent")
ROWS = [row("a", at=middle("E01000005"), lsoa="E01000005"), row("b", lsoa="E01000006")]
SOUND = {CHESHIRE: street([row("c"), row("d", lsoa="E01000002")])}
EXPECTED = {"E01000001": 1, "E01000002": 1, "E01000005": 1, "E01000006": 1}


def by_kent(*, month: str = "2024-01", reported_by: str = "Kent Police") -> bytes:
    return street([line.replace(f"{month},A,A", f"{month},{reported_by},A") for line in ROWS])


def reported(path: Path, command: str) -> str:
    result = CliRunner().invoke(app, [command, str(path)])
    assert result.exit_code == 0, result.output
    return result.stdout


@pytest.mark.parametrize("blank", ["NA", "nan", "NULL", "None", "-", '""', "   ", '""""""', "n/a"])
def test_what_stands_for_nothing_is_a_blank_in_every_column(tmp_path: Path, blank: str) -> None:
    incidents = [
        row(blank, kind="Anti-social behaviour", lsoa="E01000005", at=(blank, blank))
        for _ in range(10)
    ]
    nowhere = [row(f"n{at}", lsoa=blank) for at in range(3)]
    untyped = [row(f"t{at}", lsoa="E01000005", kind=blank) for at in range(2)]
    dataset = build_tiny(tmp_path, SOUND | {KENT: street([*incidents, *nowhere, *untyped])})
    found = account(dataset, KENT)
    assert (found["rows_read"], found["kept"], found["no_lsoa"], found["malformed"]) == (
        15,
        10,
        3,
        2,
    )
    assert "duplicate" not in found
    assert "ids_elsewhere" not in found


def test_spaces_around_a_crime_id_make_it_no_other_one(tmp_path: Path) -> None:
    rows = [row("a", lsoa="E01000005"), row(" a ", lsoa="E01000005")]
    assert account(build_tiny(tmp_path, SOUND | {KENT: street(rows)}), KENT)["duplicate"] == 1


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(street(ROWS).replace(b"E0100", b"e0100"), id="codes in lower case"),
        pytest.param(street(ROWS).replace(b"2024-01", b"Jan-24"), id="months by name"),
        pytest.param(street(ROWS).replace(b"2024-01", b"01/01/2024"), id="months as days"),
        pytest.param(street(ROWS).replace(b"2024-01", b"45292"), id="months as serial days"),
        pytest.param(street(ROWS).replace(b",", b";"), id="semicolons"),
        pytest.param(street(ROWS).replace(b",", b"\t"), id="tabs"),
        pytest.param(b"sep=;\n" + street(ROWS).replace(b",", b";"), id="sep= line"),
        pytest.param(
            street(ROWS).replace(b",", b";").replace(b"53.", b"53,").replace(b"-2.", b"-2,"),
            id="decimal commas",
        ),
        pytest.param(b"Crimes in Kent\n,,,,\n\n" + street(ROWS), id="title lines"),
        pytest.param(street([*ROWS, "," * 11, "," * 11]), id="blank rows at the end"),
        pytest.param(street([ROWS[0], "," * 11, ROWS[1], ",,,", '"",""']), id="blank rows"),
        pytest.param(
            street([",".join(f'"{cell}"' for cell in line.split(",")) for line in ROWS]),
            id="everything in quotes",
        ),
    ],
)
def test_what_a_spreadsheet_saved_again_is_read(tmp_path: Path, content: bytes) -> None:
    dataset = build_tiny(tmp_path, SOUND | {KENT: content})
    assert counts(dataset) == EXPECTED
    found = account(dataset, KENT)
    assert (found["rows_read"], found["kept"]) == (2, 2)
    assert dataset.snap_points["points"].iloc[4] == 1, "its coordinates are read"
    assert not dataset.warnings


@pytest.mark.parametrize(
    ("printed", "month"),
    [
        ("2024-02", "2024-02"),
        ("Feb-24", "2024-02"),
        ("February 2024", "2024-02"),
        ("1 Feb 2024", "2024-02"),
        ("01/02/2024", "2024-02"),
        ("2/1/2024", "2024-02"),
        ("01-02-24", "2024-02"),
        ("2024-02-01T00:00:00Z", "2024-02"),
        ("202402", "2024-02"),
        ("02/2024", "2024-02"),
        ("45323", "2024-02"),
        ("24-Feb", ""),
        ("15/02/2024", ""),
        ("2024-13", ""),
        ("13/01/2024", ""),
        ("45324", ""),
        ("February", ""),
        ("", ""),
    ],
)
def test_a_month_is_read_where_it_is_certain(printed: str, month: str) -> None:
    assert as_month(printed) == month


@pytest.mark.parametrize(
    "path",
    [
        "2024-01\\2024-01-kent-street.csv",
        "2024-01/2024-01-Kent-Street.CSV",
        "police/2024-01/2024-01-kent-street (1).csv",
        "2024-01_kent_street.csv",
    ],
)
def test_a_renamed_file_counts_and_its_own_name_is_kept(tmp_path: Path, path: str) -> None:
    dataset = build_tiny(tmp_path, SOUND | {path: street(ROWS)})
    assert counts(dataset) == EXPECTED
    found = account(dataset, KENT)
    assert found["status"] == "supplied"
    assert found["note"] == f"the file is {path}"


@pytest.mark.parametrize("path", ["kent.csv", "street.csv", "2024-01/crimes (3).csv", "x/Kent.txt"])
def test_rows_say_what_a_name_does_not(tmp_path: Path, path: str) -> None:
    dataset = build_tiny(tmp_path, SOUND | {path: by_kent()})
    assert counts(dataset) == EXPECTED
    assert dataset.supplied.all()


@pytest.mark.parametrize(
    ("path", "content", "reason"),
    [
        pytest.param(
            "kent-street.csv",
            street([*ROWS, row(month="2024-02")]),
            "several months",
            id="2 months",
        ),
        pytest.param("street.csv", street(ROWS), "its rows do not say it either", id="no force"),
        pytest.param(
            "2024-01/street of kent and essex.csv", b"hello", "lacks the column", id="no table"
        ),
        pytest.param("2024-02-kent.csv", by_kent(), "its rows are of 2024-01", id="another month"),
        pytest.param(
            "2024-01/essex.csv",
            by_kent(),
            "its rows are reported by Kent Police",
            id="another force",
        ),
        pytest.param(
            "../2024-03-kent-street.csv", by_kent(), "leads out of the archive", id="outside"
        ),
    ],
)
def test_a_file_of_no_certain_force_month_is_named_wherever_coverage_is(
    tmp_path: Path, path: str, content: bytes, reason: str
) -> None:
    dataset = build_tiny(tmp_path, SOUND | {path: content})
    assert counts(dataset) == {"E01000001": 1, "E01000002": 1}
    assert dataset.months[0] == "2024-01"
    said = [dataset.warnings, reported(dataset.path, "info"), reported(dataset.path, "check")]
    for text in map(str, said):
        assert path in text
        assert reason in text


def test_a_force_month_whose_file_is_there_is_never_missing(tmp_path: Path) -> None:
    dataset = build_tiny(tmp_path, SOUND | {"2024-01/2024-01-kent-street.xlsx": b"PK"})
    kent = dataset.coverage[dataset.coverage["force"] == "kent"]
    assert kent["status"].tolist() == ["unreadable"]
    said = reported(dataset.path, "info")
    assert "Not supplied" not in said
    assert "2024-01/2024-01-kent-street.xlsx" in said


def test_of_two_files_of_a_force_month_the_one_with_the_proper_name_counts(tmp_path: Path) -> None:
    copy = "2024-01/2024-01-kent-street (1).csv"
    dataset = build_tiny(tmp_path, SOUND | {KENT: street(ROWS), copy: street(ROWS[:1])})
    assert counts(dataset) == EXPECTED
    assert dataset.accounts["status"].value_counts().to_dict() == {"supplied": 2, "repeated": 1}
    assert any(copy in warning and "is used instead" in warning for warning in dataset.warnings)


def test_other_tables_are_left_alone(tmp_path: Path) -> None:
    members = SOUND | {KENT: street(ROWS), "notes.csv": b"a,b\n1,2\n", "readme.txt": b"hello"}
    source = open_source(write_archive(tmp_path / "police.zip", members))
    assert (len(source.files), len(source.unplaced), source.ignored) == (2, 0, 2)


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        (
            [row("a", lsoa="X99"), row("b", lsoa="X98"), row("c", lsoa="X99")],
            "LSOA code says 'X99' in 2",
        ),
        ([row("a", month="2023-12")], "Month says '2023-12' in 1 of them, not 2024-01"),
        ([row("a", month="24-Jan")], "Month says '24-Jan' in 1"),
        ([row("a", lsoa="NA")], "LSOA code is blank in 1"),
        ([row("a", kind="")], "Crime type is blank in 1"),
        ([row("a"), row("b"), row("c", lsoa="E01000005")], "LSOA code says E01000001 in 2"),
    ],
)
def test_the_reason_for_setting_a_file_aside_names_column_and_value(
    tmp_path: Path, rows: list[str], reason: str
) -> None:
    dataset = build_tiny(tmp_path, SOUND | {KENT: street(rows)})
    assert account(dataset, KENT)["status"] == "quarantined"
    assert reason in str(account(dataset, KENT)["note"])
    assert any(reason in warning for warning in dataset.warnings)


def test_forces_that_lack_the_same_are_grouped(small_dataset: Dataset) -> None:
    said = reported(small_dataset.path, "info")
    assert "Not supplied:" in said
    lines = said.split("Not supplied:")[1].split("Warnings")[0].strip().splitlines()
    assert len({line.partition(":")[2] for line in lines}) == len(lines)
