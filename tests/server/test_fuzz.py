"""Requests that nobody thought of: no error of the program, no word of its insides, no hang.

Every run tries some hundred, `make soak` two thousand of each kind.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import quote, urlencode

import pytest
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analysis.selection import Part, names
from data_pipeline.dataset import Dataset
from server.limits import CALLBACKS

from .test_limits import Page, inputs

A_FEW, MANY = 60, 2_000
INSIDES = ("Traceback", "/site-packages/", 'File "', "werkzeug", '.py"', "Something went wrong")
"""What no answer may hold: the last is how a page hears of an error of the program."""

ANSWERS = {200, 204, 304, 308, 400, 404, 405, 409, 413, 414, 415, 503}


def examples(number: int) -> settings:
    everything = list(HealthCheck)
    return settings(max_examples=number, deadline=20_000, suppress_health_check=everything)


@pytest.fixture(scope="module")
def page(small_dataset: Dataset) -> Page:
    return Page(small_dataset.path)


WORDS = st.sampled_from(
    [
        *("all-crime", "drugs", "burglary", "cheshire", "kent", "cheshire,kent", "2024-01"),
        *("2024-12", "2031-01", "lsoa", "ward", "lad", "force", "mid-2022", "rate", "change"),
        *("E01000001", "E06000001", "-rate_per_1000", "-change_order", "53.4,-2.9,9", "own"),
        *("-2,53;-1,53;-1,54", "1,2,3", "quantiles", "whole", "light", "1", "0", "-1", "1e308"),
        *("nan", "inf", "٣", "x" * 300, "%", "%00", "\ud7ff", "\U0001f600", "=1+1", "'", ","),
    ]
)
VALUES = st.one_of(WORDS, st.text(max_size=40), st.lists(WORDS, max_size=6).map(",".join))
NAMES = st.one_of(st.sampled_from(sorted(names(Part.LOOKS | Part.FIGURES | Part.MEASURE))), WORDS)
QUERIES = st.lists(st.tuples(NAMES, VALUES), max_size=10).map(
    lambda pairs: urlencode(pairs, safe=",;:", errors="replace")
)
SCALARS = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), VALUES, QUERIES)
ANYTHING = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.dictionaries(st.one_of(WORDS, st.sampled_from(["points", "location", "range"])), inner),
    ),
    max_leaves=12,
)


def assert_fine(answer: Any, asked: object) -> None:
    assert answer.status_code in ANSWERS, (answer.status_code, asked)
    if answer.mimetype != "application/javascript":
        assert not any(word in answer.text for word in INSIDES), (answer.text[:500], asked)


def any_address(client: FlaskClient, path: str, query: str) -> None:
    assert_fine(client.get(f"{path}?{query}"), (path, query))


PATHS = st.one_of(
    st.sampled_from(["/", "/export/areas.csv", "/export/series.csv", "/ready"]),
    st.text(max_size=30).map(lambda text: f"/{quote(text, errors='replace')}"),
    st.tuples(
        st.sampled_from(
            ["/geometry/", "/export/", "/assets/", "/_dash-component-suites/", "/_dash-"]
        ),
        st.text(max_size=30),
    ).map(lambda parts: parts[0] + quote(parts[1], errors="replace")),
)


def try_addresses(page: Page, number: int) -> None:
    @examples(number)
    @given(PATHS, QUERIES)
    def run(path: str, query: str) -> None:
        any_address(page.client, path, query)

    run()


def try_callbacks(page: Page, number: int) -> None:
    stores = st.sampled_from(inputs(page))

    @examples(number)
    @given(st.lists(st.tuples(st.sampled_from(sorted(page.acts)), ANYTHING), max_size=4), st.data())
    def run(acts: list[tuple[str, Any]], data: st.DataObject) -> None:
        known = data.draw(st.dictionaries(stores, ANYTHING, max_size=3))
        body = page.body("ask.data", [list(act) for act in acts], **known)
        assert_fine(page.client.post(CALLBACKS, json=plain(body)), body)

    @examples(number)
    @given(stores, ANYTHING, QUERIES)
    def change(name: str, value: Any, query: str) -> None:
        try:
            body = page.body(name, value, **{"selection.data": query})
        except StopIteration:  # a state alone asks for nothing
            return
        assert_fine(page.client.post(CALLBACKS, json=plain(body)), body)

    run()
    change()


def plain(value: Any) -> Any:
    """Return a value as JSON can write it: lone halves of letters and odd numbers become text."""
    if isinstance(value, dict):
        return {str(plain(key)): plain(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [plain(part) for part in value]
    if isinstance(value, str):
        return value.encode(errors="replace").decode()
    return value


def try_bodies(page: Page, number: int) -> None:
    @examples(number)
    @given(
        st.one_of(
            st.binary(max_size=200), ANYTHING.map(repr).map(lambda t: t.encode(errors="replace"))
        )
    )
    def run(body: bytes) -> None:
        answer = page.client.post(CALLBACKS, data=body, content_type="application/json")
        assert_fine(answer, body)

    run()


TRIALS = pytest.mark.parametrize("trial", [try_addresses, try_callbacks, try_bodies])


@TRIALS
def test_no_request_is_an_error(page: Page, trial: Any) -> None:
    trial(page, A_FEW)


@pytest.mark.soak
@TRIALS
def test_two_thousand_requests_are_no_error(page: Page, trial: Any) -> None:
    trial(page, MANY)
