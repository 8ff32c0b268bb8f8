"""Every setting, each an environment variable with a default."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
"""Directory of the program: where its assets are."""


MOST_PROCESSES = 256


class SettingError(Exception):
    """A setting has a value that cannot be used; the message names it."""


@dataclass(frozen=True)
class Setting:
    """One setting.

    Attributes
    ----------
    name : str
        Attribute of Settings.
    variable : str
        Environment variable.
    default : str
    read : function of str
        Turns its text into its value; a ValueError says what is expected.
    description : str
    """

    name: str
    variable: str
    default: str
    read: Callable[[str], Any]
    description: str


def _port(text: str) -> int:
    if not text.isdecimal() or not 0 < int(text) < 65_536:
        raise ValueError("a number from 1 to 65535")
    return int(text)


def _sources(text: str) -> str:
    if any(mark in text for mark in ";,\r\n"):
        raise ValueError("sources separated by spaces, e.g. 'self' https://news.example")
    return text


def _yes(text: str) -> bool:
    if text.lower() not in ("yes", "no"):
        raise ValueError("yes or no")
    return text.lower() == "yes"


def _prefix(text: str) -> str:
    path = text.rstrip("/")
    if path and not re.fullmatch(r"(/[A-Za-z0-9._~-]+)+", path):
        raise ValueError("a path such as /crime")
    return path


def _count(text: str) -> int:
    if not text.isdecimal() or not 0 < int(text) <= MOST_PROCESSES:
        raise ValueError(f"a number from 1 to {MOST_PROCESSES}")
    return int(text)


SETTINGS: tuple[Setting, ...] = (
    Setting("dataset", "CRIME_ATLAS_DATASET", "data/current", Path, "directory of the dataset"),
    Setting("host", "CRIME_ATLAS_HOST", "127.0.0.1", str, "address that `python app.py` serves"),
    Setting("port", "CRIME_ATLAS_PORT", "8050", _port, "port that `python app.py` serves"),
    Setting(
        "prefix",
        "CRIME_ATLAS_PREFIX",
        "",
        _prefix,
        "path below which it is served, such as /crime, behind a proxy that serves more",
    ),
    Setting(
        "workers",
        "CRIME_ATLAS_WORKERS",
        str(min(max(os.cpu_count() or 1, 2), 4)),
        _count,
        "processes of `make serve`, of some 400 MB each",
    ),
    Setting("threads", "CRIME_ATLAS_THREADS", "32", _count, "threads of each of them"),
    Setting(
        "frame_ancestors",
        "CRIME_ATLAS_FRAME_ANCESTORS",
        "'self'",
        _sources,
        "sites that may show the page in a frame, as a Content-Security-Policy lists them",
    ),
    Setting(
        "remote_tiles",
        "CRIME_ATLAS_REMOTE_TILES",
        "yes",
        _yes,
        "whether readers may choose a background map from OpenStreetMap or CARTO",
    ),
)


@dataclass(frozen=True)
class Settings:
    """The values of SETTINGS."""

    dataset: Path
    host: str
    port: int
    frame_ancestors: str = "'self'"
    remote_tiles: bool = True
    prefix: str = ""
    workers: int = 2
    threads: int = 32
    root: Path = ROOT

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] = os.environ) -> Settings:
        """Read the settings; an empty variable counts as absent.

        Raises
        ------
        SettingError
            Names the variable, its value and what is expected.
        """
        values: dict[str, Any] = {}
        for setting in SETTINGS:
            text = environment.get(setting.variable) or setting.default
            try:
                values[setting.name] = setting.read(text)
            except ValueError as error:
                message = f"{setting.variable} is {text!r}; it must be {error}."
                raise SettingError(message) from None
        return cls(**values)
