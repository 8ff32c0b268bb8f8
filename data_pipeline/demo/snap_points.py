"""The largest map point of every synthetic area."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ..geography.layers import GRID
from ..police.snap_points import snap_point_table
from .geography import Nation

MEAN_POINTS = 17
"""Map points that the rows of an area have, on average."""

USUAL_SHARE = (4.0, 12.0)
"""Shape of the beta distribution of the largest point's share; it adds to an even spread."""
SHARE_IN_CENTRE = 0.25
CENTRE = 0.35
MOST_SHARE = 0.95

STREETS = ("Abbey Road", "Chapel Lane", "Church Street", "Green Lane", "Mill Road", "Park Avenue")
OUTSIDE_CENTRES = ("Parking Area", "Petrol Station", "Sports/Recreation Area", "Supermarket")
IN_CENTRES = ("Shopping Area", "Nightclub", "Bus/Coach Station", "Hospital", "Supermarket")
SHARE_OF_STREETS = 0.6


def draw_snap_points(
    rng: np.random.Generator, nation: Nation, monthly: NDArray[np.uint32]
) -> pd.DataFrame:
    """Draw how much of each area's count sits on its largest point.

    Parameters
    ----------
    nation : Nation
    monthly : uint32 array [months, crime types, areas]

    Returns
    -------
    DataFrame
        Columns ``dataset.SNAP_POINT_COLUMNS``.
    """
    count = monthly.sum(axis=(0, 1), dtype=np.int64)
    points = np.minimum(count, 1 + rng.poisson(MEAN_POINTS - 1, len(count)))
    centre = np.minimum(nation.centrality, 1.0)
    share = rng.beta(*USUAL_SHARE, len(count)) + SHARE_IN_CENTRE * centre
    most = rng.binomial(count, np.minimum(share, MOST_SHARE))
    least = -(-count // np.maximum(points, 1))
    place = gpd.GeoSeries(nation.areas.geometry.representative_point(), crs=GRID).to_crs(4326)
    largest = pd.DataFrame(
        {
            "points": points,
            "largest_count": np.where(points > 1, np.clip(most, least, count - points + 1), count),
            "longitude": place.x.round(6).where(count > 0).to_numpy(),
            "latitude": place.y.round(6).where(count > 0).to_numpy(),
            "location": _locations(rng, nation.centrality, count > 0),
        }
    )
    return snap_point_table(nation.areas["lsoa_code"], count, largest)


def _locations(
    rng: np.random.Generator, centrality: NDArray[np.float64], there: NDArray[np.bool_]
) -> pd.Series:
    """Draw what the police would print for each point, empty where there is none."""
    street = rng.choice(STREETS, len(there))
    outside = np.where(
        rng.random(len(there)) < SHARE_OF_STREETS, street, rng.choice(OUTSIDE_CENTRES, len(there))
    )
    place = np.where(centrality > CENTRE, rng.choice(IN_CENTRES, len(there)), outside)
    names = pd.Series(place, dtype="str")
    return ("On or near " + names).where(there, "")
