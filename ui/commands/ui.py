"""`buzz ui`: serve the app to this machine's browser."""

import signal
import sys
import types
from typing import Annotated

import typer

from collector.errors import BuzzError
from ui import launch
from ui.console import Console
from ui.options import ConfigOption, DbOption, JsonOption, QuietOption
from ui.workspace import Workspace


def ui(
    *,
    port: Annotated[
        int | None, typer.Option(min=1, max=65535, help="The port (else the first free one from 8501).")
    ] = None,
    headless: Annotated[bool, typer.Option("--headless", help="Do not open a browser.")] = False,
    config: ConfigOption = None,
    db: DbOption = None,
    json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Serve the app on this machine until Ctrl-C. It only reads; other machines cannot reach it."""
    workspace = Workspace.open(config, db, default=True)
    raise typer.Exit(serve(workspace, port, headless=headless, console=Console(json=json, quiet=quiet)))


def serve(workspace: Workspace, port: int | None, *, headless: bool, console: Console) -> int:
    """Start the app, say where it is, wait for its end. Returns its exit code; 0 after Ctrl-C or SIGTERM.

    Raises BusyError when the port asked for is taken, BuzzError when the server does not come up.
    """
    chosen = launch.choose_port(port)
    stopped = False

    def stop(_number: int, _frame: types.FrameType | None) -> None:
        nonlocal stopped
        stopped = True
        server.terminate()

    server = launch.start(workspace, chosen)
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, stop)
    try:
        launch.wait_until_ready(server, chosen)
        _announce(chosen, console)
        if not headless and sys.stdout.isatty():
            launch.show(chosen)
        code = server.wait()
    except BuzzError:
        if not stopped:
            raise
        return 0
    finally:
        if server.poll() is None:
            server.terminate()
            server.wait()
    return 0 if stopped else code


def _announce(port: int, console: Console) -> None:
    if console.json:
        console.result({"url": launch.address(port), "port": port}, "")
    else:
        console.say(f"The app is at {launch.address(port)} (Ctrl-C ends it).")
