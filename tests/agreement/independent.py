"""The published figures worked out again from the raw files, without a line of the product.

Plain pandas and the formulas of the guides: what it takes from the product is its answers alone.
"""

from __future__ import annotations

import zipfile
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
from scipy.stats import chi2, norm

NOT_TERRITORIAL = ("btp", "northern-ireland")
ASB = "Anti-social behaviour"
SET_ASIDE = {("dyfed-powys", "2024-02"), ("dyfed-powys", "2024-03")}
"""Files that hold 300 and 164 incidents of a force with half a million residents."""
NEVER = {"greater-manchester"}
"""Its one file in the sample is a stub of August 2022."""
KM2_PER_SQUARE_MILE = 2.589988110336


@dataclass(frozen=True)
class Question:
    """What is asked: forces (slugs; none means all), types (names; none means all crime)."""

    forces: tuple[str, ...]
    types: tuple[str, ...]
    first: str
    last: str

    @property
    def months(self) -> list[str]:
        """Every month from the first to the last."""
        span = pd.period_range(self.first, self.last, freq="M")
        return span.strftime("%Y-%m").tolist()


class Independent:
    """Counts, rates, intervals and ranks of the real sample.

    Parameters
    ----------
    archives : paths of the police archives
    geography : folder of the ONS files
    """

    def __init__(self, archives: tuple[Path, ...], geography: Path) -> None:
        self.archives, self.geography = archives, geography

    @cached_property
    def areas(self) -> pd.DataFrame:
        """One row per LSOA: force (slug), district code and name, people, land in km²."""
        wards = pd.read_csv(self.geography / "lsoa21_ward24_lad24.csv", encoding="utf-8-sig")
        wards = wards.set_index("lsoa21_code")
        names = pd.read_csv(self.geography / "lad24_csp24_pfa24.csv", encoding="utf-8-sig")
        slugs = pd.read_csv(self.geography.parent / "reference" / "forces.csv")
        slug_of = slugs.dropna(subset=["pfa_code"]).set_index("pfa_code")["slug"]
        one_each = names.drop_duplicates("ltla24_code").set_index("ltla24_code")
        force_of = one_each["pfa24_code"].map(slug_of)
        people = pd.read_csv(self.geography / "lsoa21_population_mid2022.csv", encoding="utf-8-sig")
        return pd.DataFrame(
            {
                "force": wards["ltla24_code"].map(force_of),
                "lad": wards["ltla24_code"],
                "people": people.set_index("lsoacd")["population"].reindex(wards.index),
            }
        )

    @cached_property
    def rows(self) -> pd.DataFrame:
        """Every counted row: month, file's force, LSOA of 2021, crime type."""
        tables = []
        for archive in self.archives:
            with zipfile.ZipFile(archive) as opened:
                for member in opened.namelist():
                    stem = Path(member).name.removesuffix("-street.csv")
                    month, supplier = stem[:7], stem[8:]
                    if not member.endswith("-street.csv") or supplier in NOT_TERRITORIAL:
                        continue
                    if supplier in NEVER or (supplier, month) in SET_ASIDE:
                        continue
                    with opened.open(member) as stream:
                        table = pd.read_csv(stream, dtype=str)
                    table = table[table["Crime ID"].isna() | ~table.duplicated("Crime ID")]
                    tables.append(table.assign(month=month, supplier=supplier))
        rows = pd.concat(tables, ignore_index=True).dropna(subset=["LSOA code"])
        rows["lsoa"] = self._today(rows)
        return rows[["month", "supplier", "lsoa", "Crime type"]]

    @cached_property
    def supplied(self) -> set[tuple[str, str]]:
        """Force and month of every file that is counted."""
        pairs = self.rows[["supplier", "month"]].drop_duplicates()
        return set(pairs.itertuples(index=False, name=None))

    @cached_property
    def shapes(self) -> gpd.GeoSeries:
        """The areas in metres."""
        boundaries = gpd.read_parquet(self.geography / "lsoa21_boundaries_generalised.parquet")
        boundaries.geometry = boundaries.geometry.make_valid()
        return boundaries.to_crs(27700).set_index("LSOA21CD").geometry

    def _today(self, rows: pd.DataFrame) -> pd.Series:
        """Return the LSOA of 2021 of each row: of a split one, the child nearest to its point."""
        lookup = pd.read_csv(
            self.geography / "lsoa11_to_lsoa21_exact_fit.csv", encoding="utf-8-sig"
        )
        children = lookup.groupby("LSOA11CD")["LSOA21CD"].agg(sorted)
        codes = rows["LSOA code"].copy()
        for code, part in rows[~codes.isin(self.areas.index)].groupby("LSOA code"):
            points = gpd.GeoSeries.from_xy(
                part["Longitude"].astype(float), part["Latitude"].astype(float), crs=4326
            ).to_crs(27700)
            family = children[code]
            away = np.array([points.distance(self.shapes[child]).to_numpy() for child in family])
            codes.loc[part.index] = np.array(family)[away.argmin(axis=0)]
        return codes

    def complete(self, months: list[str]) -> pd.Series:
        """Return which LSOAs' forces supplied every one of some months."""
        forces = self.areas["force"].unique()
        whole = {force: all((force, m) in self.supplied for m in months) for force in forces}
        return self.areas["force"].map(whole)

    def chosen(self, types: tuple[str, ...]) -> pd.DataFrame:
        """Return the rows of some crime types; none means all but anti-social behaviour."""
        kinds = self.rows["Crime type"]
        return self.rows[kinds.isin(types) if types else kinds != ASB]

    def table(self, question: Question) -> pd.DataFrame:
        """Return count, rate, interval, density and ranks of every LSOA of the nation."""
        rows = self.chosen(question.types)
        rows = rows[rows["month"].isin(question.months)]
        count = rows["lsoa"].value_counts().reindex(self.areas.index, fill_value=0).astype(float)
        count = count.where(self.complete(question.months))
        people = self.areas["people"].astype(float)
        scale = 12_000 / len(question.months)
        low, high = interval(count.to_numpy())
        rate = count / people * scale
        land = self.shapes.area.reindex(self.areas.index) / 1e6 / KM2_PER_SQUARE_MILE
        table = pd.DataFrame(
            {
                "count": count,
                "rate_per_1000": rate,
                "rate_low": low / people * scale,
                "rate_high": high / people * scale,
                "density_per_sq_mile": count / land,
                "rank": rate.rank(method="min", ascending=False),
                "force_rank": rate.groupby(self.areas["force"]).rank(method="min", ascending=False),
            }
        )
        inside = self.areas["force"].isin(question.forces) if question.forces else slice(None)
        return table[inside]

    def series(self, question: Question, months: list[str]) -> pd.DataFrame:
        """Return count and yearly rate of each month, of the forces that supplied it."""
        rows = self.chosen(question.types)
        forces = question.forces or tuple(self.areas["force"].unique())
        found = []
        for month in months:
            there = [force for force in forces if (force, month) in self.supplied]
            areas = self.areas[self.areas["force"].isin(there)]
            count = (rows["lsoa"].isin(areas.index) & (rows["month"] == month)).sum()
            people = areas["people"].sum()
            found.append(
                {
                    "month": month,
                    "count": float(count) if there else np.nan,
                    "rate_per_1000": count * 12_000 / people if there else np.nan,
                    "forces_supplied": len(there),
                    "forces_in_scope": len(forces),
                }
            )
        return pd.DataFrame(found)


def interval(counts: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the 95% interval of counts: Garwood's exact one below ten, Byar's from there on."""
    z = norm.ppf(0.975)
    with np.errstate(divide="ignore", invalid="ignore"):
        low = counts * (1 - 1 / (9 * counts) - z / (3 * np.sqrt(counts))) ** 3
        exact_low = np.where(counts == 0, 0, chi2.ppf(0.025, 2 * counts) / 2)
    more = counts + 1
    high = more * (1 - 1 / (9 * more) + z / (3 * np.sqrt(more))) ** 3
    exact_high = chi2.ppf(0.975, 2 * counts + 2) / 2
    return np.where(counts < 10, exact_low, low), np.where(counts < 10, exact_high, high)
