"""Every input: what it is, where it is published, and the columns that it must have.

Readers ask for columns by our own names; each column lists the names under which publishers
print it. Letter case, spaces, underscores and byte-order marks in a header make no difference.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

OPEN_GOVERNMENT_LICENCE = "Open Government Licence v3.0"

_VINTAGE = "{yy}"


class InputError(Exception):
    """An input cannot be used; the message names the file, the fault and the remedy."""


@dataclass(frozen=True)
class Column:
    """A column by our name, and the names under which publishers print it, best first.

    ``{yy}`` in an accepted name stands for any two digits, the vintage; the newest one wins.
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
    """

    role: str
    title: str
    url: str
    licence: str
    vintage: str
    columns: tuple[Column, ...] = ()
    download: Download | None = None


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
        Column("lsoa_code", (*_LSOA21_CODE.accepted, "GEOGRAPHY_CODE", "LSOA code")),
        Column("population", ("population", "usual_residents", "Total", "OBS_VALUE")),
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


def plain_header(name: str) -> str:
    r"""Return a column heading without case, spaces, underscores or byte-order mark.

    >>> plain_header("\ufeffLSOA 2021 Code ")
    'lsoa2021code'
    """
    return re.sub(r"[\s_\ufeff]+", "", name).lower()


def locate_columns(columns: Iterable[Column], found: Iterable[str]) -> tuple[dict[str, int], list]:
    """Find columns among the headings of a file.

    Parameters
    ----------
    columns : what is wanted
    found : headings, in the order of the file

    Returns
    -------
    positions : dict of our name to position in the file
    missing : list of Column
    """
    headings = [plain_header(name) for name in found]
    located = {column.name: _position(column, headings) for column in columns}
    missing = [column for column in columns if located[column.name] is None]
    return {name: at for name, at in located.items() if at is not None}, missing


def _position(column: Column, headings: list[str]) -> int | None:
    for accepted in column.accepted:
        pattern = re.escape(plain_header(accepted.replace(_VINTAGE, "00"))).replace("00", r"\d\d")
        matching = [at for at, heading in enumerate(headings) if re.fullmatch(pattern, heading)]
        if matching:
            return max(matching, key=lambda at: (headings[at], -at))
    return None


def missing_column_message(file: str, column: Column, found: Iterable[str]) -> str:
    """Return the sentence that names a missing column, its accepted names and what was found."""
    names = " or ".join(name.replace(_VINTAGE, "24") for name in column.accepted)
    vintage = " (any two-digit year)" if _VINTAGE in "".join(column.accepted) else ""
    headings = ", ".join(name.strip("\ufeff ") or '""' for name in found) or "none"
    return f"{file} lacks the column {names}{vintage}; the columns found are: {headings}."


def require_columns(source: Source, file: str, found: list[str]) -> dict[str, int]:
    """Return the position of every column of `source`, or raise InputError naming a missing one."""
    positions, missing = locate_columns(source.columns, found)
    if missing:
        raise InputError(missing_column_message(file, missing[0], found))
    return positions


def existing_file(file: Path, source: Source) -> Path:
    """Return `file`, or raise InputError if it is not there."""
    if not file.is_file():
        kind = "is a folder, not a file" if file.is_dir() else "does not exist"
        raise InputError(f"{file} (--{source.role}) {kind}. Wanted: {source.title}, {source.url}")
    return file


def read_raw_table(file: Path, source: Source) -> pd.DataFrame:
    """Read a CSV or Parquet file whole, every value as text, headings as printed."""
    existing_file(file, source)
    try:
        if file.suffix.lower() == ".parquet":
            return pd.read_parquet(file).astype("string").fillna("").astype(str)
        return _read_csv(file)
    except (ValueError, OSError) as error:
        reason = str(error).splitlines()[0]
        raise InputError(f"{file} (--{source.role}) is not a readable table: {reason}.") from None


def _read_csv(file: Path) -> pd.DataFrame:
    options: dict[str, Any] = {"dtype": str, "keep_default_na": False, "index_col": False}
    try:
        table = pd.read_csv(file, encoding="utf-8-sig", **options)
    except UnicodeDecodeError:
        table = pd.read_csv(file, encoding="cp1252", **options)
    return table.fillna("")


def read_table(file: Path, source: Source) -> pd.DataFrame:
    """Read the columns of `source` from a CSV or Parquet file.

    Returns
    -------
    DataFrame
        One text column per column of `source`, under our names, without surrounding spaces.

    Raises
    ------
    InputError
        If the file is missing, is not a table, or lacks a column.
    """
    raw = read_raw_table(file, source)
    positions = require_columns(source, file.name, [str(name) for name in raw.columns])
    table = pd.DataFrame({name: raw.iloc[:, at].str.strip() for name, at in positions.items()})
    return table.reset_index(drop=True)


def describe_file(file: Path, source: Source) -> dict[str, Any]:
    """Return the manifest entry of an input file: what it is and the hash of its content."""
    with file.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    return source_entry(source, file.name, digest, file.stat().st_size)


def source_entry(source: Source, name: str, sha256: str, size: int) -> dict[str, Any]:
    """Return the manifest entry of an input; its path on this machine is not part of it."""
    return {
        "role": source.role,
        "title": source.title,
        "name": name,
        "url": source.url,
        "licence": source.licence,
        "vintage": source.vintage,
        "sha256": sha256,
        "bytes": size,
    }


def examples(values: Iterable[object], most: int = 3) -> str:
    """Return the first few values as a phrase, saying how many more there are.

    >>> examples(["a", "b", "c", "d"])
    'a, b, c and 1 more'
    """
    listed = [str(value) for value in values]
    if len(listed) <= most:
        return ", ".join(listed)
    return f"{', '.join(listed[:most])} and {len(listed) - most:,} more"


def one_value_each(table: pd.DataFrame, key: str, file: Path) -> pd.DataFrame:
    """Return `table` with one row per key, or raise InputError where two rows disagree."""
    distinct = table.drop_duplicates()
    repeated = distinct.loc[distinct[key].duplicated(), key]
    if len(repeated):
        raise InputError(
            f"{file.name} gives two different rows for {examples(repeated.unique())}; "
            "keep one row for each code."
        )
    return distinct


def as_mapping(table: pd.DataFrame, key: str, value: str) -> Mapping[str, str]:
    """Return two columns as a mapping."""
    return dict(zip(table[key], table[value], strict=True))
