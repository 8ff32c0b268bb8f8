"""``build``: a dataset from files at hand."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated

import typer

from ..build.inputs import Inputs
from ..build.remembered import build_and_remember
from ..dataset.reader import Dataset
from ..report.quality import summary
from .console import plain_errors, stage, track

SchedulerOption = Annotated[
    str | None,
    typer.Option(metavar="tcp://HOST:PORT", help="Read the police files on this Dask cluster."),
]

ColumnOption = Annotated[
    list[str] | None,
    typer.Option(
        metavar="ROLE:COLUMN=HEADING",
        help='A column that is not found, such as "population:lsoa_code=Area".',
    ),
]


def build(
    *,
    police: Annotated[
        list[Path],
        typer.Option(help="data.police.uk ZIP, read in place, or a folder of the same shape."),
    ],
    boundaries: Annotated[Path, typer.Option(help="LSOA 2021 boundaries.")],
    population: Annotated[
        list[str],
        typer.Option(help="LSOA code and residents; FILE, or FILE::Label::YEAR.", metavar="FILE"),
    ],
    wards: Annotated[Path, typer.Option(help="LSOA to ward to district lookup.")],
    forces: Annotated[Path, typer.Option(help="District to partnership to police force lookup.")],
    lsoa_changes: Annotated[Path, typer.Option(help="LSOA 2011 to 2021 exact fit lookup.")],
    out: Annotated[Path, typer.Option(help="Where the dataset is to be.")],
    rural_urban: Annotated[
        Path | None, typer.Option(help="Rural urban classification of LSOAs.")
    ] = None,
    column: ColumnOption = None,
    scheduler: SchedulerOption = None,
) -> None:
    """Build a dataset from raw police files and ONS geography."""
    inputs = Inputs(
        tuple(police),
        boundaries,
        tuple(population),
        wards,
        forces,
        lsoa_changes,
        rural_urban,
        tuple(column or ()),
    )
    with plain_errors():
        started = time.monotonic()
        build_and_remember(inputs, out, reread=True, scheduler=scheduler, stage=stage, track=track)
        dataset = Dataset.open(out)
        typer.echo(summary(dataset))
        typer.echo(
            f"Dataset {dataset.id[:16]} is at {out} ({time.monotonic() - started:,.0f} seconds)."
        )
