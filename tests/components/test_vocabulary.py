"""A measure is one record: it is everywhere, and nothing else has to know of it."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from flask.testing import FlaskClient

from analysis.area_table import area_table, arranged
from analysis.selection import Selection, from_query, to_query
from analysis.vocabulary import MEASURES, Measure, sort_columns
from components import answer
from components.controls import filters
from components.map import words
from components.map.card import card
from components.map.drawing import drawing
from components.map.legend import legend
from components.pages import explore
from components.panel import Opening
from components.table import ranking
from data_pipeline.dataset import Dataset
from tests.server.conftest import serve
from tests.small_dataset import build_small

QUERY = "force=cheshire&type=drugs&from=2024-01&to=2024-12&level=lsoa&measure=toy"


def per_neighbourhood(table: pd.DataFrame) -> np.ndarray:
    """Return the count of each area for each of its neighbourhoods, in hundredths."""
    count = table["count"].to_numpy(dtype=np.float64, na_value=np.nan)
    return count / table["lsoas"].to_numpy() / 100


@pytest.fixture
def dataset(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Dataset:
    """A dataset of its own, since figures are remembered by dataset; and one measure more."""
    toy = Measure(
        "toy",
        "Hundreds a neighbourhood",
        "toy_hundreds",
        2,
        "Hundreds",
        phrase="hundred in each neighbourhood",
        figure=per_neighbourhood,
    )
    monkeypatch.setitem(MEASURES, "toy", toy)
    return build_small(tmp_path / "toy", first="2023-02")


@pytest.fixture
def selection(dataset: Dataset) -> Selection:
    found, notes = from_query(QUERY, dataset)
    assert notes == ()
    return found


def test_it_is_in_the_link_and_the_control(dataset: Dataset, selection: Selection) -> None:
    assert selection.measure == "toy"
    assert "measure=toy" in to_query(selection)
    assert answer.are_acts(explore.PANELS)([["measure.value", "toy"]])
    assert "Hundreds a neighbourhood" in str(filters.layout(Opening(dataset)))


def test_it_is_on_the_map_and_in_its_title_and_legend(
    dataset: Dataset, selection: Selection
) -> None:
    drawn = drawing(dataset, selection)
    values = dict(zip(drawn.column("code"), drawn.values, strict=True))
    assert values["E01000006"] == 1.2
    assert drawn.classes.breaks
    assert len(legend(drawn).children) == drawn.classes.count + 2
    assert "Hundreds a neighbourhood" in str(words.title(dataset, selection))


def test_it_is_in_the_table_and_orders_it(dataset: Dataset, selection: Selection) -> None:
    column = next(
        entry for entry in ranking.columns(dataset, selection) if entry["field"] == "toy_hundreds"
    )
    assert column["headerName"] == "Hundreds"
    assert column["valueFormatter"] == {"function": "figure(params, 2, false)"}
    rows = ranking.listing(dataset, selection).rows(0, 50)
    assert {row["code"]: row["toy_hundreds"] for row in rows}["E01000005"] == 0.6
    assert "toy_hundreds" in sort_columns("lsoa")
    table = area_table(dataset, selection)
    assert arranged(table, sort="-toy_hundreds")["code"].iloc[0] == "E01000006"


def test_it_is_on_the_card(dataset: Dataset, selection: Selection) -> None:
    shown = str(card(area_table(dataset, selection), "E01000006"))
    assert "1.20 hundred in each neighbourhood" in shown


def test_it_is_in_the_file(dataset: Dataset) -> None:
    client: FlaskClient = serve(dataset.path).test_client()
    answer = client.get(f"/export/areas.csv?{QUERY}&sort=-toy_hundreds")
    assert answer.status_code == 200, answer.text
    file = pd.read_csv(io.StringIO(answer.text)).set_index("lsoa_code")
    assert file["toy_hundreds"].iloc[0] == file.loc["E01000006", "toy_hundreds"] == 1.2
