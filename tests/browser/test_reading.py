"""Names that are never cut, keys that do what is expected, a map that says what it is doing."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from data_pipeline.dataset import Dataset

from .acts import READY, choose, open_page, wait_for_query
from .conftest import DESKTOP, PATIENCE_MS, serve

pytestmark = pytest.mark.browser

SUFFOLK = "force=suffolk&level=lsoa"
ROWS_THERE = "() => document.querySelectorAll('#table .area-cell').length > 3"
CUT = """() => Array.from(document.querySelectorAll('#table .area-cell, #table .rate-cell'))
    .filter((cell) => {
        const box = cell.closest('.ag-cell').getBoundingClientRect();
        const text = document.createRange();
        text.selectNodeContents(cell);
        const written = text.getBoundingClientRect();
        return written.right > box.right + 1 || written.bottom > box.bottom + 1
            || cell.scrollWidth > cell.clientWidth + 1;
    })
    .map((cell) => cell.innerText)"""
FOCUS = """() => {
    const focus = document.activeElement;
    return focus.closest('.ag-root') ? 'table' : focus.closest('.ag-paging-panel') ? 'pages'
        : focus.id || focus.tagName;
}"""


def focus(page: Page) -> str:
    page.wait_for_timeout(150)
    return page.evaluate(FOCUS)


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("query", [SUFFOLK, "level=ward", "force=greater-manchester&level=lsoa"])
def test_nothing_that_identifies_a_row_is_cut(page: Page, width: int, query: str) -> None:
    page.set_viewport_size({"width": width, "height": 844})
    open_page(page, query)
    page.wait_for_function(ROWS_THERE)
    page.wait_for_timeout(500)
    assert page.evaluate(CUT) == []


def test_a_row_says_ward_then_district_then_lsoa_and_code(
    page: Page, demo_dataset: Dataset
) -> None:
    open_page(page, SUFFOLK)
    page.wait_for_function(ROWS_THERE)
    code = page.locator("#table .ag-row[row-id]").first.get_attribute("row-id")
    area = demo_dataset.areas.set_index("lsoa_code").loc[code]
    cell = page.locator(f"#table .ag-row[row-id='{code}'] .area-cell").first
    expect(cell.locator(".area-name")).to_have_text(area["ward_name"])
    expect(cell.locator(".area-place")).to_have_text(
        f"{area['lad_name']} · {area['lsoa_name']} · {code}"
    )


def test_a_telephone_shows_the_rate_beside_the_name(page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    open_page(page, SUFFOLK)
    page.wait_for_function(ROWS_THERE)
    rate = page.locator("#table .rate-cell").first
    rate.scroll_into_view_if_needed()
    box = rate.bounding_box()
    assert box
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 390
    assert re.match(r"[\d,.]+\n[\d,.]+ to [\d,.]+$", rate.inner_text())


@pytest.mark.parametrize("opening", ["Enter", "Space", None])
def test_typing_in_the_force_list_chooses_what_is_typed(page: Page, opening: str | None) -> None:
    open_page(page, SUFFOLK)
    page.focus("#force")
    if opening:
        page.keyboard.press(opening)
        expect(page.get_by_role("option").first).to_be_visible()
    page.keyboard.type("kent", delay=40)
    expect(page.get_by_role("option")).to_have_count(1)
    page.keyboard.press("Enter")
    wait_for_query(page, "force=kent")


def test_tab_leaves_the_table_after_one_stop(page: Page) -> None:
    open_page(page, SUFFOLK)
    page.wait_for_function(ROWS_THERE)
    page.focus("#download")
    page.keyboard.press("Tab")
    assert focus(page) == "table"
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    assert focus(page) == "table"
    page.keyboard.press("Tab")
    assert focus(page) != "table"
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Shift+Tab")
    assert focus(page) == "download"


def test_the_map_says_that_it_is_loading_and_how_many_areas_it_shows(
    page: Page, demo_dataset: Dataset
) -> None:
    page.route("**/geometry/lsoa-suffolk-*", lambda route: None)
    page.goto(f"/?{SUFFOLK}")
    expect(page.locator("#map")).to_have_attribute("data-state", "loading")
    expect(page.locator("#map-fallback")).to_have_text("The map is loading…")
    page.unroute("**/geometry/lsoa-suffolk-*")
    page.reload()
    page.wait_for_function(READY)
    expect(page.locator("#map-fallback")).to_be_hidden()
    areas = int((demo_dataset.areas["force"] == "suffolk").sum())
    expect(page.locator("#map")).to_have_attribute("data-areas", str(areas))


def test_a_map_that_never_comes_says_so(browser: Browser, base_url: str) -> None:
    with browser.new_page(viewport=DESKTOP, base_url=base_url) as page:
        page.route("**/geometry/lsoa-suffolk-*", lambda route: route.abort())
        page.goto(f"/?{SUFFOLK}")
        failed = {"timeout": 2 * PATIENCE_MS}
        expect(page.locator("#map")).to_have_attribute("data-state", "failed", **failed)
        expect(page.locator("#map-fallback")).to_contain_text("could not be drawn")


def test_zooming_in_from_the_nation_brings_areas_their_note_and_wards(
    page: Page, demo_dataset: Dataset
) -> None:
    area = demo_dataset.areas[demo_dataset.areas["force"] == "suffolk"].iloc[0]
    open_page(page, "level=lsoa")
    page.wait_for_function(READY)
    expect(page.locator("#map-note")).to_contain_text("Every dot is a neighbourhood")
    page.evaluate(
        """([longitude, latitude]) => {
            const plot = document.querySelector('#map .js-plotly-plot');
            const map = plot._fullLayout.map._subplot.map;
            map.jumpTo({ center: [longitude, latitude], zoom: 11.8 });
        }""",
        [area["longitude"], area["latitude"]],
    )
    box = page.locator("#map").bounding_box()
    assert box
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    for _ in range(3):
        page.mouse.wheel(0, -200)
        page.wait_for_timeout(300)
    expect(page.locator("#map-note")).to_contain_text("the areas of Suffolk are drawn")
    page.wait_for_function(
        """() => document.querySelector('#map .js-plotly-plot')._fullLayout.map._subplot.map
            .getSource('wards')"""
    )


def test_several_forces_are_chosen_named_and_left_out_again(page: Page) -> None:
    open_page(page, SUFFOLK)
    choose(page, "add", "Kent")
    wait_for_query(page, "force=kent,suffolk")
    expect(page.locator("#map-title h2")).to_contain_text("in Kent and Suffolk")
    expect(page.locator("#chips .chip")).to_have_text(["Kent ×", "Suffolk ×"])
    choose(page, "add", "Essex")
    choose(page, "add", "Surrey")
    wait_for_query(page, "surrey")
    expect(page.locator("#chips .chip")).to_have_count(4)
    expect(page.locator("#map-title h2")).to_contain_text("Essex, Kent and 2 more")
    page.get_by_label("Leave out Kent").click()
    wait_for_query(page, "force=essex,suffolk,surrey")


@pytest.fixture(scope="module")
def prefixed(demo: object) -> Iterator[str]:
    yield from (f"{address}/crime" for address in serve(demo, prefix="/crime"))


def test_below_a_prefix_the_page_works(page: Page, prefixed: str) -> None:
    page.goto(f"{prefixed}/?{SUFFOLK}")
    page.wait_for_function(READY)
    page.wait_for_function(ROWS_THERE)
    choose(page, "force", "Kent")
    wait_for_query(page, "force=kent")
    assert page.url.startswith(f"{prefixed}/?")
    page.wait_for_function(READY)
    href = page.locator("#download").get_attribute("href")
    assert href
    assert href.startswith("/crime/export/areas.csv?")
