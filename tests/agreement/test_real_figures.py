"""What the product answers about the real sample, beside figures worked out without it."""

from __future__ import annotations

import io
import random
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analysis.selection import from_query
from components.map.drawing import drawing
from components.table import ranking
from data_pipeline.dataset import Dataset, type_slug
from tests.real_sample import ARCHIVE, ARCHIVE_2022, GEOGRAPHY, real_inputs
from tests.server.conftest import serve

from .independent import ASB, Independent, Question

SEED = 20250930
QUESTIONS = 12
FIGURES = ["rate_per_1000", "rate_low", "rate_high", "density_per_sq_mile"]
SUPPLIERS = (
    "merseyside",
    "city-of-london",
    "cheshire",
    "kent",
    "dyfed-powys",
    "greater-manchester",
)
TYPES = ("Drugs", "Burglary", "Robbery", "Violence and sexual offences", ASB)


@pytest.fixture(scope="module")
def independent() -> Independent:
    real_inputs()
    return Independent((ARCHIVE_2022, ARCHIVE), GEOGRAPHY)


@pytest.fixture(scope="module")
def dataset(real_dataset: Path) -> Dataset:
    return Dataset.open(real_dataset)


def questions() -> list[Question]:
    """Return questions of every kind, the same in every run."""
    dice = random.Random(SEED)
    months = pd.period_range("2022-10", "2025-09", freq="M").strftime("%Y-%m").tolist()
    found = [Question((), ("Drugs",), "2024-01", "2024-12"), Question((), (), "2024-01", "2024-03")]
    while len(found) < QUESTIONS:
        first = dice.randrange(len(months))
        last = min(len(months) - 1, first + dice.choice([0, 1, 2, 5, 11, 17]))
        forces = tuple(sorted(dice.sample(SUPPLIERS, dice.choice([1, 1, 2, 3]))))
        types = tuple(sorted(dice.sample(TYPES, dice.choice([0, 1, 1, 2]))))
        found.append(Question(forces, types, months[first], months[last]))
    return found


def asked(question: Question, **more: str) -> str:
    """Return the question as a query."""
    fields = {
        "force": ",".join(question.forces),
        "type": ",".join(map(type_slug, question.types)),
        "from": question.first,
        "to": question.last,
        "denominator": "mid-2022",
        **more,
    }
    return "&".join(f"{name}={value}" for name, value in fields.items() if value)


def exported(dataset: Dataset, file: str, query: str) -> pd.DataFrame:
    answer = serve(dataset.path).test_client().get(f"/export/{file}?{query}")
    assert answer.status_code == 200, answer.text
    return pd.read_csv(io.StringIO(answer.text), low_memory=False)


def assert_equal(shown: pd.Series, expected: pd.Series, what: str) -> None:
    np.testing.assert_allclose(
        shown.to_numpy(np.float64), expected.to_numpy(np.float64), rtol=1e-9, err_msg=what
    )


@pytest.mark.parametrize("question", questions(), ids=asked)
def test_the_export_agrees_in_every_area(
    dataset: Dataset, independent: Independent, question: Question
) -> None:
    file = exported(dataset, "areas.csv", asked(question, level="lsoa")).set_index("lsoa_code")
    expected = independent.table(question)
    assert set(file.index) == set(expected.index)
    expected = expected.loc[file.index]
    for column in ("count", "rank", "force_rank", *FIGURES):
        assert_equal(file[column], expected[column], column)


@pytest.mark.parametrize("question", questions()[:6], ids=asked)
def test_table_and_map_agree_in_every_area(
    dataset: Dataset, independent: Independent, question: Question
) -> None:
    selection = from_query(asked(question, level="lsoa"), dataset)[0]
    expected = independent.table(question)
    listing = ranking.listing(dataset, selection)
    sent = listing.rows(0, len(listing.positions))
    rows = pd.DataFrame(sent).set_index("code")
    rate = expected["rate_per_1000"].reindex(rows.index)
    highest = rate.max()
    assert_equal(rows["bar"], (100 * rate / highest).fillna(0) if highest else rate * 0, "bar")
    printed = rate.map(lambda value: value if pd.isna(value) else float(f"{value:.1f}"))
    tiny = (printed == 0) & (rate > 0)
    assert_equal(rows["rate_per_1000"], printed.where(~tiny, rate), "printed rate")
    drawn = drawing(dataset, selection)
    numbers = pd.Series(drawn.numbers, drawn.column("code")).reindex(rows.index)
    shown = rows["rate_per_1000"].astype(float)
    classes = 1 + np.digitize(shown, drawn.classes.breaks)
    classes = np.where(shown == 0, 0, classes)
    assert (numbers.to_numpy()[shown.notna()] == classes[shown.notna()]).all()
    assert (numbers[shown.isna()] < 0).all()


@pytest.mark.parametrize("question", questions(), ids=asked)
def test_the_series_agrees_in_every_month(
    dataset: Dataset, independent: Independent, question: Question
) -> None:
    file = exported(dataset, "series.csv", asked(question))
    expected = independent.series(question, question.months)
    assert file["month"].tolist() == question.months
    for column in ("count", "rate_per_1000", "forces_supplied", "forces_in_scope"):
        assert_equal(file[column], expected[column], column)


def test_a_pair_of_forces_in_a_month_of_one_has_that_one_s_figures(
    dataset: Dataset, independent: Independent
) -> None:
    pair = Question(("cheshire", "merseyside"), (), "2024-05", "2024-05")
    alone = Question(("merseyside",), (), "2024-05", "2024-05")
    shown = exported(dataset, "series.csv", asked(pair)).iloc[0]
    expected = independent.series(alone, alone.months).iloc[0]
    assert shown["count"] == expected["count"] > 0
    assert shown["rate_per_1000"] == pytest.approx(expected["rate_per_1000"], rel=1e-12)
    strays = independent.rows[
        (independent.rows["month"] == "2024-05")
        & (independent.rows["Crime type"] != ASB)
        & independent.rows["lsoa"].map(independent.areas["force"]).eq("cheshire")
    ]
    assert len(strays) > 0, "the month has no row that could have been counted wrongly"
