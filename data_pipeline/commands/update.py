"""``add``: bring a dataset up to date, and say what is different."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from ..build.remembered import build_and_remember, updated_inputs
from ..dataset.reader import Dataset, DatasetError
from ..report.quality import summary
from ..report.revision_text import describe_revisions
from ..report.revisions import compare
from ..storage.progress import Stage, Track, silent, untracked
from .build import ColumnOption, SchedulerOption
from .console import plain_errors, stage, track


def bring_up_to_date(
    out: Path,
    given: dict[str, Any],
    also: tuple[Path, ...] = (),
    *,
    scheduler: str | None = None,
    stage: Stage = silent,
    track: Track = untracked,
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


def add(
    *,
    out: Annotated[Path, typer.Option("--out", "--to", help="The dataset to bring up to date.")],
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
    column: ColumnOption = None,
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
        "columns": tuple(column or ()),
    }
    with plain_errors():
        typer.echo(
            bring_up_to_date(
                out, given, tuple(also or ()), scheduler=scheduler, stage=stage, track=track
            )
        )
