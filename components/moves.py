"""How the reader moves: pure functions that lead from one Selection to the next.

The link is the state: whatever is done changes the Selection, and so the link. Each panel says in
its record which of these a control of it leads to.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from analysis.periods import presets
from analysis.places import Place
from analysis.scope import area_count
from analysis.selection import NotFollowedError, Selection
from analysis.shape import Shape
from analysis.vocabulary import ALL_CRIME, AREA_WORDS, AS_SUPPLIED, MEASURES, WHOLE_SPAN
from data_pipeline.dataset import Dataset

APART = (
    "All crime types are chosen as “All crime”: anti-social behaviour counts incidents, not "
    "crimes, and is kept apart"
)
NATION = "england-and-wales"
ALL_DISTRICTS = "all-districts"
SEVERAL = "several"
DRAWN = "drawn"
"""Entries of the choosers of places that are no police force and no district."""


class FollowedOtherwiseError(NotFollowedError):
    """What the reader asked for is done in another way; the message says how.

    Attributes
    ----------
    selection : Selection
        Where it leads.
    """

    def __init__(self, message: str, selection: Selection) -> None:
        super().__init__(message)
        self.selection = selection


def with_force(selection: Selection, slug: str, dataset: Dataset) -> Selection:
    """Show one force's neighbourhoods, or the nation's districts."""
    forces = () if slug == NATION else (slug,)
    kept = forces == selection.forces and not selection.shape
    if kept or slug in (SEVERAL, DRAWN):
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
    districts = () if code == ALL_DISTRICTS else (code,)
    if districts == selection.districts or code == SEVERAL:
        return selection
    if not districts:
        return replace(selection, districts=(), shape=(), area=None, view=None)
    force = _force_of(code, dataset)
    if force is None:
        raise NotFollowedError(f"There is no district {code!r}")
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


def with_added(selection: Selection, place: str | None, dataset: Dataset) -> Selection:
    """Add a force to the chosen forces, or a district to the chosen districts."""
    if not place or place in (*selection.forces, *selection.districts):
        return selection
    kept = replace(selection, shape=(), area=None, view=None)
    if place in {force.slug for force in dataset.forces}:
        return replace(kept, forces=(*selection.forces, place), districts=())
    force = _force_of(place, dataset)
    if force is None:
        raise NotFollowedError(f"There is no force and no district {place!r}")
    forces = tuple(dict.fromkeys((*selection.forces, force)))
    return replace(kept, forces=forces, districts=(*selection.districts, place))


def without_place(selection: Selection, place: str, dataset: Dataset) -> Selection:
    """Take a force or a district out of the chosen ones; where none is left, go one up."""
    kept = replace(selection, area=None, view=None)
    districts = tuple(code for code in selection.districts if code != place)
    if not selection.districts:
        forces = tuple(slug for slug in selection.forces if slug != place)
        return replace(kept, forces=forces)
    if not districts:
        return replace(kept, districts=())
    areas = dataset.areas
    of_those = areas.loc[areas["lad_code"].isin(districts), "force"].unique()
    forces = tuple(slug for slug in selection.forces if slug in of_those)
    return replace(kept, forces=forces, districts=districts)


def _force_of(district: str, dataset: Dataset) -> str | None:
    """Return the slug of the force in which a district lies; None where there is no such one."""
    found = dataset.areas.loc[dataset.areas["lad_code"] == district, "force"]
    return str(found.iloc[0]) if len(found) else None


def with_types(selection: Selection, slugs: list[str], dataset: Dataset) -> Selection:
    """Choose crime types; all crime and single types replace each other."""
    if set(slugs) == set(selection.types):
        return selection
    if {kind.slug for kind in dataset.crime_types} <= set(slugs):
        total = replace(selection, types=(ALL_CRIME,))
        raise FollowedOtherwiseError(APART, total)
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
    for preset in presets(dataset):
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
    """Choose what is drawn; own breaks are of one measure only, and change has its own order."""
    if measure == selection.measure:
        return selection
    reordered = MEASURES[measure].order != MEASURES[selection.measure].order
    sort = "" if reordered else selection.sort
    return replace(selection, measure=measure, breaks=(), sort=sort)


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


def with_row(selection: Selection, code: str, dataset: Dataset) -> Selection:
    """Choose the area of the row and bring it into view."""
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

    Raises
    ------
    NotFollowedError
        If no neighbourhood lies in it either.
    """
    group = replace(selection, shape=shape, area=None, view=None)
    if area_count(dataset, group.scope):
        return group
    smaller = replace(group, level="lsoa")
    if area_count(dataset, smaller.scope):
        return smaller
    within = replace(selection, shape=()).place_label(dataset)
    one = AREA_WORDS[smaller.level][0]
    raise NotFollowedError(f"No {one} of {within} has its middle inside what was drawn")


def with_other_series(selection: Selection, clicks: int | None, dataset: Dataset) -> Selection:
    """Draw the forces that supply the whole span, or every month as supplied."""
    if not clicks:
        return selection
    other = AS_SUPPLIED if selection.series == WHOLE_SPAN else WHOLE_SPAN
    return replace(selection, series=other)


def without_area(selection: Selection, clicks: int | None, dataset: Dataset) -> Selection:
    """Let go of the chosen area; the view stays."""
    return replace(selection, area=None) if clicks else selection


def up(selection: Selection, clicks: int | None, dataset: Dataset) -> Selection:
    """Go from a group to what it was drawn in, from a district to its force, then to the nation."""
    if not clicks:
        return selection
    if selection.shape or selection.districts:
        return replace(one_up(selection), area=None, view=None)
    return with_force(selection, NATION, dataset)


def one_up(selection: Selection) -> Selection:
    """Return the selection of the next larger scope."""
    if selection.shape:
        return replace(selection, shape=())
    if selection.districts:
        return replace(selection, districts=())
    return replace(selection, forces=())
