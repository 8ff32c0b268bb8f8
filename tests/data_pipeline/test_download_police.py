"""Street files out of a remote archive, while the server misbehaves."""

from __future__ import annotations

import hashlib
import random
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path

import orjson
import pytest

from data_pipeline.download import police_plan as module
from data_pipeline.download import ranges
from data_pipeline.download.lockfile import NAME, LockFile
from data_pipeline.download.police import Watch, fetch_police
from data_pipeline.download.police_plan import Choice, PolicePlan, WholePlan, plan_police
from data_pipeline.download.web import DownloadError, Web
from data_pipeline.police.sources import open_source

from .local_web import (
    Fault,
    Site,
    becomes,
    cut,
    fine,
    local_site,
    other_part,
    short_length,
    status,
    whole_instead,
)
from .local_world import ARCHIVE, LATEST, archive, members
from .tiny import name, row, street

ALL = sorted(name for name in members() if name.endswith("-street.csv"))


@pytest.fixture
def site() -> Iterator[Site]:
    with local_site() as made:
        made.files[ARCHIVE] = archive(members())
        made.redirects[LATEST] = ARCHIVE
        yield made


class Run:
    """One download into a folder."""

    def __init__(self, site: Site, into: Path, choice: Choice | None = None) -> None:
        self.said: list[str] = []
        self.grown = 0
        self.lock = LockFile(into)
        self.web = Web(lambda wait: None, gap=0)
        self.plan = plan_police(
            self.web, f"{site.root}/data/{{release}}.zip", choice or Choice(), self.lock
        )

    def fetch(self) -> PolicePlan:
        watch = Watch(self.said.append, lambda *_: nullcontext(self._grew))
        return fetch_police(self.web, self.plan, self.lock, watch)

    def _grew(self, count: int) -> None:
        self.grown += count


def fetched(site: Site, into: Path, choice: Choice | None = None) -> PolicePlan:
    return Run(site, into, choice).fetch()


def street_files(into: Path) -> dict[str, bytes]:
    folder = into / "police" / "2024-02"
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*.csv")
    }


def leftovers(into: Path) -> list[str]:
    return [path.name for path in into.rglob("*") if ".part" in path.name]


def wanted() -> dict[str, bytes]:
    return {name: data for name, data in members().items() if name in ALL}


@contextmanager
def wide_archive(site: Site) -> Iterator[None]:
    """Put 400 kB of another file between the two months, so that they take two requests."""
    content = members()
    noise = random.Random(1).randbytes(400_000)
    ordered = {}
    for member, data in content.items():
        if member == "2024-02/2024-02-cheshire-outcomes.csv":
            ordered["2024-01/2024-01-kent-stop-and-search.csv"] = noise
        ordered[member] = data
    site.files[ARCHIVE] = archive(ordered)
    yield


def test_the_wanted_files_arrive_whole_and_nothing_else(site: Site, tmp_path: Path) -> None:
    plan = fetched(site, tmp_path)
    assert street_files(tmp_path) == wanted()
    assert plan.folder == tmp_path / "police" / "2024-02"
    assert [file.name for file in open_source(plan.folder).files] == ALL


def test_only_the_chosen_force_and_months_are_asked_for(site: Site, tmp_path: Path) -> None:
    fetched(site, tmp_path, Choice(("kent",), "2024-02", "2024-02"))
    assert list(street_files(tmp_path)) == [name("kent", "2024-02")]


def test_one_force_of_a_large_archive_costs_little(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "TAIL", 2_000)
    with wide_archive(site):
        run = Run(site, tmp_path, Choice(("kent",), "2024-02", "2024-02"))
        run.fetch()
    assert run.grown < len(site.files[ARCHIVE]) / 50


def test_neighbours_share_a_request_and_distant_months_do_not(site: Site, tmp_path: Path) -> None:
    fetched(site, tmp_path / "near")
    first, _, *near = site.ranges_of(ARCHIVE)
    assert (first, len(near)) == ("bytes=0-0", 1)
    with wide_archive(site):
        site.asked.clear()
        fetched(site, tmp_path / "far")
    assert len(site.ranges_of(ARCHIVE)) == 4


def test_parts_come_from_where_the_redirect_led(site: Site, tmp_path: Path) -> None:
    fetched(site, tmp_path)
    assert len([asked for asked in site.asked if asked.path == LATEST]) == 1


def test_the_lock_file_names_address_version_and_hashes(site: Site, tmp_path: Path) -> None:
    fetched(site, tmp_path)
    entry = orjson.loads((tmp_path / NAME).read_bytes())["archives"]["2024-02"]
    content = site.files[ARCHIVE]
    assert entry["url"] == f"{site.root}{LATEST}"
    assert entry["final_url"] == f"{site.root}{ARCHIVE}"
    assert entry["etag"] == f'"{hashlib.md5(content).hexdigest()}"'
    assert entry["bytes"] == len(content)
    kent = wanted()[name("kent", "2024-02")]
    assert entry["files"][name("kent", "2024-02")] | {"fetched": ""} == {
        "bytes": len(kent),
        "crc32": f"{zlib.crc32(kent):08x}",
        "sha256": hashlib.sha256(kent).hexdigest(),
        "fetched": "",
    }


def test_nothing_is_fetched_twice(site: Site, tmp_path: Path) -> None:
    fetched(site, tmp_path)
    before = (tmp_path / NAME).read_bytes()
    run = Run(site, tmp_path)
    assert isinstance(run.plan, PolicePlan)
    assert not run.plan.work
    run.fetch()
    assert run.grown == 0
    assert (tmp_path / NAME).read_bytes() == before


def test_only_what_was_revised_is_fetched_again(site: Site, tmp_path: Path) -> None:
    fetched(site, tmp_path)
    revised = street([row("new", month="2024-01")])
    site.files[ARCHIVE] = archive({**members(), name("kent", "2024-01"): revised})
    plan = fetched(site, tmp_path)
    assert [member.name for member in plan.fetch] == [name("kent", "2024-01")]
    assert street_files(tmp_path)[name("kent", "2024-01")] == revised


@pytest.mark.parametrize("damage", [b"", b"cut short", None])
def test_a_damaged_file_is_fetched_again_even_without_a_lock_file(
    site: Site, tmp_path: Path, damage: bytes | None
) -> None:
    plan = fetched(site, tmp_path)
    file = plan.folder / ALL[0]
    flipped = file.read_bytes()[:-2] + b"X\n"
    file.write_bytes(flipped if damage is None else damage)
    (tmp_path / NAME).unlink()
    again = fetched(site, tmp_path)
    assert [member.name for member in again.fetch] == [ALL[0]]
    assert street_files(tmp_path) == wanted()


def test_unchanged_months_of_the_last_release_are_not_fetched_for_the_next(
    site: Site, tmp_path: Path
) -> None:
    fetched(site, tmp_path)
    march = street([row("m", month="2024-03")])
    site.files[ARCHIVE] = archive({**members(), name("kent", "2024-03"): march})
    plan = fetched(site, tmp_path)
    assert plan.release == "2024-03"
    assert [member.name for member in plan.fetch] == [name("kent", "2024-03")]
    assert sorted(plan.same) == ALL
    old, new = (tmp_path / "police" / release / ALL[0] for release in ("2024-02", "2024-03"))
    assert new.samefile(old)
    assert sorted(LockFile(tmp_path).archive("2024-03")["files"]) == [*ALL, name("kent", "2024-03")]


def test_a_file_withdrawn_from_the_release_is_taken_away(site: Site, tmp_path: Path) -> None:
    fetched(site, tmp_path)
    site.files[ARCHIVE] = archive(
        {member: data for member, data in members().items() if member != name("kent", "2024-01")}
    )
    plan = fetched(site, tmp_path)
    assert plan.withdrawn == (name("kent", "2024-01"),)
    assert name("kent", "2024-01") not in street_files(tmp_path)
    assert plan.absent["kent"] == 1


@pytest.mark.parametrize("after", [0, 10, 1_000])
def test_a_cut_part_is_resumed_where_it_was_cut(
    site: Site, tmp_path: Path, after: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ranges, "CHUNK", 10)
    run = Run(site, tmp_path)
    site.asked.clear()
    site.fail(ARCHIVE, cut(after))
    run.fetch()
    assert street_files(tmp_path) == wanted()
    assert leftovers(tmp_path) == []
    first, second = (int(text[6:].split("-")[0]) for text in site.ranges_of(ARCHIVE))
    assert second - first == after


def test_a_part_shorter_than_its_range_is_completed(site: Site, tmp_path: Path) -> None:
    run = Run(site, tmp_path)
    site.fail(ARCHIVE, short_length(500))
    run.fetch()
    assert street_files(tmp_path) == wanted()


def test_another_part_than_the_one_asked_for_is_not_taken(site: Site, tmp_path: Path) -> None:
    run = Run(site, tmp_path)
    site.fail(ARCHIVE, other_part)
    run.fetch()
    first, second = site.ranges_of(ARCHIVE)[-2:]
    assert first == second
    assert street_files(tmp_path) == wanted()


def test_a_busy_store_is_waited_for(site: Site, tmp_path: Path) -> None:
    site.fail(ARCHIVE, status(503), fine, status(429, Retry_After="1"), status(500))
    assert sorted(street_files_after(site, tmp_path)) == ALL


def street_files_after(site: Site, into: Path) -> dict[str, bytes]:
    fetched(site, into)
    return street_files(into)


def test_an_archive_that_changes_between_two_parts_is_started_again(
    site: Site, tmp_path: Path
) -> None:
    newer = archive({**members(), name("kent", "2024-01"): street([row("z", month="2024-01")])})
    run = Run(site, tmp_path)
    site.fail(ARCHIVE, becomes(newer))
    run.fetch()
    assert any("changed" in line for line in run.said)
    assert street_files(tmp_path)[name("kent", "2024-01")] == street([row("z", month="2024-01")])
    assert len(street_files(tmp_path)) == 4


def test_an_archive_that_changes_twice_is_a_clear_error(site: Site, tmp_path: Path) -> None:
    newer, newest = (
        archive({**members(), name("kent", "2024-01"): street([row(mark, month="2024-01")])})
        for mark in ("one", "another")
    )
    run = Run(site, tmp_path)
    site.fail(ARCHIVE, becomes(newer), fine, fine, becomes(newest))
    with pytest.raises(DownloadError, match="twice"):
        run.fetch()
    assert street_files(tmp_path) == {}
    assert leftovers(tmp_path) == []


@pytest.mark.parametrize("fault", [status(403), becomes(archive(wanted()))])
def test_a_change_before_the_directory_is_read_is_noticed_too(
    site: Site, tmp_path: Path, fault: Fault
) -> None:
    site.fail(ARCHIVE, fine, fault)
    fetched(site, tmp_path)
    assert street_files(tmp_path) == wanted()


def test_ranges_refused_for_the_directory_lead_to_the_whole_archive(
    site: Site, tmp_path: Path
) -> None:
    site.fail(ARCHIVE, fine, whole_instead)
    run = Run(site, tmp_path)
    assert isinstance(run.plan, WholePlan)
    run.fetch()
    assert street_files(tmp_path) == wanted()


def test_an_expired_address_is_looked_up_again(site: Site, tmp_path: Path) -> None:
    run = Run(site, tmp_path)
    site.fail(ARCHIVE, status(403))
    run.fetch()
    assert street_files(tmp_path) == wanted()


def test_a_server_without_ranges_gives_the_whole_archive(site: Site, tmp_path: Path) -> None:
    site.ranges = False
    run = Run(site, tmp_path, Choice(("kent",)))
    assert isinstance(run.plan, WholePlan)
    plan = run.fetch()
    assert plan.release == "2024-02"
    assert sorted(street_files(tmp_path)) == [
        name("kent", month) for month in ("2024-01", "2024-02")
    ]
    assert leftovers(tmp_path) == []


def test_a_whole_archive_is_kept_for_the_next_choice(site: Site, tmp_path: Path) -> None:
    site.ranges = False
    fetched(site, tmp_path, Choice(("kent",)))
    run = Run(site, tmp_path)
    assert isinstance(run.plan, PolicePlan)
    site.asked.clear()
    run.fetch()
    assert site.asked == []
    assert street_files(tmp_path) == wanted()


def test_a_server_that_stops_sending_parts_is_asked_for_the_whole(
    site: Site, tmp_path: Path
) -> None:
    run = Run(site, tmp_path)
    site.fail(ARCHIVE, whole_instead)
    run.fetch()
    assert any("whole archive" in line for line in run.said)
    assert street_files(tmp_path) == wanted()


def test_a_whole_archive_is_continued_after_a_cut(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ranges, "CHUNK", 10)
    run = Run(site, tmp_path)
    site.fail(ARCHIVE, whole_instead, cut(700))
    run.fetch()
    assert site.ranges_of(ARCHIVE)[-2:] == ["", "bytes=700-"]
    assert street_files(tmp_path) == wanted()


def test_a_whole_archive_of_another_version_is_not_continued(site: Site, tmp_path: Path) -> None:
    run = Run(site, tmp_path)
    newer = archive({**members(), name("kent", "2024-01"): street([row("z", month="2024-01")])})
    site.fail(ARCHIVE, whole_instead, cut(700), becomes(newer))
    run.fetch()
    assert street_files(tmp_path)[name("kent", "2024-01")] == street([row("z", month="2024-01")])


@pytest.mark.parametrize("ranges", [True, False])
@pytest.mark.parametrize("content", [archive(members())[:-900], b"<html>sorry</html>" * 100])
def test_a_truncated_archive_or_a_web_page_is_a_clear_error(
    site: Site, tmp_path: Path, content: bytes, ranges: bool
) -> None:
    site.files[ARCHIVE], site.ranges = content, ranges
    with pytest.raises(DownloadError, match="not a ZIP archive, or is cut short"):
        fetched(site, tmp_path)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_a_member_damaged_on_the_server_is_named_and_the_others_are_kept(
    site: Site, tmp_path: Path
) -> None:
    content = bytearray(site.files[ARCHIVE])
    at = content.index(ALL[1].encode()) + len(ALL[1]) + 20
    content[at : at + 8] = b"\xff" * 8
    site.files[ARCHIVE] = bytes(content)
    with pytest.raises(DownloadError, match="1 of 4 street files are damaged") as caught:
        fetched(site, tmp_path)
    assert ALL[1] in str(caught.value)
    assert sorted(street_files(tmp_path)) == [name for name in ALL if name != ALL[1]]
    assert leftovers(tmp_path) == []


def test_names_that_lead_elsewhere_are_not_followed(site: Site, tmp_path: Path) -> None:
    bad = {
        "../2024-01/2024-01-kent-street.csv": b"x",
        "/2024-01/2024-01-kent-street.csv": b"x",
        "2024-01/../../2024-01-kent-street.csv": b"x",
    }
    site.files[ARCHIVE] = archive({**bad, name("cheshire"): street([row("a")])})
    folder = fetched(site, tmp_path).folder
    files = [path for path in tmp_path.rglob("*.csv")]
    assert files == [folder / name("cheshire")]


def test_months_that_a_force_did_not_supply_are_counted(site: Site, tmp_path: Path) -> None:
    run = Run(site, tmp_path, Choice(("kent", "greater-manchester"), "2023-12", "2024-02"))
    assert isinstance(run.plan, PolicePlan)
    assert run.plan.absent == {"kent": 1, "greater-manchester": 3}


def test_a_period_outside_the_archive_says_what_it_covers(site: Site, tmp_path: Path) -> None:
    with pytest.raises(DownloadError, match="2024-01 to 2024-02, nothing of the period 2019-01"):
        Run(site, tmp_path, Choice(first="2019-01", last="2019-12"))


def test_files_of_earlier_choices_stay_and_are_mentioned(site: Site, tmp_path: Path) -> None:
    fetched(site, tmp_path, Choice(("cheshire",)))
    plan = fetched(site, tmp_path, Choice(("kent",)))
    assert plan.others == 2
    assert sorted(street_files(tmp_path)) == ALL


def test_a_damaged_lock_file_is_named(site: Site, tmp_path: Path) -> None:
    (tmp_path / NAME).write_text("{")
    with pytest.raises(DownloadError, match="not a lock file"):
        LockFile(tmp_path)
