"""What every test may use: databases, real data, a browser, and a guard that keeps tests off the network."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import settings
from local_postgres import PACKAGE, LocalPostgres, programs
from network_guard import NetworkGuard
from parts import DATA, MISSING, NO_SKIP_VARIABLE, PART, data_path, lacking, program

from collector.store import Store

# no deadline: a busy machine is no fault of the code; fewer examples than by default, since the suite runs often
settings.register_profile("suite", deadline=None, max_examples=40)
settings.load_profile("suite")
CONFIGURING = ("BUZZ_CONFIG", "BUZZ_DB", "BUZZ_X_BEARER_TOKEN")


# --- the surroundings: the same for each test, whoever runs it and where


@pytest.fixture(scope="session", autouse=True)
def network_guard(tmp_path_factory: pytest.TempPathFactory) -> Iterator[NetworkGuard]:
    """Take away the user's own settings and folders, and put the network guard up; started programs inherit them."""
    home = tmp_path_factory.mktemp("home")
    guard = NetworkGuard()
    with pytest.MonkeyPatch.context() as patch:
        for name in CONFIGURING:
            patch.delenv(name, raising=False)
        for name in ("DATA", "CONFIG", "STATE", "CACHE"):
            patch.setenv(f"XDG_{name}_HOME", str(home / name.lower()))
        guard.install(patch)
        yield guard


@pytest.fixture(autouse=True)
def _no_outside_connection(network_guard: NetworkGuard) -> Iterator[None]:
    """Fail a test that tried to leave the loopback, even where its own code caught the refusal."""
    network_guard.taken()
    yield
    if attempts := network_guard.taken():
        pytest.fail("left the loopback: " + "; ".join(attempts))


# --- databases: an SQLite file and a database on a real PostgreSQL, for every test that asks


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite file at today's schema; copying it is quicker than migrating anew."""
    path = tmp_path_factory.mktemp("template") / "buzz.db"
    Store.open(f"sqlite:///{path}").close()
    return path


@pytest.fixture(scope="session")
def postgres() -> Iterator[LocalPostgres]:
    """The process's own PostgreSQL server; skips where its package is not installed."""
    folder = programs()
    if folder is None:
        pytest.skip(lacking("PostgreSQL", PACKAGE))
    server = LocalPostgres.start(folder)
    yield server
    server.stop()


@pytest.fixture(scope="session")
def postgres_template(postgres: LocalPostgres) -> str:
    """The name of a PostgreSQL database at today's schema, to make others from."""
    name = postgres.create()
    Store.open(postgres.url(name)).close()
    return name


@pytest.fixture(params=["sqlite", "postgresql"])
def database_kind(request: pytest.FixtureRequest) -> str:
    """Which of the two databases a test runs on."""
    return str(request.param)


@pytest.fixture
def database_url(
    database_kind: str, tmp_path: Path, request: pytest.FixtureRequest, seen: Callable[[str, str], None]
) -> Iterator[str]:
    """The address of a database of one's own, at today's schema and without rows."""
    if database_kind == "sqlite":
        path = tmp_path / "buzz.db"
        shutil.copy(request.getfixturevalue("sqlite_template"), path)
        yield f"sqlite:///{path}"
        return
    server: LocalPostgres = request.getfixturevalue("postgres")
    seen(PART, f"PostgreSQL {server.version}")
    name = server.create(request.getfixturevalue("postgres_template"))
    yield server.url(name)
    server.drop(name)


@pytest.fixture
def empty_database_url(database_kind: str, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[str]:
    """The address of a database of one's own in which nothing is yet; the SQLite file does not exist."""
    if database_kind == "sqlite":
        yield f"sqlite:///{tmp_path / 'empty.db'}"
        return
    server: LocalPostgres = request.getfixturevalue("postgres")
    name = server.create()
    yield server.url(name)
    server.drop(name)


@pytest.fixture
def store(database_url: str) -> Iterator[Store]:
    """An open store on a database of one's own, on SQLite and on PostgreSQL."""
    with Store.open(database_url) as opened:
        yield opened


# --- parts of the system and real data


@pytest.fixture
def seen(record_property: Callable[[str, object], None]) -> Callable[[str, str], None]:
    """Note a part or a data set that a test used; the closing summary lists them."""
    return record_property


@pytest.fixture
def data_set(seen: Callable[[str, str], None]) -> Callable[[str], Path]:
    """Find a set of real data below BUZZ_DATA: data_set("posts/tv_posts_2021_2022.tsv"). Skips where it is absent."""

    def find(name: str) -> Path:
        path = data_path(name)
        seen(DATA, name)
        return path

    return find


@pytest.fixture(scope="session")
def _chromium() -> tuple[Path, str]:
    # the shell is the same engine without a browser's windows: half the work a page
    path = program("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
    if path is None:
        pytest.skip(lacking("Chromium", "chromium-headless-shell"))
    said = subprocess.run([path, "--version"], capture_output=True, text=True, check=True).stdout
    return path, next(word for word in said.split() if word[0].isdigit())


@pytest.fixture
def chromium(_chromium: tuple[Path, str], seen: Callable[[str, str], None]) -> Path:
    """The path of the system's Chromium, for Playwright's executable_path."""
    seen(PART, f"Chromium {_chromium[1]}")
    return _chromium[0]


# --- the run itself


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Iterator[None]:
    """With BUZZ_NO_SKIP=1 a missing part of the system is a failure; absent data sets still skip."""
    report: pytest.TestReport = yield
    if os.environ.get(NO_SKIP_VARIABLE) == "1" and report.skipped and MISSING in str(report.longrepr):
        report.outcome = "failed"
        report.longrepr = f"{report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr}"
    return report


# each is one long run on one worker: begun last, it would keep the other worker waiting
LONGEST = ("test_browser.py", "test_import_command.py", "test_archive.py", "test_views.py", "test_collect_command.py")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the files that take longest."""
    items.sort(key=lambda item: LONGEST.index(item.path.name) if item.path.name in LONGEST else len(LONGEST))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say which parts and data sets the run saw."""
    found: dict[str, set[str]] = {PART: set(), DATA: set()}
    reports = [report for reports in terminalreporter.stats.values() for report in reports]
    for report in reports:
        for name, value in getattr(report, "user_properties", ()):
            if name in found:
                found[name].add(str(value))
    terminalreporter.write_line(f"parts seen: Python {sys.version.split()[0]}" + _listed(found[PART], start=", "))
    terminalreporter.write_line("data sets seen: " + (_listed(found[DATA]) or "none"))


def _listed(names: set[str], start: str = "") -> str:
    return start + ", ".join(sorted(names)) if names else ""
