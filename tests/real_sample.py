"""The real sample beside the checkout: where it is, and the inputs of a build of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from data_pipeline.build.inputs import Inputs

SHARED_DATA = Path(__file__).resolve().parents[2] / "shared" / "data"
GEOGRAPHY = SHARED_DATA / "geography"
ARCHIVE_2022 = SHARED_DATA / "police-archive-2022-10.zip"
ARCHIVE = SHARED_DATA / "police-archive-sample.zip"


def real_inputs(*police: Path) -> Inputs:
    """Return the inputs of a build of the real sample; skip the test where it is absent."""
    if not SHARED_DATA.is_dir():
        pytest.skip(f"the real sample is not at {SHARED_DATA}")
    return Inputs(
        police=police or (ARCHIVE_2022, ARCHIVE),
        boundaries=GEOGRAPHY / "lsoa21_boundaries_generalised.parquet",
        population=(
            str(GEOGRAPHY / "lsoa21_population_mid2022.csv"),
            str(GEOGRAPHY / "lsoa21_census2021_residents.csv"),
        ),
        wards=GEOGRAPHY / "lsoa21_ward24_lad24.csv",
        forces=GEOGRAPHY / "lad24_csp24_pfa24.csv",
        lsoa_changes=GEOGRAPHY / "lsoa11_to_lsoa21_exact_fit.csv",
        rural_urban=GEOGRAPHY / "lsoa21_rural_urban_2021.csv",
    )
