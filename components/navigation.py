"""How the reader moves: every control, click and link leads from one Selection to the next.

The link is the state. A control changes the Selection and so the link; the link is read back,
falling back field by field, and fills the controls and feeds the panels. The functions here are
pure; the two callbacks only connect them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from dash import ClientsideFunction, Dash, Input, Output, State, ctx, html, no_update
from dash.exceptions import PreventUpdate

from analysis.places import Place
from analysis.scope import area_count
from analysis.selection import ALL_CRIME, Selection, is_bare
from analysis.shape import Shape
from data_pipeline.dataset import Dataset

from . import class_controls, filters, ids
from .map_view import parse_view
from .text_box import text_id

OpenDataset = Callable[[], Dataset]
Change = Callable[[Selection, Any, Dataset], Selection]


def with_force(selection: Selection, slug: str, dataset: Dataset) -> Selection:
    """Show one force's neighbourhoods, or the nation's districts."""
    forces = () if slug == filters.NATION else (slug,)
    kept = forces == selection.forces and not selection.shape
    if kept or slug in (filters.SEVERAL, filters.DRAWN):
        return selection
    level = selection.level
    if not forces and level == "lsoa":
        level = "lad"
    elif forces and level in ("lad", "force"):
        level = "lsoa"
    return replace(
        selection, forces=forces, districts=(), shape=(), level=level, area=None, view=None
    )


def with_district(selection: Selection, code: str, dataset: Dataset) -> Selection:
    """Show one district's neighbourhoods, or leave the district for its force."""
    districts = () if code == filters.ALL_DISTRICTS else (code,)
    if districts == selection.districts or code == filters.SEVERAL:
        return selection
    if not districts:
        return replace(selection, districts=(), shape=(), area=None, view=None)
    areas = dataset.areas
    force = str(areas.loc[areas["lad_code"] == code, "force"].iloc[0])
    level = selection.level if selection.level == "ward" else "lsoa"
    return replace(
        selection,
        forces=(force,),
        districts=districts,
        shape=(),
        level=level,
        area=None,
        view=None,
    )


def with_types(selection: Selection, slugs: list[str], dataset: Dataset) -> Selection:
    """Choose crime types; all crime and single types replace each other."""
    if set(slugs) == set(selection.types):
        return selection
    added = [slug for slug in slugs if slug not in selection.types]
    if ALL_CRIME in added or not slugs:
        return replace(selection, types=(ALL_CRIME,))
    kept = slugs if _only_incidents(added, dataset) else [s for s in slugs if s != ALL_CRIME]
    return replace(selection, types=tuple(kept or [ALL_CRIME]))


def _only_incidents(slugs: list[str], dataset: Dataset) -> bool:
    """Tell whether all of `slugs` may stand beside all crime: those that are not part of it."""
    crimes = {kind.slug for kind in dataset.crime_types if kind.is_crime}
    return not crimes.intersection(slugs)


def with_preset(selection: Selection, slug: str, dataset: Dataset) -> Selection:
    """Choose a named period."""
    for preset in filters.presets(dataset):
        if preset.slug == slug:
            return replace(selection, first=preset.first, last=preset.last)
    return selection


def with_first(selection: Selection, month: str, dataset: Dataset) -> Selection:
    """Choose the first month; a last month before it moves along."""
    return replace(selection, first=month, last=max(month, selection.last))


def with_last(selection: Selection, month: str, dataset: Dataset) -> Selection:
    """Choose the last month; a first month after it moves along."""
    return replace(selection, last=month, first=min(month, selection.first))


def with_level(selection: Selection, level: str, dataset: Dataset) -> Selection:
    """Choose the areas that are ranked and drawn."""
    if level == selection.level:
        return selection
    return replace(selection, level=level, area=None)


def with_measure(selection: Selection, measure: str, dataset: Dataset) -> Selection:
    """Choose what is drawn; own breaks are of one measure only."""
    if measure == selection.measure:
        return selection
    return replace(selection, measure=measure, breaks=())


def with_basemap(selection: Selection, basemap: str, dataset: Dataset) -> Selection:
    """Choose the map's background."""
    return replace(selection, basemap=basemap)


def with_denominator(selection: Selection, denominator: str, dataset: Dataset) -> Selection:
    """Choose what counts are divided by."""
    return replace(selection, denominator=denominator)


def with_search(selection: Selection, text: str | None, dataset: Dataset) -> Selection:
    """Narrow the table to the areas that match a text."""
    return replace(selection, search=text or "")


def with_sort(selection: Selection, sort: str | None, dataset: Dataset) -> Selection:
    """Order the table."""
    return replace(selection, sort=sort) if sort else selection


def with_map_click(selection: Selection, click: Any, dataset: Dataset) -> Selection:
    """Follow a click on the map: go down from the nation, otherwise choose the area.

    A dot is too small to outline, so the map goes to its area.
    """
    if not click:
        return selection
    code, is_dot = pointed_code(click)
    if not selection.is_narrowed:
        if selection.level == "lad":
            return with_district(selection, code, dataset)
        if selection.level == "force":
            return with_force(selection, code, dataset)
    return replace(selection, area=code, view=None if is_dot else selection.view)


def pointed_code(event: dict[str, Any]) -> tuple[str, bool]:
    """Return the code of the area that the reader points at, and whether it is drawn as a dot."""
    point = event["points"][0]
    return (str(point["location"]), False) if "location" in point else (point["customdata"], True)


def with_row(selection: Selection, rows: Any, dataset: Dataset) -> Selection:
    """Choose the area of the row and bring it into view."""
    if not rows:
        return selection
    code = str(rows[0]["code"])
    if code == selection.area:
        return selection
    return replace(selection, area=code, view=None)


def with_place(selection: Selection, found: Place, dataset: Dataset) -> Selection:
    """Go to a force, a district, a ward or a neighbourhood."""
    if found.kind == "force":
        return with_force(replace(selection, forces=()), found.code, dataset)
    if found.kind == "lad":
        return with_district(replace(selection, districts=()), found.code, dataset)
    return replace(
        selection,
        forces=(found.force,),
        districts=(),
        shape=(),
        level=found.kind,
        area=found.code,
        view=None,
    )


def with_shape(selection: Selection, shape: Shape, dataset: Dataset) -> Selection:
    """Make a group of the areas in a shape drawn on the map.

    Where it is too small for the areas shown it picks neighbourhoods.
    """
    group = replace(selection, shape=shape, area=None, view=None)
    return group if area_count(dataset, group.scope) else replace(group, level="lsoa")


def without_area(selection: Selection, clicks: int | None, dataset: Dataset) -> Selection:
    """Let go of the chosen area; the view stays."""
    return replace(selection, area=None) if clicks else selection


def up(selection: Selection, clicks: int | None, dataset: Dataset) -> Selection:
    """Go from a group to what it was drawn in, from a district to its force, then to the nation."""
    if not clicks:
        return selection
    if selection.shape or selection.districts:
        return replace(one_up(selection), area=None, view=None)
    return with_force(selection, filters.NATION, dataset)


def one_up(selection: Selection) -> Selection:
    """Return the selection of the next larger scope."""
    if selection.shape:
        return replace(selection, shape=())
    if selection.districts:
        return replace(selection, districts=())
    return replace(selection, forces=())


CHANGES: dict[tuple[str, str], Change] = {
    (ids.FORCE, "value"): with_force,
    (ids.DISTRICT, "value"): with_district,
    (ids.TYPES, "value"): with_types,
    (ids.PRESET, "value"): with_preset,
    (ids.FIRST, "value"): with_first,
    (ids.LAST, "value"): with_last,
    (ids.LEVEL, "value"): with_level,
    (ids.MEASURE, "value"): with_measure,
    (ids.DENOMINATOR, "value"): with_denominator,
    (text_id(ids.SEARCH), "data"): with_search,
    (ids.SORT, "data"): with_sort,
    (ids.CLASSING, "value"): class_controls.with_classing,
    (text_id(ids.BREAKS), "data"): class_controls.with_breaks,
    (ids.PIN, "n_clicks"): class_controls.with_pin,
    (ids.BASEMAP, "value"): with_basemap,
    (ids.MAP, "clickData"): with_map_click,
    (ids.TABLE, "selectedRows"): with_row,
    (ids.CLEAR, "n_clicks"): without_area,
    (ids.BACK, "n_clicks"): up,
}
"""What a reader can do, and where it leads. A new control is one entry here."""


CONTROLS = (
    *(ids.FORCE, ids.DISTRICT, ids.TYPES, ids.PRESET, ids.FIRST, ids.LAST),
    *(ids.LEVEL, ids.MEASURE, ids.DENOMINATOR, ids.CLASSING, ids.BASEMAP),
)
"""Controls whose value is filled in from the link."""

TEXTS = (ids.SEARCH, ids.BREAKS)
"""Text boxes that are filled in from the link."""

OPTIONS = (ids.FORCE, ids.DISTRICT, ids.PRESET)
"""Controls whose entries depend on the link."""

STORES = (ids.FIGURES, ids.FOCUS, ids.LISTING)
"""Stores that panels follow; each is rewritten only when its own part of the link changes."""


def read_link(search: str, dataset: Dataset) -> tuple[Selection, tuple[str, ...]]:
    """Return the Selection of a link and one sentence for each part that had to be replaced."""
    if is_bare(search):
        return Selection.opening(dataset), ()
    return Selection.from_query(search, dataset)


def control_values(selection: Selection, dataset: Dataset) -> dict[str, Any]:
    """Return the values and options of the controls that show `selection`."""
    return {
        ids.FORCE: filters.DRAWN if selection.shape else _one_of(selection.forces, filters.NATION),
        ids.DISTRICT: _one_of(selection.districts, filters.ALL_DISTRICTS),
        ids.TYPES: list(selection.types),
        ids.PRESET: filters.preset_of(dataset, selection.first, selection.last),
        ids.FIRST: selection.first,
        ids.LAST: selection.last,
        ids.LEVEL: selection.level,
        ids.MEASURE: selection.measure,
        ids.DENOMINATOR: selection.denominator,
        ids.CLASSING: class_controls.classing(selection),
        ids.BASEMAP: selection.basemap,
    }


def text_values(selection: Selection) -> dict[str, str]:
    """Return what the text boxes hold that show `selection`."""
    return {ids.SEARCH: selection.search, ids.BREAKS: class_controls.breaks_text(selection)}


def option_values(selection: Selection, dataset: Dataset) -> dict[str, filters.Options]:
    """Return the entries of the controls whose entries depend on `selection`."""
    return {
        ids.FORCE: filters.force_options(dataset, selection),
        ids.DISTRICT: filters.district_options(dataset, selection),
        ids.PRESET: filters.preset_options(dataset, selection),
    }


def changed(wanted: dict[str, Any], known: dict[str, Any]) -> dict[str, Any]:
    """Return what is wanted, without what is there already: it need not travel again."""
    return {
        name: no_update if name in known and known[name] == value else value
        for name, value in wanted.items()
    }


def _one_of(chosen: tuple[str, ...], everything: str) -> str:
    if len(chosen) > 1:
        return filters.SEVERAL
    return chosen[0] if chosen else everything


def store_values(selection: Selection) -> dict[str, str]:
    """Return what the panels' stores hold; a panel is fed only when its own part changes."""
    figures = selection.figures_key()
    return {
        ids.FIGURES: figures.to_query(),
        ids.FOCUS: replace(figures, area=selection.area).to_query(),
        ids.LISTING: replace(figures, search=selection.search, sort=selection.sort).to_query(),
    }


def from_store(query: str, dataset: Dataset) -> Selection:
    """Return the Selection that a store holds."""
    return Selection.from_query(query, dataset)[0]


def notes_layout(notes: tuple[str, ...]) -> list[Any]:
    """Return the notice that says which parts of a link could not be followed."""
    if not notes:
        return []
    return [
        html.Div(
            [html.Strong("This link could not be followed exactly. "), *(f"{n} " for n in notes)],
            className="notice",
            role="status",
        )
    ]


def register(app: Dash, open_dataset: OpenDataset) -> None:
    """Connect controls, link and stores."""

    @app.callback(
        Output(ids.GO, "data"),
        *[Input(component, prop) for component, prop in CHANGES],
        State(ids.SELECTION, "data"),
        State(ids.VIEW, "data"),
        prevent_initial_call=True,
    )
    def go(*values: Any) -> str:
        *given, query, view = values
        if query is None:
            raise PreventUpdate
        dataset = open_dataset()
        before = replace(from_store(query, dataset), view=parse_view(view))
        after = before
        acted = set(ctx.triggered_prop_ids)
        for (component, prop), value in zip(CHANGES, given, strict=True):
            if f"{component}.{prop}" in acted and value is not None:
                after = CHANGES[component, prop](after, value, dataset)
        if after == before:
            raise PreventUpdate
        return "?" + after.to_query()

    app.clientside_callback(
        ClientsideFunction("crime_atlas", "follow_link"),
        Output(ids.LINK, "data"),
        Input(ids.LINK, "id"),
    )
    for box in TEXTS:
        app.clientside_callback(
            ClientsideFunction("crime_atlas", "show_text"),
            Input(text_id(box), "data"),
            State(text_id(box), "id"),
            prevent_initial_call=True,
        )
    app.clientside_callback(
        ClientsideFunction("crime_atlas", "go"),
        Input(ids.GO, "data"),
        prevent_initial_call=True,
    )

    @app.callback(
        output={
            "selection": Output(ids.SELECTION, "data"),
            "stores": {store: Output(store, "data") for store in STORES},
            "values": {control: Output(control, "value") for control in CONTROLS},
            "texts": {box: Output(text_id(box), "data") for box in TEXTS},
            "options": {control: Output(control, "options") for control in OPTIONS},
            "notes": Output(ids.NOTES, "children"),
        },
        inputs={"search": Input(ids.LINK, "data")},
        state={
            "query": State(ids.SELECTION, "data"),
            "stores": {store: State(store, "data") for store in STORES},
            "values": {control: State(control, "value") for control in CONTROLS},
            "texts": {box: State(text_id(box), "data") for box in TEXTS},
        },
    )
    def read(
        *,
        search: str | None,
        query: str | None,
        stores: dict[str, Any],
        values: dict[str, Any],
        texts: dict[str, Any],
    ) -> dict[str, Any]:
        if search is None:
            raise PreventUpdate
        dataset = open_dataset()
        selection, notes = read_link(search, dataset)
        known = option_values(from_store(query, dataset), dataset) if query else {}
        return {
            "selection": selection.to_query(),
            "stores": changed(store_values(selection), stores),
            "values": changed(control_values(selection, dataset), values),
            "texts": changed(text_values(selection), texts),
            "options": changed(option_values(selection, dataset), known),
            "notes": notes_layout(notes),
        }
