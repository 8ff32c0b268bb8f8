"""What is looked at: three places, and the classes of their areas, equal for every way."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import orjson

from analysis.selection import from_query
from analysis.vocabulary import ALL_CRIME
from components.map.drawing import Drawing, drawing
from data_pipeline.dataset import Dataset

CHOSEN_TYPES = (
    *("drugs", "burglary", "vehicle-crime", "shoplifting", "robbery", "public-order"),
    *("other-theft", "criminal-damage-and-arson", "violence-and-sexual-offences"),
)
"""What the reader changes to from all crime."""


@dataclass(frozen=True)
class Case:
    """A place; `force` is None for England and Wales."""

    slug: str
    title: str
    force: str | None

    def query(self, crime_type: str) -> str:
        """Return the link of the dashboard that shows the place's neighbourhoods."""
        force = f"force={self.force}&" if self.force else ""
        return f"{force}level=lsoa&type={crime_type}"


CASES: dict[str, Case] = {
    case.slug: case
    for case in (
        Case("merseyside", "Merseyside", "merseyside"),
        Case("metropolitan", "Metropolitan Police", "metropolitan"),
        Case("nation", "England and Wales", None),
    )
}


def crime_types(dataset: Dataset) -> dict[str, str]:
    """Return the label of every choice of crime type, all crime first."""
    types = {kind.slug: kind.name for kind in dataset.crime_types}
    return {ALL_CRIME: "All crime", **types}


def chosen_type(number: int, case: Case) -> str:
    """Return the crime type chosen in a case in a round: one that no server has counted yet."""
    return CHOSEN_TYPES[(number * len(CASES) + list(CASES).index(case.slug)) % len(CHOSEN_TYPES)]


def drawn(dataset: Dataset, case: Case, crime_type: str) -> Drawing:
    """Return what the dashboard draws for a case: areas, classes and colours."""
    return drawing(dataset, from_query(case.query(crime_type), dataset)[0])


def layer_file(dataset: Dataset, folder: Path, case: Case) -> Path:
    """Return the GeoJSON of a case's neighbourhoods."""
    if case.force is None:
        return folder / f"nation-{dataset.id[:16]}.json"
    return dataset.geometry / dataset.layer("lsoa", case.force).file


@cache
def layer(file: Path) -> dict[str, Any]:
    """Return a GeoJSON layer, read once."""
    content: dict[str, Any] = orjson.loads(file.read_bytes())
    return content


def classes_in_order(shown: Drawing, codes: list[str]) -> list[int]:
    """Return the class of every area of `codes`."""
    known = dict(zip(shown.column("code"), shown.numbers.tolist(), strict=True))
    return [known[code] for code in codes]


def class_counts(classes: Any) -> dict[str, int]:
    """Return how many areas there are of every class, by the class's number as text."""
    numbers, counts = np.unique(np.asarray(classes), return_counts=True)
    return {str(number): count for number, count in zip(numbers, counts.tolist(), strict=True)}
