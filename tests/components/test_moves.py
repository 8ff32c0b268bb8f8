"""Where every control, click and link leads."""

from __future__ import annotations

from dataclasses import replace

import pytest

from analysis.places import place
from analysis.selection import MapView, NotFollowedError, Selection, from_query
from analysis.shape import box
from components import answer, ids, moves
from components.controls import filters
from components.frame import find, notices, where
from components.map import group as map_group
from components.map import words
from data_pipeline.dataset import Dataset

VIEW = MapView(53.4, -2.9, 9.0)


@pytest.fixture
def opening(small_dataset: Dataset) -> Selection:
    return Selection.opening(small_dataset)


@pytest.fixture
def in_cheshire(opening: Selection, small_dataset: Dataset) -> Selection:
    return replace(moves.with_force(opening, "cheshire", small_dataset), view=VIEW)


def test_a_force_shows_its_neighbourhoods_from_the_start(
    opening: Selection, small_dataset: Dataset
) -> None:
    chosen = moves.with_force(replace(opening, view=VIEW), "kent", small_dataset)
    assert (chosen.forces, chosen.level, chosen.view) == (("kent",), "lsoa", None)


def test_the_nation_is_ranked_by_district_again(
    in_cheshire: Selection, small_dataset: Dataset
) -> None:
    nation = moves.with_force(in_cheshire, moves.NATION, small_dataset)
    assert (nation.forces, nation.level) == ((), "lad")


def test_a_force_keeps_a_level_that_the_reader_chose(
    opening: Selection, small_dataset: Dataset
) -> None:
    wards = replace(opening, level="ward")
    assert moves.with_force(wards, "kent", small_dataset).level == "ward"


def test_a_district_brings_its_force(opening: Selection, small_dataset: Dataset) -> None:
    code = small_dataset.areas.loc[small_dataset.areas["force"] == "kent", "lad_code"].iloc[0]
    chosen = moves.with_district(opening, code, small_dataset)
    assert (chosen.forces, chosen.districts, chosen.level) == (("kent",), (code,), "lsoa")
    above = moves.with_district(chosen, moves.ALL_DISTRICTS, small_dataset)
    assert (above.forces, above.districts) == (("kent",), ())


@pytest.mark.parametrize(
    ("before", "slugs", "after"),
    [
        (("all-crime",), ["all-crime", "drugs"], ("drugs",)),
        (("drugs",), ["drugs", "all-crime"], ("all-crime",)),
        (("drugs",), [], ("all-crime",)),
        (("drugs",), ["drugs", "burglary"], ("burglary", "drugs")),
        (
            ("all-crime",),
            ["all-crime", "anti-social-behaviour"],
            ("all-crime", "anti-social-behaviour"),
        ),
    ],
)
def test_all_crime_and_its_parts_replace_each_other(
    opening: Selection,
    small_dataset: Dataset,
    before: tuple[str, ...],
    slugs: list[str],
    after: tuple[str, ...],
) -> None:
    chosen = moves.with_types(replace(opening, types=before), slugs, small_dataset)
    assert chosen.types == after


def test_the_other_end_of_the_period_moves_along(
    opening: Selection, small_dataset: Dataset
) -> None:
    chosen = replace(opening, first="2023-01", last="2023-06")
    later = moves.with_first(chosen, "2024-02", small_dataset)
    assert (later.first, later.last) == ("2024-02", "2024-02")
    earlier = moves.with_last(chosen, "2022-10", small_dataset)
    assert (earlier.first, earlier.last) == ("2022-10", "2022-10")


def test_a_click_goes_down_from_the_nation_and_chooses_within_a_force(
    opening: Selection, in_cheshire: Selection, small_dataset: Dataset
) -> None:
    district = str(small_dataset.areas["lad_code"].iloc[0])
    down = moves.with_map_click(opening, _click(district), small_dataset)
    assert down.districts == (district,)
    chosen = moves.with_map_click(in_cheshire, _click("E01000002"), small_dataset)
    assert (chosen.area, chosen.view) == ("E01000002", VIEW)


def test_a_click_on_a_dot_goes_to_its_area(opening: Selection, small_dataset: Dataset) -> None:
    dots = replace(opening, level="lsoa", view=VIEW)
    click = {"points": [{"customdata": "E01000004", "lat": 53.4, "lon": -2.7}]}
    there = moves.with_map_click(dots, click, small_dataset)
    assert (there.area, there.view, there.forces) == ("E01000004", None, ())


def test_a_row_is_brought_into_view(in_cheshire: Selection, small_dataset: Dataset) -> None:
    chosen = moves.with_row(in_cheshire, "E01000003", small_dataset)
    assert (chosen.area, chosen.view) == ("E01000003", None)
    again = replace(chosen, view=VIEW)
    assert moves.with_row(again, "E01000003", small_dataset) == again


@pytest.mark.parametrize(
    ("kind", "code", "area"), [("lsoa", "E01000010", "E01000010"), ("force", "kent", None)]
)
def test_a_place_that_was_found_is_shown(
    opening: Selection, small_dataset: Dataset, kind: str, code: str, area: str | None
) -> None:
    found = place(small_dataset, kind, code)
    assert found is not None
    shown = moves.with_place(opening, found, small_dataset)
    assert (shown.forces, shown.level, shown.area) == (("kent",), "lsoa", area)


def test_search_results_are_links_that_keep_what_was_chosen(
    opening: Selection, small_dataset: Dataset
) -> None:
    text = str(find.results(small_dataset, replace(opening, types=("drugs",)), "E01000010"))
    assert "area=E01000010" in text
    assert "type=drugs" in text
    assert "Nothing is called" in str(find.results(small_dataset, opening, "atlantis"))
    assert find.results(small_dataset, opening, "a") == []


def test_the_way_up_ends_at_the_nation(in_cheshire: Selection, small_dataset: Dataset) -> None:
    code = str(small_dataset.areas["lad_code"].iloc[0])
    district = moves.with_district(in_cheshire, code, small_dataset)
    force = moves.up(district, 1, small_dataset)
    assert (force.forces, force.districts) == (("cheshire",), ())
    assert moves.up(force, 2, small_dataset).forces == ()


def group_of(selection: Selection, dataset: Dataset, first: int, last: int) -> Selection:
    """Return the group of the areas from `first` to `last`, from 1 on."""
    points = dataset.areas.iloc[first - 1 : last]
    west, east = points["longitude"].min() - 0.002, points["longitude"].max() + 0.002
    return moves.with_shape(selection, box(west, 53, east, 54), dataset)


def test_a_group_lets_go_of_the_chosen_area_and_the_view(
    in_cheshire: Selection, small_dataset: Dataset
) -> None:
    group = group_of(replace(in_cheshire, area="E01000001"), small_dataset, 3, 5)
    assert (group.area, group.view, group.forces) == (None, None, ("cheshire",))
    assert group.place_label(small_dataset) == "3 neighbourhoods drawn on the map"


def test_a_shape_too_small_for_the_areas_shown_picks_neighbourhoods(
    opening: Selection, small_dataset: Dataset
) -> None:
    assert group_of(opening, small_dataset, 1, 6).level == "lad"
    assert group_of(opening, small_dataset, 4, 4).level == "lsoa"


def test_a_shape_around_nothing_is_said_plainly(
    in_cheshire: Selection, small_dataset: Dataset
) -> None:
    with pytest.raises(NotFollowedError, match="No neighbourhood of Cheshire has its middle"):
        map_group.with_drawn(in_cheshire, [[0, 0], [1, 0], [1, 1]], small_dataset)


def test_the_way_back_from_a_group_is_what_it_was_drawn_in(
    in_cheshire: Selection, small_dataset: Dataset
) -> None:
    group = replace(group_of(in_cheshire, small_dataset, 3, 5), view=VIEW, area="E01000003")
    assert words.back_label(small_dataset, group) == "← All of Cheshire"
    back = moves.up(group, 1, small_dataset)
    assert back == replace(in_cheshire, view=None)
    nation = group_of(replace(in_cheshire, forces=()), small_dataset, 3, 5)
    assert words.back_label(small_dataset, nation) == "← England and Wales"


def test_a_group_says_which_areas_it_holds(opening: Selection, small_dataset: Dataset) -> None:
    districts = group_of(opening, small_dataset, 1, 6)
    assert "every district with at least half its neighbourhoods" in str(map_group.note(districts))
    neighbourhoods = replace(districts, level="lsoa")
    assert "every neighbourhood whose middle" in str(map_group.note(neighbourhoods))
    assert map_group.note(opening) == []


def test_another_place_lets_go_of_the_group(opening: Selection, small_dataset: Dataset) -> None:
    group = group_of(opening, small_dataset, 1, 6)
    district = str(small_dataset.areas["lad_code"].iloc[0])
    found = place(small_dataset, "lsoa", "E01000010")
    assert found is not None
    for there in (
        moves.with_force(group, moves.NATION, small_dataset),
        moves.with_force(group, "kent", small_dataset),
        moves.with_district(group, district, small_dataset),
        moves.with_place(group, found, small_dataset),
    ):
        assert there.shape == ()


def test_a_click_in_a_group_chooses_the_area(opening: Selection, small_dataset: Dataset) -> None:
    group = group_of(opening, small_dataset, 1, 6)
    district = str(small_dataset.areas["lad_code"].iloc[0])
    chosen = moves.with_map_click(group, _click(district), small_dataset)
    assert (chosen.area, chosen.shape) == (district, group.shape)


@pytest.mark.parametrize("force", ["", "force=cheshire&"])
def test_filling_the_controls_of_a_group_changes_nothing(
    small_dataset: Dataset, force: str
) -> None:
    query = f"{force}shape=-3.5,53.3;-1.5,53.3;-1.5,53.6;-3.5,53.6&level=ward"
    selection = from_query(query, small_dataset)[0]
    values = filters.values(small_dataset, selection)
    assert values[f"{ids.FORCE}.value"] in [
        option["value"] for option in filters.force_options(small_dataset, selection)
    ]
    for control, value in values.items():
        change = filters.PANEL.controls[control].change
        assert change(selection, value, small_dataset) == selection, control


def test_filling_the_controls_changes_nothing(small_dataset: Dataset) -> None:
    query = "force=kent&type=drugs,robbery&from=2023-02&to=2023-05&level=ward&measure=density&q=x"
    selection = from_query(query, small_dataset)[0]
    for control, value in filters.values(small_dataset, selection).items():
        change = filters.PANEL.controls[control].change
        assert change(selection, value, small_dataset) == selection, control
    assert moves.with_search(selection, selection.search, small_dataset) == selection


def test_a_link_to_several_forces_survives_the_controls(small_dataset: Dataset) -> None:
    selection = from_query("force=kent,cheshire", small_dataset)[0]
    values = filters.values(small_dataset, selection)
    assert values[f"{ids.FORCE}.value"] == moves.SEVERAL
    assert moves.SEVERAL in [
        option["value"] for option in filters.force_options(small_dataset, selection)
    ]
    assert moves.with_force(selection, moves.SEVERAL, small_dataset) == selection


def test_a_bare_address_opens_on_districts_without_a_note(small_dataset: Dataset) -> None:
    selection, notes = answer.read_link("", small_dataset)
    assert selection.level == "lad"
    assert notes == ()


def test_a_link_that_cannot_be_followed_is_noted(small_dataset: Dataset) -> None:
    _, notes = answer.read_link("?force=atlantis", small_dataset)
    text = str(notices.not_followed(notes))
    assert "atlantis" in text


def _click(code: str) -> dict[str, list[dict[str, str]]]:
    return {"points": [{"location": code}]}


def test_a_position_leads_to_its_neighbourhood(opening: Selection, small_dataset: Dataset) -> None:
    area = small_dataset.areas.iloc[10]
    position = {"position": [area["latitude"], area["longitude"]]}
    there = where.with_position(opening, position, small_dataset)
    assert (there.area, there.forces, there.level) == (area["lsoa_code"], ("kent",), "lsoa")


def test_a_position_elsewhere_or_refused_is_said_plainly(
    opening: Selection, small_dataset: Dataset
) -> None:
    for position, sentence in (([48.85, 2.35], where.ELSEWHERE), (None, where.REFUSED)):
        with pytest.raises(NotFollowedError, match=sentence):
            where.with_position(opening, {"position": position}, small_dataset)


def test_choosing_every_type_is_all_crime_and_keeps_incidents_apart(
    small_dataset: Dataset, opening: Selection
) -> None:
    every = [kind.slug for kind in small_dataset.crime_types]
    with pytest.raises(moves.FollowedOtherwiseError, match="kept apart") as told:
        moves.with_types(opening, [*opening.types, *every], small_dataset)
    assert told.value.selection.types == ("all-crime",)
