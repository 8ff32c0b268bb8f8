"""Selections to and from links."""

from __future__ import annotations

from dataclasses import fields, replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analysis.selection import (
    FIELDS,
    MapView,
    Part,
    Selection,
    from_query,
    is_bare,
    names,
    part_of,
    to_query,
)
from analysis.shape import box
from analysis.vocabulary import ALL_CRIME, BASEMAPS, LEVELS, MEASURES, sort_columns
from data_pipeline.dataset import Dataset

SQUARE = "-3.5,53.3;-1.5,53.3;-1.5,53.6;-3.5,53.6"
YEAR = {"first": "2024-01", "last": "2024-12", "denominator": "mid-2022"}


def read(query: str, dataset: Dataset) -> Selection:
    selection, notes = from_query(query, dataset)
    assert notes == ()
    return selection


def test_the_opening_page_is_the_latest_year_by_district(small_dataset: Dataset) -> None:
    assert Selection.opening(small_dataset) == Selection(**YEAR, level="lad")


def test_an_absent_field_takes_its_usual_value(small_dataset: Dataset) -> None:
    assert read("", small_dataset) == Selection(**YEAR)


def test_a_full_link_restores_everything(small_dataset: Dataset) -> None:
    selection = Selection(
        first="2023-01",
        last="2023-06",
        denominator="census-2021",
        forces=("kent", "cheshire"),
        districts=("E06000002",),
        shape=((-3.5, 53.3), (-1.51234, 53.3), (-1.5, 53.6), (-3.5, 53.6)),
        level="ward",
        types=("drugs", "burglary"),
        measure="density",
        area="E05000003",
        search="castle & más",
        sort="-count",
        view=MapView(53.4083721, -2.99155, 11.456),
    )
    assert read(to_query(selection), small_dataset) == selection


def test_the_query_names_are_those_of_the_export(small_dataset: Dataset) -> None:
    query = "force=cheshire&type=drugs&from=2024-01&to=2024-12&level=lsoa&denominator=mid-2022"
    assert to_query(read(query, small_dataset)) == query


def test_a_link_always_spells_out_what_the_figures_are(small_dataset: Dataset) -> None:
    query = to_query(Selection.opening(small_dataset))
    assert query == "type=all-crime&from=2024-01&to=2024-12&level=lad&denominator=mid-2022"


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_every_selection_survives_its_own_link(data: st.DataObject, small_dataset: Dataset) -> None:
    level = data.draw(st.sampled_from(sorted(LEVELS)))
    months = sorted(data.draw(st.lists(st.sampled_from(small_dataset.months), min_size=2)))
    view = st.builds(MapView, st.floats(-90, 90), st.floats(-180, 180), st.floats(0, 24))
    slugs = [ALL_CRIME, *(kind.slug for kind in small_dataset.crime_types)]
    forces = st.lists(st.sampled_from(["cheshire", "greater-manchester", "kent"]), max_size=2)
    words = st.text(st.characters(categories=["L", "N", "P"]), max_size=12)
    edges = st.tuples(st.floats(-9, -4), st.floats(49, 52), st.floats(2, 9), st.floats(55, 60))
    selection = Selection(
        first=months[0],
        last=months[-1],
        denominator=data.draw(st.sampled_from(["mid-2022", "census-2021"])),
        forces=tuple(data.draw(forces)),
        shape=data.draw(st.just(()) | edges.map(lambda sides: box(*sides))),
        level=level,
        types=tuple(data.draw(st.lists(st.sampled_from(slugs)))),
        measure=data.draw(st.sampled_from(sorted(MEASURES))),
        classing=data.draw(st.sampled_from(["tail", "natural", "quantiles", "equal"])),
        breaks=tuple(sorted(data.draw(st.sets(st.integers(1, 5000), max_size=6)))),
        basemap=data.draw(st.sampled_from(sorted(BASEMAPS))),
        search=" ".join(data.draw(st.lists(words.filter(bool), max_size=3))),
        sort=data.draw(st.sampled_from(["", "-"]))
        + data.draw(st.sampled_from(sort_columns(level))),
        view=data.draw(st.none() | view),
    )
    assert read(to_query(selection), small_dataset) == selection


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.tuples(
            st.sampled_from(
                [
                    *("force", "lad", "shape", "type", "from", "to", "level", "area"),
                    *("q", "sort", "map", "x", "classes", "breaks", "measure", "basemap"),
                ]
            ),
            st.text(max_size=30),
        )
    )
)
def test_no_link_whatever_fails(small_dataset: Dataset, fields: list[tuple[str, str]]) -> None:
    query = "&".join(f"{name}={value}" for name, value in fields)
    selection, notes = from_query(query, small_dataset)
    assert read(to_query(selection), small_dataset) == selection
    assert all(note.endswith(".") and "\n" not in note for note in notes)


@pytest.mark.parametrize(
    ("query", "note"),
    [
        (
            "force=foo",
            "The link asks for the police force “foo”, which this dataset does not have; "
            "showing England and Wales.",
        ),
        (
            "force=foo,kent",
            "The link asks for the police force “foo”, which this dataset does not have; "
            "showing Kent.",
        ),
        (
            "type=arson",
            "The link asks for the crime type “arson”, which this dataset does not have; "
            "showing all crime.",
        ),
        (
            "from=2010-12&to=2024-12",
            "The link asks for data from December 2010, but this dataset holds September 2022 to "
            "December 2024; showing January 2024 to December 2024.",
        ),
        (
            "to=2024-13",
            "The link’s “to” is “2024-13”, which is not a month such as 2024-01; "
            "showing January 2024 to December 2024.",
        ),
        (
            "from=2024-12&to=2024-01",
            "The link’s first month is later than its last; showing January 2024 to December 2024.",
        ),
        (
            "level=street",
            "The link asks for the level “street”, which is none of lsoa, ward, lad, csp, force; "
            "showing lsoa.",
        ),
        (
            "denominator=workday",
            "The link asks for the denominator “workday”, which this dataset does not have; "
            "showing residents, mid-2022.",
        ),
        (
            "area=E01999999",
            "The link asks for the lsoa area “E01999999”, which this dataset does not have; "
            "showing no single area.",
        ),
        (
            "force=kent&area=E01000001",
            "The link asks for the area “E01000001”, which is not in Kent; showing all of Kent.",
        ),
        (
            "force=kent&lad=E06000001",
            "The link asks for “Northtown”, outside the police force it names; "
            "showing every district.",
        ),
        (
            "shape=-3,53;-2,53",
            "The link’s shape “-3,53;-2,53” is not three to 100 points, longitude and latitude; "
            "showing all of England and Wales.",
        ),
        (
            "force=kent&shape=-3,53;-2,91;-2,54",
            "The link’s shape “-3,53;-2,91;-2,54” is not three to 100 points, longitude and "
            "latitude; showing all of Kent.",
        ),
        (
            "shape=0,0;1,0;1,1",
            "No neighbourhood of England and Wales lies in the shape of the link; "
            "showing all of England and Wales.",
        ),
        (
            f"shape={SQUARE}&area=E01999999",
            "The link asks for the lsoa area “E01999999”, which this dataset does not have; "
            "showing no single area.",
        ),
        (
            "map=nan,0,3",
            "The link’s map position “nan,0,3” is not a latitude, longitude and zoom; "
            "showing the whole selection.",
        ),
        (
            "breaks=5,x",
            "The class breaks “5,x” are not numbers such as 2, 5, 10; showing the usual classes.",
        ),
        (
            "breaks=-5,5",
            "The class breaks “-5,5” must lie above zero; none is a class of its own; "
            "showing the usual classes.",
        ),
        (
            "classes=own",
            "The link asks for the classes “own”, which is none of tail, natural, quantiles, "
            "equal; showing tail.",
        ),
        (
            "sort=__class__",
            "The link sorts by “__class__”, which is no column of this table; "
            "showing the table in its usual order.",
        ),
    ],
)
def test_a_stale_field_falls_back_alone_and_says_so(
    query: str, note: str, small_dataset: Dataset
) -> None:
    selection, notes = from_query(f"{query}&denominator=census-2021&q=abbey", small_dataset)
    assert selection.search == "abbey"
    if "denominator" not in query:
        assert notes == (note,)
        assert selection.denominator == "census-2021"
    else:
        assert from_query(query, small_dataset)[1] == (note,)


def test_reversed_months_are_swapped(small_dataset: Dataset) -> None:
    selection, _ = from_query("from=2024-06&to=2024-02", small_dataset)
    assert (selection.first, selection.last, selection.months) == ("2024-02", "2024-06", 5)


def test_only_a_last_month_means_the_twelve_that_end_with_it(small_dataset: Dataset) -> None:
    selection = read("to=2023-12", small_dataset)
    assert (selection.first, selection.last) == ("2023-01", "2023-12")


def test_twelve_months_are_cut_where_the_data_start(small_dataset: Dataset) -> None:
    selection = read("to=2022-12", small_dataset)
    assert (selection.first, selection.last) == ("2022-09", "2022-12")


def test_of_a_repeated_name_the_last_counts_and_unknown_names_do_not(
    small_dataset: Dataset,
) -> None:
    assert read("force=kent&utm_source=x&force=cheshire", small_dataset).forces == ("cheshire",)


def test_every_force_by_name_is_the_nation(small_dataset: Dataset) -> None:
    assert read("force=kent,cheshire,greater-manchester", small_dataset).forces == ()


def test_a_link_of_absurd_length_is_not_read(small_dataset: Dataset) -> None:
    selection, notes = from_query("force=" + "kent," * 5000, small_dataset)
    assert selection == Selection.opening(small_dataset)
    assert len(notes) == 1


def test_a_long_value_is_cut_in_its_note(small_dataset: Dataset) -> None:
    _, notes = from_query("force=" + "x" * 500, small_dataset)
    assert len(notes[0]) < 160


def test_all_crime_leaves_out_anti_social_behaviour(small_dataset: Dataset) -> None:
    selection = Selection(**YEAR)
    assert selection.type_slugs(small_dataset) == ("burglary", "drugs", "robbery")
    assert selection.type_label(small_dataset) == "All crime"


def test_all_crime_with_anti_social_behaviour_is_everything(small_dataset: Dataset) -> None:
    selection = Selection(**YEAR, types=(ALL_CRIME, "anti-social-behaviour"))
    assert len(selection.type_slugs(small_dataset)) == 4
    assert selection.type_label(small_dataset) == "All crime and anti-social behaviour"


@pytest.mark.parametrize(
    ("types", "label"),
    [
        (("drugs",), "Drugs"),
        (("robbery", "burglary"), "Burglary and Robbery"),
        (("robbery", "burglary", "anti-social-behaviour"), "3 crime types"),
        (("robbery", "burglary", "drugs"), "All crime"),
    ],
)
def test_the_crime_types_have_a_reader_s_name(
    types: tuple[str, ...], label: str, small_dataset: Dataset
) -> None:
    assert Selection(**YEAR, types=types).type_label(small_dataset) == label


@pytest.mark.parametrize(
    ("query", "label"),
    [
        ("", "England and Wales"),
        ("force=kent", "Kent"),
        ("force=kent,cheshire", "Cheshire and Kent"),
        ("lad=E06000002", "Southtown"),
        ("lad=E06000002,E06000001,E06000003", "Milltown, Northtown and Southtown"),
    ],
)
def test_the_scope_has_a_reader_s_name(query: str, label: str, small_dataset: Dataset) -> None:
    assert read(query, small_dataset).place_label(small_dataset) == label


def test_the_figures_do_not_depend_on_where_the_reader_looks(small_dataset: Dataset) -> None:
    plain = Selection(**YEAR)
    looking = replace(plain, area="E01000001", search="x", sort="name", view=MapView(52, 0, 6))
    assert part_of(looking, Part.FIGURES) == plain


def test_a_query_that_asks_for_nothing_is_bare() -> None:
    assert is_bare("?utm_source=newsletter&force=")
    assert not is_bare("?force=kent")


def test_every_attribute_is_a_field_of_the_link() -> None:
    filled = [attribute for field in FIELDS for attribute in field.attributes]
    assert sorted(filled) == sorted(field.name for field in fields(Selection))
    assert len(names()) == sum(len(field.names) for field in FIELDS)


def test_what_decides_no_figure_has_a_default() -> None:
    for field in FIELDS:
        assert field.decides & Part.FIGURES or field.defaults.keys() == set(field.attributes)


@pytest.mark.parametrize(
    ("part", "kept"),
    [
        (Part.MEASURE, {"measure"}),
        (Part.DISPLAY, {"classing", "breaks"}),
        (Part.LISTING, {"search", "sort"}),
        (Part.AREA, {"area"}),
        (Part.SERIES, {"series"}),
        (Part.BACKGROUND, {"basemap"}),
        (Part.VIEW, {"view"}),
    ],
)
def test_a_part_keeps_what_it_decides(part: Part, kept: set[str]) -> None:
    changed = replace(
        Selection(**YEAR),
        measure="change",
        classing="equal",
        breaks=(2.0,),
        search="x",
        sort="name",
        area="E01000001",
        series="supplied",
        basemap="light",
        view=MapView(52, 0, 6),
    )
    plain, left = Selection(**YEAR), part_of(changed, part)
    differs = {
        field.name
        for field in fields(Selection)
        if getattr(left, field.name) != getattr(plain, field.name)
    }
    assert differs == kept
