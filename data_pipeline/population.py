"""Denominators: what each area's count is divided by, and the year that it describes.

Reads the mid-year estimates of ONS (workbook or Nomis download), Census 2021 residents, and any
table of LSOA code and figure that is given a label and a year on the command line.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from .crime_types import type_slug
from .dataset import Denominator
from .sources import (
    POPULATION,
    InputError,
    examples,
    existing_file,
    locate_columns,
    plain_header,
    read_raw_table,
    require_columns,
)

DEFAULT_SLUG = "mid-2022"
"""The default denominator where it is given: it is the one that published comparisons use."""

_SHEET = re.compile(r"mid[-_ ]?(\d{4})\s+lsoa\s+2021", re.IGNORECASE)
_MID_YEAR = re.compile(r"mid[-_ ]?(?:year[-_ ]?)?((?:19|20)\d{2})", re.IGNORECASE)
_CENSUS = re.compile(r"census[-_ ]?((?:19|20)\d{2})", re.IGNORECASE)
_HEADER_ROWS = 20
_NOMIS_TOTALS = {"gender": "0", "cage": "200", "csex": "0", "measures": "20100"}
_REMEDY = (
    'Give the label and the year, for example: --population "{file}::residents, mid-2022::2022"'
)


@dataclass(frozen=True)
class PopulationFile:
    """A ``--population`` argument: a path, or ``path::label::year``."""

    path: Path
    label: str = ""
    year: int | None = None

    @classmethod
    def parse(cls, text: str) -> PopulationFile:
        """Read the argument as typed (InputError says how to write it)."""
        path, *rest = text.split("::")
        if not rest:
            return cls(Path(path))
        label, year = (rest[0].strip(), rest[1].strip()) if len(rest) == 2 else ("", "")
        if not type_slug(label) or not re.fullmatch(r"(19|20)\d\d", year):
            raise InputError(
                f"--population {text!r} is not FILE::Label::YEAR. " + _REMEDY.format(file=path)
            )
        return cls(Path(path), label, int(year))


@dataclass(frozen=True)
class Population:
    """One denominator and its figure for each LSOA code; NaN where the file leaves it blank."""

    denominator: Denominator
    figures: pd.Series


def mid_year(year: int) -> Denominator:
    """Return the denominator of a mid-year estimate."""
    return Denominator(f"mid-{year}", f"residents, mid-{year}", year)


def census(year: int) -> Denominator:
    """Return the denominator of a census count of usual residents."""
    return Denominator(f"census-{year}", f"usual residents, Census {year}", year)


def read_populations(arguments: Sequence[str]) -> list[Population]:
    """Read every ``--population`` argument, the default denominator first.

    Raises
    ------
    InputError
        If a file cannot be read, has no year, or two describe the same denominator.
    """
    populations = [
        population
        for argument in arguments
        for population in read_population(PopulationFile.parse(argument))
    ]
    slugs = [population.denominator.slug for population in populations]
    for slug in slugs:
        if slugs.count(slug) > 1:
            raise InputError(
                f"two --population files give the same denominator, {slug!r}; leave one out, or "
                "give one a label and year of its own: --population FILE::Label::YEAR"
            )
    return sorted(populations, key=lambda item: item.denominator.slug != DEFAULT_SLUG)


def read_population(given: PopulationFile) -> Iterator[Population]:
    """Yield the denominators in one file: one per sheet or date."""
    file = existing_file(given.path, POPULATION)
    if file.suffix.lower() in {".xlsx", ".xlsm"}:
        tables = _workbook_tables(given)
    else:
        tables = _plain_tables(given)
    for denominator, place, table in tables:
        yield Population(denominator, _figures(table, place))


def _named(given: PopulationFile) -> Denominator | None:
    if given.year is None:
        return None
    return Denominator(type_slug(given.label), given.label, given.year)


def _plain_tables(given: PopulationFile) -> Iterator[tuple[Denominator, str, pd.DataFrame]]:
    raw = read_raw_table(given.path, POPULATION)
    headings = [str(name) for name in raw.columns]
    positions = require_columns(POPULATION, given.path.name, headings)
    plain = [plain_header(name) for name in headings]
    raw.columns = pd.Index(plain)
    place = given.path.name
    raw = _totals_only(raw.loc[:, ~raw.columns.duplicated()], place)
    code, figure = (plain[positions[name]] for name in ("lsoa_code", "population"))
    for denominator, rows in _dates(raw, given, figure):
        table = rows[[code, figure]].set_axis(["lsoa_code", "population"], axis=1)
        yield denominator, place, table


def _totals_only(raw: pd.DataFrame, place: str) -> pd.DataFrame:
    """Keep the rows of a Nomis download that are for all ages, both sexes and persons."""
    for column in raw.columns:
        total = _NOMIS_TOTALS.get(column, "0" if _is_census_dimension(column) else None)
        if total is None:
            continue
        kept = raw[raw[column].str.strip() == total]
        if kept.empty:
            raise InputError(
                f"{place} has no total rows: none has {column} = {total}. "
                "Download it with all ages and sexes together."
            )
        raw = kept
    return raw


def _is_census_dimension(column: str) -> bool:
    return re.fullmatch(r"c2021[a-z]+\d+", column) is not None


def _dates(
    raw: pd.DataFrame, given: PopulationFile, figure: str
) -> Iterator[tuple[Denominator, pd.DataFrame]]:
    if "date" not in raw.columns:
        yield _named(given) or _from_name(given.path, figure), raw
        return
    for_census = any(column.startswith("c2021") for column in raw.columns)
    dates = raw["date"].str.strip()
    wanted = [date for date in sorted(dates.unique()) if given.year in (None, _year(date))]
    for date in wanted:
        year = _year(date)
        if year is None:
            raise InputError(
                f"{given.path.name} has the DATE {date!r}, which is not a year. "
                + _REMEDY.format(file=given.path)
            )
        yield _named(given) or (census if for_census else mid_year)(year), raw[dates == date]
    if not wanted:
        raise InputError(
            f"{given.path.name} holds the dates {examples(sorted(dates.unique()))}, "
            f"not {given.year}."
        )


def _year(text: str) -> int | None:
    return int(text) if re.fullmatch(r"(19|20)\d\d", text) else None


def _from_name(path: Path, figure: str) -> Denominator:
    """Tell from the file's name and its column which year the figures describe."""
    if found := _CENSUS.search(path.stem):
        return census(int(found[1]))
    if found := _MID_YEAR.search(path.stem):
        return mid_year(int(found[1]))
    if figure == plain_header("usual_residents"):
        return census(2021)
    raise InputError(
        f"{path.name} does not say which year its figures describe. " + _REMEDY.format(file=path)
    )


def _workbook_tables(given: PopulationFile) -> Iterator[tuple[Denominator, str, pd.DataFrame]]:
    try:
        with pd.ExcelFile(given.path, engine="openpyxl") as workbook:
            sheets = [(name, _SHEET.search(str(name))) for name in workbook.sheet_names]
            estimates = [(str(name), int(found[1])) for name, found in sheets if found]
            if given.year is not None and len(estimates) > 1:
                estimates = [(name, year) for name, year in estimates if year == given.year]
            if not estimates:
                raise InputError(
                    f"{given.path.name} has no sheet named like 'Mid-2022 LSOA 2021'; its sheets "
                    f"are: {', '.join(str(name) for name in workbook.sheet_names)}."
                )
            for name, year in estimates:
                place = f"{given.path.name}, sheet {name!r},"
                yield _named(given) or mid_year(year), place, _read_sheet(workbook, name, place)
    except (ValueError, KeyError, OSError) as error:
        raise InputError(f"{given.path} is not a readable workbook: {error}.") from None


def _read_sheet(workbook: pd.ExcelFile, name: str, place: str) -> pd.DataFrame:
    top = pd.read_excel(
        workbook, sheet_name=name, header=None, dtype=str, nrows=_HEADER_ROWS
    ).fillna("")
    for row in range(len(top)):
        positions, missing = locate_columns(POPULATION.columns, top.iloc[row])
        if not missing:
            wanted = [positions["lsoa_code"], positions["population"]]
            table = pd.read_excel(
                workbook,
                sheet_name=name,
                header=None,
                dtype=str,
                skiprows=row + 1,
                usecols=sorted(wanted),
            )
            table = table[wanted].set_axis(["lsoa_code", "population"], axis=1)
            return table.dropna(how="all").fillna("")
    raise InputError(
        f"{place} has no row of headings with an LSOA code and a total among its first "
        f"{_HEADER_ROWS} rows; its first row is: {', '.join(top.iloc[0]) if len(top) else 'empty'}."
    )


def _figures(table: pd.DataFrame, place: str) -> pd.Series:
    codes = table["lsoa_code"].str.strip()
    text = table["population"].str.strip().str.replace(",", "")
    figures = pd.to_numeric(text, errors="coerce").astype(float)
    wrong = ((figures.isna() & (text != "")) | (figures < 0) | np.isinf(figures)).to_numpy()
    if wrong.any():
        row = int(np.flatnonzero(wrong)[0])
        raise InputError(
            f"{place} has the population {table['population'].iloc[row]!r} for "
            f"{codes.iloc[row] or 'a blank code'} in data row {row + 1:,}; "
            "a population is a number, zero or more."
        )
    if codes.duplicated().any():
        raise InputError(
            f"{place} has more than one figure for {examples(codes[codes.duplicated()].unique())}; "
            "keep one row for each LSOA."
        )
    return pd.Series(figures.to_numpy(), index=codes.to_numpy())


def place_on_areas(population: Population, codes: pd.Series) -> tuple[pd.Series, str | None]:
    """Return the figure of each area, and a warning if some areas have none.

    Parameters
    ----------
    population : Population
    codes : LSOA codes of the areas

    Raises
    ------
    InputError
        If no area has a figure.
    """
    placed = codes.map(population.figures)
    absent = int(placed.isna().sum())
    label = population.denominator.label
    if absent == len(codes):
        raise InputError(
            f"the population file for {label!r} has no figure for any LSOA of the boundary file; "
            f"its codes are like {examples(population.figures.index[:2])}, the boundaries' like "
            f"{examples(codes.head(2))}."
        )
    if not absent:
        return placed, None
    return placed, f"{absent:,} of {len(codes):,} LSOAs have no figure for {label}: no rate there."
