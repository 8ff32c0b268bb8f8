"""Workers that have just started, asked for everything at once from the first moment."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor

import pytest

from data_pipeline.dataset import Dataset

from .workers import WORKERS, answered, gunicorn


@pytest.fixture(scope="module")
def addresses(small_dataset: Dataset) -> list[str]:
    """The scripts that the page names, as a reader's browser would ask for them."""
    with gunicorn(small_dataset.path) as server:
        page = answered(server).text
    found = re.findall(r'src="(/_dash-component-suites/[^"]+)"', page)
    assert len(found) > 5
    return found


def test_cold_workers_answer_every_script_before_any_page(
    small_dataset: Dataset, addresses: list[str]
) -> None:
    with gunicorn(small_dataset.path) as server:
        wanted = [server + address for address in addresses] * WORKERS
        with ThreadPoolExecutor(len(wanted)) as pool:
            answers = list(pool.map(answered, wanted))
        statuses = {answer.url: answer.status_code for answer in answers}
        assert set(statuses.values()) == {200}, statuses
        assert answered(f"{server}/_dash-layout").status_code == 200
