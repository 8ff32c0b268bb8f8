"""The query of an export, read strictly: what is not understood is refused, never left out.

The page forgives what it does not know, since links gather names on their way; a file that silently
holds the whole nation where one force was meant misleads for good.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches
from urllib.parse import parse_qsl

from analysis.selection import LONGEST_QUERY, Problem, Selection, names, read_query
from analysis.wording import and_join
from data_pipeline.dataset import Dataset

BOM, DATASET = "bom", "dataset"
OWN_NAMES: dict[str, str] = {
    BOM: "1 starts the file with a UTF-8 signature, by which spreadsheets know its encoding",
    DATASET: "the first 16 digits of the dataset's id; refused where another one is served",
}
"""Query names that only exports have, and what they do."""

OTHER_WORDS: dict[str, str] = {
    **dict.fromkeys(("start", "begin", "since", "first", "month", "date"), "from"),
    **dict.fromkeys(("end", "until", "till", "last"), "to"),
    **dict.fromkeys(("police", "pfa"), "force"),
    **dict.fromkeys(
        ("crime", "crimes", "crime_type", "crime_types", "category", "offence"), "type"
    ),
    **dict.fromkeys(("district", "local_authority", "la", "ltla"), "lad"),
    **dict.fromkeys(("geography", "areas", "unit"), "level"),
    **dict.fromkeys(("population", "per", "people"), "denominator"),
    **dict.fromkeys(("search", "query", "name", "find"), "q"),
    **dict.fromkeys(("order", "order_by", "orderby"), "sort"),
    **dict.fromkeys(("polygon", "bbox", "poly"), "shape"),
    **dict.fromkeys(("code", "lsoa"), "area"),
}
"""Names that people try, and the one they mean."""

NEAR = 0.6
SHOWN = 40

_SIXTEEN_DIGITS = re.compile(r"[0-9a-f]{16}")


class RefusedQueryError(Exception):
    """A query that cannot be followed; the message has one line for each reason."""

    status = 400


class OtherDatasetError(RefusedQueryError):
    """A query about a dataset that is not the one being served."""

    status = 409


@dataclass(frozen=True)
class ExportQuery:
    """What an export's query asks for.

    Attributes
    ----------
    selection : Selection
    given : frozenset of str
        Names that have a value.
    bom : bool
        Whether the file starts with a UTF-8 signature.
    """

    selection: Selection
    given: frozenset[str]
    bom: bool = False


def read_export_query(query: str, dataset: Dataset, ignored: Iterable[str] = ()) -> ExportQuery:
    """Read the query of an export.

    Parameters
    ----------
    query : str
        Without the leading "?".
    dataset : Dataset
        What the selection must exist in.
    ignored : iterable of str
        Names that a page's link may carry and that do not change the file: what they say may be
        wrong.

    Raises
    ------
    RefusedQueryError
        Where a name is not known or stands twice, or what it asks for does not exist.
    OtherDatasetError
        Where it names another dataset.
    """
    if len(query) > LONGEST_QUERY:
        raise RefusedQueryError(
            f"The link is longer than {LONGEST_QUERY:,} characters and was not read."
        )
    pairs = [
        (name, text.strip())
        for name, text in parse_qsl(query, keep_blank_values=True, errors="replace")
    ]
    complaints = [*_unknown(name for name, _ in pairs), *_repeated(name for name, _ in pairs)]
    given = {name: text for name, text in pairs if text}
    complaints += _own_complaints(given)
    if not complaints and not dataset.id.startswith(given.get(DATASET, "")):
        raise OtherDatasetError(
            f"The link is of dataset {given[DATASET]}, but dataset {dataset.id[:16]} is served "
            "now. Reload the page, or leave “dataset” out of the link."
        )
    selection, problems = read_query(query, dataset)
    complaints += _sentences(problems, frozenset(ignored))
    if complaints:
        raise RefusedQueryError("\n".join(complaints))
    return ExportQuery(selection, frozenset(given), given.get(BOM) == "1")


def _unknown(given: Iterable[str]) -> list[str]:
    known = names() | OWN_NAMES.keys()
    return [
        f"The link’s “{name[:SHOWN]}” is no name that an export knows{_meant(name)}"
        for name in dict.fromkeys(given)
        if name not in known
    ]


def _meant(name: str) -> str:
    """Return the right name nearest to a wrong one, or all of them."""
    known = sorted(names() | OWN_NAMES.keys())
    spoken = name[:SHOWN].strip().lower().replace("-", "_")
    if spoken in OTHER_WORDS:
        return f"; did you mean “{OTHER_WORDS[spoken]}”?"
    near = get_close_matches(spoken, known, n=1, cutoff=NEAR)
    if near:
        return f"; did you mean “{near[0]}”?"
    return f"; it knows {and_join(known)}."


def _repeated(given: Iterable[str]) -> list[str]:
    return [
        f"The link gives “{name[:SHOWN]}” {count} times; give it once, with commas between several "
        "values."
        for name, count in Counter(given).items()
        if count > 1
    ]


def _own_complaints(given: dict[str, str]) -> list[str]:
    complaints = []
    if given.get(BOM, "0") not in ("0", "1"):
        complaints.append(f"The link’s “{BOM}” is “{given[BOM][:SHOWN]}”; it can be 0 or 1.")
    if DATASET in given and not _SIXTEEN_DIGITS.fullmatch(given[DATASET]):
        complaints.append(
            f"The link’s “{DATASET}” is “{given[DATASET][:SHOWN]}”, which is not the first 16 "
            "digits of a dataset’s id."
        )
    return complaints


def _sentences(problems: Iterable[Problem], ignored: frozenset[str]) -> list[str]:
    return [f"{problem.complaint}." for problem in problems if problem.field not in ignored]
