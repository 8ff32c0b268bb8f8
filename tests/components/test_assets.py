"""Scripts and style sheets take ids and colours from Python instead of naming them again."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from app import create_app
from components import ids, palette
from data_pipeline.dataset import Dataset
from server.settings import ROOT, Settings

SCRIPTS = sorted((ROOT / "assets").glob("*.js"))
STYLES = (ROOT / "assets" / "crime_atlas.css").read_text()
LITERAL = re.compile(
    r"""(?:set_props|getElementById|byId|getApiAsync)\(\s*["'`][\w-]"""
    r"""|(?:querySelector(?:All)?|closest|matches|textOf)\(\s*["'`][^"'`]*#[\w]"""
)


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.name)
def test_no_script_spells_an_id(script: Path) -> None:
    assert LITERAL.findall(script.read_text()) == []


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.name)
def test_every_id_that_a_script_names_is_one(script: Path) -> None:
    assert set(re.findall(r"\bids\.([A-Z_]+)", script.read_text())) <= set(ids.by_name())


def test_every_id_of_the_style_sheet_is_one_of_the_page() -> None:
    selectors = re.sub(r"\{[^{}]*\}", "", STYLES)
    assert set(re.findall(r"#([\w-]+)", selectors)) <= set(ids.by_name().values()) | {"content"}


def test_every_colour_of_the_style_sheet_is_given_for_both_appearances() -> None:
    names = set(re.findall(r"var\(--([a-z][\w-]*)\)", STYLES)) - {"radius"}
    light, dark = palette.style_sheet().splitlines()
    for appearance in (light, dark):
        given = set(re.findall(r"--([\w-]+):", appearance))
        assert names <= given
    assert light.startswith(":root {")
    assert dark.startswith('[data-bs-theme="dark"] {')


def test_the_page_hands_them_over(small_dataset: Dataset) -> None:
    settings = Settings.from_environment({"CRIME_ATLAS_DATASET": str(small_dataset.path)})
    page = create_app(settings).server.test_client().get("/").text
    assert palette.style_sheet() in page
    assert "&quot;MAP_SIZE&quot;: &quot;map-size&quot;" in page
