"""docs/adding-a-platform.md is true: its three pieces, put into a copy of the project, pass the contract suite."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from house import faults

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "adding-a-platform.md"
BLOCK = re.compile(r"^```python (file|line)=(\S+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
REGISTRY_END = "    }\n)"


def pieces() -> list[tuple[str, str, str]]:
    """Return the pieces of the page: whether it is a whole file or a line, of which file, and the text."""
    return [(kind, path, text) for kind, path, text in BLOCK.findall(PAGE.read_text(encoding="utf-8"))]


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the project with the toy put in as the page says."""
    root = tmp_path_factory.mktemp("copy")
    ignored = shutil.ignore_patterns("__pycache__", "*.db*", ".venv", "node_modules")
    for name in ("collector", "analysis", "ui", "tests", "docs"):
        shutil.copytree(ROOT / name, root / name, ignore=ignored)
    shutil.copy(ROOT / "pyproject.toml", root)
    for kind, path, text in pieces():
        target = root / path
        if kind == "file":
            assert not target.exists()
            target.write_text(text, encoding="utf-8")
        else:
            before = target.read_text(encoding="utf-8")
            assert before.count(REGISTRY_END) == 1
            target.write_text(before.replace(REGISTRY_END, text + REGISTRY_END), encoding="utf-8")
    return root


def python(tree: Path, *words: str) -> subprocess.CompletedProcess[str]:
    env = {**os.environ, "PYTHONPATH": str(tree)}
    return subprocess.run(
        [sys.executable, "-m", *words], cwd=tree, env=env, capture_output=True, text=True, check=False
    )


def test_the_page_has_one_file_one_fixture_and_one_line() -> None:
    assert [(kind, path) for kind, path, _ in pieces()] == [
        ("file", "collector/sources/toyblog.py"),
        ("file", "tests/fixtures/sources/toyblog.py"),
        ("line", "collector/sources/__init__.py"),
    ]
    assert len(pieces()[2][2].splitlines()) == 1


def test_the_toy_passes_the_contract_suite(tree: Path) -> None:
    said = python(tree, "pytest", "tests/contracts/test_sources.py", "-q", "-k", "sqlite and toyblog or every_platform")
    assert said.returncode == 0, said.stdout[-3000:]
    assert int(re.search(r"(\d+) passed", said.stdout)[1]) >= 20  # type: ignore[index]
    assert "skipped" not in said.stdout


def test_the_toy_is_a_room_like_the_others(tree: Path) -> None:
    assert [fault for fault in faults(tree) if "toyblog" in fault] == []


def test_the_toy_is_as_clean_as_the_others(tree: Path) -> None:
    files = [path for kind, path, _ in pieces() if kind == "file"]
    checked = python(tree, "ruff", "check", "--no-cache", *files)
    assert checked.returncode == 0, checked.stdout
    formatted = python(tree, "ruff", "format", "--no-cache", "--check", *files)
    assert formatted.returncode == 0, formatted.stdout + formatted.stderr
    typed = python(tree, "mypy", "--cache-dir", str(tree / ".mypy_cache"), files[0])
    assert typed.returncode == 0, typed.stdout


def test_the_toy_can_be_configured_and_its_faults_are_told(tree: Path) -> None:
    code = (
        "from collector.config import parse; from collector.errors import ConfigError\n"
        "print(parse('[sources.toyblog]\\nevery = \"1h\"').sources['toyblog'].address)\n"
        "try:\n    parse('[sources.toyblog]\\nadress = \"x\"')\nexcept ConfigError as fault:\n    print(fault)\n"
    )
    env = {**os.environ, "PYTHONPATH": str(tree)}
    said = subprocess.run([sys.executable, "-c", code], cwd=tree, env=env, capture_output=True, text=True, check=True)
    assert said.stdout.splitlines() == [
        "https://toyblog.example",
        "config.toml line 2: [sources.toyblog] has an unknown key adress; did you mean address?",
    ]
