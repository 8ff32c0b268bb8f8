"""The map's panel: one callback compares what is asked for with what is shown.

Geometry travels once, by hashed address. A change of filter sends class numbers as a Patch, and
the reader's view stays; an area's figures are asked for when the reader points at it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from dash import ClientsideFunction, Dash, Input, Output, Patch, State, ctx, dcc, html, no_update
from dash.exceptions import PreventUpdate

from analysis.area_table import area_table
from analysis.selection import MEASURES, MapView, Selection
from analysis.shape import shape_text
from analysis.wording import AREA_WORDS
from data_pipeline.dataset import Dataset

from . import basemaps, class_controls, ids, map_group, theme
from .dots import blank_dots, detail_force, dot_size, dots
from .legend import explanation, legend
from .map_card import card, card_style
from .map_drawing import (
    Drawing,
    blank_figure,
    draw_places,
    draw_values,
    drawing,
    is_dotted,
    overlays,
    style,
)
from .map_view import DEFAULT_SIZE, parse_view, view_text, wanted_view
from .navigation import OpenDataset, from_store, one_up, pointed_code
from .palette import LIGHT, Palette, palette_of
from .text_box import text_id

CONFIG: Any = {**theme.GRAPH_CONFIG, "scrollZoom": True}


def title(dataset: Dataset, selection: Selection) -> list[Any]:
    """Return the heading of the map: what is drawn, where and when."""
    measure = MEASURES[selection.measure]
    per = f" {selection.denominator_of(dataset).label}" if measure.slug == "rate" else ""
    what = f"{selection.type_label(dataset)}, {measure.label.lower()}{per}"
    where = [selection.place_label(dataset)]
    if not selection.shape:
        where.append(AREA_WORDS[selection.level][1])
    return [
        html.H2(what),
        html.Span(" · ".join([*where, selection.period_label()]), className="muted"),
    ]


def note(dataset: Dataset, selection: Selection) -> str:
    """Return the sentence under the legend that says how to read and use the map."""
    if is_dotted(dataset, selection):
        return (
            "Every dot is a neighbourhood, the highest on top. Click one, or zoom in, to see the "
            "areas themselves."
        )
    use = "Click an area to choose it."
    if not selection.is_narrowed and selection.level == "lad":
        use = "Click a district to see its neighbourhoods."
    if not selection.is_narrowed and selection.level == "force":
        use = "Click a force to see its neighbourhoods."
    measure = MEASURES[selection.measure]
    if not measure.per_area:
        return f"{use} Circles grow with the count; compare areas by their rate."
    if measure.diverging:
        return (
            f"{use} A change is clear where chance alone would bring one as large in fewer than "
            "5 of 100 areas."
        )
    return f"{use} The classes are the same for every force. Scroll or pinch to zoom."


def back_label(dataset: Dataset, selection: Selection) -> str:
    """Return the label of the way up, or nothing at the top."""
    if not selection.is_narrowed:
        return ""
    above = one_up(selection)
    of_all = "All of " if above.is_narrowed else ""
    return f"← {of_all}{above.place_label(dataset)}"


def layout(dataset: Dataset, picture_foot: list[str], tiles: tuple[str, ...]) -> html.Section:
    """Return the map's panel.

    Parameters
    ----------
    dataset : Dataset
        Whose places are named on the map.
    picture_foot : list of str
        Lines under a saved picture.
    tiles : tuple of str
        Backgrounds that may be loaded from elsewhere.
    """
    graph = dcc.Graph(
        id=ids.MAP,
        figure=blank_figure(dataset).add_trace(blank_dots()),
        config=CONFIG,
        className="map",
        responsive=True,
        clear_on_unhover=True,
    )
    pointed = html.Div(id=ids.MAP_CARD, className="map-card", hidden=True)
    fallback = html.Div(id=ids.MAP_FALLBACK, className="map-fallback", hidden=True)
    return theme.panel(
        html.Div(
            [
                html.Div(id=ids.MAP_TITLE, className="panel-title"),
                html.Div(
                    [
                        html.Button(
                            "Back", id=ids.BACK, type="button", className="quiet", hidden=True
                        ),
                        html.Button(
                            "Save picture", id=ids.PICTURE, type="button", className="quiet"
                        ),
                    ],
                    className="panel-tools",
                ),
            ],
            className="panel-head",
        ),
        html.Div(
            [graph, *map_group.layout(), pointed, fallback],
            className="map-frame",
        ),
        html.Div(id=ids.LEGEND),
        html.P(id=ids.MAP_NOTE, className="muted small"),
        html.P(id=ids.CLASSES_NOTE, className="muted small"),
        html.Div([class_controls.layout(), basemaps.layout(tiles)], className="map-controls"),
        dcc.Store(id=ids.MAP_SHOWN),
        dcc.Store(id=ids.DOTS),
        dcc.Store(id=ids.PICTURE_FOOT, data=picture_foot),
        label="Map of the chosen areas",
        className="map-panel",
    )


@dataclass(frozen=True)
class Looks:
    """What depends on the reader's browser and the server's settings, not on the link.

    Attributes
    ----------
    palette : Palette
    tiles : tuple of str
        Backgrounds that may be shown.
    """

    palette: Palette = LIGHT
    tiles: tuple[str, ...] = ()


DEFAULT_LOOKS = Looks()


@dataclass(frozen=True)
class Redrawn:
    """What a redraw sends; a part that did not change is not sent.

    Attributes
    ----------
    figure : Patch
    shown : dict
        Record of what the map shows now.
    view : str
        Where the map is now, as text.
    dots : dict or None
        What the browser needs to draw the dots; None for a map without dots.
    """

    figure: Any = no_update
    shown: Any = no_update
    view: Any = no_update
    dots: Any = no_update


def redraw(
    dataset: Dataset,
    selection: Selection,
    shown: dict[str, Any],
    view: MapView | None,
    size: tuple[float, float] | None,
    *,
    looks: Looks = DEFAULT_LOOKS,
) -> Redrawn:
    """Return what leads from what is shown to `selection`.

    Parameters
    ----------
    shown : dict
        Record of what the map shows, as returned before; empty at first.
    view : MapView or None
        Where the map is now.
    size : (width, height) or None
        Pixels of the map, if known.
    looks : Looks
    """
    wanted = wanted_view(dataset, selection, size)
    close_to = detail_force(dataset, wanted) if is_dotted(dataset, selection) else None
    drawn = drawing(dataset, selection, close_to, looks.palette)
    background = basemaps.layers(selection.basemap, looks.tiles)
    now = record(dataset, selection, drawn, wanted, background)
    changed = {part for part, value in now.items() if shown.get(part) != value}
    if not changed and wanted == view:
        return Redrawn()
    patch = Patch()
    if "places" in changed:
        draw_places(patch, drawn)
    if changed & {"places", "figures"}:
        draw_values(patch, drawn)
    if shown.get("sea", LIGHT.sea) != drawn.palette.sea:
        patch["layout"]["map"]["style"] = style(dataset, drawn.palette)
    if "overlays" in changed:
        opacity = basemaps.AREAS_OPACITY if background else 1
        patch["data"][0]["marker"]["opacity"] = opacity
        patch["layout"]["map"]["layers"] = background + overlays(
            dataset, selection, drawn, with_land=not background
        )
    if wanted != view:
        patch["layout"]["map"]["center"] = {"lat": wanted.latitude, "lon": wanted.longitude}
        patch["layout"]["map"]["zoom"] = wanted.zoom
    dotted = dots(dataset, drawn, wanted.zoom) if drawn.dots else None
    return Redrawn(
        figure=patch,
        shown=now,
        view=no_update if wanted == view else view_text(wanted),
        dots=dotted if "dots" in changed else no_update,
    )


def record(
    dataset: Dataset,
    selection: Selection,
    drawn: Drawing,
    view: MapView,
    background: list[dict[str, Any]],
) -> dict[str, Any]:
    """Return what decides each part of the figure, to be compared at the next change."""
    figures = f"{dataset.id} {drawn.palette.sea} {drawn.table.selection.to_query()}"
    circles = "" if drawn.coloured else figures
    shape = shape_text(selection.shape)
    return {
        "sea": drawn.palette.sea,
        "places": [drawn.layer, *selection.forces, *selection.districts, shape],
        "figures": figures,
        "overlays": [
            *(drawn.dots, drawn.palette.sea, selection.area, shape, circles),
            *(selection.basemap if background else "", drawn.force if drawn.dots else ""),
            *([*forces] for forces in drawn.silent.values()),
            *drawn.borders,
        ],
        "dots": [figures, drawn.force, dot_size(view.zoom)] if drawn.dots else [],
    }


def _pixels(size: list[float] | None) -> tuple[float, float] | None:
    return (size[0], size[1]) if size else None


def register(app: Dash, open_dataset: OpenDataset) -> None:
    """Connect the map."""

    @app.callback(
        Output(ids.MAP, "figure"),
        Output(ids.MAP_SHOWN, "data"),
        Output(ids.VIEW, "data", allow_duplicate=True),
        Output(ids.DOTS, "data"),
        inputs={
            "query": Input(ids.SELECTION, "data"),
            "appearance": Input(ids.APPEARANCE, "data"),
            "tiles": Input(ids.BASEMAPS, "data"),
        },
        state={
            "shown": State(ids.MAP_SHOWN, "data"),
            "view": State(ids.VIEW, "data"),
            "size": State(ids.MAP_SIZE, "data"),
        },
        prevent_initial_call=True,
    )
    def draw(
        *,
        query: str | None,
        appearance: str | None,
        tiles: dict[str, str],
        shown: dict[str, Any] | None,
        view: str | None,
        size: list[float] | None,
    ) -> tuple[Any, ...]:
        if query is None:
            raise PreventUpdate
        dataset = open_dataset()
        here = parse_view(view)
        selection = from_store(query, dataset)
        if ctx.triggered_id != ids.SELECTION and shown:
            selection = replace(selection, view=here)
        looks = Looks(palette_of(appearance), tuple(tiles))
        new = redraw(dataset, selection, shown or {}, here, _pixels(size), looks=looks)
        return new.figure, new.shown, new.view, new.dots

    @app.callback(
        Output(ids.MAP, "figure", allow_duplicate=True),
        Output(ids.MAP_SHOWN, "data", allow_duplicate=True),
        Output(ids.DOTS, "data", allow_duplicate=True),
        Input(ids.VIEW, "data"),
        State(ids.SELECTION, "data"),
        State(ids.MAP_SHOWN, "data"),
        State(ids.APPEARANCE, "data"),
        State(ids.BASEMAPS, "data"),
        prevent_initial_call=True,
    )
    def follow(
        view: str | None,
        query: str | None,
        shown: dict[str, Any] | None,
        appearance: str | None,
        tiles: dict[str, str],
    ) -> tuple[Any, ...]:
        if not view or not query or not shown or not shown["dots"]:
            raise PreventUpdate
        dataset = open_dataset()
        here = parse_view(view)
        selection = replace(from_store(query, dataset), view=here)
        looks = Looks(palette_of(appearance), tuple(tiles))
        new = redraw(dataset, selection, shown, here, None, looks=looks)
        return new.figure, new.shown, new.dots

    app.clientside_callback(
        ClientsideFunction("crime_atlas", "save_picture"),
        Input(ids.PICTURE, "n_clicks"),
        State(ids.PICTURE_FOOT, "data"),
        prevent_initial_call=True,
    )
    app.clientside_callback(
        ClientsideFunction("crime_atlas", "draw_dots"),
        Output(ids.MAP, "figure", allow_duplicate=True),
        Input(ids.DOTS, "data"),
        prevent_initial_call=True,
    )

    @app.callback(
        Output(ids.MAP_CARD, "hidden"),
        Output(ids.MAP_CARD, "style"),
        Output(ids.MAP_CARD, "children"),
        Input(ids.MAP, "hoverData"),
        State(ids.SELECTION, "data"),
        State(ids.MAP_SIZE, "data"),
        prevent_initial_call=True,
    )
    def point(
        hover: dict[str, Any] | None, query: str, size: list[float] | None
    ) -> tuple[Any, Any, Any]:
        if not hover:
            return True, no_update, no_update
        dataset = open_dataset()
        table = area_table(dataset, from_store(query, dataset))
        shown = card(table, pointed_code(hover)[0])
        corner = hover["points"][0]["bbox"]
        at = (corner["x0"], corner["y0"])
        return shown is None, card_style(at, _pixels(size) or DEFAULT_SIZE), shown

    @app.callback(
        Output(ids.MAP_TITLE, "children"),
        Output(ids.LEGEND, "children"),
        Output(ids.MAP_NOTE, "children"),
        Output(ids.CLASSES_NOTE, "children"),
        Output(ids.PIN, "children"),
        Output(ids.BACK, "children"),
        Output(ids.BACK, "hidden"),
        Input(ids.FIGURES, "data"),
        Input(ids.APPEARANCE, "data"),
        prevent_initial_call=True,
    )
    def describe(query: str | None, appearance: str | None) -> tuple[Any, ...]:
        if query is None:
            raise PreventUpdate
        dataset = open_dataset()
        selection = from_store(query, dataset)
        back = back_label(dataset, selection)
        drawn = drawing(dataset, selection, palette=palette_of(appearance))
        return (
            title(dataset, selection),
            legend(drawn),
            " ".join([*map_group.note(selection), note(dataset, selection)]),
            explanation(drawn),
            class_controls.pin_label(selection),
            back,
            not back,
        )

    @app.callback(
        Output(ids.BREAKS_NOTE, "children"),
        Input(text_id(ids.BREAKS), "data"),
        State(ids.SELECTION, "data"),
        prevent_initial_call=True,
    )
    def check(text: str | None, query: str | None) -> str:
        if query is None:
            raise PreventUpdate
        return class_controls.complaint(text, from_store(query, open_dataset()))

    app.clientside_callback(
        ClientsideFunction("crime_atlas", "try_basemap"),
        Output(ids.BASEMAPS, "data"),
        Output(ids.BASEMAP_NOTE, "children"),
        Input(ids.BASEMAP, "value"),
        State(ids.BASEMAPS, "data"),
        prevent_initial_call=True,
    )
