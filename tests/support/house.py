"""Reads the project's own tree: is every room registered, tested and documented? Works on any copy of the tree."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
FLOORS = ("collector", "analysis", "ui")


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder of like rooms, and the file that registers each by one line."""

    path: str
    registrar: str
    parts: tuple[str, ...] = ()  # what lies there and is no room of its own

    @property
    def package(self) -> str:
        """Its dotted name."""
        return self.path.replace("/", ".")


FOLDERS = (
    Folder("collector/sources", "collector/sources/__init__.py"),
    Folder("collector/rankings", "collector/rankings/__init__.py"),
    Folder("analysis/labellers", "analysis/labellers/__init__.py"),
    Folder("ui/plots", "ui/plots/__init__.py"),
    Folder("ui/views", "ui/app.py", parts=("panels",)),
    Folder("ui/commands", "ui/cli.py"),
)


def faults(root: Path = ROOT) -> list[str]:
    """Return one sentence for each room that is unregistered, untested or undocumented."""
    paths = [*(root / "tests").rglob("test_*.py"), *(root / "tests" / "fixtures").rglob("*.py")]
    tests = {path: path.read_text(encoding="utf-8") for path in paths}
    docs = "\n".join(path.read_text(encoding="utf-8") for path in sorted((root / "docs").glob("*.md")))
    found: list[str] = []
    for folder in FOLDERS:
        registered = _named(root / folder.registrar)
        for name in _rooms(root / folder.path, folder.parts):
            room = f"{folder.path}/{name}.py"
            if f"{folder.package}.{name}" not in registered:
                found.append(f"{room} is not registered in {folder.registrar}")
            if not any(_tests(path, text, folder, name) for path, text in tests.items()):
                found.append(f"{room} has no test: write tests/{folder.path.split('/')[0]}/test_{name.strip('_')}.py")
            if not _documented(docs, folder, name):
                found.append(f"{room} is not in docs/: name it in docs/architecture.md")
    return found


def _rooms(folder: Path, parts: tuple[str, ...]) -> Iterator[str]:
    """Yield the names of the modules and packages in a folder; one that starts with _ is a part of another."""
    for path in sorted(folder.iterdir()):
        is_module = path.suffix == ".py" or (path / "__init__.py").is_file()
        if is_module and not path.stem.startswith("_") and path.stem not in parts:
            yield path.stem


def _named(registrar: Path) -> set[str]:
    """Return every dotted module that a file imports or names in a text such as "package.module:Attribute"."""
    named: set[str] = set()
    for node in ast.walk(ast.parse(registrar.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            named.add(node.value.partition(":")[0])
        elif isinstance(node, ast.ImportFrom) and node.module:
            named.add(node.module)
            named |= {f"{node.module}.{alias.name}" for alias in node.names}
        elif isinstance(node, ast.Import):
            named |= {alias.name for alias in node.names}
    return named


def _tests(path: Path, text: str, folder: Folder, name: str) -> bool:
    """Tell whether a test file is about a room: by its own name, or because it imports the room.

    A fixture of the same folder and name is one as well: the contract suite of that folder runs with it.
    """
    if "fixtures" in path.parts:
        return path.parts[-2:] == (folder.path.rpartition("/")[2], f"{name}.py")
    word = name.strip("_")
    floor = folder.path.split("/", maxsplit=1)[0]
    mirrors = floor in path.parts and word in path.stem.removeprefix("test_").split("_")
    dotted = re.escape(f"{folder.package}.{name}")
    imports = rf"^\s*(from|import) {dotted}\b|^\s*from {re.escape(folder.package)} import .*\b{re.escape(name)}\b"
    return mirrors or re.search(imports, text, re.MULTILINE) is not None


def _documented(docs: str, folder: Folder, name: str) -> bool:
    """Tell whether the docs name a room as code: by its file, its folder and name, or as a command."""
    word = re.escape(name.strip("_"))
    if folder.path == "ui/commands":
        return re.search(rf"^## buzz {word}$", docs, re.MULTILINE) is not None
    return re.search(rf"`{re.escape(folder.path)}/{re.escape(name)}(\.py|/)?`", docs) is not None


def long_files(root: Path = ROOT, limit: int = 400) -> list[str]:
    """Return the files of the three floors that have outgrown the limit of lines."""
    files = sorted(path for floor in FLOORS for path in (root / floor).rglob("*.py"))
    sizes = {path: len(path.read_text(encoding="utf-8").splitlines()) for path in files}
    return [f"{path.relative_to(root)}: {size} lines" for path, size in sizes.items() if size > limit]
