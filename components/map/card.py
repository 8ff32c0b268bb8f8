"""The card that a reader sees on an area of the map: its names, figures, rank and coverage."""

from __future__ import annotations

from typing import Any

import pandas as pd
from dash import html

from analysis.area_table import AreaTable
from analysis.figures import COMPLETE
from analysis.vocabulary import MEASURES
from analysis.wording import change, in_sentence, interval, number, ordinal, place_name

GAP = 14
"""Pixels between the pointer and the card."""
TALLEST = 270
"""Pixels that a card with every line takes."""
NARROW = 620
"""Width in pixels below which a card beside the pointer would not fit."""


def card(table: AreaTable, code: str) -> list[Any] | None:
    """Return the card of an area, or None where the table does not have it.

    Parameters
    ----------
    table : AreaTable
        The table that the map is drawn from.
    code : str
        The area's code at the table's level.
    """
    row = table.row(code)
    if row is None:
        return None
    selection = table.selection
    name, within = place_name(selection.level, row)
    return [
        html.Div(html.Strong(name)),
        html.Div(within, className="muted small"),
        *figures(table, row),
        html.Div(
            f"{table.type_label}, {table.period_label}. "
            f"Rate by {in_sentence(table.denominator.label)}.",
            className="muted small card-foot",
        ),
    ]


def card_style(at: tuple[float, float], size: tuple[float, float]) -> dict[str, str]:
    """Return where the card goes: within the map, beside the pointer where there is more room.

    On a narrow map it spans the width, above or below the pointer.

    Parameters
    ----------
    at : x and y of the pointer in pixels from the map's top left corner
    size : width and height of the map in pixels
    """
    (x, y), (width, height) = at, size
    style = {"left": f"{x + GAP:.0f}px"}
    if width < NARROW:
        style = {"left": f"{GAP}px", "right": f"{GAP}px"}
    elif x > width / 2:
        style = {"right": f"{width - x + GAP:.0f}px"}
    room = max(height - TALLEST, 0)
    if y > height / 2:
        return {**style, "bottom": f"{min(height - y + GAP, room):.0f}px"}
    return {**style, "top": f"{min(y + GAP, room):.0f}px"}


def figures(table: AreaTable, row: pd.Series) -> list[html.Div]:
    """Return what is known of an area: rate and interval, count, density, rank, change."""
    if pd.isna(row["count"]):
        return [html.Div(html.Strong(_sentence(row["status"])), className="card-rate")]
    lines: list[Any] = []
    if pd.notna(row["rate_per_1000"]):
        between = interval(row["rate_low"], row["rate_high"])
        rate = html.Strong(f"{number(row['rate_per_1000'], 1)} per 1,000")
        lines.append(html.Div([rate, f" a year (95% interval {between})"], className="card-rate"))
    lines.append(f"{number(row['count'])} recorded")
    if row["status"] != COMPLETE:
        lines.append(_sentence(row["status"]))
    if row["reassigned_history"]:
        lines.append("Boundary redrawn since 2011: some rows were placed here by their point")
    if row["small_count"]:
        lines.append("Small count: read the interval")
    lines += [
        f"{number(row[measure.column], measure.decimals)} {measure.phrase}"
        for measure in MEASURES.values()
        if measure.phrase and pd.notna(row[measure.column])
    ]
    if pd.notna(row["rank"]):
        lines.append(rank_line(table, row))
    if pd.notna(row["change_percent"]):
        doubt = "" if row["change_clear"] else ": no clear change, it may be chance"
        lines.append(f"{change(row['change_percent'])} on a year earlier{doubt}")
    return [line if isinstance(line, html.Div) else html.Div(line) for line in lines]


def rank_line(table: AreaTable, row: pd.Series) -> str:
    """Say where an area stands by rate, in its force and in the nation.

    Parameters
    ----------
    table : AreaTable
    row : of an area with a rank
    """
    ranked = table.national.ranked
    nation = f"{ordinal(int(row['rank']))} of the {ranked.sum():,} with data"
    if table.selection.level == "force":
        return f"By rate {nation}"
    own = int((ranked & (table.national.values("force") == row["force"])).sum())
    return f"By rate {ordinal(int(row['force_rank']))} of {own:,} in {row['force_name']}, {nation}"


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]
