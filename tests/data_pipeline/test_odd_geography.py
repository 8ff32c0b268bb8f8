"""Boundaries and populations as people really have them: read where certain, otherwise refused."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import geopandas as gpd
import numpy as np
import openpyxl
import pandas as pd
import pytest
import shapely
import xlwt
from typer.testing import CliRunner

from data_pipeline.__main__ import app
from data_pipeline.build.geography import Geography, read_geography
from data_pipeline.build.remembered import build_and_remember, remembered_inputs
from data_pipeline.dataset import Dataset
from data_pipeline.geography.areas_store import AreasStore
from data_pipeline.geography.boundaries import read_boundaries
from data_pipeline.geography.population import read_populations
from data_pipeline.inputs.catalogue import WARDS
from data_pipeline.inputs.columns import with_columns
from data_pipeline.inputs.errors import InputError
from data_pipeline.inputs.sheets import MOST_TITLE_LINES
from data_pipeline.inputs.tables import read_table

from .tiny import CODES, Inputs, boundaries, name, row, street, write_archive, write_inputs


def geography(inputs: Inputs) -> Geography:
    return read_geography(inputs, AreasStore(inputs.boundaries.parent / "cache"))


def relabelled(areas: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    return areas.set_crs(4326, allow_override=True)


def unlabelled(areas: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    return areas.set_crs(None, allow_override=True)


@pytest.mark.parametrize("spoil", [relabelled, unlabelled])
def test_eastings_and_northings_are_known_whatever_their_label(
    tmp_path: Path, spoil: Callable[[gpd.GeoDataFrame], gpd.GeoDataFrame]
) -> None:
    spoil(boundaries()).to_parquet(tmp_path / "areas.parquet")
    areas = read_boundaries(tmp_path / "areas.parquet")
    np.testing.assert_allclose(areas.total_bounds, boundaries().total_bounds)


def swapped(areas: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    degrees = areas.to_crs(4326)
    turned = shapely.transform(degrees.geometry.to_numpy(), lambda points: points[:, ::-1])
    return degrees.set_geometry(turned, crs=4326)


def abroad(areas: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    return areas.set_crs(32633, allow_override=True)


def far_metres(areas: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    moved = areas.set_geometry(areas.translate(5_000_000, 0), crs=None)
    return moved.set_crs(4326, allow_override=True)


def one_far(areas: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    shapes = [
        areas.geometry[0].buffer(1).union(areas.translate(900_000, 0)[0]),
        *areas.geometry[1:],
    ]
    return areas.set_geometry(shapes, crs=27700)


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (swapped, "latitude and longitude swapped"),
        (abroad, "6 of its 6 areas outside England and Wales: E01000001"),
        (far_metres, "says that it is in degrees"),
        (one_far, "1 of its 6 areas outside England and Wales: E01000001"),
        (lambda areas: areas.head(4), r"no shape for 2 of the 6 LSOAs in changes\.csv"),
    ],
)
def test_boundaries_that_are_cut_off_swapped_or_elsewhere_stop_the_build_with_a_sentence(
    tmp_path: Path, spoil: Callable[[gpd.GeoDataFrame], gpd.GeoDataFrame], message: str
) -> None:
    police = write_archive(tmp_path / "police.zip", {name("kent"): street([row("a")])})
    inputs = write_inputs(tmp_path / "inputs", police)
    spoil(boundaries()).to_parquet(inputs.boundaries)
    with pytest.raises(InputError, match=message):
        geography(inputs)
    words = ["build", "--police", police, "--boundaries", inputs.boundaries]
    words += ["--population", inputs.population[0], "--wards", inputs.wards]
    words += ["--forces", inputs.forces, "--lsoa-changes", inputs.lsoa_changes]
    result = CliRunner().invoke(app, [*map(str, words), "--out", str(tmp_path / "out")])
    assert result.exit_code == 2
    assert "Traceback" not in result.output
    assert not (tmp_path / "out").exists()


def test_no_force_is_complete_without_all_its_areas(tmp_path: Path) -> None:
    inputs = write_inputs(tmp_path)
    forces = pd.read_csv(inputs.forces)
    more = forces.iloc[:1].assign(LAD24CD="E06000099")
    pd.concat([forces, more]).to_csv(inputs.forces, index=False)
    with pytest.raises(InputError, match=r"lack 1 districts of Cheshire .*: E06000099"):
        geography(inputs)


def test_six_areas_with_lookups_of_six_areas_are_a_fine_dataset(tmp_path: Path) -> None:
    assert len(geography(write_inputs(tmp_path)).areas) == 6


def test_a_lookup_of_fewer_areas_than_the_boundaries_of_another_force_is_the_remedy(
    tmp_path: Path,
) -> None:
    inputs = write_inputs(tmp_path)
    boundaries().head(4).to_parquet(inputs.boundaries)
    for file in (inputs.wards, inputs.lsoa_changes):
        table = pd.read_csv(file)
        table[~table["LSOA21CD"].isin(CODES[4:])].to_csv(file, index=False)
    assert len(geography(inputs).areas) == 4


def test_a_geopackage_of_several_layers_is_read_where_one_has_lsoa_codes(tmp_path: Path) -> None:
    file = tmp_path / "areas.gpkg"
    places = boundaries().rename(columns={"LSOA21CD": "code", "LSOA21NM": "title"})
    places.to_file(file, layer="places")
    boundaries().to_file(file, layer="lsoas")
    assert read_boundaries(file)["lsoa_code"].tolist() == list(CODES)
    boundaries().to_file(file, layer="lsoas again")
    with pytest.raises(InputError, match="layers places, lsoas, lsoas again, of which 2"):
        read_boundaries(file)


def test_a_zipped_shapefile_is_read_in_any_folder(tmp_path: Path) -> None:
    boundaries().to_file(tmp_path / "areas.shp")
    with zipfile.ZipFile(tmp_path / "areas.zip", "w") as archive:
        for part in tmp_path.glob("areas.*"):
            if part.suffix != ".zip":
                archive.write(part, f"download/inner folder/{part.name}")
    assert read_boundaries(tmp_path / "areas.zip")["lsoa_code"].tolist() == list(CODES)
    with zipfile.ZipFile(tmp_path / "empty.zip", "w") as archive:
        archive.writestr("readme.txt", "nothing")
    with pytest.raises(InputError, match="holds no layer"):
        read_boundaries(tmp_path / "empty.zip")


TABLE = "".join(f"{code},{100 + at}\n" for at, code in enumerate(CODES))
FIGURES = [100.0 + at for at in range(6)]


def figures(file: Path) -> list[tuple[str, list[float]]]:
    return [
        (item.denominator.slug, item.figures.reindex(CODES).fillna(-1).tolist())
        for item in read_populations([str(file)])
    ]


@pytest.mark.parametrize(
    ("content", "slug"),
    [
        pytest.param(f"LSOA21CD,population\n{TABLE},\n,\n", "mid-2022", id="blank rows"),
        pytest.param(
            f"LSOA21CD;population\n{TABLE.replace(',', ';')}", "mid-2022", id="semicolons"
        ),
        pytest.param(f"LSOA21CD\tpopulation\n{TABLE.replace(',', chr(9))}", "mid-2022", id="tabs"),
        pytest.param(
            f'"Estimates"\n\n"date","2022"\n"gender","Total"\n"age","All Ages"\n\n'
            f'"mnemonic","2022"\n{TABLE}\n"In order to protect against disclosure of data..."\n',
            "mid-2022",
            id="title lines and notes",
        ),
        pytest.param(
            '"TS001 - Number of usual residents"\n"date","2021"\n\n'
            '"2021 super output area - lower layer","2021"\n'
            + "".join(f'"{code} : Place","{100 + at}"\n' for at, code in enumerate(CODES)),
            "census-2021",
            id="census with code and name in a cell",
        ),
        pytest.param(
            "date,geography,geography code,Residence type: Total; measures: Value\n"
            + "".join(f"2021,Place,{code},{100 + at}\n" for at, code in enumerate(CODES)),
            "census-2021",
            id="census bulk file",
        ),
    ],
)
def test_populations_are_read_as_they_are_published(
    tmp_path: Path, content: str, slug: str
) -> None:
    file = tmp_path / "mid-2022.csv"
    if slug.startswith("census"):
        file = tmp_path / "people.csv"
    for encoding in ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252"):
        file.write_bytes(content.encode(encoding))
        assert figures(file) == [(slug, FIGURES)]


@pytest.mark.parametrize("marker", ["[x]", ":", "..", "[c]", "NA", "-", ""])
def test_a_marker_of_no_figure_is_no_figure_and_never_zero(tmp_path: Path, marker: str) -> None:
    file = tmp_path / "mid-2022.csv"
    file.write_text(f"LSOA21CD,population\n{TABLE}".replace("105", marker))
    assert figures(file) == [("mid-2022", [*FIGURES[:5], -1])]


def test_each_year_of_a_table_with_a_column_a_year_is_a_denominator(tmp_path: Path) -> None:
    file = tmp_path / "nomis.csv"
    file.write_text("mnemonic,2021,2022\n" + "".join(f"{code},1,2\n" for code in CODES))
    assert figures(file) == [("mid-2022", [2.0] * 6), ("mid-2021", [1.0] * 6)]
    (one,) = read_populations([f"{file}::Residents::2021"])
    assert (one.denominator.slug, one.figures.tolist()) == ("residents", [1.0] * 6)


@pytest.mark.parametrize("title", ['"gender","Male"', '"sex","Females"', '"Age","Aged 0 to 15"'])
def test_a_part_of_the_population_is_refused(tmp_path: Path, title: str) -> None:
    file = tmp_path / "mid-2022.csv"
    file.write_text(f'"Estimates"\n{title}\n\n"mnemonic","2022"\n{TABLE}')
    with pytest.raises(InputError, match="all ages and sexes together"):
        read_populations([str(file)])


def old_workbook(file: Path) -> None:
    workbook = xlwt.Workbook()
    workbook.add_sheet("Notes").write(0, 0, "hello")
    sheet = workbook.add_sheet("Mid-2022")
    for at, cells in enumerate([["Title"], ["LSOA 2021 Code", "Total"], *_rows()], 3):
        for column, cell in enumerate(cells):
            sheet.write(at, column, cell)
    workbook.save(str(file))


def new_workbook(file: Path) -> None:
    workbook = openpyxl.Workbook()
    workbook.create_sheet("Contents").append(["hello"])
    sheet = workbook.create_sheet("Table 4")
    for cells in (["Mid-2022 estimates"], [], ["LSOA 2021 Code", "Name", "Total"]):
        sheet.append(cells)
    for code, figure in _rows():
        sheet.append([code, "Place", figure])
    sheet.append(["Notes: these are estimates."])
    workbook.save(file)


def _rows() -> list[tuple[str, float]]:
    return list(zip(CODES, FIGURES, strict=True))


@pytest.mark.parametrize(
    ("ending", "write"), [("xls", old_workbook), ("xlsx", new_workbook), ("xlsm", new_workbook)]
)
def test_a_workbook_is_read_wherever_its_table_has_moved(
    tmp_path: Path, ending: str, write: Callable[[Path], None]
) -> None:
    file = tmp_path / f"sapelsoa.{ending}"
    write(file)
    assert figures(file) == [("mid-2022", FIGURES)]


@pytest.mark.parametrize("ending", ["csv", "xlsx", "xls", "parquet", "ods"])
@pytest.mark.parametrize(
    "content",
    [b"", b"\x00" * 99, b"PK\x03\x04 no zip", b"<html>", b"\xff\xfea"],
    ids=["nothing", "NULs", "no ZIP", "web page", "half a letter"],
)
def test_what_is_no_table_is_refused_in_one_sentence(
    tmp_path: Path, ending: str, content: bytes
) -> None:
    file = tmp_path / f"mid-2022.{ending}"
    file.write_bytes(content)
    with pytest.raises(InputError, match=r"mid-2022"):
        read_populations([str(file)])


@pytest.mark.parametrize("count", [MOST_TITLE_LINES - 1, MOST_TITLE_LINES, 99])
def test_no_row_is_lost_however_long_the_table(tmp_path: Path, count: int) -> None:
    file = tmp_path / "mid-2022.csv"
    codes = [f"E01{at:06d}" for at in range(count)]
    file.write_text("LSOA21CD,population\n" + "".join(f"{code},1\n" for code in codes))
    (found,) = read_populations([str(file)])
    assert found.figures.index.tolist() == codes


def test_a_row_with_a_field_too_many_is_named(tmp_path: Path) -> None:
    file = tmp_path / "mid-2022.csv"
    file.write_text("LSOA21CD,population\nE01000001,1,111\n")
    with pytest.raises(InputError, match="row 2 has 3 fields where the headings are 2"):
        read_populations([str(file)])


def test_the_user_can_name_a_column_that_is_not_found(tmp_path: Path) -> None:
    inputs = write_inputs(tmp_path)
    wards = pd.read_csv(inputs.wards).rename(columns={"WD24NM": "Ward title"})
    wards.to_csv(inputs.wards, index=False)
    with pytest.raises(InputError, match='--column "wards:ward_name=HEADING"'):
        read_table(inputs.wards, WARDS)
    named = with_columns(WARDS, ["wards:ward_name=ward TITLE"])
    assert read_table(inputs.wards, named)["ward_name"].iloc[0] == "Abbey"
    areas = geography(replace(inputs, columns=("wards:ward_name=Ward title",))).areas
    assert set(areas["ward_name"]) == {"Abbey", "Bridge", "Castle"}


@pytest.mark.parametrize(
    "text", ["wards", "wards:ward_name", "wards:name=x", "police:month=x", "="]
)
def test_a_column_that_does_not_exist_is_refused_with_the_choices(text: str) -> None:
    with pytest.raises(InputError, match="wards: lsoa_code, ward_code"):
        with_columns(WARDS, [text])


def test_named_columns_are_in_the_manifest_and_remembered(tmp_path: Path) -> None:
    police = write_archive(tmp_path / "police.zip", {name("kent"): street([row("a")])})
    police = write_archive(
        police, {name("cheshire"): street([row("a")]), name("kent"): street([row("b", CODES[4])])}
    )
    inputs = write_inputs(tmp_path / "inputs", police)
    wards = pd.read_csv(inputs.wards).rename(columns={"WD24NM": "Ward title"})
    wards.to_csv(inputs.wards, index=False)
    columns = ("wards:ward_name=Ward title",)
    build_and_remember(replace(inputs, columns=columns), tmp_path / "out", reread=True)
    sources = {entry["role"]: entry for entry in Dataset.open(tmp_path / "out").manifest["sources"]}
    assert sources["wards"]["columns"] == {"ward_name": "Ward title"}
    assert "columns" not in sources["forces"]
    assert remembered_inputs(tmp_path / "out")["columns"] == columns
