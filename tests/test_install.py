"""The wheel, in a clean environment without the dev group, works from an empty folder and stays on the machine."""

import json
import socket
import tomllib
import urllib.request
import zipfile
from http import HTTPStatus
from http.client import HTTPConnection
from pathlib import Path

import pytest
from clean_environment import CleanEnvironment, build_wheel
from house import FLOORS, ROOT
from only import only

from collector.errors import BusyError, ConfigError

pytestmark = [pytest.mark.install, pytest.mark.timeout(300)]

NO_SOURCES = """
[[titles]]
name = "Hellbound"
hashtags = ["Hellbound"]
""" + only("csv")


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_wheel(tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="module")
def clean(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> CleanEnvironment:
    return CleanEnvironment(tmp_path_factory.mktemp("clean"), wheel)


@pytest.fixture
def empty(tmp_path: Path) -> Path:
    folder = tmp_path / "empty"
    folder.mkdir()
    return folder


def _data_files(floor: str) -> set[str]:
    files = (path for path in (ROOT / floor).rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    return {path.relative_to(ROOT).as_posix() for path in files}


def test_the_wheel_holds_every_file_of_the_floors_and_nothing_else(wheel: Path) -> None:
    held = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}
    assert held == {file for floor in FLOORS for file in _data_files(floor)}


def test_the_clean_environment_has_nothing_of_the_dev_group(clean: CleanEnvironment) -> None:
    names = clean.names()
    assert {"buzzchart", "streamlit", "tweepy"} <= names
    assert names & {"pytest", "mypy", "ruff", "hypothesis", "playwright", "pyyaml", "hatchling", "psycopg"} == set()


def test_the_version_is_the_projects(clean: CleanEnvironment, empty: Path) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert clean.run("buzz", "--version", cwd=empty).stdout == f"buzzchart {project['version']}\n"


def test_every_module_can_be_imported_with_what_is_declared(clean: CleanEnvironment, empty: Path) -> None:
    program = (
        "import importlib, pkgutil\n"
        f"for floor in {FLOORS!r}:\n"
        "    package = importlib.import_module(floor)\n"
        "    for found in pkgutil.walk_packages(package.__path__, floor + '.'):\n"
        "        if '.migrations' not in found.name: importlib.import_module(found.name)\n"
    )
    done = clean.run("python", "-W", "ignore", "-c", program, cwd=empty)
    assert done.returncode == 0, done.stderr


def test_init_writes_the_commented_config_and_never_overwrites_one(clean: CleanEnvironment, empty: Path) -> None:
    assert clean.run("buzz", "init", cwd=empty).returncode == 0
    assert (empty / "config.toml").read_bytes() == (ROOT / "config.toml").read_bytes()
    again = clean.run("buzz", "init", cwd=empty)
    assert (again.returncode, again.stderr.count("\n")) == (ConfigError.exit_code, 1)


def test_collect_once_runs_where_nothing_is_enabled(clean: CleanEnvironment, empty: Path) -> None:
    (empty / "config.toml").write_text(NO_SOURCES)
    done = clean.run("buzz", "collect", "--once", cwd=empty)
    assert done.returncode == 0, done.stderr
    assert (empty / "buzzchart.db").is_file()


def test_collect_without_a_config_says_what_to_do(clean: CleanEnvironment, empty: Path) -> None:
    done = clean.run("buzz", "collect", "--once", cwd=empty)
    assert done.returncode == ConfigError.exit_code
    assert done.stderr == "buzz: config.toml is not there: write one with `buzz init`, or name yours with --config\n"


@pytest.fixture(scope="module")
def demo(clean: CleanEnvironment, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which the demo ran; its result lies in result.json."""
    folder = tmp_path_factory.mktemp("demo")
    done = clean.run("buzz", "demo", "--no-serve", "--json", cwd=folder)
    assert done.returncode == 0, done.stderr
    (folder / "result.json").write_text(done.stdout)
    return folder


def test_the_demo_tells_the_three_titles_and_says_that_its_posts_are_invented(demo: Path) -> None:
    result = json.loads((demo / "result.json").read_text())
    assert "invented sample posts" in result["note"]
    assert {title["title"] for title in result["titles"]} == {"All of Us Are Dead", "Squid Game", "Hellbound"}
    assert all("(invented sample posts)" in title["posts"] for title in result["titles"])


def test_the_app_obeys_its_packaged_settings_from_an_empty_folder(clean: CleanEnvironment, demo: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    command = ("buzz", "demo", "--headless", "--port", str(port))
    with clean.running(*command, cwd=demo) as process:
        assert process.stdout is not None
        said = next((line for line in process.stdout if f"127.0.0.1:{port}" in line), "it ended without an address")
        assert f"http://127.0.0.1:{port}" in said
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/_stcore/host-config", timeout=20) as answer:
            policy, settings = answer.headers["Content-Security-Policy"], json.load(answer)
        refused = _upgrade(port, host="rebound.example")
        taken = clean.run("buzz", "ui", "--port", str(port), "--config", "buzzchart-demo/config.toml", cwd=demo)
    assert "default-src 'self'" in policy
    # Streamlit's own: its cloud's addresses, and an address for usage statistics
    assert (settings["allowedOrigins"], settings["metricsUrl"]) == ([], "")
    assert refused == HTTPStatus.FORBIDDEN
    assert taken.returncode == BusyError.exit_code
    assert taken.stderr.startswith(f"buzz: port {port}")


def _upgrade(port: int, *, host: str) -> int:
    """Ask for the app's WebSocket under another name, as a page that rebinds its name would; return the status."""
    connection = HTTPConnection("127.0.0.1", port, timeout=20)
    connection.request(
        "GET",
        "/_stcore/stream",
        headers={
            "Host": host,
            "Connection": "Upgrade",
            "Upgrade": "websocket",
            "Sec-WebSocket-Version": "13",
            "Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAAAA==",
        },
    )
    try:
        return connection.getresponse().status
    finally:
        connection.close()


def test_nothing_left_the_loopback(clean: CleanEnvironment, demo: Path) -> None:
    guarded = "import socket; socket.create_connection(('192.0.2.1', 80), 1)"
    assert clean.run("python", "-c", guarded, cwd=demo).returncode == 1
    assert clean.attempts() == ["look-up of 192.0.2.1"]
