"""Crime counts and populations of the synthetic nation.

Every area has an expected monthly count of each crime type, driven by its population, centrality
and deprivation and by luck that lasts. Months vary around it with the season, with the force and
with a gamma-Poisson draw, so that counts are overdispersed as real ones are.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ..dataset.crime_types import crime_type
from ..dataset.forces import FORCES
from ..dataset.months import month_number
from ..dataset.schema import Denominator
from .geography import AREAS_AT_FULL_SCALE, Nation
from .planted import planted

RESIDENTS = Denominator("mid-2022", "residents, mid-2022", 2022)
WORKDAY = Denominator("workday-2021", "workday population (synthetic)", 2021)
MEAN_RESIDENTS = 1_700.0
LEAST_RESIDENTS, MOST_RESIDENTS = 950, 3_900

GAMMA_SHAPE = 6.0
"""Counts have variance m + m²/6: overdispersion of area-months around their expectation."""

FORCE_SPREAD = 0.12
FORCE_MONTH_SPREAD = 0.035


class TypeProfile(NamedTuple):
    """How one crime type behaves.

    `monthly` is the national count of an average month; `centre` how many times the count of a
    suburb is added in the middle of a city; `deprivation`, `urban` and `spread` are effects on the
    logarithm: per standard score, of being urban, and the standard deviation of lasting luck;
    `season` is the swing around the mean and `peak` the calendar month of the maximum.
    """

    name: str
    monthly: float
    centre: float
    deprivation: float
    urban: float
    spread: float
    season: float
    peak: int


PROFILES: tuple[TypeProfile, ...] = (
    TypeProfile("Anti-social behaviour", 82_000, 24, 0.42, 0.5, 0.55, 0.24, 7),
    TypeProfile("Bicycle theft", 5_200, 60, 0.10, 1.2, 0.80, 0.28, 8),
    TypeProfile("Burglary", 21_000, 6, 0.30, 0.3, 0.45, 0.12, 12),
    TypeProfile("Criminal damage and arson", 41_000, 9, 0.40, 0.4, 0.40, 0.06, 6),
    TypeProfile("Drugs", 15_500, 40, 0.50, 0.6, 0.70, 0.05, 4),
    TypeProfile("Other crime", 10_000, 8, 0.30, 0.2, 0.50, 0.03, 7),
    TypeProfile("Other theft", 38_000, 28, 0.16, 0.1, 0.45, 0.05, 8),
    TypeProfile("Possession of weapons", 4_800, 22, 0.48, 0.7, 0.50, 0.05, 6),
    TypeProfile("Public order", 36_000, 22, 0.40, 0.5, 0.45, 0.10, 7),
    TypeProfile("Robbery", 6_200, 30, 0.42, 1.4, 0.60, 0.06, 11),
    TypeProfile("Shoplifting", 40_000, 75, 0.12, 0.6, 1.15, 0.04, 11),
    TypeProfile("Theft from the person", 11_500, 220, 0.05, 1.3, 0.90, 0.08, 12),
    TypeProfile("Vehicle crime", 32_000, 3, 0.16, 0.5, 0.55, 0.06, 11),
    TypeProfile("Violence and sexual offences", 166_000, 12, 0.44, 0.4, 0.40, 0.09, 7),
)
CRIME_TYPES = tuple(crime_type(profile.name) for profile in PROFILES)


def populations(rng: np.random.Generator, nation: Nation) -> pd.DataFrame:
    """Return residents and workday population of every area, one column per denominator."""
    count = len(nation.areas)
    residents = MEAN_RESIDENTS * rng.lognormal(-0.024, 0.22, count)
    residents *= 1 - 0.15 * np.minimum(nation.centrality, 1.5)
    residents = np.clip(residents, LEAST_RESIDENTS, MOST_RESIDENTS)
    at_work = residents * rng.lognormal(-0.5, 0.35, count) + 11_000 * nation.centrality**1.6
    at_work *= residents.sum() / at_work.sum()
    return pd.DataFrame(
        {
            RESIDENTS.column: np.round(residents).astype(np.int64),
            WORKDAY.column: np.round(np.maximum(at_work, 150)).astype(np.int64),
        }
    )


def expected_counts(
    rng: np.random.Generator, nation: Nation, residents: NDArray[np.int64]
) -> NDArray[np.float64]:
    """Return the expected count of an average month; float array [crime types, areas].

    Parameters
    ----------
    rng : numpy Generator
    nation : Nation
    residents : int64 array [areas]
    """
    scale = len(nation.areas) / AREAS_AT_FULL_SCALE
    force = _force_positions(nation.areas)
    rows = []
    for profile in PROFILES:
        logarithm = (
            profile.deprivation * nation.deprivation
            + profile.urban * nation.urban
            + rng.normal(0, profile.spread, len(force))
            + rng.normal(0, FORCE_SPREAD, len(FORCES))[force]
        )
        weight = residents * (1 + profile.centre * nation.centrality**1.3) * np.exp(logarithm)
        rows.append(profile.monthly * scale * weight / weight.sum())
    expected = np.stack(rows)
    for change in planted():
        row, members = _type_position(change.crime_type), change.members(nation.areas)
        expected[row, members] = np.maximum(expected[row, members], change.least)
    return expected


def draw_counts(
    rng: np.random.Generator,
    nation: Nation,
    expected: NDArray[np.float64],
    months: Sequence[str],
    recorded: NDArray[np.float64],
) -> NDArray[np.uint32]:
    """Draw the counts of every month.

    Parameters
    ----------
    expected : float array [crime types, areas]
    months : the axis
    recorded : float array [months, forces]
        Share of the crimes that reach the figures: 0 where a force supplies nothing.

    Returns
    -------
    uint32 array [months, crime types, areas]
    """
    force = _force_positions(nation.areas)
    monthly = np.zeros((len(months), *expected.shape), dtype=np.uint32)
    for position, month in enumerate(months):
        shock = rng.lognormal(0, FORCE_MONTH_SPREAD, len(FORCES)) * recorded[position]
        mean = expected * _seasons(month)[:, None] * shock[force]
        for change in planted():
            row = _type_position(change.crime_type)
            mean[row, change.members(nation.areas)] *= change.multiplier(month)
        mean *= rng.standard_gamma(GAMMA_SHAPE, mean.shape) / GAMMA_SHAPE
        monthly[position] = rng.poisson(mean)
    return monthly


def _seasons(month: str) -> NDArray[np.float64]:
    """Return each type's seasonal factor in `month`; float array [crime types]."""
    season = np.array([profile.season for profile in PROFILES])
    peak = np.array([profile.peak for profile in PROFILES])
    calendar = month_number(month) % 12 + 1
    return 1 + season * np.cos((calendar - peak) * np.pi / 6)


def _type_position(name: str) -> int:
    return [profile.name for profile in PROFILES].index(name)


def _force_positions(areas: pd.DataFrame) -> NDArray[np.intp]:
    order = {force.slug: index for index, force in enumerate(FORCES)}
    return np.array([order[slug] for slug in areas["force"]], dtype=np.intp)
