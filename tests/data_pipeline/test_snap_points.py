"""How much of an LSOA's count sits on its largest map point."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from data_pipeline.dataset import Dataset
from data_pipeline.dataset.schema import SNAP_POINT_COLUMNS
from data_pipeline.geography.window import on_map
from data_pipeline.police.snap_points import PointCounts, PointSpool, count_points
from data_pipeline.police.sources import open_source
from tests.real_sample import ARCHIVE

from .tiny import CODES, SPLIT_PARENT, build_tiny, middle, name, point, row, street

NEAR, FAR = middle("E01000001"), point(350_100, 350_100)


def largest(dataset: Dataset, code: str = "E01000001") -> dict[str, object]:
    table = dataset.snap_points.set_index("lsoa_code")
    assert table.index.tolist() == list(CODES)
    return table.loc[code].to_dict()


def test_the_largest_point_is_found_over_all_months_and_crime_types(tmp_path: Path) -> None:
    shop, road = "On or near Shopping Area", "On or near Mill Road"
    members = {
        name("cheshire"): street(
            [
                *[row(kind="Drugs", at=NEAR, location=shop)] * 2,
                *[row(kind="Robbery", at=FAR, location=road)] * 3,
            ]
        ),
        name("cheshire", "2024-02"): street(
            [row(month="2024-02", at=NEAR, location=shop)] * 2
            + [row(month="2024-02", location="No Location")]
        ),
    }
    dataset = build_tiny(tmp_path, members)
    assert tuple(dataset.snap_points.columns) == SNAP_POINT_COLUMNS
    assert largest(dataset) == {
        "count": 8,
        "points": 2,
        "largest_count": 4,
        "largest_share": 0.5,
        "longitude": float(NEAR[0]),
        "latitude": float(NEAR[1]),
        "location": shop,
    }


def test_an_area_without_rows_has_no_share(tmp_path: Path) -> None:
    found = largest(build_tiny(tmp_path, {name("cheshire"): street([row(at=NEAR)])}), "E01000002")
    assert (found["count"], found["points"], found["location"]) == (0, 0, "")
    assert np.isnan(found["largest_share"])
    assert np.isnan(found["longitude"])


@pytest.mark.parametrize("at", [("", ""), ("0.0", "0.0"), ("here", "there"), ("inf", "nan")])
def test_rows_without_a_point_on_the_map_count_but_are_on_none(
    tmp_path: Path, at: tuple[str, str]
) -> None:
    found = largest(build_tiny(tmp_path, {name("cheshire"): street([row(at=at)] * 3)}))
    assert (found["count"], found["points"], found["largest_share"]) == (3, 0, 0)


def test_rows_that_are_not_counted_are_on_no_point(tmp_path: Path) -> None:
    rows = [row("a", at=NEAR), row("a", at=NEAR), row(at=NEAR, month="2023-12"), row(kind="")]
    assert largest(build_tiny(tmp_path, {name("cheshire"): street(rows)}))["largest_count"] == 1


def test_files_set_aside_leave_the_points_too(tmp_path: Path) -> None:
    stray = street([row(f"c{at}", at=FAR) for at in range(3)])
    members = {name("cheshire"): street([row(at=NEAR)]), name("kent"): stray}
    dataset = build_tiny(tmp_path, members)
    assert (dataset.accounts["status"] == "quarantined").sum() == 1
    assert largest(dataset)["longitude"] == float(NEAR[0])
    assert largest(dataset)["points"] == 1


def test_a_split_area_has_the_points_of_its_own_rows(tmp_path: Path) -> None:
    rows = [row(lsoa=SPLIT_PARENT, at=middle(code)) for code in ("E01000002", "E01000003")]
    dataset = build_tiny(tmp_path, {name("cheshire"): street(rows)})
    for code in ("E01000002", "E01000003"):
        found = largest(dataset, code)
        assert (found["largest_count"], found["longitude"]) == (1, float(middle(code)[0]))


def test_of_several_names_the_latest_file_decides_and_then_the_alphabet(tmp_path: Path) -> None:
    def named(*names: str, month: str = "2024-01") -> bytes:
        return street([row(month=month, at=NEAR, location=text) for text in names])

    members = {
        name("cheshire"): named("A", "A"),
        name("cheshire", "2024-02"): named("C", "B", "D", month="2024-02"),
    }
    assert largest(build_tiny(tmp_path, members))["location"] == "B"


def test_a_file_without_locations_has_points_without_names(tmp_path: Path) -> None:
    header = "Crime ID,Month,Longitude,Latitude,LSOA code,Crime type"
    line = f"a,2024-01,{NEAR[0]},{NEAR[1]},E01000001,Drugs"
    found = largest(build_tiny(tmp_path, {name("cheshire"): street([line], header)}))
    assert (found["largest_count"], found["location"]) == (1, "")


def test_equally_large_points_give_the_most_western_one(tmp_path: Path) -> None:
    for number, order in enumerate(([NEAR, FAR], [FAR, NEAR])):
        folder = tmp_path / str(number)
        folder.mkdir()
        rows = [row(at=at) for at in order]
        assert largest(build_tiny(folder, {name("cheshire"): street(rows)}))["longitude"] == min(
            float(NEAR[0]), float(FAR[0])
        )


def test_the_window_holds_england_and_wales_and_not_null_island() -> None:
    longitude = np.array([-6.4, 1.77, -5.2, 0.0, 53.4, np.nan, np.inf])
    latitude = np.array([49.9, 52.5, 55.8, 0.0, -2.9, 52.0, 52.0])
    assert on_map(longitude, latitude).tolist() == [True] * 3 + [False] * 4


def test_areas_in_different_buckets_do_not_mix() -> None:
    areas = np.array([0, 1023, 1024, 35_671, 65_535, 35_671])
    rows, degrees = np.arange(6), np.full(6, 1.5)
    points = count_points(rows, areas, degrees, degrees + 50, pa.array([b"x"] * 6))
    with PointSpool() as spool:
        spool.add(PointCounts())
        spool.add(points)
        found = spool.largest(np.array([True, True]), 65_536)
        nothing = spool.largest(np.array([True, False]), 65_536)
    assert found.loc[found["points"] > 0, "largest_count"].to_dict() == {
        0: 1,
        1023: 1,
        1024: 1,
        35_671: 2,
        65_535: 1,
    }
    assert nothing["points"].sum() == 0


def test_real_points_are_those_of_a_plain_count(real_dataset: Path) -> None:
    pandas = pytest.importorskip("pandas")
    dataset = Dataset.open(real_dataset)
    files = [file for file in open_source(ARCHIVE).files if file.supplier == "merseyside"]
    usual = ["Crime ID", "Longitude", "Latitude", "Location", "LSOA code"]
    rows = []
    for file in files:
        table = pandas.read_csv(pa.BufferReader(file.read()), usecols=usual, dtype=str)
        rows.append(table[table["Crime ID"].isna() | ~table.duplicated("Crime ID")])
    table = pandas.concat(rows)
    for code in ("E01033760", "E01006790", "E01006584"):
        own = table[table["LSOA code"] == code]
        sizes = own.groupby(["Longitude", "Latitude"]).size()
        found = dataset.snap_points.set_index("lsoa_code").loc[code]
        assert (found["points"], found["largest_count"]) == (len(sizes), sizes.max())
        assert (found["longitude"], found["latitude"]) == tuple(map(float, sizes.idxmax()))
