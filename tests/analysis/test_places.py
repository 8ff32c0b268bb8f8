"""Finding places by name and code."""

from __future__ import annotations

import pytest

from analysis.places import find_places, place, scope_bounds
from analysis.selection import Selection
from analysis.vocabulary import LEVELS
from data_pipeline.dataset import Dataset


def found(text: str, dataset: Dataset) -> list[tuple[str, str]]:
    return [(entry.kind, entry.label) for entry in find_places(dataset, text)]


def test_larger_places_come_before_smaller_ones(small_dataset: Dataset) -> None:
    assert found("south", small_dataset)[:2] == [("lad", "Southtown"), ("lsoa", "Southtown 004A")]


@pytest.mark.parametrize("text", ["E01000005", "e01000005", "southtown 005a", " 005A "])
def test_an_lsoa_is_found_by_code_and_by_name_in_any_case(
    text: str, small_dataset: Dataset
) -> None:
    assert found(text, small_dataset)[0] == ("lsoa", "Southtown 005A")


def test_an_exact_name_comes_before_longer_ones_and_a_prefix_before_a_later_word(
    small_dataset: Dataset,
) -> None:
    assert found("castle", small_dataset)[0] == ("ward", "Castle")
    assert found("centre", small_dataset)[0] == ("ward", "City Centre")


def test_every_word_must_occur(small_dataset: Dataset) -> None:
    assert ("ward", "Abbey") in found("northtown abbey", small_dataset)
    assert found("northtown castle", small_dataset) == []


def test_nothing_is_found_for_nothing(small_dataset: Dataset) -> None:
    assert find_places(small_dataset, "  ") == []
    assert find_places(small_dataset, "(") == []


def test_no_more_places_than_asked_for(small_dataset: Dataset) -> None:
    assert len(find_places(small_dataset, "town", limit=3)) == 3


def test_a_place_says_where_it_lies(small_dataset: Dataset) -> None:
    entry = place(small_dataset, "lsoa", "E01000005")
    assert entry is not None
    assert entry.detail == "E01000005, Castle, Southtown, Cheshire"
    assert entry.force == "cheshire"
    west, south, east, north = entry.bounds
    assert west < east
    assert south < north


@pytest.mark.parametrize("level", sorted(LEVELS))
def test_an_unknown_code_is_no_place(level: str, small_dataset: Dataset) -> None:
    assert place(small_dataset, level, "E99999999") is None


def test_the_scope_s_bounds_hold_all_its_areas(small_dataset: Dataset) -> None:
    selection = Selection("2024-01", "2024-12", "mid-2022", forces=("kent",))
    kent = small_dataset.areas.iloc[9:]
    assert scope_bounds(small_dataset, selection) == (
        kent["west"].min(),
        kent["south"].min(),
        kent["east"].max(),
        kent["north"].max(),
    )
