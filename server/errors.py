"""Plain pages for what went wrong."""

from __future__ import annotations

from dash.exceptions import DependencyException, InvalidResourceError
from flask import Flask, abort, render_template_string, request
from werkzeug.exceptions import HTTPException, NotFound

PAGE = """<!doctype html>
<html lang="en-GB">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{{ heading }} · Crime Atlas</title>
<style>
body { font: 17px/1.5 system-ui, sans-serif; max-width: 34em; margin: 15vh auto; padding: 0 1em;
  color: #1d2433; background: #f6f7f9; }
h1 { font-size: 1.6em; }
a { color: #1f5fa8; }
</style>
</head>
<body>
<main>
<h1>{{ heading }}</h1>
<p>{{ advice }}</p>
<p><a href="{{ root }}/">Go to the map of England and Wales</a></p>
</main>
</body>
</html>
"""

ANY_PATH = "/<path:path>"
"""Dash's rule for addresses that nothing else answers."""

MESSAGES: dict[int, tuple[str, str]] = {
    400: (
        "This request cannot be read",
        "It is not one that this site's pages send.",
    ),
    404: (
        "There is nothing at this address",
        "The link may be mistyped, or it may belong to an earlier edition of the data.",
    ),
    405: (
        "This address does not work that way",
        "It can be read, but not written to.",
    ),
    413: (
        "This request is too large",
        "Nothing that a page of this site sends is larger than 64 kB.",
    ),
    414: (
        "This link is too long",
        "A link of this site has a few thousand characters at most. It may have been damaged.",
    ),
    415: (
        "This request cannot be read",
        "It is not in a form that this address understands.",
    ),
    500: (
        "Something went wrong on our side",
        "The fault has been recorded. Trying again in a minute may help; otherwise start afresh.",
    ),
}


def register(flask_app: Flask) -> None:
    """Answer errors with a plain page, without a word of the program's insides."""

    def answer(error: HTTPException) -> tuple[str, int]:
        code = error.code or 500
        heading, advice = MESSAGES[code]
        return render_template_string(
            PAGE, heading=heading, advice=advice, root=request.script_root
        ), code

    def not_there(error: Exception) -> tuple[str, int]:
        return answer(NotFound())

    @flask_app.before_request
    def only_pages() -> None:
        # Dash would answer every address with the page.
        if request.url_rule is not None and request.url_rule.rule == ANY_PATH:
            abort(404)

    for kind in (DependencyException, InvalidResourceError):
        flask_app.register_error_handler(kind, not_there)
    for code in MESSAGES:
        flask_app.register_error_handler(code, answer)
