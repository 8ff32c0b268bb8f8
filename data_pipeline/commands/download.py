"""The commands ``download`` and ``refresh``."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any

import typer

from ..build.inputs import Inputs, describe_inputs
from ..build.remembered import build_and_remember
from ..dataset.forces import EXCLUDED_SUPPLIERS, FORCES
from ..dataset.months import is_month
from ..dataset.reader import Dataset, DatasetError
from ..download.addresses import read_sources
from ..download.fetch import carry_out, only_one
from ..download.lockfile import LockFile
from ..download.plan import describe, make_plan
from ..download.police import Watch
from ..download.police_plan import LATEST, Choice
from ..download.ranges import ChangedError
from ..download.web import DownloadError, Web
from ..inputs.catalogue import Source
from ..police.sources import open_source
from ..report.quality import summary
from .console import bar, plain_errors, stage, track

DEFAULT_YEAR = 2022
"""Of the mid-year estimate: the one that published comparisons use."""

ForceOption = Annotated[
    list[str] | None,
    typer.Option("--force", metavar="SLUG", help="Only this force; repeat for more."),
]

FromOption = Annotated[
    str | None, typer.Option("--from", metavar="YYYY-MM", help="First month wanted.")
]

ToOption = Annotated[str | None, typer.Option("--to", metavar="YYYY-MM", help="Last month wanted.")]
ReleaseOption = Annotated[str, typer.Option(metavar="YYYY-MM|latest", help="Release to fetch.")]
IntoOption = Annotated[Path, typer.Option(help="Folder for the files.")]
YearOption = Annotated[
    list[int] | None,
    typer.Option("--population-year", metavar="YEAR", help="Mid-year estimate; 2022 if not given."),
]

SourcesOption = Annotated[
    Path | None, typer.Option(metavar="FILE.toml", help="Other addresses, vintages or columns.")
]

DryRunOption = Annotated[bool, typer.Option("--dry-run", help="Only say what would be fetched.")]


def add_commands(app: typer.Typer, web: Web | None = None) -> None:
    """Add ``download`` and ``refresh`` to the command line.

    Parameters
    ----------
    app : Typer
    web : Web, optional
        The client; tests give their own.
    """

    @app.command()
    def download(
        *,
        into: IntoOption,
        force: ForceOption = None,
        first: FromOption = None,
        last: ToOption = None,
        release: ReleaseOption = LATEST,
        population_year: YearOption = None,
        sources: SourcesOption = None,
        dry_run: DryRunOption = False,
    ) -> None:
        """Fetch police files and ONS geography: only what is wanted and not here yet."""
        with plain_errors(), kept_on_failure(into):
            choice = choose(force, first, last, release)
            wanted = read_sources(sources, population_year or [DEFAULT_YEAR])
            found = fetch(web or Web(), wanted, choice, into, dry_run)
            if found:
                typer.echo(build_line(found))

    @app.command()
    def refresh(
        *,
        into: IntoOption,
        out: Annotated[Path, typer.Option(help="Where the dataset is to be.")],
        force: ForceOption = None,
        first: FromOption = None,
        last: ToOption = None,
        release: ReleaseOption = LATEST,
        population_year: YearOption = None,
        sources: SourcesOption = None,
        dry_run: DryRunOption = False,
    ) -> None:
        """Fetch what is new, build the dataset from it and swap it in."""
        with plain_errors():
            with kept_on_failure(into):
                choice = choose(force, first, last, release)
                wanted = read_sources(sources, population_year or [DEFAULT_YEAR])
                found = fetch(web or Web(), wanted, choice, into, dry_run)
            if found and is_built_from(out, found):
                typer.echo(f"Nothing new: the dataset at {out} is built from these very files.")
            elif found:
                build_and_remember(found, out, reread=False, stage=stage, track=track)
                dataset = Dataset.open(out)
                typer.echo(f"{summary(dataset)}\nDataset {dataset.id[:16]} is at {out}.")


def fetch(
    web: Web, wanted: Sequence[Source], choice: Choice, into: Path, dry_run: bool
) -> Inputs | None:
    """Print the plan and carry it out; return the files, or None after a dry run."""
    stage("Asking what there is")
    if dry_run:
        typer.echo(describe(make_plan(web, wanted, choice, LockFile(into))))
        return None
    with only_one(into):
        lock = LockFile(into)
        plan = make_plan(web, wanted, choice, lock)
        typer.echo(describe(plan))
        return carry_out(web, plan, lock, Watch(typer.echo, bar))


def choose(forces: list[str] | None, first: str | None, last: str | None, release: str) -> Choice:
    """Check what was asked for on the command line.

    Raises
    ------
    DownloadError
        If a force is not known, or a month is not one.
    """
    for option, month in (("--from", first), ("--to", last), ("--release", release)):
        if month is not None and not is_month(month) and (option, month) != ("--release", LATEST):
            also = " or latest" if option == "--release" else ""
            raise DownloadError(
                f"{option} {month!r} is not a month; write it YYYY-MM, for example 2024-01{also}."
            )
    if first and last and first > last:
        raise DownloadError(f"--from {first} is after --to {last}.")
    for slug in forces or []:
        _check_force(slug)
    everybody = Choice().forces
    return Choice(tuple(dict.fromkeys(forces)) if forces else everybody, first, last, release)


def _check_force(slug: str) -> None:
    slugs = [force.slug for force in FORCES]
    if slug in EXCLUDED_SUPPLIERS:
        raise DownloadError(
            f"--force {slug}: the {EXCLUDED_SUPPLIERS[slug]} is left out of every figure, so its "
            "files are not fetched."
        )
    if slug not in slugs:
        near = get_close_matches(slug, slugs, 3) or slugs
        raise DownloadError(f"--force {slug!r} is not a police force; try {', '.join(near)}.")


def is_built_from(out: Path, found: Inputs) -> bool:
    """Tell whether the dataset at `out` comes from exactly these files, by their hashes."""
    try:
        built = Dataset.open(out).manifest["sources"]
    except DatasetError:
        return False
    police = [open_source(path) for path in found.police]
    now: list[dict[str, Any]] = describe_inputs(found, police)
    return bool(now == built)


def build_line(found: Inputs) -> str:
    """Return the command that builds a dataset from files fetched."""
    options = [
        ("police", found.police[0]),
        ("boundaries", found.boundaries),
        *(("population", path) for path in found.population),
        ("wards", found.wards),
        ("forces", found.forces),
        ("lsoa-changes", found.lsoa_changes),
        *([("rural-urban", found.rural_urban)] if found.rural_urban else []),
        ("out", "data/current"),
    ]
    lines = [f"--{name} {path}" for name, path in options]
    return "Build with:\n  python -m data_pipeline build \\\n    " + " \\\n    ".join(lines)


@contextmanager
def kept_on_failure(into: Path) -> Iterator[None]:
    """Say of a failed download that what is complete is kept."""
    try:
        yield
    except ChangedError as change:
        raise DownloadError(f"{change}. Run the same command again.") from None
    except OSError as error:
        place = f" ({error.filename})" if error.filename else ""
        raise DownloadError(
            f"{error.strerror or error}{place}. What is complete is kept in {into}: run the same "
            "command again to go on."
        ) from None
    except KeyboardInterrupt:
        typer.echo(
            f"Stopped. What is complete is kept in {into}: run the same command again to go on.",
            err=True,
        )
        raise typer.Exit(130) from None
