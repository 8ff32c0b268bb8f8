"""The crime types of data.police.uk, and the months in which each one means the same thing.

The categories changed twice, in September 2011 and May 2013. A figure whose period crosses a
change of definition would compare two different things, so every type carries its *eras*: the
spans of months within which it is one and the same category.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

FIRST_MONTH = "2010-12"
SIX_TO_ELEVEN = "2011-09"
ELEVEN_TO_FOURTEEN = "2013-05"
ANTI_SOCIAL_BEHAVIOUR = "Anti-social behaviour"
_LAST_OF_SIX = "2011-08"
_LAST_OF_ELEVEN = "2013-04"
Era = tuple[str, str | None]
_ALWAYS: tuple[Era, ...] = ((FIRST_MONTH, None),)
_FROM_2011: tuple[Era, ...] = ((SIX_TO_ELEVEN, None),)
_FROM_2013: tuple[Era, ...] = ((ELEVEN_TO_FOURTEEN, None),)
_ERAS: dict[str, tuple[Era, ...]] = {
    ANTI_SOCIAL_BEHAVIOUR: _ALWAYS,
    "Bicycle theft": _FROM_2013,
    "Burglary": _ALWAYS,
    "Criminal damage and arson": _FROM_2011,
    "Drugs": _FROM_2011,
    "Other crime": ((FIRST_MONTH, _LAST_OF_SIX), (SIX_TO_ELEVEN, None)),
    "Other theft": ((SIX_TO_ELEVEN, _LAST_OF_ELEVEN), (ELEVEN_TO_FOURTEEN, None)),
    "Possession of weapons": _FROM_2013,
    "Public disorder and weapons": ((SIX_TO_ELEVEN, _LAST_OF_ELEVEN),),
    "Public order": _FROM_2013,
    "Robbery": _ALWAYS,
    "Shoplifting": _FROM_2011,
    "Theft from the person": _FROM_2013,
    "Vehicle crime": _ALWAYS,
    "Violence and sexual offences": _FROM_2013,
    "Violent crime": ((FIRST_MONTH, _LAST_OF_ELEVEN),),
}

KNOWN_TYPES: tuple[str, ...] = tuple(_ERAS)


@dataclass(frozen=True)
class CrimeType:
    """One category of the police files.

    Attributes
    ----------
    slug : str
        Name in links and exports: lower case, hyphens.
    name : str
        Name as the police files print it.
    eras : tuple of (first month, last month or None)
        Spans within which the category means the same thing.
    """

    slug: str
    name: str
    eras: tuple[Era, ...]

    @property
    def is_crime(self) -> bool:
        """Anti-social behaviour is a count of incidents, not of recorded crimes."""
        return self.name != ANTI_SOCIAL_BEHAVIOUR

    def covers(self, first: str, last: str) -> bool:
        """Tell whether the whole period lies inside one era of this category."""
        return any(start <= first and (end is None or last <= end) for start, end in self.eras)


def type_slug(name: str) -> str:
    """Return the slug of a crime type's name.

    >>> type_slug("Violence and sexual offences")
    'violence-and-sexual-offences'
    """
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")


def crime_type(name: str) -> CrimeType:
    """Return the crime type called `name`; one not known here is valid in every month."""
    return CrimeType(type_slug(name), name, _ERAS.get(name, _ALWAYS))
