"""What two datasets say differently: by force-month and crime type, worked out by hand."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import typer

from data_pipeline.__main__ import app
from data_pipeline.dataset import Dataset
from data_pipeline.inputs.errors import InputError
from data_pipeline.report.revisions import (
    APPEARED,
    OUTSIDE,
    REVISED,
    REVISION_COLUMNS,
    STATUS_CHANGED,
    VANISHED,
    compare,
    revisions,
)

from .test_incremental import command
from .tiny import Inputs, build, name, row, street, write_archive, write_inputs

JANUARY = [
    row("a", "E01000001"),
    row("b", "E01000001"),
    row("c", "E01000002", kind="Burglary"),
]
KENT = [row("k", "E01000005")]
BEFORE = {
    name("cheshire"): street(JANUARY),
    name("kent"): street(KENT),
    name("kent", "2023-12"): street([row("old", "E01000006", month="2023-12")]),
}
AFTER = {
    name("cheshire"): street(
        [
            row("a", "E01000002"),
            row("b", "E01000001"),
            row("c", "E01000002", kind="Burglary"),
            row("d", "E01000003", kind="Piracy"),
            row("", ""),
        ]
    ),
    name("kent"): street(KENT),
    name("kent", "2024-02"): street([row("new", "E01000006", month="2024-02")]),
}


def dataset_of(folder: Path, members: dict[str, bytes]) -> Dataset:
    folder.mkdir()
    inputs = write_inputs(folder / "inputs", write_archive(folder / "police.zip", members))
    build(inputs, folder / "dataset")
    return Dataset.open(folder / "dataset")


@pytest.fixture
def before(tmp_path: Path) -> Dataset:
    return dataset_of(tmp_path / "before", BEFORE)


@pytest.fixture
def after(tmp_path: Path) -> Dataset:
    return dataset_of(tmp_path / "after", AFTER)


def as_rows(table: pd.DataFrame) -> list[tuple[Any, ...]]:
    return [
        tuple(None if pd.isna(value) else value for value in row)
        for row in table.itertuples(index=False)
    ]


def test_each_crime_type_says_what_its_neighbourhoods_gained_and_lost(
    before: Dataset, after: Dataset
) -> None:
    table = revisions(before, after)
    assert tuple(table.columns) == REVISION_COLUMNS
    assert as_rows(table[table["month"] == "2024-01"]) == [
        ("2024-01", "cheshire", "Drugs", "revised", "supplied", "supplied", 2, 2, 1, 1),
        ("2024-01", "cheshire", "Piracy", "revised", "supplied", "supplied", 0, 1, 1, 0),
    ]


def test_a_month_that_only_one_supplies_is_unknown_in_the_other_and_not_zero(
    before: Dataset, after: Dataset
) -> None:
    table = revisions(before, after)
    turned = table[table["month"] != "2024-01"]
    assert as_rows(turned) == [
        ("2023-12", "kent", "Drugs", "vanished", "supplied", "outside", 1, None, None, None),
        ("2024-02", "kent", "Drugs", "appeared", "outside", "supplied", None, 1, None, None),
    ]


def test_the_rows_of_each_file_are_compared_too(before: Dataset, after: Dataset) -> None:
    months = compare(before, after).force_months.set_index(["month", "force"])
    assert list(months.index) == [("2023-12", "kent"), ("2024-01", "cheshire"), ("2024-02", "kent")]
    january = months.loc["2024-01", "cheshire"]
    assert january["change"] == "revised"
    assert [january[f"rows_read_{side}"] for side in "ab"] == [3, 5]
    assert [january[f"no_lsoa_{side}"] for side in "ab"] == [0, 1]
    assert [january[name] for name in ("count_a", "count_b", "added", "removed")] == [3, 4, 2, 1]
    assert pd.isna(months.loc[("2024-02", "kent"), "rows_read_a"])


def test_the_comparison_backwards_is_the_mirror_image(before: Dataset, after: Dataset) -> None:
    forth, back = revisions(before, after), revisions(after, before)
    mirrored = back.rename(
        columns={
            **{"count_a": "count_b", "count_b": "count_a", "added": "removed"},
            **{"removed": "added", "status_a": "status_b", "status_b": "status_a"},
        }
    )[list(REVISION_COLUMNS)]
    mirrored["change"] = mirrored["change"].replace(
        {"appeared": "vanished", "vanished": "appeared"}
    )
    pd.testing.assert_frame_equal(mirrored, forth)


def test_a_dataset_does_not_differ_from_itself(before: Dataset) -> None:
    comparison = compare(before, before)
    assert not len(comparison.revisions)
    assert not len(comparison.force_months)
    assert comparison.limits == []


def test_a_file_set_aside_is_a_force_month_that_vanished(tmp_path: Path, before: Dataset) -> None:
    absurd = street([row("x", "E01000001"), row("y", "E01000001")])
    after = dataset_of(tmp_path / "absurd", BEFORE | {name("kent"): absurd})
    table = revisions(before, after)
    kent = table[table["force"] == "kent"]
    assert as_rows(kent[["change", "status_b", "count_a", "count_b"]]) == [
        ("vanished", "quarantined", 1, None)
    ]


def test_only_areas_of_both_are_compared_and_that_is_said(tmp_path: Path, before: Dataset) -> None:
    folder = tmp_path / "fewer"
    folder.mkdir()
    inputs = write_inputs(folder / "inputs", write_archive(folder / "police.zip", BEFORE))
    without(inputs, "E01000001")
    build(inputs, folder / "dataset")
    comparison = compare(before, Dataset.open(folder / "dataset"))
    assert comparison.limits == [
        "Only the 5 LSOAs that both have under the same force are compared (A has 6, B 5)."
    ]
    assert not len(comparison.revisions), "what differs lies in the area that only one has"
    cheshire = comparison.force_months.iloc[0]
    assert (cheshire["unknown_lsoa_a"], cheshire["unknown_lsoa_b"]) == (0, 2)


def without(inputs: Inputs, code: str) -> None:
    """Take an LSOA out of the boundaries and the lookups."""
    import geopandas as gpd  # noqa: PLC0415

    areas = gpd.read_parquet(inputs.boundaries)
    areas[areas["LSOA21CD"] != code].to_parquet(inputs.boundaries)
    for lookup in (inputs.lsoa_changes, inputs.wards):
        lines = lookup.read_text().splitlines()
        lookup.write_text("\n".join(line for line in lines if code not in line) + "\n")


def test_datasets_without_a_common_area_are_one_sentence(before: Dataset) -> None:
    elsewhere = Dataset.open(before.path)
    elsewhere.areas = before.areas.assign(force="cumbria")
    with pytest.raises(InputError, match="no LSOA of the same force in common"):
        revisions(before, elsewhere)


def test_diff_prints_the_largest_first_and_writes_full_tables(
    tmp_path: Path, before: Dataset, after: Dataset
) -> None:
    out = tmp_path / "revised.csv"
    result = command("diff", before.path, after.path, "--out", out)
    assert result.exit_code == 0, result.output
    for line in (
        "Supplied only in B: 1 force-months",
        "  Kent: February 2024 (not among the months → supplied, 1 counted)",
        "Supplied only in A: 1 force-months",
        "Revised: 1 force-months, 2 counts added and 1 removed",
        "  Cheshire, January 2024: 3 → 4 (+2 −1): Drugs +1 −1, Piracy +1 −0",
    ):
        assert line in result.stdout
    written = pd.read_csv(out)
    pd.testing.assert_frame_equal(
        written, revisions(before, after), check_dtype=False, check_column_type=False
    )
    assert len(pd.read_csv(tmp_path / "revised-force-months.csv")) == 3


def test_diff_lists_a_few_unless_all_are_wanted(tmp_path: Path) -> None:
    months = [f"20{year}-{month:02}" for year in (22, 23) for month in range(1, 13)]

    def members(rows: int) -> dict[str, bytes]:
        return {
            name("kent", month): street(
                [row(f"{month}{at}", "E01000005", month=month) for at in range(rows)]
            )
            for month in months
        }

    one, two = dataset_of(tmp_path / "one", members(1)), dataset_of(tmp_path / "two", members(2))
    few = command("diff", one.path, two.path).stdout
    assert few.count("1 → 2 (+1 −0)") == 20
    assert "and 4 more (--all lists them)" in few
    assert command("diff", one.path, two.path, "--all").stdout.count("1 → 2 (+1 −0)") == 24


def test_diff_knows_the_version_before_releases_and_ids(tmp_path: Path) -> None:
    folder = tmp_path / "one"
    older = dataset_of(folder, BEFORE)
    out = folder / "dataset"
    alone = command("diff", out)
    assert alone.exit_code == 2
    assert "No earlier version of" in alone.stderr
    write_archive(folder / "police.zip", AFTER)
    build(write_inputs(folder / "inputs", folder / "police.zip"), out)
    newer = Dataset.open(out)
    with_former = command("diff", out).stdout
    assert "Cheshire, January 2024: 3 → 4" in with_former
    for names in (("2024-01", "2024-02"), (older.id[:8], newer.id[:8])):
        assert command("diff", *names, "--of", out).stdout == with_former
    unknown = command("diff", "2019-01", "2024-02", "--of", out)
    assert unknown.exit_code == 2
    assert "2019-01 is no dataset directory and no version kept in" in unknown.stderr
    assert f"{newer.id[:16]} (release 2024-02)" in unknown.stderr


def test_every_column_status_and_option_is_explained() -> None:
    text = (Path(__file__).resolve().parents[2] / "docs" / "updating.md").read_text()
    words = [*REVISION_COLUMNS[3:], APPEARED, VANISHED, REVISED, STATUS_CHANGED, OUTSIDE]
    assert all(f"`{word}`" in text for word in words)
    for subcommand in ("add", "diff"):
        command_line = typer.main.get_command(app)
        options = command_line.commands[subcommand].params  # type: ignore[attr-defined]
        own = {name for option in options for name in option.opts if name.startswith("--")}
        same_as_build = {"--boundaries", "--population", "--wards", "--forces", "--lsoa-changes"}
        assert all(f"{name}" in text for name in own - same_as_build - {"--rural-urban"})
