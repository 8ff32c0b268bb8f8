"""Serving below a part of another site, such as https://news.example/crime/."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from flask import Flask

Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


def register(flask_app: Flask, prefix: str) -> None:
    """Serve an application below a path; what a request's headers say of one is not believed.

    A proxy may hand the path on whole or without the prefix.

    Parameters
    ----------
    flask_app : Flask
    prefix : str
        Such as ``/crime``; "" serves at the root.
    """
    if prefix:
        flask_app.wsgi_app = below(flask_app.wsgi_app, prefix)  # type: ignore[assignment,method-assign]


def below(application: Application, prefix: str) -> Application:
    """Return an application that takes a prefix for where it is served.

    Parameters
    ----------
    application : WSGI application
    prefix : str
    """

    def serve(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "")
        if path == prefix:
            query = environ.get("QUERY_STRING", "")
            place = f"{prefix}/?{query}" if query else f"{prefix}/"
            start_response("308 Permanent Redirect", [("Location", place), ("Content-Length", "0")])
            return []
        inner = path.removeprefix(prefix) if path.startswith(f"{prefix}/") else path
        return application({**environ, "SCRIPT_NAME": prefix, "PATH_INFO": inner}, start_response)

    return serve
