"""The published dataset: what it consists of and the only code that reads it.

This is the contract between the pipeline, which writes datasets, and everything that reads them;
readers enter the pipeline by this package alone.
"""

from __future__ import annotations

from .crime_types import ANTI_SOCIAL_BEHAVIOUR, CrimeType, type_slug
from .forces import EXCLUDED_SUPPLIERS, Force
from .months import add_months, is_month, month_label, month_number, months_between, period_label
from .reader import DamagedDatasetError, Dataset, DatasetError
from .schema import (
    KM2_PER_SQUARE_MILE,
    MISSING,
    QUARANTINED,
    SUPPLIED,
    UNREADABLE,
    Denominator,
    Layer,
)

__all__ = [
    "ANTI_SOCIAL_BEHAVIOUR",
    "EXCLUDED_SUPPLIERS",
    "KM2_PER_SQUARE_MILE",
    "MISSING",
    "QUARANTINED",
    "SUPPLIED",
    "UNREADABLE",
    "CrimeType",
    "DamagedDatasetError",
    "Dataset",
    "DatasetError",
    "Denominator",
    "Force",
    "Layer",
    "add_months",
    "is_month",
    "month_label",
    "month_number",
    "months_between",
    "period_label",
    "type_slug",
]
