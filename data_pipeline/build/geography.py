"""Everything that is not a police file: areas, populations, map layers and LSOA codes."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from ..dataset.forces import Force
from ..geography.areas import add_denominators, read_lsoa_changes
from ..geography.areas_store import AreasStore, PreparedAreas
from ..geography.lsoa_codes import LsoaCodes, lsoa_codes
from ..geography.population import Population, read_populations
from ..geography.prepare import prepared_areas
from ..inputs.catalogue import LSOA_CHANGES, POPULATION
from ..storage.progress import Stage, Track, silent, untracked
from .inputs import Inputs


@dataclass(frozen=True)
class Geography:
    """The areas with everything known about them, and what LSOA codes mean."""

    areas: pd.DataFrame
    prepared: PreparedAreas
    populations: tuple[Population, ...]
    codes: LsoaCodes
    warnings: list[str]

    @property
    def forces(self) -> tuple[Force, ...]:
        """The forces that have areas, in the order of the areas."""
        return self.prepared.forces

    def residents(self) -> dict[str, float]:
        """Return the people of each force's area, by the first denominator."""
        column = self.populations[0].denominator.column
        return {str(k): float(v) for k, v in self.areas.groupby("force")[column].sum().items()}


def read_geography(
    inputs: Inputs, store: AreasStore, stage: Stage = silent, track: Track = untracked
) -> Geography:
    """Read everything that is not a police file; what is in `store` already is taken from it.

    Parameters
    ----------
    inputs : Inputs
    store : AreasStore
        Where areas and map layers are kept between builds.
    stage, track : as for ``build.build``

    Raises
    ------
    InputError
        If a file cannot be used, or populations are of other areas.
    """
    stage("reading populations")
    files = inputs.area_files()
    populations = read_populations(inputs.population, files.source(POPULATION))
    changes = read_lsoa_changes(files.lsoa_changes, files.source(LSOA_CHANGES))
    prepared = prepared_areas(files, changes, store, stage, track)
    areas, warnings = add_denominators(prepared.areas, populations)
    codes = lsoa_codes(areas["lsoa_code"], prepared.polygons, changes)
    return Geography(areas, prepared, tuple(populations), codes, warnings)
