"""The page for everybody: keys, names, screens, browsers; and what it fetches."""

from __future__ import annotations

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from data_pipeline.dataset import Dataset

from .acts import (
    choose,
    open_page,
    table_codes,
    wait_for_map,
    wait_for_query,
)
from .conftest import PATIENCE_MS, serve

pytestmark = pytest.mark.browser


def test_synthetic_data_are_labelled(page: Page) -> None:
    open_page(page)
    expect(page.locator(".synthetic")).to_contain_text("Synthetic demonstration data")


def test_nothing_is_fetched_from_elsewhere(page: Page, base_url: str) -> None:
    elsewhere: list[str] = []
    page.on(
        "request",
        lambda request: (
            None
            if request.url.startswith((base_url, "data:", "blob:"))
            else elsewhere.append(request.url)
        ),
    )
    open_page(page, "force=merseyside&level=lsoa")
    wait_for_map(page, "merseyside")
    page.wait_for_timeout(1000)
    assert elsewhere == []


@pytest.mark.parametrize("width", [390, 1440])
@pytest.mark.parametrize(
    "query",
    [
        "",
        "force=merseyside&level=lsoa&type=drugs",
        "level=lsoa&shape=-3.1,53.33;-2.9,53.33;-2.9,53.45;-3.1,53.45",
        "force=x",
    ],
)
def test_axe_finds_no_barrier(browser: Browser, base_url: str, width: int, query: str) -> None:
    context = browser.new_context(
        viewport={"width": width, "height": 844}, base_url=base_url, bypass_csp=True
    )
    page = context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    open_page(page, query)
    expect(page.locator("#table .ag-row").first).to_be_visible(timeout=PATIENCE_MS)
    found = Axe().run(page).response["violations"]
    assert [(rule["id"], [node["target"] for node in rule["nodes"]]) for rule in found] == []
    context.close()


@pytest.mark.parametrize(
    ("control", "name"),
    [("force", "Police force"), ("types", "Crime types"), ("find", "Find an area")],
)
def test_controls_have_names(page: Page, control: str, name: str) -> None:
    open_page(page)
    expect(page.locator(f"#{control}")).to_have_accessible_name(re.compile(name))


def test_the_filters_work_by_keyboard_alone(page: Page) -> None:
    open_page(page)
    page.locator("#force").focus()
    page.keyboard.press("Enter")
    expect(page.locator("[role=option] input:focus")).to_have_count(1)
    page.keyboard.press("ArrowDown")
    expect(page.locator("[role=option] input[value='avon-and-somerset']")).to_be_focused()
    page.keyboard.press("Enter")
    wait_for_map(page, "avon-and-somerset")


def test_several_crime_types_can_be_chosen(page: Page) -> None:
    open_page(page, "force=norfolk&level=lsoa&type=drugs")
    choose(page, "types", "Burglary")
    wait_for_query(page, "type=burglary,drugs")
    expect(page.locator("#scope")).to_contain_text("Burglary and Drugs")


def test_every_type_at_once_keeps_anti_social_behaviour_apart(page: Page) -> None:
    open_page(page, "force=norfolk&type=drugs")
    page.locator("#types").click()
    page.get_by_role("button", name="Select All", exact=True).click()
    wait_for_query(page, "type=all-crime")
    expect(page.locator("#notes")).to_contain_text("is kept apart")
    page.keyboard.press("Escape")
    expect(page.locator("#types")).to_contain_text("All crime")


def test_another_denominator_changes_the_rates(page: Page) -> None:
    open_page(page, "force=norfolk&level=lsoa&type=drugs")
    before = page.locator("#headline").inner_text()
    choose(page, "denominator", "Workday")
    wait_for_query(page, "denominator=workday-2021")
    expect(page.locator("#scope")).to_contain_text("workday population")
    expect(page.locator("#headline")).not_to_have_text(before)


def test_the_table_of_a_chart_holds_every_month(page: Page, demo_dataset: Dataset) -> None:
    open_page(page, "force=devon-and-cornwall&level=lsoa&type=drugs")
    expect(page.locator("#counts-note")).to_contain_text("supplied no file")
    page.locator(".filled-when-opened:has(#counts-table) summary").click()
    rows = page.locator("#counts-table tbody tr")
    expect(rows).to_have_count(len(demo_dataset.months))
    missing = rows.filter(has_text="November 2022")
    expect(missing).to_contain_text("no data")


LABELS = """() => ['counts', 'rates'].map((id) => {
    const chart = document.querySelector(`#${id} .main-svg`).getBoundingClientRect();
    const labels = document.querySelectorAll(`#${id} .xtick text, #${id} .ytick text`);
    const boxes = Array.from(labels, (label) => label.getBoundingClientRect());
    const inside = boxes.filter((box) => box.bottom <= chart.bottom && box.left >= chart.left);
    return [boxes.length, inside.length];
})"""


def test_every_label_of_a_chart_is_within_its_picture(page: Page) -> None:
    open_page(page, "force=norfolk&level=lsoa&type=drugs")
    for chart in ("counts", "rates"):
        page.wait_for_function(f"() => document.querySelector('#{chart} .xtick text')")
    page.wait_for_timeout(500)
    for labels, inside in page.evaluate(LABELS):
        assert labels == inside > 5


@pytest.mark.parametrize("width", [390, 768, 1440])
def test_the_page_fits_the_screen(
    browser: Browser, base_url: str, demo_dataset: Dataset, width: int
) -> None:
    context = browser.new_context(
        viewport={"width": width, "height": 844}, base_url=base_url, locale="en-GB"
    )
    page = context.new_page()
    areas = demo_dataset.areas
    code = areas.loc[areas["force"] == "merseyside", "lsoa_code"].iloc[0]
    open_page(page, f"force=merseyside&level=lsoa&type=drugs&area={code}")
    wait_for_map(page, "merseyside")
    for button in ("clear", "series"):
        page.locator(f"#{button}").wait_for()
    assert page.evaluate("() => document.documentElement.scrollWidth") <= width
    box = page.locator("#map").bounding_box()
    assert box
    assert box["width"] > 0.45 * width
    context.close()


def test_without_webgl_the_page_says_so_and_the_table_works(
    browser: Browser, base_url: str
) -> None:
    context = browser.new_context(viewport={"width": 1440, "height": 900}, base_url=base_url)
    page = context.new_page()
    page.add_init_script(
        """const original = HTMLCanvasElement.prototype.getContext;
        HTMLCanvasElement.prototype.getContext = function (kind, ...rest) {
            return /webgl/.test(kind) ? null : original.call(this, kind, ...rest);
        };"""
    )
    page.goto("/?force=merseyside&level=lsoa&type=drugs")
    expect(page.locator("#map-fallback")).to_be_visible(timeout=PATIENCE_MS)
    expect(page.locator("#map-fallback")).to_contain_text("WebGL")
    expect(page.locator("#draw")).to_be_hidden()
    assert len(table_codes(page)) > 3
    context.close()


def test_without_a_dataset_the_page_names_the_command(
    browser: Browser, tmp_path_factory: pytest.TempPathFactory
) -> None:
    absent = tmp_path_factory.mktemp("none") / "current"
    for url in serve(absent):
        page = browser.new_page()
        page.goto(url)
        expect(page.locator(".message")).to_contain_text("no dataset", timeout=PATIENCE_MS)
        expect(page.locator(".message code")).to_contain_text("make demo")
        page.close()


def test_two_readers_do_not_affect_each_other(browser: Browser, base_url: str) -> None:
    pages = []
    for force in ("kent", "essex"):
        context = browser.new_context(viewport={"width": 1200, "height": 800}, base_url=base_url)
        page = context.new_page()
        open_page(page, f"force={force}&level=lsoa&type=drugs")
        wait_for_map(page, force)
        pages.append(page)
    choose(pages[0], "types", "Robbery")
    wait_for_query(pages[0], "robbery")
    expect(pages[1].locator("#scope")).to_contain_text("Drugs")
    assert "robbery" not in pages[1].url
    for page in pages:
        page.context.close()
