"""Denominators: what each area's count is divided by, and the year that it describes.

Reads the mid-year estimates of ONS (workbook or Nomis download), Census 2021 residents, and any
table of LSOA code and figure that is given a label and a year on the command line.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from ..dataset.crime_types import type_slug
from ..dataset.schema import Denominator
from ..inputs.catalogue import CENSUS_TOTALS, POPULATION, Source
from ..inputs.columns import plain_header, require_columns
from ..inputs.decoding import BLANKS
from ..inputs.errors import InputError, examples
from ..inputs.sheets import Sheet, cells, read_sheets

DEFAULT_SLUG = "mid-2022"
"""The default denominator where it is given: it is the one that published comparisons use."""

_MID_YEAR = re.compile(r"mid[-_ ]?(?:year[-_ ]?)?((?:19|20)\d{2})", re.IGNORECASE)
_CENSUS = re.compile(r"census[-_ ]?((?:19|20)\d{2})", re.IGNORECASE)
_CENSUS_TITLE = re.compile(r"\bcensus\b|^TS\d{3}", re.IGNORECASE)
_DATE_TITLES = ("date", "time", "year")
_EVERYBODY = ("total", "all", "persons", "all persons", "all people", "all usual residents")
_WHOLE = {
    "gender": (*_EVERYBODY, "all categories: gender"),
    "sex": (*_EVERYBODY, "all categories: sex"),
    "age": (*_EVERYBODY, "all ages", "all categories: age"),
}
"""Title lines of a Nomis table that say which people it is of, and those that mean everybody."""

_MARKERS = frozenset({"[x]", ":", "..", "...", "x", "[c]", "[z]", "[w]", "c", "z", "~", "*"})
"""What statistics offices print where there is no figure."""

_CODE_AND_NAME = r"^(?:lsoa\d{4}:)?([EW]\d{8})\b"
_BETWEEN_DIGITS = r"[,\s\u00a0\u2009\u202f]"
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


def read_populations(arguments: Sequence[str], source: Source = POPULATION) -> list[Population]:
    """Read every ``--population`` argument, the default denominator first.

    Parameters
    ----------
    arguments : as typed
    source : what is wanted, with the columns that the user named

    Raises
    ------
    InputError
        If a file cannot be read, has no year, or two describe the same denominator.
    """
    populations = [
        population
        for argument in arguments
        for population in read_population(PopulationFile.parse(argument), source)
    ]
    slugs = [population.denominator.slug for population in populations]
    for slug in slugs:
        if slugs.count(slug) > 1:
            raise InputError(
                f"two --population files give the same denominator, {slug!r}; leave one out, or "
                "give one a label and year of its own: --population FILE::Label::YEAR"
            )
    return sorted(populations, key=lambda item: item.denominator.slug != DEFAULT_SLUG)


def read_population(given: PopulationFile, source: Source = POPULATION) -> Iterator[Population]:
    """Yield the denominators in one file: one per sheet, date or year.

    Parameters
    ----------
    given : the argument
    source : what is wanted, with the columns that the user named

    Raises
    ------
    InputError
        If the file cannot be read, has no year, or is of a part of the population.
    """
    sheets = read_sheets(given.path, source)
    years = {_year_of_sheet(sheet) for sheet in sheets}
    if given.year is not None and len(sheets) > 1:
        sheets = [sheet for sheet in sheets if _year_of_sheet(sheet) == given.year]
    if not sheets:
        raise InputError(
            f"{given.path.name} has no sheet of {given.year}; its sheets are of "
            f"{examples(sorted(str(year) for year in years))}."
        )
    for sheet in sheets:
        for denominator, table in _tables(sheet, given, source):
            yield Population(denominator, _figures(table, sheet.place))


def _named(given: PopulationFile) -> Denominator | None:
    if given.year is None:
        return None
    return Denominator(type_slug(given.label), given.label, given.year)


def _tables(
    sheet: Sheet, given: PopulationFile, source: Source
) -> Iterator[tuple[Denominator, pd.DataFrame]]:
    """Yield the denominators of a sheet with their tables: columns lsoa_code and population."""
    _check_whole(sheet)
    positions = require_columns(source, sheet.place, sheet.headings)
    plain = [plain_header(name) for name in sheet.headings]
    raw = sheet.table.set_axis(plain, axis=1)
    raw = _totals_only(raw.loc[:, ~raw.columns.duplicated()], sheet.place)
    code, figure = (plain[positions[name]] for name in ("lsoa_code", "population"))
    for denominator, column, rows in _dates(raw, sheet, given, figure):
        table = rows[[code, column]].set_axis(["lsoa_code", "population"], axis=1)
        yield denominator, table


def _check_whole(sheet: Sheet) -> None:
    """Refuse a table whose title lines say that it is of a part of the population."""
    for title in sheet.titles:
        name, *values = [cell.strip().lower() for cell in title if cell.strip()] or [""]
        wanted = _WHOLE.get(name.rstrip(":"))
        if wanted and values and values[0] not in wanted:
            raise InputError(
                f"{sheet.place} is of {name} {values[0]!r} only. "
                "Download it with all ages and sexes together."
            )


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
    raw: pd.DataFrame, sheet: Sheet, given: PopulationFile, figure: str
) -> Iterator[tuple[Denominator, str, pd.DataFrame]]:
    """Yield each denominator with its column and rows: one for each date in rows or headings."""
    for_census = _is_census(raw.columns, sheet)
    dated = _census_or_mid_year(for_census=for_census)
    if _year(figure):
        wanted = [name for name in raw.columns if _year(name)]
        for name in wanted:
            year = int(name)
            if given.year in (None, year) or len(wanted) == 1:
                yield _named(given) or dated(year), name, raw
        return
    if "date" not in raw.columns:
        yield _named(given) or _undated(sheet, given.path, figure, dated), figure, raw
        return
    dates = raw["date"].str.strip()
    wanted = [date for date in sorted(dates.unique()) if given.year in (None, _year(date))]
    for date in wanted:
        year_of_date = _year(date)
        if year_of_date is None:
            raise InputError(
                f"{sheet.place} has the DATE {date!r}, which is not a year. "
                + _REMEDY.format(file=given.path)
            )
        yield _named(given) or dated(year_of_date), figure, raw[dates == date]
    if not wanted:
        raise InputError(
            f"{sheet.place} holds the dates {examples(sorted(dates.unique()))}, not {given.year}."
        )


def _census_or_mid_year(*, for_census: bool) -> Callable[[int], Denominator]:
    return census if for_census else mid_year


def _is_census(headings: Iterable[str], sheet: Sheet) -> bool:
    """Tell whether headings or title lines are those of a census table."""
    totals = tuple(map(plain_header, CENSUS_TOTALS))
    if any(name.startswith(("c2021", *totals)) for name in headings):
        return True
    return any(_CENSUS_TITLE.search(cell) for cell in cells(sheet.titles))


def _year(text: str) -> int | None:
    return int(text) if re.fullmatch(r"(19|20)\d\d", text) else None


def _undated(
    sheet: Sheet, path: Path, figure: str, dated: Callable[[int], Denominator]
) -> Denominator:
    """Tell from names, title lines and the figures' heading which year they describe."""
    for text in (sheet.name, path.stem, *cells(sheet.titles)):
        if found := _CENSUS.search(text):
            return census(int(found[1]))
        if found := _MID_YEAR.search(text):
            return mid_year(int(found[1]))
    if figure == plain_header("usual_residents"):
        return census(2021)
    if year := _year_of_sheet(sheet):
        return dated(year)
    for name, *values in filter(None, sheet.titles):
        years = [_year(value.strip()) for value in values if value.strip()]
        if name.strip().lower().rstrip(":") in _DATE_TITLES and len(years) == 1 and years[0]:
            return dated(years[0])
    raise InputError(
        f"{sheet.place} does not say which year its figures describe. " + _REMEDY.format(file=path)
    )


def _year_of_sheet(sheet: Sheet) -> int | None:
    if found := _MID_YEAR.search(sheet.name):
        return int(found[1])
    bare = re.search(r"(?<!\d)(19|20)\d\d(?!\d)", sheet.name)
    return int(bare[0]) if bare else None


def _figures(table: pd.DataFrame, place: str) -> pd.Series:
    codes = table["lsoa_code"].str.strip()
    codes = codes.str.extract(_CODE_AND_NAME, expand=False).fillna(codes)
    text = table["population"].str.replace(_BETWEEN_DIGITS, "", regex=True)
    text = text.mask(text.str.lower().isin(BLANKS | _MARKERS), "")
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
