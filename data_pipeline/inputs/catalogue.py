"""Every input: what it is, where it is published, and the columns that it must have.

Readers ask for columns by our own names; each column lists the names under which publishers
print it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

OPEN_GOVERNMENT_LICENCE = "Open Government Licence v3.0"
VINTAGE = "{yy}"
"""Stands in a heading for any two digits."""

YEAR = "{year}"
"""Stands in a heading for the four digits of a year."""


@dataclass(frozen=True)
class Column:
    """A column by our name, and the names under which publishers print it, best first.

    ``{yy}`` in an accepted name stands for any two digits, the vintage, and ``{year}`` for a
    year; the newest one wins.
    """

    name: str
    accepted: tuple[str, ...]


@dataclass(frozen=True)
class Download:
    """Where an input is fetched from, and how a complete copy is told from a part of it.

    Attributes
    ----------
    kind : str
        ``archive`` (a ZIP read in parts), ``arcgis`` or ``nomis`` (asked page by page), or
        ``file`` (fetched as it is).
    address : str
        Web address; ``{release}`` and ``{year}`` in it are filled in.
    file : str
        Name of the copy, below the download folder.
    parameters : mapping of str to str
        What the service is asked for.
    key : tuple of str
        Columns that tell one row from another, and the order of the pages; ``{yy}`` is the
        vintage.
    rows : int or None
        Published number of rows.
    megabytes : float
        Usual size of the copy: services do not announce it.
    """

    kind: str
    address: str
    file: str
    parameters: Mapping[str, str] = field(default_factory=dict)
    key: tuple[str, ...] = ()
    page_rows: int = 1_000
    rows: int | None = None
    megabytes: float = 0


@dataclass(frozen=True)
class Source:
    """One input.

    Attributes
    ----------
    role : str
        The part it plays, and its option on the command line.
    title, url, licence : str
        What it is called and where it is published, for the manifest and the reader.
    vintage : str
        Year or release of the geography that it describes.
    columns : tuple of Column
        What it must contain.
    download : Download or None
        Where a copy of it is fetched from.
    optional : tuple of Column
        What is read where it is there, and blank where it is not.
    """

    role: str
    title: str
    url: str
    licence: str
    vintage: str
    columns: tuple[Column, ...] = ()
    download: Download | None = None
    optional: tuple[Column, ...] = ()


CENSUS_TOTALS = ("Residence type: Total", "Age: Total", "Sex: All persons")
"""Headings of the totals in the bulk files of Census 2021."""

_ONS_SERVICES = "https://services1.arcgis.com/ESMARspQHYMw9BZ9/arcgis/rest/services"
_LSOA21_COUNT = 35_672


def _ons_service(name: str) -> str:
    return f"{_ONS_SERVICES}/{name}/FeatureServer/0/query"


_LSOA21_CODE = Column("lsoa_code", ("LSOA21CD", "lsoa21_code", "LSOA 2021 Code", "lsoacd"))
POLICE = Source(
    "police",
    "Street-level crime files of data.police.uk",
    "https://data.police.uk/data/archive/",
    OPEN_GOVERNMENT_LICENCE,
    "",
    (
        Column("crime_id", ("Crime ID",)),
        Column("month", ("Month",)),
        Column("longitude", ("Longitude",)),
        Column("latitude", ("Latitude",)),
        Column("lsoa_code", ("LSOA code",)),
        Column("crime_type", ("Crime type",)),
    ),
    Download("archive", "https://data.police.uk/data/archive/{release}.zip", "police"),
)

BOUNDARIES = Source(
    "boundaries",
    "Lower layer Super Output Areas, December 2021, boundaries of England and Wales",
    "https://geoportal.statistics.gov.uk/datasets/lower-layer-super-output-areas-december-2021-boundaries-ew-bgc-v5",
    OPEN_GOVERNMENT_LICENCE,
    "2021",
    (_LSOA21_CODE, Column("lsoa_name", ("LSOA21NM", "lsoa21_name", "lsoanm"))),
    Download(
        "arcgis",
        _ons_service("Lower_layer_Super_Output_Areas_December_2021_Boundaries_EW_BGC_V5"),
        "geography/lsoa21_boundaries.geojson",
        {"outFields": "LSOA21CD,LSOA21NM", "outSR": "4326", "f": "geojson"},
        key=("LSOA21CD",),
        rows=_LSOA21_COUNT,
        megabytes=110,
    ),
)

POPULATION = Source(
    "population",
    "Residents of each Lower layer Super Output Area",
    "https://www.ons.gov.uk/peoplepopulationandcommunity/populationandmigration/populationestimates",
    OPEN_GOVERNMENT_LICENCE,
    "2021",
    (
        Column(
            "lsoa_code",
            (
                *_LSOA21_CODE.accepted,
                *("GEOGRAPHY_CODE", "LSOA code", "mnemonic"),
                "2021 super output area - lower layer",
            ),
        ),
        Column(
            "population",
            (
                *("population", "usual_residents", "Total", "OBS_VALUE", "All usual residents"),
                *(f"{total}{end}" for total in CENSUS_TOTALS for end in ("; measures: Value", "")),
                *("All persons", "All people", "Persons", "All ages", "Value", YEAR),
            ),
        ),
    ),
    Download(
        "nomis",
        "https://www.nomisweb.co.uk/api/v01/dataset/NM_2014_1.data.csv",
        "population/lsoa21_population_mid_{year}.csv",
        {
            "date": "{year}",
            "geography": "TYPE151",
            "gender": "0",
            "c_age": "200",
            "measures": "20100",
            "select": "DATE,GENDER,C_AGE,MEASURES,GEOGRAPHY_CODE,GEOGRAPHY_NAME,OBS_VALUE,"
            "RECORD_OFFSET,RECORD_COUNT",
        },
        key=("GEOGRAPHY_CODE",),
        page_rows=20_000,
        rows=_LSOA21_COUNT,
        megabytes=2,
    ),
)

WARDS = Source(
    "wards",
    "LSOA (2021) to ward to local authority district lookup",
    "https://geoportal.statistics.gov.uk/search?q=LSOA21_WD24_LAD24_EW_LU",
    OPEN_GOVERNMENT_LICENCE,
    "2024",
    (
        _LSOA21_CODE,
        Column("ward_code", ("WD{yy}CD", "ward{yy}_code")),
        Column("ward_name", ("WD{yy}NM", "ward{yy}_name")),
        Column("lad_code", ("LAD{yy}CD", "ltla{yy}_code", "lad{yy}_code")),
        Column("lad_name", ("LAD{yy}NM", "ltla{yy}_name", "lad{yy}_name")),
    ),
    Download(
        "arcgis",
        _ons_service("LSOA21_WD24_LAD24_EW_LU"),
        "geography/lsoa21_wards.csv",
        {"outFields": "*", "f": "json"},
        key=("LSOA21CD",),
        rows=_LSOA21_COUNT,
        megabytes=4,
    ),
)

FORCE_AREAS = Source(
    "forces",
    "Local authority district to community safety partnership to police force area lookup",
    "https://geoportal.statistics.gov.uk/search?q=LAD24_CSP24_PFA24_EW_LU",
    OPEN_GOVERNMENT_LICENCE,
    "2024",
    (
        Column("lad_code", ("LAD{yy}CD", "ltla{yy}_code", "lad{yy}_code")),
        Column("csp_code", ("CSP{yy}CD", "csp{yy}_code")),
        Column("csp_name", ("CSP{yy}NM", "csp{yy}_name")),
        Column("force_code", ("PFA{yy}CD", "pfa{yy}_code")),
    ),
    Download(
        "arcgis",
        _ons_service("LAD24_CSP24_PFA24_EW_LU"),
        "geography/lad_police_forces.csv",
        {"outFields": "*", "f": "json"},
        key=("LAD{yy}CD", "CSP{yy}CD"),
    ),
)

LSOA_CHANGES = Source(
    "lsoa-changes",
    "LSOA (2011) to LSOA (2021) exact fit lookup",
    "https://geoportal.statistics.gov.uk/search?q=LSOA11_LSOA21_LAD22_EW_LU_v5",
    OPEN_GOVERNMENT_LICENCE,
    "2011 to 2021",
    (
        Column("lsoa11_code", ("LSOA11CD", "lsoa11_code")),
        Column("lsoa_code", ("LSOA21CD", "lsoa21_code")),
        Column("change", ("CHGIND", "change_indicator")),
    ),
    Download(
        "arcgis",
        _ons_service("LSOA11_LSOA21_LAD22_EW_LU_v5"),
        "geography/lsoa11_lsoa21_changes.csv",
        {"outFields": "*", "f": "json"},
        key=("LSOA11CD", "LSOA21CD"),
        rows=35_796,
        megabytes=3,
    ),
    optional=(Column("lsoa11_name", ("LSOA11NM", "lsoa11_name")),),
)

RURAL_URBAN = Source(
    "rural-urban",
    "Rural urban classification (2021) of LSOAs",
    "https://geoportal.statistics.gov.uk/search?q=LSOA21_RUC21_EW_LU",
    OPEN_GOVERNMENT_LICENCE,
    "2021",
    (_LSOA21_CODE, Column("rural_urban", ("RUC21NM", "ruc21_name", "classification"))),
    Download(
        "arcgis",
        _ons_service("LSOA21_RUC21_EW_LU"),
        "geography/lsoa21_rural_urban.csv",
        {"outFields": "*", "f": "json"},
        key=("LSOA21CD",),
        rows=_LSOA21_COUNT,
        megabytes=3,
    ),
)

SOURCES = (POLICE, BOUNDARIES, POPULATION, WARDS, FORCE_AREAS, LSOA_CHANGES, RURAL_URBAN)
