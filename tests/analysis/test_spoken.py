"""Places are found as people type them."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest

from analysis.area_table import area_table, arranged
from analysis.places import find_places
from analysis.selection import Selection
from analysis.spoken import spoken, words_meant
from data_pipeline.dataset import Dataset


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("KING'S LYNN", "kings lynn"),
        ("King’s Lynn", "kings lynn"),
        ("Kingʼs Lynn", "kings lynn"),
        ("King`s Lynn", "kings lynn"),
        ("Ynys Môn", "ynys mon"),
        ("YNYS MO\u0302N", "ynys mon"),
        ("Llŷn & Dŵr", "llyn and dwr"),
        ("St. Helens", "st helens"),
        ("Stoke-on-Trent", "stoke on trent"),
        ("Dyfed–Powys", "dyfed powys"),
        ("  two   spaces ", "two spaces"),
        ("\U0001f600", ""),
    ],
)
def test_case_accents_apostrophes_and_punctuation_make_no_difference(
    typed: str, meant: str
) -> None:
    assert spoken(typed) == meant


@pytest.mark.parametrize("typed", ["merseysde", "mersyeside", "merseysiide", "nerseyside"])
def test_a_letter_wrong_missing_doubled_or_swapped_is_still_meant(typed: str) -> None:
    assert words_meant(typed, ["merseyside", "kent"]) == ["merseyside"]


def test_short_words_and_numbers_are_meant_as_typed() -> None:
    assert words_meant("ken", ["kent"]) == []
    assert words_meant("2011", ["2012"]) == []


def labels(dataset: Dataset, text: str) -> list[str]:
    return [found.label for found in find_places(dataset, text)]


@pytest.mark.parametrize(
    "typed",
    [
        "southtown",
        "SOUTHTOWN",
        "southtwon",
        "soutthown",
        "southtown cheshire",
        "cheshire southtown",
    ],
)
def test_words_are_found_in_any_order_and_with_a_letter_wrong(
    small_dataset: Dataset, typed: str
) -> None:
    assert "Southtown" in labels(small_dataset, typed)


@pytest.mark.parametrize(
    "typed", ["E01000090", "e01000091", "old mill green 002x", "Green Old Mill"]
)
def test_codes_and_names_of_2011_lead_to_the_areas_of_2021(
    small_dataset: Dataset, typed: str
) -> None:
    (found,) = find_places(small_dataset, typed)
    assert found.code == "E01000002"
    assert "in 2011 E01000090 Old Mill Green 002X" in found.detail


def test_the_table_is_searched_in_the_same_way(small_dataset: Dataset) -> None:
    table = area_table(small_dataset, replace(Selection.opening(small_dataset), level="lsoa"))
    for typed in ("SOUTHTOWN", "e01000090", "green mill"):
        assert len(arranged(table, typed)), typed
    assert not len(arranged(table, "nowhere"))


def test_among_equals_the_nearest_comes_first(small_dataset: Dataset) -> None:
    areas = small_dataset.areas.set_index("lsoa_code")
    for code in ("E01000001", "E01000006"):
        here = areas.loc[code, ["longitude", "latitude"]]
        first, *_ = [
            found
            for found in find_places(small_dataset, "0", (here["longitude"], here["latitude"]))
            if found.kind == "lsoa"
        ]
        assert first.code == code


def test_every_word_of_a_name_finds_it(small_dataset: Dataset) -> None:
    for name in pd.unique(small_dataset.areas["ward_name"]):
        assert name in labels(small_dataset, " ".join(reversed(name.split())))
