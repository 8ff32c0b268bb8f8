"""Hostile requests: refused in one sentence before any work, and never an error of the program."""

from __future__ import annotations

import json
import math
import time
from itertools import chain
from pathlib import Path
from typing import Any

import pytest
import requests
from flask.testing import FlaskClient

from analysis.selection import LONGEST_SEARCH, Selection
from analysis.shape import MOST_VERTICES
from app import create_app
from components import answer
from components.checks import MOST_DRAWN, MOST_ROWS
from components.pages import explore
from components.stores import identity, stored
from data_pipeline.dataset import Dataset
from server.limits import CALLBACKS, LARGEST_BODY, LONGEST_ADDRESS
from server.settings import Settings

from .workers import answered, gunicorn

PATIENCE = 5.0
"""Seconds of processor time: a second is meant, and machines differ."""

YEAR = "from=2024-01&to=2024-12"
STAR = [
    [-2 + math.cos(angle), 53 + 0.8 * math.sin(angle)]
    for angle in (
        2 * math.pi * (MOST_VERTICES // 2 - 1) * step / MOST_VERTICES for step in range(100)
    )
]
"""A shape that crosses itself as often as its vertices allow."""
SCRIBBLE = [
    [
        round(-2 + math.cos(7 * step) * step / MOST_DRAWN, 6),
        round(53 + math.sin(3 * step) * step / MOST_DRAWN, 6),
    ]
    for step in range(MOST_DRAWN)
]


PARTS = ("inputs", "state")
QUERIES = ("selection.data", "listing.data", "table-asked.data", "trends-asked.data")
"""Stores that hold a Selection."""


class Page:
    """Sends what a page sends, with some values replaced."""

    def __init__(self, dataset: Path) -> None:
        settings = Settings.from_environment({"CRIME_ATLAS_DATASET": str(dataset)})
        app = create_app(settings)
        self.callbacks = {
            output: entry for output, entry in app.callback_map.items() if "callback" in entry
        }
        self.client: FlaskClient = app.server.test_client()
        served = Dataset.open(dataset)
        self.identity = identity(served)
        opening = stored(Selection.opening(served), served)
        self.stores: dict[str, Any] = dict.fromkeys(QUERIES, opening)
        self.stores |= {"basemaps.data": [], "dataset.data": self.identity}
        self.acts = set(answer.controls(explore.PANELS)) | {answer.LINK, "appearance.data"}

    def body(self, changed: str, value: Any, **others: Any) -> dict[str, Any]:
        """Return the request that follows a change of ``id.property``."""
        output, entry = next(
            (output, entry)
            for output, entry in self.callbacks.items()
            if changed in [f"{part['id']}.{part['property']}" for part in entry["inputs"]]
        )
        values = {**self.stores, **others, changed: value}
        for name in QUERIES:
            if isinstance(values[name], str) and "dataset=" not in values[name]:
                values[name] += f"&dataset={self.identity}"
        names = output.removeprefix("..").removesuffix("..").split("...")
        outputs = [dict(zip(("id", "property"), name.split(".", 1), strict=True)) for name in names]
        return {
            "output": output,
            "outputs": outputs if output.startswith("..") else outputs[0],
            "changedPropIds": [changed],
            **{part: [self._filled(one, values) for one in entry[part]] for part in PARTS},
        }

    @staticmethod
    def _filled(dependency: dict[str, str], values: dict[str, Any]) -> dict[str, Any]:
        name = f"{dependency['id']}.{dependency['property']}"
        return {**dependency, "value": values.get(name)}

    def send(self, changed: str, value: Any, **others: Any) -> Any:
        return self.client.post(CALLBACKS, json=self.request(changed, value, **others))

    def request(self, changed: str, value: Any, **others: Any) -> dict[str, Any]:
        """Return the request that follows what a reader did, or a change of a store."""
        if changed in self.acts:
            return self.body(answer.ASK, [[changed, value]], **others)
        return self.body(changed, value, **others)


@pytest.fixture(scope="module")
def page(small_dataset: Dataset) -> Page:
    return Page(small_dataset.path)


@pytest.fixture(scope="module")
def large_page(real_dataset: Path) -> Page:
    return Page(real_dataset)


def inputs(page: Page) -> list[str]:
    parts = chain.from_iterable(
        [*entry["inputs"], *entry["state"]] for entry in page.callbacks.values()
    )
    return sorted({f"{part['id']}.{part['property']}" for part in parts})


def test_every_input_of_the_page_has_a_check_and_every_check_an_input(page: Page) -> None:
    assert set(inputs(page)) == set(answer.checks(explore.PANELS))


HOSTILE: tuple[Any, ...] = (
    *("", "x" * 30_000, "\x00", "../../etc/passwd", "{{7*7}}", "=1+1", "nan", "' OR 1=1"),
    *(0, -1, 10**18, 1.5, -0.0, True, [], {}, [None], [[]], [{}], {"points": []}),
    *({"points": [{}]}, {"points": [{"location": {}}]}, [1, 2, 3], ["a", "b"], [[1, "x"]]),
    *({"startRow": 0, "endRow": 10**9}, {"startRow": -5, "endRow": 5}, {"startRow": "0"}),
    *({"position": [91, 0]}, {"position": "here"}, [[181, 0]] * 3, [[0, 91]] * 3, [{"code": []}]),
    *(["x"] * 51, [[0.0, 0.0]] * (MOST_DRAWN + 1), {"dots": []}, {"points": [{"location": "x"}]}),
)


def test_no_act_is_an_error(page: Page) -> None:
    for name in sorted(page.acts):
        for value in HOSTILE:
            answer = page.send(name, value)
            assert answer.status_code in (200, 204, 400, 413), (name, value, answer.text)
            if answer.status_code == 400:
                assert answer.text == "The value of “ask.data” is none that a page sends.\n"


@pytest.mark.parametrize(
    "acts",
    [
        *([], [[]], [["link.data"]], [["link.data", "?", 1]], [["nothing.data", 1]], ["link.data"]),
        *({"link.data": "?"}, [["link.data", "?"]] * 101, [[["link.data"], "?"]], "link.data", 7),
        [["link.data", None]],
    ],
)
def test_odd_acts_are_no_error(page: Page, acts: Any) -> None:
    answer = page.client.post(CALLBACKS, json=page.body("ask.data", acts))
    assert answer.status_code == 400 if acts and acts != [] else answer.status_code in (200, 204)


def test_no_value_of_any_input_is_an_error(page: Page) -> None:
    for name in inputs(page):
        for value in HOSTILE:
            answer = page.client.post(CALLBACKS, json=_with(page, name, value))
            assert answer.status_code in (200, 204, 400, 413), (name, value, answer.text)
            if answer.status_code == 400:
                assert answer.text == f"The value of “{name}” is none that a page sends.\n"


def _with(page: Page, name: str, value: Any) -> dict[str, Any]:
    """Return a request in which an input or a state has a value."""
    for entry in page.callbacks.values():
        for part in chain(entry["inputs"], entry["state"]):
            if f"{part['id']}.{part['property']}" == name:
                first = entry["inputs"][0]
                body = page.body(f"{first['id']}.{first['property']}", None)
                for given in chain(body["inputs"], body["state"]):
                    if f"{given['id']}.{given['property']}" == name:
                        given["value"] = value
                        return body
    raise AssertionError(name)


@pytest.mark.parametrize(
    "body",
    [
        *("", "null", "[]", "3", '"x"', "{}", "{", "[" * 60_000, '{"output": 3}'),
        *('{"output": "secret.data"}', '{"output": "found.children", "inputs": 3}'),
        '{"output": "found.children", "outputs": {"id": "found", "property": "children"}, '
        '"inputs": []}',
        '{"output": "scope.children", "outputs": []}',
        "9" * 5000,
        '{"output": "found.children", "outputs": {"id": "found", "property": "children"}, '
        '"inputs": [{"id": "find-text", "property": "data", "value": "x"}]}',
    ],
)
def test_what_is_no_request_of_a_page_is_refused(page: Page, body: str) -> None:
    answer = page.client.post(CALLBACKS, data=body, content_type="application/json")
    assert answer.status_code == 400
    assert "Traceback" not in answer.text
    assert page.client.post(CALLBACKS, data=body, content_type="text/plain").status_code == 415


def test_a_good_request_is_answered(page: Page) -> None:
    assert page.send("find-text.data", "north").status_code == 200
    assert "Northtown" in page.send("find-text.data", "north").text
    drawn = page.send("drawn.data", [[-3.5, 53.3], [-2.66, 53.3], [-2.66, 53.6]])
    assert drawn.status_code == 200
    assert "shape=" in drawn.text


def test_a_list_of_changes_has_its_limit_too(page: Page) -> None:
    body = page.body("find-text.data", "north")
    for changed in (["x"] * 1000, "x", [1], ["x" * 1000]):
        answer = page.client.post(CALLBACKS, json={**body, "changedPropIds": changed})
        assert answer.status_code == 400


@pytest.mark.parametrize("address", [CALLBACKS, "/", "/export/areas.csv", "/health", "/nowhere"])
def test_a_large_body_is_not_read(page: Page, address: str) -> None:
    for body in (b"x" * (LARGEST_BODY + 1), b"[" + b"0," * LARGEST_BODY + b"0]"):
        answer = page.client.post(address, data=body, content_type="application/json")
        assert answer.status_code in (404, 405, 413)


def test_a_body_sent_in_parts_is_cut_off_too(small_dataset: Dataset) -> None:
    parts = (b"x" * 1024 for _ in range(100_000))
    with gunicorn(small_dataset.path) as server:
        answered(f"{server}/health")
        headers = {"Content-Type": "application/json"}
        try:
            status = requests.post(server + CALLBACKS, data=parts, headers=headers).status_code
        except requests.ConnectionError:
            status = 413  # Refused before all was sent.
        assert answered(f"{server}/health").status_code == 200
    assert status == 413
    assert sum(1 for _ in parts) > 50_000, "most of 100 MB was never taken"


@pytest.mark.parametrize("address", ["/", "/export/areas.csv", "/geometry/x.json", "/health"])
def test_a_long_address_is_not_followed(page: Page, address: str) -> None:
    answer = page.client.get(f"{address}?q={'x' * LONGEST_ADDRESS}")
    assert answer.status_code == 414
    assert "too long" in answer.text


@pytest.mark.parametrize(
    "address",
    [
        *("/_dash-component-suites/dash/../app.py", "/_dash-component-suites/nothing/x.js"),
        *("/_dash-component-suites/dash/nothing.js", "/assets/../app.py", "/geometry/../x.json"),
        *("/geometry/hatching-x.json", "/geometry/points-.json", "/vendor/../../etc/passwd"),
        *("/export/areas.csv?shape=" + "1,1;" * 900, "/export/areas.csv?breaks=" + "9" * 3000),
        *("/export/series.csv?map=nan,nan,nan", "/export/areas.csv?q=%00%ff", "/%00", "/%ff"),
    ],
)
def test_an_odd_address_is_never_an_error(page: Page, address: str) -> None:
    answer = page.client.get(address)
    assert answer.status_code in (200, 400, 404)
    assert "Traceback" not in answer.text


def _star_text() -> str:
    return ";".join(f"{x:.4f},{y:.4f}" for x, y in STAR)


WORDS = " ".join("e" for _ in range(LONGEST_SEARCH // 2))


@pytest.mark.parametrize(
    ("changed", "value", "others"),
    [
        ("find-text.data", WORDS, {}),
        ("find-text.data", "z" * LONGEST_SEARCH, {}),
        ("drawn.data", SCRIBBLE, {}),
        ("drawn.data", STAR, {}),
        ("position.data", {"position": [51.5, -0.1]}, {}),
        (
            "table.getRowsRequest",
            {"startRow": 0, "endRow": MOST_ROWS},
            {"listing.data": f"type=drugs&{YEAR}&level=lsoa&q={WORDS}&sort=-name"},
        ),
        ("link.data", f"?shape={_star_text()}&{YEAR}&level=lsoa", {}),
        ("link.data", "?" + "q=" + "x+" * 1900, {}),
        (
            "link.data",
            f"?type=drugs&{YEAR}&level=lsoa&classes=natural&shape={_star_text()}",
            {},
        ),
        ("trends-asked.data", f"{YEAR}&level=lsoa&shape={_star_text()}", {}),
        ("table-asked.data", f"{YEAR}&level=lsoa&shape={_star_text()}&sort=-name", {}),
        ("link.data", f"?{YEAR}&level=lsoa&classes=natural", {}),
    ],
)
def test_the_largest_input_costs_little(
    large_page: Page, changed: str, value: Any, others: dict[str, Any]
) -> None:
    large_page.send("link.data", f"?{YEAR}&level=lsoa")  # What is opened once, is open.
    start = time.process_time()
    answer = large_page.send(changed, value, **others)
    taken = time.process_time() - start
    assert answer.status_code in (200, 204), answer.text
    assert len(json.dumps(large_page.request(changed, value, **others))) <= LARGEST_BODY
    assert taken < PATIENCE, f"{changed}: {taken:.2f} s"


@pytest.mark.parametrize("file", ["areas", "series"])
def test_the_largest_export_costs_little(large_page: Page, file: str) -> None:
    start = time.process_time()
    address = f"/export/{file}.csv?{YEAR}&level=lsoa&shape={_star_text()}&q={WORDS[:23]}"
    answer = large_page.client.get(address)
    assert answer.status_code == 200, answer.text
    assert time.process_time() - start < PATIENCE


def test_a_request_that_names_no_dataset_is_told_to_reload(page: Page) -> None:
    answer = page.client.post(CALLBACKS, json=page.body("ask.data", [], **{"dataset.data": None}))
    assert answer.status_code in (200, 204)
    assert "Something went wrong" not in answer.text
