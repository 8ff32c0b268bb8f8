"""A walk over the page's controls: whatever was done, map, legend, table and title say the same."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from playwright.sync_api import Browser, Page

from analysis.classes import PART_CLASS
from analysis.selection import MapView, Selection, from_query
from components.map import words
from components.map.dots import ABSENT, dots
from components.map.drawing import drawing, overlays
from components.map.legend import legend
from components.palette import DARK, LIGHT, Palette
from components.table import ranking
from data_pipeline.dataset import Dataset

from .conftest import DESKTOP, PATIENCE_MS

SEED = 20251126
OPENING = "?force=merseyside&type=drugs&level=lsoa"
FORCES = ("merseyside", "kent", "greater-manchester", "england-and-wales")
QUIET_MS = 500

STATE = """() => {
    const plot = document.querySelector('#map .js-plotly-plot');
    const inner = plot._fullLayout.map._subplot.map;
    const drawn = inner.getStyle().layers.map((layer) => layer.id);
    const features = (index) => {
        const trace = plot._fullData[index];
        const source = inner.getSource('source-' + trace.uid) ||
            inner.getSource('source-' + trace.uid + '-circle');
        return source && trace.visible ? source.serialize().data.features || [] : [];
    };
    const colour = (text) => {
        const pen = document.createElement('canvas').getContext('2d');
        pen.fillStyle = text;
        return pen.fillStyle;
    };
    const text = (selector) => Array.from(
        document.querySelectorAll(selector), (element) => element.textContent);
    return {
        areas: features(0).map((one) => [one.id ?? one.properties.id, colour(one.properties.fc)]),
        dots: window.crimeAtlas.dots.shown().length,
        overlays: drawn.filter((id) => id.startsWith('plotly-layout-layer-')).length,
        asked: (plot.layout.map.layers || []).filter((one) => one.visible !== false).length,
        center: plot._fullLayout.map.center, zoom: plot._fullLayout.map.zoom,
        title: [...text('#map-title h2'), ...text('#map-title span')],
        legend: Array.from(document.querySelectorAll('#legend li'), (entry) => entry.innerText),
        swatches: Array.from(document.querySelectorAll('#legend .swatch'),
            (sign) => colour(sign.style.backgroundColor)),
        table: text('#table-title span')[0],
        rows: Array.from(document.querySelectorAll('#table .ag-center-cols-container [row-id]'))
            .sort((a, b) => a.getAttribute('row-index') - b.getAttribute('row-index'))
            .map((row) => [Number(row.getAttribute('row-index')), row.getAttribute('row-id')]),
        scope: text('#scope')[0],
        fallback: !document.getElementById('map-fallback').hidden,
        dark: document.documentElement.dataset.bsTheme === 'dark',
        query: window.location.search,
    };
}"""

Step = Callable[[Page, random.Random], None]


class Walker:
    """Takes steps on one page and compares what its parts say."""

    def __init__(self, page: Page, dataset: Dataset) -> None:
        self.page, self.dataset = page, dataset
        self.open = 0
        self.complaints: list[str] = []
        page.on("request", lambda _: self._count(1))
        page.on("requestfinished", lambda _: self._count(-1))
        page.on("requestfailed", lambda _: self._count(-1))
        page.on("pageerror", lambda error: self.complaints.append(f"{error}\n{error.stack}"))
        page.on("console", self._listen)

    def _count(self, change: int) -> None:
        self.open += change

    def _listen(self, message: object) -> None:
        text = getattr(message, "text", "")
        if getattr(message, "type", "") == "error" and "GPU" not in text:
            self.complaints.append(text)

    def settle(self) -> None:
        """Wait until nothing is asked for and the map stands still."""
        quiet = 0
        for _ in range(PATIENCE_MS // 100):
            self.page.wait_for_timeout(100)
            still = self.page.evaluate(
                """() => {
                    const plot = document.querySelector('#map .js-plotly-plot');
                    const inner = plot && plot._fullLayout && plot._fullLayout.map
                        && plot._fullLayout.map._subplot && plot._fullLayout.map._subplot.map;
                    return Boolean(inner && inner.loaded() && !inner.isMoving());
                }"""
            )
            quiet = quiet + 100 if still and self.open <= 0 else 0
            if quiet >= QUIET_MS:
                return
        raise AssertionError(f"the page does not come to rest: {self.open} requests open")

    def take(self, name: str, dice: random.Random) -> None:
        STEPS[name](self.page, dice)
        self.settle()

    def compare(self) -> None:
        """Check that every part of the page says what its link says."""
        seen = self.page.evaluate(STATE)
        assert self.complaints == []
        assert not seen["fallback"]
        selection = map_of(seen["query"], self.dataset)
        palette = DARK if seen["dark"] else LIGHT
        view = MapView(seen["center"]["lat"], seen["center"]["lon"], seen["zoom"])
        self._compare_map(seen, selection, view, palette)
        drawn = drawing(self.dataset, selection, palette=palette)
        assert seen["title"] == texts(words.title(self.dataset, selection))
        expected = [texts(entry) for entry in legend(drawn).children]
        read = [[word for word in entry.split("\n") if word] for entry in seen["legend"]]
        assert read == expected
        listing = ranking.listing(self.dataset, selection)
        assert seen["table"] == texts(ranking.title(self.dataset, selection))[1]
        codes = listing.table.national.values("code", listing.positions).tolist()
        assert seen["rows"] or not codes
        for position, code in seen["rows"]:
            assert codes[position] == code

    def _compare_map(
        self, seen: dict, selection: Selection, view: MapView, palette: Palette
    ) -> None:
        drawn = drawing(self.dataset, selection, view, palette)
        codes, numbers = drawn.filled
        colours = [drawn.colours[number - PART_CLASS].lower() for number in numbers]
        assert dict(seen["areas"]) == dict(zip(codes, colours, strict=True))
        wanted = overlays(drawn)
        assert seen["overlays"] == seen["asked"] == len(wanted)
        characters = dots(drawn)["classes"] if drawn.dots else ""
        assert seen["dots"] == len(characters) - characters.count(ABSENT)
        if drawn.coloured:
            present = {int(number) for number in np.unique(drawn.numbers)}
            shown = {drawn.colours[number - PART_CLASS].lower() for number in present}
            assert shown <= {colour.lower() for colour in seen["swatches"]}


def map_of(query: str, dataset: Dataset) -> Selection:
    selection, _ = from_query(query, dataset)
    return replace(selection, view=None)


def texts(component: object) -> list[str]:
    """Return the words of some components, in reading order."""
    if component is None:
        return []
    if isinstance(component, str):
        return [component] if component else []
    if isinstance(component, list | tuple):
        return [word for part in component for word in texts(part)]
    return texts(getattr(component, "children", None))


def choose(page: Page, control: str, dice: random.Random, only: tuple[str, ...] = ()) -> None:
    """Choose an entry of a drop-down as a reader does."""
    page.locator(f"#{control}").click()
    entries = page.get_by_role("option")
    entries.first.wait_for()
    count = entries.count()
    names = [entries.nth(index).inner_text() for index in range(min(count, 60))]
    usable = [index for index, name in enumerate(names) if not only or name.startswith(only)]
    entries.nth(dice.choice(usable or [0])).click()
    page.keyboard.press("Escape")


def press_if_there(selector: str) -> Step:
    def step(page: Page, dice: random.Random) -> None:
        if page.locator(selector).is_visible():
            page.locator(selector).click()

    return step


def choose_row(page: Page, dice: random.Random) -> None:
    rows = page.locator("#table .ag-center-cols-container .ag-row")
    if rows.count():
        rows.nth(dice.randrange(min(8, rows.count()))).click()


def draw_box(page: Page, dice: random.Random) -> None:
    page.locator("#draw summary").click()
    page.locator("#draw-box").click()
    box = page.locator("#draw-sheet").bounding_box()
    assert box
    left, top = box["x"] + box["width"] * 0.3, box["y"] + box["height"] * 0.3
    page.mouse.move(left, top)
    page.mouse.down()
    page.mouse.move(left + box["width"] * 0.3, top + box["height"] * 0.35, steps=4)
    page.mouse.up()


STEPS: dict[str, Step] = {
    "force": lambda page, dice: choose(
        page, "force", dice, ("Merseyside", "Kent", "Greater Manchester", "England and Wales")
    ),
    "district": lambda page, dice: choose(page, "district", dice),
    "level": lambda page, dice: choose(page, "level", dice),
    "measure": lambda page, dice: choose(page, "measure", dice),
    "period": lambda page, dice: choose(page, "preset", dice),
    "type": lambda page, dice: choose(page, "types", dice, ("All crime", "Drugs", "Burglary")),
    "appearance": lambda page, dice: page.locator("#appearance-switch").click(),
    "row": choose_row,
    "group": draw_box,
    "clear": press_if_there("#clear"),
    "up": press_if_there("#back"),
    "series": press_if_there("#series"),
    "back": lambda page, dice: page.evaluate("() => window.history.back()"),
    "forward": lambda page, dice: page.evaluate("() => window.history.forward()"),
}
OFTEN = ("force", "appearance", "appearance", "back")


def walk(browser: Browser, base_url: str, dataset: Dataset, seed: int, steps: int) -> None:
    dice = random.Random(seed)
    context = browser.new_context(viewport=DESKTOP, base_url=base_url, locale="en-GB")
    page = context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    walker = Walker(page, dataset)
    page.goto(f"/{OPENING}")
    page.locator("#legend li").first.wait_for()
    walker.settle()
    walker.compare()
    done: list[str] = []
    for _ in range(steps):
        name = dice.choice([*STEPS, *OFTEN])
        if name == "back" and not done:
            continue
        done.append(name)
        try:
            walker.take(name, dice)
            if not re.search(r"^\?", page.evaluate("() => window.location.search")):
                page.goto(f"/{OPENING}")
                walker.settle()
            walker.compare()
        except Exception as error:
            error.add_note(f"seed {seed}, steps: {' '.join(done)}; {page.url}")
            raise
    context.close()


def test_dark_colours_leave_the_map_free(
    browser: Browser, base_url: str, demo_dataset: Dataset
) -> None:
    context = browser.new_context(viewport=DESKTOP, base_url=base_url, locale="en-GB")
    page = context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    walker = Walker(page, demo_dataset)
    page.goto(f"/{OPENING}")
    page.locator("#legend li").first.wait_for()
    walker.settle()
    for force in ("Kent", "Greater Manchester"):
        page.locator("#appearance-switch").click()
        walker.settle()
        walker.compare()
        choose(page, "force", random.Random(0), (force,))
        walker.settle()
        walker.compare()
    context.close()


def test_a_walk_of_25_steps(browser: Browser, base_url: str, demo_dataset: Dataset) -> None:
    walk(browser, base_url, demo_dataset, SEED, 25)


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(6))
def test_a_walk_of_300_steps(
    browser: Browser, base_url: str, demo_dataset: Dataset, seed: int
) -> None:
    walk(browser, base_url, demo_dataset, seed, 50)
