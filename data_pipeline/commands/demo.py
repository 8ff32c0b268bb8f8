"""``demo``: a synthetic dataset to try the dashboard with."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Annotated

import typer

from ..demo import make_demo
from .console import plain_errors, stage, track


def demo(
    out: Annotated[Path, typer.Option(help="Where the dataset is to be.")],
    seed: Annotated[int, typer.Option(help="Equal seeds make equal datasets.")] = 1,
    scale: Annotated[
        float, typer.Option(help="Share of the full number of areas.", min=0.02, max=1)
    ] = 1.0,
) -> None:
    """Make a synthetic England and Wales to try the dashboard with."""
    with plain_errors():
        started = time.monotonic()
        make_demo(out, seed=seed, scale=scale, stage=stage, track=track)
        typer.echo(f"The demo dataset is at {out} ({time.monotonic() - started:,.0f} seconds).")
