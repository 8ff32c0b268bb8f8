"""The real police files and ONS geography: published figures, and every row accounted for."""

from __future__ import annotations

import zipfile
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from data_pipeline.build.build import build
from data_pipeline.dataset import Dataset
from data_pipeline.dataset.crime_types import KNOWN_TYPES
from data_pipeline.dataset.schema import ROW_REASONS
from data_pipeline.geography.layers import LEVELS
from tests.real_sample import ARCHIVE, ARCHIVE_2022, real_inputs

from .naive import NaiveCounter

YEAR = ("2024-01", "2024-12")
NEVER_SUPPLIED = ("greater-manchester", "metropolitan", "west-midlands", "west-yorkshire")


@pytest.fixture(scope="module")
def dataset(real_dataset: Path) -> Dataset:
    return Dataset.open(real_dataset)


@pytest.fixture(scope="module")
def naive() -> NaiveCounter:
    real_inputs()
    return NaiveCounter()


def area(dataset: Dataset, code: str) -> int:
    return int(np.flatnonzero(dataset.areas["lsoa_code"] == code)[0])


@pytest.mark.parametrize(
    ("code", "drugs", "population"), [("E01033756", 359, 1111), ("E01033760", 764, None)]
)
def test_drug_offences_are_those_that_a_newspaper_published(
    dataset: Dataset, code: str, drugs: int, population: int | None
) -> None:
    at = area(dataset, code)
    assert dataset.period_counts(*YEAR, ["drugs"])[at] == drugs
    if population:
        assert dataset.areas["denominator_mid_2022"][at] == population


def test_merseyside_2024_has_all_its_rows(dataset: Dataset) -> None:
    accounts = dataset.accounts
    files = accounts[(accounts["supplier"] == "merseyside") & accounts["month"].between(*YEAR)]
    assert len(files) == 12
    assert files["rows_read"].sum() == 151_552


def test_british_transport_police_would_have_changed_the_figure_and_is_out(
    dataset: Dataset,
) -> None:
    extra = 0
    with zipfile.ZipFile(ARCHIVE) as archive:
        for month in dataset.months[dataset.months.index("2024-01") :][:12]:
            rows = archive.read(f"{month}/{month}-btp-street.csv").decode().splitlines()
            extra += sum("E01033756" in row and ",Drugs," in row for row in rows)
    assert extra == 3
    btp = dataset.accounts[dataset.accounts["supplier"] == "btp"]
    assert (btp["rows_read"] == btp["excluded_supplier"]).all()
    assert btp["rows_read"].sum() > 90_000


@pytest.mark.parametrize("slug", NEVER_SUPPLIED)
def test_forces_without_files_are_no_data_in_every_month(dataset: Dataset, slug: str) -> None:
    force = [force.slug for force in dataset.forces].index(slug)
    assert not dataset.supplied[:, force].any()
    assert (dataset.area_force == force).sum() > 1_000


def test_most_forces_supplied_three_of_twelve_months(dataset: Dataset) -> None:
    supplied = dataset.months_supplied(*YEAR)
    by_force = dict(zip((force.slug for force in dataset.forces), supplied, strict=True))
    assert Counter(by_force.values()) == {0: 4, 1: 1, 3: 36, 12: 2}
    assert by_force["merseyside"] == by_force["city-of-london"] == 12
    assert by_force["dyfed-powys"] == 1


def test_absurd_files_are_quarantined_and_named(dataset: Dataset) -> None:
    accounts = dataset.accounts
    absurd = accounts[accounts["status"] == "quarantined"].set_index("file")
    stray = absurd.loc["2022-08/2022-08-greater-manchester-street.csv"]
    assert (stray["rows_read"], stray["duplicate"], stray["quarantined"]) == (14, 12, 2)
    assert len(absurd) == 3
    assert absurd["supplier"].tolist()[1:] == ["dyfed-powys", "dyfed-powys"]
    for file in absurd.index:
        assert any(file in warning for warning in dataset.warnings)


def test_rows_are_conserved_in_every_file(dataset: Dataset) -> None:
    accounts = dataset.accounts
    assert (accounts[["kept", *ROW_REASONS]].sum(axis=1) == accounts["rows_read"]).all()
    assert int(dataset.totals[-1].sum(dtype=np.int64)) == accounts["kept"].sum()
    lines = 0
    for path in (ARCHIVE, ARCHIVE_2022):
        with zipfile.ZipFile(path) as archive:
            members = [name for name in archive.namelist() if name.endswith("-street.csv")]
            lines += sum(len(archive.read(name).splitlines()) - 1 for name in members)
            if path == ARCHIVE_2022:
                replaced = archive.read("2022-10/2022-10-btp-street.csv")
                lines -= len(replaced.splitlines()) - 1
    assert accounts["rows_read"].sum() == lines


def test_every_2011_code_is_mapped(dataset: Dataset) -> None:
    accounts = dataset.accounts
    old = accounts[(accounts["month"] == "2022-10") & (accounts["status"] == "supplied")]
    assert accounts["unknown_lsoa"].sum() == 0
    assert (old["remapped_2011"] > 0).all()
    assert accounts.loc[accounts["month"] >= "2023-06", "remapped_2011"].sum() == 0
    assert dataset.areas["reassigned"].sum() == 1_906


def test_derbyshire_repeats_are_counted_once(dataset: Dataset) -> None:
    files = dataset.accounts.set_index("file")
    found = files.loc["2022-10/2022-10-derbyshire-street.csv"]
    assert (found["rows_read"], found["duplicate"], found["kept"]) == (9205, 275, 8930)


@pytest.mark.parametrize(
    ("month", "members"),
    [
        (
            "2022-10",
            {
                ARCHIVE: ("city-of-london", "merseyside"),
                ARCHIVE_2022: ("cumbria", "derbyshire", "gwent", "leicestershire"),
            },
        ),
        ("2023-03", {ARCHIVE: ("city-of-london", "merseyside")}),
    ],
)
def test_a_whole_month_agrees_with_a_plain_count_row_by_row(
    dataset: Dataset, naive: NaiveCounter, month: str, members: dict[Path, tuple[str, ...]]
) -> None:
    expected: Counter[tuple[str, str]] = Counter()
    accounts = dataset.accounts.set_index("file")
    for archive, suppliers in members.items():
        for supplier in suppliers:
            file = f"{month}/{month}-{supplier}-street.csv"
            counts, account = naive.count(archive, file)
            expected.update(counts)
            assert accounts.loc[file, list(account)].to_dict() == account
    at = dataset.month_index(month)
    types, areas = np.nonzero(dataset.totals[at + 1] - dataset.totals[at])
    codes, kinds = dataset.areas["lsoa_code"], dataset.crime_types
    found = {
        (codes[place], kinds[kind].name): int(
            dataset.totals[at + 1, kind, place] - dataset.totals[at, kind, place]
        )
        for kind, place in zip(types, areas, strict=True)
    }
    assert found == expected


@pytest.mark.parametrize("supplier", ["dyfed-powys", "humberside", "avon-and-somerset"])
def test_files_with_blanks_and_repeats_agree_with_a_plain_count(
    dataset: Dataset, naive: NaiveCounter, supplier: str
) -> None:
    file = f"2024-01/2024-01-{supplier}-street.csv"
    _, account = naive.count(ARCHIVE, file)
    assert account["no_lsoa"] + account["duplicate"] > 100
    found = dataset.accounts.set_index("file").loc[file, list(account)].to_dict()
    assert found == account


def test_a_rebuild_gives_the_same_counts_and_the_same_dataset(
    real_dataset: Path, tmp_path: Path
) -> None:
    again = build(real_inputs(), tmp_path / "again")
    assert again == Dataset.open(real_dataset).id
    counts = [(path / "counts.npy").read_bytes() for path in (real_dataset, tmp_path / "again")]
    assert counts[0] == counts[1]


def test_the_axes_are_those_of_england_and_wales(dataset: Dataset) -> None:
    assert (len(dataset.areas), len(dataset.forces)) == (35_672, 43)
    assert (dataset.months[0], dataset.months[-1], dataset.release) == (
        "2022-08",
        "2025-09",
        "2025-09",
    )
    present = [kind.name for kind in dataset.crime_types]
    assert len(present) == 14
    assert set(present) < set(KNOWN_TYPES)
    assert [item.slug for item in dataset.denominators] == ["mid-2022", "census-2021"]
    assert dataset.areas["denominator_mid_2022"].sum() == pytest.approx(60_238_038, abs=500)


def test_every_area_is_drawn_at_every_level(dataset: Dataset) -> None:
    for level, column in LEVELS.items():
        drawn = sum(
            layer.features
            for (name, force), layer in dataset.layers.items()
            if name == level and force is not None
        )
        assert drawn == dataset.areas.groupby("force")[column].nunique().sum()
    assert dataset.layer("lad", None).features == 318
