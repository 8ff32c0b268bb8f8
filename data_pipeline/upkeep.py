"""Keeping a dataset up to date: building it with a memory, bringing it up to date, comparing it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import orjson
import typer

from .build import Inputs, Stage, Track, build
from .cluster import executor_at
from .dataset import Dataset, DatasetError
from .prepared import cache_folder
from .releases import open_version, version_before
from .report import summary
from .revision_report import MOST_LINES, describe_revisions
from .revisions import compare
from .sources import InputError

PlainErrors = Callable[[], AbstractContextManager[None]]

SchedulerOption = Annotated[
    str | None,
    typer.Option(metavar="tcp://HOST:PORT", help="Read the police files on this Dask cluster."),
]

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
    stage: Stage = lambda message: None,
    track: Track = lambda items, total: items,
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
    remembered = memory / _INPUTS
    partial = remembered.with_suffix(".part")
    partial.write_bytes(orjson.dumps(_absolute(asdict(inputs)), option=orjson.OPT_INDENT_2))
    partial.replace(remembered)
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


def bring_up_to_date(
    out: Path,
    given: dict[str, Any],
    also: tuple[Path, ...] = (),
    *,
    scheduler: str | None = None,
    stage: Stage = lambda message: None,
    track: Track = lambda items, total: items,
) -> str:
    """Bring a dataset up to date, and return what it holds now and what is different.

    Parameters
    ----------
    out, given, also : as for :func:`updated_inputs`
    scheduler, stage, track : as for :func:`build_and_remember`

    Raises
    ------
    InputError, PublishError
        If an input, the cluster or the output cannot be used.
    """
    inputs = updated_inputs(out, given, also)
    former = _former(out)
    build_and_remember(inputs, out, reread=False, scheduler=scheduler, stage=stage, track=track)
    dataset = Dataset.open(out)
    lines = [summary(dataset)]
    if former is not None and former.id != dataset.id:
        lines += [
            "\nWhat is different (A is the dataset before, B the one now):",
            describe_revisions(former, dataset, compare(former, dataset)),
        ]
    return "\n".join([*lines, f"Dataset {dataset.id[:16]} is at {out}."])


def _former(out: Path) -> Dataset | None:
    try:
        return Dataset.open(out)
    except DatasetError:
        return None


def add_upkeep(app: typer.Typer, plain_errors: PlainErrors, stage: Stage, track: Track) -> None:
    """Add ``add`` and ``diff`` to the command line.

    Parameters
    ----------
    app : Typer
    plain_errors : function that returns a context manager
        Ends the program with one sentence for errors that a user can cause.
    stage, track : how progress is shown
    """

    @app.command()
    def add(
        *,
        out: Annotated[
            Path, typer.Option("--out", "--to", help="The dataset to bring up to date.")
        ],
        police: Annotated[
            list[Path] | None,
            typer.Option(help="ZIP or folder in place of those of the last time."),
        ] = None,
        also: Annotated[
            list[Path] | None,
            typer.Option(help="ZIP or folder on top of those of the last time."),
        ] = None,
        boundaries: Annotated[Path | None, typer.Option(help="LSOA 2021 boundaries.")] = None,
        population: Annotated[
            list[str] | None, typer.Option(help="LSOA code and residents.", metavar="FILE")
        ] = None,
        wards: Annotated[Path | None, typer.Option(help="LSOA to ward to district.")] = None,
        forces: Annotated[Path | None, typer.Option(help="District to police force.")] = None,
        lsoa_changes: Annotated[Path | None, typer.Option(help="LSOA 2011 to 2021.")] = None,
        rural_urban: Annotated[Path | None, typer.Option(help="Rural urban class.")] = None,
        scheduler: SchedulerOption = None,
    ) -> None:
        """Bring a dataset up to date: read only the police files that are new or changed.

        What is not given is as the last time. The dataset is the one that build would make.
        """
        given = {
            "police": tuple(police or ()),
            "population": tuple(population or ()),
            **{"boundaries": boundaries, "wards": wards, "forces": forces},
            **{"lsoa_changes": lsoa_changes, "rural_urban": rural_urban},
        }
        with plain_errors():
            typer.echo(
                bring_up_to_date(
                    out, given, tuple(also or ()), scheduler=scheduler, stage=stage, track=track
                )
            )

    @app.command()
    def diff(
        *,
        a: Annotated[str, typer.Argument(metavar="A", help="Directory, release or id.")],
        b: Annotated[str | None, typer.Argument(metavar="B", help="The same, newer.")] = None,
        of: Annotated[
            Path, typer.Option(help="The dataset in whose kept versions releases are looked up.")
        ] = Path("data/current"),
        show_all: Annotated[bool, typer.Option("--all", help="List every force-month.")] = False,
        out: Annotated[
            Path | None, typer.Option(help="Write the full tables here.", metavar="FILE.csv")
        ] = None,
    ) -> None:
        """Report what B says differently from A; with one dataset, from the version before it."""
        with plain_errors():
            if b is None:
                older, newer = version_before(Path(a)), Dataset.open(a)
            else:
                older, newer = open_version(a, of), open_version(b, of)
            comparison = compare(older, newer)
            most = None if show_all else MOST_LINES
            typer.echo(describe_revisions(older, newer, comparison, most))
            if out:
                force_months = out.with_name(f"{out.stem}-force-months{out.suffix}")
                comparison.revisions.to_csv(out, index=False)
                comparison.force_months.to_csv(force_months, index=False)
                typer.echo(f"Wrote {out} (by crime type) and {force_months} (rows of each file).")
