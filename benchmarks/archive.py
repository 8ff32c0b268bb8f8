"""A police archive as large as a real one, with the dirt of real ones, drawn from a seed.

Rows are as wide as published ones and in their order: by area, then by crime type, those without
a location last. What is wrong with them, and how often, follows real releases.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from data_pipeline.dataset.forces import FORCES
from data_pipeline.dataset.months import add_months
from data_pipeline.demo.counts import CRIME_TYPES
from data_pipeline.demo.geography import AREAS_AT_FULL_SCALE
from data_pipeline.demo.places import WELSH_FORCES

from .nation import ROADS, SNAP_POINTS_PER_AREA, WELSH_ROAD, Nation

LAST_MONTH = "2025-09"
HEADING = (
    "Crime ID,Month,Reported by,Falls within,Longitude,Latitude,Location,LSOA code,LSOA name,"
    "Crime type,Last outcome category,Context"
)
OUTCOMES = (
    *["Unable to prosecute suspect"] * 5,
    *["Investigation complete; no suspect identified"] * 4,
    *["Under investigation", "Status update unavailable", "Local resolution"],
    "Awaiting court outcome",
)
SILENT_FORCE = "greater-manchester"
STRAY_PLACE = "leicestershire"
REPEATING_FORCES = ("derbyshire", "humberside", "north-yorkshire", "avon-and-somerset")
REPEATED_SHARE = 0.03
REPEATED_ELSEWHERE = 20
UNLOCATED = {"dyfed-powys": 0.3, "avon-and-somerset": 0.08}
USUALLY_UNLOCATED = (0.01, 0.02)
OUTSIDE = {"city-of-london": 0.05}
USUALLY_OUTSIDE = 0.01
FILES_WITH_MALFORMED_ROWS = 0.1
OLD_CODES_SHARE = 8 / 36
"""Months of a real archive with 2011 codes (2022-10 … 2023-05 of 36)."""
GAPS_PER_MONTH = 0.25
RARE_LOCATION = 1000
"""One snap point in so many has a comma in its name, and in Wales one a letter beyond ASCII."""

OTHER_SUPPLIER_ROWS = 10_000


@dataclass(frozen=True)
class Texts:
    """The parts of a row, ready to be picked by number."""

    places: pa.Array
    areas: pa.Array
    old_areas: pa.Array
    types: pa.Array
    outcomes: pa.Array


@dataclass(frozen=True)
class FileDraw:
    """One street file to be drawn, with a seed of its own."""

    month: str
    supplier: str
    old_codes: bool
    seed: tuple[int, int, int]

    @property
    def name(self) -> str:
        return f"{self.month}/{self.month}-{self.supplier}-street.csv"


def write_archive(file: Path, nation: Nation, months: int, seed: int, extracted: Path) -> int:
    """Write the archive, and the same street files as a folder; return the number of rows."""
    texts = make_texts(nation)
    rows = 0
    partial_file = file.with_suffix(".partial")
    draws = list(file_draws(months, seed))
    draw = partial(street_file, nation=nation, texts=texts)
    with (
        zipfile.ZipFile(partial_file, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive,
        ThreadPoolExecutor(1) as pool,
    ):
        waiting = [pool.submit(draw, draws[0])]
        for at, what in enumerate(draws):
            if at + 1 < len(draws):
                waiting.append(pool.submit(draw, draws[at + 1]))
            content = waiting.pop(0).result()
            archive.writestr(
                zipfile.ZipInfo(what.name, (2025, 10, 1, 0, 0, 0)), content, zipfile.ZIP_DEFLATED
            )
            target = extracted / what.name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)
            rows += content.count(b"\n") - 1
    partial_file.replace(file)
    return rows


def file_draws(months: int, seed: int) -> Iterator[FileDraw]:
    """Yield the street files of the archive in order of name."""
    rng = np.random.default_rng([seed, months])
    suppliers = [force.slug for force in FORCES if force.slug != SILENT_FORCE]
    every = [add_months(LAST_MONTH, at - months + 1) for at in range(months)]
    cells = [(month, supplier) for month in every for supplier in suppliers]
    gaps = rng.choice(len(cells), round(months * GAPS_PER_MONTH) + 1, replace=False)
    present = {cell for at, cell in enumerate(cells) if at not in set(gaps.tolist())}
    present |= {(month, other) for month in every for other in ("btp", "northern-ireland")}
    present.add((every[months // 2], SILENT_FORCE))
    first_new = every[min(round(months * OLD_CODES_SHARE), months - 1)]
    for number, (month, supplier) in enumerate(sorted(present)):
        yield FileDraw(month, supplier, month < first_new, (seed, months, number))


def make_texts(nation: Nation) -> Texts:
    """Write out the repeating parts of rows once."""
    areas = nation.areas
    names = [f'"{name}"' if "," in name else name for name in areas["lsoa_name"]]
    welsh = areas["force"].isin(WELSH_FORCES).to_numpy()
    return Texts(
        pa.array(
            f"{longitude:.6f},{latitude:.6f},{_location(longitude - latitude, bool(wales))}"
            for (longitude, latitude), wales in zip(
                nation.points.reshape(-1, 2),
                np.repeat(welsh, SNAP_POINTS_PER_AREA),
                strict=True,
            )
        ),
        pa.array(f"{code},{name}" for code, name in zip(areas["lsoa_code"], names, strict=True)),
        pa.array(
            f"{code},{name}"
            for codes, name in zip(nation.old_codes, names, strict=True)
            for code in codes
        ),
        pa.array([kind.name for kind in CRIME_TYPES]),
        pa.array([*OUTCOMES, ""]),
    )


def _location(place: float, wales: bool) -> str:
    """Return the name of a snap point: a point has one, as nearly every real one has."""
    number = round(place * 1e6)
    road = ROADS[number % len(ROADS)]
    if number % RARE_LOCATION == 0:
        return f'"On or near {road}, North"'
    if wales and number % RARE_LOCATION == 1:
        return f"On or near {WELSH_ROAD}"
    return f"On or near {road}"


def street_file(what: FileDraw, nation: Nation, texts: Texts) -> bytes:
    """Return the bytes of one street file."""
    rng = np.random.default_rng(what.seed)
    if what.supplier in {"btp", "northern-ireland"}:
        return _other_supplier(rng, what, nation, texts)
    if what.supplier == SILENT_FORCE:
        return _stray(rng, what, nation, texts)
    kinds, areas = _incidents(rng, what.supplier, nation)
    return _written(rng, what, texts, kinds, areas)


def _incidents(
    rng: np.random.Generator, supplier: str, nation: Nation
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Draw the crime type and area of each row, in the order of the file."""
    own = np.flatnonzero(nation.areas["force"].to_numpy() == supplier)
    counts = rng.poisson(nation.expected[:, own]).T
    areas, kinds = (
        np.repeat(own, counts.sum(axis=1)),
        np.repeat(np.tile(np.arange(len(CRIME_TYPES)), len(own)), counts.ravel()),
    )
    outside = rng.random(len(areas)) < OUTSIDE.get(supplier, USUALLY_OUTSIDE)
    return kinds, np.where(outside, rng.integers(len(nation.areas), size=len(areas)), areas)


def _written(
    rng: np.random.Generator,
    what: FileDraw,
    texts: Texts,
    kinds: NDArray[np.intp],
    areas: NDArray[np.intp],
) -> bytes:
    share = UNLOCATED.get(what.supplier, rng.uniform(*USUALLY_UNLOCATED))
    unlocated = rng.random(len(areas)) < share
    order = np.argsort(unlocated, kind="stable")
    kinds, areas, unlocated = kinds[order], areas[order], unlocated[order]
    points = areas * SNAP_POINTS_PER_AREA + (
        SNAP_POINTS_PER_AREA * rng.random(len(areas)) ** 2
    ).astype(np.intp)
    codes, at = (
        (texts.old_areas, 2 * areas + points % 2) if what.old_codes else (texts.areas, areas)
    )
    without_id = kinds == 0
    outcomes = rng.integers(len(OUTCOMES), size=len(kinds))
    force = next(force.name for force in FORCES if force.slug == what.supplier)
    rows = pc.binary_join_element_wise(
        _ids(rng, what, without_id),
        pa.scalar(f"{what.month},{force} Constabulary,{force} Constabulary"),
        _picked(texts.places, points, unlocated, ",,No Location"),
        _picked(codes, at, unlocated, ","),
        texts.types.take(pa.array(kinds)),
        texts.outcomes.take(pa.array(np.where(without_id, len(OUTCOMES), outcomes))),
        pa.scalar("\r\n"),
        ",",
    )
    body = bytes(_content(rows))
    if rng.random() < FILES_WITH_MALFORMED_ROWS:
        body += _malformed(rng, what)
    return HEADING.encode() + b"\r\n" + body


def _content(rows: pa.Array) -> memoryview:
    return memoryview(rows.buffers()[2])[: rows.offset + pc.sum(pc.binary_length(rows)).as_py()]


def _picked(
    texts: pa.Array, at: NDArray[np.intp], blank: NDArray[np.bool_], instead: str
) -> pa.Array:
    return pc.if_else(pa.array(blank), instead, texts.take(pa.array(at)))


def _ids(rng: np.random.Generator, what: FileDraw, without: NDArray[np.bool_]) -> pa.Array:
    """Draw Crime IDs: some repeated within the file, some in every file of the force."""
    ids = rng.bytes(32 * len(without)).hex()
    texts = np.frombuffer(ids.encode(), dtype="S64").copy()
    carrying = np.flatnonzero(~without)
    if what.supplier in REPEATING_FORCES and len(carrying) > 1:
        later = rng.choice(np.arange(1, len(carrying)), round(len(carrying) * REPEATED_SHARE))
        earlier = (later * rng.random(len(later))).astype(np.intp)
        texts[carrying[later]] = texts[carrying[earlier]]
    common = np.random.default_rng([what.seed[0], sum(what.supplier.encode())])
    known = np.frombuffer(common.bytes(32 * REPEATED_ELSEWHERE).hex().encode(), dtype="S64")
    few = carrying[: len(known)]
    texts[few] = known[: len(few)]
    width = pa.binary(64)
    whole = pa.FixedSizeBinaryArray.from_buffers(
        width, len(texts), [None, pa.py_buffer(texts.tobytes())]
    )
    return pc.if_else(pa.array(without), "", whole.cast(pa.binary()).cast(pa.string()))


def _malformed(rng: np.random.Generator, what: FileDraw) -> bytes:
    """Return a short row, a long row, one without a crime type and one of another month."""
    number = rng.bytes(32).hex()
    start = f"{number},{what.month},A,A,-1.000000,52.000000,On or near Parking Area"
    other = f"{number},{add_months(what.month, -1)},A,A,-1.000000,52.000000,On or near Parking Area"
    area = "X01000001,Somewhere 001A"
    lines = [
        f"{start},X01000001",
        f"{start}, North,{area},Drugs,Under investigation,",
        f"{start},{area},,Under investigation,",
        f"{other},{area},Drugs,Under investigation,",
    ]
    return "".join(line + "\r\n" for line in lines).encode()


def _other_supplier(
    rng: np.random.Generator, what: FileDraw, nation: Nation, texts: Texts
) -> bytes:
    """Return a file of a supplier that is left out: no Crime IDs, and none or any LSOAs."""
    count = round(OTHER_SUPPLIER_ROWS * len(nation.areas) / AREAS_AT_FULL_SCALE)
    areas = np.sort(rng.integers(len(nation.areas), size=count))
    located = what.supplier == "btp"
    rows = pc.binary_join_element_wise(
        pa.scalar(f",{what.month},Other,Other"),
        texts.places.take(pa.array(areas * SNAP_POINTS_PER_AREA)),
        _picked(texts.areas, areas, np.full(count, not located), ","),
        texts.types.take(pa.array(rng.integers(len(CRIME_TYPES), size=count))),
        pa.scalar(",\n"),
        ",",
    )
    return HEADING.encode() + b"\n" + bytes(_content(rows))


def _stray(rng: np.random.Generator, what: FileDraw, nation: Nation, texts: Texts) -> bytes:
    """Return the stray file of a force that supplies nothing: one record 13 times, elsewhere."""
    there = np.flatnonzero(nation.areas["force"].to_numpy() == STRAY_PLACE)
    areas = np.repeat(there[:2], [13, 1])
    return _written(rng, what, texts, np.zeros(len(areas), dtype=np.intp), areas)
