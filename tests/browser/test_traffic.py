"""What each kind of change asks of the server: how many requests, for what, and how much comes."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Request, expect

from analysis.selection import from_query
from data_pipeline.dataset import Dataset

from .acts import MAP_SETTLED, choose, open_page, turn_wheel, wait_for_map, wait_for_query

pytestmark = pytest.mark.browser

QUIET_MS = 400
TWO_FRAMES = """() => new Promise((done) => requestAnimationFrame(
    () => requestAnimationFrame(() => setTimeout(done, 100))))"""
ANSWER, TABLE, CHARTS, ROWS = "answered", "table-shown", "trends-shown", "table"

FIGURES = {ANSWER: 1, TABLE: 1, CHARTS: 1, ROWS: 1}
MEASURE = {ANSWER: 1, TABLE: 1, ROWS: 1}
ORDER = {ANSWER: 1, TABLE: 1, ROWS: 2}
"""The table asks for rows by itself when its heading is clicked, before the answer is there."""


class Traffic:
    """Counts what a page asks of the server's callbacks."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.open = 0
        self.asked: list[Request] = []
        page.on("request", lambda request: self._note(request, 1))
        page.on("requestfinished", lambda request: self._note(request, -1))
        page.on("requestfailed", lambda request: self._note(request, -1))

    def _note(self, request: Request, change: int) -> None:
        if "/_dash-update-component" in request.url:
            self.open += change
            if change > 0:
                self.asked.append(request)

    def rest(self) -> None:
        """Wait until nothing is asked for, nor about to be once the page has been painted."""
        seen = -1
        while self.open or seen != len(self.asked):
            seen = len(self.asked)
            self.page.wait_for_timeout(QUIET_MS)
            self.page.evaluate(TWO_FRAMES)

    def of(self, act: Callable[[], object]) -> tuple[Counter[str], int]:
        """Return the requests that follow an act, by what they answer first, and their bytes."""
        self.page.mouse.move(5, 5)
        self.rest()
        self.asked.clear()
        act()
        self.rest()
        names = [json.loads(request.post_data or "{}")["output"] for request in self.asked]
        bytes_sent = sum(request.sizes()["responseBodySize"] for request in self.asked)
        kinds = Counter(name.strip(".").split(".")[0] for name in names)
        del kinds["map-card"]
        return kinds, bytes_sent


@pytest.fixture
def traffic(page: Page) -> Traffic:
    found = Traffic(page)
    open_page(page, "force=merseyside&type=all-crime&level=lsoa")
    wait_for_map(page, "merseyside")
    page.wait_for_function(MAP_SETTLED)
    page.locator("#table .ag-row").first.wait_for()
    return found


def sort_by_count(page: Page) -> None:
    page.locator("#table .ag-header-cell").filter(has_text="Count").first.click()


def test_each_kind_of_change_asks_for_its_own_part_once(page: Page, traffic: Traffic) -> None:
    page.locator("details.class-details summary").click()
    acts: list[tuple[str, Callable[[], object], dict[str, int], int]] = [
        ("type", lambda: choose(page, "types", "Drugs"), FIGURES, 20_000),
        ("period", lambda: choose(page, "preset", "Last 6 months"), FIGURES, 20_000),
        ("denominator", lambda: choose(page, "denominator", "Workday"), FIGURES, 20_000),
        ("measure", lambda: choose(page, "measure", "Per square mile"), MEASURE, 12_000),
        ("classes", lambda: choose(page, "classing", "Equal steps"), {ANSWER: 1}, 2_500),
        ("pin", lambda: page.locator("#pin").click(), {ANSWER: 1}, 2_500),
        (
            "colours",
            lambda: page.locator("#appearance-switch").click(),
            {ANSWER: 1, CHARTS: 1},
            9_000,
        ),
        ("order", lambda: sort_by_count(page), ORDER, 12_000),
        ("series", lambda: page.locator("#series").click(), {ANSWER: 1, CHARTS: 1}, 9_000),
        ("row", lambda: row(page), {ANSWER: 1, TABLE: 1, CHARTS: 1}, 12_000),
        ("force", lambda: choose(page, "force", "Kent"), FIGURES, 25_000),
    ]
    for name, act, expected, most in acts:
        if name == "series" and not page.locator("#series").is_visible():
            continue
        kinds, size = traffic.of(act)
        assert kinds == expected, name
        assert size < most, f"{name}: {size} bytes"


def row(page: Page) -> None:
    page.locator("#table .ag-center-cols-container .ag-row").nth(2).click()


def test_back_forward_and_a_link_ask_as_a_control_does(page: Page, traffic: Traffic) -> None:
    by_control, size = traffic.of(lambda: choose(page, "types", "Drugs"))
    back, size_back = traffic.of(page.go_back)
    wait_for_query(page, "type=all-crime")
    forward, _ = traffic.of(page.go_forward)
    wait_for_query(page, "type=drugs")
    assert back == forward == by_control == FIGURES
    assert size_back < 1.5 * size
    back, _ = traffic.of(page.go_back)
    again, _ = traffic.of(lambda: choose(page, "types", "Drugs"))
    assert again == FIGURES
    assert "type=drugs" in page.url


def test_moving_the_map_asks_for_nothing(page: Page, traffic: Traffic) -> None:
    def zoom() -> None:
        turn_wheel(page, -300)
        wait_for_query(page, "map=")

    kinds, _ = traffic.of(zoom)
    assert kinds == {}


SLOWLY = """(delay) => {
    const fetched = window.fetch;
    window.fetch = async (...words) => {
        const answer = await fetched(...words);
        await new Promise((done) => setTimeout(done, delay));
        return answer;
    };
}"""


@pytest.mark.parametrize("delay", [0, 1500])
def test_changes_made_faster_than_they_are_answered_all_count(
    page: Page, traffic: Traffic, demo_dataset: Dataset, delay: int
) -> None:
    page.evaluate(SLOWLY, delay)
    for control, text in (
        ("types", "Drugs"),
        ("measure", "Count"),
        ("preset", "Last 3 months"),
        ("level", "Wards"),
    ):
        choose(page, control, text)
    wait_for_query(page, "level=ward")
    traffic.rest()
    selection = from_query(page.url.partition("?")[2], demo_dataset)[0]
    assert (selection.measure, selection.level, selection.months) == ("count", "ward", 3)
    assert "drugs" in selection.types
    expect(page.locator("#map-title")).to_contain_text("wards")
    expect(page.locator("#table-title")).to_contain_text("wards")


def test_a_request_that_fails_does_not_stop_the_next(page: Page, traffic: Traffic) -> None:
    page.route("**/_dash-update-component", lambda route: route.abort())
    choose(page, "types", "Drugs")
    page.wait_for_timeout(500)
    page.unroute("**/_dash-update-component")
    page.wait_for_timeout(1500)
    choose(page, "measure", "Count")
    wait_for_query(page, "measure=count")
