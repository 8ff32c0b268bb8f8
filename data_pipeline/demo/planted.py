"""The truths put into the synthetic figures, so that the dashboard has something real to find."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ..dataset.months import month_number

LAST_YEAR_STARTS = "2024-10"


@dataclass(frozen=True)
class Planted:
    """One change in the expected counts of some areas.

    Attributes
    ----------
    column : str
        Column of the areas that `name` is looked up in: force, lad_name or lsoa_name.
    name : str
        Slug of the force, or name of the district or LSOA.
    crime_type : str
        Name of the crime type.
    first : str
        First month that is changed.
    factor : float
        What expected counts are multiplied by from then on.
    monthly : float
        What they are multiplied by in each further month, again and again.
    least : float
        Expected monthly count that each area has before the change, at least.
    """

    column: str
    name: str
    crime_type: str
    first: str
    factor: float = 1.0
    monthly: float = 1.0
    least: float = 0.0

    def members(self, areas: pd.DataFrame) -> NDArray[np.bool_]:
        """Tell which areas are changed; bool array [areas]."""
        return (areas[self.column] == self.name).to_numpy()

    def multiplier(self, month: str) -> float:
        """Return what expected counts of `month` are multiplied by."""
        since = month_number(month) - month_number(self.first)
        return self.factor * self.monthly**since if since >= 0 else 1.0


RISING_FORCE = Planted("force", "nottinghamshire", "Shoplifting", "2022-10", monthly=1.02)
HALVED_DISTRICT = Planted("lad_name", "Leeds", "Burglary", LAST_YEAR_STARTS, factor=0.5)
TRIPLED_AREAS = tuple(
    Planted("lsoa_name", name, "Drugs", LAST_YEAR_STARTS, factor=3.0, least=4.0)
    for name in (
        "Birmingham 002C",
        "Bournemouth 002B",
        "Bristol 002A",
        "Caerdydd 001C",
        "Cheshire East 002A",
        "Hull 001B",
        "Leicester 001D",
        "Liverpool 001E",
        "Medway 001B",
        "Plymouth 001C",
        "Preston 001B",
        "Sheffield 002B",
    )
)


def planted() -> tuple[Planted, ...]:
    """Return every planted change.

    Shoplifting in Nottinghamshire rises by 2% every month, which doubles it over the 36 months.
    Burglary in the district of Leeds halves in the last twelve months. Drug offences triple in
    twelve named areas in the last twelve months. A small nation lacks the areas it has no room for.
    """
    return (RISING_FORCE, HALVED_DISTRICT, *TRIPLED_AREAS)
