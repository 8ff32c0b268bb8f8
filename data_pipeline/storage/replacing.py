"""Files put in place whole, or not at all."""

from __future__ import annotations

import os
import shutil
from pathlib import Path


def replace_with(file: Path, content: bytes) -> None:
    """Write a file beside its place, then put it there in one step."""
    partial = file.with_name(f"{file.name}.{os.getpid()}.part")
    try:
        partial.write_bytes(content)
        partial.replace(file)
    finally:
        partial.unlink(missing_ok=True)


def link_or_copy(file: Path, target: Path) -> None:
    """Put a file that is never changed at another place too: as a link where that is possible."""
    try:
        os.link(file, target)
    except OSError:
        shutil.copyfile(file, target)
