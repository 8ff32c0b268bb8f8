"""What must hold for any rows and any dirt: rows are conserved, and order does not matter."""

from __future__ import annotations

import contextlib
import shutil
import tempfile
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
import orjson
import pytest
from hypothesis import HealthCheck, event, example, given, settings
from hypothesis import strategies as st

from data_pipeline.build.geography import read_geography
from data_pipeline.geography.areas_store import AreasStore
from data_pipeline.geography.lsoa_codes import LsoaCodes
from data_pipeline.police.snap_points import PointCounts
from data_pipeline.police.street import (
    StreetTally,
    UnreadableFileError,
    count_rows,
    tally_street_file,
)

from .tiny import (
    HEADER,
    MERGED_PARENT,
    SPLIT_PARENT,
    Inputs,
    build,
    middle,
    name,
    row,
    street,
    write_archive,
    write_inputs,
)

MONTH = "2024-01"
REASONS = ("malformed", "wrong_month", "duplicate", "no_lsoa", "unknown_lsoa", "kept")


def examples_of(number: int) -> settings:
    """Return the settings of a test: the same examples each time, however slow the machine."""
    everything = list(HealthCheck)
    return settings(
        max_examples=number, deadline=None, derandomize=True, suppress_health_check=everything
    )


@pytest.fixture(scope="module")
def inputs(tmp_path_factory: pytest.TempPathFactory) -> Inputs:
    return write_inputs(tmp_path_factory.mktemp("inputs"))


@pytest.fixture(scope="module")
def codes(inputs: Inputs, tmp_path_factory: pytest.TempPathFactory) -> LsoaCodes:
    store = AreasStore(tmp_path_factory.mktemp("prepared"))
    return read_geography(inputs, store).codes


class Line(NamedTuple):
    """One row of a street file, good or bad."""

    crime_id: str
    month: str
    lsoa: str
    kind: str
    at: tuple[str, str]
    location: str
    fault: str

    def printed(self) -> str:
        text = row(
            self.crime_id,
            self.lsoa,
            kind=self.kind,
            month=self.month,
            at=self.at,
            location=self.location,
        )
        spoilt = {
            "short": text.rpartition(",")[0],
            "long": f"{text},",
            "quote": f'{text}"',
            "nul": text.replace("A", "A\x00", 1),
            "space": "   ",
        }
        return spoilt.get(self.fault, text)

    def may_repeat(self) -> bool:
        """Tell whether the row is good enough for its Crime ID to be looked at."""
        return bool(not self.fault and self.kind.strip() and self.month == MONTH)


LINES = st.builds(
    Line,
    crime_id=st.sampled_from(["", "", "1", "2", "f" * 64, "e" * 64]),
    month=st.sampled_from([MONTH] * 6 + ["2023-12", "", "Month"]),
    lsoa=st.sampled_from(
        [*["E01000001", "E01000005", SPLIT_PARENT, MERGED_PARENT] * 2, "", "  ", "W01000001"]
    ),
    kind=st.sampled_from(["Drugs", "Robbery", "drugs", "Space piracy", "", " "]),
    at=st.sampled_from([middle("E01000002"), middle("E01000003"), ("", ""), ("0", "x")]),
    location=st.sampled_from(
        ["On or near Abbey Road", "", "Caf\u00e9", '"Bell, High Street"', '"a ""b"""']
    ),
    fault=st.sampled_from([""] * 12 + ["short", "long", "quote", "nul", "space"]),
)


def expected_account(lines: list[Line]) -> Counter[str]:
    """Return where each row belongs, told row by row from the rules."""
    found: Counter[str] = Counter()
    seen: set[str] = set()
    for line in lines:
        if line.fault or not line.kind.strip():
            reason = "malformed"
        elif line.month != MONTH:
            reason = "wrong_month"
        elif line.crime_id in seen:
            reason = "duplicate"
        elif not line.lsoa.strip():
            reason = "no_lsoa"
        else:
            reason = "unknown_lsoa" if line.lsoa.startswith("W") else "kept"
        if line.crime_id and line.may_repeat():
            seen.add(line.crime_id)
        found[reason] += 1
    return found


def assert_conserved(tally: StreetTally) -> None:
    assert tally.rows_read == sum(getattr(tally, reason) for reason in REASONS)
    assert int(tally.count.sum()) == tally.kept
    assert int(tally.points.counts.sum()) <= tally.kept
    assert sum(tally.unknown_codes.values()) == tally.unknown_lsoa
    assert tally.unplaced_2011 <= tally.remapped_2011 <= tally.kept


def comparable(record: object) -> dict[str, object]:
    """Return the content of a tally in a form that can be compared."""
    return {
        name: comparable(value) if isinstance(value, PointCounts) else plain(value)
        for name, value in vars(record).items()
    }


def plain(value: object) -> object:
    return value.tolist() if isinstance(value, np.ndarray) else value


@examples_of(200)
@given(lines=st.lists(LINES, max_size=30), end=st.sampled_from(["\n", "\r\n", "\r"]))
def test_every_row_ends_where_the_rules_say(codes: LsoaCodes, lines: list[Line], end: str) -> None:
    data = street(line.printed() for line in lines).replace(b"\n", end.encode())
    tally = tally_street_file(data, MONTH, codes)
    found = Counter({reason: getattr(tally, reason) for reason in REASONS})
    assert +found == +expected_account(lines)
    assert tally.rows_read == len(lines) == count_rows(data)
    assert_conserved(tally)


@examples_of(100)
@given(st.data(), st.lists(LINES, max_size=30))
def test_the_order_of_rows_makes_no_difference(
    codes: LsoaCodes, data: st.DataObject, lines: list[Line]
) -> None:
    first: dict[str, Line] = {}
    alike = [
        first.setdefault(line.crime_id, line) if line.crime_id and line.may_repeat() else line
        for line in lines
    ]
    shuffled = data.draw(st.permutations(alike))
    one, other = (
        tally_street_file(street(line.printed() for line in each), MONTH, codes)
        for each in (alike, shuffled)
    )
    assert comparable(one) == comparable(other)


GOOD = street(
    row(f"{at:064d}", lsoa, at=middle("E01000002"), location='"Bell, High Street"')
    for at, lsoa in enumerate(["E01000001", SPLIT_PARENT, "", "E01000005"] * 2)
)


EDITS = st.lists(
    st.tuples(
        st.integers(0, len(GOOD)),
        st.integers(0, 40),
        st.one_of(
            st.binary(max_size=6),
            st.sampled_from([b"\x00", b'"', b'""', b"\r", b"\n", b"\r\n", b",", b"\xff", b" "]),
        ),
    ),
    max_size=8,
)
"""Where a file is damaged: place, length and what stands there instead."""


def damaged(edits: list[tuple[int, int, bytes]]) -> bytes:
    data = bytearray(GOOD)
    for place, length, junk in edits:
        data[place : place + length] = junk
    return bytes(data).replace(b"\xef\xbb\xbf", b"")


@examples_of(300)
@given(edits=EDITS)
@example(edits=[(len(HEADER) + 70, 0, b'x"'), (len(HEADER) + 120, 0, b'"')])
def test_no_damage_loses_a_row_or_stops_the_build(
    codes: LsoaCodes, edits: list[tuple[int, int, bytes]]
) -> None:
    try:
        tally = tally_street_file(damaged(edits), MONTH, codes)
    except UnreadableFileError as refusal:
        event(f"refused: {str(refusal)[:20]}")
        return
    assert tally.rows_read == count_rows(damaged(edits))
    assert_conserved(tally)


@pytest.mark.soak
@settings(max_examples=2_000, deadline=20_000, suppress_health_check=list(HealthCheck))
@given(edits=EDITS, around=st.sampled_from([b"", b"title\n", b"sep=;\n", b",,,\n\n"]))
def test_two_thousand_damaged_files_lose_no_row(
    codes: LsoaCodes, edits: list[tuple[int, int, bytes]], around: bytes
) -> None:
    with contextlib.suppress(UnreadableFileError):
        assert_conserved(tally_street_file(around + damaged(edits), MONTH, codes))


FILES = {
    name(supplier, month): [
        row(f"{supplier}{at}", lsoa, month=month, at=middle(lsoa), location=f"Road {at % 3}")
        for at, lsoa in enumerate(["E01000001", "E01000002", "E01000005", "E01000001"])
    ]
    for supplier, month in (("cheshire", "2024-01"), ("kent", "2024-01"), ("cheshire", "2024-02"))
}


def content_of(inputs: Inputs, out: Path) -> dict[str, str]:
    """Return the hash of every published file."""
    build(inputs, out, cache=inputs.boundaries.with_name("cache"))
    files: dict[str, str] = orjson.loads((out / "manifest.json").read_bytes())["files"]
    return files


@examples_of(8)
@given(st.data())
def test_the_order_of_files_and_rows_makes_no_difference_to_what_is_published(
    inputs: Inputs, data: st.DataObject
) -> None:
    order = data.draw(st.permutations(list(FILES)))
    members = {file: street(data.draw(st.permutations(FILES[file]))) for file in order}
    plain = {file: street(rows) for file, rows in FILES.items()}
    with tempfile.TemporaryDirectory() as folder:
        archives = [Path(folder) / number / "police.zip" for number in ("one", "two")]
        found = []
        for archive, content in zip(archives, (plain, members), strict=True):
            archive.parent.mkdir()
            write_archive(archive, content)
            given_inputs = replace(inputs, police=(archive,))
            found.append(content_of(given_inputs, archive.with_name("out")))
        assert found[0] == found[1]


def test_files_written_to_a_folder_in_any_order_give_the_same_id(
    tmp_path: Path, inputs: Inputs
) -> None:
    ids = []
    for number, order in enumerate((list(FILES), list(reversed(FILES)))):
        police = tmp_path / str(number) / "police"
        for file in order:
            (police / file).parent.mkdir(parents=True, exist_ok=True)
            (police / file).write_bytes(street(FILES[file]))
        ids.append(build(replace(inputs, police=(police,)), tmp_path / str(number) / "out"))
    assert ids[0] == ids[1]
    shutil.rmtree(tmp_path / "0")
