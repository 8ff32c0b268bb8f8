"""The command line of the pipeline: ``python -m data_pipeline COMMAND``."""

from __future__ import annotations

import signal
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer
from tqdm import tqdm

from .build import Inputs
from .dataset import DamagedDatasetError, Dataset, DatasetError
from .download.commands import add_commands
from .publish import PublishError
from .report import quality_report, summary
from .soundness import faults
from .sources import InputError
from .upkeep import SchedulerOption, add_upkeep, build_and_remember

DAMAGED = 1
USER_ERROR = 2

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="Make the dataset that the Crime Atlas dashboard shows.",
)


@app.command()
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
    scheduler: SchedulerOption = None,
) -> None:
    """Build a dataset from raw police files and ONS geography."""
    inputs = Inputs(
        tuple(police), boundaries, tuple(population), wards, forces, lsoa_changes, rural_urban
    )
    with plain_errors():
        started = time.monotonic()
        build_and_remember(
            inputs, out, reread=True, scheduler=scheduler, stage=_stage, track=_track
        )
        dataset = Dataset.open(out)
        typer.echo(summary(dataset))
        typer.echo(
            f"Dataset {dataset.id[:16]} is at {out} ({time.monotonic() - started:,.0f} seconds)."
        )


@app.command()
def demo(
    out: Annotated[Path, typer.Option(help="Where the dataset is to be.")],
    seed: Annotated[int, typer.Option(help="Equal seeds make equal datasets.")] = 1,
    scale: Annotated[
        float, typer.Option(help="Share of the full number of areas.", min=0.02, max=1)
    ] = 1.0,
) -> None:
    """Make a synthetic England and Wales to try the dashboard with."""
    from .demo import make_demo  # noqa: PLC0415 - only this command needs it

    with plain_errors():
        started = time.monotonic()
        make_demo(out, seed=seed, scale=scale, progress=_stage)
        typer.echo(f"The demo dataset is at {out} ({time.monotonic() - started:,.0f} seconds).")


@app.command()
def info(path: Annotated[Path, typer.Argument(metavar="DIR")]) -> None:
    """Say what a dataset holds and what it lacks."""
    with plain_errors():
        typer.echo(summary(Dataset.open(path)))


@app.command()
def check(path: Annotated[Path, typer.Argument(metavar="DIR")]) -> None:
    """Look for damage (exit code 1 if there is any) and report the quality of the data."""
    with plain_errors():
        try:
            dataset = Dataset.open(path)
            found = faults(dataset)
        except DamagedDatasetError as error:
            raise _failure(str(error), DAMAGED) from None
        if found:
            listed = "\n".join(f"  {fault}" for fault in found)
            raise _failure(f"the dataset at {path} is damaged; build it again.\n{listed}", DAMAGED)
        typer.echo(quality_report(dataset))
        typer.echo(f"\nDataset {dataset.id[:16]} at {path} is sound.")


@contextmanager
def plain_errors() -> Iterator[None]:
    """Turn what a user or a machine can cause into one sentence and an exit code."""
    try:
        yield
    except (InputError, PublishError, DatasetError) as error:
        raise _failure(str(error)) from None
    except OSError as error:
        place = f" ({error.filename})" if error.filename else ""
        raise _failure(
            f"{error.strerror or error}{place}. Nothing was published; an older dataset is as "
            "it was."
        ) from None
    except KeyboardInterrupt:
        typer.echo("Stopped. Nothing was published; an older dataset is as it was.", err=True)
        raise typer.Exit(130) from None


add_commands(app, plain_errors)


def _failure(message: str, code: int = USER_ERROR) -> typer.Exit:
    typer.echo(f"Error: {message}", err=True)
    return typer.Exit(code)


def _stage(message: str) -> None:
    typer.echo(f"{message} …", err=True)


def _track(items: Iterable[Any], total: int) -> Iterable[Any]:
    return tqdm(items, total=total, unit=" files", file=sys.stderr, mininterval=0.5)


def _terminated(_signal: int, _frame: object) -> None:
    """End as an interruption does, so that what is half written is taken away."""
    raise KeyboardInterrupt


add_upkeep(app, plain_errors, _stage, _track)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, _terminated)
    app(prog_name="python -m data_pipeline")
