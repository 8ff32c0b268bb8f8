"""Many readers at once: slow ones stop nobody, and what was begun is finished."""

from __future__ import annotations

import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests

from data_pipeline.dataset import Dataset
from server.patience import READ_SECONDS

from .workers import PATIENCE, answered, gunicorn, served

AT_ONCE = 5.0
"""Seconds within which an answer counts as not held up; it takes some hundredths."""

PAGE = "/export/areas.csv?force=cheshire&level=lsoa&from=2024-01&to=2024-12"


@pytest.fixture(scope="module")
def site(small_dataset: Dataset) -> Iterator[str]:
    with gunicorn(small_dataset.path, CRIME_ATLAS_WORKERS="1") as address:
        assert answered(f"{address}/ready").status_code == 200
        yield address


def connected(site: str) -> socket.socket:
    place = urlsplit(site)
    return socket.create_connection((place.hostname, place.port), timeout=PATIENCE)


def test_half_sent_requests_and_slow_readers_stop_nobody(site: str) -> None:
    with ExitStack() as open_ones:
        for at in range(20):
            client = open_ones.enter_context(connected(site))
            half = b"GET /ready HTTP/1.1\r\nHost: a\r\n" if at % 2 else b"G"
            client.sendall(half)
        for _ in range(4):
            client = open_ones.enter_context(connected(site))
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1024)
            client.sendall(f"GET {PAGE} HTTP/1.1\r\nHost: a\r\n\r\n".encode())
        for path in ("/ready", "/", PAGE):
            answer = requests.get(f"{site}{path}", timeout=AT_ONCE)
            assert answer.status_code == 200


def test_a_client_who_sends_nothing_more_is_let_go(site: str) -> None:
    with connected(site) as client:
        client.sendall(b"GET /ready HTTP/1.1\r\nHost:")
        client.settimeout(READ_SECONDS + PATIENCE)
        assert client.recv(1000) == b""


def test_a_connection_is_kept_for_the_next_request(site: str) -> None:
    with requests.Session() as session:
        first = session.get(f"{site}/ready", stream=True)
        place = first.raw.connection.sock.getsockname()
        assert first.json()["status"] == "ok"
        second = session.get(f"{site}/ready", stream=True)
        assert second.raw.connection.sock.getsockname() == place


def test_the_server_does_not_tell_its_version(site: str) -> None:
    assert not any(
        sign.isdigit() for sign in requests.get(site, timeout=PATIENCE).headers["Server"]
    )


def test_an_answer_is_finished_after_sigterm_and_the_log_is_without_free_text(
    small_dataset: Dataset,
) -> None:
    with served(small_dataset.path, CRIME_ATLAS_WORKERS="1") as (address, server):
        assert answered(f"{address}/ready").status_code == 200
        with ThreadPoolExecutor(8) as pool, connected(address) as client:
            client.sendall(b"GET /ready HTTP/1.1\r\nHost: a\r\nUser-Agent: me\r\n")
            asked = [
                pool.submit(requests.get, f"{address}{PAGE}&q=secret", timeout=PATIENCE)
                for _ in range(8)
            ]
            asked[0].result()
            server.send_signal(signal.SIGTERM)
            client.sendall(b"Connection: close\r\n\r\n")
            answer = client.recv(10_000)
            assert [one.result().status_code for one in asked] == [200] * 8
        assert answer.startswith(b"HTTP/1.1 200")
        said, _ = server.communicate(timeout=PATIENCE)
        assert server.returncode == 0
    assert '"GET /export/areas.csv" 200' in said
    assert "secret" not in said
    assert "force=cheshire" not in said
    assert "Traceback" not in said


@contextmanager
def nginx(folder: Path, rules: str) -> Iterator[str]:
    """Run nginx before a server, with some rules for its paths."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    (folder / "nginx.conf").write_text(
        f"""
        daemon off; pid {folder}/pid; error_log {folder}/errors;
        events {{}}
        http {{
            access_log off;
            client_body_temp_path {folder}/a; proxy_temp_path {folder}/b;
            fastcgi_temp_path {folder}/c; uwsgi_temp_path {folder}/d; scgi_temp_path {folder}/e;
            server {{ listen 127.0.0.1:{port}; {rules} }}
        }}
        """
    )
    program = shutil.which("nginx") or "/usr/sbin/nginx"
    server = subprocess.Popen([program, "-c", str(folder / "nginx.conf"), "-p", str(folder)])
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait(timeout=PATIENCE)


def test_a_setting_that_cannot_be_used_is_one_sentence(small_dataset: Dataset) -> None:
    with served(small_dataset.path, CRIME_ATLAS_WORKERS="many") as (_, server):
        said, _ = server.communicate(timeout=PATIENCE)
    assert server.returncode != 0
    assert said == "CRIME_ATLAS_WORKERS is 'many'; it must be a number from 1 to 256.\n"


def has_nginx() -> bool:
    return bool(shutil.which("nginx") or Path("/usr/sbin/nginx").exists())


@pytest.mark.skipif(not has_nginx(), reason="nginx is not installed")
@pytest.mark.parametrize("ending", ["", "/"], ids=["hands the path on", "takes the prefix away"])
def test_behind_nginx_everything_works_below_the_prefix(
    tmp_path: Path, small_dataset: Dataset, ending: str
) -> None:
    with gunicorn(small_dataset.path, CRIME_ATLAS_PREFIX="/crime") as address:
        assert answered(f"{address}/ready").status_code == 200
        rules = f"location /crime/ {{ proxy_pass {address}{ending}; }}"
        with nginx(tmp_path, rules) as site:
            page = answered(f"{site}/crime/")
            assert page.status_code == 200
            assert requests.get(f"{site}/", timeout=PATIENCE).status_code != 200
            for path in (
                "ready",
                "export/areas.csv?force=kent",
                "_dash-layout",
                "vendor/bootstrap.min.css",
            ):
                assert requests.get(f"{site}/crime/{path}", timeout=PATIENCE).status_code == 200
            layer = next((small_dataset.path / "geometry").glob("lad-all-*.json")).name
            found = requests.get(f"{site}/crime/geometry/{layer}", timeout=PATIENCE)
            assert found.status_code == 200
            assert found.headers["Content-Encoding"] in ("br", "gzip")


def test_a_slow_start_is_no_reason_to_wait_for_ever(site: str) -> None:
    begun = time.monotonic()
    assert requests.get(f"{site}/alive", timeout=AT_ONCE).json() == {"status": "ok"}
    assert time.monotonic() - begun < AT_ONCE
