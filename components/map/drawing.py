"""What the map draws: the blank figure, and the Patches that fill and colour it.

Rates and densities colour the areas. Counts follow the size of an area, so they are never drawn
as colours but as circles that grow with the count.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import plotly.graph_objects as go
from dash import Patch
from numpy.typing import NDArray

from analysis.area_table import AreaTable, area_table
from analysis.classes import NO_DATA_CLASS, NONE_CLASS, PART_CLASS, Classes
from analysis.places import place
from analysis.scope import only_force
from analysis.selection import MapView, Selection
from analysis.shape import Shape
from analysis.vocabulary import MEASURES, Measure
from data_pipeline.dataset import Dataset

from ..palette import LIGHT, Palette
from .style import DOTS_PLACE, FORCE_NAMES, LAND_PLACE, geometry_url, style
from .view import detail_force

NOTHING: dict[str, Any] = {"type": "FeatureCollection", "features": []}

UNSEEN_LAYER: dict[str, Any] = {"visible": False}
"""One layer more. A new style drops every layer, and plotly adds them again only where their number
has changed; otherwise it stops at the first that is not there, and the map stays as it was."""

DOTS_PICTURE: dict[str, Any] = {
    "sourcetype": "image",
    "source": "data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7",
    "coordinates": [[-8.0, 61.0], [3.0, 61.0], [3.0, 49.0], [-8.0, 49.0]],
    "type": "raster",
    "opacity": 0.95,
    "below": DOTS_PLACE,
}
"""The nation's dots as one picture; empty, until the browser has painted it."""

HATCH_LINES = 55
"""Slanting lines side by side over a force or the nation without figures."""

CIRCLE_RADII = (1.0, 1.5, 2.5, 4.0, 6.0, 9.5, 14.0)
"""Radius in pixels of the circles of each class of counts, from few to many."""
CIRCLE_OPACITY = 0.45


@dataclass(frozen=True, eq=False)
class Drawing:
    """What the map draws for a Selection.

    Attributes
    ----------
    dataset : Dataset
    selection : Selection
    home : str or None
        The force in which all of the scope lies.
    layer : str
        File of the areas' layer.
    borders : tuple of str
        Files of layers drawn as lines over it.
    table : AreaTable
        One row per area drawn.
    measure : Measure
    classes : Classes
        From the whole nation, so that one colour means one value in every view.
    palette : Palette
    dots : bool
        True where more than one force's neighbourhoods are shown: as dots over pale land.
    force : str or None
        With dots, the force that is drawn as areas because the reader is close to it.
    """

    dataset: Dataset = field(repr=False)
    selection: Selection
    home: str | None
    layer: str
    borders: tuple[str, ...]
    table: AreaTable = field(repr=False)
    measure: Measure
    classes: Classes
    palette: Palette = field(default=LIGHT, repr=False)
    dots: bool = False
    force: str | None = None

    @cached_property
    def positions(self) -> NDArray[np.intp]:
        """The areas among those of their level, in the order in which the map holds them."""
        return np.sort(self.table.order)

    def column(self, name: str) -> Any:
        """Return a column of the area table, in the order in which the map holds the areas."""
        return self.table.national.values(name, self.positions)

    @property
    def values(self) -> NDArray[np.float64]:
        """The measure of each area as it is printed, NaN where there is none."""
        return self.table.printed(self.positions)

    @cached_property
    def numbers(self) -> NDArray[np.int8]:
        """The class of each area: as `classes` numbers them, or PART_CLASS.

        NONE_CLASS holds areas with none, or those whose change may be chance.
        """
        numbers = self.classes.of(self.values)
        if self.classes.diverging:
            unclear = ~self.column("change_clear")
            numbers[unclear & (numbers > NONE_CLASS)] = NONE_CLASS
        supplied = self.column("months_supplied")
        part = ~self.column("has_data") & (supplied > 0) & (supplied < self.table.months)
        numbers[part] = PART_CLASS
        return numbers

    @property
    def coloured(self) -> bool:
        """Whether classes are colours; counts of areas are circles instead."""
        return self.measure.per_area or self.dots

    @property
    def colours(self) -> list[str]:
        """The colours from PART_CLASS on to the last class.

        Where classes are circles the areas are as pale as "none".
        """
        missing = [self.palette.part, self.palette.no_data]
        none = self.palette.none
        if not self.coloured:
            return [*missing, none, *[none] * self.classes.count]
        if self.classes.diverging:
            return [*missing, none, *self.palette.change_steps(self.classes.directions)]
        return [*missing, none, *self.palette.steps(self.classes.count)]

    @property
    def filled(self) -> tuple[list[str], list[int]]:
        """The codes of the areas that are filled, and their classes; none where all are dots."""
        if not self.dots:
            return self.column("code").tolist(), self.numbers.tolist()
        inside = self.column("force") == self.force
        return self.column("code")[inside].tolist(), self.numbers[inside].tolist()

    @property
    def radii(self) -> tuple[float, ...]:
        """The radius of the circles of every class above none."""
        return CIRCLE_RADII[-self.classes.count :]

    @cached_property
    def silent(self) -> dict[int, tuple[str, ...]]:
        """The forces without any figure: those of NO_DATA_CLASS and those of PART_CLASS."""
        highest = np.full(len(self.table.units.forces), np.iinfo(np.int8).min, dtype=np.int8)
        of_force = self.table.units.of_force[self.positions]
        np.maximum.at(highest, of_force, self.numbers)
        return {
            number: tuple(sorted(self.table.units.forces[highest == number]))
            for number in (NO_DATA_CLASS, PART_CLASS)
        }


def drawing(
    dataset: Dataset,
    selection: Selection,
    view: MapView | None = None,
    palette: Palette = LIGHT,
) -> Drawing:
    """Return what the map draws for `selection`.

    Parameters
    ----------
    dataset : Dataset
    selection : Selection
    view : MapView or None
        Where the map is: close to the neighbourhoods of one of several forces, that force is drawn
        as areas.
    palette : Palette
        The colours of the page.
    """
    table = area_table(dataset, selection)
    home = only_force(dataset, selection.scope)
    dotted = is_dotted(selection, home)
    close_to = detail_force(dataset, view) if dotted and view else None
    level, force = selection.level, home
    if dotted:
        level, force = ("lsoa", close_to) if close_to else ("force", None)
    return Drawing(
        dataset=dataset,
        selection=selection,
        home=home,
        layer=dataset.layer(level, force).file,
        borders=_borders(dataset, selection.level, home),
        table=table,
        measure=MEASURES[selection.measure],
        classes=table.classes,
        palette=palette,
        dots=dotted,
        force=close_to,
    )


def is_dotted(selection: Selection, home: str | None) -> bool:
    """Tell whether the map draws dots: the neighbourhoods of more than one force.

    Parameters
    ----------
    selection : Selection
    home : str or None
        The force in which all of its scope lies.
    """
    return selection.level == "lsoa" and home is None


def _borders(dataset: Dataset, level: str, home: str | None) -> tuple[str, ...]:
    if home is not None:
        return (dataset.layer("lad", home).file,) if level in ("lsoa", "ward") else ()
    return (dataset.layer("force", None).file,) if level != "force" else ()


def blank_figure(dataset: Dataset) -> go.Figure:
    """Return the map before any figures: a sheet that later Patches colour."""
    areas = go.Choroplethmap(
        geojson=NOTHING,
        locations=[],
        z=[],
        featureidkey="id",
        below=FORCE_NAMES,
        showscale=False,
        hoverinfo="none",
        marker={"line": {"width": 0.4, "color": LIGHT.edge}, "opacity": 1},
    )
    figure = go.Figure(areas)
    figure.update_layout(
        map={
            "style": style(dataset),
            "center": {"lat": 52.7, "lon": -2.0},
            "zoom": 5.2,
            "layers": [],
        },
        margin={"l": 0, "r": 0, "t": 0, "b": 0},
        paper_bgcolor="rgba(0,0,0,0)",
        uirevision="map",
        hovermode="closest",
    )
    return figure


def draw_places(patch: Patch, drawn: Drawing) -> None:
    """Write which areas there are into a Patch: their layer's address and their codes."""
    areas = patch["data"][0]
    areas["geojson"] = geometry_url(drawn.layer)
    areas["locations"] = drawn.filled[0]


def draw_values(patch: Patch, drawn: Drawing) -> None:
    """Write the areas' class numbers and colours into a Patch."""
    areas = patch["data"][0]
    areas["z"] = drawn.filled[1]
    areas["marker"]["line"]["color"] = drawn.palette.edge
    areas["colorscale"] = stepped_scale(drawn.colours)
    areas["zmin"] = PART_CLASS - 0.5
    areas["zmax"] = PART_CLASS + len(drawn.colours) - 0.5


def stepped_scale(steps: list[str]) -> list[list[Any]]:
    """Return a colour scale of equal steps for class numbers."""
    count = len(steps)
    return [
        [edge / count, colour] for index, colour in enumerate(steps) for edge in (index, index + 1)
    ]


def overlays(drawn: Drawing, *, with_land: bool = True) -> list[dict[str, Any]]:
    """Return what lies under and over the areas.

    In this order: land (with the borders of forces around a group), the picture of the dots,
    hatching, circles, borders, what was drawn, the chosen area's outline.
    """
    shape, palette = drawn.selection.shape, drawn.palette
    layers = []
    if with_land and (drawn.dots or shape):
        layers.append(_land(drawn.dataset, palette))
    if drawn.dots:
        layers.append(DOTS_PICTURE)
    if shape and not drawn.dots:
        around = drawn.dataset.layer("force", None).file
        layers.append(_line(geometry_url(around), palette.border, 0.6))
    layers += hatches(drawn)
    if not drawn.coloured:
        layers += _circles(drawn)
    layers += [_line(geometry_url(file), palette.border, 1.0) for file in drawn.borders]
    if shape:
        layers.append(_line(ring(shape), palette.around_chosen, 4.0))
        layers.append(_line(ring(shape), palette.ink, 1.5))
    outline = _outline(drawn.dataset, drawn.selection)
    if outline is not None:
        layers.append(_line(outline, palette.around_chosen, 5.5))
        layers.append(_line(outline, palette.chosen, 3.0))
    return layers


def hatches(drawn: Drawing) -> list[dict[str, Any]]:
    """Return lines over the forces without figures, crossed where no month was supplied.

    Where the reader is close to one of them, its lines lie closer too.
    """
    wide = _hatch_step(drawn.dataset, drawn.home)
    layers = [
        _hatch(forces, wide, number == NO_DATA_CLASS, drawn)
        for number, forces in drawn.silent.items()
        if forces
    ]
    for number, forces in drawn.silent.items():
        if drawn.force in forces:
            step = _hatch_step(drawn.dataset, drawn.force)
            layers.append(_hatch((drawn.force,), step, number == NO_DATA_CLASS, drawn))
    return layers


def _hatch_step(dataset: Dataset, force: str | None) -> float:
    """Return the distance of lines, in degrees, that suits a map of a force or of the nation."""
    areas = dataset.areas if force is None else dataset.areas[dataset.areas["force"] == force]
    across = float(areas["east"].max() - areas["west"].min())
    return float(f"{across / HATCH_LINES:.2g}")


def _hatch(forces: tuple[str, ...], step: float, crossed: bool, drawn: Drawing) -> dict[str, Any]:
    query = f"forces={','.join(forces)}&step={step:g}{'&crossed=1' if crossed else ''}"
    url = geometry_url(f"hatching-{drawn.dataset.id[:16]}.json?{query}")
    return _line(url, drawn.palette.hatch, 0.8)


def _land(dataset: Dataset, palette: Palette) -> dict[str, Any]:
    """Return land under the dots."""
    return {
        "sourcetype": "geojson",
        "source": geometry_url(dataset.layer("force", None).file),
        "type": "fill",
        "color": palette.land,
        "below": LAND_PLACE,
    }


def _circles(drawn: Drawing) -> list[dict[str, Any]]:
    numbers, of = drawn.numbers, drawn.column
    middles = np.column_stack(
        [(of("west") + of("east")) / 2, (of("south") + of("north")) / 2]
    ).round(4)
    return [
        {
            "sourcetype": "geojson",
            "source": {"type": "MultiPoint", "coordinates": middles[numbers == number].tolist()},
            "type": "circle",
            "color": drawn.palette.circle,
            "opacity": CIRCLE_OPACITY,
            "circle": {"radius": radius},
            "below": FORCE_NAMES,
        }
        for number, radius in enumerate(drawn.radii, start=NONE_CLASS + 1)
        if (numbers == number).any()
    ]


def _outline(dataset: Dataset, selection: Selection) -> dict[str, Any] | None:
    found = place(dataset, selection.level, selection.area) if selection.area else None
    if found is None:
        return None
    return dataset.feature(selection.level, found.force, found.code)


def ring(shape: Shape) -> dict[str, Any]:
    """Return the line around a shape as GeoJSON."""
    return {"type": "LineString", "coordinates": [*shape, shape[0]]}


def _line(source: Any, colour: str, width: float) -> dict[str, Any]:
    return {
        "sourcetype": "geojson",
        "source": source,
        "type": "line",
        "color": colour,
        "line": {"width": width},
        "below": FORCE_NAMES,
    }
