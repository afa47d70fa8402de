"""`buzz run`: the collector and the app side by side on one machine."""

import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from typing import Annotated

import typer

from collector.errors import BusyError, ConfigError
from ui.console import Console
from ui.options import ConfigOption, DbOption, QuietOption
from ui.workspace import Workspace

FIRST_PAUSE = 1.0  # seconds before a collector that has failed is started again; doubled each time
LONGEST_PAUSE = 60.0
Start = Callable[[], subprocess.Popen[bytes]]
PATIENCE = 30.0  # seconds that a child has for ending by itself
GIVES_UP = {ConfigError.exit_code, BusyError.exit_code}


def run(
    *,
    port: Annotated[int | None, typer.Option(help="The app's port (else the first free one from 8501).")] = None,
    config: ConfigOption = None,
    db: DbOption = None,
    quiet: QuietOption = False,
) -> None:
    """Collect in the background and serve the app, until Ctrl-C ends both."""
    workspace = Workspace.open(config, db)
    with workspace.store():
        pass  # a broken database is told here, once, and the app finds its tables
    stop = threading.Event()
    for name in ("SIGINT", "SIGTERM"):
        signal.signal(getattr(signal, name), lambda *_: stop.set())
    shared = ["--config", str(workspace.config_path), "--db", workspace.url, *(["--quiet"] if quiet else [])]
    app = _start("ui", *shared, *(["--port", str(port)] if port else []))
    code = Supervisor(app, lambda: _start("collect", *shared), Console(quiet=quiet)).watch(stop)
    raise typer.Exit(code)


class Supervisor:
    """Watches the two: a collector that fails is started again, and when the app ends all ends."""

    def __init__(self, app: subprocess.Popen[bytes], start_collector: Start, console: Console) -> None:
        self._app = app
        self._start = start_collector
        self._collector = start_collector()
        self._console = console
        self._pause = FIRST_PAUSE
        self._again_at: float | None = None

    def watch(self, stop: threading.Event) -> int:
        """Wait for Ctrl-C or for an end; then end both. Returns the exit code."""
        code = 0
        while not stop.wait(0.2):
            if (ended := self._app.poll()) is not None:
                code = ended
                break
            if (ended := self._look_after_collector()) is not None:
                code = ended
                break
        for child in (self._collector, self._app):
            _end(child)
        return code

    def _look_after_collector(self) -> int | None:
        """Start a collector that has failed again, a little later each time. Returns a code when that is of no use."""
        code = self._collector.poll()
        if code is None:
            return None
        if code in GIVES_UP:
            return code
        if self._again_at is None:
            self._console.warn(f"the collector has ended with code {code}; it starts again in {self._pause:.0f} s")
            self._again_at = time.monotonic() + self._pause
            self._pause = min(self._pause * 2, LONGEST_PAUSE)
        elif time.monotonic() >= self._again_at:
            self._again_at = None
            self._collector = self._start()
        return None


def _start(*arguments: str) -> subprocess.Popen[bytes]:
    # a group of its own: Ctrl-C reaches this process alone, which then ends its children in order; -P: a folder
    # called "ui" where we are started is not ours
    return subprocess.Popen([sys.executable, "-P", "-m", "ui.cli", *arguments], start_new_session=True)


def _end(child: subprocess.Popen[bytes]) -> None:
    if child.poll() is None:
        child.terminate()
        try:
            child.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
