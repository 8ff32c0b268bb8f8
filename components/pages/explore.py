"""The page on which readers explore: every panel, in reading order."""

from __future__ import annotations

from ..charts import trends
from ..controls import class_controls, filters
from ..frame import about, appearance, find, headline, notices, scope_line, where
from ..map import basemaps, group, words
from ..map import panel as map_panel
from ..panel import Panel
from ..table import ranking

PANELS: tuple[Panel, ...] = (
    find.PANEL,
    where.PANEL,
    appearance.PANEL,
    filters.PANEL,
    notices.PANEL,
    scope_line.PANEL,
    headline.PANEL,
    map_panel.PANEL,
    words.PANEL,
    group.PANEL,
    class_controls.PANEL,
    basemaps.PANEL,
    ranking.PANEL,
    ranking.SEARCH,
    trends.PANEL,
    about.PANEL,
)
"""A new panel is one module and its record here: layout and callbacks are made of this list."""
