"""``python -m benchmarks.compare RESULT …``: print the counts that all ways agree on."""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path

import numpy as np
import numpy.typing as npt

from data_pipeline.dataset import Dataset


def published_counts(dataset: Path) -> npt.NDArray[np.uint32]:
    """Return the counts of a published dataset in the form that the other ways write."""
    opened = Dataset.open(dataset)
    order = np.argsort(opened.areas["lsoa_code"].to_numpy())
    counts: npt.NDArray[np.uint32] = np.diff(opened.totals, axis=0)[:, :, order]
    return counts


def digest(result: Path) -> str:
    """Return sum and hash of the counts that a way left at `result`."""
    saved = result.with_name(result.name + ".npy")
    counts = np.load(saved) if saved.exists() else published_counts(result)
    content = hashlib.sha256(str(counts.shape).encode() + counts.astype("<u4").tobytes())
    return f"{int(counts.sum(dtype=np.int64)):,} rows counted, SHA-256 {content.hexdigest()[:16]}"


if __name__ == "__main__":
    digests = {name: digest(Path(name)) for name in sys.argv[1:]}
    if len(set(digests.values())) != 1:
        sys.exit(f"The ways do not agree, so nothing can be said of their speed: {digests}")
    ids = {name: Dataset.open(name).id[:16] for name in sys.argv[1:] if Path(name).is_dir()}
    if len(set(ids.values())) > 1:
        sys.exit(f"The counts agree, but the datasets are not the same: {ids}")
    print(next(iter(digests.values())))
