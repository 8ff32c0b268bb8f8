"""The filter bar: which force, district, crime types, period, level, measure and denominator."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dash import html

from analysis.per_dataset import remember
from analysis.periods import CUSTOM, preset_of, presets
from analysis.selection import Part, Selection
from analysis.vocabulary import ALL_CRIME, LEVELS, MEASURES
from analysis.vocabulary import NATION as NATION_NAME
from data_pipeline.dataset import Dataset, month_label, month_number

from .. import ids, moves, theme
from ..checks import LONGEST_VALUE, MOST_VALUES, is_measure, one_of, text, texts
from ..moves import ALL_DISTRICTS, DRAWN, NATION, SEVERAL
from ..panel import Asked, Control, Opening, Panel, Slot, other_than
from .drop_down import Options, drop_down


def force_options(dataset: Dataset, selection: Selection) -> Options:
    """Return the nation and every force; one that never supplied data says so.

    A group drawn on the map is an entry of its own, as are several forces that a link names.
    """
    nation = {"label": NATION_NAME, "value": NATION}
    drawn = [{"label": "Drawn on the map", "value": DRAWN}] if selection.shape else []
    several = _several(selection.forces, "police forces")
    return [*drawn, nation, *several, *_forces(dataset)]


@remember(4)
def _forces(dataset: Dataset) -> Options:
    forces = [
        {
            "label": force.name if dataset.supplied[:, index].any() else f"{force.name} (no data)",
            "value": force.slug,
        }
        for index, force in enumerate(dataset.forces)
    ]
    return sorted(forces, key=lambda option: str(option["label"]))


def district_options(dataset: Dataset, selection: Selection) -> Options:
    """Return the districts of the chosen forces, by name."""
    everything = {"label": "All districts", "value": ALL_DISTRICTS}
    several = _several(selection.districts, "districts")
    return [everything, *several, *_districts(dataset, selection.forces)]


@remember(64)
def _districts(dataset: Dataset, forces: tuple[str, ...]) -> Options:
    areas = dataset.areas
    if forces:
        areas = areas[areas["force"].isin(forces)]
    districts = areas.drop_duplicates("lad_code").sort_values("lad_name")
    return [
        {"label": name, "value": code}
        for code, name in zip(districts["lad_code"], districts["lad_name"], strict=True)
    ]


def _several(chosen: tuple[str, ...], what: str) -> Options:
    return [{"label": f"{len(chosen)} {what}", "value": SEVERAL}] if len(chosen) > 1 else []


def type_options(dataset: Dataset) -> Options:
    """Return all crime and every crime type of the dataset."""
    return [
        {"label": "All crime", "value": ALL_CRIME},
        *({"label": kind.name, "value": kind.slug} for kind in dataset.crime_types),
    ]


def month_options(dataset: Dataset) -> Options:
    """Return the months of the dataset, the most recent first."""
    months = sorted(dataset.months, key=month_number, reverse=True)
    return [{"label": month_label(month), "value": month} for month in months]


def preset_options(dataset: Dataset, selection: Selection) -> Options:
    """Return the named periods, and "Own period" while the months match none of them."""
    options: Options = [
        {"label": preset.label, "value": preset.slug} for preset in presets(dataset)
    ]
    if preset_of(dataset, selection.first, selection.last) == CUSTOM:
        options.insert(0, {"label": "Own period", "value": CUSTOM, "disabled": True})
    return options


def _one_of(chosen: tuple[str, ...], everything: str) -> str:
    if len(chosen) > 1:
        return SEVERAL
    return chosen[0] if chosen else everything


def values(dataset: Dataset, selection: Selection) -> dict[str, Any]:
    """Return the values of the controls that show `selection`."""
    return {
        f"{ids.FORCE}.value": DRAWN if selection.shape else _one_of(selection.forces, NATION),
        f"{ids.DISTRICT}.value": _one_of(selection.districts, ALL_DISTRICTS),
        f"{ids.TYPES}.value": list(selection.types),
        f"{ids.PRESET}.value": preset_of(dataset, selection.first, selection.last),
        f"{ids.FIRST}.value": selection.first,
        f"{ids.LAST}.value": selection.last,
        f"{ids.LEVEL}.value": selection.level,
        f"{ids.MEASURE}.value": selection.measure,
        f"{ids.DENOMINATOR}.value": selection.denominator,
    }


def options(dataset: Dataset, selection: Selection) -> dict[str, Options]:
    """Return the entries of the controls whose entries depend on `selection`."""
    return {
        f"{ids.FORCE}.options": force_options(dataset, selection),
        f"{ids.DISTRICT}.options": district_options(dataset, selection),
        f"{ids.PRESET}.options": preset_options(dataset, selection),
    }


def show(asked: Asked) -> Mapping[str, Any]:
    """Return the entries that are not in the controls already."""
    before = options(asked.dataset, asked.before) if asked.before else {}
    return other_than(options(asked.dataset, asked.selection), before)


def layout(opening: Opening) -> html.Form:
    """Return the filter bar; the values are filled in from the link."""
    dataset = opening.dataset
    levels = [{"label": label.partition(" (")[0], "value": slug} for slug, label in LEVELS.items()]
    measures = [{"label": measure.label, "value": slug} for slug, measure in MEASURES.items()]
    denominators = [
        {"label": entry.label[:1].upper() + entry.label[1:], "value": entry.slug}
        for entry in dataset.denominators
    ]
    controls = [
        drop_down("Police force", ids.FORCE, []),
        drop_down("District", ids.DISTRICT, []),
        drop_down("Crime types", ids.TYPES, type_options(dataset), multi=True),
        drop_down("Period", ids.PRESET, []),
        drop_down("From", ids.FIRST, month_options(dataset)),
        drop_down("To", ids.LAST, month_options(dataset)),
        drop_down("Areas", ids.LEVEL, levels, searchable=False),
        drop_down("Map shows", ids.MEASURE, measures, searchable=False),
        drop_down("Rate per", ids.DENOMINATOR, denominators, searchable=False),
    ]
    return html.Form(
        html.Details(
            [
                html.Summary("Filters", className="filters-summary"),
                html.Div(controls, className="filters"),
            ],
            open=True,
            id=ids.FILTERS,
        ),
        role="search",
        className="filter-bar",
        **theme.aria(label="Filters"),
    )


_PLACE = text(LONGEST_VALUE)

PANEL = Panel(
    "filters",
    layout,
    Slot.BAR,
    outputs=tuple(f"{control}.options" for control in (ids.FORCE, ids.DISTRICT, ids.PRESET)),
    follows=Part.FIGURES,
    show=show,
    values=values,
    controls={
        f"{ids.FORCE}.value": Control(moves.with_force, _PLACE),
        f"{ids.DISTRICT}.value": Control(moves.with_district, _PLACE),
        f"{ids.TYPES}.value": Control(moves.with_types, texts(MOST_VALUES)),
        f"{ids.PRESET}.value": Control(moves.with_preset, text(LONGEST_VALUE)),
        f"{ids.FIRST}.value": Control(moves.with_first, text(LONGEST_VALUE)),
        f"{ids.LAST}.value": Control(moves.with_last, text(LONGEST_VALUE)),
        f"{ids.LEVEL}.value": Control(moves.with_level, one_of(*LEVELS)),
        f"{ids.MEASURE}.value": Control(moves.with_measure, is_measure),
        f"{ids.DENOMINATOR}.value": Control(moves.with_denominator, text(LONGEST_VALUE)),
    },
)
