"""Where a reader finds help; always reachable from the foot of the page."""

from __future__ import annotations

from dash import html

LINES: tuple[tuple[str, str, str], ...] = (
    ("Emergency", "999", "tel:999"),
    ("Police, not an emergency", "101", "tel:101"),
    ("Crimestoppers, anonymous", "0800 555 111", "tel:0800555111"),
    ("Modern Slavery & Exploitation Helpline", "08000 121 700", "tel:08000121700"),
    ("Salvation Army, modern slavery, confidential", "0800 808 3733", "tel:08008083733"),
    ("British Transport Police, by text", "61016", "sms:61016"),
)


def layout() -> html.Div:
    """Return the list of help lines."""
    return html.Div(
        [
            html.H2("Help lines", className="footer-title"),
            html.Ul(
                [html.Li([f"{name}: ", html.A(number, href=link)]) for name, number, link in LINES]
            ),
        ]
    )
