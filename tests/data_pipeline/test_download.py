"""The commands download and refresh, from the plan to the dataset."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

import orjson
import pytest

from data_pipeline.dataset import Dataset
from data_pipeline.download.addresses import download_of, read_sources
from data_pipeline.download.fetch import only_one
from data_pipeline.download.lockfile import NAME
from data_pipeline.download.web import DownloadError

from .local_web import Site, arcgis_table, fine, local_site, status
from .local_world import ARCHIVE, BOUNDARIES, LATEST, PEOPLE, WARDS, archive, furnish, members, run
from .tiny import CODES, counts, name, row, street


@pytest.fixture
def site() -> Iterator[Site]:
    with local_site() as made:
        yield made


@pytest.fixture
def sources(site: Site, tmp_path: Path) -> str:
    return str(furnish(site, tmp_path))


@pytest.fixture
def into(tmp_path: Path) -> Path:
    return tmp_path / "raw"


def test_a_download_is_everything_that_a_build_needs(
    site: Site, sources: str, into: Path, tmp_path: Path
) -> None:
    result = run("download", "--into", str(into), "--sources", sources)
    assert result.exit_code == 0, result.stderr
    assert f"--police {into}/police/2024-02" in result.stdout
    assert sorted(
        path.relative_to(into).as_posix() for path in into.rglob("*") if path.is_file()
    ) == [
        ".download.lock",
        NAME,
        "geography/lad_police_forces.csv",
        "geography/lsoa11_lsoa21_changes.csv",
        "geography/lsoa21_boundaries.geojson",
        "geography/lsoa21_rural_urban.csv",
        "geography/lsoa21_wards.csv",
        *(f"police/2024-02/{name}" for name in sorted(members()) if name.endswith("-street.csv")),
        "population/lsoa21_population_mid_2022.csv",
    ]


def test_the_lock_file_has_the_hash_of_every_file(site: Site, sources: str, into: Path) -> None:
    run("download", "--into", str(into), "--sources", sources)
    lock = orjson.loads((into / NAME).read_bytes())
    for file, entry in lock["files"].items():
        assert entry["sha256"] == hashlib.sha256((into / file).read_bytes()).hexdigest()
        assert entry["url"].startswith(site.root)
        assert entry["licence"] == "Open Government Licence v3.0"
    assert len(lock["files"]) == 6
    assert len(lock["archives"]["2024-02"]["files"]) == 4


def test_a_dry_run_says_what_would_be_fetched_and_writes_nothing(sources: str, into: Path) -> None:
    result = run(
        *("download", "--into", str(into), "--sources", sources, "--dry-run"),
        *("--force", "kent", "--force", "greater-manchester"),
    )
    assert result.exit_code == 0, result.stderr
    assert "release February 2024" in result.stdout
    assert "2 street files wanted" in result.stdout
    assert "2 to fetch" in result.stdout
    assert "Not in this release at all: Greater Manchester" in result.stdout
    assert "6 rows (pages: 2" in result.stdout
    assert not into.exists()


def test_a_dry_run_without_ranges_says_that_all_of_it_is_fetched(
    site: Site, sources: str, into: Path
) -> None:
    site.ranges = False
    result = run("download", "--into", str(into), "--sources", sources, "--dry-run")
    assert "does not send parts of it, so all of it is fetched" in result.stdout


def test_a_second_download_has_nothing_to_do(site: Site, sources: str, into: Path) -> None:
    run("download", "--into", str(into), "--sources", sources)
    before = (into / NAME).read_bytes()
    site.asked.clear()
    result = run("download", "--into", str(into), "--sources", sources)
    assert "Nothing new" in result.stdout
    assert {asked.path for asked in site.asked} == {LATEST, ARCHIVE}
    assert (into / NAME).read_bytes() == before


def test_a_table_that_was_altered_here_is_fetched_again(
    site: Site, sources: str, into: Path
) -> None:
    run("download", "--into", str(into), "--sources", sources)
    wards = into / "geography/lsoa21_wards.csv"
    good = wards.read_bytes()
    wards.write_bytes(good[:-10])
    result = run("download", "--into", str(into), "--sources", sources)
    assert "wards: geography/lsoa21_wards.csv, 6 rows" in result.stdout
    assert wards.read_bytes() == good


def test_what_is_complete_is_kept_when_a_service_fails(
    site: Site, sources: str, into: Path
) -> None:
    site.fail(WARDS, fine, *[status(503)] * 6)
    result = run("download", "--into", str(into), "--sources", sources)
    assert result.exit_code == 2
    assert result.stderr.strip().splitlines()[-1].startswith("Error: ")
    assert "run the same command again" in result.stderr
    assert (into / "geography/lsoa21_boundaries.geojson").exists()
    site.asked.clear()
    assert run("download", "--into", str(into), "--sources", sources).exit_code == 0
    assert BOUNDARIES not in {asked.path for asked in site.asked}


def test_refresh_downloads_builds_and_swaps_in(
    site: Site, sources: str, into: Path, tmp_path: Path
) -> None:
    out = tmp_path / "data" / "current"
    result = run("refresh", "--into", str(into), "--out", str(out), "--sources", sources)
    assert result.exit_code == 0, result.stderr
    dataset = Dataset.open(out)
    assert counts(dataset, "2024-02") == {CODES[0]: 40, CODES[4]: 40}
    assert dataset.release == "2024-02"


def test_refresh_with_nothing_new_does_not_build(
    site: Site, sources: str, into: Path, tmp_path: Path
) -> None:
    out = tmp_path / "data" / "current"
    arguments = ("refresh", "--into", str(into), "--out", str(out), "--sources", sources)
    run(*arguments)
    built = out.resolve()
    result = run(*arguments)
    assert result.exit_code == 0, result.stderr
    assert "built from these very files" in result.stdout
    assert out.resolve() == built


def test_refresh_after_a_new_release_builds_from_it(
    site: Site, sources: str, into: Path, tmp_path: Path
) -> None:
    out = tmp_path / "data" / "current"
    arguments = ("refresh", "--into", str(into), "--out", str(out), "--sources", sources)
    run(*arguments)
    march = street([row(f"m{at}", CODES[4], month="2024-03") for at in range(30)])
    site.files[ARCHIVE] = archive({**members(), name("kent", "2024-03"): march})
    result = run(*arguments)
    assert result.exit_code == 0, result.stderr
    assert "4 the same as in another release here, 1 to fetch" in result.stdout
    dataset = Dataset.open(out)
    assert dataset.months == ("2024-01", "2024-02", "2024-03")
    assert counts(dataset, "2024-03") == {CODES[4]: 30}


def test_a_failed_refresh_leaves_the_old_dataset(
    site: Site, sources: str, into: Path, tmp_path: Path
) -> None:
    out = tmp_path / "data" / "current"
    arguments = ("refresh", "--into", str(into), "--out", str(out), "--sources", sources)
    run(*arguments)
    built = Dataset.open(out).id
    site.fail(LATEST, *[status(500)] * 6)
    assert run(*arguments).exit_code == 2
    assert Dataset.open(out).id == built


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--force", "kentt"], "try kent"),
        (["--force", "btp"], "British Transport Police is left out"),
        (["--from", "2024-13"], "--from '2024-13' is not a month"),
        (["--from", "2024-02", "--to", "2024-01"], "--from 2024-02 is after --to 2024-01"),
        (["--release", "newest"], "for example 2024-01 or latest"),
        (["--release", "2016-05"], "404"),
        (["--from", "2030-01", "--to", "2030-02"], "nothing of the period"),
    ],
)
def test_a_wrong_option_ends_in_one_sentence_and_code_2(
    sources: str, into: Path, arguments: list[str], message: str
) -> None:
    result = run("download", "--into", str(into), "--sources", sources, *arguments)
    assert result.exit_code == 2
    last = result.stderr.strip().splitlines()[-1]
    assert last.startswith("Error: ")
    assert message in last


@pytest.mark.parametrize(
    ("toml", "message"),
    [
        ("[ward]\n", "has a table 'ward'; the sources are: police, boundaries"),
        ("[wards]\nadress = 'x'\n", "'adress' is not a setting"),
        ("[wards]\naddress = 'http://example.org/q'\n", "not an https"),
        ("[wards]\nrows = 'many'\n", "rows is 'many'; it is a number"),
        ("[wards]\nkind = 'ftp'\n", "kind is 'ftp'"),
        ("[wards]\nfile = '../../etc/x'\n", "must lie in the folder"),
        ("[wards]\ncolumns = { ward = 'X' }\n", "ours are: lsoa_code, ward_code"),
        ("wards = 1\n", "is not a table"),
        ("[wards", "cannot be read as TOML"),
    ],
)
def test_a_fault_in_the_sources_file_is_named(tmp_path: Path, toml: str, message: str) -> None:
    file = tmp_path / "sources.toml"
    file.write_text(toml)
    with pytest.raises(DownloadError, match=message):
        read_sources(file, [2022])


def test_a_newer_vintage_needs_its_address_and_its_year_only(tmp_path: Path) -> None:
    file = tmp_path / "sources.toml"
    file.write_text("[forces]\naddress = 'https://example.org/LAD25/query'\nvintage = '2025'\n")
    forces = next(item for item in read_sources(file, [2022]) if item.role == "forces")
    assert download_of(forces).key == ("LAD25CD", "CSP25CD")
    assert forces.vintage == "2025"


def test_columns_of_another_name_are_written_under_one_that_a_build_knows(
    site: Site, sources: str, into: Path
) -> None:
    rows = orjson.loads(site.services[WARDS]({"f": "json"}))["features"]
    renamed = [
        {("HOME" if key == "LAD24CD" else key): value for key, value in row["attributes"].items()}
        for row in rows
    ]
    site.services[WARDS] = arcgis_table(renamed)
    with Path(sources).open("a") as stream:
        stream.write("[wards.columns]\nlad_code = 'HOME'\n")
    assert run("download", "--into", str(into), "--sources", sources).exit_code == 0
    header = (into / "geography/lsoa21_wards.csv").read_text().splitlines()[0]
    assert header == "LSOA21CD,WD24CD,WD24NM,LAD24CD,LAD24NM"


def test_a_mirror_may_offer_a_plain_file(site: Site, sources: str, into: Path) -> None:
    site.files["/mirror/people.csv"] = b"LSOA21CD,population\nE01000001,5\n"
    text = Path(sources).read_text()
    ours, mirror = f'address = "{site.root}{PEOPLE}"', f'address = "{site.root}/mirror/people.csv"'
    Path(sources).write_text(text.replace(ours, f'kind = "file"\n{mirror}'))
    assert run("download", "--into", str(into), "--sources", sources).exit_code == 0
    file = into / "population/lsoa21_population_mid_2022.csv"
    assert file.read_bytes() == site.files["/mirror/people.csv"]
    assert "Nothing new" in run("download", "--into", str(into), "--sources", sources).stdout
    site.files["/mirror/people.csv"] += b"E01000002,6\n"
    run("download", "--into", str(into), "--sources", sources)
    assert file.read_bytes() == site.files["/mirror/people.csv"]


def test_two_downloads_into_one_folder_do_not_mix(sources: str, into: Path) -> None:
    with only_one(into):
        result = run("download", "--into", str(into), "--sources", sources)
    assert result.exit_code == 2
    assert "Another download is at work" in result.stderr


def test_a_full_disk_is_said_plainly(
    sources: str, into: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(self: Path, data: bytes) -> int:
        raise OSError(28, "No space left on device", str(self))

    monkeypatch.setattr(Path, "write_bytes", full)
    result = run("download", "--into", str(into), "--sources", sources)
    assert result.exit_code == 2
    assert "No space left on device" in result.stderr
    assert "What is complete is kept" in result.stderr


def test_every_source_says_where_it_is_fetched_from() -> None:
    for source in read_sources(None, [2022]):
        download = download_of(source)
        assert download.address.startswith("https://")
        assert "{y" not in download.address + download.file + "".join(download.key)
