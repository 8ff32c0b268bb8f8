"""The files of a build, and how they are named in the manifest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..geography.files import AreaFiles
from ..geography.population import PopulationFile
from ..inputs.catalogue import POLICE, POPULATION
from ..inputs.columns import parse_columns
from ..inputs.tables import describe_file, source_entry
from ..police.sources import PoliceSource, fingerprint


@dataclass(frozen=True)
class Inputs:
    """The files of a build; `population` holds ``FILE`` or ``FILE::Label::YEAR``."""

    police: tuple[Path, ...]
    boundaries: Path
    population: tuple[str, ...]
    wards: Path
    forces: Path
    lsoa_changes: Path
    rural_urban: Path | None = None
    columns: tuple[str, ...] = ()
    """Columns that the user named, as ``ROLE:COLUMN=HEADING``."""

    def area_files(self) -> AreaFiles:
        """Return the files that areas and map are made of."""
        return AreaFiles(
            self.boundaries,
            self.wards,
            self.forces,
            self.lsoa_changes,
            self.rural_urban,
            self.columns,
        )


def describe_inputs(inputs: Inputs, sources: Sequence[PoliceSource]) -> list[dict[str, Any]]:
    """Return the manifest entries of every input, each with the hash of its content."""
    police = [
        source_entry(POLICE, source.path.name, *fingerprint(source))
        | {"files": len(source.files), "other_files": source.ignored}
        for source in sources
    ]
    areas = inputs.area_files().listed()
    people = [(POPULATION, PopulationFile.parse(text).path) for text in inputs.population]
    files = [areas[0], *people, *areas[1:]]
    named = parse_columns(inputs.columns)
    others = [
        describe_file(file, source)
        | ({"columns": named[source.role]} if source.role in named else {})
        for source, file in files
    ]
    return sorted(police, key=lambda entry: (entry["name"], entry["sha256"])) + others
