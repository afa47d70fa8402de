"""Train the multilingual model anew: BUZZ_DATA=folder python -m analysis.scorers.training [--open] [--to FILE]."""

import argparse
import json
import os
import sys
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from analysis.scorers.head import Head, write
from analysis.scorers.multilingual import WEIGHTS, embedded
from analysis.scorers.training import figures
from analysis.scorers.training.sets import Example, examples
from analysis.scorers.training.train import Choices, numbers, trained

AT_ONCE = 2048  # texts


def main() -> None:
    """Train on all sets that may be learned from, or the open ones alone; print the figures; write the numbers."""
    parser = argparse.ArgumentParser(prog="python -m analysis.scorers.training", description=__doc__)
    parser.add_argument("--open", action="store_true", help="learn from the openly licensed sets alone")
    parser.add_argument("--to", type=Path, help="file to write (default: the packaged one; with --open, none)")
    parser.add_argument("--cache", type=Path, help="folder that keeps what the encoder made, for a second run")
    asked = parser.parse_args()
    data = os.environ.get("BUZZ_DATA")
    if not data:
        sys.exit("BUZZ_DATA names no folder: set it to the folder of labelled sets")
    found = examples(Path(data), only_open=asked.open)
    learned, measured = [one for one in found if not one.measures], [one for one in found if one.measures]
    result = trained(numbers(learned, _embedded(learned, asked.cache), Choices()), Choices())
    told = {
        "measured": figures.measured(result.head, measured, _embedded(measured, asked.cache)),
        "cross-validated": figures.cross_validated(learned, result.unseen),
    }
    print(json.dumps(told, indent=2))  # noqa: T201 - a script
    path = asked.to or (None if asked.open else WEIGHTS)
    if path:
        _written(path, result.head, learned)


def _written(path: Path, head: Head, learned: Sequence[Example]) -> None:
    counts: dict[str, int] = {}
    for one in learned:
        counts[f"{one.name} ({one.language})"] = counts.get(f"{one.name} ({one.language})", 0) + 1
    about = write(path, head, {"learned from": counts})
    print(f"{path.name}: {path.stat().st_size / 1e6:.1f} MB, {about.digest[:12]}")  # noqa: T201 - a script


def _embedded(some: Sequence[Example], cache: Path | None) -> NDArray[np.float32]:
    """Return what the encoder makes of the examples, set by set, out of the cache where it is there."""
    sets: dict[tuple[str, str], list[int]] = {}
    for row, one in enumerate(some):
        sets.setdefault((one.language, one.name), []).append(row)
    numbers: NDArray[np.float32] | None = None
    for rows in sets.values():
        made = _of_set([some[row].text for row in rows], cache)
        if numbers is None:
            numbers = np.empty((len(some), made.shape[1]), dtype=np.float32)
        numbers[rows] = made
    if numbers is None:
        sys.exit("there are no examples to learn from")
    return numbers


def _of_set(texts: Sequence[str], cache: Path | None) -> NDArray[np.float32]:
    digest = sha256("\n".join(texts).encode("utf-8")).hexdigest()
    kept = cache / f"{digest[:16]}.npy" if cache else None
    if kept and kept.exists():
        loaded: NDArray[np.float32] = np.load(kept, allow_pickle=False)
        return loaded
    made = np.concatenate([embedded(texts[at : at + AT_ONCE]) for at in range(0, len(texts), AT_ONCE)])
    if kept:
        np.save(kept, made)
    return made


if __name__ == "__main__":
    main()
