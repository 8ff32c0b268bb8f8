"""The synthetic nation looks like England and Wales, and behaves like the data of the police."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely

from data_pipeline.build.coverage import absurd_files
from data_pipeline.dataset import Dataset
from data_pipeline.dataset.forces import FORCES
from data_pipeline.dataset.schema import MISSING, QUARANTINED, ROW_REASONS, SUPPLIED
from data_pipeline.demo import make_demo, planted
from data_pipeline.demo.gazetteer import coastline, to_grid
from data_pipeline.demo.geography import make_nation
from data_pipeline.demo.planted import HALVED_DISTRICT, RISING_FORCE, TRIPLED_AREAS
from data_pipeline.publish.draft import PublishError

SCALE = 0.03
LAND_KM2 = 151_047
"""Land of England (130,310) and Wales (20,737): ONS, Standard Area Measurements."""

CITIES = {
    "metropolitan": (-0.12, 51.50),
    "west-midlands": (-1.89, 52.48),
    "greater-manchester": (-2.24, 53.48),
    "west-yorkshire": (-1.55, 53.80),
    "merseyside": (-2.96, 53.41),
    "northumbria": (-1.62, 54.98),
    "south-wales": (-3.18, 51.49),
    "devon-and-cornwall": (-5.10, 50.25),
    "north-wales": (-4.35, 53.26),
    "kent": (1.10, 51.27),
    "cumbria": (-2.94, 54.89),
    "norfolk": (1.29, 52.63),
}
SEA_AND_SCOTLAND = [
    (-3.3, 51.3),
    (0.30, 52.90),
    (-3.2, 53.6),
    (-4.5, 54.2),
    (-3.19, 55.95),
    (0.9, 51.48),
    (-4.5, 52.5),
    (0.5, 50.6),
]


@pytest.fixture(scope="module")
def areas():
    return make_nation(np.random.default_rng(1), scale=0.25).areas


@pytest.fixture(scope="module")
def dataset(tmp_path_factory):
    out = tmp_path_factory.mktemp("demo") / "current"
    make_demo(out, scale=SCALE)
    return Dataset.open(out)


def test_every_force_is_there_by_name_and_no_code_is_real(dataset):
    assert [(force.slug, force.name) for force in dataset.forces] == [
        (force.slug, force.name) for force in FORCES
    ]
    assert set(dataset.areas["force"]) == {force.slug for force in FORCES}
    codes = dataset.areas[["lsoa_code", "ward_code", "lad_code", "csp_code"]].to_numpy().ravel()
    assert all(str(code).startswith("X") for code in codes)
    assert all(force.code.startswith("X") for force in dataset.forces)
    assert dataset.synthetic
    assert dataset.warnings[0] == "Synthetic data: every figure is generated, none is real."


def test_areas_tile_the_land_without_gap_or_overlap(areas):
    cells = areas.geometry.to_numpy()
    assert shapely.coverage_is_valid(cells)
    assert shapely.is_valid(cells).all()
    assert not shapely.is_empty(cells).any()
    assert shapely.area(cells).sum() == pytest.approx(coastline().area, rel=1e-4)


def test_outline_is_that_of_england_and_wales():
    land = coastline()
    assert land.is_valid
    assert land.area / 1e6 == pytest.approx(LAND_KM2, rel=0.02)
    inside = shapely.contains_xy(land, to_grid(*zip(*CITIES.values(), strict=True)))
    assert inside.all()
    outside = shapely.contains_xy(land, to_grid(*zip(*SEA_AND_SCOTLAND, strict=True)))
    assert not outside.any()


def test_forces_lie_where_they_are(areas):
    places = to_grid(*zip(*CITIES.values(), strict=True))
    points = gpd.GeoDataFrame({"city": list(CITIES)}, geometry=shapely.points(places))
    found = points.set_crs(areas.crs).sjoin(areas[["force", "geometry"]])
    assert found["force"].tolist() == found["city"].tolist() == list(CITIES)


def test_forces_have_their_share_of_the_areas(areas):
    share = areas["force"].value_counts(normalize=True)
    assert share["metropolitan"] == pytest.approx(4_988 / 35_672, abs=0.03)
    assert share["merseyside"] == pytest.approx(923 / 35_672, abs=0.01)
    assert share.idxmin() == "city-of-london"


def test_districts_are_in_one_piece_but_for_water(areas):
    districts = areas.dissolve("lad_code", method="coverage")
    largest = districts.geometry.map(lambda shape: max(p.area for p in shapely.get_parts(shape)))
    whole = largest / districts.area
    assert whole.min() > 0.8
    assert (whole > 0.99).mean() > 0.98


@pytest.mark.parametrize("seed", range(5))
def test_even_the_smallest_nation_has_every_force(seed):
    nation = make_nation(np.random.default_rng(seed), scale=0.02)
    assert nation.areas["force"].nunique() == len(FORCES)
    assert shapely.coverage_is_valid(nation.areas.geometry.to_numpy())


def test_names_are_of_the_form_that_ons_writes(dataset):
    names = dataset.areas["lsoa_name"]
    assert names.is_unique
    assert names.str.fullmatch(r".+ \d{3}[A-F]").all()
    stem = names.str.rsplit(" ", n=1).str[0]
    assert (stem == dataset.areas["lad_name"]).all()
    wards = dataset.areas.drop_duplicates("ward_code")
    assert wards["ward_name"].duplicated().any()
    assert not wards.duplicated(["lad_name", "ward_name"]).any()


def test_equal_seeds_give_equal_datasets(tmp_path):
    first = make_demo(tmp_path / "first", seed=7, scale=0.02)
    assert make_demo(tmp_path / "again", seed=7, scale=0.02) == first
    assert make_demo(tmp_path / "other", seed=8, scale=0.02) != first


def test_a_force_that_stopped_supplying_has_no_data_instead_of_zero(dataset):
    manchester = [force.slug for force in dataset.forces].index("greater-manchester")
    assert dataset.supplied[:, manchester].tolist() == [True] * 9 + [False] * 27
    last = dataset.coverage[dataset.coverage["force"] == "greater-manchester"].iloc[-1]
    assert last["status"] == MISSING
    areas = np.flatnonzero(dataset.area_force == manchester)
    slugs = [kind.slug for kind in dataset.crime_types]
    assert (dataset.monthly_counts(areas, slugs).sum(axis=1) > 0).tolist() == [True] * 9 + [
        False
    ] * 27


def test_gaps_are_where_the_documentation_says(dataset):
    absent = dataset.coverage[dataset.coverage["status"] != SUPPLIED]
    absent = absent[absent["force"] != "greater-manchester"]
    found = set(zip(absent["force"], absent["month"], absent["status"], strict=True))
    assert found == {
        ("devon-and-cornwall", "2022-11", MISSING),
        ("devon-and-cornwall", "2022-12", MISSING),
        ("gwent", "2025-09", MISSING),
        ("city-of-london", "2023-03", MISSING),
        ("city-of-london", "2024-08", MISSING),
        ("lincolnshire", "2023-11", QUARANTINED),
    }


def test_the_sudden_drop_is_flagged(dataset):
    flagged = dataset.coverage[dataset.coverage["sudden_drop"]]
    assert ("suffolk", "2024-05") in set(zip(flagged["force"], flagged["month"], strict=True))
    assert len(flagged) == 1


def test_every_row_of_every_file_is_explained(dataset):
    accounts = dataset.accounts
    explained = accounts[["kept", *ROW_REASONS]].sum(axis=1)
    assert (explained == accounts["rows_read"]).all()
    assert accounts["kept"].sum() == dataset.totals[-1].sum()
    transport = accounts[accounts["supplier"] == "btp"]
    assert (transport["excluded_supplier"] == transport["rows_read"]).all()
    located = accounts[accounts["status"] == SUPPLIED]
    share = located["no_lsoa"].sum() / located["rows_read"].sum()
    assert 0.01 < share < 0.02


def test_the_absurd_file_is_absurd_by_the_rule_of_the_pipeline(dataset):
    accounts = dataset.accounts
    assert (accounts["quarantined"] > 0).sum() == 1
    supplied = accounts[accounts["status"].isin([SUPPLIED, QUARANTINED])]
    read = supplied.assign(kept=supplied["kept"] + supplied["quarantined"])
    (index,) = absurd_files(read, {})
    assert accounts.loc[index, "file"] == "2023-11/2023-11-lincolnshire-street.csv"
    assert accounts.loc[index, "rows_read"] == accounts.loc[index, "quarantined"] > 0
    assert accounts.loc[index, "kept"] == 0


def test_crime_gathers_in_few_areas_and_rare_types_are_absent_from_many(dataset):
    complete = dataset.supplied[-12:].all(axis=0)[dataset.area_force]
    theft = dataset.period_counts("2024-10", "2025-09", ["theft-from-the-person"])[complete]
    assert (theft == 0).mean() > 1 / 3
    for slug in ("shoplifting", "drugs", "anti-social-behaviour"):
        counts = dataset.period_counts("2024-10", "2025-09", [slug])[complete]
        assert counts.max() > 20 * np.median(counts)


def test_volumes_are_those_of_a_nation_of_this_size(dataset):
    monthly = np.diff(dataset.totals.sum(axis=2, dtype=np.int64), axis=0)
    assert monthly.sum(axis=1).mean() / SCALE == pytest.approx(485_000, rel=0.06)
    violence = [kind.slug for kind in dataset.crime_types].index("violence-and-sexual-offences")
    assert monthly[:, violence].sum() / monthly.sum() == pytest.approx(0.33, abs=0.02)


def test_seasons_are_those_of_the_year(dataset):
    everywhere = np.flatnonzero(dataset.supplied[-12:].all(axis=0)[dataset.area_force])
    slugs = ["anti-social-behaviour", "bicycle-theft", "burglary"]
    year = dataset.monthly_counts(everywhere, slugs)[-12:]
    winter, summer = year[2:5].sum(axis=0), year[9:12].sum(axis=0)
    assert summer[0] > 1.2 * winter[0]
    assert summer[1] > 1.3 * winter[1]
    assert winter[2] > 1.1 * summer[2]


def test_people_work_in_city_centres_and_sleep_elsewhere(dataset):
    areas = dataset.areas
    ratio = areas["denominator_workday_2021"] / areas["denominator_mid_2022"]
    assert ratio[areas["force"] == "city-of-london"].max() > 2
    assert ratio.median() < 1
    assert areas["denominator_mid_2022"].mean() == pytest.approx(1_700, rel=0.05)


def monthly_counts_of(dataset, changes):
    """Counts of the changed crime type in all the changed areas; int array [months]."""
    (name,) = {change.crime_type for change in changes}
    slug = next(kind.slug for kind in dataset.crime_types if kind.name == name)
    members = np.any([change.members(dataset.areas) for change in changes], axis=0)
    assert members.any()
    return dataset.monthly_counts(np.flatnonzero(members), [slug])[:, 0]


def test_the_planted_rise_of_a_force_can_be_found(dataset):
    counts = monthly_counts_of(dataset, [RISING_FORCE])
    slope, _ = np.polyfit(np.arange(36), np.log(counts), 1)
    assert np.exp(36 * slope) == pytest.approx(2, rel=0.3)


@pytest.mark.parametrize(("changes", "factor"), [([HALVED_DISTRICT], 0.5), (TRIPLED_AREAS, 3.0)])
def test_planted_jumps_of_the_last_year_can_be_found(dataset, changes, factor):
    counts = monthly_counts_of(dataset, changes)
    assert counts[-12:].sum() / counts[-24:-12].sum() == pytest.approx(factor, rel=0.25)


def test_all_that_is_planted_is_listed():
    assert set(planted()) == {RISING_FORCE, HALVED_DISTRICT, *TRIPLED_AREAS}
    assert len(TRIPLED_AREAS) == 12


@pytest.mark.parametrize("scale", [0, 0.01, 1.5])
def test_an_impossible_scale_is_refused(tmp_path, scale):
    with pytest.raises(ValueError, match="scale"):
        make_demo(tmp_path / "out", scale=scale)


def test_a_directory_that_is_no_dataset_is_left_alone(tmp_path):
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(PublishError, match="left alone"):
        make_demo(tmp_path, scale=0.02)
