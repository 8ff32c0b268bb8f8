"""What a reader does with the map, in a real browser."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from components.map.view import DETAIL_ZOOM
from components.palette import DARK, LIGHT
from data_pipeline.dataset import Dataset

from .acts import (
    DOTS_ARE,
    DOTS_THERE,
    ELSEWHERE,
    LAYER_TYPES,
    MAP_SETTLED,
    NO_DATA_FORCE,
    PIXEL,
    READY,
    SCALE_OF_MAP,
    choose,
    click_map,
    figure,
    open_page,
    wait_for_map,
    wait_for_query,
)
from .conftest import DESKTOP, PATIENCE_MS, serve

pytestmark = pytest.mark.browser


def test_pointing_at_an_area_shows_its_card(page: Page, demo_dataset: Dataset) -> None:
    areas = demo_dataset.areas[demo_dataset.areas["force"] == "norfolk"]
    area = areas.sort_values("land_area_km2").iloc[-1]
    open_page(page, "force=norfolk&level=lsoa&type=drugs")
    wait_for_map(page, "norfolk")
    click_map(page, area["longitude"], area["latitude"])
    card = page.locator("#map-card")
    for part in (area["lsoa_code"], area["lsoa_name"], "95% interval", "recorded", "By rate "):
        expect(card).to_contain_text(part)
    page.mouse.move(700, 20)
    expect(card).to_be_hidden()


ZOOM = "document.querySelector('#map .js-plotly-plot')._fullLayout.map._subplot.map.getZoom()"


def test_the_nation_is_dots_and_zooming_brings_the_areas(page: Page, demo_dataset: Dataset) -> None:
    areas = demo_dataset.areas
    area = areas[areas["force"] == "norfolk"].iloc[20]
    open_page(page, "level=lsoa&type=drugs&map=52.7,-2.0,5.5")
    page.wait_for_function(DOTS_THERE)
    page.wait_for_function(DOTS_ARE, arg=len(areas))
    page.goto(f"/?level=lsoa&type=drugs&map={area['latitude']},{area['longitude']},8.5")
    page.wait_for_function(READY)
    page.locator("#map").hover()
    page.mouse.wheel(0, -200)
    wait_for_map(page, "norfolk")
    inside = int((areas["force"] == "norfolk").sum())
    assert len(figure(page)["locations"]) == inside
    page.wait_for_function(
        DOTS_ARE,
        arg=len(areas) - inside,
    )
    # The map is being redrawn now: a turn of the wheel may be lost, but never half of it.
    for _ in range(4):
        page.mouse.wheel(0, 600)
        page.wait_for_timeout(1500)
        if page.evaluate(ZOOM) < DETAIL_ZOOM:
            break
    page.wait_for_function(
        DOTS_ARE,
        arg=len(areas),
    )


HELD = """() => {
    const plot = document.querySelector('#map .js-plotly-plot');
    const picture = plot.layout.map.layers.find((layer) => layer.sourcetype === 'image');
    const seen = plot._fullLayout.map._subplot.map.getBounds();
    const [[west, north], , [east, south]] = picture.coordinates;
    return west <= seen.getWest() && east >= seen.getEast()
        && south <= seen.getSouth() && north >= seen.getNorth() && picture.source;
}"""


def test_the_dots_are_painted_anew_where_the_map_is_moved_and_only_then(page: Page) -> None:
    open_page(page, "level=lsoa&type=drugs&map=52.7,-2.0,6.5")
    page.wait_for_function(READY)
    before = page.evaluate(HELD)
    assert before
    box = page.locator("#map").bounding_box()
    assert box
    middle = (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)

    def drag(by: float) -> None:
        page.mouse.move(*middle)
        page.mouse.down()
        page.mouse.move(middle[0] + by, middle[1], steps=4)
        page.mouse.up()

    drag(20)
    wait_for_query(page, "map=52.7")
    page.wait_for_timeout(700)
    assert page.evaluate(HELD) == before
    drag(-300)
    page.wait_for_function(
        f"(before) => {{ const held = ({HELD})(); return held && held !== before }}", arg=before
    )
    choose(page, "types", "Burglary")
    wait_for_query(page, "type=burglary,drugs")
    page.wait_for_function(READY)
    assert page.evaluate(HELD) not in ("", before)


def test_a_dot_leads_to_its_area(page: Page, demo_dataset: Dataset) -> None:
    area = demo_dataset.areas[demo_dataset.areas["force"] == "cumbria"].iloc[5]
    open_link = f"level=lsoa&type=drugs&map={area['latitude']:.4f},{area['longitude']:.4f},8.5"
    page.goto(f"/?{open_link}")
    page.wait_for_function(DOTS_THERE)
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
    assert download.value.suggested_filename.startswith("crime-atlas-drugs-in-norfolk-rate-per-")


def test_a_picture_of_several_places_names_them_and_says_that_it_is_being_drawn(
    page: Page,
) -> None:
    page.add_init_script(
        """window.written = [];
        const write = CanvasRenderingContext2D.prototype.fillText;
        CanvasRenderingContext2D.prototype.fillText = function (text, ...place) {
            window.written.push(text);
            return write.call(this, text, ...place);
        };"""
    )
    open_page(page, "force=norfolk,suffolk,kent,essex&level=lad&type=drugs")
    wait_for_map(page)
    page.wait_for_timeout(800)
    page.evaluate(
        """() => {
            const button = document.getElementById('picture');
            window.labels = [];
            new MutationObserver(() => window.labels.push(
                [button.textContent, button.disabled])).observe(
                button, { childList: true, characterData: true, subtree: true });
        }"""
    )
    with page.expect_download() as download:
        page.get_by_role("button", name="Save picture").click()
    assert "drugs" in download.value.suggested_filename
    assert ["Drawing the picture…", True] in page.evaluate("window.labels")
    expect(page.locator("#picture")).to_have_text("Save picture")
    expect(page.locator("#picture")).to_be_enabled()
    assert "Places: Essex, Kent, Norfolk, Suffolk." in page.evaluate("window.written.join(' ')")


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
    # Names are placed a moment after everything else is drawn.
    page.wait_for_function(
        """() => document.querySelector('#map .js-plotly-plot')._fullLayout.map._subplot.map
            .queryRenderedFeatures({ layers: ['district-names'] }).length > 3"""
    )
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
