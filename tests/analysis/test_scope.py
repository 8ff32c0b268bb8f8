"""Groups of areas drawn on the map: who belongs, and that every figure is about them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from analysis.area_table import area_table, headline
from analysis.levels import units
from analysis.places import scope_bounds
from analysis.scope import area_count, forces_in_scope, in_scope, only_force
from analysis.selection import Selection
from analysis.series import compared_series, monthly_series
from analysis.shape import Shape, box
from analysis.vocabulary import LEVELS
from data_pipeline.dataset import Dataset

YEAR = {"first": "2024-01", "last": "2024-12", "denominator": "mid-2022"}


def around(dataset: Dataset, first: int, last: int) -> Shape:
    """Return a box around the inner points of the areas from `first` to `last`, from 1 on."""
    areas = dataset.areas.iloc[first - 1 : last]
    longitudes, latitudes = areas["longitude"], areas["latitude"]
    return box(
        longitudes.min() - 0.002,
        latitudes.min() - 0.002,
        longitudes.max() + 0.002,
        latitudes.max() + 0.002,
    )


def group(dataset: Dataset, first: int, last: int, **changes: object) -> Selection:
    return Selection(**{**YEAR, "shape": around(dataset, first, last), **changes})


@pytest.mark.parametrize(
    ("level", "names", "lsoas"),
    [
        ("lsoa", ["Northtown 001A", "Northtown 002A", "Northtown 003A", "Southtown 004A"], 4),
        # Castle has two LSOAs, one of them inside; Southtown three, one of them inside.
        ("ward", ["Abbey", "Bridge", "Castle"], 5),
        ("lad", ["Northtown"], 3),
        ("csp", ["Northtown"], 3),
        ("force", ["Cheshire"], 6),
    ],
)
def test_an_area_belongs_when_half_of_it_is_inside(
    small_dataset: Dataset, level: str, names: list[str], lsoas: int
) -> None:
    selection = group(small_dataset, 1, 4, level=level)
    assert sorted(area_table(small_dataset, selection).frame["name"]) == names
    assert in_scope(small_dataset, selection.scope).sum() == lsoas
    assert area_count(small_dataset, selection.scope) == len(names)


@pytest.mark.parametrize("level", sorted(LEVELS))
def test_table_headline_and_trends_are_about_the_same_areas(
    small_dataset: Dataset, level: str
) -> None:
    selection = group(small_dataset, 1, 4, level=level)
    table = area_table(small_dataset, selection)
    months = monthly_series(small_dataset, selection).supplied.frame
    inside = months["month"].between(selection.first, selection.last)
    total = int(table.frame["count"].sum())
    assert headline(table).count == total
    assert months.loc[inside, "count"].sum() == total
    lsoas = area_table(small_dataset, replace(selection.everywhere(), level="lsoa")).frame
    codes = small_dataset.areas.loc[in_scope(small_dataset, selection.scope), "lsoa_code"]
    assert lsoas.loc[lsoas["code"].isin(codes), "count"].sum() == total
    of_units = units(small_dataset, level).in_scope(small_dataset, selection)
    assert of_units.sum() == len(table.frame)


def test_ranks_and_classes_stay_those_of_the_nation(small_dataset: Dataset) -> None:
    selection = group(small_dataset, 1, 4, types=("drugs",))
    table = area_table(small_dataset, selection)
    nation = area_table(small_dataset, selection.everywhere())
    whole = nation.frame.set_index("code")["rank"]
    for code, rank in table.frame.set_index("code")["rank"].items():
        assert rank == whole[code]
    assert table.national is nation.national
    assert table.classes == nation.classes


def test_a_shape_narrows_the_force_and_district_it_was_drawn_in(small_dataset: Dataset) -> None:
    selection = group(small_dataset, 5, 10, forces=("kent",))
    assert area_table(small_dataset, selection).frame["code"].tolist() == ["E01000010"]
    district = small_dataset.areas["lad_code"].iloc[3]
    selection = group(small_dataset, 1, 4, districts=(district,))
    assert area_table(small_dataset, selection).frame["code"].tolist() == ["E01000004"]


def test_the_trends_set_a_group_beside_its_force_and_the_nation(small_dataset: Dataset) -> None:
    one_force = compared_series(small_dataset, group(small_dataset, 1, 4))
    assert [(name, entry.place) for name, entry in one_force.items()] == [
        ("area", "4 neighbourhoods drawn on the map"),
        ("force", "Cheshire"),
        ("nation", "England and Wales"),
    ]
    several = compared_series(small_dataset, group(small_dataset, 5, 10))
    assert list(several) == ["area", "nation"]
    whole = compared_series(small_dataset, Selection(**YEAR, forces=("cheshire",)))
    assert one_force["force"] is whole["force"]


def test_months_are_judged_by_the_forces_of_the_group(small_dataset: Dataset) -> None:
    across = monthly_series(small_dataset, group(small_dataset, 4, 10)).supplied.frame
    may = across.set_index("month").loc["2024-05"]
    assert (may["forces_supplied"], may["forces_in_scope"], may["partial"]) == (1, 3, True)
    within = monthly_series(small_dataset, group(small_dataset, 1, 4)).supplied.frame
    assert not within["partial"].any()
    figures = headline(area_table(small_dataset, group(small_dataset, 4, 10)))
    assert figures.incomplete_forces == ("Greater Manchester", "Kent")


def test_the_forces_of_a_scope(small_dataset: Dataset) -> None:
    assert only_force(small_dataset, group(small_dataset, 1, 4).scope) == "cheshire"
    assert only_force(small_dataset, group(small_dataset, 6, 7).scope) is None
    assert len(forces_in_scope(small_dataset, Selection(**YEAR).scope)) == 3


def test_the_view_fits_the_group(small_dataset: Dataset) -> None:
    inside = small_dataset.areas.iloc[1:4]
    assert scope_bounds(small_dataset, group(small_dataset, 2, 4)) == (
        *(inside["west"].min(), inside["south"].min(), inside["east"].max(), inside["north"].max()),
    )


def test_a_group_is_named_by_what_it_holds(small_dataset: Dataset) -> None:
    names = {level: group(small_dataset, 1, 4, level=level) for level in LEVELS}
    assert {level: found.place_label(small_dataset) for level, found in names.items()} == {
        "lsoa": "4 neighbourhoods drawn on the map",
        "ward": "3 wards drawn on the map",
        "lad": "1 district drawn on the map",
        "csp": "1 partnership drawn on the map",
        "force": "1 police force drawn on the map",
    }
