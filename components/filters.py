"""The filter bar: which force, district, crime types, period, level, measure and denominator."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from dash import dcc, html

from analysis.selection import ALL_CRIME, LEVELS, MEASURES, Selection
from data_pipeline.dataset import Dataset, add_months, month_label, month_number

from . import ids, theme

NATION = "england-and-wales"
ALL_DISTRICTS = "all-districts"
SEVERAL = "several"
DRAWN = "drawn"
CUSTOM = "custom"

Options = list[dict[str, Any]]


@dataclass(frozen=True)
class Preset:
    """A period with a name, such as a calendar year; both months are included."""

    slug: str
    label: str
    first: str
    last: str


def presets(dataset: Dataset) -> tuple[Preset, ...]:
    """Return the named periods that lie wholly inside the dataset, the most recent first."""
    start, end = dataset.months[0], dataset.months[-1]
    spans = [(f"last-{count}", f"Last {count} months", count) for count in (12, 3, 6, 24)]
    found = [
        Preset(slug, label, add_months(end, 1 - count), end)
        for slug, label, count in spans
        if count <= len(dataset.months)
    ]
    years = range(int(end[:4]), int(start[:4]) - 2, -1)
    for year in years:
        found.append(Preset(f"year-{year}", f"Calendar {year}", f"{year}-01", f"{year}-12"))
    for year in years:
        label = f"Financial {year}/{(year + 1) % 100:02d}"
        found.append(Preset(f"financial-{year}", label, f"{year}-04", f"{year + 1}-03"))
    found.append(Preset("all", f"All {len(dataset.months)} months", start, end))
    return tuple(preset for preset in found if start <= preset.first and preset.last <= end)


def preset_of(dataset: Dataset, first: str, last: str) -> str:
    """Return the slug of the named period from `first` to `last`, or CUSTOM."""
    return next(
        (
            preset.slug
            for preset in presets(dataset)
            if (preset.first, preset.last) == (first, last)
        ),
        CUSTOM,
    )


def force_options(dataset: Dataset, selection: Selection) -> Options:
    """Return the nation and every force; one that never supplied data says so.

    A group drawn on the map is an entry of its own, as are several forces that a link names.
    """
    forces = [
        {
            "label": force.name if dataset.supplied[:, index].any() else f"{force.name} (no data)",
            "value": force.slug,
        }
        for index, force in enumerate(dataset.forces)
    ]
    forces.sort(key=lambda option: str(option["label"]))
    nation = {"label": "England and Wales", "value": NATION}
    drawn = [{"label": "Drawn on the map", "value": DRAWN}] if selection.shape else []
    return [*drawn, nation, *_several(selection.forces, "police forces"), *forces]


def district_options(dataset: Dataset, selection: Selection) -> Options:
    """Return the districts of the chosen forces, by name."""
    areas = dataset.areas
    if selection.forces:
        areas = areas[areas["force"].isin(selection.forces)]
    districts = areas.drop_duplicates("lad_code").sort_values("lad_name")
    everything = {"label": "All districts", "value": ALL_DISTRICTS}
    single = [
        {"label": name, "value": code}
        for code, name in zip(districts["lad_code"], districts["lad_name"], strict=True)
    ]
    return [everything, *_several(selection.districts, "districts"), *single]


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
        options.insert(0, {"label": "Own period", "value": CUSTOM})
    return options


def layout(dataset: Dataset) -> html.Form:
    """Return the filter bar; the values are filled in from the link."""
    levels = [{"label": label.partition(" (")[0], "value": slug} for slug, label in LEVELS.items()]
    measures = [{"label": measure.label, "value": slug} for slug, measure in MEASURES.items()]
    denominators = [
        {"label": entry.label[:1].upper() + entry.label[1:], "value": entry.slug}
        for entry in dataset.denominators
    ]
    controls = [
        control("Police force", ids.FORCE, []),
        control("District", ids.DISTRICT, []),
        control("Crime types", ids.TYPES, type_options(dataset), multi=True),
        control("Period", ids.PRESET, []),
        control("From", ids.FIRST, month_options(dataset)),
        control("To", ids.LAST, month_options(dataset)),
        control("Areas", ids.LEVEL, levels, searchable=False),
        control("Map shows", ids.MEASURE, measures, searchable=False),
        control("Rate per", ids.DENOMINATOR, denominators, searchable=False),
    ]
    return html.Form(
        html.Details(
            [
                html.Summary("Filters", className="filters-summary"),
                html.Div(controls, className="filters"),
            ],
            open=True,
            id="filters",
        ),
        role="search",
        className="filter-bar",
        **theme.aria(label="Filters"),
    )


def control(label: str, component_id: str, options: Options, **properties: Any) -> html.Div:
    """Return a labelled drop-down; the link fills in its value."""
    return html.Div(
        [
            html.Label(label, htmlFor=component_id, id=f"{component_id}-label"),
            dcc.Dropdown(
                id=component_id, options=options, clearable=False, maxHeight=360, **properties
            ),
        ],
        className="control",
    )
