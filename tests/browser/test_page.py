"""What a reader does with the page, in a real browser."""

from __future__ import annotations

import base64
import csv
import io
import re
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, Route, expect

from analysis.area_table import area_table, arranged
from analysis.selection import Selection
from components.palette import DARK, LIGHT
from data_pipeline.dataset import Dataset

from .conftest import DESKTOP, PATIENCE_MS, serve

pytestmark = pytest.mark.browser

DOTS_ARE = (
    "(dots) => document.querySelector('#map .js-plotly-plot').data[1].customdata.length === dots"
)
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
            if (trace && !force && (plot.data[1].customdata || []).length) {
                return true;
            }
            return trace && trace.z && trace.z.length > 0
                && (!force || String(trace.geojson).includes('-' + force + '-'));
        }""",
        arg=force,
    )


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


def test_choosing_a_force_colours_its_neighbourhoods(page: Page, demo_dataset: Dataset) -> None:
    open_page(page)
    choose(page, "force", "Merseyside")
    wait_for_map(page, "merseyside")
    shown = figure(page)
    expected = demo_dataset.areas.loc[demo_dataset.areas["force"] == "merseyside", "lsoa_code"]
    assert set(shown["locations"]) == set(expected)
    assert len(set(shown["z"])) > 2
    assert shown["zoom"] > 6


def test_the_nation_opens_on_districts_and_a_click_goes_down(
    page: Page, demo_dataset: Dataset
) -> None:
    area = demo_dataset.areas[demo_dataset.areas["force"] == "cumbria"].iloc[0]
    open_page(page)
    assert "/geometry/lad-all-" in figure(page)["geojson"]
    click_map(page, area["longitude"], area["latitude"])
    wait_for_query(page, f"lad={area['lad_code']}")
    wait_for_map(page, "cumbria")
    inside = demo_dataset.areas["lad_code"] == area["lad_code"]
    assert set(figure(page)["locations"]) == set(demo_dataset.areas.loc[inside, "lsoa_code"])
    page.get_by_role("button", name="All of Cumbria").click()
    page.wait_for_function("() => !window.location.search.includes('lad=')")
    page.get_by_role("button", name="England and Wales").click()
    wait_for_query(page, "level=lad")


def test_changing_the_crime_type_keeps_the_view(page: Page) -> None:
    open_page(page, "force=merseyside&type=all-crime&level=lsoa")
    wait_for_map(page, "merseyside")
    page.locator("#map").hover(position={"x": 300, "y": 200})
    page.mouse.wheel(0, -400)
    wait_for_query(page, "map=")
    page.wait_for_timeout(800)
    before = figure(page)
    choose(page, "types", "Drugs")
    wait_for_query(page, "type=drugs")
    page.wait_for_function(
        "(z) => JSON.stringify(Array.from("
        "document.querySelector('#map .js-plotly-plot').data[0].z)) !== z",
        arg=str(before["z"]).replace(" ", ""),
    )
    after = figure(page)
    assert after["zoom"] == pytest.approx(before["zoom"], abs=0.01)
    assert after["center"]["lat"] == pytest.approx(before["center"]["lat"], abs=0.001)
    assert after["center"]["lon"] == pytest.approx(before["center"]["lon"], abs=0.001)


def test_a_row_outlines_its_area_and_zooms_to_it(page: Page) -> None:
    open_page(page, "force=merseyside&level=lsoa&type=drugs")
    wait_for_map(page, "merseyside")
    before = figure(page)
    code = table_codes(page)[2]
    page.locator(f"#table .ag-center-cols-container [row-id='{code}'] .ag-cell").first.click()
    wait_for_query(page, f"area={code}")
    page.wait_for_function(
        "(layers) => (document.querySelector('#map .js-plotly-plot')"
        ".layout.map.layers || []).length > layers",
        arg=before["layers"],
    )
    assert figure(page)["zoom"] > before["zoom"] + 1
    expect(page.locator("#trends-title")).to_contain_text(code)


def test_a_click_on_the_map_selects_and_scrolls_to_the_row(
    page: Page, demo_dataset: Dataset
) -> None:
    areas = demo_dataset.areas[demo_dataset.areas["force"] == "norfolk"]
    area = areas.sort_values("land_area_km2").iloc[-1]
    open_page(page, "force=norfolk&level=lsoa&type=drugs")
    wait_for_map(page, "norfolk")
    before = figure(page)
    click_map(page, area["longitude"], area["latitude"])
    wait_for_query(page, f"area={area['lsoa_code']}")
    row = page.locator(f"#table .ag-center-cols-container [row-id='{area['lsoa_code']}']")
    expect(row).to_be_visible()
    expect(row).to_have_class(re.compile("ag-row-selected"))
    assert figure(page)["zoom"] == pytest.approx(before["zoom"], abs=0.01)


def test_reload_and_a_shared_link_restore_everything(page: Page) -> None:
    open_page(page, "force=kent&level=lsoa&type=burglary")
    wait_for_map(page, "kent")
    page.locator("#map").hover(position={"x": 300, "y": 200})
    page.mouse.wheel(0, -500)
    wait_for_query(page, "map=")
    page.wait_for_timeout(800)
    before, url = figure(page), page.url
    page.reload()
    wait_for_map(page, "kent")
    page.wait_for_timeout(500)
    after = figure(page)
    assert after["z"] == before["z"]
    assert after["zoom"] == pytest.approx(before["zoom"], abs=0.01)
    assert after["center"]["lat"] == pytest.approx(before["center"]["lat"], abs=0.001)
    expect(page.locator("#force")).to_contain_text("Kent")
    expect(page.locator("#types")).to_contain_text("Burglary")
    assert page.url == url


def test_back_and_forward_follow_the_reader(page: Page) -> None:
    open_page(page, "force=kent&level=lsoa&type=burglary")
    wait_for_map(page, "kent")
    choose(page, "force", "Essex")
    wait_for_map(page, "essex")
    page.go_back()
    wait_for_map(page, "kent")
    expect(page.locator("#force")).to_contain_text("Kent")
    page.go_forward()
    wait_for_map(page, "essex")
    expect(page.locator("#force")).to_contain_text("Essex")


def test_a_stale_link_falls_back_with_a_visible_note(page: Page) -> None:
    open_page(page, "force=atlantis&type=drugs&from=1999-01&level=lsoa&map=nonsense")
    expect(page.locator("#notes")).to_contain_text("atlantis")
    expect(page.locator("#notes")).to_contain_text("January 1999")
    expect(page.locator("#types")).to_contain_text("Drugs")


def test_the_download_is_the_table_row_for_row(page: Page, demo_dataset: Dataset) -> None:
    open_page(page, "force=merseyside&level=lsoa&type=drugs")
    page.locator("#search").fill("Liverpool")
    wait_for_query(page, "q=Liverpool")
    page.locator("#table .ag-header-cell[col-id='count']").click()
    wait_for_query(page, "sort=-count")
    page.wait_for_function(
        "() => document.querySelector('#download').getAttribute('href').includes('sort=-count')"
    )
    page.wait_for_timeout(500)
    shown = table_codes(page)
    with page.expect_download() as download:
        page.locator("#download").click()
    text = download.value.path().read_text(encoding="utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    query = page.url.partition("?")[2]
    selection = Selection.from_query(query, demo_dataset)[0]
    expected = arranged(area_table(demo_dataset, selection), selection.search, selection.sort)
    assert [row["lsoa_code"] for row in rows] == expected["code"].tolist()
    assert [row["lsoa_code"] for row in rows][: len(shown)] == shown
    assert "SYNTHETIC" in download.value.suggested_filename
    first = page.locator(f"#table .ag-center-cols-container [row-id='{shown[0]}']")
    assert first.locator("[col-id='count']").inner_text().replace(",", "") == rows[0]["count"]


def test_a_missing_force_is_drawn_as_no_data_never_as_zero(page: Page) -> None:
    open_page(page, f"force={NO_DATA_FORCE}&level=lsoa&type=drugs")
    wait_for_map(page, NO_DATA_FORCE)
    assert set(figure(page)["z"]) == {-1}
    expect(page.locator("#headline")).to_contain_text("no data")
    expect(page.locator("#table .ag-center-cols-container")).to_contain_text(
        "0 of 12 months supplied"
    )
    expect(page.locator("#legend")).to_contain_text("No data")


def test_finding_an_area_by_code_goes_there(page: Page, demo_dataset: Dataset) -> None:
    area = demo_dataset.areas[demo_dataset.areas["force"] == "norfolk"].iloc[3]
    open_page(page)
    page.locator("#find").click()
    page.keyboard.type(area["lsoa_code"])
    page.get_by_role("link", name=area["lsoa_name"]).first.click()
    wait_for_query(page, f"area={area['lsoa_code']}")
    wait_for_map(page, "norfolk")
    expect(page.locator("#trends-title")).to_contain_text(area["lsoa_code"])


def test_a_name_is_found_however_fast_it_is_typed(page: Page, demo_dataset: Dataset) -> None:
    district = demo_dataset.areas.loc[demo_dataset.areas["force"] == "norfolk", "lad_name"].iloc[0]
    open_page(page)
    page.locator("#find").focus()
    page.keyboard.type(district)
    expect(page.locator("#found a").first).to_contain_text(district)
    expect(page.locator("#find")).to_have_value(district)
    page.keyboard.press("Enter")
    wait_for_query(page, "lad=")
    expect(page.locator("#scope")).to_contain_text(district)


def test_pointing_at_an_area_shows_its_card(page: Page, demo_dataset: Dataset) -> None:
    areas = demo_dataset.areas[demo_dataset.areas["force"] == "norfolk"]
    area = areas.sort_values("land_area_km2").iloc[-1]
    open_page(page, "force=norfolk&level=lsoa&type=drugs")
    wait_for_map(page, "norfolk")
    click_map(page, area["longitude"], area["latitude"])
    card = page.locator("#map-card")
    for part in (area["lsoa_code"], area["lsoa_name"], "95% interval", "recorded", "Rank "):
        expect(card).to_contain_text(part)
    page.mouse.move(700, 20)
    expect(card).to_be_hidden()


def dots_drawn(page: Page) -> int:
    return page.evaluate(
        """() => {
            const trace = document.querySelector('#map .js-plotly-plot').data[1];
            return trace.customdata.length;
        }"""
    )


def test_the_nation_is_dots_and_zooming_brings_the_areas(page: Page, demo_dataset: Dataset) -> None:
    areas = demo_dataset.areas
    area = areas[areas["force"] == "norfolk"].iloc[20]
    open_page(page, "level=lsoa&type=drugs&map=52.7,-2.0,5.5")
    page.wait_for_function(
        "() => document.querySelector('#map .js-plotly-plot')?.data[1].customdata?.length > 0"
    )
    assert dots_drawn(page) == len(areas)
    page.goto(f"/?level=lsoa&type=drugs&map={area['latitude']},{area['longitude']},8.5")
    page.wait_for_function(
        "() => document.querySelector('#map .js-plotly-plot')?.data[1].customdata?.length > 0"
    )
    page.wait_for_timeout(500)
    page.locator("#map").hover()
    page.mouse.wheel(0, -200)
    wait_for_map(page, "norfolk")
    inside = int((areas["force"] == "norfolk").sum())
    assert len(figure(page)["locations"]) == inside
    page.wait_for_function(
        DOTS_ARE,
        arg=len(areas) - inside,
    )
    page.mouse.wheel(0, 600)
    page.wait_for_function(
        DOTS_ARE,
        arg=len(areas),
    )


def test_a_dot_leads_to_its_area(page: Page, demo_dataset: Dataset) -> None:
    area = demo_dataset.areas[demo_dataset.areas["force"] == "cumbria"].iloc[5]
    open_link = f"level=lsoa&type=drugs&map={area['latitude']:.4f},{area['longitude']:.4f},8.5"
    page.goto(f"/?{open_link}")
    page.wait_for_function(
        "() => document.querySelector('#map .js-plotly-plot')?.data[1].customdata?.length > 0"
    )
    click_map(page, area["longitude"], area["latitude"])
    wait_for_query(page, f"area={area['lsoa_code']}")
    wait_for_map(page, "cumbria")


def test_where_am_i_goes_there_with_consent_and_says_so_without(
    browser: Browser, base_url: str, demo_dataset: Dataset
) -> None:
    area = demo_dataset.areas[demo_dataset.areas["force"] == "cumbria"].iloc[7]
    position = {"latitude": area["latitude"], "longitude": area["longitude"]}
    with_consent = browser.new_context(
        base_url=base_url, geolocation=position, permissions=["geolocation"]
    )
    page = with_consent.new_page()
    open_page(page)
    page.get_by_role("button", name="Where am I").click()
    wait_for_query(page, f"area={area['lsoa_code']}")
    wait_for_map(page, "cumbria")
    with_consent.close()
    without = browser.new_context(base_url=base_url, permissions=[])
    page = without.new_page()
    open_page(page)
    page.get_by_role("button", name="Where am I").click()
    expect(page.locator("#notes")).to_contain_text("did not give its position")
    without.close()


def test_the_map_is_saved_as_a_picture_that_stands_alone(page: Page) -> None:
    open_page(page, "force=norfolk&level=lsoa&type=drugs")
    wait_for_map(page, "norfolk")
    page.wait_for_timeout(800)
    box = page.locator("#map").bounding_box()
    with page.expect_download() as download:
        page.get_by_role("button", name="Save picture").click()
    content = download.value.path().read_bytes()
    assert content.startswith(b"\x89PNG")
    width, height = (int.from_bytes(content[at : at + 4], "big") for at in (16, 20))
    assert box
    assert width >= 2 * box["width"]
    # Title, legend and foot stand above and below the map.
    assert height >= 2 * (box["height"] + 150)
    assert "norfolk" in download.value.suggested_filename


def test_the_reader_chooses_pins_and_types_the_classes(page: Page) -> None:
    open_page(page, "force=merseyside&type=drugs")
    wait_for_map(page, "merseyside")
    page.get_by_text("Change the classes").click()
    choose(page, "classing", "Equal steps")
    wait_for_query(page, "classes=equal")
    expect(page.locator("#classes-note")).to_contain_text("Equal steps")
    labels = page.locator("#legend .legend-label")
    equal = labels.all_inner_texts()
    page.get_by_role("button", name="Pin these classes").click()
    wait_for_query(page, "breaks=")
    choose(page, "preset", "Last 3 months")
    wait_for_query(page, "from=2025-07")
    expect(page.locator("#map-title")).to_contain_text("July 2025")
    assert labels.all_inner_texts() == equal
    page.locator("#breaks").fill("5, 15, five")
    expect(page.locator("#breaks-note")).to_contain_text("are not numbers")
    page.locator("#breaks").fill("15, 5")
    wait_for_query(page, "breaks=5,15")
    expect(labels).to_have_text(["None", "Under 5", "5 to 15", "15 or more", "No data"])
    page.get_by_role("button", name="Unpin the classes").click()
    page.wait_for_function("() => !window.location.search.includes('breaks=')")


def test_a_missing_force_is_hatched_and_places_are_named(page: Page) -> None:
    answers: dict[str, int] = {}
    page.on("response", lambda answer: answers.update({answer.url: answer.status}))
    open_page(page, f"force={NO_DATA_FORCE}&type=drugs")
    wait_for_map(page, NO_DATA_FORCE)
    page.wait_for_function(MAP_SETTLED)
    extras = {url: status for url, status in answers.items() if "/geometry/" in url}
    assert any("hatching-" in url and NO_DATA_FORCE in url for url in extras)
    assert any("/names-" in url for url in extras)
    assert set(extras.values()) == {200}
    drawn = page.evaluate(
        """() => {
            const map = document.querySelector('#map .js-plotly-plot')._fullLayout.map._subplot.map;
            const layers = map.getStyle().layers.map((layer) => layer.id);
            return [layers, map.queryRenderedFeatures({ layers: ['district-names'] }).length];
        }"""
    )
    assert drawn[1] > 3
    assert drawn[0][-2:] == ["force-names", "district-names"], "names lie on top"


def test_dark_colours_are_followed_and_kept(browser: Browser, base_url: str) -> None:
    context = browser.new_context(viewport=DESKTOP, base_url=base_url, color_scheme="dark")
    page = context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    open_page(page, "force=merseyside&type=drugs")
    wait_for_map(page, "merseyside")
    page.wait_for_function(f"() => ({SCALE_OF_MAP})[0][1] === '{DARK.part}'")
    page.get_by_role("button", name="Light colours").click()
    page.wait_for_function(f"() => ({SCALE_OF_MAP})[0][1] === '{LIGHT.part}'")
    page.reload()
    wait_for_map(page, "merseyside")
    expect(page.get_by_role("button", name="Dark colours")).to_be_visible()
    context.close()


def test_a_background_is_loaded_only_when_it_is_chosen(page: Page) -> None:
    asked: list[str] = []

    def tile(route: Route) -> None:
        asked.append(route.request.url)
        route.fulfill(
            body=PIXEL,
            content_type="image/png",
            headers={"Access-Control-Allow-Origin": "*"},
        )

    page.route(ELSEWHERE, tile)
    open_page(page, "force=merseyside&type=drugs")
    wait_for_map(page, "merseyside")
    assert not asked
    choose(page, "basemap", "Streets")
    wait_for_query(page, "basemap=streets")
    page.wait_for_function(f"() => ({LAYER_TYPES}).includes('raster')")
    page.wait_for_function(MAP_SETTLED)
    assert asked
    assert all(url.startswith("https://tile.openstreetmap.org/") for url in asked)
    expect(page.locator("#map .maplibregl-ctrl-attrib-inner")).to_contain_text("OpenStreetMap")


def test_a_background_that_cannot_be_loaded_is_left_out(page: Page) -> None:
    page.route(ELSEWHERE, lambda route: route.abort())
    open_page(page, "force=merseyside&type=drugs&basemap=light")
    expect(page.locator("#basemap-note")).to_contain_text("could not be loaded")
    wait_for_map(page, "merseyside")
    page.wait_for_function(f"() => !({LAYER_TYPES}).includes('raster')")
    assert len(set(figure(page)["z"])) > 2


def test_backgrounds_can_be_forbidden(browser: Browser, demo: Path) -> None:
    served = serve(demo, remote_tiles=False)
    context = browser.new_context(viewport=DESKTOP, base_url=next(served))
    page = context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    asked: list[str] = []
    page.route(ELSEWHERE, lambda route: (asked.append(route.request.url), route.abort()))
    open_page(page, "force=merseyside&type=drugs&basemap=streets")
    wait_for_map(page, "merseyside")
    expect(page.locator("#basemap")).to_be_hidden()
    assert page.evaluate(f"() => ({LAYER_TYPES}).includes('raster')") is False
    assert not asked
    context.close()
    next(served, None)


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


def test_another_denominator_changes_the_rates(page: Page) -> None:
    open_page(page, "force=norfolk&level=lsoa&type=drugs")
    before = page.locator("#headline").inner_text()
    choose(page, "denominator", "Workday")
    wait_for_query(page, "denominator=workday-2021")
    expect(page.locator("#scope")).to_contain_text("workday population")
    expect(page.locator("#headline")).not_to_have_text(before)


def test_the_table_of_a_chart_holds_every_month(page: Page, demo_dataset: Dataset) -> None:
    open_page(page, "force=devon-and-cornwall&level=lsoa&type=drugs")
    expect(page.locator("#counts-note")).to_contain_text("did not supply")
    page.locator("#counts-table summary").click()
    rows = page.locator("#counts-table tbody tr")
    expect(rows).to_have_count(len(demo_dataset.months))
    missing = rows.filter(has_text="November 2022")
    expect(missing).to_contain_text("no data")


@pytest.mark.parametrize("width", [390, 768, 1440])
def test_the_page_fits_the_screen(browser: Browser, base_url: str, width: int) -> None:
    context = browser.new_context(
        viewport={"width": width, "height": 844}, base_url=base_url, locale="en-GB"
    )
    page = context.new_page()
    open_page(page, "force=merseyside&level=lsoa&type=drugs")
    wait_for_map(page, "merseyside")
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
        expect(page.locator(".message code")).to_contain_text("python -m data_pipeline demo --out")
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
