"""From raw files to a published dataset.

Each street file is read by one pure function, on any executor; everything that needs more than one
file (repeats, quarantine, axes) is decided afterwards, in order of file name, so that the result
does not depend on timing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pandas as pd

from ..dataset.crime_types import KNOWN_TYPES, CrimeType, crime_type, type_slug
from ..dataset.schema import QUARANTINED, SUPPLIED, UNREADABLE
from ..geography.areas_store import AreasStore
from ..inputs.errors import InputError, examples
from ..police.counts import CountSpool, MonthlyCounts, Pairs
from ..police.crime_ids import IdSpool
from ..police.read import ReadFile
from ..police.results_store import Readings, read_files
from ..police.snap_points import PointSpool, snap_point_table
from ..police.sources import choose_files, open_source
from ..police.street import StreetTally
from ..publish.draft import Draft
from ..publish.facts import FactsStore
from ..publish.swap import check_destination
from ..publish.writer import publish
from ..storage.progress import Stage, Track, silent, untracked
from .accounts import file_accounts, superseded_accounts, unplaced_accounts
from .coverage import coverage_table, coverage_warnings, month_axis
from .geography import Geography, read_geography
from .inputs import Inputs, describe_inputs
from .warnings import era_warnings, file_warnings, row_warnings, unknown_values

THREADS = 2


def build(
    inputs: Inputs,
    out: Path,
    executor: Executor | None = None,
    stage: Stage = silent,
    track: Track = untracked,
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
    track : function of an iterable, its length and what is in it
        Wraps map layers as they are drawn and street files as they are read, for a progress bar.
    cache : Path, optional
        Folder where areas and map layers are kept (see ``prepared.AreasStore``).
    readings : Path, optional
        Folder where the results of reading each file are kept (see ``readings.Readings``), and the
        facts of each month (see ``publish.facts.FactsStore``).
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
        geography = read_geography(inputs, AreasStore(folder), stage, track)
        stage("reading police files")
        kept = Readings(readings, geography.codes, reread=reread) if readings else None
        workers = nullcontext(executor) if executor else ThreadPoolExecutor(THREADS)
        with workers as pool, IdSpool() as ids, PointSpool() as points:
            results = read_files(chosen, geography.codes, pool, kept)
            read = _collect(track(results, len(chosen), "files"), counts, ids, points)
            stage("checking coverage and hashing inputs")
            hashes = aside.submit(describe_inputs, inputs, sources)
            accounts = file_accounts(read, counts, ids.shared(), geography)
            used = (accounts["status"] == SUPPLIED).to_numpy()
            largest = points.largest(used, len(geography.areas))
            unread = [
                *superseded_accounts(superseded, chosen),
                *unplaced_accounts((item for found in sources for item in found.unplaced), chosen),
            ]
        draft = _draft(read, counts, accounts, unread=unread, largest=largest, geography=geography)
        draft.sources.extend(hashes.result())
        facts = _facts_store(draft, readings, reread=reread) if readings else None
        dataset_id = publish(replace(draft, facts_store=facts), out, stage)
    if kept:
        kept.forget_unused()
    if facts:
        facts.forget_unused()
    return dataset_id


def _facts_store(draft: Draft, readings: Path, *, reread: bool) -> FactsStore:
    names = [kind.name for kind in draft.crime_types]
    return FactsStore(readings / "facts", draft.areas["lsoa_code"].tolist(), names, rewrite=reread)


@contextmanager
def _folder(cache: Path | None) -> Iterator[Path]:
    """Yield the cache folder, or one that lasts only as long as the build."""
    if cache is not None:
        yield cache
        return
    with TemporaryDirectory(prefix="crime-atlas-") as temporary:
        yield Path(temporary)


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


def _draft(
    read: Sequence[ReadFile],
    counts: CountSpool,
    accounts: pd.DataFrame,
    *,
    unread: Sequence[dict[str, Any]],
    largest: pd.DataFrame,
    geography: Geography,
) -> Draft:
    full = pd.concat([accounts, pd.DataFrame(unread)], ignore_index=True) if unread else accounts
    territorial = full["status"].isin([SUPPLIED, QUARANTINED, UNREADABLE])
    used = np.flatnonzero(accounts["status"] == SUPPLIED).tolist()
    good = [read[at] for at in used]
    if not good:
        raise InputError(
            "none of the police files can be counted: "
            f"{examples(accounts['file'] + ': ' + accounts['note'])}."
        )
    months = month_axis(full.loc[territorial, "month"])
    coverage = coverage_table(full, months, geography.forces)
    crime_types = type_axis(good, months)
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
