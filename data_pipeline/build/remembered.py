"""A dataset built with a memory: what it was made of, and what was read of each police file."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

import orjson

from ..geography.areas_store import cache_folder
from ..inputs.errors import InputError
from ..police.cluster import executor_at
from ..storage.progress import Stage, Track, silent, untracked
from ..storage.replacing import replace_with
from .build import build
from .inputs import Inputs

_INPUTS = "inputs.json"
_PATH_END = "::"


def readings_folder(out: Path) -> Path:
    """Return the folder beside a dataset that remembers what was read of each file."""
    return out.with_name(out.name + ".readings")


def build_and_remember(
    inputs: Inputs,
    out: Path,
    *,
    reread: bool,
    scheduler: str | None = None,
    stage: Stage = silent,
    track: Track = untracked,
) -> str:
    """Build a dataset, and remember the inputs and what was read of each police file.

    Parameters
    ----------
    inputs : Inputs
    out : Path
        Where the dataset is to be opened.
    reread : bool
        Read every police file; if False, only those that have changed since the last time. The
        dataset is the same.
    scheduler : address of a Dask scheduler, or None for threads of this machine
    stage, track : as for ``build.build``

    Returns
    -------
    str
        The id of the dataset.

    Raises
    ------
    InputError, PublishError
        If an input, the cluster or the output cannot be used.
    """
    memory = readings_folder(out)
    with executor_at(scheduler) as executor:
        dataset_id = build(
            inputs,
            out,
            executor,
            stage,
            track,
            cache=cache_folder(out),
            readings=memory,
            reread=reread,
        )
    memory.mkdir(exist_ok=True)
    described = _absolute(asdict(inputs)) | {"columns": list(inputs.columns)}
    replace_with(memory / _INPUTS, orjson.dumps(described, option=orjson.OPT_INDENT_2))
    return dataset_id


def _absolute(value: Any) -> Any:
    """Return inputs with every path independent of the current directory."""
    if isinstance(value, dict):
        return {name: _absolute(part) for name, part in value.items()}
    if isinstance(value, tuple):
        return [_absolute(part) for part in value]
    if isinstance(value, Path):
        return str(value.absolute())
    if isinstance(value, str):
        path, end, rest = value.partition(_PATH_END)
        return f"{Path(path).absolute()}{end}{rest}"
    return value


def remembered_inputs(out: Path) -> dict[str, Any]:
    """Return the inputs that the dataset at `out` was last made of, by name; empty if unknown."""
    try:
        found = orjson.loads((readings_folder(out) / _INPUTS).read_bytes())
        return {
            "police": tuple(map(Path, found["police"])),
            "population": tuple(map(str, found["population"])),
            "rural_urban": Path(found["rural_urban"]) if found["rural_urban"] else None,
            "columns": tuple(map(str, found.get("columns", ()))),
            **{name: Path(found[name]) for name in _SINGLE},
        }
    except (OSError, ValueError, KeyError, TypeError):
        return {}


_SINGLE = ("boundaries", "wards", "forces", "lsoa_changes")


def updated_inputs(out: Path, given: dict[str, Any], also: tuple[Path, ...] = ()) -> Inputs:
    """Return the inputs of the last time, with those that are given now in their place.

    Parameters
    ----------
    out : Path
    given : dict
        Fields of `Inputs`; empty ones are as the last time.
    also : police paths on top of the others

    Raises
    ------
    InputError
        If something is neither given nor remembered.
    """
    wanted = remembered_inputs(out) | {name: value for name, value in given.items() if value}
    wanted["police"] = (*wanted.get("police", ()), *also)
    missing = [
        f"--{name.replace('_', '-')}"
        for name in ("police", "population", *_SINGLE)
        if not wanted.get(name)
    ]
    if missing:
        raise InputError(
            f"What {out} was made of is not remembered in {readings_folder(out)}; "
            f"give {', '.join(missing)} as for build."
        )
    return Inputs(**wanted)
