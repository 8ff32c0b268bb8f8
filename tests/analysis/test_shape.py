"""Shapes drawn on the map."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.shape import (
    FEWEST_VERTICES,
    MOST_VERTICES,
    Shape,
    box,
    encloses,
    parse_shape,
    rounded,
    shape_text,
    simplified,
)

VERTICES = st.lists(st.tuples(st.floats(-180, 180), st.floats(-90, 90)), min_size=1, max_size=12)


def circle(count: int, radius: float = 0.1) -> list[tuple[float, float]]:
    angles = 2 * np.pi * np.arange(count) / count
    stretch = 1 / math.cos(math.radians(53.4))
    return [(-3 + radius * stretch * math.cos(a), 53.4 + radius * math.sin(a)) for a in angles]


@given(VERTICES.map(rounded).filter(lambda shape: len(set(shape)) >= FEWEST_VERTICES))
def test_every_shape_survives_its_own_text(shape: Shape) -> None:
    assert parse_shape(shape_text(shape)) == shape


@pytest.mark.parametrize(
    "text",
    [
        *("", "x", "1,2", "1,2;3,4", "1,2;3,4;1,2", "1,2;3,4;5", "1,2;3,4;5,6,7", "1,2;3,4;5,x"),
        *("1,2;3,4;5,90.1", "1,2;3,4;180.1,5", "1,2;3,4;nan,5", "1,2;3,4;inf,5", "1,2;;3,4;5,6"),
    ],
)
def test_what_is_no_shape_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        parse_shape(text)


def test_inside_is_inside() -> None:
    square = box(0, 50, 1, 51)
    assert encloses(square, [0.5, 1.5, 0.5], [50.5, 50.5, 51.5]).tolist() == [True, False, False]


def test_a_line_that_crosses_itself_encloses_all_its_loops() -> None:
    bow_tie = ((0.0, 50.0), (1.0, 51.0), (1.0, 50.0), (0.0, 51.0))
    inside = encloses(bow_tie, [0.1, 0.9, 0.5, 0.5], [50.5, 50.5, 50.1, 50.9])
    assert inside.tolist() == [True, True, False, False]
    twice_round = (*box(0, 50, 1, 51), *box(0.2, 50.2, 0.8, 50.8))
    assert encloses(twice_round, [0.5], [50.5]).tolist() == [True]


@given(VERTICES.map(rounded))
def test_no_shape_whatever_fails(shape: Shape) -> None:
    assert encloses(shape, [0.0, 1.0], [50.0, 51.0]).dtype == np.bool_


@given(VERTICES)
def test_simplifying_never_fails(vertices: list[tuple[float, float]]) -> None:
    assert len(simplified(vertices)) <= MOST_VERTICES


@pytest.mark.parametrize("count", [40, 400, 4000])
def test_a_long_line_is_shortened_and_stays_where_it_was(count: int) -> None:
    drawn = circle(count)
    shape = simplified(drawn)
    assert 20 <= len(shape) <= MOST_VERTICES
    ring = np.array(shape)
    across = (ring[:, 0] + 3) * math.cos(math.radians(53.4))
    assert np.hypot(across, ring[:, 1] - 53.4) == pytest.approx(0.1, abs=0.001)


def test_a_scribble_keeps_its_link_short() -> None:
    draws = np.random.default_rng(4)
    scribble = np.column_stack([-3 + draws.random(3000), 53 + draws.random(3000)])
    shape = simplified(scribble.tolist())
    assert len(shape) <= MOST_VERTICES
    assert len(shape_text(shape)) < 2000


def test_a_box_keeps_its_corners() -> None:
    corners = [(-3.0, 53.0), (-2.0, 53.0), (-2.0, 54.0), (-3.0, 54.0)]
    assert simplified(corners) == tuple(corners)
