"""What a test needs beyond Python packages: programs of the system, and real data found through BUZZ_DATA."""

import os
import shutil
from pathlib import Path

import pytest

DATA_VARIABLE = "BUZZ_DATA"
NO_SKIP_VARIABLE = "BUZZ_NO_SKIP"
MISSING = "is missing: apt-get install -y"
PART, DATA = "part seen", "data set seen"  # user properties of a test, shown in the closing summary


def lacking(part: str, package: str) -> str:
    """Say that a part of the system is not there, and how to get it. tests/conftest.py knows the sentence."""
    return f"{part} {MISSING} {package}"


def program(*names: str, folders: tuple[str, ...] = ()) -> Path | None:
    """Return the first of these programs, on PATH or in one of the folders; None when there is none."""
    searched = os.pathsep.join([os.environ.get("PATH", os.defpath), *folders])
    found = next(filter(None, (shutil.which(name, path=searched) for name in names)), None)
    return Path(found) if found else None


def data_path(name: str) -> Path:
    """Return a set's path below BUZZ_DATA; skips the test, naming the set, where it is absent."""
    folder = os.environ.get(DATA_VARIABLE)
    if not folder:
        pytest.skip(f"data set {name}: {DATA_VARIABLE} does not say where it lies")
    path = Path(folder, name)
    if not path.exists():
        pytest.skip(f"data set {name} is not in the folder that {DATA_VARIABLE} names")
    return path
