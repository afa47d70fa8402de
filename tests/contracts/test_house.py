"""The house keeps itself in order: rooms, docs, dependencies, locks and paths, each proven on a spoilt copy too."""

import ast
import re
import shutil
import subprocess
import sys
import tomllib
from importlib import metadata
from importlib.util import find_spec
from itertools import chain
from pathlib import Path

import house
import pytest
from house import FLOORS, ROOT

from collector import config

IGNORED = shutil.ignore_patterns("__pycache__", "*.pyc", ".venv", "fixtures", "gold", "pictures")
LOCKS = ("requirements.lock", "tests/requirements.lock")
# an extra of 456 MB, which nobody should wait for who only wants to run or test Buzzchart
UNLOCKED = {"py4j", "pyspark"}
# an extra for models that we do not ship: nobody needs it to run Buzzchart, and its tests do
TESTED_ONLY = {"onnxruntime", "tokenizers"}
# a machine's own folders; a user's path in an example is written with ~ or without a root
MACHINE_PATH = re.compile(r"(?<![\w.}~$:/])/(?:root|home|work|Users|private)/\w")


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the project's tree that a test may spoil."""
    for folder in (*FLOORS, "tests", "docs"):
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=IGNORED)
    return tmp_path


def _generate_check(root: Path) -> subprocess.CompletedProcess[str]:
    # -P and PYTHONPATH: the copy's modules, never those of the working folder or of the installed project
    return subprocess.run(
        [sys.executable, "-P", root / "docs" / "generate.py", "--check"],
        cwd=root, env={"PYTHONPATH": str(root)}, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip


def _name(requirement: str) -> str:
    """Return a requirement's bare name: "psycopg[binary]>=3.2" is psycopg."""
    found = re.match(r"[A-Za-z0-9._-]+", requirement)
    assert found, requirement
    return re.sub(r"[-_.]+", "-", found[0]).lower()


def _declared(*, dev: bool) -> set[str]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    extras = chain.from_iterable(project["project"]["optional-dependencies"].values())
    developing = project["dependency-groups"]["dev"] if dev else []
    return {_name(part) for part in chain(project["project"]["dependencies"], extras, developing)}


# --- rooms


def test_every_room_is_registered_tested_and_documented() -> None:
    assert house.faults() == []


def test_an_unregistered_source_file_is_found(copy: Path) -> None:
    before = house.faults(copy)
    (copy / "collector/sources/toy.py").write_text('"""Toy: posts about toys."""\n')
    assert [fault for fault in house.faults(copy) if fault not in before] == [
        "collector/sources/toy.py is not registered in collector/sources/__init__.py",
        "collector/sources/toy.py has no test: write tests/collector/test_toy.py",
        "collector/sources/toy.py is not in docs/: name it in docs/architecture.md",
    ]


@pytest.mark.parametrize("folder", house.FOLDERS, ids=lambda folder: folder.path)
def test_a_new_file_is_found_in_each_folder_of_rooms(copy: Path, folder: house.Folder) -> None:
    (copy / folder.path / "seeded_room.py").write_text('"""A room that nobody told of."""\n')
    found = [fault for fault in house.faults(copy) if fault.startswith(f"{folder.path}/seeded_room.py ")]
    assert len(found) == 3


def test_no_file_of_the_floors_is_longer_than_400_lines() -> None:
    assert house.long_files() == []


# --- commands


def test_the_page_of_commands_is_as_the_commands_are() -> None:
    done = _generate_check(ROOT)
    assert done.returncode == 0, done.stderr


def test_an_undocumented_command_is_found(copy: Path) -> None:
    (copy / "ui/commands/toy.py").write_text('def toy() -> None:\n    """Play."""\n')
    cli = copy / "ui/cli.py"
    cli.write_text(cli.read_text().replace("COMMANDS = {", 'COMMANDS = {\n    "toy": "ui.commands.toy:toy",', 1))
    done = _generate_check(copy)
    assert (done.returncode, done.stderr.strip()) == (
        1,
        "docs/commands.md is not as the code is: run `make docs`",
    )


def test_changed_terms_of_a_platform_are_found(copy: Path) -> None:
    source = copy / "collector/sources/mastodon.py"
    source.write_text(source.read_text().replace("once a day for 30 days", "now and then"))
    done = _generate_check(copy)
    assert (done.returncode, done.stderr.strip()) == (1, "docs/terms.md is not as the code is: run `make docs`")


def test_the_page_of_commands_tells_every_exit_code() -> None:
    page = (ROOT / "docs/commands.md").read_text(encoding="utf-8")
    told = {int(code) for code in re.findall(r"^\| (\d+) \|", page, re.MULTILINE)}
    assert told == {0, 1, 2, 3, 4, 5, 6, 7, 75, 130}


# --- config


def test_the_shipped_config_is_the_one_that_init_writes() -> None:
    assert (ROOT / "config.toml").read_bytes() == (ROOT / "collector/default_config.toml").read_bytes()


def test_the_shipped_config_equals_the_defaults_beyond_titles_and_topics() -> None:
    shipped = config.parse(config.template())
    assert shipped.titles
    assert shipped.topics
    assert shipped.model_copy(update={"titles": (), "topics": ()}) == config.Config()


# --- dependencies


def test_each_dependency_is_justified_and_nothing_else_is() -> None:
    page = (ROOT / "docs/dependencies.md").read_text(encoding="utf-8")
    headings = re.findall(r"^### (.+)$", page, re.MULTILINE)
    assert sorted(map(_name, headings)) == sorted(_declared(dev=True))


def test_each_justification_says_something() -> None:
    page = (ROOT / "docs/dependencies.md").read_text(encoding="utf-8")
    texts = re.findall(r"^### (.+)\n([^#]*)", page, re.MULTILINE)
    assert [name for name, text in texts if len(text.split()) < 4] == []


def test_what_the_floors_import_is_declared() -> None:
    owners = metadata.packages_distributions()
    imported = {name for floor in FLOORS for path in (ROOT / floor).rglob("*.py") for name in _imports(path)}
    outside = {name for name in imported if name not in sys.stdlib_module_names and name not in FLOORS}
    undeclared = {
        name for name in outside if not {_name(owner) for owner in owners.get(name, (name,))} & _declared(dev=False)
    }
    assert undeclared == set()


def _imports(path: Path) -> set[str]:
    return _imports_of(ast.parse(path.read_text(encoding="utf-8")))


def _imports_of(tree: ast.Module) -> set[str]:
    found = {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}
    found |= {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.module}
    return {name.partition(".")[0] for name in found}


def test_no_dependency_owns_the_names_of_our_floors() -> None:
    owners = metadata.packages_distributions()
    assert {floor: set(owners.get(floor, ())) - {"buzzchart"} for floor in FLOORS} == {floor: set() for floor in FLOORS}


def test_the_floors_shadow_no_module_of_the_standard_library_or_of_a_dependency() -> None:
    # Streamlit puts the folder of app.py first on the path
    ours = {path.stem for path in (ROOT / "ui").iterdir() if path.suffix == ".py" or (path / "__init__.py").is_file()}
    others = set(sys.stdlib_module_names) | set(metadata.packages_distributions()) - set(FLOORS)
    assert ours & others <= {"__init__"}


def test_the_sentiment_module_is_the_one_that_was_published_with_the_lexicon() -> None:
    # PyPI's vader-multi overwrites the same module and calls a translation service
    assert metadata.packages_distributions()["vaderSentiment"] == ["vaderSentiment"]
    spec = find_spec("vaderSentiment.vaderSentiment")
    assert spec is not None
    assert spec.origin is not None
    tree = ast.parse(Path(spec.origin).read_text(encoding="utf-8"))
    # its demonstration below `if __name__` does fetch translations, and never runs here
    tree.body = [node for node in tree.body if not isinstance(node, ast.If)]
    assert _imports_of(tree) <= set(sys.stdlib_module_names)
    assert metadata.version("vaderSentiment") == "3.3.2"


# --- locks


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_holds_names_versions_and_hashes_and_no_address(lock: str) -> None:
    text = (ROOT / lock).read_text(encoding="utf-8")
    body = "\n".join(line for line in text.splitlines() if not line.lstrip().startswith("#"))
    stripped = re.sub(r"^([a-z0-9.-]+==[\w.!+]+|    --hash=sha256:[0-9a-f]{64})( \\)?$", "", body, flags=re.MULTILINE)
    assert stripped.split() == []
    assert not re.search(r"https?:|file:|\.whl|--|/(?!requirements\.lock)\w", text.replace("--hash=", ""))


@pytest.mark.parametrize("lock", LOCKS)
def test_every_pin_of_a_lock_has_hashes(lock: str) -> None:
    pins = re.split(r"\n(?=[a-z])", (ROOT / lock).read_text(encoding="utf-8"))[1:]
    assert pins
    assert [pin.split()[0] for pin in pins if "--hash=sha256:" not in pin] == []


def test_the_locks_hold_every_dependency_and_agree() -> None:
    running, testing = (dict(_pins(lock)) for lock in LOCKS)
    assert _declared(dev=False) - UNLOCKED - TESTED_ONLY <= set(running)
    assert _declared(dev=True) - UNLOCKED <= set(running) | set(testing)
    assert {name: pin for name, pin in testing.items() if running.get(name, pin) != pin} == {}


def _pins(lock: str) -> list[tuple[str, str]]:
    found = re.findall(r"^([a-z0-9.-]+)==(\S+)", (ROOT / lock).read_text(encoding="utf-8"), re.MULTILINE)
    return [(_name(name), version) for name, version in found]


def test_nothing_that_runs_needs_torch() -> None:
    assert not {name for lock in LOCKS for name, _ in _pins(lock)} & {"torch", "tensorflow", "scikit-learn"}


# --- paths


def _tracked() -> list[Path]:
    if not (ROOT / ".git").exists():
        return [path for folder in (*FLOORS, "tests", "docs") for path in (ROOT / folder).rglob("*") if path.is_file()]
    command = ["git", "ls-files", "-z"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [ROOT / name for name in listed.split("\0") if name and (ROOT / name).is_file()]


def test_no_file_names_a_folder_of_one_machine() -> None:
    found: list[str] = []
    for path in _tracked():
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        found += [f"{path.relative_to(ROOT)}: {match[0]}" for match in MACHINE_PATH.finditer(text)]
    assert found == []


@pytest.mark.parametrize("folder", ["root", "home", "work", "Users"])
@pytest.mark.parametrize("before", ['"', "open('", "PATH=", "see ", "- "])
def test_a_path_of_one_machine_is_recognised(before: str, folder: str) -> None:
    assert MACHINE_PATH.search(f"{before}/{folder}/x")


@pytest.mark.parametrize("text", ["https://example.org/home/x", "~/work/x", "docs/work/x", "$HOME/home/x"])
def test_what_only_looks_like_one_is_not(text: str) -> None:
    assert not MACHINE_PATH.search(text)


def test_tests_are_no_packages() -> None:
    # tests/collector/__init__.py would shadow the real collector
    assert list((ROOT / "tests").rglob("__init__.py")) == []
