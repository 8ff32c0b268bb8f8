"""Put a new version of a dataset in the place of the old one, at once or not at all.

``OUT`` becomes a link to a directory named after the dataset's hash, kept beside it in
``OUT.versions``. Replacing a link is atomic: an interrupted build leaves the old dataset serving,
and a reader that has the old one open keeps it.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path

from ..storage.locks import held, is_free
from .draft import PublishError

PARTIAL = ".partial-"
VERSIONS_KEPT = 2
STALE_AFTER_SECONDS = 24 * 3600


def versions_folder(out: Path) -> Path:
    """Return the folder beside the dataset in which its versions are kept."""
    return out.with_name(out.name + ".versions")


@contextmanager
def new_version(versions: Path) -> Iterator[Path]:
    """Yield a new directory, held until it is done with, and taken away unless it was renamed."""
    with ExitStack() as stack:
        with held(versions):
            partial = Path(tempfile.mkdtemp(prefix=PARTIAL, dir=versions))
            stack.callback(shutil.rmtree, partial, ignore_errors=True)
            stack.enter_context(held(partial))
        yield partial


def check_destination(out: Path) -> None:
    """Raise PublishError unless `out` is free, a dataset, or an empty directory, and writable."""
    place = next(path for path in out.absolute().parents if path.exists())
    if not os.access(place, os.W_OK | os.X_OK):
        raise PublishError(f"{place} cannot be written to. Give --out another directory.")
    if not out.exists() or out.is_symlink():
        return
    if out.is_dir() and ((out / "manifest.json").exists() or not any(out.iterdir())):
        return
    raise PublishError(
        f"{out} exists and is not a Crime Atlas dataset, so it is left alone. "
        "Give --out another directory."
    )


def free_name(versions: Path, name: str) -> Path:
    """Return a path not taken: what is being served now is never replaced in place."""
    final, attempt = versions / name, 1
    while final.exists():
        attempt += 1
        final = versions / f"{name}-{attempt}"
    return final


def point(out: Path, final: Path) -> None:
    """Make `out` a link to a version, in one step."""
    link = out.with_name(f".{out.name}.link")
    link.unlink(missing_ok=True)
    link.symlink_to(final.relative_to(out.parent), target_is_directory=True)
    if out.is_dir() and not out.is_symlink():
        out.rename(final.with_name(f"replaced-{datetime.now(UTC):%Y%m%dT%H%M%S}"))
    link.replace(out)


def forget_old_versions(versions: Path, current: Path) -> None:
    """Keep the newest versions: a running server may still have the previous one open.

    What a killed build left half written goes too: at once, or where the file system has no locks
    as soon as it is too old to belong to a running one.
    """
    current.touch()
    now = current.stat().st_mtime
    others = [path for path in versions.iterdir() if path != current]
    others.sort(key=lambda path: path.stat().st_mtime, reverse=True)
    partial = [path for path in others if path.name.startswith(PARTIAL)]
    finished = [path for path in others if path not in partial]
    stale = [
        path
        for path in partial
        if is_free(path) or now - path.stat().st_mtime > STALE_AFTER_SECONDS
    ]
    for path in [*finished[VERSIONS_KEPT - 1 :], *stale]:
        shutil.rmtree(path, ignore_errors=True)
