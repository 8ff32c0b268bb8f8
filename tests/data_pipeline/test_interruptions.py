"""Builds that are killed, run out of disk or meet another: the dataset is whole at all times."""

from __future__ import annotations

import errno
import os
import resource
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from data_pipeline.__main__ import app
from data_pipeline.dataset import Dataset
from data_pipeline.police.counts import CountSpool
from data_pipeline.police.crime_ids import IdSpool
from data_pipeline.police.snap_points import PointSpool
from data_pipeline.publish import swap
from data_pipeline.publish import writer as publishing
from data_pipeline.publish.check import faults
from data_pipeline.storage.locks import held

from .test_build import arguments
from .tiny import Inputs, build, middle, name, row, street, write_archive, write_inputs

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 60

STOP_INSIDE = """
import runpy, sys, time
from importlib import import_module
from pathlib import Path
module = import_module("data_pipeline.{module}")
real, here, go_on = module.{function}, Path(sys.argv.pop(1)), Path(sys.argv.pop(1))
def stopped(*args, **kwargs):
    result = real(*args, **kwargs) if {after} else None
    here.touch()
    while not go_on.exists():
        time.sleep(0.02)
    return result if {after} else real(*args, **kwargs)
module.{function} = stopped
runpy.run_module("data_pipeline", run_name="__main__", alter_sys=True)
"""
WRITER = "publish.writer"
PLACES = {
    "reading": STOP_INSIDE.format(module="build.build", function="choose_files", after=True),
    "half written": STOP_INSIDE.format(module=WRITER, function="_write_counts", after=True),
    "before the swap": STOP_INSIDE.format(module=WRITER, function="point", after=False),
}


def members(letter: str) -> dict[str, bytes]:
    rows = [row(f"{letter}{at}", at=middle("E01000001")) for at in range(ord(letter))]
    return {name("cheshire"): street(rows)}


@pytest.fixture
def inputs(tmp_path: Path) -> Inputs:
    """The second release; the dataset of the first one is published already."""
    first = write_archive(tmp_path / "first.zip", members("a"))
    second = write_archive(tmp_path / "second.zip", members("b"))
    given = write_inputs(tmp_path / "inputs", first)
    build(given, tmp_path / "out")
    return replace(given, police=(second,))


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., subprocess.Popen[str]]]:
    running: list[subprocess.Popen[str]] = []
    scratch = tmp_path / "scratch"
    scratch.mkdir()

    def launch(command: list[str], **options: object) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, *command],
            cwd=ROOT,
            env=os.environ | {"TMPDIR": str(scratch)},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            **options,
        )
        running.append(process)
        return process

    yield launch
    for process in running:
        process.kill()
        process.communicate()


def stopped_at(
    place: str, start: Callable[..., subprocess.Popen[str]], inputs: Inputs, out: Path
) -> tuple[subprocess.Popen[str], Path]:
    """Start a build that stands still at a place; touching the path returned lets it go on."""
    here, go_on = out.with_name("here"), out.with_name("go on")
    process = start(["-c", PLACES[place], str(here), str(go_on), *arguments(inputs, out)])
    end = time.monotonic() + PATIENCE
    while not here.exists():
        assert process.poll() is None, process.communicate()[1]
        assert time.monotonic() < end
        time.sleep(0.02)
    return process, go_on


def assert_whole(out: Path, rows: int) -> None:
    dataset = Dataset.open(out)
    assert faults(dataset) == []
    assert dataset.manifest["rows"]["kept"] == rows


def leftovers(out: Path) -> list[str]:
    found = [path.name for path in out.with_name("out.versions").iterdir()]
    beside = [path.name for path in out.parent.glob(f".{out.name}*")]
    return [item for item in found + beside if item.startswith(".")]


@pytest.mark.parametrize("place", PLACES)
def test_a_killed_build_leaves_the_old_dataset_and_the_next_clears_up(
    place: str, tmp_path: Path, inputs: Inputs, start: Callable[..., subprocess.Popen[str]]
) -> None:
    out = tmp_path / "out"
    process, _ = stopped_at(place, start, inputs, out)
    process.kill()
    process.communicate()
    assert_whole(out, ord("a"))
    assert list((tmp_path / "scratch").iterdir()) == []
    if place == "half written":
        assert len(leftovers(out)) == 1
    build(inputs, out)
    assert_whole(out, ord("b"))
    assert leftovers(out) == []


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("which", [signal.SIGTERM, signal.SIGINT])
def test_a_build_that_is_told_to_stop_says_so_and_clears_up_itself(
    place: str,
    which: signal.Signals,
    tmp_path: Path,
    inputs: Inputs,
    start: Callable[..., subprocess.Popen[str]],
) -> None:
    out = tmp_path / "out"
    process, _ = stopped_at(place, start, inputs, out)
    process.send_signal(which)
    _, said = process.communicate(timeout=PATIENCE)
    assert process.returncode == 130
    assert "Stopped. Nothing was published; an older dataset is as it was." in said
    assert "Traceback" not in said
    assert_whole(out, ord("a"))
    assert leftovers(out) == []


def test_a_build_does_not_clear_away_what_another_is_writing(
    tmp_path: Path, inputs: Inputs, start: Callable[..., subprocess.Popen[str]]
) -> None:
    out = tmp_path / "out"
    process, go_on = stopped_at("half written", start, inputs, out)
    third = write_archive(tmp_path / "third.zip", members("c"))
    build(replace(inputs, police=(third,)), out)
    assert_whole(out, ord("c"))
    go_on.touch()
    _, said = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0, said
    assert_whole(out, ord("b"))
    assert leftovers(out) == []


def test_builds_at_once_to_one_place_all_end_well(
    tmp_path: Path, inputs: Inputs, start: Callable[..., subprocess.Popen[str]]
) -> None:
    out = tmp_path / "out"
    third = write_archive(tmp_path / "third.zip", members("c"))
    given = [inputs, replace(inputs, police=(third,)), inputs]
    processes = [start(["-m", "data_pipeline", *arguments(each, out)]) for each in given]
    seen = set()
    while any(process.poll() is None for process in processes):
        seen.add(Dataset.open(out).manifest["rows"]["kept"])
        time.sleep(0.02)
    said = [process.communicate()[1] for process in processes]
    assert [process.returncode for process in processes] == [0, 0, 0], said
    assert seen <= {ord("a"), ord("b"), ord("c")}
    assert_whole(out, Dataset.open(out).manifest["rows"]["kept"])
    assert leftovers(out) == []


def test_what_no_process_holds_is_cleared_away_and_what_one_holds_is_not(
    tmp_path: Path, inputs: Inputs
) -> None:
    out = tmp_path / "out"
    left, busy = (tmp_path / "out.versions" / name for name in (".partial-left", ".partial-busy"))
    left.mkdir()
    busy.mkdir()
    with held(busy):
        build(inputs, out)
    assert leftovers(out) == [".partial-busy"]


def test_without_locks_leftovers_are_cleared_away_a_day_later(
    tmp_path: Path, inputs: Inputs, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out"
    old, new = (tmp_path / "out.versions" / name for name in (".partial-old", ".partial-new"))
    old.mkdir()
    new.mkdir()
    os.utime(old, (0, 0))
    monkeypatch.setattr(swap, "is_free", lambda path: False)
    build(inputs, out)
    assert leftovers(out) == [".partial-new"]


@pytest.mark.parametrize(
    ("owner", "function"),
    [
        (IdSpool, "add"),
        (PointSpool, "add"),
        (CountSpool, "add"),
        (publishing, "_write_parquet"),
        (publishing, "_write_counts"),
        (publishing, "file_hashes"),
        (publishing, "point"),
        (Path, "write_bytes"),
        (os, "mkdir"),
    ],
)
def test_a_full_disk_is_one_sentence_wherever_it_strikes(
    owner: object,
    function: str,
    tmp_path: Path,
    inputs: Inputs,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device", "somewhere")

    monkeypatch.setattr(owner, function, full)
    result = CliRunner().invoke(app, arguments(inputs, tmp_path / "out"))
    monkeypatch.undo()
    assert result.exit_code == 2
    assert (
        "Error: No space left on device (somewhere). Nothing was published; an older dataset is "
        "as it was." in result.stderr
    )
    assert_whole(tmp_path / "out", ord("a"))
    assert leftovers(tmp_path / "out") == []


@pytest.mark.parametrize("limit", [600, 2_000, 6_000, 14_000])
def test_a_file_that_cannot_grow_is_one_sentence(
    limit: int, tmp_path: Path, inputs: Inputs, start: Callable[..., subprocess.Popen[str]]
) -> None:
    process = start(
        ["-m", "data_pipeline", *arguments(inputs, tmp_path / "out")],
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)),
    )
    _, said = process.communicate(timeout=PATIENCE)
    assert process.returncode == 2, said
    assert "Nothing was published; an older dataset is as it was." in said
    assert "File too large" in said
    assert "Traceback" not in said
    assert_whole(tmp_path / "out", ord("a"))
    assert leftovers(tmp_path / "out") == []


FULL_DISK = """
mount -t tmpfs -o size=2m none "$1" && shift || exit 77
"$PYTHON" -m data_pipeline "$@" >/dev/null 2>&1 || exit 78
head -c 8m /dev/zero > "$DISK/ballast" 2>/dev/null
truncate -s -"$FREE" "$DISK/ballast"
"$PYTHON" -m data_pipeline "$@" --police "$SECOND"
echo "exit code $?"
rm "$DISK/ballast"
"$PYTHON" -m data_pipeline check "$DISK/out"
"""


@pytest.mark.parametrize("free", [4_096, 24_576, 40_960])
def test_a_disk_that_is_really_full_leaves_the_old_dataset(
    free: int, tmp_path: Path, inputs: Inputs
) -> None:
    if shutil.which("unshare") is None:
        pytest.skip("a disk of its own needs unshare")
    disk = tmp_path / "disk"
    disk.mkdir()
    given = replace(inputs, police=(tmp_path / "first.zip",))
    variables = {"PYTHON": sys.executable, "DISK": str(disk), "SECOND": str(inputs.police[0])}
    result = subprocess.run(
        ["unshare", "-rm", "sh", "-c", FULL_DISK, "sh", disk, *arguments(given, disk / "out")],
        cwd=ROOT,
        env=os.environ | variables | {"FREE": str(free)},
        capture_output=True,
        text=True,
        check=False,
    )
    if result.returncode == 77 or "unshare:" in result.stderr:
        pytest.skip(f"a disk of its own is not allowed here: {result.stderr.strip()}")
    assert "exit code 2\n" in result.stdout, result.stderr
    assert "Nothing was published; an older dataset is as it was." in result.stderr
    assert "No space left on device" in result.stderr
    assert "Traceback" not in result.stderr
    assert result.stdout.endswith("is sound.\n")
