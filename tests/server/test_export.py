"""The export: the page's table as a file, or a refusal, never another table."""

from __future__ import annotations

import io
from pathlib import Path

import pandas as pd
import pytest
from flask.testing import FlaskClient

from analysis.area_table import area_table, arranged
from analysis.selection import from_query
from analysis.vocabulary import LEVELS
from data_pipeline.dataset import Dataset
from server.csv_file import ROWS_AT_ONCE, csv_chunks, harmless
from server.export import area_rows
from tests.small_dataset import build_small, publish_changed, small_draft

from .conftest import serve

URL = "/export/areas.csv"
DRUGS = "type=drugs&from=2024-01&to=2024-12&level=lsoa&denominator=mid-2022"
LSOA_COLUMNS = [
    *("rank", "force_rank", "lsoa_code", "lsoa_name", "ward_name", "lad_name", "force_name"),
    *("count", "population", "rate_per_1000", "rate_low", "rate_high", "density_per_sq_mile"),
    *("months_supplied", "months_in_period", "status"),
]


def rows(client: FlaskClient, query: str) -> pd.DataFrame:
    answer = client.get(f"{URL}?{query}")
    assert answer.status_code == 200, answer.text
    return pd.read_csv(io.StringIO(answer.text), dtype=str, keep_default_na=False)


def test_the_columns_come_in_the_promised_order(client: FlaskClient) -> None:
    assert rows(client, DRUGS).columns[: len(LSOA_COLUMNS)].tolist() == LSOA_COLUMNS


def test_figures_are_the_shortest_text_that_gives_the_same_number_back(
    client: FlaskClient, small_dataset: Dataset
) -> None:
    file = rows(client, DRUGS)
    first = file.iloc[0]
    assert first[["lsoa_code", "count", "population", "rate_per_1000"]].tolist() == [
        *("E01000006", "120", "500", "240.0"),
    ]
    table = area_table(small_dataset, from_query(DRUGS, small_dataset)[0]).frame
    for column in ("rate_per_1000", "rate_low", "rate_high", "density_per_sq_mile"):
        texts = [text for text in file[column] if text]
        assert [float(text) for text in texts] == table[column].dropna().tolist()
        assert all(text == repr(float(text)) for text in texts)


def test_a_change_comes_with_what_it_is_a_change_from(client: FlaskClient) -> None:
    file = rows(client, DRUGS).set_index("lsoa_code")
    assert file.columns[-4:].tolist() == [
        *("earlier_count", "earlier_from", "earlier_to", "change_class"),
    ]
    assert file.loc["E01000005", "count":].loc[
        ["count", "earlier_count", "earlier_from", "earlier_to", "change_class"]
    ].tolist() == ["60", "48", "2023-01", "2023-12", "no clear change"]
    assert file.loc["E01000004", ["earlier_count", "change_class"]].tolist() == [
        *("0", "none earlier"),
    ]
    assert file.loc["E01000010", ["earlier_count", "change_class"]].tolist() == [
        *("", "no comparison"),
    ]


def test_with_change_shown_the_file_has_the_order_of_the_table(client: FlaskClient) -> None:
    classes = rows(client, f"{DRUGS}&measure=change")["change_class"]
    order = ["clear rise", "no clear change", "clear fall", "none earlier", "no comparison"]
    assert classes.map(order.index).is_monotonic_increasing


def test_history_is_called_reassigned_only_where_rows_of_the_period_were_remapped(
    tmp_path: Path,
) -> None:
    draft = small_draft()
    moved = (draft.coverage["force"] == "cheshire") & (draft.coverage["month"] == "2024-02")
    draft.coverage.loc[moved, "remapped_2011"] = 3
    publish_changed(draft, tmp_path / "dataset")
    client = serve(tmp_path / "dataset").test_client()
    for period, flag in (("2024-02", "yes"), ("2024-03", "no")):
        file = rows(client, f"type=drugs&from={period}&to={period}&level=lsoa")
        flags = file.set_index("lsoa_code")["reassigned_history"]
        assert flags["E01000002"] == flag
        assert flags["E01000001"] == "no"


def test_no_data_is_blank_and_says_why(client: FlaskClient) -> None:
    silent = rows(client, f"{DRUGS}&force=greater-manchester")
    blank = ["rank", "force_rank", "count", "rate_per_1000", "rate_low", "rate_high"]
    assert (silent[[*blank, "density_per_sq_mile", "small_count"]] == "").all(axis=None)
    assert set(silent["status"]) == {"no data: 0 of 12 months supplied"}


def test_none_is_zero_not_blank(client: FlaskClient) -> None:
    none = rows(client, DRUGS).set_index("lsoa_code").loc["E01000004"]
    assert (none["count"], none["rate_per_1000"], none["small_count"]) == ("0", "0.0", "yes")


@pytest.mark.parametrize("level", sorted(LEVELS))
@pytest.mark.parametrize("listing", ["", "&q=town&sort=-count", "&sort=name", "&q=nowhere"])
def test_the_file_is_the_page_s_table_row_for_row(
    client: FlaskClient, small_dataset: Dataset, level: str, listing: str
) -> None:
    query = DRUGS.replace("lsoa", level) + listing
    selection, _ = from_query(query, small_dataset)
    table = area_table(small_dataset, selection)
    shown = arranged(table, selection.search, selection.order)
    file = rows(client, query)
    assert file[f"{level}_name"].tolist() == shown["name"].tolist()
    assert file["count"].tolist() == ["" if pd.isna(n) else str(n) for n in shown["count"]]
    assert file["rank"].tolist() == ["" if pd.isna(n) else str(n) for n in shown["rank"]]


def test_a_force_has_its_official_code(client: FlaskClient) -> None:
    file = rows(client, DRUGS.replace("lsoa", "force"))
    assert file.loc[0, ["force_code", "force_name"]].tolist() == ["E23000006", "Cheshire"]


def test_every_row_says_where_it_comes_from(client: FlaskClient, small_dataset: Dataset) -> None:
    file = rows(client, DRUGS)
    names = ["crime_types", "period_from", "period_to", "denominator", "dataset_release", "data"]
    assert file[names].drop_duplicates().to_numpy().tolist() == [
        [
            *("Drugs", "2024-01", "2024-12", "residents, mid-2022", "2024-12"),
            "police recorded crime",
        ]
    ]
    assert set(file["dataset_id"]) == {small_dataset.id[:16]}


def test_several_crime_types_are_all_named(client: FlaskClient) -> None:
    file = rows(client, DRUGS.replace("drugs", "robbery,anti-social-behaviour,drugs"))
    assert set(file["crime_types"]) == {"Anti-social behaviour; Drugs; Robbery"}


@pytest.mark.parametrize(
    ("query", "name"),
    [
        (DRUGS, "crime-atlas-1-of-3-forces-drugs-2024-01-to-2024-12-lsoa.csv"),
        (f"{DRUGS}&force=kent", "crime-atlas-kent-drugs-2024-01-to-2024-12-lsoa.csv"),
        (
            "lad=E06000001&level=ward&to=2024-12",
            "crime-atlas-northtown-all-crime-2024-01-to-2024-12-ward.csv",
        ),
    ],
)
def test_the_file_name_says_what_it_holds(client: FlaskClient, query: str, name: str) -> None:
    answer = client.get(f"{URL}?{query}")
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{name}"'
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"


GROUP = "shape=-3.5,53.3;-2.66,53.3;-2.66,53.6;-3.5,53.6"


@pytest.mark.parametrize("level", sorted(LEVELS))
def test_the_file_of_a_group_is_its_table(
    client: FlaskClient, small_dataset: Dataset, level: str
) -> None:
    query = f"{DRUGS.replace('lsoa', level)}&{GROUP}"
    selection, notes = from_query(query, small_dataset)
    table = area_table(small_dataset, selection)
    file = rows(client, query)
    assert notes == ()
    assert 0 < len(file) < len(table.units)
    assert file[f"{level}_name"].tolist() == table.frame["name"].tolist()
    assert file["count"].tolist() == ["" if pd.isna(n) else str(n) for n in table.frame["count"]]


def test_the_file_of_a_group_is_named_by_what_it_holds(client: FlaskClient) -> None:
    name = client.get(f"{URL}?{DRUGS}&{GROUP}").headers["Content-Disposition"]
    count = len(rows(client, f"{DRUGS}&{GROUP}"))
    assert f"crime-atlas-{count}-neighbourhoods-drawn-on-the-map-drugs-2024-01-to" in name


@pytest.mark.parametrize("shape", ["1,2", "0,0;1,0;1,1"])
def test_a_group_that_cannot_be_read_is_refused(client: FlaskClient, shape: str) -> None:
    assert client.get(f"{URL}?{DRUGS}&shape={shape}").status_code == 400


def test_synthetic_data_are_named_in_every_row_and_in_the_file_name(tmp_path: Path) -> None:
    build_small(tmp_path / "demo", synthetic=True)
    client = serve(tmp_path / "demo").test_client()
    assert set(rows(client, DRUGS)["data"]) == {"SYNTHETIC DEMONSTRATION DATA"}
    name = client.get(f"{URL}?{DRUGS}").headers["Content-Disposition"]
    assert 'filename="SYNTHETIC-crime-atlas-' in name


@pytest.mark.parametrize(
    ("query", "sentences"),
    [
        (
            "force=kent,atlantis",
            ["The link asks for the police force “atlantis”, which this dataset does not have."],
        ),
        (
            "from=2024-12&to=2024-01",
            ["The link’s first month is later than its last."],
        ),
        (
            "type=arson&to=2030-01",
            [
                "The link asks for the crime type “arson”, which this dataset does not have.",
                "The link asks for data to January 2030, but this dataset holds September 2022 to "
                "December 2024.",
            ],
        ),
        ("sort=secret", ["The link sorts by “secret”, which is no column of this table."]),
        ("q=" + "x" * 5000, ["The link is longer than 4,000 characters and was not read."]),
    ],
)
def test_a_query_that_cannot_be_followed_is_refused(
    client: FlaskClient, query: str, sentences: list[str]
) -> None:
    answer = client.get(f"{URL}?{query}")
    assert answer.status_code == 400
    assert answer.mimetype == "text/plain"
    assert answer.text.splitlines() == sentences


def test_what_only_the_page_needs_does_not_matter(client: FlaskClient) -> None:
    plain = client.get(f"{URL}?{DRUGS}").text
    noisy = f"{DRUGS}&area=E01999999&map=nowhere&measure=density&classes=x&breaks=x&basemap=x"
    assert client.get(f"{URL}?{noisy}").text == plain


def test_empty_fields_mean_everything(client: FlaskClient) -> None:
    assert len(rows(client, "force=&type=&from=&to=&level=&denominator=")) == 12


def test_the_file_is_streamed_in_parts(small_dataset: Dataset) -> None:
    selection, _ = from_query(DRUGS, small_dataset)
    table = area_table(small_dataset, selection)
    few = area_rows(table, table.frame)
    many = pd.concat([few] * (2 * ROWS_AT_ONCE // len(few) + 1), ignore_index=True)
    chunks = list(csv_chunks(many))
    assert len(chunks) == 4
    assert len(pd.read_csv(io.StringIO("".join(chunks)))) == len(many)


@pytest.mark.parametrize("start", ["=", "+", "-", "@"])
def test_no_cell_is_a_formula(small_dataset: Dataset, start: str) -> None:
    selection, _ = from_query(DRUGS, small_dataset)
    table = area_table(small_dataset, selection)
    risky = table.frame.assign(name=f'{start}HYPERLINK("http://example.com")')
    names = harmless(area_rows(table, risky))["lsoa_name"]
    assert set(names) == {f'\'{start}HYPERLINK("http://example.com")'}


def test_without_a_dataset_the_answer_says_so_and_nothing_of_the_server(
    client_without_dataset: FlaskClient,
) -> None:
    answer = client_without_dataset.get(f"{URL}?{DRUGS}")
    assert answer.status_code == 503
    assert answer.text == "There is no dataset to show yet.\n"
