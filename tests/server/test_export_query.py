"""The query of an export: followed to the letter, or refused with the nearest right name."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from analysis.selection import from_query, names, part_of, to_query
from components import stores
from components.charts import trends
from components.table import ranking
from data_pipeline.dataset import Dataset
from server.export_query import OTHER_WORDS, OWN_NAMES

FILES = ("areas", "series")
DRUGS = "type=drugs&from=2024-01&to=2024-12&level=lsoa"


def unknown(name: str, meant: str) -> str:
    return f"The link’s “{name}” is no name that an export knows; did you mean “{meant}”?\n"


@pytest.mark.parametrize("file", FILES)
@pytest.mark.parametrize(
    ("name", "meant"),
    [
        *(("forces", "force"), ("Force", "force"), ("FORCE", "force"), ("froce", "force")),
        *(("start", "from"), ("end", "to"), ("types", "type"), ("crime-type", "type")),
        *(("district", "lad"), ("LAD", "lad"), ("levels", "level"), ("denominater", "denominator")),
        *(("Bom", "bom"), ("datasets", "dataset")),
    ],
)
def test_a_wrong_name_is_refused_with_the_nearest_right_one(
    client: FlaskClient, file: str, name: str, meant: str
) -> None:
    for value in ("kent", ""):
        answer = client.get(f"/export/{file}.csv?{DRUGS}&{name}={value}")
        assert answer.status_code == 400
        assert answer.text == unknown(name, meant)


@pytest.mark.parametrize("query", ["utm_source=newsletter", "merseyside", "=kent", "fbclid=1"])
def test_a_name_like_none_is_refused_with_all_names(client: FlaskClient, query: str) -> None:
    answer = client.get(f"/export/areas.csv?{query}")
    assert answer.status_code == 400
    assert "area, basemap, bom, breaks" in answer.text


@pytest.mark.parametrize("file", FILES)
@pytest.mark.parametrize(
    "query", ["force=kent&force=cheshire", "force=&force=kent", "area=x&area=y", "bom=1&bom=1"]
)
def test_a_repeated_name_is_refused(client: FlaskClient, file: str, query: str) -> None:
    answer = client.get(f"/export/{file}.csv?{query}")
    assert answer.status_code == 400
    assert "2 times; give it once, with commas between several values." in answer.text


@pytest.mark.parametrize("file", FILES)
def test_a_signature_is_given_where_it_is_asked_for(client: FlaskClient, file: str) -> None:
    plain = client.get(f"/export/{file}.csv?{DRUGS}").data
    assert not plain.startswith(b"\xef\xbb\xbf")
    assert client.get(f"/export/{file}.csv?{DRUGS}&bom=0").data == plain
    assert client.get(f"/export/{file}.csv?{DRUGS}&bom=1").data == b"\xef\xbb\xbf" + plain
    assert client.get(f"/export/{file}.csv?{DRUGS}&bom=yes").status_code == 400


@pytest.mark.parametrize("file", FILES)
def test_a_link_of_another_dataset_is_refused(
    client: FlaskClient, small_dataset: Dataset, file: str
) -> None:
    assert client.get(f"/export/{file}.csv?dataset={small_dataset.id[:16]}").status_code == 200
    other = client.get(f"/export/{file}.csv?dataset=0123456789abcdef")
    assert other.status_code == 409
    assert "is served now. Reload the page" in other.text
    assert client.get(f"/export/{file}.csv?dataset=1").status_code == 400


def test_a_page_s_own_link_exports_whatever_it_holds(
    client: FlaskClient, small_dataset: Dataset
) -> None:
    link = (
        f"{DRUGS}&force=cheshire&lad=E06000001&measure=change&classes=natural&area=E01000001"
        "&q=abbey&sort=-count&series=supplied&basemap=light&map=53.4,-2.6,9.5"
        "&denominator=census-2021"
    )
    selection, notes = from_query(link, small_dataset)
    assert notes == ()
    assert client.get(f"/export/areas.csv?{to_query(selection)}").status_code == 200
    assert client.get(f"/export/series.csv?{to_query(selection)}").status_code == 200
    fed = [
        stores.stored(part_of(selection, panel.follows), small_dataset)
        for panel in (ranking.PANEL, trends.PANEL)
    ]
    assert client.get(f"{ranking.EXPORT}?{fed[0]}").status_code == 200
    assert client.get(trends.export_address(fed[1])).status_code == 200


def test_every_name_that_people_try_leads_to_one_that_exists() -> None:
    assert set(OTHER_WORDS.values()) <= names()
    assert not OTHER_WORDS.keys() & (names() | OWN_NAMES.keys())


def test_the_page_still_ignores_what_a_newsletter_adds(small_dataset: Dataset) -> None:
    selection, notes = from_query(f"{DRUGS}&utm_source=x&forces=kent", small_dataset)
    assert notes == ()
    assert selection.forces == ()
