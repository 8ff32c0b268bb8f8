"""What stands under the trend charts: whose months they are, what is missing, and their tables."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dash import html

from analysis.area_table import area_table, headline
from analysis.rates import annual_rate
from analysis.selection import Selection
from analysis.series import Basis, Series
from analysis.vocabulary import AS_SUPPLIED, SERIES, WHOLE_SPAN
from analysis.wording import and_join, number
from data_pipeline.dataset import Dataset, month_label, month_number, period_label

NAMED_FORCES = 3
"""So many forces are named in the sentence itself; more open below it."""


def counts_note(series: Series, selection: Selection) -> list[Any]:
    """Return whose months the bars are, and why some are missing or differ."""
    basis = series.drawn(selection.series)
    said = [
        *_whose("The bars are of", series, basis),
        *_change_of_forces(basis),
        reasons(series, basis),
    ]
    return _joined(said) or ["Every month supplied."]


def rates_note(compared: dict[str, Series], selection: Selection, per: str) -> list[Any]:
    """Return what the lines are of, and how they are scaled.

    Parameters
    ----------
    per : str
        Label of the denominator.
    """
    said: list[Any] = [f"Each month’s count scaled to a year, per 1,000 {per}."]
    broken: list[str] = []
    for series in compared.values():
        basis = series.drawn(selection.series)
        said += _whose(f"For {series.place} the line is of", series, basis)
        broken += _change_of_forces(basis)
    return _joined([*said, *dict.fromkeys(broken)])


def _joined(said: Sequence[Any]) -> list[Any]:
    """Return sentences and what opens between them, spaced."""
    parts: list[Any] = []
    for part in said:
        if part:
            parts += [part, " "]
    return parts[:-1]


def _whose(subject: str, series: Series, basis: Basis) -> list[Any]:
    """Say which forces a bar or a line is of, where that is not every force of the place."""
    left_out = [name for name in series.forces if name not in basis.forces]
    if not left_out or not basis.forces:
        return []
    named = f" ({and_join(basis.forces)})" if len(basis.forces) <= NAMED_FORCES else ""
    why = "every month shown" if basis is series.whole_span else "at least one of the months shown"
    return [
        f"{subject} {len(basis.forces)} of {len(series.forces)} forces{named}: those that supplied "
        f"{why}.",
        html.Details(
            [
                html.Summary("Which forces"),
                html.P(f"In it: {and_join(basis.forces)}."),
                html.P(f"Left out: {and_join(left_out)}."),
            ],
            className="inline-details",
        ),
    ]


def _change_of_forces(basis: Basis) -> list[str]:
    """Say what is drawn differently where the supplying forces change."""
    if not basis.frame["partial"].any():
        return []
    return [
        "Hatched bars and open circles are months that only a part of the forces supplied: do not "
        "compare them with the others. Lines and the 12-month mean stop where the forces change."
    ]


def reasons(series: Series, basis: Basis) -> str:
    """Return one sentence for each reason why a month is missing or incomplete."""
    frame = basis.frame[basis.frame["reason"] != ""]
    sentences = [
        f"{sentence}: figures before and after are not comparable." for _, sentence in series.breaks
    ]
    for reason, months in frame.groupby("reason", sort=False)["month"]:
        when = _span(list(months))
        sentences.append(f"{reason} ({when}).")
    return " ".join(sentences)


def _span(months: list[str]) -> str:
    """Return months in words: one, an unbroken span, or how many between two."""
    first, last = months[0], months[-1]
    if len(months) == month_number(last) - month_number(first) + 1:
        return period_label(first, last)
    return f"{len(months)} months from {period_label(first, last)}"


def difference_note(dataset: Dataset, selection: Selection, series: Series) -> str:
    """Say how the charts' figures of the period differ from the headline's; empty if they do not.

    The headline is of the forces that supplied the whole period; the charts are of those that
    supplied every month shown, or of what was supplied each month.

    Parameters
    ----------
    dataset : Dataset
    selection : Selection
        With a chosen area there is nothing to say.
    series : Series
        Of the whole scope.
    """
    if selection.area is not None:
        return ""
    table = area_table(dataset, selection)
    figures = headline(table)
    basis = series.drawn(selection.series)
    inside = basis.frame[basis.frame["month"].between(selection.first, selection.last)]
    count = inside["count"].sum(min_count=1)
    if number(count) == number(figures.count):
        return ""
    inside = inside[inside["count"].notna()]
    months = len(inside)
    people = float(inside["people"].sum())
    rate = float(annual_rate([inside["rated"].sum()], [people], 1)[0]) if people else None
    charts = (
        f"Over {selection.period_label()} the charts hold {number(count)}"
        f"{f' ({number(rate, 1)} per 1,000)' if rate is not None else ''}: {basis.label}"
    )
    if months < selection.months:
        charts += f", {months} of {selection.months} months"
    if figures.count is None:
        return f"{charts}. The headline has no figure: no force supplied the whole period."
    return (
        f"{charts}. The headline’s {number(figures.count)} ({number(figures.rate, 1)} per 1,000) "
        f"is {table.figures_label}: the forces that supplied the whole period."
    )


def other_series_label(compared: dict[str, Series], selection: Selection) -> str:
    """Return the label of the button that draws the other basis; empty where both are the same."""
    if not any(series.has_choice for series in compared.values()):
        return ""
    other = AS_SUPPLIED if selection.series == WHOLE_SPAN else WHOLE_SPAN
    label = SERIES[other]
    return f"Show {label[:1].lower()}{label[1:]}"


def data_table(caption: str, headings: Sequence[str], rows: Sequence[Sequence[str]]) -> html.Div:
    """Return a picture's figures as a table.

    Parameters
    ----------
    caption : str
    headings : sequence of str
        The first is that of the rows' own names.
    rows : sequence of sequences of str
        As long as `headings`.
    """
    head = html.Thead(html.Tr([html.Th(text, scope="col") for text in headings]))
    body = [html.Tr([html.Th(row[0], scope="row"), *map(html.Td, row[1:])]) for row in rows]
    return html.Div(
        html.Table([html.Caption(caption), head, html.Tbody(body)], className="data-table"),
        className="data-table-frame",
        tabIndex=0,
    )


def counts_rows(series: Series, basis: Basis) -> list[list[str]]:
    """Return the monthly counts as rows of text, the latest month first."""
    columns = [*series.types, *(["count"] if len(series.types) > 1 else [])]
    return [
        [
            month_label(row["month"]),
            *(number(row[column]) for column in columns),
            row["reason"] or "complete",
        ]
        for row in reversed(basis.frame.to_dict("records"))
    ]


def rates_rows(bases: Sequence[Basis]) -> list[list[str]]:
    """Return the monthly rates of several lines as rows of text, the latest month first."""
    months = bases[0].frame["month"]
    return [
        [
            month_label(months[position]),
            *(number(basis.frame["rate_per_1000"][position], 1) for basis in bases),
        ]
        for position in reversed(range(len(months)))
    ]
