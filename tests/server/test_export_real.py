"""The export of real police files, against figures that a national newspaper published."""

from __future__ import annotations

import io
from pathlib import Path

import pandas as pd
import pytest

from .conftest import serve

YEAR = "from=2024-01&to=2024-12"
FIGURES = ["count", "rate_per_1000", "rate_low", "rate_high", "density_per_sq_mile"]


@pytest.fixture(scope="module")
def drugs(real_dataset: Path) -> pd.DataFrame:
    """Drug offences of 2024 in every LSOA."""
    return export(real_dataset, f"type=drugs&{YEAR}").set_index("lsoa_code")


def export(dataset: Path, query: str) -> pd.DataFrame:
    answer = serve(dataset).test_client().get(f"/export/areas.csv?{query}")
    assert answer.status_code == 200, answer.text
    return pd.read_csv(io.StringIO(answer.text), low_memory=False)


def test_merseyside_s_two_highest_rates_are_those_of_the_newspaper(real_dataset: Path) -> None:
    rows = export(real_dataset, f"force=merseyside&type=drugs&{YEAR}").set_index("lsoa_code")
    assert len(rows) == 923
    first = rows.loc["E01033756"]
    assert first[["rank", "force_rank", "count", "population"]].tolist() == [1, 1, 359, 1111]
    rates = first[["rate_per_1000", "rate_low", "rate_high"]].astype(float)
    assert rates.round(1).tolist() == [323.1, 290.6, 358.3]
    assert first[["lsoa_name", "ward_name"]].tolist() == ["Liverpool 061C", "City Centre South"]
    second = rows.loc["E01033760"]
    assert second[["rank", "count"]].tolist() == [2, 764]
    assert round(second["rate_per_1000"], 1) == 294.4
    assert second["ward_name"] == "Brownlow Hill"


def test_every_area_has_a_row(drugs: pd.DataFrame) -> None:
    assert len(drugs) == 35_672
    assert drugs.index.is_unique


@pytest.mark.parametrize(
    "force", ["Greater Manchester", "Metropolitan Police", "West Midlands", "West Yorkshire"]
)
def test_a_force_that_supplied_nothing_is_no_data_not_zero(drugs: pd.DataFrame, force: str) -> None:
    rows = drugs.loc[drugs["force_name"] == force]
    assert len(rows) > 1000
    assert rows[[*FIGURES, "rank", "force_rank"]].isna().all(axis=None)
    assert set(rows["status"]) == {"no data: 0 of 12 months supplied"}


def test_three_months_are_not_a_year(drugs: pd.DataFrame) -> None:
    rows = drugs.loc[drugs["force_name"] == "Kent"]
    assert rows[[*FIGURES, "rank"]].isna().all(axis=None)
    assert set(rows["status"]) == {"no data: 3 of 12 months supplied"}


def test_three_months_are_three_months(real_dataset: Path) -> None:
    rows = export(real_dataset, "force=kent&from=2024-01&to=2024-03")
    assert set(rows["status"]) == {"complete"}
    assert rows["rank"].notna().all()
