r"""Which force and month the path of a street file names, however it was renamed.

Files of the archive are named like ``2024-01/2024-01-west-mercia-street.csv``. On their way to a
user they become ``2024-01\2024-01-West Mercia-Street (1).CSV``. What such a name says without
doubt is taken; where it says too little, or two different things, the reason is given.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from ..dataset.crime_types import FIRST_MONTH
from ..dataset.forces import EXCLUDED_SUPPLIERS, FORCES
from ..dataset.months import is_month

EXAMPLE = "2024-01-kent-street.csv"
_PATTERN = re.compile(r"(\d{4}-\d{2})-([a-z]+(?:-[a-z]+)*)-street\.csv")
_TABLE_ENDINGS = ("csv", "txt", "tsv")
_OTHER_ENDINGS = ("xlsx", "xls", "xlsm", "ods", "zip", "gz", "bz2", "7z", "parquet", "json")
_COPY = re.compile(r"(^copy of\s+)|([\s_-]*(\(\d+\)|-\s*copy|_copy|\bcopy)[\s_-]*$)")
_MONTH = re.compile(r"(?<!\d)(\d{4})[-_. ]?(\d{2})(?!\d)")
_OTHER_KINDS = ({"outcomes"}, {"stop", "search"})
_SYSTEM = re.compile(r"(^|/)(__macosx/|\._|~\$|\.ds_store$|thumbs\.db$)")
_STYLES = {"police", "constabulary", "service", "force", "the"}
_ALIASES = {
    "hampshire-and-isle-of-wight": "hampshire",
    "british-transport": "btp",
    "northern-ireland": "northern-ireland",
    "of-northern-ireland": "northern-ireland",
    "met": "metropolitan",
}


@dataclass(frozen=True)
class FileName:
    """What a path says of a street file.

    Attributes
    ----------
    month, supplier : str
        ``YYYY-MM`` and the slug of the force; "" where the path does not say.
    fault : str
        Why the file cannot be taken by its name, as the end of a sentence; "" if it can.
    is_table : bool
        Whether it is text in lines, so that its rows may tell what its name does not.
    is_street : bool
        Whether the name says that it is a street file.
    leads_out : bool
        Whether the path leads out of the archive or folder.
    """

    month: str
    supplier: str
    fault: str = ""
    is_table: bool = True
    is_street: bool = True
    leads_out: bool = False


def street_name(path: str) -> tuple[str, str] | None:
    r"""Return the month and supplier that a path names without doubt, or None.

    >>> street_name("2024-01/2024-01-west-mercia-street.csv")
    ('2024-01', 'west-mercia')
    >>> street_name("police\\2024-01\\2024-01-West Mercia-Street (1).CSV")
    ('2024-01', 'west-mercia')
    >>> street_name("2024-02/2024-01-west-mercia-street.csv") is None
    True
    """
    named = read_name(path)
    return (named.month, named.supplier) if named and not named.fault else None


def is_regular(path: str) -> bool:
    """Tell whether a street file is named as the archive names it."""
    return _PATTERN.fullmatch(path.rpartition("/")[2]) is not None


def read_name(path: str) -> FileName | None:
    """Return what a path says of a street file; None for what is another kind of file.

    Parameters
    ----------
    path : str
        Within an archive or folder; parts are separated by slashes of either kind.
    """
    lower = path.replace("\\", "/").lower()
    *folders, name = lower.split("/")
    stem, ending = _stem(name)
    if _SYSTEM.search(lower) or ending not in (*_TABLE_ENDINGS, *_OTHER_ENDINGS):
        return None
    words = set(re.split(r"[^a-z]+", stem))
    if any(kind <= words for kind in _OTHER_KINDS):
        return None
    months = set(_months(stem))
    months |= _nearest_month(folders[-1:] if months else folders)
    supplier = _supplier(name, stem, folders)
    is_street = "street" in words
    leads_out = lower.startswith("/") or ".." in folders or lower[1:2] == ":"
    if leads_out:
        fault = "its path leads out of the archive"
    elif ending in _OTHER_ENDINGS:
        fault = f"it is not a CSV file but ends in .{ending}"
    else:
        fault = _fault(months, supplier, is_street=is_street)
    month = months.pop() if len(months) == 1 else ""
    return FileName(month, supplier, fault, ending in _TABLE_ENDINGS, is_street, leads_out)


def _fault(months: set[str], supplier: str, *, is_street: bool) -> str:
    if len(months) > 1:
        return f"its path names several months ({' and '.join(sorted(months))})"
    if not months:
        return "its name does not say which month it is of"
    if not supplier:
        return "its name does not say which police force it is of"
    return "" if is_street else "its name does not say that it is a street file"


def supplier_slug(text: str) -> str:
    """Return the slug of a police force, however it is styled; "" if there is none of that name.

    >>> supplier_slug("Devon & Cornwall Police"), supplier_slug("Metropolitan Police Service")
    ('devon-and-cornwall', 'metropolitan')
    """
    words = re.findall(r"[a-z]+", text.lower().replace("&", " and "))
    slug = "-".join(word for word in words if word not in _STYLES)
    slug = _ALIASES.get(slug, slug)
    return slug if slug in _SLUGS else ""


_SLUGS = {force.slug for force in FORCES} | EXCLUDED_SUPPLIERS.keys()


def _stem(name: str) -> tuple[str, str]:
    """Return a file's name without its endings and without what copying it added, and the ending.

    >>> _stem("2024-01-kent-street (1).csv.txt")
    ('2024-01-kent-street', 'txt')
    """
    stem, _, ending = name.rpartition(".")
    while stem.rpartition(".")[2] in (*_TABLE_ENDINGS, *_OTHER_ENDINGS):
        stem = stem.rpartition(".")[0]
    before = None
    while stem != before:
        before, stem = stem, _COPY.sub("", stem.strip())
    return stem, ending


def _months(text: str) -> list[str]:
    """Return the months that the police published and that a text names."""
    found = [f"{year}-{number}" for year, number in _MONTH.findall(text)]
    return [month for month in found if is_month(month) and FIRST_MONTH <= month < "2100"]


def _nearest_month(folders: list[str]) -> set[str]:
    """Return the month of the innermost folder that is called after one and nothing else."""
    named = [folder for folder in folders if re.fullmatch(r"\d{4}\D?\d{2}", folder)]
    return set(_months(named[-1])) if named else set()


def _supplier(name: str, stem: str, folders: list[str]) -> str:
    """Return the force that a name says, or else the nearest folder; "" if neither does.

    A name of the archive's own pattern names a supplier even if this version does not know it.
    """
    if regular := _PATTERN.fullmatch(name):
        return supplier_slug(regular[2]) or regular[2]
    texts = [_MONTH.sub(" ", stem).replace("street", " "), *reversed(folders)]
    return next(filter(None, map(supplier_slug, texts)), "")
