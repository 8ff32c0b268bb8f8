"""docs/data.md says what the code does."""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd
import pytest

from data_pipeline.dataset import ACCOUNT_COLUMNS, ROW_REASONS
from data_pipeline.sources import SOURCES

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


def test_the_pandas_example_gives_the_published_rate(real_dataset: Path) -> None:
    example = re.findall(r"```python\n(.*?)```", TEXT, re.DOTALL)[0]
    names: dict[str, pd.Series] = {}
    exec(example.replace("data/current", str(real_dataset)), names)
    rates = names["per_1000"].set_axis(pd.DataFrame(names["areas"])["lsoa_code"])
    assert rates["E01033756"] == pytest.approx(323.1, abs=0.05)
    assert rates["E01033760"] == pytest.approx(294.4, abs=0.05)
