"""A synthetic England and Wales at full scale, published like real data.

Forces bear their real names and lie where they do; every area, figure and file is generated. All
codes begin with X, so that none can be mistaken for a real one. What there is to find in the
figures is listed by :func:`planted`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from ..build.coverage import coverage_table, coverage_warnings
from ..dataset.forces import FORCES, Force
from ..publish.draft import Draft
from ..publish.swap import check_destination
from ..publish.writer import publish
from ..storage.progress import Stage, Track, silent, untracked
from .accounts import LAST_MONTH, MONTHS, account_rows, recorded_share, unknown_codes
from .counts import CRIME_TYPES, RESIDENTS, WORKDAY, draw_counts, expected_counts, populations
from .geography import make_nation
from .planted import Planted, planted
from .snap_points import draw_snap_points

__all__ = ["Planted", "draft_demo", "make_demo", "planted"]

SEED = 20240101
LEAST_SCALE = 0.02
"""A smaller nation has forces with hardly a crime a day, too few for their gaps to stand out."""

WARNING = "Synthetic data: every figure is generated, none is real."


def make_demo(
    out: Path,
    seed: int = SEED,
    scale: float = 1.0,
    stage: Stage = silent,
    track: Track = untracked,
) -> str:
    """Generate the synthetic nation and make `out` point to it.

    Parameters
    ----------
    out : Path
        Where the dataset is to be opened.
    seed : int
        Equal seeds give equal datasets.
    scale : float
        Size relative to England and Wales, from 0.02 to 1. All 43 forces are in every
        nation; a small one has fewer districts and areas, and fewer crimes.
    stage, track : as for ``build.build``

    Returns
    -------
    str
        The id of the dataset.

    Raises
    ------
    ValueError
        If `scale` is out of range.
    PublishError
        If `out` holds something else than a dataset.
    """
    check_destination(out)
    return publish(draft_demo(seed, scale, stage), out, stage, track)


def draft_demo(seed: int, scale: float, stage: Stage) -> Draft:
    """Generate everything that :func:`make_demo` publishes.

    Parameters
    ----------
    seed : int
        Equal seeds give equal datasets.
    scale : float
        Size of the nation: 1 has as many areas as England and Wales.
    stage : function of a message
    """
    if not LEAST_SCALE <= scale <= 1:
        raise ValueError(f"scale is {scale:g}; it must be from {LEAST_SCALE:g} to 1")
    rng = np.random.default_rng(seed)
    stage("drawing areas")
    nation = make_nation(rng, scale)
    people = populations(rng, nation)
    stage("drawing counts")
    expected = expected_counts(rng, nation, people[RESIDENTS.column].to_numpy())
    monthly = draw_counts(rng, nation, expected, MONTHS, recorded_share())
    accounts = account_rows(rng, nation, monthly)
    forces = demo_forces()
    coverage = coverage_table(accounts, MONTHS, forces)
    return Draft(
        release=LAST_MONTH,
        months=MONTHS,
        crime_types=CRIME_TYPES,
        forces=forces,
        denominators=(RESIDENTS, WORKDAY),
        areas=pd.concat([nation.areas, people], axis=1),
        monthly=monthly,
        coverage=coverage,
        accounts=accounts,
        snap_points=draw_snap_points(rng, nation, monthly),
        unknown_values=unknown_codes(accounts),
        sources=[_source(seed, scale)],
        warnings=[WARNING, *coverage_warnings(coverage, forces)],
        synthetic=True,
    )


def demo_forces() -> tuple[Force, ...]:
    """Return the 43 forces with codes of their own."""
    return tuple(
        Force(force.slug, f"X23{number:06d}", force.name)
        for number, force in enumerate(FORCES, start=1)
    )


def _source(seed: int, scale: float) -> dict[str, Any]:
    return {
        "role": "generator",
        "name": f"data_pipeline.demo, seed {seed}, scale {scale:g}",
        "url": "",
        "licence": "none: generated",
        "sha256": "",
        "bytes": 0,
    }
