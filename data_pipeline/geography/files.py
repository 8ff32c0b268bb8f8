"""The files that areas and map are made of."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ..inputs.catalogue import BOUNDARIES, FORCE_AREAS, LSOA_CHANGES, RURAL_URBAN, WARDS, Source
from ..inputs.columns import with_columns


@dataclass(frozen=True)
class AreaFiles:
    """The files that areas and map are made of, and the columns of them that the user named."""

    boundaries: Path
    wards: Path
    forces: Path
    lsoa_changes: Path
    rural_urban: Path | None = None
    columns: tuple[str, ...] = ()

    def source(self, source: Source) -> Source:
        """Return what is wanted of a file, with the columns that the user named."""
        return with_columns(source, self.columns)

    def listed(self) -> list[tuple[Source, Path]]:
        """Return the files with the part that each plays, in the order of the manifest."""
        return [
            (BOUNDARIES, self.boundaries),
            (WARDS, self.wards),
            (FORCE_AREAS, self.forces),
            (LSOA_CHANGES, self.lsoa_changes),
            *([(RURAL_URBAN, self.rural_urban)] if self.rural_urban else []),
        ]
