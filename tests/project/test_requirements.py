"""What is installed is what was pinned: the short lists and the locks with hashes agree."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PIN = re.compile(r"^([A-Za-z0-9_.-]+)==(\S+)", re.MULTILINE)


def pins(file: str) -> dict[str, str]:
    """Return the versions that a file pins, by name in one spelling."""
    found = PIN.findall((ROOT / file).read_text())
    return {re.sub(r"[-_.]+", "-", name).lower(): version for name, version in found}


@pytest.mark.parametrize(
    ("lists", "lock"),
    [
        (("requirements.txt",), "requirements.lock"),
        (
            ("requirements.txt", "requirements-dask.txt", "requirements-dev.txt"),
            "requirements-dev.lock",
        ),
    ],
)
def test_the_lock_pins_what_the_lists_name(lists: tuple[str, ...], lock: str) -> None:
    wanted = {name: version for file in lists for name, version in pins(file).items()}
    locked = pins(lock)
    assert len(locked) > len(wanted)
    assert {name: locked.get(name) for name in wanted} == wanted


def test_the_tests_run_on_what_readers_run() -> None:
    dev = pins("requirements-dev.lock")
    assert {name: dev.get(name) for name in pins("requirements.lock")} == pins("requirements.lock")


@pytest.mark.parametrize("lock", ["requirements.lock", "requirements-dev.lock"])
def test_every_package_of_a_lock_has_hashes_and_no_address(lock: str) -> None:
    text = (ROOT / lock).read_text()
    packages = re.split(r"^(?=[A-Za-z0-9])", text, flags=re.MULTILINE)[1:]
    assert all("--hash=sha256:" in package for package in packages)
    assert "://" not in text


def test_the_lists_pin_exactly() -> None:
    for file in ("requirements.txt", "requirements-dask.txt", "requirements-dev.txt"):
        lines = (ROOT / file).read_text().splitlines()
        named = [line for line in lines if line and not line.startswith(("#", "-r "))]
        assert len(named) == len(pins(file)), file
