"""Tables of ArcGIS and Nomis, page by page, while the services misbehave."""

from __future__ import annotations

import csv
import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import geopandas as gpd
import orjson
import pytest
import shapely

from data_pipeline.download import ranges
from data_pipeline.download.addresses import read_sources
from data_pipeline.download.ranges import fetch_whole, look_up, take_over
from data_pipeline.download.tables import count_rows, fetch_pages, write_table
from data_pipeline.download.web import DownloadError, Web
from data_pipeline.geography.boundaries import read_boundaries
from data_pipeline.geography.population import read_populations
from data_pipeline.inputs.catalogue import BOUNDARIES, POPULATION, WARDS, Download, Source
from data_pipeline.inputs.tables import read_table

from .local_web import (
    Fault,
    Request,
    Site,
    arcgis_error,
    arcgis_table,
    cut,
    fine,
    local_site,
    nomis_table,
    status,
    web_page,
)

PATH = "/query"
WARD_ROWS = [
    {
        "LSOA21CD": f"E0100{at:04d}",
        "WD24CD": "E05000001",
        "WD24NM": 'The "Abbey", north',
        "LAD24CD": "E06000001",
        "LAD24NM": "Ynys Môn",
        "ObjectId": at,
    }
    for at in range(25)
]


def shape(at: int, east: float = -3.0) -> dict[str, Any]:
    square = shapely.box(east + at * 0.01, 53.4, east + at * 0.01 + 0.01, 53.41)
    return {
        "type": "Feature",
        "id": at,
        "properties": {"LSOA21CD": f"E0100{at:04d}", "LSOA21NM": f"Place {at:03d}A"},
        "geometry": orjson.loads(shapely.to_geojson(square)),
    }


@pytest.fixture
def site() -> Iterator[Site]:
    with local_site() as made:
        made.services[PATH] = arcgis_table(WARD_ROWS)
        yield made


def pointed(source: Source, site: Site, **changes: Any) -> Source:
    usual: dict[str, Any] = {"address": f"{site.root}{PATH}", "page_rows": 10, "rows": None}
    assert source.download is not None
    return replace(source, download=replace(source.download, **{**usual, **changes}))


def fetched(site: Site, folder: Path, source: Source = WARDS, **changes: Any) -> Path:
    source = pointed(source, site, **changes)
    download = source.download
    assert isinstance(download, Download)
    web = Web(lambda wait: None, gap=0)
    total = count_rows(web, download)
    file = folder / Path(download.file).name
    write_table(source, download, fetch_pages(web, download, folder / "pages", total), file)
    return file


def codes(file: Path) -> list[str]:
    with file.open(encoding="utf-8", newline="") as stream:
        return [row["LSOA21CD"] for row in csv.DictReader(stream)]


def test_every_row_arrives_once_and_a_build_can_read_them(site: Site, tmp_path: Path) -> None:
    file = fetched(site, tmp_path)
    assert site.offsets_of(PATH) == [0, 10, 20]
    assert codes(file) == [row["LSOA21CD"] for row in WARD_ROWS]
    table = read_table(file, WARDS)
    assert table["lad_name"].unique().tolist() == ["Ynys Môn"]
    assert table["ward_name"].unique().tolist() == ['The "Abbey", north']


def test_pages_are_asked_for_in_an_order_that_does_not_change(site: Site, tmp_path: Path) -> None:
    fetched(site, tmp_path)
    assert site.asked[-1].query["orderByFields"] == "LSOA21CD"
    assert site.asked[-1].query["returnGeometry"] == "false"
    assert site.asked[-1].query["outFields"] == "*"


def test_a_page_with_fewer_rows_than_asked_loses_none(site: Site, tmp_path: Path) -> None:
    site.services[PATH] = arcgis_table(WARD_ROWS, most=7)
    assert len(codes(fetched(site, tmp_path))) == 25
    assert site.offsets_of(PATH) == [0, 7, 14, 21]


def test_boundaries_are_geojson_in_degrees_that_a_build_can_read(
    site: Site, tmp_path: Path
) -> None:
    site.services[PATH] = arcgis_table([shape(at) for at in range(25)])
    file = fetched(site, tmp_path, BOUNDARIES)
    assert site.asked[-1].query["outSR"] == "4326"
    assert len(read_boundaries(file)) == 25
    assert gpd.read_file(file).crs.to_epsg() == 4326


@pytest.mark.parametrize("nested", [True, False])
def test_the_flag_for_more_rows_is_understood_in_both_places(
    site: Site, tmp_path: Path, nested: bool
) -> None:
    features = [shape(at) for at in range(25)]

    def service(query: dict[str, str]) -> bytes:
        answer = orjson.loads(arcgis_table(features, most=10)(query))
        flag = answer.pop("properties", {}) if not nested else {}
        return orjson.dumps({**answer, **flag})

    site.services[PATH] = service
    assert len(read_boundaries(fetched(site, tmp_path, BOUNDARIES))) == 25


def test_a_service_that_stops_early_is_an_error_not_a_smaller_country(
    site: Site, tmp_path: Path
) -> None:
    def service(query: dict[str, str]) -> bytes:
        answer = orjson.loads(arcgis_table(WARD_ROWS)(query))
        if query.get("resultOffset") == "10":
            answer.pop("exceededTransferLimit", None)
        return orjson.dumps(answer)

    site.services[PATH] = service
    with pytest.raises(DownloadError, match="sent 20 rows of 25"):
        fetched(site, tmp_path)
    assert not list(tmp_path.rglob("*.csv"))


def test_rows_that_move_between_pages_are_noticed(site: Site, tmp_path: Path) -> None:
    def service(query: dict[str, str]) -> bytes:
        moved = [WARD_ROWS[-1], *WARD_ROWS[:-1]] if query.get("resultOffset") == "10" else WARD_ROWS
        return arcgis_table(moved)(query)

    site.services[PATH] = service
    with pytest.raises(DownloadError, match="twice, so a row may be missing"):
        fetched(site, tmp_path)
    assert not (tmp_path / "lsoa21_wards.csv").exists()


def test_a_number_of_rows_other_than_the_published_one_is_an_error(
    site: Site, tmp_path: Path
) -> None:
    with pytest.raises(DownloadError, match=r"has 25 rows; 26 are published.*rows = 25"):
        fetched(site, tmp_path, rows=26)


@pytest.mark.parametrize(
    "fault",
    [
        arcgis_error(429, "Too many requests"),
        arcgis_error(504, "Timed out"),
        web_page,
        cut(100),
        status(503),
    ],
)
def test_a_passing_fault_costs_one_page_only(site: Site, tmp_path: Path, fault: Fault) -> None:
    site.fail(PATH, fine, fine, fault)
    assert len(codes(fetched(site, tmp_path))) == 25
    assert site.offsets_of(PATH) == [0, 10, 10, 20]


def test_an_error_object_with_status_200_is_an_error(site: Site, tmp_path: Path) -> None:
    site.fail(PATH, fine, arcgis_error(400, "Invalid field: LSOA21CD"))
    with pytest.raises(DownloadError, match="error 400: Invalid field: LSOA21CD"):
        fetched(site, tmp_path)
    assert len(site.asked) == 2


def test_a_web_page_instead_of_json_is_named_at_last(site: Site, tmp_path: Path) -> None:
    site.fail(PATH, *[web_page] * 50)
    with pytest.raises(DownloadError, match="a web page instead of JSON"):
        fetched(site, tmp_path)


def test_an_empty_page_while_rows_are_left_is_asked_for_again(site: Site, tmp_path: Path) -> None:
    def empty(request: Request) -> bool:
        request.answer(200, b'{"features":[],"exceededTransferLimit":true}')
        return True

    site.fail(PATH, fine, empty)
    assert len(codes(fetched(site, tmp_path))) == 25


def test_pages_that_are_here_are_not_asked_for_again(site: Site, tmp_path: Path) -> None:
    site.fail(PATH, fine, fine, fine, *[status(503)] * 6)
    with pytest.raises(DownloadError, match="6 attempts"):
        fetched(site, tmp_path)
    site.asked.clear()
    assert len(codes(fetched(site, tmp_path))) == 25
    assert site.offsets_of(PATH) == [20]


def test_pages_of_another_request_are_not_mixed_in(site: Site, tmp_path: Path) -> None:
    site.fail(PATH, fine, fine, *[status(503)] * 6)
    with pytest.raises(DownloadError):
        fetched(site, tmp_path)
    site.asked.clear()
    fetched(site, tmp_path, parameters={"outFields": "LSOA21CD,*", "f": "json"})
    assert site.offsets_of(PATH) == [0, 10, 20]


def test_pages_of_yesterday_are_not_continued(site: Site, tmp_path: Path) -> None:
    site.fail(PATH, fine, fine, *[status(503)] * 6)
    with pytest.raises(DownloadError):
        fetched(site, tmp_path)
    os.utime(tmp_path / "pages" / "request", (0, 0))
    site.asked.clear()
    fetched(site, tmp_path)
    assert site.offsets_of(PATH) == [0, 10, 20]


def test_a_year_that_is_not_published_is_named(site: Site, tmp_path: Path) -> None:
    site.services[PATH] = nomis_table([])
    with pytest.raises(DownloadError, match=r"has no rows for .*date=2031"):
        fetched(site, tmp_path, population_source(2031))


def test_a_missing_column_is_named_with_those_found(site: Site, tmp_path: Path) -> None:
    rows = [{key: value for key, value in row.items() if key != "WD24CD"} for row in WARD_ROWS]
    site.services[PATH] = arcgis_table(rows)
    with pytest.raises(DownloadError, match=r"lacks the column WD24CD.*LAD24CD"):
        fetched(site, tmp_path)


def test_shapes_in_metres_are_refused(site: Site, tmp_path: Path) -> None:
    site.services[PATH] = arcgis_table([shape(0, east=350_000.0)])
    with pytest.raises(DownloadError, match="not degrees"):
        fetched(site, tmp_path, BOUNDARIES)


def test_an_area_without_a_shape_is_refused(site: Site, tmp_path: Path) -> None:
    site.services[PATH] = arcgis_table([shape(0), {**shape(1), "geometry": None}])
    with pytest.raises(DownloadError, match=r"E01000001.*without a shape"):
        fetched(site, tmp_path, BOUNDARIES)


def people(count: int) -> list[dict[str, Any]]:
    return [
        {"GEOGRAPHY_CODE": f"E0100{at:04d}", "GEOGRAPHY_NAME": "Place", "OBS_VALUE": 1_000 + at}
        for at in range(count)
    ]


def population_source(year: int) -> Source:
    return next(item for item in read_sources(None, [year]) if item.role == "population")


def test_population_comes_past_the_limit_of_25_000_figures(site: Site, tmp_path: Path) -> None:
    site.services[PATH] = nomis_table(people(35))
    file = fetched(site, tmp_path, population_source(2022))
    assert site.offsets_of(PATH) == [0, 0, 10, 20, 30]
    asked = site.asked[-1].query
    assert {name: asked[name] for name in ("date", "geography", "gender", "c_age", "measures")} == {
        "date": "2022",
        "geography": "TYPE151",
        "gender": "0",
        "c_age": "200",
        "measures": "20100",
    }
    (population,) = read_populations([str(file)])
    assert population.denominator.label == "residents, mid-2022"
    assert population.figures.sum() == sum(range(1_000, 1_035))


def test_other_years_have_files_and_denominators_of_their_own(site: Site, tmp_path: Path) -> None:
    site.services[PATH] = nomis_table(people(5))
    files = [str(fetched(site, tmp_path, population_source(year))) for year in (2022, 2024)]
    slugs = [population.denominator.slug for population in read_populations(files)]
    assert slugs == ["mid-2022", "mid-2024"]


def test_nomis_sending_an_error_page_is_quoted(site: Site, tmp_path: Path) -> None:
    site.services[PATH] = lambda query: b"The dataset is not available\n"
    with pytest.raises(DownloadError, match="not send figures but: 'The dataset is not available'"):
        fetched(site, tmp_path, POPULATION)


def test_a_plain_file_is_continued_by_the_next_run(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ranges, "CHUNK", 10)
    site.files["/mirror.csv"] = b"0123456789" * 50
    part = tmp_path / "mirror.csv.part"
    web = Web(lambda wait: None, gap=0)
    remote = look_up(web, f"{site.root}/mirror.csv")
    site.fail("/mirror.csv", cut(300), *[status(503)] * 11)
    with pytest.raises(DownloadError):
        fetch_whole(web, remote, part)
    site.asked.clear()
    again = look_up(web, f"{site.root}/mirror.csv")
    fetch_whole(web, again, part)
    take_over(part, tmp_path / "mirror.csv")
    assert site.ranges_of("/mirror.csv") == ["bytes=0-0", "bytes=300-"]
    assert (tmp_path / "mirror.csv").read_bytes() == site.files["/mirror.csv"]
    assert [path.name for path in tmp_path.iterdir()] == ["mirror.csv"]


def test_what_is_left_of_another_version_is_not_continued(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ranges, "CHUNK", 10)
    site.files["/mirror.csv"] = b"0123456789" * 50
    part = tmp_path / "mirror.csv.part"
    web = Web(lambda wait: None, gap=0)
    site.fail("/mirror.csv", fine, cut(300), *[status(503)] * 11)
    with pytest.raises(DownloadError):
        fetch_whole(web, look_up(web, f"{site.root}/mirror.csv"), part)
    site.files["/mirror.csv"] = b"abcdefghij" * 50
    fetch_whole(web, look_up(web, f"{site.root}/mirror.csv"), part)
    assert part.read_bytes() == site.files["/mirror.csv"]
