"""The colours of map and charts, on a light and on a dark page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Palette:
    """Colours of one appearance of the page.

    Attributes
    ----------
    sea, land, border, edge : str
        What lies around the areas; borders of forces and districts, and edges of areas.
    none, none_dot : str
        An area with data and none of it; the second as a dot on land.
    no_data, part : str
        Areas without a figure: nothing supplied, and only some of the months.
    hatch : str
        Lines over areas without a figure.
    ramp : tuple of str
        From few to many, told apart with any colour vision; each step stands out more from the
        land than the one before.
    falling, same, rising : colours of change
        From slight to strong; blue and orange are told apart with any colour vision.
    circle : str
        Circles of counts.
    chosen, around_chosen : str
        Outline of the chosen area, and the line that sets it off.
    halo : str
        Around names on the map.
    ink, muted, rule, paper : str
        Text, quieter text, thin lines and the ground of charts.
    categories : tuple of str
        Crime types of stacked bars; the first also stands for a single one.
    comparison : tuple of str
        Lines of an area, of its force and of the nation.
    """

    sea: str
    land: str
    border: str
    edge: str
    none: str
    none_dot: str
    no_data: str
    part: str
    hatch: str
    ramp: tuple[str, ...]
    falling: tuple[str, ...]
    same: str
    rising: tuple[str, ...]
    circle: str
    chosen: str
    around_chosen: str
    halo: str
    ink: str
    muted: str
    rule: str
    paper: str
    categories: tuple[str, ...]
    comparison: tuple[str, str, str]

    def steps(self, count: int) -> list[str]:
        """Return `count` colours spread over the ramp."""
        return [self.ramp[2]] if count == 1 else _spread(self.ramp, count)

    def change_steps(self, directions: Sequence[int]) -> list[str]:
        """Return the colours of classes of change, from the strongest fall to the strongest rise.

        Parameters
        ----------
        directions : sequence of int
            As ``Classes.directions``: -1, 0 or 1 for each class, ascending.
        """
        falls, rises = directions.count(-1), directions.count(1)
        same = [self.same] * directions.count(0)
        return [*_spread(self.falling, falls)[::-1], *same, *_spread(self.rising, rises)]


def _spread(colours: Sequence[str], count: int) -> list[str]:
    """Return `count` colours spread evenly over a scale, the strongest always among them."""
    last = len(colours) - 1
    if count <= 1:
        return [colours[last]] * count
    return [colours[round(index * last / (count - 1))] for index in range(count)]


LIGHT = Palette(
    sea="#e6ecf3",
    land="#f7f7f4",
    border="#566074",
    edge="rgba(255,255,255,0.75)",
    none="#f4f1ea",
    none_dot="#ded8cb",
    no_data="#b4bbc6",
    part="#cdd2da",
    hatch="#6b7587",
    ramp=("#fde3c0", "#fbc88d", "#f79a63", "#ea6a4e", "#c9364f", "#951a5a", "#4f1259"),
    falling=("#c6dbef", "#6baed6", "#2171b5", "#08306b"),
    same="#efece4",
    rising=("#fdd0a2", "#fd8d3c", "#d94801", "#7f2704"),
    circle="#8a1a4f",
    chosen="#0b57d0",
    around_chosen="#ffffff",
    halo="rgba(255,255,255,0.85)",
    ink="#1b2433",
    muted="#566074",
    rule="#e3e7ed",
    paper="#ffffff",
    categories=("#8a1a4f", "#e07b39", "#2f6f9f", "#5b8c3e", "#7b5ea7", "#c2a11c", "#8b95a5"),
    comparison=("#8a1a4f", "#2f6f9f", "#566074"),
)

DARK = Palette(
    sea="#10161f",
    land="#1e2733",
    border="#8b97aa",
    edge="rgba(16,22,31,0.7)",
    none="#2a3441",
    none_dot="#3a4655",
    no_data="#465163",
    part="#3a4453",
    hatch="#93a0b4",
    ramp=("#4a2a52", "#742a63", "#a52c60", "#d34a4f", "#f2783d", "#fbb040", "#fdeaa0"),
    falling=("#2f5a80", "#4a90c8", "#86c1ea", "#cfe8fb"),
    same="#38434f",
    rising=("#8a4b1c", "#cf6d1f", "#f59b4b", "#fdd9ae"),
    circle="#f08bb4",
    chosen="#8ab4ff",
    around_chosen="#10161f",
    halo="rgba(16,22,31,0.85)",
    ink="#e6eaf0",
    muted="#a7b1c0",
    rule="#333e4c",
    paper="#18202b",
    categories=("#f08bb4", "#f2a25c", "#6fb3e0", "#94c973", "#b79be0", "#e0c75a", "#9aa5b5"),
    comparison=("#f08bb4", "#6fb3e0", "#a7b1c0"),
)

PALETTES: dict[str, Palette] = {"light": LIGHT, "dark": DARK}
"""Appearance as the browser names it, and its colours."""


_OF_PALETTE = ("ink", "muted", "rule", "paper", "sea", "hatch")
"""Colours of maps and charts that the page has too."""

PAGE: dict[str, dict[str, str]] = {
    "light": {
        "edge": "#7b8698",
        "ground": "#f4f6f9",
        "accent": "#8a1a4f",
        "focus": "#0b57d0",
        "bar": "#f6d9cf",
        "link": "#0b4fb8",
        "on-accent": "#ffffff",
        "hover": "#eef3fb",
        "selected": "#dce8fd",
        "quiet-hover": "#fbeef4",
        "accent-hover": "#6d123d",
        "notice": "#eaf1fd",
        "notice-edge": "#b9cdf0",
        "shade": "rgba(20, 30, 50, 0.22)",
        "warn": "#b45f06",
    },
    "dark": {
        "edge": "#7d8aa0",
        "ground": "#0e141c",
        "accent": "#f08bb4",
        "focus": "#8ab4ff",
        "bar": "#5a2c44",
        "link": "#9cc0ff",
        "on-accent": "#2b0a1a",
        "hover": "#232e3c",
        "selected": "#24395c",
        "quiet-hover": "#33202b",
        "accent-hover": "#f7aecb",
        "notice": "#1d2c45",
        "notice-edge": "#3a5484",
        "shade": "rgba(0, 0, 0, 0.6)",
        "warn": "#f0a04b",
    },
}
"""Colours of the page alone, by appearance and the name that the style sheet gives them."""


def style_sheet() -> str:
    """Return every colour of the page as the variables of its style sheet."""
    return "\n".join(_variables(appearance) for appearance in PALETTES)


def _variables(appearance: str) -> str:
    palette = PALETTES[appearance]
    colours = {name: getattr(palette, name) for name in _OF_PALETTE} | PAGE[appearance]
    selector = ":root" if appearance == "light" else f'[data-bs-theme="{appearance}"]'
    lines = " ".join(f"--{name}: {colour};" for name, colour in colours.items())
    return f"{selector} {{ {lines} }}"


def palette_of(appearance: str | None) -> Palette:
    """Return the colours of an appearance; light where it is not known."""
    return PALETTES.get(appearance or "", LIGHT)
