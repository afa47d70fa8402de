"""What docs/server.md tells to do works: its SQL as it stands there, the units, the Procfile."""

import configparser
import inspect
import pkgutil
import re
import shlex
import shutil
import subprocess
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from importlib import import_module
from pathlib import Path
from typing import Any

import psycopg
import pytest
import typer
from filling import NOON, Posted, fill
from house import ROOT
from local_postgres import LocalPostgres
from sqlalchemy import text

from analysis import frames
from analysis.frames.posts import PostFilter
from analysis.frames.reader import Reader
from collector.errors import StoreError
from collector.lock import only_collector
from collector.store import Store
from ui.cli import build

PAGE = (ROOT / "docs" / "server.md").read_text(encoding="utf-8")
UNITS = sorted((ROOT / "deploy").glob("*.service"))
# what frames must be given beyond a reader
GIVEN: dict[str, Any] = {
    "source": "x",
    "query": "text",
    "wanted": PostFilter(),
    "title": "Squid Game",
    "sample": 1,
    "names": {"Squid Game": ["squid game"]},
    "since": NOON,
    "until": NOON + timedelta(days=1),
}


@pytest.fixture
def server(postgres: LocalPostgres) -> Iterator[LocalPostgres]:
    """A server on which nobody has set up anything; what the page sets up is gone afterwards."""
    yield postgres
    with postgres._admin() as connection:
        connection.execute("DROP DATABASE IF EXISTS buzzchart WITH (FORCE)")
        connection.execute("DROP ROLE IF EXISTS buzz")
        connection.execute("DROP ROLE IF EXISTS buzz_app")


def address(server: LocalPostgres, role: str) -> str:
    return f"postgresql://{role}:secret@127.0.0.1:{server.port}/buzzchart"


def set_up(server: LocalPostgres) -> None:
    as_administrator, as_owner = re.findall(r"^```sql\n((?:CREATE|GRANT).+?)^```", PAGE, re.MULTILINE | re.DOTALL)
    with server._admin() as connection:
        for statement in as_administrator.strip().split(";\n"):
            connection.execute(statement)
    with psycopg.connect(address(server, "buzz"), autocommit=True) as connection:
        connection.execute(as_owner)


def readings() -> dict[str, Callable[[Reader], Any]]:
    """Return every public function of analysis.frames that takes a reader, by its name."""
    found = {}
    for module in pkgutil.iter_modules(frames.__path__):
        room = import_module(f"{frames.__name__}.{module.name}")
        for name, function in inspect.getmembers(room, inspect.isfunction):
            first = next(iter(inspect.signature(function).parameters), "")
            if function.__module__ == room.__name__ and first == "reader" and not name.startswith("_"):
                found[f"{module.name}.{name}"] = function
    return found


def read(function: Callable[..., Any], reader: Reader) -> Any:  # noqa: ANN401 - whatever it tells
    needed = [
        name
        for name, parameter in list(inspect.signature(function).parameters.items())[1:]
        if parameter.default is parameter.empty and parameter.kind is not parameter.VAR_KEYWORD
    ]
    answer = function(reader, **{name: GIVEN[name] for name in needed if name in GIVEN})
    return list(answer) if inspect.isgenerator(answer) else answer


def test_the_roles_of_the_page_let_the_app_read_everything_and_write_nothing(server: LocalPostgres) -> None:
    set_up(server)
    with Store.open(address(server, "buzz")) as store:
        fill(store, Posted(text="a text with words"), Posted(topics=("dance",)))
    with Reader(address(server, "buzz_app")) as reader:
        answers = {name: read(function, reader) for name, function in readings().items()}
        assert len(answers) >= 15
        assert len(answers["posts.posts"]) == 2
        assert answers["hours.hours"]["posts"].sum() == 2
        with pytest.raises(StoreError, match="read-only"), reader.connected() as connection:
            connection.execute(text("DELETE FROM post"))


def test_the_app_role_cannot_write_by_any_other_door_either(server: LocalPostgres) -> None:
    set_up(server)
    Store.open(address(server, "buzz")).close()
    refused = [
        "INSERT INTO title (name) VALUES ('x')",
        "UPDATE leader SET epoch = 9",
        "DROP TABLE post",
        "CREATE TABLE x ()",
    ]
    with psycopg.connect(address(server, "buzz_app"), autocommit=True) as connection:
        for statement in refused:
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(statement)
        assert connection.execute("SELECT count(*) FROM leader").fetchone() == (0,)


@pytest.mark.parametrize("database_kind", ["postgresql"])
def test_the_page_asks_for_the_leader_in_words_that_the_database_knows(store: Store) -> None:
    query = re.search(r"^SELECT holder.+?;", PAGE, re.MULTILINE)
    assert query
    with only_collector(store) as held, held.reading() as connection:
        [row] = connection.execute(text(query[0])).all()
    assert row.holder.startswith("buzz collect ")
    assert row.epoch == 1
    assert abs(row.since - datetime.now(UTC)) < timedelta(minutes=10)


# --- services


def unit(path: Path) -> configparser.ConfigParser:
    read_unit = configparser.RawConfigParser(strict=False)
    read_unit.optionxform = str  # type: ignore[assignment,method-assign]
    read_unit.read(path, encoding="utf-8")
    return read_unit


def parsed(command: str) -> str:
    """Parse a command as the command line would, without running it; return the name of what would run."""
    program, name, *arguments = shlex.split(command.replace("${PORT:-8501}", "8501"))
    assert Path(program).name == "buzz"
    root = typer.main.get_command(build())
    known = root.commands[name]  # type: ignore[attr-defined]
    known.make_context(name, arguments)
    return name


def test_the_units_start_commands_that_exist() -> None:
    assert [parsed(unit(path)["Service"]["ExecStart"]) for path in UNITS] == ["collect", "ui"]


def test_the_procfile_starts_the_same_commands() -> None:
    lines = (ROOT / "deploy" / "Procfile").read_text(encoding="utf-8").splitlines()
    assert [line.partition(": ")[0] for line in lines] == [parsed(line.partition(": ")[2]) for line in lines]


@pytest.mark.parametrize("path", UNITS, ids=lambda path: path.stem)
def test_a_unit_is_shut_in_and_keeps_its_secrets_elsewhere(path: Path) -> None:
    service = unit(path)["Service"]
    assert (service["DynamicUser"], service["ProtectSystem"], service["Restart"]) == ("yes", "strict", "on-failure")
    assert service["EnvironmentFile"].startswith("/etc/buzzchart/")
    assert "BUZZ_DB=" not in path.read_text(encoding="utf-8").replace("# BUZZ_DB", "")


@pytest.mark.parametrize("path", UNITS, ids=lambda path: path.stem)
def test_systemd_finds_no_fault_with_a_unit(path: Path, tmp_path: Path) -> None:
    analyze = shutil.which("systemd-analyze")
    if analyze is None:
        pytest.skip("systemd-analyze is not installed; the other tests have read the unit")
    here = tmp_path / path.name
    # the program is not installed where the unit looks for it, which is no fault of the unit
    here.write_text(re.sub(r"^ExecStart=\S+", "ExecStart=/bin/true", path.read_text(), flags=re.MULTILINE))
    done = subprocess.run([analyze, "verify", here], capture_output=True, text=True, timeout=60, check=False)
    assert [line for line in (done.stdout + done.stderr).splitlines() if path.name in line] == []
    assert done.returncode == 0
