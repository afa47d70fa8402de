"""Starts the app's server: which port, with which config and database, in a process of its own. No Streamlit here."""

import os
import socket
import subprocess
import sys
import time
import webbrowser

from collector.errors import BusyError, BuzzError
from ui.workspace import Workspace

HOST = "127.0.0.1"
DEFAULT_PORT = 8501
TRIED = 100  # ports after the default one
PATIENCE = 60.0  # seconds until the server must answer


def choose_port(asked: int | None = None) -> int:
    """Return the port asked for, or the first free one from the default on.

    Raises BusyError when the one asked for is taken, or none is free.
    """
    if asked is not None:
        if _is_free(asked):
            return asked
        raise BusyError(f"port {asked} on {HOST} is in use: stop what runs there, or leave --port away for a free one")
    for port in range(DEFAULT_PORT, DEFAULT_PORT + TRIED):
        if _is_free(port):
            return port
    raise BusyError(
        f"the ports {DEFAULT_PORT} to {DEFAULT_PORT + TRIED - 1} on {HOST} are all in use: name one with --port"
    )


def address(port: int) -> str:
    """Return what a reader types into the browser."""
    return f"http://{HOST}:{port}"


def start(workspace: Workspace, port: int) -> subprocess.Popen[bytes]:
    """Start the server and return its process; it ends on SIGINT or SIGTERM."""
    environment = os.environ | {"BUZZ_DB": workspace.url}
    environment.pop("BUZZ_CONFIG", None)
    if workspace.config_path is not None:
        environment["BUZZ_CONFIG"] = str(workspace.config_path.absolute())
    # -P: a folder called "ui" where we are started is not ours
    return subprocess.Popen([sys.executable, "-P", "-m", "ui.server", str(port)], env=environment)


def wait_until_ready(server: subprocess.Popen[bytes], port: int, patience: float = PATIENCE) -> None:
    """Return once the server answers. Raises BuzzError when it ends before, or does not answer in time."""
    import urllib.error  # noqa: PLC0415 - every other command is spared 2 MB of it
    import urllib.request  # noqa: PLC0415 - as above

    deadline = time.monotonic() + patience
    while time.monotonic() < deadline:
        if (code := server.poll()) is not None:
            raise BuzzError(f"the app's server ended with code {code} before it was ready: see what it printed above")
        try:
            # our own address, so no other scheme than http
            with urllib.request.urlopen(f"{address(port)}/healthz", timeout=5) as answer:  # noqa: S310 - see above
                if answer.status == 200:  # noqa: PLR2004 - HTTP's OK
                    return
        except (urllib.error.URLError, TimeoutError, ConnectionError):
            time.sleep(0.05)  # not there yet; the deadline ends this
    server.terminate()
    raise BuzzError(f"the app's server did not answer on {address(port)} within {patience:.0f} s")


def show(port: int) -> None:
    """Open the reader's browser where there is a screen; a text browser would take over the terminal."""
    if sys.platform in {"win32", "darwin"} or os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"):
        webbrowser.open(address(port))


def _is_free(port: int) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        if os.name == "posix":
            # as the server does: a port whose last connections are still closing is free
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except (OSError, OverflowError):
            return False
    return True
