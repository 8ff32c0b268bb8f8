"""From raw files to a published dataset.

Each street file is read by one pure function, on any executor; everything that needs more than one
file (repeats, quarantine, axes) is decided afterwards, in order of file name, so that the result
does not depend on timing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from .archive import (
    PoliceSource,
    StreetFile,
    choose_files,
    fingerprint,
    open_source,
)
from .count_spool import CountSpool, MonthlyCounts, Pairs
from .coverage import (
    EXCLUDED,
    SUPERSEDED,
    absurd_files,
    coverage_table,
    coverage_warnings,
    month_axis,
)
from .crime_types import KNOWN_TYPES, CrimeType, crime_type, type_slug
from .dataset import (
    ACCOUNT_COLUMNS,
    QUARANTINED,
    SUPPLIED,
    UNKNOWN_VALUE_COLUMNS,
    UNREADABLE,
)
from .forces import EXCLUDED_SUPPLIERS, Force
from .geography import add_denominators, describe_areas, read_boundaries, read_lsoa_changes
from .geometry import Geometries
from .kept_facts import KeptFacts
from .memory import release_memory
from .population import Population, PopulationFile, read_populations
from .prepared import PreparedAreas, PreparedStore, input_key
from .publish import Draft, check_destination, publish
from .readings import ReadFile, Readings, read_files
from .repeats import IdSpool
from .snap_points import PointSpool, snap_point_table
from .sources import (
    BOUNDARIES,
    FORCE_AREAS,
    LSOA_CHANGES,
    POLICE,
    POPULATION,
    RURAL_URBAN,
    WARDS,
    InputError,
    Source,
    describe_file,
    examples,
    existing_file,
    source_entry,
)
from .street import StreetTally
from .vintage import LsoaCodes, lsoa_codes, reassigned

THREADS = 2

Stage = Callable[[str], None]
Track = Callable[[Iterable[Any], int], Iterable[Any]]


@dataclass(frozen=True)
class Inputs:
    """The files of a build; `population` holds ``FILE`` or ``FILE::Label::YEAR``."""

    police: tuple[Path, ...]
    boundaries: Path
    population: tuple[str, ...]
    wards: Path
    forces: Path
    lsoa_changes: Path
    rural_urban: Path | None = None


@dataclass(frozen=True)
class Geography:
    """The areas with everything known about them, and what LSOA codes mean."""

    areas: pd.DataFrame
    prepared: PreparedAreas
    populations: tuple[Population, ...]
    codes: LsoaCodes
    warnings: list[str]

    @property
    def forces(self) -> tuple[Force, ...]:
        """The forces that have areas, in the order of the areas."""
        return self.prepared.forces

    def residents(self) -> dict[str, float]:
        """Return the people of each force's area, by the first denominator."""
        column = self.populations[0].denominator.column
        return {str(k): float(v) for k, v in self.areas.groupby("force")[column].sum().items()}


def build(
    inputs: Inputs,
    out: Path,
    executor: Executor | None = None,
    stage: Stage = lambda message: None,
    track: Track = lambda items, total: items,
    *,
    cache: Path | None = None,
    readings: Path | None = None,
    reread: bool = True,
) -> str:
    """Build a dataset from raw files and make `out` point to it.

    Parameters
    ----------
    inputs : Inputs
    out : Path
        Where the dataset is to be opened.
    executor : concurrent.futures.Executor, optional
        Reads the street files; threads of this process by default.
    stage : function of a message
        Called as each part starts.
    track : function of an iterable and its length
        Wraps the street files as they are read, for a progress bar.
    cache : Path, optional
        Folder where areas and map layers are kept (see ``prepared.PreparedStore``).
    readings : Path, optional
        Folder where the results of reading each file are kept (see ``readings.Readings``), and the
        facts of each month (see ``kept_facts.KeptFacts``).
    reread : bool
        Read every file and write every month; if False, those not changed since are taken from
        `readings`. The dataset is the same.

    Returns
    -------
    str
        The id of the dataset: equal inputs give equal ids.

    Raises
    ------
    InputError, PublishError
        If an input or the output cannot be used.
    """
    check_destination(out)
    stage("listing police files")
    sources = [open_source(path) for path in inputs.police]
    chosen, superseded = choose_files(sources)
    with _folder(cache) as folder, CountSpool() as counts, ThreadPoolExecutor(1) as aside:
        geography = read_geography(inputs, stage, PreparedStore(folder))
        stage("reading police files")
        kept = Readings(readings, geography.codes, reread=reread) if readings else None
        workers = nullcontext(executor) if executor else ThreadPoolExecutor(THREADS)
        with workers as pool, IdSpool() as ids, PointSpool() as points:
            results = read_files(chosen, geography.codes, pool, kept)
            read = _collect(track(results, len(chosen)), counts, ids, points)
            stage("checking coverage and hashing inputs")
            hashes = aside.submit(describe_inputs, inputs, sources)
            accounts = _accounts(read, counts, ids.shared(), geography)
            used = (accounts["status"] == SUPPLIED).to_numpy()
            largest = points.largest(used, len(geography.areas))
        draft = _draft(
            read, counts, accounts, superseded=superseded, largest=largest, geography=geography
        )
        draft.sources.extend(hashes.result())
        facts = _kept_facts(draft, readings, reread=reread) if readings else None
        dataset_id = publish(replace(draft, kept_facts=facts), out, stage)
    if kept:
        kept.forget_unused()
    if facts:
        facts.forget_unused()
    return dataset_id


def _kept_facts(draft: Draft, readings: Path, *, reread: bool) -> KeptFacts:
    names = [kind.name for kind in draft.crime_types]
    return KeptFacts(readings / "facts", draft.areas["lsoa_code"].tolist(), names, rewrite=reread)


@contextmanager
def _folder(cache: Path | None) -> Iterator[Path]:
    """Yield the cache folder, or one that lasts only as long as the build."""
    if cache is not None:
        yield cache
        return
    with TemporaryDirectory(prefix="crime-atlas-") as temporary:
        yield Path(temporary)


def read_geography(inputs: Inputs, stage: Stage, store: PreparedStore) -> Geography:
    """Read everything that is not a police file; what is in `store` already is taken from it."""
    stage("reading populations")
    populations = read_populations(inputs.population)
    changes = read_lsoa_changes(inputs.lsoa_changes)
    key = input_key(existing_file(file, source) for source, file in area_files(inputs))
    prepared = store.find(key) or prepare_areas(inputs, changes, stage, store, key)
    areas, warnings = add_denominators(prepared.areas, populations)
    codes = lsoa_codes(areas["lsoa_code"], prepared.polygons, changes)
    return Geography(areas, prepared, tuple(populations), codes, warnings)


def prepare_areas(
    inputs: Inputs, changes: pd.DataFrame, stage: Stage, store: PreparedStore, key: str
) -> PreparedAreas:
    """Read boundaries and lookups, draw the map and keep all of it in `store`."""

    def read() -> tuple[gpd.GeoDataFrame, Geometries]:
        stage("reading boundaries")
        boundaries = read_boundaries(inputs.boundaries)
        release_memory()
        stage("joining wards, districts and forces")
        areas = describe_areas(boundaries, inputs.wards, inputs.forces, inputs.rural_urban)
        areas["reassigned"] = reassigned(areas["lsoa_code"], changes)
        codes = lsoa_codes(areas["lsoa_code"], areas.geometry.to_numpy(), changes)
        polygons = np.full(len(areas), None, dtype=object)
        polygons[codes.candidates] = codes.polygons
        return areas, polygons

    prepared = store.keep(key, read, stage)
    release_memory()
    return prepared


def area_files(inputs: Inputs) -> list[tuple[Source, Path]]:
    """Return the files that areas and map are made of."""
    return [
        (BOUNDARIES, inputs.boundaries),
        (WARDS, inputs.wards),
        (FORCE_AREAS, inputs.forces),
        (LSOA_CHANGES, inputs.lsoa_changes),
        *([(RURAL_URBAN, inputs.rural_urban)] if inputs.rural_urban else []),
    ]


def _collect(
    results: Iterable[ReadFile], counts: CountSpool, ids: IdSpool, points: PointSpool
) -> list[ReadFile]:
    """Keep each file's tally, with its arrays moved from memory to the spools."""
    read = []
    nothing = StreetTally(rows_read=0)
    for result in results:
        tally = result.tally
        counts.add(Pairs(tally.type_index, tally.area, tally.count))
        ids.add(tally.ids)
        points.add(tally.points)
        light = replace(
            tally,
            type_index=nothing.type_index,
            area=nothing.area,
            count=nothing.count,
            ids=nothing.ids,
            points=nothing.points,
        )
        read.append(replace(result, tally=light))
    return read


def _accounts(
    read: Sequence[ReadFile],
    counts: CountSpool,
    elsewhere: NDArray[np.int64],
    geography: Geography,
) -> pd.DataFrame:
    """Return the row account of every file read, the absurd ones quarantined."""
    area_force, slugs = pd.factorize(geography.areas["force"])
    own = {slug: at for at, slug in enumerate(slugs)}
    accounts = pd.DataFrame(
        [
            _account(
                item,
                counts.pairs(at),
                int(elsewhere[at]),
                area_force != own.get(item.file.supplier, len(own)),
            )
            for at, item in enumerate(read)
        ],
        columns=list(ACCOUNT_COLUMNS),
    )
    supplied = accounts[accounts["status"] == SUPPLIED]
    reasons = absurd_files(supplied, geography.residents())
    absurd = accounts.index.isin(reasons)
    return accounts.assign(
        quarantined=accounts["kept"].where(absurd, 0),
        kept=accounts["kept"].mask(absurd, 0),
        status=accounts["status"].mask(absurd, QUARANTINED),
        note=accounts["note"].mask(absurd, accounts.index.map(reasons)),
    )


def _account(
    item: ReadFile, pairs: Pairs, shared: int, foreign: NDArray[np.bool_]
) -> dict[str, Any]:
    """Return the account of one file; `foreign` tells which areas are not its supplier's."""
    file, tally = item.file, item.tally
    return {
        "source": file.source.name,
        "file": file.name,
        "month": file.month,
        "supplier": file.supplier,
        "bytes": file.size,
        "rows_read": tally.rows_read,
        "kept": tally.kept,
        "excluded_supplier": tally.rows_read if item.status == EXCLUDED else 0,
        "malformed": tally.malformed,
        "wrong_month": tally.wrong_month,
        "duplicate": tally.duplicate,
        "no_lsoa": tally.no_lsoa,
        "unknown_lsoa": tally.unknown_lsoa,
        "quarantined": 0,
        "out_of_area": int(pairs.count[foreign[pairs.area]].sum()),
        "remapped_2011": tally.remapped_2011,
        "unplaced_2011": tally.unplaced_2011,
        "ids_elsewhere": shared,
        "status": item.status,
        "note": item.note,
    }


def _superseded_account(file: StreetFile) -> dict[str, Any]:
    blank: dict[str, Any] = dict.fromkeys(ACCOUNT_COLUMNS, 0)
    return blank | {
        "source": file.source.name,
        "file": file.name,
        "month": file.month,
        "supplier": file.supplier,
        "bytes": file.size,
        "status": SUPERSEDED,
        "note": "the same force-month in a later --police path is used instead",
    }


def _draft(
    read: Sequence[ReadFile],
    counts: CountSpool,
    accounts: pd.DataFrame,
    *,
    superseded: Sequence[StreetFile],
    largest: pd.DataFrame,
    geography: Geography,
) -> Draft:
    territorial = accounts["status"].isin([SUPPLIED, QUARANTINED, UNREADABLE])
    used = np.flatnonzero(accounts["status"] == SUPPLIED).tolist()
    good = [read[at] for at in used]
    if not good:
        raise InputError(
            "none of the police files can be counted: "
            f"{examples(accounts['file'] + ': ' + accounts['note'])}."
        )
    months = month_axis(accounts.loc[territorial, "month"])
    coverage = coverage_table(accounts, months, geography.forces)
    crime_types = type_axis(good, months)
    replaced = pd.DataFrame(map(_superseded_account, superseded), columns=list(ACCOUNT_COLUMNS))
    full = pd.concat([accounts, replaced], ignore_index=True) if superseded else accounts
    monthly = MonthlyCounts(counts, read, used, months, crime_types, len(geography.areas))
    unknown = unknown_values(read, counts)
    unknown_used = unknown[unknown["file"].isin([item.file.name for item in good])]
    return Draft(
        release=max(item.file.month for item in good),
        months=months,
        crime_types=crime_types,
        forces=geography.forces,
        denominators=tuple(item.denominator for item in geography.populations),
        areas=geography.areas,
        prepared=geography.prepared,
        monthly=monthly,
        coverage=coverage,
        accounts=full.sort_values(["file", "source", "status"], ignore_index=True),
        snap_points=snap_point_table(geography.areas["lsoa_code"], monthly.by_area(), largest),
        unknown_values=unknown,
        warnings=[
            *geography.warnings,
            *file_warnings(full),
            *row_warnings(unknown_used, sum(item.tally.unplaced_2011 for item in good)),
            *era_warnings(read, used, counts),
            *coverage_warnings(coverage, geography.forces),
        ],
    )


def type_axis(read: Sequence[ReadFile], months: Sequence[str]) -> tuple[CrimeType, ...]:
    """Return every crime type found, and those that should exist in the months, by name."""
    found = {name for item in read for name in item.tally.types}
    by_slug = {type_slug(name): name for name in sorted(found, reverse=True)}
    for kind in map(crime_type, KNOWN_TYPES):
        if any(
            start <= months[-1] and (end is None or months[0] <= end) for start, end in kind.eras
        ):
            by_slug[kind.slug] = kind.name
    return tuple(crime_type(name) for name in sorted(by_slug.values()))


def file_warnings(accounts: pd.DataFrame) -> list[str]:
    """Return a sentence for each file that was not used and should have been."""
    lines = []
    for status, phrase in ((UNREADABLE, "cannot be used"), (QUARANTINED, "is set aside")):
        files = accounts[accounts["status"] == status]
        lines += [
            f"{name} {phrase}: {note.rstrip('.')}. It counts as not supplied."
            for name, note in zip(files["file"], files["note"], strict=True)
        ]
    strangers = accounts[
        (accounts["status"] == EXCLUDED) & ~accounts["supplier"].isin(EXCLUDED_SUPPLIERS)
    ]
    for supplier, files in strangers.groupby("supplier"):
        lines.append(
            f"{supplier} is not a known police force: {files['rows_read'].sum():,} rows in "
            f"{len(files):,} files are NOT COUNTED."
        )
    replaced = accounts.loc[accounts["status"] == SUPERSEDED, "file"].sort_values()
    if len(replaced):
        lines.append(
            "Force-months given more than once, where the file in the last --police path counts "
            f"({len(replaced):,}): {examples(replaced)}."
        )
    return lines


def unknown_values(read: Sequence[ReadFile], counts: CountSpool) -> pd.DataFrame:
    """Return the LSOA codes and crime types that are not known, with their rows in each file.

    Returns
    -------
    DataFrame
        Columns ``dataset.UNKNOWN_VALUE_COLUMNS``, in order of file, column and value.
    """
    rows = []
    for at, item in enumerate(read):
        file, codes = item.file, item.tally.unknown_codes
        types = _unknown_types(item.tally.types, counts, at)
        for column, values in (("Crime type", types), ("LSOA code", codes)):
            rows += [
                (file.name, file.month, file.supplier, column, value, values[value])
                for value in sorted(values)
            ]
    return pd.DataFrame(rows, columns=list(UNKNOWN_VALUE_COLUMNS))


def _unknown_types(names: Sequence[str], counts: CountSpool, file: int) -> dict[str, int]:
    strange = [name for name in names if name not in KNOWN_TYPES]
    return _rows_of_types(names, strange, counts, file)


def _rows_of_types(
    names: Sequence[str], wanted: Sequence[str], counts: CountSpool, file: int
) -> dict[str, int]:
    """Return the rows of some of the types of a file."""
    if not wanted:
        return {}
    pairs = counts.pairs(file)
    rows = np.bincount(pairs.type_index, pairs.count, len(names)).astype(int).tolist()
    return {name: rows[names.index(name)] for name in wanted}


def era_warnings(read: Sequence[ReadFile], used: Iterable[int], counts: CountSpool) -> list[str]:
    """Return a sentence if files that count have crime types outside their months."""
    found: dict[str, int] = {}
    for at in used:
        month, names = read[at].file.month, read[at].tally.types
        strange = [name for name in names if not crime_type(name).covers(month, month)]
        for name, rows in _rows_of_types(names, strange, counts, at).items():
            place = f"{name} in {month}"
            found[place] = found.get(place, 0) + rows
    if not found:
        return []
    return [
        f"{sum(found.values()):,} rows carry a crime type outside the months in which it was used; "
        f"they count in the total of all crime only: {examples(sorted(found))}."
    ]


def row_warnings(unknown: pd.DataFrame, unplaced: int) -> list[str]:
    """Return a sentence for each kind of unexpected value among the rows.

    Parameters
    ----------
    unknown : DataFrame
        Columns ``dataset.UNKNOWN_VALUE_COLUMNS``.
    unplaced : rows of split 2011 LSOAs without a usable point
    """
    lines = []
    types = unknown.loc[unknown["column"] == "Crime type", "value"]
    if len(types):
        lines.append(
            f"Crime types not known to this version are kept under their own names: "
            f"{examples(sorted(set(types)))}."
        )
    codes = unknown[unknown["column"] == "LSOA code"].groupby("value")["rows"].sum()
    if len(codes):
        listed = sorted(codes.index, key=lambda code: (-codes[code], code))
        lines.append(
            f"{codes.sum():,} rows carry LSOA codes that are neither in the boundary file "
            f"nor in the 2011 lookup: {examples(listed)}."
        )
    if unplaced:
        lines.append(
            f"{unplaced:,} rows of split 2011 LSOAs have no usable point and are counted in the "
            "descendant with the lowest code."
        )
    return lines


def describe_inputs(inputs: Inputs, sources: Sequence[PoliceSource]) -> list[dict[str, Any]]:
    """Return the manifest entries of every input, each with the hash of its content."""
    police = [
        source_entry(POLICE, source.path.name, *fingerprint(source))
        | {"files": len(source.files), "other_files": source.ignored}
        for source in sources
    ]
    areas = area_files(inputs)
    people = [(POPULATION, PopulationFile.parse(text).path) for text in inputs.population]
    files = [areas[0], *people, *areas[1:]]
    others = [describe_file(file, source) for source, file in files]
    return sorted(police, key=lambda entry: (entry["name"], entry["sha256"])) + others
