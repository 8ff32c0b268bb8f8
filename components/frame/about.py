"""The foot of the page: what the figures mean, what is missing, and whose data they are."""

from __future__ import annotations

from dash import html

from data_pipeline.dataset import Dataset, period_label

from ..panel import Opening, Panel, Slot
from . import help_lines

CAVEATS: tuple[str, ...] = (
    "Police recorded crime is official statistics, but not accredited official statistics.",
    "Recorded crime is a better guide to police activity than to trends in crime, most of all for "
    "drugs, where figures mostly reflect enforcement.",
    "Locations are approximate: each crime is moved to a nearby map point that stands for several "
    "addresses, so one shopping centre can make up a neighbourhood's figure.",
    "Rates divide by the residents (or the other population chosen above). Town centres read high "
    "because visitors and workers are not counted.",
    "Every recorded crime counts, whatever its outcome; none is a conviction.",
    "A figure is withheld as “no data” unless the area's own force supplied every month of the "
    "period. No data is not zero, and such areas are left out of ranks and totals.",
    "Crimes recorded by British Transport Police, and fraud, are not included.",
    "“All crime” is every recorded crime type without anti-social behaviour, which counts "
    "incidents rather than crimes.",
    "The 95% interval shows how far chance alone could move a rate; it does not cover "
    "errors in recording.",
)

ATTRIBUTION: tuple[str, ...] = (
    "Contains public sector information licensed under the Open Government Licence v3.0. "
    "Source: data.police.uk.",
    "Source: Office for National Statistics licensed under the Open Government Licence v.3.0.",
)


def layout(opening: Opening) -> html.Footer:
    """Return caveats, attribution and help lines for the open dataset."""
    return html.Footer(
        html.Div(
            [
                html.Div(
                    [
                        html.H2("What to bear in mind", className="footer-title"),
                        html.Ul([html.Li(text) for text in CAVEATS]),
                    ]
                ),
                html.Div(
                    [
                        html.H2("Sources", className="footer-title"),
                        *[html.P(text) for text in _sources(opening.dataset)],
                    ]
                ),
                help_lines.layout(),
            ],
            className="footer-columns",
        ),
        className="page-footer",
    )


def picture_foot(dataset: Dataset) -> list[str]:
    """Return the lines under a saved picture: what to bear in mind, source, dataset."""
    caveat = "Recorded crime, approximate locations. Hatched grey is no data, which is not zero."
    if dataset.synthetic:
        return ["SYNTHETIC DEMONSTRATION DATA: none of it is real.", caveat]
    return [caveat, *_sources(dataset)]


def _sources(dataset: Dataset) -> list[str]:
    release = (
        f"Dataset {dataset.id[:12]}, "
        f"{period_label(dataset.months[0], max(dataset.months[0], dataset.release))}."
    )
    if dataset.synthetic:
        return [
            "Every figure, area and boundary on this page is generated for demonstration. Codes "
            "begin with X. None of it describes a real place.",
            release,
        ]
    year = dataset.manifest["built_at"][:4]
    boundaries = f"Contains OS data © Crown copyright and database right {year}."
    return [*ATTRIBUTION, boundaries, release]


PANEL = Panel("about", layout, Slot.FOOT)
