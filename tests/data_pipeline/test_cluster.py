"""Reading on a Dask cluster: a real scheduler and worker processes on loopback."""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
import threading
import zipfile
from collections.abc import Iterator
from concurrent.futures import CancelledError
from contextlib import contextmanager
from pathlib import Path
from time import sleep
from typing import Any

import pytest

from data_pipeline.build.remembered import build_and_remember
from data_pipeline.dataset import Dataset
from data_pipeline.dataset.months import months_between
from data_pipeline.police import cluster
from data_pipeline.police.cluster import ClusterError, ClusterExecutor, executor_at

from .test_incremental import STRANGE, assert_same_dataset, build_words, command, month_of
from .tiny import Inputs, account, build, name, street, write_archive, write_inputs

distributed = pytest.importorskip(
    "distributed", reason="the optional package distributed is absent"
)

ROOT = Path(__file__).resolve().parents[2]
MEMBERS = {
    file: content
    for month in months_between("2023-01", "2024-12")
    for file, content in month_of(month).items()
} | {name("kent", "2024-02"): street(STRANGE), name("kent", "2024-03"): b"<html>"}


DAMAGED = name("kent", "2023-07")


@pytest.fixture(scope="module")
def scheduler() -> Iterator[str]:
    with local_scheduler() as local:
        yield local.scheduler_address


def local_scheduler() -> Any:
    """Start a scheduler without workers; use it as a context manager."""
    return distributed.LocalCluster(
        n_workers=0, host="127.0.0.1", dashboard_address="127.0.0.1:0", silence_logs=logging.ERROR
    )


@contextmanager
def worker_processes(
    scheduler: str, folder: Path, count: int, **environment: str
) -> Iterator[list[subprocess.Popen[bytes]]]:
    """Start workers named 0, 1 … in a folder of their own."""
    folder.mkdir()
    words = ["--nthreads", "1", "--no-nanny", "--no-dashboard", "--local-directory", str(folder)]
    command = [sys.executable, "-m", "distributed.cli.dask_worker", scheduler, *words]
    started = [
        subprocess.Popen(
            [*command, "--name", str(at)],
            cwd=folder,
            env=os.environ | environment,
            stderr=subprocess.DEVNULL,
        )
        for at in range(count)
    ]
    try:
        with distributed.Client(scheduler, set_as_default=False) as client:
            client.wait_for_workers(count, timeout=30)
        yield started
    finally:
        for worker in started:
            worker.kill()
            worker.wait()


@pytest.fixture
def workers(scheduler: str, tmp_path: Path) -> Iterator[list[subprocess.Popen[bytes]]]:
    with worker_processes(scheduler, tmp_path / "worker", 2, PYTHONPATH=str(ROOT)) as started:
        yield started


@pytest.fixture
def inputs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Inputs:
    """Inputs whose archive is named by a path that means nothing to a worker."""
    archive = write_archive(tmp_path / "police.zip", MEMBERS)
    with zipfile.ZipFile(archive) as opened:
        offset = opened.getinfo(DAMAGED).header_offset
    with archive.open("r+b") as stream:
        stream.seek(offset)
        stream.write(b"gone")
    monkeypatch.chdir(tmp_path)
    return write_inputs(tmp_path / "inputs", Path("police.zip"))


def test_a_cluster_that_does_not_see_the_archive_builds_the_same_dataset(
    tmp_path: Path, inputs: Inputs, scheduler: str, workers: list[subprocess.Popen[bytes]]
) -> None:
    here = build(inputs, tmp_path / "here")
    out = tmp_path / "there"
    result = command("build", *build_words(inputs, out), "--scheduler", scheduler)
    assert result.exit_code == 0, result.output
    assert Dataset.open(out).id == here
    assert_same_dataset(out, tmp_path / "here")
    assert account(Dataset.open(out), DAMAGED)["status"] == "unreadable"
    write_archive(inputs.police[0], MEMBERS | month_of("2025-01"))
    result = command("add", "--out", out, "--scheduler", scheduler)
    assert result.exit_code == 0, result.output
    assert Dataset.open(out).id == build(inputs, tmp_path / "here")


def test_a_worker_killed_midway_changes_nothing(
    tmp_path: Path, inputs: Inputs, scheduler: str, workers: list[subprocess.Popen[bytes]]
) -> None:
    here = build(inputs, tmp_path / "here")
    first = workers[0]
    first.send_signal(signal.SIGSTOP)
    with distributed.Client(scheduler, set_as_default=False) as client:
        places = client.scheduler_info()["workers"].items()
        address = next(place for place, worker in places if str(worker["name"]) == "0")
        had: list[int] = []

        def kill_once_it_has_work() -> None:
            while not client.processing()[address]:
                sleep(0.05)
            had.append(len(client.processing()[address]))
            first.kill()

        killer = threading.Thread(target=kill_once_it_has_work)
        killer.start()
        there = build_and_remember(inputs, tmp_path / "there", reread=True, scheduler=scheduler)
        killer.join()
    assert had[0] > 0
    assert first.wait() == -signal.SIGKILL
    assert there == here


def test_workers_of_another_version_are_refused(
    tmp_path: Path,
    inputs: Inputs,
    scheduler: str,
    workers: list[subprocess.Popen[bytes]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(cluster, "reader_version", lambda: "the next one")
    words = build_words(inputs, tmp_path / "out")
    result = command("build", *words, "--scheduler", scheduler)
    assert result.exit_code == 2
    assert "A worker of the cluster runs another version of Crime Atlas" in result.stderr
    assert not (tmp_path / "out").exists()


def test_workers_without_the_package_are_one_sentence(
    tmp_path: Path, inputs: Inputs, scheduler: str
) -> None:
    with worker_processes(scheduler, tmp_path / "bare", 1, PYTHONPATH=""):
        words = build_words(inputs, tmp_path / "out")
        result = command("build", *words, "--scheduler", scheduler)
    assert result.exit_code == 2
    assert "lacks data_pipeline; start the workers in the same checkout" in result.stderr


def test_a_scheduler_without_workers_is_one_sentence(
    inputs: Inputs, scheduler: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cluster, "WORKER_SECONDS", 0.2)
    with pytest.raises(ClusterError, match=r"has no workers; start some with: dask worker tcp://"):
        build_and_remember(inputs, Path("out"), reread=True, scheduler=scheduler)


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:9", "nonsense://here"])
def test_no_scheduler_is_one_sentence(
    inputs: Inputs, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cluster, "CONNECT_SECONDS", 0.5)
    result = command("build", *build_words(inputs, Path("out")), "--scheduler", address)
    assert result.exit_code == 2
    assert f"Error: There is no scheduler at {address} (" in result.stderr
    assert len(result.stderr.strip().splitlines()) == 1


def test_a_missing_package_is_one_sentence(inputs: Inputs, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    words = build_words(inputs, Path("out"))
    result = command("build", *words, "--scheduler", "tcp://127.0.0.1:8786")
    assert result.exit_code == 2
    assert "needs the package distributed" in result.stderr
    assert "pip install -r requirements-dask.txt" in result.stderr


def test_a_scheduler_that_goes_away_is_one_sentence(tmp_path: Path, inputs: Inputs) -> None:
    with local_scheduler() as local:
        address = local.scheduler_address
        with worker_processes(address, tmp_path / "worker", 1, PYTHONPATH=str(ROOT)) as started:
            started[0].send_signal(signal.SIGSTOP)
            closing = threading.Timer(1.5, local.close)
            closing.start()
            result = command(
                "build", *build_words(inputs, tmp_path / "out"), "--scheduler", address
            )
            closing.join()
    assert result.exit_code == 2
    assert f"The cluster at {address} gave up" in result.stderr
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("at", ["submit", "cancel"])
def test_a_client_that_has_closed_is_one_sentence(
    scheduler: str, workers: list[subprocess.Popen[bytes]], at: str
) -> None:
    """The client gives up a scheduler after some seconds, whatever is asked of it next."""

    def lose_the_client() -> None:
        with executor_at(scheduler) as executor:
            assert isinstance(executor, ClusterExecutor)
            client = executor._client
            if at == "submit":
                client.sync(client._close)
                executor.submit(sleep, 0).result()
            else:
                executor.submit(sleep, 60)
                client.sync(client._close)
                raise CancelledError

    with pytest.raises(ClusterError, match=r"gave up \(.+\)"):
        lose_the_client()
