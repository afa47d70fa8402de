"""Databases to look at, and the app run for a test: in process, and as a server for a real browser."""

import subprocess  # noqa: TC003 - pytest reads the annotations
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import story
from filelock import FileLock
from in_process import InProcess
from loopback import free_port
from streamlit.testing.v1 import AppTest
from typer.testing import CliRunner

from collector.store import Store
from ui import launch
from ui.cli import build
from ui.workspace import Workspace


@pytest.fixture(autouse=True)
def _own_main(monkeypatch: pytest.MonkeyPatch) -> None:
    """Put back what AppTest takes away: it makes its script the main module, which each new process would run."""
    monkeypatch.setitem(sys.modules, "__main__", sys.modules["__main__"])


@pytest.fixture
def buzz(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> InProcess:
    """Run `buzz` in this process: buzz("import", path, folder=tmp_path)."""
    return InProcess(monkeypatch, capfd)


@pytest.fixture(scope="session")
def told(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with config.toml and buzz.db, which hold tests.support.story."""
    folder = tmp_path_factory.mktemp("told")
    story.write(folder)
    return folder


@pytest.fixture(scope="session")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with config.toml and a database without rows."""
    folder = tmp_path_factory.mktemp("empty")
    (folder / "config.toml").write_text(story.config_text(), encoding="utf-8")
    Store.open(f"sqlite:///{folder / 'buzz.db'}").close()
    return folder


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """The folder of `buzz demo`, and its words in told.txt: made once for all workers, which only read it."""
    base = tmp_path_factory.getbasetemp()
    folder = (base if worker_id == "master" else base.parent) / "demo"
    with FileLock(f"{folder}.lock"):
        if not (folder / "told.txt").exists():
            ended = CliRunner().invoke(build(), ["demo", "--no-serve", "--folder", str(folder)])
            assert ended.exit_code == 0, ended.output
            (folder / "buzz.db").symlink_to(folder / "buzzchart.db")
            (folder / "told.txt").write_text(ended.output, encoding="utf-8")
    return folder


RunView = Callable[..., AppTest]


@pytest.fixture
def run_view(monkeypatch: pytest.MonkeyPatch) -> RunView:
    """Run one view over a folder's database, as the app would; the function's name, then the address's parameters."""

    def run(folder: Path, view: str, **address: str) -> AppTest:
        monkeypatch.setenv("BUZZ_CONFIG", str(folder / "config.toml"))
        monkeypatch.setenv("BUZZ_DB", f"sqlite:///{folder / 'buzz.db'}")
        app = AppTest.from_function(_one_view, default_timeout=120, kwargs={"view": view})
        for name, value in address.items():
            app.query_params[name] = value
        return app.run()

    return run


def _one_view(view: str) -> None:
    # this is a script of its own: what it needs it imports itself
    from importlib import import_module  # noqa: PLC0415 - see above

    import streamlit as st  # noqa: PLC0415 - see above

    from ui.app import open_desk  # noqa: PLC0415 - see above

    def opened(what: object) -> None:
        st.session_state["opened"] = what

    show = import_module(f"ui.views.{view}").show
    doors = [opened] if view in {"overview", "title"} else []
    show(open_desk(), *doors)


@pytest.fixture(scope="session")
def serve() -> Iterator[Callable[[Path], str]]:
    """Serve the app over a folder's database; returns its address. All servers end with the tests."""
    running: dict[Path, tuple[str, subprocess.Popen[bytes]]] = {}

    def start(folder: Path) -> str:
        if folder not in running:
            port = free_port()
            workspace = Workspace.open(folder / "config.toml", f"sqlite:///{folder / 'buzz.db'}")
            server = launch.start(workspace, port)
            launch.wait_until_ready(server, port)
            running[folder] = launch.address(port), server
        return running[folder][0]

    yield start
    for _, server in running.values():
        server.terminate()
        server.wait(30)
