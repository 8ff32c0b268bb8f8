"""What every command shares: progress on the terminal, and errors as one sentence."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import typer
from tqdm import tqdm

from ..dataset.reader import DatasetError
from ..inputs.errors import InputError
from ..publish.draft import PublishError
from ..storage.progress import Grew

DAMAGED = 1
USER_ERROR = 2
TRACEBACK_VARIABLE = "CRIME_ATLAS_TRACEBACK"
"""Environment variable under which an unforeseen error shows where it happened."""


@contextmanager
def plain_errors() -> Iterator[None]:
    """Turn what a user or a machine can cause into one sentence and an exit code."""
    try:
        yield
    except (InputError, PublishError, DatasetError) as error:
        raise failure(str(error)) from None
    except (typer.Exit, typer.Abort):
        raise
    except OSError as error:
        place = f" ({error.filename})" if error.filename else ""
        raise failure(
            f"{error.strerror or error}{place}. Nothing was published; an older dataset is as "
            "it was."
        ) from None
    except (
        ArithmeticError,
        LookupError,
        MemoryError,
        RuntimeError,
        TypeError,
        ValueError,
    ) as error:
        if os.environ.get(TRACEBACK_VARIABLE):
            raise
        said = (str(error) or "no more is known").splitlines()[0]
        raise failure(
            f"something in the inputs was not foreseen ({type(error).__name__}: {said}). Nothing "
            f"was published; an older dataset is as it was. {TRACEBACK_VARIABLE}=1 shows where it "
            "happened, for a report."
        ) from None
    except KeyboardInterrupt:
        typer.echo("Stopped. Nothing was published; an older dataset is as it was.", err=True)
        raise typer.Exit(130) from None


def failure(message: str, code: int = USER_ERROR) -> typer.Exit:
    """Print what went wrong and return what ends the program with an exit code."""
    typer.echo(f"Error: {message}", err=True)
    return typer.Exit(code)


def stage(message: str) -> None:
    """Say which part of the work starts now."""
    tqdm.write(f"{message} …", file=sys.stderr)  # above a bar that is being shown


def track(items: Iterable[Any], total: int, what: str) -> Iterable[Any]:
    """Yield items while a bar shows how many of them are done."""
    shown: Iterable[Any] = tqdm(
        items, total=total, unit=f" {what}", file=sys.stderr, mininterval=0.5
    )
    return shown


@contextmanager
def bar(title: str, total: float | None, unit: str) -> Iterator[Grew]:
    """Give a function of what was added, and show how much of the total that is."""
    if total == 0:
        yield lambda count: None
        return
    with tqdm(
        total=total,
        desc=title,
        unit=unit,
        unit_scale=unit == "B",
        file=sys.stderr,
        mininterval=0.5,
    ) as shown:
        yield shown.update
