"""``info``, ``check`` and ``diff``: what a dataset holds, whether it is whole, what has changed."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ..dataset.reader import DamagedDatasetError, Dataset
from ..publish.check import faults
from ..publish.versions import open_version, version_before
from ..report.quality import quality_report, summary
from ..report.revision_text import MOST_LINES, describe_revisions
from ..report.revisions import compare
from .console import DAMAGED, failure, plain_errors


def info(path: Annotated[Path, typer.Argument(metavar="DIR")]) -> None:
    """Say what a dataset holds and what it lacks."""
    with plain_errors():
        typer.echo(summary(Dataset.open(path)))


def check(path: Annotated[Path, typer.Argument(metavar="DIR")]) -> None:
    """Look for damage (exit code 1 if there is any) and report the quality of the data."""
    with plain_errors():
        try:
            dataset = Dataset.open(path, whole=False)
            found = faults(dataset)
        except DamagedDatasetError as error:
            raise failure(str(error), DAMAGED) from None
        if found:
            listed = "\n".join(f"  {fault}" for fault in found)
            raise failure(f"the dataset at {path} is damaged; build it again.\n{listed}", DAMAGED)
        typer.echo(quality_report(dataset))
        typer.echo(f"\nDataset {dataset.id[:16]} at {path} is sound.")


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
