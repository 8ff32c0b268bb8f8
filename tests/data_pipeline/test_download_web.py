"""The client's manners: what it repeats, how long it waits, and what it refuses."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from data_pipeline.download.web import (
    ATTEMPTS,
    USER_AGENT,
    DownloadError,
    PassingFaultError,
    Web,
    check_address,
)

from .local_web import Site, cut, hang_up, local_site, status


@pytest.fixture
def site() -> Iterator[Site]:
    with local_site() as made:
        made.files["/a"] = b"content"
        yield made


def fetch(web: Web, address: str) -> bytes:
    def step() -> bytes:
        with web.get(address) as response:
            return b"".join(response.iter_content(1024))

    return web.patiently(address, step)


@pytest.mark.parametrize("code", [429, 500, 502, 503, 504])
def test_a_busy_service_is_asked_again(site: Site, code: int) -> None:
    slept: list[float] = []
    site.fail("/a", status(code), status(code))
    assert fetch(Web(slept.append, gap=0), f"{site.root}/a") == b"content"
    assert len(site.asked) == 3
    assert len(slept) == 2


def test_retry_after_is_respected(site: Site) -> None:
    slept: list[float] = []
    site.fail("/a", status(429, Retry_After="37"))
    fetch(Web(slept.append, gap=0), f"{site.root}/a")
    assert slept == [37]


def test_waits_grow_between_attempts(site: Site) -> None:
    slept: list[float] = []
    site.fail("/a", *[status(503)] * 4)
    fetch(Web(slept.append, gap=0), f"{site.root}/a")
    assert [int(wait) for wait in slept] == [1, 2, 4, 8]


def test_a_service_that_asks_for_an_hour_is_not_waited_for(site: Site) -> None:
    slept: list[float] = []
    site.fail("/a", status(429, Retry_After="3600"))
    with pytest.raises(DownloadError, match="left alone for 60 minutes"):
        fetch(Web(slept.append, gap=0), f"{site.root}/a")
    assert slept == []


@pytest.mark.parametrize("fault", [hang_up, cut(3)])
def test_a_cut_connection_is_tried_again(site: Site, fault: object) -> None:
    site.fail("/a", fault)  # type: ignore[arg-type]
    assert fetch(Web(lambda wait: None, gap=0), f"{site.root}/a") == b"content"


def test_attempts_are_bounded_and_the_error_is_one_sentence_with_the_remedy(site: Site) -> None:
    site.fail("/a", *[status(503)] * 50)
    with pytest.raises(DownloadError, match="run the same command again") as caught:
        fetch(Web(lambda wait: None, gap=0), f"{site.root}/a")
    assert len(site.asked) == ATTEMPTS
    assert "503" in str(caught.value)


def test_a_missing_page_is_not_asked_for_again(site: Site) -> None:
    with pytest.raises(DownloadError, match="404"):
        fetch(Web(lambda wait: None, gap=0), f"{site.root}/nowhere")
    assert len(site.asked) == 1


def test_a_closed_port_ends_in_a_plain_error() -> None:
    with pytest.raises(DownloadError, match="no connection"):
        fetch(Web(lambda wait: None, gap=0), "http://127.0.0.1:9/a")


def test_requests_to_one_host_keep_their_distance(site: Site) -> None:
    slept: list[float] = []
    web = Web(slept.append, clock=lambda: 100.0, gap=0.25)
    fetch(web, f"{site.root}/a")
    fetch(web, f"{site.root}/a")
    assert slept == [0.25]


def test_redirects_are_followed_and_rings_are_not(site: Site) -> None:
    site.redirects |= {"/moved": "/a", "/ring": "/ring"}
    web = Web(lambda wait: None, gap=0)
    assert fetch(web, f"{site.root}/moved") == b"content"
    with pytest.raises(DownloadError, match="ring"):
        fetch(web, f"{site.root}/ring")


def test_a_redirect_to_an_unencrypted_host_is_not_followed(site: Site) -> None:
    site.redirects["/moved"] = "http://example.org/a"
    with pytest.raises(DownloadError, match="not an https"):
        fetch(Web(lambda wait: None, gap=0), f"{site.root}/moved")


@pytest.mark.parametrize(
    "address",
    ["http://example.org/a", "ftp://127.0.0.1/a", "file:///etc/hosts", "https://", "nonsense"],
)
def test_only_https_and_this_machine_are_spoken_to(address: str) -> None:
    with pytest.raises(DownloadError, match="https"):
        check_address(address)


@pytest.mark.parametrize(
    "address",
    ["https://example.org/a", "http://127.0.0.1:1/", "http://[::1]/", "http://localhost/"],
)
def test_https_and_this_machine_are_allowed(address: str) -> None:
    check_address(address)


def test_the_project_says_who_it_is(site: Site) -> None:
    fetch(Web(gap=0), f"{site.root}/a")
    assert site.asked[0].agent == USER_AGENT
    assert "CrimeAtlas" in USER_AGENT


def test_proxies_of_the_environment_are_used(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("https_proxy", site.root)
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)
    with (
        pytest.raises(PassingFaultError, match="proxy"),
        Web(gap=0).get("https://example.invalid/"),
    ):
        pass
