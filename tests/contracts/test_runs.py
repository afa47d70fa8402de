"""What runs the project: make sets up once and says what is missing, and CI lets no part of the system be skipped."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from house import ROOT

SKIPPING = """
import pytest
from parts import data_path, lacking

def test_a_part():
    pytest.skip(lacking("Chromium", "chromium-headless-shell"))

def test_a_set():
    data_path("posts/none.tsv")

def test_a_property(record_property):
    record_property("data set seen", "posts/some.tsv")
    record_property("part seen", "Chromium 1.2")
"""


@pytest.fixture
def python(tmp_path: Path) -> Path:
    """A Python of a machine that lacks what FAILS_ON names."""
    fake = tmp_path / "python3"
    fake.write_text('#!/bin/sh\necho "$@" >> python-calls.txt\ncase "$*" in *"$FAILS_ON"*) exit 1;; esac\n')
    fake.chmod(0o755)
    return fake


def _make(folder: Path, python: Path, fails_on: str, target: str = "demo") -> subprocess.CompletedProcess[str]:
    shutil.copy(ROOT / "Makefile", folder)
    command = ["make", "--no-print-directory", target, f"PYTHON={python}"]
    # these tests run under `make test` themselves, whose own variables are not for this make
    inherited = {name: value for name, value in os.environ.items() if name not in {"ARGS", "MAKEFLAGS", "MFLAGS"}}
    environment = inherited | {"FAILS_ON": fails_on}
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=60, check=False)


@pytest.mark.parametrize("target", ["demo", "run", "test", "lint", "bench"])
def test_without_venv_the_package_to_install_is_named(tmp_path: Path, python: Path, target: str) -> None:
    for name in ("requirements.lock", "pyproject.toml", "tests/requirements.lock"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    done = _make(tmp_path, python, "ensurepip", target)
    assert done.returncode != 0
    assert done.stdout == "Python's venv is missing: apt-get install -y python3-venv, then run the same command again\n"
    assert not (tmp_path / ".venv").exists()


def test_a_python_that_is_too_old_is_named(tmp_path: Path, python: Path) -> None:
    (tmp_path / "requirements.lock").touch()
    (tmp_path / "pyproject.toml").touch()
    done = _make(tmp_path, python, "version_info")
    assert done.returncode != 0
    assert done.stdout.startswith("Buzzchart needs Python 3.11 or newer")


def test_what_is_set_up_is_left_alone(tmp_path: Path, python: Path) -> None:
    for name in ("requirements.lock", "pyproject.toml"):
        (tmp_path / name).touch()
    done = tmp_path / ".venv" / "done"
    done.mkdir(parents=True)
    for name in ("venv", "locked", "buzz"):
        (done / name).touch()
    buzz = tmp_path / ".venv" / "bin" / "buzz"
    buzz.parent.mkdir()
    buzz.write_text('#!/bin/sh\necho "buzz $*"\n')
    buzz.chmod(0o755)
    ran = _make(tmp_path, python, "nothing at all")
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, "buzz demo\n", "")
    assert not (tmp_path / "python-calls.txt").exists()


def test_help_names_every_target_for_people() -> None:
    command = ["make", "help"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    named = {line.split()[1] for line in done.stdout.splitlines()}
    assert {"demo", "run", "test", "lint", "bench", "help"} <= named


def _skipping_run(folder: Path, **variables: str) -> str:
    shutil.copy(ROOT / "tests" / "conftest.py", folder)
    (folder / "test_skipping.py").write_text(SKIPPING)
    environment = {name: value for name, value in os.environ.items() if not name.startswith("BUZZ_")} | variables
    support = os.pathsep.join([str(ROOT / "tests" / "support"), str(ROOT)])
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-rs", "-q", "-p", "no:cacheprovider", "--rootdir", folder, folder],
        cwd=folder, env=environment | {"PYTHONPATH": support}, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    return done.stdout


def test_a_missing_part_is_skipped_with_the_command_that_installs_it(tmp_path: Path) -> None:
    said = _skipping_run(tmp_path)
    assert "Chromium is missing: apt-get install -y chromium-headless-shell" in said
    assert "data set posts/none.tsv: BUZZ_DATA does not say where it lies" in said
    assert "1 passed, 2 skipped" in said


def test_in_ci_a_missing_part_fails_and_an_absent_data_set_is_skipped(tmp_path: Path) -> None:
    said = _skipping_run(tmp_path, BUZZ_NO_SKIP="1", BUZZ_DATA=str(tmp_path))
    assert "data set posts/none.tsv is not in the folder that BUZZ_DATA names" in said
    assert "1 failed, 1 passed, 1 skipped" in said


def test_the_closing_lines_tell_the_parts_and_data_sets_seen(tmp_path: Path) -> None:
    said = _skipping_run(tmp_path).splitlines()
    assert f"parts seen: Python {sys.version.split()[0]}, Chromium 1.2" in said
    assert "data sets seen: posts/some.tsv" in said
    assert said[-1].startswith("1 passed")
