"""A page that is open while the dataset on the server is replaced by another one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from data_pipeline.dataset import Dataset
from data_pipeline.demo import make_demo
from tests.small_dataset import build_small

from .conftest import DESKTOP, PATIENCE_MS, serve

BANNER = "Synthetic demonstration data"


class Swapped:
    """A server whose dataset can be replaced: `real` stands for police files, `demo` is made up."""

    def __init__(self, folder: Path, page: Page) -> None:
        self.current, self.page = folder / "current", page
        self.real, self.demo = folder / "real", folder / "demo"

    def serve(self, dataset: Path) -> None:
        """Swap a dataset in as a build does."""
        aside = self.current.with_name("aside")
        aside.symlink_to(dataset.resolve())
        aside.replace(self.current)

    def figures(self) -> list[str]:
        return self.page.locator("#headline .card-figure").all_inner_texts()


@pytest.fixture
def swapped(browser: Browser, tmp_path: Path) -> Iterator[Swapped]:
    build_small(tmp_path / "real")
    make_demo(tmp_path / "demo", scale=0.02)
    context = browser.new_context(viewport=DESKTOP, locale="en-GB")
    page = context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    found = Swapped(tmp_path, page)
    found.serve(found.demo)
    for base in serve(found.current):
        found.base = base
        yield found
    context.close()


@pytest.mark.parametrize("opened", ["demo", "real"])
def test_no_figure_of_one_dataset_stands_on_the_page_of_another(
    swapped: Swapped, opened: str
) -> None:
    first, then = swapped.demo, swapped.real
    if opened == "real":
        first, then = then, first
    page = swapped.page
    swapped.serve(first)
    page.wait_for_timeout(1100)
    page.goto(f"{swapped.base}/?force=kent&level=lsoa")
    page.locator("#headline .card-figure").first.wait_for()
    page.locator("#table .ag-row").first.wait_for()
    before = swapped.figures()
    shows_banner = page.locator(".synthetic").count()
    assert shows_banner == int(opened == "demo")
    link = page.locator("#download").get_attribute("href")
    assert f"dataset={Dataset.open(first).id[:16]}" in str(link)

    swapped.serve(then)
    page.wait_for_timeout(1100)
    page.locator("#level").click()
    page.get_by_role("option", name="Wards").click()
    notice = page.locator("#notes .notice")
    expect(notice).to_contain_text("have been replaced since this page was opened")
    assert swapped.figures() == before
    assert page.locator(".synthetic").count() == shows_banner
    answer = page.request.get(f"{swapped.base}{link}")
    assert answer.status == 409
    assert page.request.get(f"{swapped.base}/export/areas.csv?force=kent").status == 200

    page.get_by_role("button", name="Reload the page").click()
    expect(notice).to_have_count(0)
    expect(page.locator(".synthetic")).to_have_count(1 - shows_banner)
    page.locator("#headline .card-figure").first.wait_for()
    assert "force=kent" in page.url
    assert swapped.figures() != before
