"""A reader in a real browser: opens a map, changes the crime type, zooms, changes it back."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args

from playwright.sync_api import Browser, CDPSession, Page, Request, ViewportSize

from components.palette import LIGHT

from .cases import class_counts

SizePart = Literal[
    "requestHeadersSize", "requestBodySize", "responseHeadersSize", "responseBodySize"
]
VIEWPORT: ViewportSize = {"width": 1440, "height": 900}
PATIENCE_MS = 180_000
WORKER_PAUSE_MS = 50
LEAST_COLOURS = 3
LEAST_PIXELS = 20
SAME_ZOOM = 0.01
SIZES: tuple[SizePart, ...] = get_args(SizePart)
COLLECT = "HeapProfiler.collectGarbage"
WATCH = Path(__file__).with_name("watch.js")


class UnusableMapError(Exception):
    """A map cannot be measured; the message says which and why."""


@dataclass(frozen=True)
class Traffic:
    """What went over the wire: bytes as sent, headers and both directions included.

    `map_answers` is the compressed bodies of the answers that carry the map's figures alone;
    `server` the milliseconds that the server spent, added up over the requests.
    """

    requests: int
    wire: int
    answers: int
    map_answers: int
    server: float


@dataclass(frozen=True)
class Visit:
    """One reader's visit: times in ms, memory in MB (10⁶ bytes).

    `first` is from the navigation to the last frame that changed the map; `change` from the
    reader's choice to that frame, `settled` to the last change of anything on the page. `kept`
    says whether the reader's zoom survived a change; None where it was not tried.
    """

    first: float
    first_traffic: Traffic
    change: float
    settled: float
    change_traffic: Traffic
    page_heap: float
    worker_heap: float
    classes: dict[str, int]
    kept: bool | None
    size: tuple[int, int]
    view: str
    renderer: str


@dataclass(frozen=True)
class Errand:
    """What a visit does: the page it opens, the crime type it chooses, and whether it zooms."""

    name: str
    url: str
    label: str
    zooms: bool = False
    pictures: Path | None = None


def visit(browser: Browser, errand: Errand) -> Visit:
    """Open a page in a fresh profile, so that nothing is cached, and follow an errand."""
    context = browser.new_context(viewport=VIEWPORT, locale="en-GB")
    context.add_init_script(path=WATCH)
    page = context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    try:
        done = _visit(page, context.new_cdp_session(page), errand)
    finally:
        context.close()
    if errors:
        raise UnusableMapError(f"{errand.name}: the page reports {errors[0]}")
    return done


def _visit(page: Page, session: CDPSession, errand: Errand) -> Visit:
    sent: list[Request] = []

    def record(request: Request) -> None:
        sent.append(request)

    page.on("request", record)
    page.goto(errand.url)
    first = rest(page, "", 0.0)
    first_traffic = traffic(sent)
    view, size = page.evaluate("() => [watch.view(), watch.size()]")
    sent.clear()
    change, settled = choose(page, errand.label)
    change_traffic = traffic(sent)
    see_colours(page, errand.name)
    if errand.pictures:
        page.screenshot(path=errand.pictures / f"{errand.name}.png")
    classes = class_counts(page.evaluate("() => watch.classes()"))
    page_heap, worker_heap = heaps(page, session)
    return Visit(
        first=first,
        first_traffic=first_traffic,
        change=change,
        settled=settled,
        change_traffic=change_traffic,
        page_heap=page_heap,
        worker_heap=worker_heap,
        classes=classes,
        kept=keeps_zoom(page) if errand.zooms else None,
        size=(size[0], size[1]),
        view=",".join(f"{part:.6f}" for part in view),
        renderer=page.evaluate("() => watch.renderer"),
    )


def rest(page: Page, before: str, since: float) -> float:
    """Return when the map last changed, in ms of the page's clock, once it shows new values.

    Raises
    ------
    UnusableMapError
        If it never does.
    """
    moment: float | None = page.evaluate(
        "([before, since]) => watch.rest(before, since)", [before, since]
    )
    if moment is None:
        raise UnusableMapError(f"{page.url}: the map does not come to rest with new values")
    page.wait_for_timeout(200)
    return moment


def choose(page: Page, label: str) -> tuple[float, float]:
    """Choose a crime type as a reader does.

    Returns
    -------
    float, float
        The ms until the map shows it, and until nothing on the page changes any more.

    Raises
    ------
    UnusableMapError
        If the page never comes to rest.
    """
    before = page.evaluate("() => watch.fingerprint()")
    control = page.locator("#types")
    if control.evaluate("(element) => element.tagName") == "SELECT":
        page.evaluate("() => { watch.started = null; }")
        control.select_option(label=label)
    else:
        control.click()
        entry = page.get_by_role("option").filter(has_text=re.compile(f"^{re.escape(label)}"))
        entry.first.hover()
        page.evaluate("() => { watch.started = null; }")
        entry.first.click()
    started: float = page.evaluate("() => watch.started")
    moment = rest(page, before, started)
    settled: float | None = page.evaluate("() => watch.settled()")
    if settled is None:
        raise UnusableMapError(f"{page.url}: the page does not come to rest")
    page.keyboard.press("Escape")
    return moment - started, settled - started


def traffic(sent: list[Request]) -> Traffic:
    """Add up what finished requests took."""
    wire = answers = map_answers = 0
    server = 0.0
    for request in sent:
        response = request.response()
        if response is None or request.url.startswith(("blob:", "data:")):
            continue
        response.finished()
        sizes = request.sizes()
        wire += sum(sizes[part] for part in SIZES)
        answers += sizes["responseBodySize"]
        if carries_map(request):
            map_answers += sizes["responseBodySize"]
        server += _server_ms(response.header_value("server-timing"))
    return Traffic(len(sent), wire, answers, map_answers, server)


def carries_map(request: Request) -> bool:
    """Tell whether an answer holds figures of the map: its callback's, or raw MapLibre's."""
    if "/classes/" in request.url:
        return True
    if "_dash-update-component" not in request.url:
        return False
    output = str(json.loads(request.post_data or "{}").get("output", ""))
    return re.search(r"(^|\.)map\.figure(@|\.|$)", output) is not None


def _server_ms(header: str | None) -> float:
    found = re.search(r"dur=([0-9.]+)", header or "")
    return float(found[1]) if found else 0.0


def see_colours(page: Page, name: str) -> None:
    """Make sure that the map really is coloured.

    Raises
    ------
    UnusableMapError
        If the pixels show hardly any colour of the classes.
    """
    colours = [[int(code[at : at + 2], 16) for at in (1, 3, 5)] for code in LIGHT.ramp]
    found = page.evaluate("(colours) => watch.pixelsOf(colours)", colours)
    if sum(pixels >= LEAST_PIXELS for pixels in found) < LEAST_COLOURS:
        raise UnusableMapError(f"{name}: the map shows hardly any colour (pixels of each: {found})")


def heaps(page: Page, session: CDPSession) -> tuple[float, float]:
    """Return the JavaScript heap of the page and of its workers after collecting garbage."""
    workers: list[str] = []
    answers: list[dict[str, Any]] = []
    session.on("Target.attachedToTarget", lambda event: workers.append(event["sessionId"]))

    def receive(event: dict[str, Any]) -> None:
        message = json.loads(event["message"])
        if "id" in message:
            answers.append(message["result"])

    session.on("Target.receivedMessageFromTarget", receive)
    session.send(
        "Target.setAutoAttach",
        {"autoAttach": True, "waitForDebuggerOnStart": False, "flatten": False},
    )
    own: dict[str, Any] = {}
    for method in (COLLECT, COLLECT, "Runtime.getHeapUsage"):
        answers.clear()
        own = session.send(method)
        for worker in workers:
            message = json.dumps({"id": 1, "method": method})
            session.send("Target.sendMessageToTarget", {"sessionId": worker, "message": message})
        for _ in range(PATIENCE_MS // WORKER_PAUSE_MS):
            if len(answers) >= len(workers):
                break
            page.wait_for_timeout(WORKER_PAUSE_MS)
    return _megabytes(own), sum(map(_megabytes, answers))


def _megabytes(usage: dict[str, Any]) -> float:
    return float(usage["usedSize"] + usage.get("backingStorageSize", 0)) / 1e6


def keeps_zoom(page: Page) -> bool:
    """Zoom in with the wheel, choose all crime, and tell whether the view is still the same."""
    page.locator("#map").hover()
    before = page.evaluate("() => watch.view()[2]")
    page.mouse.wheel(0, -300)
    page.wait_for_function("(before) => watch.view()[2] > before + 0.2", arg=before)
    page.wait_for_function("() => !watch.moving()")
    page.wait_for_timeout(1000)
    zoomed = page.evaluate("() => watch.view()")
    choose(page, "All crime")
    after = page.evaluate("() => watch.view()")
    return all(abs(now - then) < SAME_ZOOM for now, then in zip(after, zoomed, strict=True))
