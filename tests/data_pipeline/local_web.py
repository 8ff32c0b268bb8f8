"""A local server that behaves like the real ones, and misbehaves on purpose.

Faults are queued for a path; each request takes the next one, and the last is followed by good
behaviour again.
"""

from __future__ import annotations

import hashlib
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

import orjson

Fault = Callable[["Request"], bool]
"""Answers a request (True), or changes something and lets it be answered (False)."""
Service = Callable[[dict[str, str]], bytes]


@dataclass
class Asked:
    """One request as it arrived."""

    path: str
    query: dict[str, str]
    range: str
    agent: str


@dataclass
class Site:
    """What the server has, what goes wrong, and what it was asked."""

    root: str = ""
    files: dict[str, bytes] = field(default_factory=dict)
    services: dict[str, Service] = field(default_factory=dict)
    redirects: dict[str, str] = field(default_factory=dict)
    faults: dict[str, list[Fault]] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)
    ranges: bool = True
    marks: bool = True

    def fail(self, path: str, *faults: Fault) -> None:
        self.faults.setdefault(path, []).extend(faults)

    def ranges_of(self, path: str) -> list[str]:
        return [asked.range for asked in self.asked if asked.path == path]

    def offsets_of(self, path: str) -> list[int]:
        return [
            int(asked.query[name])
            for asked in self.asked
            for name in ("resultOffset", "RecordOffset")
            if asked.path == path and name in asked.query
        ]


class Request(BaseHTTPRequestHandler):
    """Answers one request from the site."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    site: Site

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        query = {name: values[-1] for name, values in parse_qs(parts.query).items()}
        self.query, self.name = query, parts.path
        self.site.asked.append(
            Asked(
                parts.path,
                query,
                self.headers.get("Range", ""),
                self.headers.get("User-Agent", ""),
            )
        )
        waiting = self.site.faults.get(parts.path, [])
        if waiting and waiting.pop(0)(self):
            return
        self.well_behaved()

    def well_behaved(self) -> None:
        site = self.site
        if self.name in site.redirects:
            self.answer(302, b"", {"Location": site.redirects[self.name]})
        elif self.name in site.services:
            self.answer(200, site.services[self.name](self.query))
        elif self.name in site.files:
            self.send_file(site.files[self.name])
        else:
            self.answer(404, b"<html>not here</html>")

    def send_file(self, content: bytes) -> None:
        status, body, headers = self.part(content)
        self.answer(status, body, headers)

    def part(self, content: bytes) -> tuple[int, bytes, dict[str, str]]:
        headers = {"ETag": f'"{hashlib.md5(content).hexdigest()}"'} if self.site.marks else {}
        asked = re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("Range", ""))
        if not asked or not self.site.ranges:
            return 200, content, headers
        first, last = int(asked[1]), int(asked[2] or len(content) - 1)
        last = min(last, len(content) - 1)
        headers["Content-Range"] = f"bytes {first}-{last}/{len(content)}"
        return 206, content[first : last + 1], headers

    def answer(
        self,
        status: int,
        body: bytes,
        headers: dict[str, str] | None = None,
        announced: int | None = None,
    ) -> None:
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body) if announced is None else announced))
        self.end_headers()
        self.wfile.write(body)
        if announced is not None:
            self.close_connection = True

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


def status(code: int, **headers: str) -> Fault:
    def fault(request: Request) -> bool:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        request.answer(code, b"busy", named)
        return True

    return fault


def cut(after: int) -> Fault:
    """Announce everything, send `after` bytes of it and hang up."""

    def fault(request: Request) -> bool:
        site = request.site
        if request.name in site.services:
            code, body, headers = 200, site.services[request.name](request.query), {}
        else:
            code, body, headers = request.part(site.files[request.name])
        request.answer(code, body[:after], headers, announced=len(body))
        return True

    return fault


def short_length(by: int) -> Fault:
    """Announce and send `by` bytes less than the range that the answer names."""

    def fault(request: Request) -> bool:
        code, body, headers = request.part(request.site.files[request.name])
        request.answer(code, body[:-by], headers)
        return True

    return fault


def other_part(request: Request) -> bool:
    """Send the beginning of the file, whatever part was asked for."""
    content = request.site.files[request.name]
    _, body, headers = request.part(content)
    headers["Content-Range"] = f"bytes 0-{len(body) - 1}/{len(content)}"
    request.answer(206, content[: len(body)], headers)
    return True


def whole_instead(request: Request) -> bool:
    """Send the whole file with status 200, whatever part was asked for."""
    _, _, headers = request.part(request.site.files[request.name])
    headers.pop("Content-Range", None)
    request.answer(200, request.site.files[request.name], headers)
    return True


def web_page(request: Request) -> bool:
    request.answer(200, b"<!DOCTYPE html><title>Maintenance</title>", {"Content-Type": "text/html"})
    return True


def hang_up(request: Request) -> bool:
    request.close_connection = True
    return True


def fine(request: Request) -> bool:
    return False


def becomes(content: bytes) -> Fault:
    """Replace the file before the request is answered."""

    def fault(request: Request) -> bool:
        request.site.files[request.name] = content
        return False

    return fault


def arcgis_error(code: int, message: str) -> Fault:
    def fault(request: Request) -> bool:
        error = {"code": code, "message": message, "details": []}
        request.answer(200, orjson.dumps({"error": error}))
        return True

    return fault


def arcgis_table(rows: list[dict[str, Any]], most: int = 1_000) -> Service:
    """Behave like an ArcGIS query: pages, and a flag while rows are left.

    A row with a "geometry" is a GeoJSON feature.
    """

    def service(query: dict[str, str]) -> bytes:
        if query.get("returnCountOnly") == "true":
            return orjson.dumps({"count": len(rows)})
        start = int(query.get("resultOffset", 0))
        page = rows[start : start + min(most, int(query.get("resultRecordCount", most)))]
        flag = {"exceededTransferLimit": True} if start + len(page) < len(rows) else {}
        if query["f"] == "geojson":
            body = {"type": "FeatureCollection", "features": page}
            return orjson.dumps({**body, **({"properties": flag} if flag else {})})
        return orjson.dumps({"features": [{"attributes": row} for row in page], **flag})

    return service


def nomis_table(rows: list[dict[str, Any]], most: int = 25_000) -> Service:
    """Behave like a Nomis CSV download: at most `most` rows, each with its place and the total."""

    def service(query: dict[str, str]) -> bytes:
        start = int(query.get("RecordOffset", 0))
        limit = min(most, int(query.get("RecordLimit", most)))
        names = query["select"].split(",")
        lines = [",".join(f'"{name}"' for name in names)]
        for at, row in list(enumerate(rows))[start : start + limit]:
            full = {
                "DATE": query["date"],
                "GENDER": query["gender"],
                "C_AGE": query["c_age"],
                "MEASURES": query["measures"],
                "RECORD_OFFSET": at,
                "RECORD_COUNT": len(rows),
                **row,
            }
            lines.append(",".join(f'"{full[name]}"' for name in names))
        return "\r\n".join([*lines, ""]).encode()

    return service


class Server(ThreadingHTTPServer):
    """Does not complain of clients that hang up: they do so on purpose."""

    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)


@contextmanager
def local_site() -> Iterator[Site]:
    """Serve a site on 127.0.0.1 until the block ends."""
    site = Site()
    handler = type("SiteRequest", (Request,), {"site": site})
    server = Server(("127.0.0.1", 0), handler)
    site.root = f"http://127.0.0.1:{server.server_address[1]}"
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield site
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
