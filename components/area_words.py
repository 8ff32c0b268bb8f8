"""What the areas of each level are called in a sentence."""

from __future__ import annotations

AREA_WORDS: dict[str, tuple[str, str]] = {
    "lsoa": ("neighbourhood", "neighbourhoods"),
    "ward": ("ward", "wards"),
    "lad": ("district", "districts"),
    "csp": ("partnership", "partnerships"),
    "force": ("police force", "police forces"),
}
"""One area of each level, and several."""
