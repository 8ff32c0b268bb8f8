"""Boundaries, lookups and populations under the names that publishers print."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import openpyxl
import pandas as pd
import pytest
import shapely

from data_pipeline.build.geography import read_geography
from data_pipeline.geography.areas import read_lsoa_changes
from data_pipeline.geography.areas_store import AreasStore
from data_pipeline.geography.boundaries import read_boundaries
from data_pipeline.geography.population import PopulationFile, read_population, read_populations
from data_pipeline.inputs.catalogue import BOUNDARIES, SOURCES, WARDS
from data_pipeline.inputs.errors import InputError
from data_pipeline.inputs.tables import read_table

from .tiny import CODES, boundaries, write_inputs


def csv(file: Path, columns: dict[str, object]) -> Path:
    pd.DataFrame(columns).to_csv(file, index=False)
    return file


@pytest.mark.parametrize(
    "headings",
    [
        ["LSOA21CD", "WD24CD", "WD24NM", "LAD24CD", "LAD24NM"],
        ["lsoa21_code", "ward24_code", "ward24_name", "ltla24_code", "ltla24_name"],
        ["\ufefflsoa21cd", " WD25CD ", "wd25nm", "LAD25CD", "LAD25NM"],
    ],
)
def test_lookups_are_read_under_any_published_names(tmp_path: Path, headings: list[str]) -> None:
    table = csv(
        tmp_path / "wards.csv", {heading: [f" {at}"] for at, heading in enumerate(headings)}
    )
    assert read_table(table, WARDS).iloc[0].tolist() == ["0", "1", "2", "3", "4"]


def test_the_newest_vintage_of_a_column_is_read(tmp_path: Path) -> None:
    columns = {"LSOA21CD": ["a"], "WD23CD": ["old"], "WD24CD": ["new"], "WD24NM": ["n"]}
    table = csv(tmp_path / "w.csv", columns | {"LAD24CD": ["l"], "LAD24NM": ["m"]})
    assert read_table(table, WARDS)["ward_code"].tolist() == ["new"]


def test_a_missing_column_is_named_with_the_columns_found(tmp_path: Path) -> None:
    table = csv(tmp_path / "wards.csv", {"LSOA21CD": ["a"], "Ward": ["b"]})
    with pytest.raises(InputError) as caught:
        read_table(table, WARDS)
    message = str(caught.value)
    for part in ("wards.csv", "WD24CD", "ward24_code", "LSOA21CD, Ward"):
        assert part in message


def test_codes_of_2011_are_not_taken_for_those_of_2021(tmp_path: Path) -> None:
    areas = boundaries().rename(columns={"LSOA21CD": "LSOA11CD"})
    areas.to_parquet(tmp_path / "old.parquet")
    with pytest.raises(InputError, match=r"old\.parquet lacks the column LSOA21CD"):
        read_boundaries(tmp_path / "old.parquet")


def test_every_source_says_where_it_is_published() -> None:
    assert len({source.role for source in SOURCES}) == 7
    for source in SOURCES:
        assert source.url.startswith("https://")
        assert source.licence
        assert source.columns


@pytest.mark.parametrize("suffix", ["parquet", "geojson", "gpkg", "shp"])
def test_boundaries_are_read_from_any_format_and_reference_system(
    tmp_path: Path, suffix: str
) -> None:
    file = tmp_path / f"areas.{suffix}"
    degrees = boundaries().to_crs(4326)
    degrees.to_parquet(file) if suffix == "parquet" else degrees.to_file(file)
    areas = read_boundaries(file)
    assert areas.crs.to_epsg() == 27700
    assert areas["lsoa_code"].tolist() == list(CODES)
    np.testing.assert_allclose(areas.geometry.area, 1e6, rtol=1e-6)


def test_boundaries_that_cannot_be_trusted_are_refused(tmp_path: Path) -> None:
    def no_system(areas: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
        return areas.to_crs(4326).set_crs(None, allow_override=True)

    def repeated(areas: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
        return pd.concat([areas, areas.head(1)])

    def no_shape(areas: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
        return areas.assign(geometry=[None, *areas.geometry[1:]])

    def no_code(areas: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
        return areas.assign(LSOA21CD=["", *CODES[1:]])

    faults: dict[Callable[[gpd.GeoDataFrame], gpd.GeoDataFrame], str] = {
        no_system: "coordinate reference system",
        repeated: "repeats E01000001",
        no_shape: "no shape for E01000001",
        no_code: "1 areas without an LSOA code",
    }
    for spoil, message in faults.items():
        spoil(boundaries()).to_parquet(tmp_path / "areas.parquet")
        with pytest.raises(InputError, match=message):
            read_boundaries(tmp_path / "areas.parquet")


def test_an_invalid_shape_is_repaired(tmp_path: Path) -> None:
    areas = boundaries()
    corners = np.array([(0, 0), (1000, 1000), (1000, 0), (0, 1000)])
    bow = shapely.Polygon(corners + 350_000)
    areas.loc[0, "geometry"] = bow
    areas.to_parquet(tmp_path / "areas.parquet")
    assert read_boundaries(tmp_path / "areas.parquet").geometry.is_valid.all()


def test_text_is_not_boundaries(tmp_path: Path) -> None:
    (tmp_path / "areas.geojson").write_text("hello")
    with pytest.raises(InputError, match=r"areas\.geojson"):
        read_boundaries(tmp_path / "areas.geojson")
    with pytest.raises(InputError, match=BOUNDARIES.title):
        read_boundaries(tmp_path / "absent.geojson")


def test_areas_are_grouped_by_force_and_a_district_of_several_partnerships_is_one(
    tmp_path: Path,
) -> None:
    geography = read_geography(write_inputs(tmp_path), AreasStore(tmp_path / "cache"))
    areas = geography.areas
    assert [force.slug for force in geography.forces] == ["cheshire", "kent"]
    assert areas["force"].tolist() == ["cheshire"] * 4 + ["kent"] * 2
    assert areas["csp_code"].tolist() == ["E06000001"] * 4 + ["E22000003"] * 2
    assert areas["csp_name"].iloc[0] == "Northtown (all partnerships)"
    assert areas["force_name"].iloc[4] == "Kent"


def test_an_lsoa_without_a_ward_and_a_district_without_a_force_are_named(tmp_path: Path) -> None:
    inputs = write_inputs(tmp_path)
    wards = pd.read_csv(inputs.wards)
    fewer = csv(tmp_path / "fewer.csv", wards.iloc[2:].to_dict("list"))
    with pytest.raises(InputError, match=r"2 LSOAs .* fewer\.csv .* E01000001, E01000002"):
        read_geography(replace(inputs, wards=fewer), AreasStore(tmp_path / "cache"))
    forces = pd.read_csv(inputs.forces)
    one = csv(tmp_path / "one.csv", forces.iloc[:2].to_dict("list"))
    with pytest.raises(InputError, match=r"1 districts .* one\.csv .* E07000001"):
        read_geography(replace(inputs, forces=one), AreasStore(tmp_path / "cache"))
    foreign = csv(tmp_path / "foreign.csv", forces.assign(PFA24CD="S23000009").to_dict("list"))
    with pytest.raises(InputError, match="S23000009"):
        read_geography(replace(inputs, forces=foreign), AreasStore(tmp_path / "cache"))


def test_rural_urban_class_is_blank_where_not_given(tmp_path: Path) -> None:
    inputs = write_inputs(tmp_path)
    assert (read_geography(inputs, AreasStore(tmp_path / "cache")).areas["rural_urban"] == "").all()
    classes = csv(tmp_path / "ruc.csv", {"LSOA21CD": CODES[:1], "RUC21NM": ["Urban"]})
    areas = read_geography(
        replace(inputs, rural_urban=classes), AreasStore(tmp_path / "cache")
    ).areas
    assert areas["rural_urban"].tolist() == ["Urban", "", "", "", "", ""]


def test_a_change_of_unknown_kind_is_named(tmp_path: Path) -> None:
    table = csv(tmp_path / "c.csv", {"LSOA11CD": ["a"], "LSOA21CD": ["b"], "CHGIND": ["Q"]})
    with pytest.raises(InputError, match=r"c\.csv .*'Q' in data row 1"):
        read_lsoa_changes(table)


def denominators(*arguments: object) -> list[tuple[str, str, int]]:
    found = read_populations([str(argument) for argument in arguments])
    return [
        (item.denominator.slug, item.denominator.label, item.denominator.year) for item in found
    ]


MID_2022 = ("mid-2022", "residents, mid-2022", 2022)
CENSUS = ("census-2021", "usual residents, Census 2021", 2021)


def test_the_year_is_told_from_name_column_or_argument(tmp_path: Path) -> None:
    plain = {"LSOA21CD": CODES, "population": 1}
    mid = csv(tmp_path / "pop_mid2022.csv", plain)
    census = csv(tmp_path / "residents.csv", {"lsoa21_code": CODES, "usual_residents": 1})
    other = csv(tmp_path / "jobs.csv", plain)
    assert denominators(census, mid) == [MID_2022, CENSUS]
    assert denominators(f"{other}::Workplace population::2023") == [
        ("workplace-population", "Workplace population", 2023)
    ]
    with pytest.raises(InputError, match=r"jobs\.csv does not say which year .*::2022"):
        denominators(other)
    with pytest.raises(InputError, match="not FILE::Label::YEAR"):
        denominators(f"{other}::Jobs")
    with pytest.raises(InputError, match="the same denominator, 'mid-2022'"):
        denominators(mid, mid)


def test_nomis_totals_are_read_one_denominator_for_each_date(tmp_path: Path) -> None:
    rows = [
        (date, code, gender, age, value)
        for date in (2021, 2022)
        for code in CODES
        for gender, age, value in ((0, 200, date), (1, 200, 5), (0, 101, 6))
    ]
    headings = ["DATE", "GEOGRAPHY_CODE", "GENDER", "C_AGE", "OBS_VALUE"]
    table = csv(tmp_path / "nomis.csv", pd.DataFrame(rows, columns=headings).to_dict("list"))
    assert denominators(table) == [MID_2022, ("mid-2021", "residents, mid-2021", 2021)]
    assert {item.figures.iloc[0] for item in read_populations([str(table)])} == {2021.0, 2022.0}
    assert denominators(f"{table}::Residents::2021") == [("residents", "Residents", 2021)]


def test_the_ons_workbook_is_read_below_its_title_rows(tmp_path: Path) -> None:
    workbook = openpyxl.Workbook()
    workbook.create_sheet("Notes").append(["hello"])
    for year in (2021, 2022):
        sheet = workbook.create_sheet(f"Mid-{year} LSOA 2021")
        for line in (["Population estimates"], ["Contents"], []):
            sheet.append(line)
        sheet.append(["LAD 2021 Code", "LSOA 2021 Code", "LSOA 2021 Name", "Total", "F0"])
        for code in CODES:
            sheet.append(["E06000001", code, "Place", year, 7])
    file = tmp_path / "estimates.xlsx"
    workbook.save(file)
    found = list(read_population(PopulationFile(file)))
    assert [item.denominator.slug for item in found] == ["mid-2021", "mid-2022"]
    assert found[1].figures.to_dict() == dict.fromkeys(CODES, 2022.0)


@pytest.mark.parametrize("value", ["-1", "many", "inf"])
def test_a_population_that_is_no_number_is_named_by_row(tmp_path: Path, value: str) -> None:
    table = csv(tmp_path / "mid-2022.csv", {"LSOA21CD": CODES[:2], "population": ["1,111", value]})
    with pytest.raises(InputError, match=rf"{value}.* E01000002 in data row 2"):
        read_populations([str(table)])


def test_areas_without_a_figure_have_none_and_are_counted(tmp_path: Path) -> None:
    inputs = write_inputs(tmp_path)
    table = csv(tmp_path / "mid-2022.csv", {"LSOA21CD": CODES[:5], "population": [1, 2, 3, 4, ""]})
    geography = read_geography(
        replace(inputs, population=(str(table),)), AreasStore(tmp_path / "cache")
    )
    assert geography.areas["denominator_mid_2022"].isna().tolist() == [False] * 4 + [True] * 2
    assert geography.warnings[0].startswith("2 of 6 LSOAs have no figure for residents, mid-2022")


def test_parquet_tables_and_short_rows_are_read_with_their_blanks(tmp_path: Path) -> None:
    whole = tmp_path / "mid-2022.parquet"
    pd.DataFrame({"LSOA21CD": CODES, "population": [1.0] * 5 + [np.nan]}).to_parquet(whole)
    short = tmp_path / "mid-2021.csv"
    short.write_text("name,LSOA21CD,population\nx,E01000001,7\nx,E01000002\n")
    first, second = read_populations([str(whole), str(short)])
    assert first.figures.isna().sum() == 1
    assert second.figures.fillna(-1).tolist() == [7, -1]


def test_a_population_of_other_areas_is_refused(tmp_path: Path) -> None:
    inputs = write_inputs(tmp_path)
    table = csv(tmp_path / "mid-2022.csv", {"LSOA21CD": ["S01000001"], "population": [1]})
    with pytest.raises(InputError, match=r"no figure for any LSOA .* S01000001"):
        read_geography(replace(inputs, population=(str(table),)), AreasStore(tmp_path / "cache"))
