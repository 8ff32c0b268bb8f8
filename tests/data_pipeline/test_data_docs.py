"""docs/data.md says what the code does."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import duckdb
import pandas as pd
import pyarrow.parquet as pq
import pytest
from pandas.testing import assert_frame_equal

from data_pipeline.dataset import Dataset
from data_pipeline.dataset.schema import (
    ACCOUNT_COLUMNS,
    ROW_REASONS,
    SNAP_POINT_COLUMNS,
    UNKNOWN_VALUE_COLUMNS,
)
from data_pipeline.inputs.catalogue import SOURCES

TEXT = (Path(__file__).resolve().parents[2] / "docs" / "data.md").read_text()


def test_every_input_and_every_reason_is_explained() -> None:
    for source in SOURCES:
        assert f"`--{source.role}`" in TEXT
        for column in source.columns:
            assert f"`{column.accepted[0].replace('{yy}', '24')}`" in TEXT
    for reason in ROW_REASONS:
        assert f"| `{reason}` |" in TEXT
    described = ACCOUNT_COLUMNS[ACCOUNT_COLUMNS.index("out_of_area") :][:4]
    assert all(f"`{name}`" in TEXT for name in described)


def examples(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", TEXT, re.DOTALL)


def pandas_answer(path: Path, force: str) -> pd.DataFrame:
    example = next(text for text in examples("python") if "pd.read_parquet" in text)
    names: dict[str, pd.DataFrame] = {}
    exec(example.replace("data/current", str(path)).replace("merseyside", force), names)
    return names["answer"].reset_index(drop=True)


def duckdb_answer(path: Path, force: str) -> pd.DataFrame:
    query = next(text for text in examples("sql") if "read_parquet" in text)
    with duckdb.connect() as connection:
        asked = query.replace("data/current", str(path)).replace("merseyside", force)
        return connection.sql(asked.rstrip(";\n")).df()


def spark_answer(path: Path, force: str) -> pd.DataFrame:
    """Ask Spark's query of DuckDB, on views of the names that the example gives them."""
    query = next(text for text in examples("sql") if "read_parquet" not in text)
    with duckdb.connect() as connection:
        for view in ("areas", "coverage"):
            connection.sql(f"CREATE VIEW {view} AS FROM '{path}/{view}.parquet'")
        files = f"read_parquet('{path}/facts/*/*.parquet', hive_partitioning = true)"
        connection.sql(f"CREATE VIEW facts AS FROM {files}")
        asked = query.replace("`", '"').replace("merseyside", force)
        return connection.sql(asked).df()


ENGINES = (pandas_answer, duckdb_answer, spark_answer)


@pytest.mark.parametrize("force", ["cheshire", "kent", "greater-manchester"])
def test_the_examples_give_equal_answers(small_dataset: Dataset, force: str) -> None:
    first, *others = (answer(small_dataset.path, force) for answer in ENGINES)
    for other in others:
        assert list(other) == ["lsoa_code", "ward_name", "offences", "per_1000"]
        assert_frame_equal(other, first, check_dtype=False)
    complete = {"cheshire": 6}
    assert len(first) == complete.get(force, 0)


def test_the_examples_give_the_sums_done_by_hand(small_dataset: Dataset) -> None:
    for answer in ENGINES:
        found = answer(small_dataset.path, "cheshire").set_index("lsoa_code")
        assert found["offences"].tolist() == [120, 60, 24, 12, 24, 0]
        assert found["per_1000"].tolist() == [240, 60, 24, 12, 12, 0]
        assert found.loc["E01000006", "ward_name"] == "City Centre"


@pytest.mark.parametrize("answer", ENGINES)
def test_the_examples_give_the_published_rate(
    real_dataset: Path, answer: Callable[[Path, str], pd.DataFrame]
) -> None:
    rates = answer(real_dataset, "merseyside").set_index("lsoa_code")["per_1000"]
    assert rates["E01033756"] == pytest.approx(323.1, abs=0.05)
    assert rates["E01033760"] == pytest.approx(294.4, abs=0.05)
    assert rates.index[0] == "E01033756"


def test_the_tables_have_the_columns_and_types_described(small_dataset: Dataset) -> None:
    described = re.findall(r"^\| `(\w+)` \| `(\w+)` \| (\w+) \|", TEXT, re.MULTILINE)
    paths = {"facts": small_dataset.path / "facts" / "month=2024-01" / "counts.parquet"}
    for table in ("snap_points", "unknown_values"):
        paths[table] = small_dataset.path / f"{table}.parquet"
    for table, file in paths.items():
        schema = pq.read_schema(file)
        kinds = [str(kind).removeprefix("large_") for kind in schema.types]
        wanted = [(column, kind) for name, column, kind in described if name == table]
        inside = [pair for pair in wanted if pair != ("month", "string") or table != "facts"]
        assert inside == list(zip(schema.names, kinds, strict=True))
    assert {name for name, _, _ in described} == set(paths)


@pytest.mark.parametrize(
    ("table", "columns"),
    [("snap_points", SNAP_POINT_COLUMNS), ("unknown_values", UNKNOWN_VALUE_COLUMNS)],
)
def test_every_column_is_described(table: str, columns: tuple[str, ...]) -> None:
    assert all(f"| `{table}` | `{column}` |" in TEXT for column in columns)
