"""Drawing a group of areas on the map, in a real browser."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from analysis.area_table import area_table
from analysis.selection import Selection, from_query
from data_pipeline.dataset import Dataset

from .acts import DOTS_ARE, figure, open_page, table_codes, wait_for_map, wait_for_query
from .conftest import PATIENCE_MS

pytestmark = pytest.mark.browser

MERSEYSIDE = "force=merseyside&level=lsoa&type=drugs"
SQUARE = "shape=-3.1,53.33;-2.9,53.33;-2.9,53.45;-3.1,53.45"


def start(page: Page, how: str) -> None:
    page.locator("#draw summary").click()
    page.get_by_role("button", name=how).click()
    expect(page.locator("#draw-hint")).to_contain_text("Draw around the areas")


def around_the_middle(page: Page, share: float = 0.25) -> Iterator[tuple[float, float]]:
    """Give points of a circle around the middle of the map, in pixels of the page."""
    box = page.locator("#map").bounding_box()
    assert box
    middle = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    for step in range(30):
        angle = 2 * math.pi * step / 30
        yield (
            middle[0] + share * box["height"] * math.cos(angle),
            middle[1] + share * box["height"] * math.sin(angle),
        )


def lasso(page: Page) -> None:
    points = around_the_middle(page)
    page.mouse.move(*next(points))
    page.mouse.down()
    for point in points:
        page.mouse.move(*point)
    page.mouse.up()


def selection_of(page: Page, dataset: Dataset) -> Selection:
    selection, notes = from_query(page.url.partition("?")[2], dataset)
    assert notes == ()
    return selection


def expect_to_be_left(page: Page) -> None:
    """Check that the reader is not drawing any more, and that the keyboard is where it was."""
    expect(page.locator("#draw-sheet")).to_be_hidden()
    expect(page.locator("#draw-hint")).to_be_hidden()
    expect(page.locator("#draw summary")).to_be_focused()


def test_table_trends_export_and_link_follow_a_lasso(page: Page, demo_dataset: Dataset) -> None:
    open_page(page, MERSEYSIDE)
    wait_for_map(page, "merseyside")
    before = figure(page)
    start(page, "Freehand")
    lasso(page)
    wait_for_query(page, "shape=")
    expect(page.locator("#scope")).to_contain_text("neighbourhoods drawn on the map")
    expect_to_be_left(page)
    page.wait_for_function(
        "(all) => document.querySelector('#map .js-plotly-plot').data[0].locations.length < all",
        arg=len(before["locations"]),
    )
    selection = selection_of(page, demo_dataset)
    table = area_table(demo_dataset, selection)
    assert set(figure(page)["locations"]) == set(table.frame["code"])
    assert figure(page)["zoom"] > before["zoom"]
    label = selection.place_label(demo_dataset)
    for part in ("#scope", "#map-title", "#trends-title"):
        expect(page.locator(part)).to_contain_text(label)
    expect(page.locator("#table-title")).to_contain_text(f"{len(table.frame)} neighbourhoods")
    assert set(table_codes(page)) <= set(table.frame["code"])
    with page.expect_download() as download:
        page.locator("#download").click()
    text = download.value.path().read_text(encoding="utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [row["lsoa_code"] for row in rows] == table.frame["code"].tolist()
    assert f"{len(rows)}-neighbourhoods-drawn-on-the-map" in download.value.suggested_filename


def test_a_group_is_restored_by_its_link_and_left_by_the_way_back(
    page: Page, demo_dataset: Dataset
) -> None:
    open_page(page, f"{MERSEYSIDE}&{SQUARE}")
    wait_for_map(page, "merseyside")
    inside = len(area_table(demo_dataset, selection_of(page, demo_dataset)).frame)
    assert len(figure(page)["locations"]) == inside
    expect(page.locator("#force")).to_contain_text("Drawn on the map")
    page.get_by_role("button", name="← All of Merseyside").click()
    page.wait_for_function("() => !window.location.search.includes('shape=')")
    page.wait_for_function(
        "(few) => document.querySelector('#map .js-plotly-plot').data[0].locations.length > few",
        arg=inside,
    )
    expect(page.locator("#force")).to_contain_text("Merseyside")
    page.go_back()
    expect(page.locator("#scope")).to_contain_text(f"{inside} neighbourhoods drawn on the map")


def test_a_lasso_over_the_nation_s_dots_keeps_those_inside(
    page: Page, demo_dataset: Dataset
) -> None:
    open_page(page, "level=lsoa&type=drugs&map=52.7,-2.0,5.5")
    start(page, "Freehand")
    lasso(page)
    wait_for_query(page, "shape=")
    inside = len(area_table(demo_dataset, selection_of(page, demo_dataset)).frame)
    assert inside < len(demo_dataset.areas)
    page.wait_for_function(DOTS_ARE, arg=inside)
    expect_to_be_left(page)


def test_a_box_is_drawn_from_corner_to_corner_after_zooming(
    page: Page, demo_dataset: Dataset
) -> None:
    open_page(page, f"{MERSEYSIDE}&map=53.4000,-2.9500,10.00")
    wait_for_map(page, "merseyside")
    start(page, "Box")
    points = list(around_the_middle(page))
    page.mouse.move(*points[20])
    page.mouse.wheel(0, -200)
    page.wait_for_function(
        "() => document.querySelector('#map .js-plotly-plot')._fullLayout.map.zoom > 10.1"
    )
    page.mouse.down()
    page.mouse.move(*points[5], steps=5)
    page.mouse.up()
    wait_for_query(page, "shape=")
    shape = selection_of(page, demo_dataset).shape
    assert len(shape) == 4
    assert len({longitude for longitude, _ in shape}) == 2
    assert len({latitude for _, latitude in shape}) == 2


def test_escape_stops_drawing_and_a_click_chooses_nothing_meanwhile(page: Page) -> None:
    open_page(page, MERSEYSIDE)
    wait_for_map(page, "merseyside")
    start(page, "Box")
    address = page.url
    page.mouse.click(*next(around_the_middle(page)))
    page.wait_for_timeout(700)
    assert page.url == address
    page.keyboard.press("Escape")
    expect_to_be_left(page)
    start(page, "Box")
    page.get_by_role("button", name="Stop").click()
    expect_to_be_left(page)
    assert page.url == address


def test_escape_in_the_middle_of_a_lasso_leaves_nothing_behind(page: Page) -> None:
    open_page(page, MERSEYSIDE)
    wait_for_map(page, "merseyside")
    start(page, "Freehand")
    points = list(around_the_middle(page))
    page.mouse.move(*points[0])
    page.mouse.down()
    for point in points[:20]:
        page.mouse.move(*point)
    page.keyboard.press("Escape")
    expect_to_be_left(page)
    page.mouse.up()
    page.wait_for_timeout(700)
    assert "shape=" not in page.url


def test_what_the_map_shows_becomes_a_group_by_keyboard_alone(
    page: Page, demo_dataset: Dataset
) -> None:
    area = demo_dataset.areas[demo_dataset.areas["force"] == "merseyside"].iloc[3]
    open_page(page, f"{MERSEYSIDE}&map={area['latitude']:.4f},{area['longitude']:.4f},11.5")
    wait_for_map(page, "merseyside")
    page.locator("#draw summary").focus()
    page.keyboard.press("Enter")
    for _ in range(3):
        page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="What the map shows now")).to_be_focused()
    page.keyboard.press("Enter")
    wait_for_query(page, "shape=")
    expect(page.locator("#scope")).to_contain_text("drawn on the map")
    selection = selection_of(page, demo_dataset)
    table = area_table(demo_dataset, selection)
    assert area["lsoa_code"] in set(table.frame["code"])
    assert len(table.frame) < int((demo_dataset.areas["force"] == "merseyside").sum())
    expect(page.locator("#draw summary")).to_be_focused()


def test_a_group_is_drawn_by_touch(browser: Browser, base_url: str, demo_dataset: Dataset) -> None:
    context = browser.new_context(
        viewport={"width": 390, "height": 844}, base_url=base_url, has_touch=True, is_mobile=True
    )
    page = context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    open_page(page, MERSEYSIDE)
    wait_for_map(page, "merseyside")
    page.evaluate("() => document.querySelector('.map-panel').scrollIntoView()")
    page.locator("#draw summary").tap()
    page.get_by_role("button", name="Freehand").tap()
    expect(page.locator("#draw-hint")).to_be_visible()
    assert page.evaluate("() => document.documentElement.scrollWidth") <= 390
    finger = context.new_cdp_session(page)
    for step, (x, y) in enumerate(around_the_middle(page, 0.2)):
        kind = "touchMove" if step else "touchStart"
        finger.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": x, "y": y}]})
    finger.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    wait_for_query(page, "shape=")
    expect(page.locator("#scope")).to_contain_text("neighbourhoods drawn on the map")
    assert selection_of(page, demo_dataset).forces == ("merseyside",)
    assert page.evaluate("() => document.documentElement.scrollWidth") <= 390
    context.close()


@pytest.mark.parametrize("width", [390, 1440])
def test_axe_finds_no_barrier_while_drawing(browser: Browser, base_url: str, width: int) -> None:
    context = browser.new_context(
        viewport={"width": width, "height": 844}, base_url=base_url, bypass_csp=True
    )
    page = context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    open_page(page, f"{MERSEYSIDE}&{SQUARE}")
    start(page, "Freehand")
    page.locator("#draw summary").click()
    expect(page.get_by_role("button", name="What the map shows now")).to_be_visible()
    found = Axe().run(page).response["violations"]
    assert [(rule["id"], [node["target"] for node in rule["nodes"]]) for rule in found] == []
    context.close()
