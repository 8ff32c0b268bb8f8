"""Addresses of this site: below whatever path it is served."""

from __future__ import annotations

from flask import has_request_context, request


def address(path: str) -> str:
    """Return the address of a path of this site, such as ``/export/areas.csv``.

    Where the site is served below another path, that comes first.
    """
    return f"{request.script_root}{path}" if has_request_context() else path
