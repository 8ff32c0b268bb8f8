"""One change, one answer: what is asked, what is sent, and what is left out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from dash import Dash, dcc, html
from dash.development.base_component import Component

from analysis.selection import LONGEST_QUERY, MapView, Part, Selection, from_query, to_query
from app import create_app
from components import answer, ids, page
from components.answer import SELECTION, VIEW, Step, early_answer, late_answer, shown, step, wanted
from components.checks import whole_number
from components.map.panel import DOTS, FIGURE, SIZE, TILES
from components.map.panel import SHOWN as MAP_SHOWN
from components.pages import explore
from components.panel import APPEARANCE, Asked, Control, Opening, Panel, Slot
from components.stores import OtherDatasetError, opened, stored
from data_pipeline.dataset import Dataset
from server.settings import Settings
from tests.small_dataset import build_small

EARLY = [panel for panel in explore.PANELS if not panel.late]
LATE = [panel for panel in explore.PANELS if panel.late]
OFFERED = answer.controls(explore.PANELS)
HERE = MapView(53.4, -2.9, 9.0)


@pytest.fixture
def in_cheshire(small_dataset: Dataset) -> Selection:
    return replace(Selection.opening(small_dataset), forces=("cheshire",), level="lsoa", view=HERE)


class Reader:
    """Holds what a page holds, and asks as it does."""

    def __init__(self, dataset: Dataset, query: str) -> None:
        self.dataset = dataset
        panels = (*EARLY, *LATE)
        names = {name for panel in panels for name in (*panel.wakes, *panel.known)}
        self.page: dict[str, Any] = dict.fromkeys(names)
        self.page |= dict.fromkeys([SELECTION, VIEW, *map(shown, LATE)])
        self.page |= {APPEARANCE: "light", SIZE: [700, 400], TILES: []}
        self.sent: dict[str, Any] = {}
        self.act(answer.LINK, query)

    def act(self, name: str, value: Any) -> dict[str, Any]:
        """Change something on the page; return what is sent, late panels included."""
        wakes = frozenset(name for panel in EARLY for name in panel.wakes)
        if name in wakes:
            self.page[name] = value
        taken = step(self.dataset, self.page, [(name, value)], OFFERED)
        known = {**self.page, name: value}
        question = Asked(self.dataset, taken.after, taken.before, known, frozenset([name]) & wakes)
        self.sent = early_answer(taken, EARLY, LATE, question)
        answered = self.sent.pop(answer.ANSWERED)
        self.go = answered["go"]
        assert not self.go or from_query(self.go, self.dataset) == (taken.after, ())
        self.sent |= answered["values"]
        self.page |= self.sent
        for panel in LATE:
            asks = wanted(panel) in self.sent or name in panel.wakes
            if asks and self.page[wanted(panel)]:
                known = {**self.page, answer.asked(panel): self.page[wanted(panel)]}
                selection = from_query(self.page[wanted(panel)], self.dataset)[0]
                self.sent |= late_answer(self.dataset, selection, panel, known)
        self.page |= self.sent
        return self.sent

    @property
    def selection(self) -> Selection:
        return from_query(self.page[SELECTION], self.dataset)[0]


@pytest.fixture
def reader(small_dataset: Dataset) -> Reader:
    return Reader(small_dataset, "?force=cheshire&type=drugs&level=lsoa")


BOOKS = {SELECTION, answer.NOTES}
MAP = {FIGURE, MAP_SHOWN}
WORDS = {f"{ids.LEGEND}.children", f"{ids.CLASSES_NOTE}.children"}
TITLES = {f"{part}.children" for part in (ids.MAP_TITLE, ids.MAP_NOTE, ids.BACK)} | {"back.hidden"}
TABLE = {"table-wanted.data", "table-shown.data", *LATE[0].outputs}
CHARTS = {"trends-wanted.data", "trends-shown.data", *LATE[1].outputs}


@pytest.mark.parametrize(
    ("control", "value", "expected"),
    [
        (
            "types.value",
            ["drugs", "burglary"],
            BOOKS
            | MAP
            | WORDS
            | TABLE
            | CHARTS
            | {"map-title.children", "scope.children", "headline.children", "types.value"},
        ),
        ("classing.value", "equal", BOOKS | MAP | WORDS | {"pin.children", "breaks-note.children"}),
        (
            "pin.n_clicks",
            1,
            BOOKS
            | MAP
            | WORDS
            | {"pin.children", "breaks-note.children", "breaks-text.data", "classing.value"},
        ),
        ("basemap.value", "light", BOOKS),
        ("sort.data", "-count", BOOKS | TABLE),
        ("search-text.data", "north", BOOKS | TABLE),
        ("series.n_clicks", 1, BOOKS | CHARTS),
        (
            APPEARANCE,
            "dark",
            MAP | {"legend.children", "trends-shown.data", "counts.figure", "rates.figure"},
        ),
    ],
)
def test_nothing_is_sent_that_is_on_the_page_already(
    reader: Reader, control: str, value: Any, expected: set[str]
) -> None:
    assert set(reader.act(control, value)) == expected


def test_a_change_of_measure_leaves_the_charts_alone(reader: Reader) -> None:
    sent = set(reader.act("measure.value", "change"))
    assert not sent & CHARTS
    assert sent >= BOOKS | MAP | WORDS | TABLE | {"headline.children"}
    assert "scope.children" not in sent


def test_the_chosen_area_leaves_headline_legend_and_list_alone(reader: Reader) -> None:
    sent = set(reader.act("row.data", "E01000003"))
    assert sent >= BOOKS | MAP | CHARTS | {"table-target.data"}
    assert not sent & (WORDS | {"headline.children", "table.columnDefs", "listing.data"})
    assert "area=E01000003" in reader.go


def test_a_control_that_says_what_is_chosen_already_sends_nothing(
    reader: Reader, small_dataset: Dataset
) -> None:
    values = answer.control_values(explore.PANELS, small_dataset, reader.selection)
    assert len(values) == 14
    for control, value in values.items():
        sent = reader.act(control, value)
        assert sent == ({"breaks-note.children": ""} if "breaks" in control else {}), control


def test_back_forward_and_a_shared_link_take_the_same_way(
    reader: Reader, small_dataset: Dataset
) -> None:
    before = f"?{to_query(reader.selection)}"
    by_control = reader.act("types.value", ["burglary"])
    there = reader.go
    back = reader.act(answer.LINK, before)
    assert back.keys() - {"types.value"} == by_control.keys()
    assert reader.go == ""
    assert reader.page["types.value"] == ["drugs"]
    forward = reader.act(answer.LINK, there)
    assert forward[FIGURE].to_plotly_json() == by_control[FIGURE].to_plotly_json()
    shared = Reader(small_dataset, there)
    assert shared.selection == reader.selection
    for name in ("headline.children", "map-title.children", "trends-title.children"):
        assert str(shared.page[name]) == str(forward[name])


def test_a_drawn_shape_travels_through_the_one_answer(reader: Reader) -> None:
    sent = reader.act("drawn.data", [[-3.5, 53.3], [-2.66, 53.3], [-2.66, 53.6], [-3.5, 53.6]])
    assert "shape=" in reader.go
    assert reader.selection.shape
    assert sent.keys() >= BOOKS | MAP | WORDS | TABLE | CHARTS | {
        "map-title.children",
        "back.children",
    }
    assert sent["force.value"] == "drawn"


def test_what_no_link_can_show_the_page_does_not_show_either(
    reader: Reader, small_dataset: Dataset
) -> None:
    middle = float(small_dataset.areas["longitude"].iloc[3])
    west, east = middle - 0.002, middle + 0.002
    reader.act("drawn.data", [[west, 53], [east, 53], [east, 54], [west, 54]])
    assert reader.selection.shape
    sent = reader.act("level.value", "force")
    assert (reader.selection.level, reader.selection.shape) == ("force", ())
    assert "No police force of Cheshire lies in the shape" in str(sent[answer.NOTES])
    assert "shape=" not in reader.go
    assert sent["force.value"] == "cheshire"


def test_what_leads_nowhere_is_said_and_changes_nothing(reader: Reader) -> None:
    before = reader.selection
    sent = reader.act("drawn.data", [[0, 0], [1, 0], [1, 1]])
    assert set(sent) == {answer.NOTES}
    assert "has its middle inside what was drawn." in str(sent[answer.NOTES])
    assert reader.selection == before
    assert "did not give its position" in str(reader.act("position.data", {"position": None}))


def test_two_acts_in_one_request_both_count(small_dataset: Dataset, reader: Reader) -> None:
    acts = [("measure.value", "count"), ("level.value", "ward"), ("measure.value", "density")]
    taken = step(small_dataset, reader.page, acts, OFFERED)
    assert (taken.after.measure, taken.after.level) == ("density", "ward")


def test_a_link_and_what_is_done_after_it_both_count(
    small_dataset: Dataset, reader: Reader
) -> None:
    acts = [("level.value", "ward"), (answer.LINK, "?force=kent"), ("measure.value", "count")]
    taken = step(small_dataset, reader.page, acts, OFFERED)
    assert (taken.after.forces, taken.after.level) == (("kent",), "lsoa")
    assert "measure=count" in taken.go
    assert step(small_dataset, reader.page, acts[:2], OFFERED).go == ""


def test_the_reader_s_view_is_kept_by_a_change_and_written_into_the_link(reader: Reader) -> None:
    reader.page[VIEW] = str(HERE)
    reader.act("types.value", ["burglary"])
    assert f"map={HERE}" in reader.go
    assert VIEW not in reader.sent


def test_own_breaks_that_cannot_be_used_are_said_and_kept(reader: Reader) -> None:
    sent = reader.act("breaks-text.data", "two, five")
    assert set(sent) == {"breaks-note.children"}
    assert "are not numbers" in sent["breaks-note.children"]
    assert reader.act("breaks-text.data", "2, 5")["breaks-note.children"] == ""
    assert "breaks=2,5" in reader.go


def test_dots_are_sent_with_the_map(small_dataset: Dataset) -> None:
    nation = Reader(small_dataset, "?level=lsoa")
    assert nation.page[DOTS]["classes"]
    assert DOTS in nation.act("types.value", ["drugs"])
    assert nation.act("force.value", "kent")[DOTS] is None


def test_a_store_gives_its_selection_back(in_cheshire: Selection, small_dataset: Dataset) -> None:
    query = stored(in_cheshire, small_dataset)
    assert opened(query, lambda wanted="": small_dataset) == (small_dataset, in_cheshire)


def test_a_store_of_another_dataset_gives_nothing(
    in_cheshire: Selection, small_dataset: Dataset, tmp_path: Path
) -> None:
    other = build_small(tmp_path / "other", first="2023-01")
    asked: list[str] = []

    def served(wanted: str = "") -> Dataset:
        asked.append(wanted)
        return other

    for query in (stored(in_cheshire, small_dataset), to_query(in_cheshire), "dataset="):
        with pytest.raises(OtherDatasetError):
            opened(query, served)
    assert asked[0] == small_dataset.id[:16]


def ids_of(component: Any) -> set[str]:
    """Return every id of a layout."""
    found = set()
    for part in [component, *component._traverse()]:
        if isinstance(part, Component) and getattr(part, "id", None):
            found.add(part.id)
    return found


def test_everything_that_is_registered_is_in_the_layout(small_dataset: Dataset) -> None:
    settings = Settings.from_environment({"CRIME_ATLAS_DATASET": str(small_dataset.path)})
    app = create_app(settings)
    layout = page.layout(explore.PANELS, lambda wanted="": small_dataset, ("light",))
    there = ids_of(layout)
    made_later = {ids.RELOAD}
    for output, entry in app.callback_map.items():
        named = output.removeprefix("..").removesuffix("..").split("...")
        outputs = {name.split(".")[0] for name in named if "." in name}
        inputs = {part["id"] for part in (*entry["inputs"], *entry["state"])}
        assert (outputs | inputs) - made_later <= there, output


def test_panels_have_names_and_outputs_of_their_own() -> None:
    names = [panel.name for panel in explore.PANELS]
    assert len(set(names)) == len(names)
    outputs = [name for panel in explore.PANELS for name in panel.outputs]
    assert len(set(outputs)) == len(outputs)
    assert all(panel.show for panel in explore.PANELS if panel.outputs)


def test_what_a_panel_shows_is_among_its_outputs(reader: Reader, small_dataset: Dataset) -> None:
    for panel in explore.PANELS:
        if panel.show:
            question = Asked(small_dataset, reader.selection, None, reader.page)
            assert set(panel.show(question)) <= set(panel.outputs), panel.name


def by_ward(selection: Selection, clicks: int, dataset: Dataset) -> Selection:
    return replace(selection, level="ward")


def toy(late: bool) -> Panel:
    """Return a panel as somebody would add one."""
    return Panel(
        "toy",
        layout=lambda opening: html.Section(
            [html.H2("Toy"), html.P(id="toy-text"), html.Button(id="toy-button")], id="toy"
        ),
        slot=Slot.BELOW,
        outputs=("toy-text.children",),
        follows=Part.FIGURES,
        show=lambda asked: {"toy-text.children": asked.selection.type_label(asked.dataset)},
        late=late,
        controls={"toy-button.n_clicks": Control(by_ward, whole_number(10))},
    )


@pytest.mark.parametrize("late", [False, True])
def test_a_panel_is_one_record_in_one_list(small_dataset: Dataset, late: bool) -> None:
    panels = (*explore.PANELS, toy(late))
    layout = page.layout(panels, lambda wanted="": small_dataset)
    assert {"toy", "toy-text"} <= ids_of(layout)
    app = Dash("toy", suppress_callback_exceptions=True)
    page.connect(app, panels, lambda wanted="": small_dataset)
    registered = [output for output in app.callback_map if "toy-text.children" in output]
    assert len(registered) == 1
    assert ("selection.data" in registered[0]) == (not late)
    checked = answer.checks(panels)
    for entry in app.callback_map.values():
        if "callback" in entry:
            names = [f"{part['id']}.{part['property']}" for part in entry["inputs"]]
            assert set(names) <= set(checked)
    assert checked[answer.ASK]([["toy-button.n_clicks", 3]])
    assert not checked[answer.ASK]([["toy-button.n_clicks", 11]])
    selection = from_query("type=drugs", small_dataset)[0]
    held = {SELECTION: stored(selection, small_dataset), VIEW: None}
    led = step(small_dataset, held, [("toy-button.n_clicks", 1)], toy(late).controls)
    assert (led.after.level, "level=ward" in led.go) == ("ward", True)
    taken = Step(None, selection, None)
    question = Asked(small_dataset, selection)
    early = [panel for panel in panels if not panel.late and panel.name == "toy"]
    sent = early_answer(taken, early, [toy(True)] if late else [], question)
    assert sent.get("toy-text.children") == (None if late else "Drugs")
    assert ("toy-wanted.data" in sent) == late


def test_a_layout_is_made_of_its_panels_in_order(small_dataset: Dataset) -> None:
    made: list[str] = []

    def noting(name: str) -> Callable[[Opening], Component]:
        def layout(opening: Opening) -> Component:
            made.append(name)
            return dcc.Store(id=name)

        return layout

    panels = [Panel(name, noting(name), slot) for name, slot in zip("abc", Slot, strict=False)]
    page.layout(panels, lambda wanted="": small_dataset)
    assert made == ["a", "b", "c"]


def test_a_link_that_is_too_long_is_told_so(reader: Reader) -> None:
    sent = reader.act(answer.LINK, "?q=" + "x" * LONGEST_QUERY)
    assert "is longer than" in str(sent[answer.NOTES])
