"""Hashes of files and of what is kept of them."""

from __future__ import annotations

import hashlib
from pathlib import Path

ENTRY_DIGITS = 32


def sha256_of(file: Path) -> str:
    """Return the SHA-256 of a file's content, in hexadecimal digits."""
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def tree_hashes(directory: Path) -> dict[str, str]:
    """Return the SHA-256 of every file below a directory, by its path within it, in order."""
    files = {path.relative_to(directory).as_posix(): path for path in directory.rglob("*")}
    return {name: sha256_of(files[name]) for name in sorted(files) if files[name].is_file()}


def entry_hash(path: Path) -> str:
    """Return a hash of a file, or of all files below a directory and their names."""
    if not path.is_dir():
        return sha256_of(path)[:ENTRY_DIGITS]
    listed = "".join(f"{digest} {name}\n" for name, digest in tree_hashes(path).items())
    return hashlib.sha256(listed.encode()).hexdigest()[:ENTRY_DIGITS]
