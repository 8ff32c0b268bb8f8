"""The words of the field: levels of areas, measures, backgrounds.

Each is one record, from which every list elsewhere is made: what the link accepts, the map, the
table and its order, the card of an area, the file.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

NATION = "England and Wales"

ALL_CRIME = "all-crime"
"""Every crime type of the dataset except anti-social behaviour, which is incidents, not crimes."""

WHOLE_SPAN, AS_SUPPLIED = "whole", "supplied"
SERIES: dict[str, str] = {
    WHOLE_SPAN: "Only forces that supply the whole span",
    AS_SUPPLIED: "Every month as supplied",
}
"""What the charts draw where forces enter or leave: slug and label."""

NO_BASEMAP = "none"
BASEMAPS: dict[str, str] = {NO_BASEMAP: "None", "light": "Light", "streets": "Streets"}
"""Backgrounds of the map: slug and label."""


@dataclass(frozen=True)
class Level:
    """A level of geography.

    Attributes
    ----------
    slug : str
        Name in links.
    label : str
        Name shown to readers.
    code_column : str
        Column of ``Dataset.areas`` that identifies an area; a force goes by its slug.
    place_columns : tuple of str
        Columns of the area table that say where an area lies, the nearest first.
    one, many : str
        What one area is called in a sentence, and several.
    """

    slug: str
    label: str
    code_column: str
    place_columns: tuple[str, ...]
    one: str
    many: str


_LEVELS = (
    Level(
        "lsoa",
        "Neighbourhoods (LSOA)",
        "lsoa_code",
        ("ward_name", "lad_name", "force_name"),
        "neighbourhood",
        "neighbourhoods",
    ),
    Level("ward", "Wards", "ward_code", ("lad_name", "force_name"), "ward", "wards"),
    Level("lad", "Districts", "lad_code", ("force_name",), "district", "districts"),
    Level(
        "csp",
        "Community safety partnerships",
        "csp_code",
        ("force_name",),
        "partnership",
        "partnerships",
    ),
    Level("force", "Police forces", "force", (), "police force", "police forces"),
)
LEVELS: dict[str, str] = {level.slug: level.label for level in _LEVELS}
CODE_COLUMNS: dict[str, str] = {level.slug: level.code_column for level in _LEVELS}
PLACE_COLUMNS: dict[str, tuple[str, ...]] = {level.slug: level.place_columns for level in _LEVELS}
AREA_WORDS: dict[str, tuple[str, str]] = {level.slug: (level.one, level.many) for level in _LEVELS}
"""What one area of each level is called in a sentence, and several."""


@dataclass(frozen=True)
class Measure:
    """A figure of an area: it is mapped, listed, put on the card and into the file.

    Attributes
    ----------
    slug : str
        Name in links.
    label : str
        Name shown to readers.
    column : str
        Column of the area table that holds it, and of the file.
    decimals : int
        Decimal places shown.
    heading : str
        Heading of its column in the table.
    width : int
        Pixels of that column.
    phrase : str
        What follows the figure on the card of an area; empty where the card has words of its own.
    per_area : bool
        False for plain counts, which say more of an area's size than of its crime: a reader is
        told so where they are mapped.
    diverging : bool
        True where figures lie on both sides of zero, as change does.
    order : str
        Column of the area table by which areas are listed where the reader has not sorted them.
    figure : function of a DataFrame, or None
        Returns the measure of every area, float64 array [areas], NaN where there is none, from the
        columns of the area table before it; None where the area table has its column already.
    """

    slug: str
    label: str
    column: str
    decimals: int
    heading: str
    width: int = 118
    phrase: str = ""
    per_area: bool = True
    diverging: bool = False
    order: str = "rank"
    figure: Callable[[pd.DataFrame], NDArray[np.float64]] | None = None


MEASURES: dict[str, Measure] = {
    measure.slug: measure
    for measure in (
        Measure("rate", "Rate per 1,000", "rate_per_1000", 1, "Per 1,000", 106),
        Measure("count", "Count", "count", 0, "Count", 90, per_area=False),
        Measure(
            "density",
            "Per square mile",
            "density_per_sq_mile",
            1,
            "Per sq mile",
            phrase="per square mile",
        ),
        Measure(
            "change",
            "Change on a year earlier",
            "change_percent",
            1,
            "On a year earlier",
            154,
            diverging=True,
            order="change_order",
        ),
    )
}


def sort_columns(level: str) -> tuple[str, ...]:
    """Return the columns by which the area table of a level can be sorted."""
    figures = (
        *("rank", "force_rank", "code", "name", "denominator", "rate_low", "rate_high"),
        *("earlier_count", "change_order", "months_supplied", "status"),
        *(measure.column for measure in MEASURES.values()),
    )
    return (*figures, *PLACE_COLUMNS[level])
