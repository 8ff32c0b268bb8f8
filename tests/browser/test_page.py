"""What a reader does with the page, in a real browser."""

from __future__ import annotations

import csv
import io
import re

import pytest
from playwright.sync_api import Page, expect

from analysis.area_table import area_table, arranged
from analysis.selection import from_query
from data_pipeline.dataset import Dataset

from .acts import (
    NO_DATA_FORCE,
    choose,
    click_map,
    figure,
    open_page,
    table_codes,
    turn_wheel,
    wait_for_map,
    wait_for_query,
)

pytestmark = pytest.mark.browser


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
    turn_wheel(page, -400)
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
    turn_wheel(page, -500)
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
    wait_for_query(page, "force=essex")
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
    selection = from_query(query, demo_dataset)[0]
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
    expect(page.locator("#headline")).to_contain_text("There are no figures for Greater Manchester")
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
