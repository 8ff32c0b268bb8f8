"""What a reader does with the page, as tests do it."""

from __future__ import annotations

import base64
import re
from typing import Any

from playwright.sync_api import Page

DOTS_ARE = "(dots) => window.crimeAtlas.dots.shown().length === dots"
DOTS_THERE = "() => window.crimeAtlas?.dots.shown().length > 0"
READY = "() => document.getElementById('map')?.dataset.state === 'ready'"
MAP_SETTLED = (
    "() => document.querySelector('#map .js-plotly-plot')._fullLayout.map._subplot.map.loaded()"
)
LAYER_TYPES = (
    "(document.querySelector('#map .js-plotly-plot').layout.map.layers || []).map((l) => l.type)"
)
SCALE_OF_MAP = "document.querySelector('#map .js-plotly-plot').data[0].colorscale || [[]]"
ELSEWHERE = re.compile("^https://")
PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
NO_DATA_FORCE = "greater-manchester"


def figure(page: Page) -> dict[str, Any]:
    """What the map draws now, read from plotly."""
    return page.evaluate(
        """() => {
            const plot = document.querySelector('#map .js-plotly-plot');
            const trace = plot.data[0];
            return {
                locations: Array.from(trace.locations), z: Array.from(trace.z),
                geojson: trace.geojson, layers: (plot.layout.map.layers || []).length,
                center: plot._fullLayout.map.center, zoom: plot._fullLayout.map.zoom,
            };
        }"""
    )


def open_page(page: Page, query: str = "") -> None:
    page.goto(f"/?{query}" if query else "/")
    wait_for_map(page)


def wait_for_map(page: Page, force: str | None = None) -> None:
    """Wait until the map is coloured or dotted; by the layer of a force if one is named."""
    page.wait_for_function(
        """(force) => {
            const plot = document.querySelector('#map .js-plotly-plot');
            const trace = plot && plot.data && plot.data[0];
            if (trace && !force && window.crimeAtlas.dots.shown().length) {
                return true;
            }
            return trace && trace.z && trace.z.length > 0
                && (!force || String(trace.geojson).includes('-' + force + '-'));
        }""",
        arg=force,
    )


def turn_wheel(page: Page, by: int) -> None:
    """Turn the wheel over the map once it shows what the page says; less than zero zooms in."""
    page.wait_for_function(READY)
    page.locator("#map").hover(position={"x": 300, "y": 200})
    page.mouse.wheel(0, by)


def click_map(page: Page, longitude: float, latitude: float) -> None:
    """Click the map where a point of the earth is drawn, once the map has settled."""
    page.wait_for_function(MAP_SETTLED)
    page.wait_for_timeout(600)
    point = page.evaluate(
        """([longitude, latitude]) => {
            const plot = document.querySelector('#map .js-plotly-plot');
            const at = plot._fullLayout.map._subplot.map.project([longitude, latitude]);
            const box = plot.getBoundingClientRect();
            return [box.left + at.x, box.top + at.y];
        }""",
        [longitude, latitude],
    )
    page.mouse.move(*point)
    page.wait_for_timeout(300)
    page.mouse.click(*point)


def choose(page: Page, control: str, text: str) -> None:
    """Choose an entry of a drop-down as a reader does."""
    page.locator(f"#{control}").click()
    entries = page.get_by_role("option")
    entries.filter(has_text=re.compile(f"^{re.escape(text)}")).first.click()
    page.keyboard.press("Escape")


def wait_for_query(page: Page, part: str) -> None:
    page.wait_for_function("(part) => window.location.search.includes(part)", arg=part)


def table_codes(page: Page) -> list[str]:
    page.wait_for_function("() => document.querySelectorAll('#table .ag-row[row-id]').length > 3")
    return page.evaluate(
        """() => Array.from(document.querySelectorAll('#table .ag-center-cols-container [row-id]'))
            .sort((a, b) => a.getAttribute('row-index') - b.getAttribute('row-index'))
            .map((row) => row.getAttribute('row-id'))"""
    )
