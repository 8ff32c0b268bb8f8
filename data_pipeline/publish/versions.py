"""The versions of a dataset that are kept: the current one and those before it."""

from __future__ import annotations

from pathlib import Path

from ..dataset.months import is_month
from ..dataset.reader import Dataset, DatasetError
from ..inputs.errors import InputError
from .swap import versions_folder


def kept_versions(out: Path) -> list[Dataset]:
    """Return the datasets kept in ``OUT.versions``, the newest first; unreadable ones left out."""
    folder = versions_folder(out)
    found = []
    for path in sorted(folder.glob("[!.]*"), key=lambda path: path.stat().st_mtime, reverse=True):
        try:
            found.append(Dataset.open(path))
        except DatasetError:
            continue
    return found


def open_version(name: str, out: Path) -> Dataset:
    """Open a dataset by its directory, its release month, or the beginning of its id.

    Parameters
    ----------
    name : a directory, ``YYYY-MM``, or four or more characters of an id
    out : Path
        The dataset among whose kept versions releases and ids are looked up.

    Raises
    ------
    InputError, DatasetError
        If there is none, or several.
    """
    if Path(name).exists():
        return Dataset.open(name)
    versions = {dataset.id: dataset for dataset in reversed(kept_versions(out))}
    fitting = [
        dataset
        for dataset in versions.values()
        if (dataset.release == name if is_month(name) else dataset.id.startswith(name))
    ]
    if len(fitting) == 1:
        return fitting[0]
    kept = ", ".join(
        f"{dataset.id[:16]} (release {dataset.release})" for dataset in versions.values()
    )
    fault = "several versions kept" if fitting else "no dataset directory and no version kept"
    raise InputError(
        f"{name} is {fault} in {versions_folder(out)}. Give a directory, or the first characters "
        f"of one of: {kept or 'none is kept'}."
    )


def version_before(out: Path) -> Dataset:
    """Return the version that was kept when the current one was swapped in.

    Raises
    ------
    InputError, DatasetError
        If `out` is no dataset, or no version of other content is kept beside it.
    """
    current = Dataset.open(out)
    others = [dataset for dataset in kept_versions(out) if dataset.id != current.id]
    if not others:
        raise InputError(
            f"No earlier version of {out} is kept in {versions_folder(out)}; name two datasets."
        )
    return others[0]
