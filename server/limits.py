"""How much anybody may ask for at once; checked before any work is done.

Every input of every callback has its own check, which the page's packages give: a request that does
not come from a page is refused in one sentence.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from flask import Flask, Response, abort, request

LARGEST_BODY = 64 * 1024
"""Bytes of a request's body."""

LONGEST_ADDRESS = 8 * 1024
"""Characters of a request's path and query together."""

CALLBACKS = "/_dash-update-component"
MOST_CHANGED = 64
LONGEST_NAME = 200

Check = Callable[[Any], bool]
"""Tells whether a value may be worked on; None is always fine."""


def register(flask_app: Flask) -> None:
    """Refuse bodies and addresses that are longer than any page sends."""
    flask_app.config["MAX_CONTENT_LENGTH"] = LARGEST_BODY
    flask_app.config["MAX_FORM_MEMORY_SIZE"] = LARGEST_BODY

    @flask_app.before_request
    def check_address() -> None:
        if len(request.path) + len(request.query_string) > LONGEST_ADDRESS:
            abort(414)


def guard_callbacks(
    flask_app: Flask, callbacks: Mapping[str, Mapping[str, Any]], checks: Mapping[str, Check]
) -> None:
    """Check every callback's request before Dash hands it on.

    Parameters
    ----------
    flask_app : Flask
    callbacks : mapping
        Dash's own: by output, with the ids and properties of inputs and states.
    checks : mapping of ``id.property`` to Check
    """

    @flask_app.before_request
    def check_callback() -> Response | None:
        if request.path != CALLBACKS or request.method != "POST":
            return None
        if request.content_length is None and len(request.get_data()) >= LARGEST_BODY:
            abort(413)  # A body sent in parts is cut off there.
        try:
            body = request.get_json()
        except (RecursionError, ValueError):
            abort(400)
        reason = complaint(body, callbacks, checks)
        return Response(f"{reason}\n", 400, mimetype="text/plain") if reason else None


def complaint(
    body: Any, callbacks: Mapping[str, Mapping[str, Any]], checks: Mapping[str, Check]
) -> str:
    """Return why a callback's request is not answered; empty if it is.

    Parameters
    ----------
    body : Any
        As read from JSON.
    callbacks, checks : mappings
        As for ``guard_callbacks``.
    """
    if not isinstance(body, dict) or not isinstance(body.get("output"), str):
        return "This is no request of a page."
    callback = callbacks.get(body["output"])
    if callback is None or "callback" not in callback:
        return "The page has no such output."
    if not _is_outputs(body.get("outputs"), body["output"]):
        return "The outputs are not those of the page."
    for part, wanted in (("inputs", callback["inputs"]), ("state", callback["state"])):
        given = body.get(part, [])
        if not _is_same(given, wanted):
            return f"The {part} are not those of the page."
        for entry in given:
            name = f"{entry['id']}.{entry['property']}"
            value = entry.get("value")
            if value is not None and not checks[name](value):
                return f"The value of “{name}” is none that a page sends."
    return "" if _is_names(body.get("changedPropIds", [])) else "The changes are not of a page."


def _is_same(given: Any, wanted: list[dict[str, str]]) -> bool:
    return (
        isinstance(given, list)
        and len(given) == len(wanted)
        and all(
            isinstance(entry, dict)
            and entry.get("id") == expected["id"]
            and entry.get("property") == expected["property"]
            for entry, expected in zip(given, wanted, strict=True)
        )
    )


def _is_outputs(given: Any, output: str) -> bool:
    """Tell whether a list of outputs is what Dash writes as one text."""
    entries = given if isinstance(given, list) else [given]
    if not all(isinstance(entry, dict) for entry in entries):
        return False
    names = [f"{entry.get('id')}.{entry.get('property')}" for entry in entries]
    return names == output.removeprefix("..").removesuffix("..").split("...")


def _is_names(given: Any) -> bool:
    return (
        isinstance(given, list)
        and len(given) <= MOST_CHANGED
        and all(isinstance(name, str) and len(name) <= LONGEST_NAME for name in given)
    )
