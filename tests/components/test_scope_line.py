"""Several places: chosen, named, taken out; and places without any figure."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from analysis.reporting import supplied_span
from analysis.scope import names_label
from analysis.selection import NotFollowedError, Selection, from_query
from components import moves
from components.frame import headline, scope_line
from components.panel import Asked
from data_pipeline.dataset import Dataset
from tests.small_dataset import build_small


def selected(dataset: Dataset, query: str) -> Selection:
    return from_query(f"type=drugs&from=2024-01&to=2024-12&{query}", dataset)[0]


def test_a_force_is_added_and_taken_out(small_dataset: Dataset) -> None:
    one = selected(small_dataset, "force=kent")
    both = moves.with_added(one, "cheshire", small_dataset)
    assert set(both.forces) == {"kent", "cheshire"}
    assert moves.with_added(both, "kent", small_dataset) == both
    assert moves.without_place(both, "cheshire", small_dataset).forces == ("kent",)
    assert moves.without_place(one, "kent", small_dataset).forces == ()


def test_a_district_is_added_with_its_force_and_taken_out_with_it(small_dataset: Dataset) -> None:
    areas = small_dataset.areas
    here = areas.loc[areas["force"] == "cheshire", "lad_code"].iloc[0]
    there = areas.loc[areas["force"] == "kent", "lad_code"].iloc[0]
    one = replace(selected(small_dataset, "force=cheshire"), districts=(here,))
    both = moves.with_added(one, there, small_dataset)
    assert set(both.districts) == {here, there}
    assert set(both.forces) == {"cheshire", "kent"}
    assert moves.without_place(both, there, small_dataset).forces == ("cheshire",)
    assert moves.without_place(one, here, small_dataset).districts == ()


@pytest.mark.parametrize("place", ["narnia", "E99999999"])
def test_a_place_that_is_none_leads_nowhere(small_dataset: Dataset, place: str) -> None:
    one = selected(small_dataset, "force=kent")
    with pytest.raises(NotFollowedError):
        moves.with_added(one, place, small_dataset)
    with pytest.raises(NotFollowedError):
        moves.with_district(one, place, small_dataset)


def test_chips_name_every_place_of_several(small_dataset: Dataset) -> None:
    assert scope_line.chips(small_dataset, selected(small_dataset, "force=kent")) == []
    text = str(scope_line.chips(small_dataset, selected(small_dataset, "force=kent,cheshire")))
    assert "Leave out Kent" in text
    assert "Leave out Cheshire" in text


def test_taking_a_place_out_keeps_what_was_chosen_since(small_dataset: Dataset) -> None:
    before = selected(small_dataset, "force=kent,cheshire")
    for change in (
        {"measure": "density"},
        {"sort": "-count"},
        {"search": "a"},
        {"series": "supplied"},
    ):
        after = replace(before, **change)
        asked = Asked(small_dataset, after, before, {}, frozenset())
        assert asked.differs(scope_line.PANEL.follows)
        sent = scope_line.show(asked)
        links = [chip.href for chip in sent["chips.children"]]
        left = [from_query(link.removeprefix("?"), small_dataset)[0] for link in links]
        assert left == [replace(after, forces=(force,)) for force in ("kent", "cheshire")], change


def test_one_place_has_nothing_to_send_again(small_dataset: Dataset) -> None:
    before = selected(small_dataset, "force=cheshire")
    after = replace(before, sort="-count")
    assert scope_line.show(Asked(small_dataset, after, before, {}, frozenset())) == {}
    assert headline.show(Asked(small_dataset, after, before, {}, frozenset())) == {}


def test_what_can_be_added_is_what_is_not_chosen(small_dataset: Dataset) -> None:
    nation = Selection.opening(small_dataset)
    assert scope_line.addable(small_dataset, nation) == []
    offered = scope_line.addable(small_dataset, selected(small_dataset, "force=kent"))
    assert {option["value"]: option["disabled"] for option in offered} == {
        force.slug: force.slug == "kent" for force in small_dataset.forces
    }


def test_several_places_without_figures_are_spoken_of_as_several(small_dataset: Dataset) -> None:
    silent = selected(small_dataset, "force=greater-manchester,kent")
    (card,) = headline.cards(small_dataset, silent)
    assert "each of the 2 police forces has months without a usable file" in str(card)


def test_a_place_without_figures_says_so_once_and_leads_on(small_dataset: Dataset) -> None:
    silent = selected(small_dataset, "force=greater-manchester")
    (card,) = headline.cards(small_dataset, silent)
    text = str(card)
    assert "There are no figures for Greater Manchester" in text
    assert "show England and Wales" in text
    assert supplied_span(small_dataset, silent) is None


def test_a_type_that_changed_is_not_blamed_on_the_force(tmp_path: Path) -> None:
    types = ("Anti-social behaviour", "Burglary", "Other theft", "Violent crime")
    old = build_small(tmp_path / "old", first="2012-06", last="2014-12", types=types)
    across = Selection(
        "2013-01", "2013-12", "mid-2022", forces=("cheshire",), types=("other-theft",)
    )
    (card,) = headline.cards(old, across)
    text = str(card)
    assert "Other theft changed definition within January 2013 to December 2013" in text
    assert "usable file" not in text
    assert "type=all-crime" in text


def test_the_next_step_is_the_latest_months_that_are_supplied(small_dataset: Dataset) -> None:
    chosen = selected(small_dataset, "force=kent")
    span = supplied_span(small_dataset, chosen)
    assert span is not None
    there = replace(chosen, first=span[0], last=span[1])
    assert there.months <= chosen.months
    assert headline.cards(small_dataset, there)[0].className != "card-figure warn whole"


def test_few_places_are_named_and_many_counted() -> None:
    assert names_label(["Kent"]) == "Kent"
    assert names_label(["Essex", "Kent", "Surrey"]) == "Essex, Kent and Surrey"
    assert names_label(["a", "b", "c", "d"]) == "a, b and 2 more"
