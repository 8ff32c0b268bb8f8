"""Where every row of a street file goes."""

from __future__ import annotations

from pathlib import Path

import pytest

from data_pipeline.dataset.schema import ROW_REASONS

from .tiny import (
    HEADER,
    MERGED_PARENT,
    SPLIT_PARENT,
    account,
    build_tiny,
    counts,
    middle,
    name,
    point,
    row,
    street,
)

CHESHIRE = name("cheshire")


def tally(folder: Path, *rows: str) -> tuple[dict[str, object], dict[str, int]]:
    dataset = build_tiny(folder, {CHESHIRE: street([row("first"), *rows])})
    return account(dataset, CHESHIRE), counts(dataset)


def test_first_row_of_a_repeated_crime_id_stays_even_if_they_differ(tmp_path: Path) -> None:
    files = {
        CHESHIRE: street([row("a", "E01000003", kind="Robbery"), row("a"), row("a", "E01000004")])
    }
    dataset = build_tiny(tmp_path, files)
    assert counts(dataset) == {"E01000003": 1}
    assert dataset.period_counts("2024-01", "2024-01", ["robbery"]).sum() == 1
    assert account(dataset, CHESHIRE)["duplicate"] == 2


def test_rows_without_a_crime_id_are_never_duplicates(tmp_path: Path) -> None:
    found, placed = tally(tmp_path, *[row(kind="Anti-social behaviour")] * 5)
    assert "duplicate" not in found
    assert placed == {"E01000001": 6}


def test_ids_of_unusual_length_are_compared_too(tmp_path: Path) -> None:
    long, short = "0" * 64, "7"
    found, placed = tally(tmp_path, *[row(crime_id) for crime_id in (long, short, long, short)])
    assert found["duplicate"] == 2
    assert placed == {"E01000001": 3}


def test_short_and_long_rows_are_malformed_and_the_rest_is_kept(tmp_path: Path) -> None:
    found, placed = tally(tmp_path, "a,2024-01,A", row("b") + ",more,columns", row("c"))
    assert found["malformed"] == 2
    assert found["rows_read"] == 4
    assert placed == {"E01000001": 2}


def test_an_open_quote_costs_its_own_line_only(tmp_path: Path) -> None:
    found, placed = tally(
        tmp_path, row("a", location='"On or near Gap'), row("b"), row("c", location='"On, or near"')
    )
    assert found["malformed"] == 1
    assert placed == {"E01000001": 3}


def test_a_blank_crime_type_is_malformed(tmp_path: Path) -> None:
    found, _ = tally(tmp_path, row("a", kind=""), row("b", kind="  "))
    assert found["malformed"] == 2


def test_rows_of_another_month_are_not_counted(tmp_path: Path) -> None:
    found, placed = tally(tmp_path, row("a", month="2023-12"), row("b", month=""))
    assert found["wrong_month"] == 2
    assert placed == {"E01000001": 1}


def test_blank_and_unknown_lsoas_are_told_apart(tmp_path: Path) -> None:
    found, _ = tally(tmp_path, row("a", lsoa=""), row("b", lsoa=" "), row("c", lsoa="W01999999"))
    assert (found["no_lsoa"], found["unknown_lsoa"], found["kept"]) == (2, 1, 1)


def test_checks_are_made_in_the_published_order(tmp_path: Path) -> None:
    found, _ = tally(
        tmp_path,
        row("first", kind="", month="2023-12", lsoa=""),
        row("first", month="2023-12", lsoa=""),
        row("first", lsoa=""),
        row("second", lsoa=""),
        row("second", lsoa="E01999999"),
        row("third", lsoa="E01999999"),
    )
    expected = {
        "malformed": 1,
        "wrong_month": 1,
        "duplicate": 2,
        "no_lsoa": 1,
        "unknown_lsoa": 1,
        "kept": 1,
        "rows_read": 7,
    }
    assert expected.items() <= found.items()


def test_a_row_of_the_wrong_month_does_not_make_a_later_one_a_duplicate(tmp_path: Path) -> None:
    found, placed = tally(tmp_path, row("a", month="2023-12"), row("a"))
    assert "duplicate" not in found
    assert placed == {"E01000001": 2}


@pytest.mark.parametrize("supplier", ["btp", "northern-ireland"])
def test_excluded_suppliers_are_read_but_never_counted(tmp_path: Path, supplier: str) -> None:
    other = name(supplier)
    dataset = build_tiny(
        tmp_path, {CHESHIRE: street([row("a")]), other: street([row("b"), "short", row("c")])}
    )
    assert counts(dataset) == {"E01000001": 1}
    found = account(dataset, other)
    assert (found["rows_read"], found["excluded_supplier"], found["status"]) == (3, 3, "excluded")


def test_an_unknown_supplier_is_left_out_loudly(tmp_path: Path) -> None:
    stranger = name("atlantis")
    dataset = build_tiny(tmp_path, {CHESHIRE: street([row()]), stranger: street([row("b")])})
    assert account(dataset, stranger)["excluded_supplier"] == 1
    assert any("atlantis" in warning for warning in dataset.warnings)


def test_a_row_belongs_to_its_lsoa_whichever_force_supplied_it(tmp_path: Path) -> None:
    rows = [row("a"), row("b"), row("c", lsoa="E01000005")]
    dataset = build_tiny(tmp_path, {CHESHIRE: street(rows)})
    assert counts(dataset) == {"E01000001": 2, "E01000005": 1}
    assert account(dataset, CHESHIRE)["out_of_area"] == 1


def test_unknown_crime_types_are_kept_under_their_own_name(tmp_path: Path) -> None:
    dataset = build_tiny(
        tmp_path, {CHESHIRE: street([row(kind="Space piracy"), row(kind="drugs")])}
    )
    names = [kind.name for kind in dataset.crime_types]
    assert len(names) == 15
    assert names == sorted(names)
    assert dataset.period_counts("2024-01", "2024-01", ["space-piracy"]).sum() == 1
    assert dataset.period_counts("2024-01", "2024-01", ["drugs"]).sum() == 1
    assert any("Space piracy" in warning for warning in dataset.warnings)


def test_a_shifted_column_is_not_taken_for_new_crime_types(tmp_path: Path) -> None:
    shifted = street([row(kind=f"On or near Road {number}") for number in range(51)])
    dataset = build_tiny(tmp_path, {CHESHIRE: street([row("a")]), name("kent"): shifted})
    assert account(dataset, name("kent"))["status"] == "unreadable"
    assert len(dataset.crime_types) == 14


def test_crime_types_are_those_of_the_months_covered(tmp_path: Path) -> None:
    members = {name("cheshire", "2011-01"): street([row(month="2011-01", kind="Violent crime")])}
    dataset = build_tiny(tmp_path, members)
    assert [kind.slug for kind in dataset.crime_types] == [
        "anti-social-behaviour",
        "burglary",
        "other-crime",
        "robbery",
        "vehicle-crime",
        "violent-crime",
    ]


def test_a_merged_area_is_found_by_lookup(tmp_path: Path) -> None:
    found, placed = tally(tmp_path, row("a", lsoa=MERGED_PARENT))
    assert placed == {"E01000001": 1, "E01000004": 1}
    assert found["remapped_2011"] == 1


def test_rows_of_a_split_area_go_to_the_child_that_holds_their_point(tmp_path: Path) -> None:
    found, placed = tally(
        tmp_path,
        row("a", lsoa=SPLIT_PARENT, at=middle("E01000002")),
        row("b", lsoa=SPLIT_PARENT, at=middle("E01000003")),
        row("c", lsoa=SPLIT_PARENT, at=middle("E01000003")),
    )
    assert placed == {"E01000001": 1, "E01000002": 1, "E01000003": 2}
    assert found["remapped_2011"] == 3


def test_a_point_outside_goes_to_the_nearest_child_of_the_same_parent(tmp_path: Path) -> None:
    beyond = point(355_500, 350_500)
    _, placed = tally(tmp_path, row("a", lsoa=SPLIT_PARENT, at=beyond))
    assert placed == {"E01000001": 1, "E01000003": 1}


@pytest.mark.parametrize("at", [("", ""), ("nowhere", "51.5"), ("inf", "nan")])
def test_a_split_row_without_a_point_is_conserved_and_reported(
    tmp_path: Path, at: tuple[str, str]
) -> None:
    dataset = build_tiny(tmp_path, {CHESHIRE: street([row("a", lsoa=SPLIT_PARENT, at=at)])})
    assert counts(dataset) == {"E01000002": 1}
    assert any("1 rows of split 2011 LSOAs" in warning for warning in dataset.warnings)


def test_children_of_a_split_carry_a_flag_and_merged_areas_do_not(tmp_path: Path) -> None:
    areas = build_tiny(tmp_path, {CHESHIRE: street([row()])}).areas
    assert areas.loc[areas["reassigned"], "lsoa_code"].tolist() == ["E01000002", "E01000003"]


def test_ids_in_another_file_are_reported_and_not_deleted(tmp_path: Path) -> None:
    later = name("cheshire", "2024-02")
    members = {
        CHESHIRE: street([row("a"), row("b")]),
        later: street([row("a", month="2024-02"), row("c", month="2024-02")]),
    }
    dataset = build_tiny(tmp_path, members)
    assert account(dataset, CHESHIRE)["ids_elsewhere"] == 1
    assert account(dataset, later)["ids_elsewhere"] == 1
    assert counts(dataset, "2024-02") == {"E01000001": 2}


def test_columns_may_be_reordered_and_marked_and_spaced(tmp_path: Path) -> None:
    header = "\ufeffMonth, crime type ,LSOA CODE,Longitude,Latitude,Crime ID\r"
    lines = ["2024-01,Drugs,E01000002,,,a\r", "2024-01,Drugs,E01000002,,,a\r"]
    dataset = build_tiny(tmp_path, {CHESHIRE: street(lines, header)})
    assert counts(dataset) == {"E01000002": 1}
    assert account(dataset, CHESHIRE)["duplicate"] == 1


def test_latin_1_bytes_do_not_cost_a_row(tmp_path: Path) -> None:
    content = street([row("a", location="On or near Caf\u00e9"), row("b")])
    dataset = build_tiny(tmp_path, {CHESHIRE: content.decode().encode("latin-1")})
    assert counts(dataset) == {"E01000001": 2}


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "it is empty"),
        (street([row()]).decode().encode("utf-16"), "UTF-16"),
        (b"<!doctype html><title>Sorry</title>", "web page"),
        (street([row()], HEADER.replace("LSOA code", "Area")), "lacks the column LSOA code"),
    ],
)
def test_a_file_that_is_no_street_file_is_not_supplied(
    tmp_path: Path, content: bytes, reason: str
) -> None:
    broken = name("kent")
    dataset = build_tiny(tmp_path, {CHESHIRE: street([row("a")]), broken: content})
    found = account(dataset, broken)
    assert found["status"] == "unreadable"
    assert reason in str(found["note"])
    assert counts(dataset) == {"E01000001": 1}
    kent = dataset.coverage[dataset.coverage["force"] == "kent"]
    assert kent["status"].tolist() == ["unreadable"]
    assert any(broken in warning for warning in dataset.warnings)


def test_no_row_is_lost_without_a_reason(tmp_path: Path) -> None:
    rows = [row("a"), row("a"), row("", lsoa=""), "bad", row("z", month="2020-01"), row("q", "X1")]
    members = {CHESHIRE: street(rows), name("kent"): street(rows[::-1]), name("btp"): street(rows)}
    accounts = build_tiny(tmp_path, members).accounts
    assert accounts["rows_read"].tolist() == [6, 6, 6]
    explained = accounts[["kept", *ROW_REASONS]].sum(axis=1)
    assert explained.tolist() == [6, 6, 6]
