"""The served dataset follows the link, and a bad one never replaces a good one."""

from __future__ import annotations

import logging
import threading
from pathlib import Path

import pytest

from data_pipeline.dataset import DatasetError
from server.open_dataset import DatasetSource
from tests.small_dataset import build_small


class Clock:
    """Moves when told to."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def test_a_dataset_swapped_in_is_noticed_within_a_second(tmp_path: Path, clock: Clock) -> None:
    out = tmp_path / "current"
    first = build_small(out)
    source = DatasetSource(out, clock)
    assert source.current().id == first.id
    second = build_small(out, first="2023-01")
    assert source.current().id == first.id
    clock.now += 1
    assert source.current().id == second.id


def test_a_page_of_a_newer_dataset_makes_a_worker_look_at_once(
    tmp_path: Path, clock: Clock
) -> None:
    out = tmp_path / "current"
    first = build_small(out)
    source = DatasetSource(out, clock)
    source.current()
    second = build_small(out, first="2023-01")
    assert source.current(first.id[:16]).id == first.id
    assert source.current(second.id[:16]).id == second.id
    assert source.current("nonsense").id == second.id


def test_an_unchanged_dataset_is_opened_once(tmp_path: Path, clock: Clock) -> None:
    build_small(tmp_path / "current")
    source = DatasetSource(tmp_path / "current", clock)
    opened = source.current()
    clock.now += 5
    assert source.current() is opened


def test_a_dataset_that_cannot_be_opened_leaves_the_old_one_serving(
    tmp_path: Path, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    out = tmp_path / "current"
    good = build_small(out)
    source = DatasetSource(out, clock)
    source.current()
    bad = tmp_path / "bad"
    bad.mkdir()
    (bad / "manifest.json").write_text("{")
    out.unlink()
    out.symlink_to(bad)
    with caplog.at_level(logging.WARNING):
        for _ in range(3):
            clock.now += 1
            assert source.current().id == good.id
    assert len(caplog.records) == 1
    assert "manifest.json is not readable" in caplog.text


def test_a_dataset_made_later_is_found(tmp_path: Path, clock: Clock) -> None:
    source = DatasetSource(tmp_path / "current", clock)
    with pytest.raises(DatasetError, match="There is no dataset"):
        source.current()
    made = build_small(tmp_path / "current")
    clock.now += 1
    assert source.current().id == made.id


def test_threads_share_one_dataset(tmp_path: Path) -> None:
    build_small(tmp_path / "current")
    source = DatasetSource(tmp_path / "current")
    seen: list[int] = []
    threads = [threading.Thread(target=lambda: seen.append(id(source.current()))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(seen) == 8
    assert len(set(seen)) == 1
