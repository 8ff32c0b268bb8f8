"""The rules of the pipeline once more, as plainly as pandas allows: a check on the fast ones."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import geopandas as gpd
import pandas as pd

from tests.real_sample import GEOGRAPHY

Counts = dict[tuple[str, str], int]


class NaiveCounter:
    """Counts street files of the real sample row by row."""

    def __init__(self) -> None:
        boundaries = gpd.read_parquet(GEOGRAPHY / "lsoa21_boundaries_generalised.parquet")
        boundaries.geometry = boundaries.geometry.make_valid()
        self.shapes = boundaries.to_crs(27700).set_index("LSOA21CD").geometry
        lookup = pd.read_csv(GEOGRAPHY / "lsoa11_to_lsoa21_exact_fit.csv", encoding="utf-8-sig")
        self.children: dict[str, list[str]] = {}
        for parent, child in zip(lookup["LSOA11CD"], lookup["LSOA21CD"], strict=True):
            self.children.setdefault(parent, []).append(child)

    def count(self, archive: Path, member: str) -> tuple[Counts, dict[str, int]]:
        """Return rows by LSOA and crime type, and the row account of one file."""
        with zipfile.ZipFile(archive) as opened:
            table = pd.read_csv(io.BytesIO(opened.read(member)), dtype=str)
        account = {"rows_read": len(table)}
        repeated = table["Crime ID"].notna() & table.duplicated("Crime ID")
        account["duplicate"] = int(repeated.sum())
        table = table[~repeated]
        account["no_lsoa"] = int(table["LSOA code"].isna().sum())
        table = table.dropna(subset=["LSOA code"])
        account["kept"] = len(table)
        account["remapped_2011"] = int((~table["LSOA code"].isin(self.shapes.index)).sum())
        points = gpd.GeoSeries.from_xy(
            table["Longitude"].astype(float), table["Latitude"].astype(float), crs=4326
        ).to_crs(27700)
        counts: Counts = {}
        for code, kind, place in zip(table["LSOA code"], table["Crime type"], points, strict=True):
            key = (self._today(code, place), kind)
            counts[key] = counts.get(key, 0) + 1
        return counts, account

    def _today(self, code: str, place: object) -> str:
        if code in self.shapes.index:
            return code
        family = sorted(self.children[code])
        distances = [self.shapes[child].distance(place) for child in family]
        return family[distances.index(min(distances))]
