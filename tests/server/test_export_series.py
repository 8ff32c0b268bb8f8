"""The monthly series as a file: the same months as the charts draw."""

from __future__ import annotations

import io

import pandas as pd
import pytest
from flask.testing import FlaskClient

from analysis.selection import from_query, to_query
from components.charts import trends
from data_pipeline.dataset import Dataset

URL = "/export/series.csv"
DRAWN_WITHIN = 1e-4
"""Charts round what they draw."""
PROMISED = [
    *("month", "count", "rate_per_1000", "forces_supplied", "forces_in_scope", "reason"),
]


def rows(client: FlaskClient, query: str) -> pd.DataFrame:
    answer = client.get(f"{URL}?{query}")
    assert answer.status_code == 200, answer.text
    return pd.read_csv(io.StringIO(answer.text), keep_default_na=False, dtype=str)


def test_the_columns_come_in_the_promised_order(client: FlaskClient) -> None:
    assert rows(client, "type=drugs").columns[: len(PROMISED)].tolist() == PROMISED


def test_two_forces_in_a_month_that_one_supplied_are_that_one_s_figures(
    client: FlaskClient,
) -> None:
    both = rows(client, "force=cheshire,kent&type=drugs").set_index("month")
    alone = rows(client, "force=cheshire&type=drugs").set_index("month")
    figures = ["count", "rate_per_1000"]
    assert both.loc["2024-05", figures].tolist() == alone.loc["2024-05", figures].tolist()
    assert both.loc["2024-05", "forces_supplied":"reason"].tolist() == [
        *("1", "2", "Kent supplied no file"),
    ]
    assert both.loc["2024-05", "place"] == "1 of 2 forces of Cheshire and Kent"
    assert both.loc["2024-04", "place"] == "Cheshire and Kent"
    assert both.loc["2024-04", "count"] == "29"
    assert both.loc["2024-04", "whole_span_count"] == "20"
    assert set(both["whole_span_forces"]) == {"Cheshire"}


def test_no_data_is_blank_and_says_why(client: FlaskClient) -> None:
    kent = rows(client, "force=kent&type=drugs").set_index("month")
    assert kent.loc["2024-06", ["count", "rate_per_1000", "population"]].tolist() == ["", "", ""]
    assert kent.loc["2024-06", "reason"] == "Kent supplied a file that was set aside"


@pytest.mark.parametrize(
    ("period", "months"),
    [
        ("", 28),
        ("from=2024-03&to=2024-05", 3),
        ("from=2024-11", 2),
        ("to=2022-10", 2),
        ("from=&to=", 28),
    ],
)
def test_the_period_is_every_month_unless_the_query_names_one(
    client: FlaskClient, period: str, months: int
) -> None:
    assert len(rows(client, f"force=kent&{period}")) == months


def test_a_chosen_area_has_its_own_file(client: FlaskClient) -> None:
    area = rows(client, "type=drugs&level=lsoa&area=E01000006")
    assert set(area["count"]) == {"10"}
    assert set(area["rate_per_1000"]) == {"240.0"}
    assert set(area["area"]) == {"E01000006"}


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("type=drugs", "1-to-2-of-3-forces-drugs-2022-09-to-2024-12-monthly"),
        ("force=kent&from=2024-01&to=2024-01", "kent-all-crime-2024-01-monthly"),
        (
            "level=lsoa&area=E01000006",
            "southtown-006a-e01000006-all-crime-2022-09-to-2024-12-monthly",
        ),
    ],
)
def test_the_file_name_says_what_it_holds(client: FlaskClient, query: str, name: str) -> None:
    answer = client.get(f"{URL}?{query}")
    assert answer.headers["Content-Disposition"].endswith(f'filename="crime-atlas-{name}.csv"')


@pytest.mark.parametrize("query", ["area=E01999999", "from=2030-01", "force=atlantis"])
def test_a_query_that_cannot_be_followed_is_refused(client: FlaskClient, query: str) -> None:
    assert client.get(f"{URL}?{query}").status_code == 400


@pytest.mark.parametrize(
    "query", ["type=drugs", "force=kent,cheshire&type=drugs", "type=robbery&area=E01000006"]
)
def test_the_charts_draw_what_the_file_holds(
    client: FlaskClient, small_dataset: Dataset, query: str
) -> None:
    selection = from_query(f"{query}&level=lsoa", small_dataset)[0]
    address = trends.export_address(to_query(selection))
    answer = client.get(address)
    assert answer.status_code == 200
    file = pd.read_csv(io.StringIO(answer.text))
    columns = {"whole": "whole_span_count", "supplied": "count"}
    for basis, column in columns.items():
        drawn = from_query(f"{query}&level=lsoa&series={basis}", small_dataset)[0]
        bars = trends.pictures(small_dataset, drawn)["counts.figure"]["data"][0]
        assert pd.Series(bars["y"]).fillna(-1).tolist() == file[column].fillna(-1).tolist()
        line = trends.pictures(small_dataset, drawn)["rates.figure"]["data"][0]
        rates = pd.Series(line["y"]).dropna().tolist()
        of_file = file[column.replace("count", "rate_per_1000")].dropna().tolist()
        assert rates == pytest.approx(of_file, abs=DRAWN_WITHIN)
