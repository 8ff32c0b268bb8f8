"""Periods with a name: the latest months, calendar and financial years."""

from __future__ import annotations

from dataclasses import dataclass

from data_pipeline.dataset import Dataset, add_months

CUSTOM = "custom"
"""Stands for months that no named period has."""


@dataclass(frozen=True)
class Preset:
    """A period with a name, such as a calendar year; both months are included."""

    slug: str
    label: str
    first: str
    last: str


def presets(dataset: Dataset) -> tuple[Preset, ...]:
    """Return the named periods that lie wholly inside the dataset, the most recent first."""
    start, end = dataset.months[0], dataset.months[-1]
    spans = [(f"last-{count}", f"Last {count} months", count) for count in (12, 3, 6, 24)]
    found = [
        Preset(slug, label, add_months(end, 1 - count), end)
        for slug, label, count in spans
        if count <= len(dataset.months)
    ]
    years = range(int(end[:4]), int(start[:4]) - 2, -1)
    for year in years:
        found.append(Preset(f"year-{year}", f"Calendar {year}", f"{year}-01", f"{year}-12"))
    for year in years:
        label = f"Financial {year}/{(year + 1) % 100:02d}"
        found.append(Preset(f"financial-{year}", label, f"{year}-04", f"{year + 1}-03"))
    found.append(Preset("all", _all_months(len(dataset.months)), start, end))
    return tuple(preset for preset in found if start <= preset.first and preset.last <= end)


def _all_months(months: int) -> str:
    """Return the name of the whole period of a dataset.

    >>> [_all_months(count) for count in (1, 2, 3)]
    ['The only month', 'Both months', 'All 3 months']
    """
    return {1: "The only month", 2: "Both months"}.get(months, f"All {months} months")


def preset_of(dataset: Dataset, first: str, last: str) -> str:
    """Return the slug of the named period from `first` to `last`, or CUSTOM.

    Parameters
    ----------
    dataset : Dataset
    first, last : str
        Months ``YYYY-MM``, both included.
    """
    return next(
        (
            preset.slug
            for preset in presets(dataset)
            if (preset.first, preset.last) == (first, last)
        ),
        CUSTOM,
    )
