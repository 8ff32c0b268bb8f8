"""What a dataset consists of: its version, the columns of its tables, and what their words mean."""

from __future__ import annotations

from dataclasses import dataclass

SCHEMA_VERSION = 4
READABLE_VERSIONS = (2, 3, 4)
"""In version 2 the coordinates of map layers have one decimal more; readers need not care. Before
version 4 areas have no `former_lsoas`."""

ADDED_COLUMNS: dict[str, int] = {"former_lsoas": 4}
"""Columns that datasets have from a version on; readers find them blank before."""

KM2_PER_SQUARE_MILE = 2.589988110336
SUPPLIED = "supplied"
MISSING = "missing"
QUARANTINED = "quarantined"

UNREADABLE = "unreadable"
"""Status of a force-month; only a supplied one carries figures."""

AREA_COLUMNS: tuple[str, ...] = (
    "lsoa_code",
    "lsoa_name",
    "ward_code",
    "ward_name",
    "lad_code",
    "lad_name",
    "csp_code",
    "csp_name",
    "force",
    "rural_urban",
    "reassigned",
    "former_lsoas",
    "land_area_km2",
    "longitude",
    "latitude",
    "west",
    "south",
    "east",
    "north",
)
"""Columns of areas.parquet; one `denominator_<slug>` column per denominator follows them.
`force` is a slug, `reassigned` marks areas whose history crosses a boundary change, `former_lsoas`
holds codes and names of the 2011 LSOAs that an area came of, if they were others, the point lies
inside the area and the four edges are its bounding box, in degrees."""

ROW_REASONS: tuple[str, ...] = (
    "excluded_supplier",
    "malformed",
    "wrong_month",
    "duplicate",
    "no_lsoa",
    "unknown_lsoa",
    "quarantined",
)
"""Why a row of a police file is not counted, in the order in which the checks are made."""

ACCOUNT_COLUMNS: tuple[str, ...] = (
    "source",
    "file",
    "month",
    "supplier",
    "bytes",
    "rows_read",
    "kept",
    *ROW_REASONS,
    "out_of_area",
    "remapped_2011",
    "unplaced_2011",
    "ids_elsewhere",
    "status",
    "note",
)
"""Columns of accounts.parquet. rows_read = kept + the sum of ROW_REASONS. `out_of_area` (located in
another force's area), `remapped_2011` (printed with a 2011 code), `unplaced_2011` (of these, rows
of a split area without a usable point) and `ids_elsewhere` (Crime IDs also found in another file)
describe rows and take none away."""

COVERAGE_COLUMNS: tuple[str, ...] = (
    "month",
    "force",
    "status",
    "rows_read",
    "kept",
    *ROW_REASONS,
    "out_of_area",
    "remapped_2011",
    "unplaced_2011",
    "ids_elsewhere",
    "sudden_drop",
)
"""Columns of coverage.parquet: one row for every month and force, in that order. Row figures are
zero where no file was supplied; `sudden_drop` marks a month below half the trailing median."""

SNAP_POINT_COLUMNS: tuple[str, ...] = (
    "lsoa_code",
    "count",
    "points",
    "largest_count",
    "largest_share",
    "longitude",
    "latitude",
    "location",
)
"""Columns of snap_points.parquet: one row per area, in the order of the areas, over every month
and all crime types together. `count` is the area's rows, `points` how many distinct map points
they have, `largest_count` the rows on the largest of them, `largest_share` its share of `count`
(missing where that is zero); then its place in degrees and its name as the police print it, such
as "On or near Shopping Area"."""

UNKNOWN_VALUE_COLUMNS: tuple[str, ...] = ("file", "month", "supplier", "column", "value", "rows")
"""Columns of unknown_values.parquet: values that this version does not know and how many rows of a
file carry them. `column` is "LSOA code" (not counted) or "Crime type" (kept under its name)."""


@dataclass(frozen=True)
class Denominator:
    """What counts are divided by.

    Attributes
    ----------
    slug : str
        Name in links and exports, e.g. ``mid-2022``.
    label : str
        Name shown to readers, e.g. "residents, mid-2022".
    year : int
        Year that the figures describe.
    """

    slug: str
    label: str
    year: int

    @property
    def column(self) -> str:
        """Column of areas.parquet that holds it."""
        return "denominator_" + self.slug.replace("-", "_")


@dataclass(frozen=True)
class Layer:
    """One GeoJSON layer: a level's areas for one force, or for the nation (`force` is None).

    Attributes
    ----------
    file : str
        File name below ``geometry/``; it contains a hash of the content.
    features : int
        Number of areas in it.
    sizes : dict of str to int
        Bytes of the plain, gzip and brotli versions.
    """

    level: str
    force: str | None
    file: str
    features: int
    sizes: dict[str, int]


SUPERSEDED = "superseded"

REPEATED = "repeated"

EXCLUDED = "excluded"

UNPLACED = "unplaced"
"""Status of a file that is no force-month: replaced by one of a later source or of the same one, of
a supplier left out, or not certain of which force and month."""
