"""Security headers for every answer."""

from __future__ import annotations

from collections.abc import Iterable

from flask import Flask, Response

_SCRIPT_HASHES = "CRIME_ATLAS_SCRIPT_HASHES"
_TILE_HOSTS = "CRIME_ATLAS_TILE_HOSTS"

HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(self), microphone=()",
}


def register(flask_app: Flask, frame_ancestors: str) -> None:
    """Add headers to every answer of the application.

    Parameters
    ----------
    flask_app : Flask
    frame_ancestors : str
        Sites that may show the page in a frame.
    """

    @flask_app.after_request
    def add_headers(response: Response) -> Response:
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        hashes = flask_app.config.get(_SCRIPT_HASHES, ())
        tiles = flask_app.config.get(_TILE_HOSTS, ())
        policy = content_security_policy(hashes, frame_ancestors, tiles)
        response.headers.setdefault("Content-Security-Policy", policy)
        return response


def allow_scripts(flask_app: Flask, hashes: Iterable[str]) -> None:
    """Let only these inline scripts run, e.g. ``Dash.csp_hashes()``; until then any may."""
    flask_app.config[_SCRIPT_HASHES] = tuple(hashes)


def allow_tiles(flask_app: Flask, hosts: Iterable[str]) -> None:
    """Let the map load pictures of these sites; until then of none."""
    flask_app.config[_TILE_HOSTS] = tuple(hosts)


def content_security_policy(
    script_hashes: Iterable[str], frame_ancestors: str, tile_hosts: Iterable[str] = ()
) -> str:
    """Return the policy: everything from this server; workers and images also from memory.

    Map tiles are the only thing that may come from elsewhere, and only from `tile_hosts`. The map
    makes its workers from blobs, and Dash and plotly set styles inline.

    Parameters
    ----------
    script_hashes : iterable of str
        Of the scripts that Dash writes into the page.
    frame_ancestors : str
        Who may show the page in a frame, as the policy writes it.
    tile_hosts : iterable of str
        Sites that background maps come from.
    """
    tiles = "".join(f" {host}" for host in tile_hosts)
    scripts = " ".join(script_hashes) or "'unsafe-inline'"
    return "; ".join(
        (
            "default-src 'self'",
            f"script-src 'self' {scripts}",
            "style-src 'self' 'unsafe-inline'",
            f"img-src 'self' data: blob:{tiles}",
            "font-src 'self' data:",
            f"connect-src 'self' data: blob:{tiles}",
            "worker-src 'self' blob:",
            "child-src blob:",
            "object-src 'none'",
            "base-uri 'self'",
            "form-action 'self'",
            f"frame-ancestors {frame_ancestors}",
        )
    )
