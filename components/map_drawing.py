"""What the map draws: the blank figure, and the Patches that fill and colour it.

Rates and densities colour the areas. Counts follow the size of an area, so they are never drawn
as colours but as circles that grow with the count.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import plotly.graph_objects as go
from dash import Patch
from numpy.typing import NDArray

from analysis.area_table import AreaTable, area_table
from analysis.classes import NO_DATA_CLASS, NONE_CLASS, class_breaks, classify
from analysis.places import place
from analysis.scope import only_force
from analysis.selection import MEASURES, Measure, Selection
from analysis.shape import Shape
from data_pipeline.dataset import Dataset

from . import theme

NOTHING: dict[str, Any] = {"type": "FeatureCollection", "features": []}

STYLE: dict[str, Any] = {
    "version": 8,
    "name": "plain",
    # Without any source plotly cannot add its own when the figure changes.
    "sources": {"none": {"type": "geojson", "data": NOTHING}},
    "layers": [{"id": "sea", "type": "background", "paint": {"background-color": theme.SEA}}],
}
"""A map style that needs no network."""

CIRCLE_RADII = (1.5, 2.5, 4.0, 6.0, 9.5, 14.0)
"""Radius in pixels of the circles of each class of counts, from few to many."""
CIRCLE_OPACITY = 0.45


@dataclass(frozen=True, eq=False)
class Drawing:
    """What the map draws for a Selection.

    Attributes
    ----------
    layer : str
        File of the areas' layer.
    borders : tuple of str
        Files of layers drawn as lines over it.
    table : AreaTable
        One row per area drawn.
    measure : Measure
    breaks : tuple of float
        Class breaks, from the whole nation.
    dots : bool
        True where more than one force's neighbourhoods are shown: as dots over pale land.
    force : str or None
        With dots, the force that is drawn as areas because the reader is close to it.
    """

    layer: str
    borders: tuple[str, ...]
    table: AreaTable
    measure: Measure
    breaks: tuple[float, ...]
    dots: bool = False
    force: str | None = None

    @property
    def rows(self) -> pd.DataFrame:
        """The areas in the order in which the map holds them, whatever their figures."""
        return self.table.frame.sort_values("unit")

    @property
    def values(self) -> NDArray[np.float64]:
        """The measure of each area, NaN where there is none."""
        return self.rows[self.measure.column].to_numpy(np.float64, na_value=np.nan)

    @property
    def classes(self) -> NDArray[np.int8]:
        """The class of each area, as `classify` numbers them."""
        return classify(self.values, self.breaks)

    @property
    def coloured(self) -> bool:
        """Whether classes are colours; counts of areas are circles instead."""
        return self.measure.per_area or self.dots

    @property
    def colours(self) -> list[str]:
        """The colour of "no data", of "none", and of every class, in that order.

        Where classes are circles the areas are as pale as "none".
        """
        count = len(self.breaks) + 1
        steps = theme.class_colours(count) if self.coloured else [theme.NONE] * count
        return [theme.NO_DATA, theme.NONE, *steps]

    @property
    def filled(self) -> tuple[list[str], list[int]]:
        """The codes of the areas that are filled, and their classes; none where all are dots."""
        if not self.dots:
            return self.rows["code"].tolist(), self.classes.tolist()
        inside = (self.rows["force"] == self.force).to_numpy()
        return self.rows.loc[inside, "code"].tolist(), self.classes[inside].tolist()

    @property
    def radii(self) -> tuple[float, ...]:
        """The radius of the circles of every class above none."""
        return CIRCLE_RADII[-(len(self.breaks) + 1) :]


def drawing(dataset: Dataset, selection: Selection, close_to: str | None = None) -> Drawing:
    """Return what the map draws for `selection`.

    Parameters
    ----------
    close_to : str or None
        Where the neighbourhoods of several forces are shown, the force drawn as areas.
    """
    table = area_table(dataset, selection.figures_key())
    measure = MEASURES[selection.measure]
    breaks = class_breaks(table.national_values(measure.slug))
    dotted = is_dotted(dataset, selection)
    level, force = selection.level, only_force(dataset, selection.scope)
    if dotted:
        level, force = ("lsoa", close_to) if close_to else ("force", None)
    layer, borders = dataset.layer(level, force).file, _borders(dataset, selection)
    return Drawing(layer, borders, table, measure, breaks, dotted, force if dotted else None)


def is_dotted(dataset: Dataset, selection: Selection) -> bool:
    """Tell whether the map draws dots: the neighbourhoods of more than one force."""
    return selection.level == "lsoa" and only_force(dataset, selection.scope) is None


def _borders(dataset: Dataset, selection: Selection) -> tuple[str, ...]:
    force = only_force(dataset, selection.scope)
    if force is not None:
        inner = selection.level in ("lsoa", "ward")
        return (dataset.layer("lad", force).file,) if inner else ()
    return (dataset.layer("force", None).file,) if selection.level != "force" else ()


def geometry_url(file: str) -> str:
    """Return the address of a layer."""
    return f"/geometry/{file}"


def blank_figure() -> go.Figure:
    """Return the map before any figures: a sheet that later Patches colour."""
    areas = go.Choroplethmap(
        geojson=NOTHING,
        locations=[],
        z=[],
        featureidkey="id",
        showscale=False,
        hoverinfo="none",
        marker={"line": {"width": 0.4, "color": "rgba(255,255,255,0.75)"}, "opacity": 1},
    )
    figure = go.Figure(areas)
    figure.update_layout(
        map={"style": STYLE, "center": {"lat": 52.7, "lon": -2.0}, "zoom": 5.2, "layers": []},
        margin={"l": 0, "r": 0, "t": 0, "b": 0},
        paper_bgcolor=theme.SEA,
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
    areas["colorscale"] = stepped_scale(drawn.colours)
    areas["zmin"] = NO_DATA_CLASS - 0.5
    areas["zmax"] = NO_DATA_CLASS + len(drawn.colours) - 0.5


def stepped_scale(steps: list[str]) -> list[list[Any]]:
    """Return a colour scale of equal steps for class numbers."""
    count = len(steps)
    return [
        [edge / count, colour] for index, colour in enumerate(steps) for edge in (index, index + 1)
    ]


def overlays(dataset: Dataset, selection: Selection, drawn: Drawing) -> list[dict[str, Any]]:
    """Return what lies under and over the areas: land, circles, borders and outlines."""
    layers = [] if drawn.coloured else _circles(drawn)
    if drawn.dots:
        layers.append(_land(dataset))
    layers += [_line(geometry_url(file), theme.BORDER, 1.0) for file in drawn.borders]
    if selection.shape:
        layers += [_line(ring(selection.shape), "#ffffff", 4.0)]
        layers += [_line(ring(selection.shape), theme.INK, 1.5)]
    outline = _outline(dataset, selection)
    if outline is not None:
        layers += [_line(outline, "#ffffff", 5.5), _line(outline, theme.CHOSEN, 3.0)]
    return layers


def _land(dataset: Dataset) -> dict[str, Any]:
    """Return pale land under the dots."""
    return {
        "sourcetype": "geojson",
        "source": geometry_url(dataset.layer("force", None).file),
        "type": "fill",
        "color": theme.LAND,
        "below": "traces",
    }


def _circles(drawn: Drawing) -> list[dict[str, Any]]:
    frame, classes = drawn.rows, drawn.classes
    middles = np.column_stack(
        [(frame["west"] + frame["east"]) / 2, (frame["south"] + frame["north"]) / 2]
    ).round(4)
    return [
        {
            "sourcetype": "geojson",
            "source": {"type": "MultiPoint", "coordinates": middles[classes == number].tolist()},
            "type": "circle",
            "color": theme.ACCENT,
            "opacity": CIRCLE_OPACITY,
            "circle": {"radius": radius},
        }
        for number, radius in enumerate(drawn.radii, start=NONE_CLASS + 1)
        if (classes == number).any()
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
    }
