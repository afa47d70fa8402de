"""`buzz collect`: the one process with a scheduler."""

import hashlib
import os
import signal
import threading
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from collector.errors import ConfigError
from ui.console import Console
from ui.options import ConfigOption, DbOption, JsonOption, QuietOption
from ui.workspace import Workspace

if TYPE_CHECKING:
    from collector.store import Store

LOOK_SECONDS = 2.0  # how often the config file is looked at


def collect(
    *,
    once: Annotated[bool, typer.Option("--once", help="Run each job once and leave.")] = False,
    config: ConfigOption = None,
    db: DbOption = None,
    json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Gather posts and rankings on the schedule of the config, label them, until Ctrl-C.

    On PostgreSQL several may run: one leads, the others stand by and take over when it ends.
    """
    from collector.lock import only_collector  # noqa: PLC0415 - SQLAlchemy would slow every command's start

    console = Console(json=json, quiet=quiet)
    workspace = Workspace.open(config, db)
    with workspace.store() as store:
        if once:
            with only_collector(store) as held:
                _once(held, workspace, console)
        else:
            _until_stopped(store, workspace, console)


def _once(store: "Store", workspace: Workspace, console: Console) -> None:
    from collector.scheduler import run_once  # noqa: PLC0415 - as above
    from ui.jobs import build  # noqa: PLC0415 - as above

    jobs = build(store, workspace, Console(json=console.json, quiet=console.quiet or console.json))
    outcomes = run_once(store, jobs)
    rows = [{"job": outcome.name, "error": str(outcome.error) if outcome.error else None} for outcome in outcomes]
    failed = [outcome for outcome in outcomes if outcome.error is not None]
    if console.json:
        console.result(rows, "")
    else:
        console.say(f"{len(outcomes) - len(failed)} of {len(outcomes)} jobs went well.")
    if failed and len(failed) == len(outcomes):
        raise typer.Exit(failed[0].error.exit_code if failed[0].error else 1)


def _until_stopped(store: "Store", workspace: Workspace, console: Console) -> None:
    """Run the schedule whenever this collector leads."""
    import ui.jobs  # noqa: F401, PLC0415 - as above; before standing by, so that taking over is quick
    from collector.lock import terms  # noqa: PLC0415 - as above

    stop = _stop_on_signals()
    followed = _Followed(workspace, console)
    with closing(terms(store, stop, console.warn)) as turns:
        for term in turns:
            followed.look()  # it may have changed while another one led
            _schedule(term.store, followed, console, term.over)
    console.say("Collecting has ended; everything gathered is saved.")


def _schedule(store: "Store", followed: "_Followed", console: Console, over: threading.Event) -> None:
    """Run the schedule until the term is over; when the config file changes, start it anew with what it says now."""
    from collector.scheduler import run_schedule  # noqa: PLC0415 - as above
    from ui.jobs import build  # noqa: PLC0415 - as above

    while not over.is_set():
        jobs = build(store, followed.workspace, console)
        console.say(f"Collecting: {', '.join(job.name for job in jobs)}. Ctrl-C ends it.")
        turn = threading.Event()
        watcher = threading.Thread(target=_watch, args=(followed, over, turn), daemon=True)
        watcher.start()
        run_schedule(store, jobs, turn)
        watcher.join()


def _watch(followed: "_Followed", over: threading.Event, turn: threading.Event) -> None:
    """Set `turn` when the term is over or when the config file has changed to another valid one."""
    while not over.wait(LOOK_SECONDS):
        if followed.look():
            break
    turn.set()


class _Followed:
    """The config file, followed as it changes; the database stays the one that is open."""

    def __init__(self, workspace: Workspace, console: Console) -> None:
        self.workspace = workspace
        self._console = console
        self._digest = _digest(workspace.config_path)

    def look(self) -> bool:
        """Take a changed file over; a broken one is told, and the old one goes on."""
        digest = _digest(self.workspace.config_path)
        if digest == self._digest:
            return False
        self._digest = digest
        try:
            self.workspace = Workspace.open(self.workspace.config_path, self.workspace.url)
        except ConfigError as fault:
            self._console.warn(f"the changed config is not taken over, the old one goes on: {fault}")
            return False
        self._console.say(f"{self.workspace.config_path} has changed and is taken over.")
        return True


def _digest(path: Path | None) -> str:
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest() if path else ""
    except OSError:
        return ""  # being replaced this very moment, or gone: the next look tells


def _stop_on_signals() -> threading.Event:
    """Set the event at the first Ctrl-C, so that the job at work is finished; a second one ends at once."""
    stop = threading.Event()

    def on_signal(number: int, _: object) -> None:
        if stop.is_set():
            os._exit(128 + number)  # every page is saved whole or not at all, so nothing can be left half done
        stop.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, on_signal)
    return stop
