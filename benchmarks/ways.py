"""The same counts in several ways, each run in a process of its own.

Every way keeps the same rules: British Transport Police and Northern Ireland are left out, rows
that are no rows, or of another month, or repeat a Crime ID of their file are dropped, 2011 codes
become today's areas, and files that are absurd for their force do not count.

pandas reads the archive as anybody would, member by member. DuckDB cannot read one without an
extension from elsewhere, so it reads files that were extracted before the clock started. Both are
given what codes mean and where split points lie as ready tables; the pipeline reads the archive,
works both out from the boundaries and lookups (or its cache of them), and publishes the whole
dataset.

``python -m benchmarks.ways NAME FOLDER RESULT`` writes uint32 counts [months, types, areas] to
RESULT.npy: months and types in alphabetical order, areas in order of code.
"""

from __future__ import annotations

import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

EXCLUDED = ("btp", "northern-ireland")
COLUMNS = ["Crime ID", "Month", "Longitude", "Latitude", "LSOA code", "Crime type"]


def pipeline(folder: Path, result: Path) -> None:
    """Build and publish the dataset, areas and map layers taken from the cache."""
    _published(folder, result, folder / "cache")


def pipeline_first(folder: Path, result: Path) -> None:
    """Build and publish the dataset, with nothing kept from an earlier build."""
    _published(folder, result, None)


def _published(folder: Path, result: Path, cache: Path | None) -> None:
    from data_pipeline.build.build import build  # noqa: PLC0415 - each way imports only what it needs

    from .nation import inputs  # noqa: PLC0415

    build(inputs(folder / "geography", folder / "archive.zip"), result, cache=cache)


def add(folder: Path, result: Path) -> None:
    """Add the last month to a dataset of those before it, and compare the two, as ``add`` does."""
    from data_pipeline.commands.update import bring_up_to_date  # noqa: PLC0415

    from .measure import own_cache  # noqa: PLC0415

    with own_cache(folder):
        bring_up_to_date(result, {"police": (folder / "archive.zip",)})


def pandas(folder: Path, result: Path) -> None:
    """Count with read_csv, concat and groupby, straight from the archive."""
    import pandas as pd  # noqa: PLC0415

    tables = []
    with zipfile.ZipFile(folder / "archive.zip") as archive:
        for name in sorted(archive.namelist()):
            month, supplier = name[8:15], name[16:-11]
            if not name.endswith("-street.csv") or supplier in EXCLUDED:
                continue
            with archive.open(name) as file:
                table = pd.read_csv(file, usecols=COLUMNS, dtype=str, on_bad_lines="skip")
            table = table[table["Crime type"].notna() & (table["Month"] == month)]
            repeated = table["Crime ID"].notna() & table["Crime ID"].duplicated()
            tables.append(table[~repeated].assign(supplier=supplier))
    rows = pd.concat(tables, ignore_index=True)
    codes = pd.read_parquet(folder / "geography" / "codes.parquet")
    points = pd.read_parquet(folder / "geography" / "split_points.parquet")
    rows = rows.merge(
        codes[["code", "area", "force"]], "left", left_on="LSOA code", right_on="code"
    )
    rows = rows.merge(
        points.rename(columns={"area": "split", "force": "split_force"}),
        "left",
        left_on=["LSOA code", "Longitude", "Latitude"],
        right_on=["code", "longitude", "latitude"],
    )
    rows["area"] = rows["area"].fillna(rows["split"])
    rows["outside"] = rows["force"].fillna(rows["split_force"]) != rows["supplier"]
    files = rows.groupby(["Month", "supplier"]).agg(
        incidents=("Month", "size"), located=("area", "count")
    )
    located = rows[rows["area"].notna()]
    files["outside"] = located.groupby(["Month", "supplier"])["outside"].sum()
    absurd = _absurd(files.reset_index(), codes)
    located = located[~pd.MultiIndex.from_frame(located[["Month", "supplier"]]).isin(absurd)]
    counts = located.groupby(["Month", "Crime type", "area"]).size().reset_index(name="count")
    _save(counts, codes, result)


def duckdb(folder: Path, result: Path) -> None:
    """Count in SQL, with two threads."""
    import duckdb as engine  # noqa: PLC0415
    import pandas as pd  # noqa: PLC0415

    geography = folder / "geography"
    database = engine.connect(config={"threads": 2})
    database.execute(
        DUCKDB_ROWS.format(
            files=folder / "extracted" / "*" / "*-street.csv",
            codes=geography / "codes.parquet",
            points=geography / "split_points.parquet",
        )
    )
    codes = pd.read_parquet(geography / "codes.parquet")
    absurd = _absurd(database.execute(DUCKDB_FILES).df(), codes)
    database.register("absurd", pd.DataFrame(absurd, columns=["month", "supplier"]))
    _save(database.execute(DUCKDB_COUNTS).df(), codes, result)


DUCKDB_ROWS = """
CREATE TEMP TABLE counted AS
WITH printed AS (
  SELECT "Crime ID" AS id, "Month" AS month, "Longitude" AS longitude, "Latitude" AS latitude,
         "LSOA code" AS code, "Crime type" AS kind,
         regexp_extract(filename, '([0-9-]{{7}})-([a-z-]+)-street', 1) AS file_month,
         regexp_extract(filename, '([0-9-]{{7}})-([a-z-]+)-street', 2) AS supplier
  FROM read_csv('{files}', header = true, delim = ',', quote = '"', all_varchar = true,
                ignore_errors = true, filename = true)
), whole AS (
  SELECT *, row_number() OVER () AS place FROM printed
  WHERE kind IS NOT NULL AND month = file_month AND supplier NOT IN ('btp', 'northern-ireland')
), repeated AS (
  SELECT id, month, supplier, min(place) AS first FROM whole WHERE id IS NOT NULL
  GROUP BY id, month, supplier HAVING count(*) > 1
), incidents AS (
  SELECT whole.* FROM whole LEFT JOIN repeated USING (id, month, supplier)
  WHERE first IS NULL OR place = first
)
SELECT month, supplier, kind, coalesce(codes.area, points.area) AS area,
       coalesce(codes.force, points.force) AS force, count(*) AS rows
FROM incidents
LEFT JOIN '{codes}' AS codes USING (code)
LEFT JOIN '{points}' AS points USING (code, longitude, latitude)
GROUP BY ALL
"""
DUCKDB_FILES = """
SELECT month AS "Month", supplier, sum(rows) AS incidents,
       coalesce(sum(rows) FILTER (area IS NOT NULL), 0) AS located,
       coalesce(sum(rows) FILTER (area IS NOT NULL AND force <> supplier), 0) AS outside
FROM counted GROUP BY ALL ORDER BY ALL
"""
DUCKDB_COUNTS = """
SELECT month AS "Month", kind AS "Crime type", area, sum(rows) AS count
FROM counted ANTI JOIN absurd USING (month, supplier) WHERE area IS NOT NULL GROUP BY ALL
"""


def _absurd(files: Any, codes: Any) -> list[tuple[str, str]]:
    """Return the month and supplier of each absurd file.

    Parameters
    ----------
    files : DataFrame of Month, supplier, incidents, located, outside
    codes : DataFrame of force, residents
    """
    residents = codes.groupby("force")["residents"].sum()
    found = []
    for supplier, own in files.groupby("supplier"):
        for at, file in own.iterrows():
            others = own["incidents"].drop(at)
            few = 0.1 * others.median() if len(others) >= 6 else residents.get(supplier, 0) / 1000
            if (
                file["located"] == 0
                or file["incidents"] < few
                or file["outside"] > 0.5 * file["located"]
            ):
                found.append((file["Month"], supplier))
    return found


def _save(counts: Any, codes: Any, result: Path) -> None:
    """Write counts in long form as an array."""
    months, month = np.unique(counts["Month"].to_numpy(dtype=str), return_inverse=True)
    kinds, kind = np.unique(counts["Crime type"].to_numpy(dtype=str), return_inverse=True)
    array = np.zeros((len(months), len(kinds), codes["area"].max() + 1), dtype=np.uint32)
    array[month, kind, counts["area"].to_numpy(dtype=np.intp)] = counts["count"].to_numpy()
    np.save(result.with_name(result.name + ".npy"), array)


WAYS: dict[str, Callable[[Path, Path], None]] = {
    way.__name__: way for way in (pipeline, pipeline_first, add, pandas, duckdb)
}

if __name__ == "__main__":
    WAYS[sys.argv[1]](Path(sys.argv[2]), Path(sys.argv[3]))
