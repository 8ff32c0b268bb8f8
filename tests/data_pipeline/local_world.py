"""The tiny country of tiny.py on a local server: archive, boundaries, lookups and population."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from pathlib import Path

import orjson
import pandas as pd
import typer
from click.testing import Result
from typer.testing import CliRunner

from data_pipeline.commands.download import add_commands
from data_pipeline.download.web import Web

from .local_web import Site, arcgis_table, nomis_table
from .tiny import CODES, boundaries, name, row, street, write_inputs

ARCHIVE, LATEST = "/archive/2024-02.zip", "/data/latest.zip"
BOUNDARIES, WARDS = "/boundaries/query", "/wards/query"
FORCES, CHANGES, RURAL, PEOPLE = "/forces/query", "/changes/query", "/rural/query", "/people.csv"
MONTHS = ("2024-01", "2024-02")


def members() -> dict[str, bytes]:
    """Return two months of two forces, with the outcomes files that lie between them."""
    made = {}
    for month in MONTHS:
        for force, code in (("cheshire", CODES[0]), ("kent", CODES[4])):
            rows = [row(f"{force}{month}{at}", code, month=month) for at in range(40)]
            made[f"{month}/{month}-{force}-outcomes.csv"] = b"not wanted\n"
            made[name(force, month)] = street(rows)
    return made


def archive(content: Mapping[str, bytes]) -> bytes:
    """Return a police archive."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as opened:
        for member, data in content.items():
            opened.writestr(zipfile.ZipInfo(member), data, zipfile.ZIP_DEFLATED)
    return stream.getvalue()


def furnish(site: Site, folder: Path) -> Path:
    """Put the tiny country on the server; return the TOML file that names its addresses."""
    inputs = write_inputs(folder / "published")
    shapes = boundaries().to_crs(4326)
    features = orjson.loads(shapes.to_json())["features"]
    site.files[ARCHIVE] = archive(members())
    site.redirects[LATEST] = ARCHIVE
    site.redirects["/data/2024-02.zip"] = ARCHIVE
    site.services = {
        BOUNDARIES: arcgis_table(features),
        WARDS: arcgis_table(_records(inputs.wards)),
        FORCES: arcgis_table(_records(inputs.forces)),
        CHANGES: arcgis_table(_records(inputs.lsoa_changes)),
        RURAL: arcgis_table([{"LSOA21CD": code, "RUC21NM": "Urban"} for code in CODES]),
        PEOPLE: nomis_table(
            [{"GEOGRAPHY_CODE": code, "GEOGRAPHY_NAME": "", "OBS_VALUE": 100} for code in CODES]
        ),
    }
    rows = {BOUNDARIES: 6, WARDS: 6, FORCES: 3, CHANGES: 7, RURAL: 6, PEOPLE: 6}
    roles = {
        "boundaries": BOUNDARIES,
        "wards": WARDS,
        "forces": FORCES,
        "lsoa-changes": CHANGES,
        "rural-urban": RURAL,
        "population": PEOPLE,
    }
    tables = [f'[police]\naddress = "{site.root}/data/{{release}}.zip"\n']
    tables += [
        f'[{role}]\naddress = "{site.root}{path}"\nrows = {rows[path]}\npage_rows = 4\n'
        for role, path in roles.items()
    ]
    file = folder / "sources.toml"
    file.write_text("\n".join(tables))
    return file


def _records(file: Path) -> list[dict[str, str]]:
    return pd.read_csv(file, dtype=str).to_dict("records")


def run(*arguments: str, slept: list[float] | None = None) -> Result:
    """Run a command with a client that does not really sleep."""
    app = typer.Typer(pretty_exceptions_enable=False)
    waits: list[float] = slept if slept is not None else []
    add_commands(app, Web(sleep=waits.append, gap=0))
    return CliRunner().invoke(app, list(arguments), catch_exceptions=False)
