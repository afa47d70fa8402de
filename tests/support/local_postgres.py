"""A PostgreSQL server for the tests: the real one from the system's package, in a temporary folder, on the loopback."""

import contextlib
import ctypes
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import cached_property
from itertools import count
from pathlib import Path

import psycopg
from parts import program

PACKAGE = "postgresql"
START_SECONDS = 60
PREFIX = "buzz-pg-"
STRATEGIES = 150_000  # PostgreSQL 15: how a template is copied can be chosen
OWNER = "owner"  # the process whose server a folder holds
ROOM = 2 * 1024**3  # bytes; a run needs a tenth of that
# speed only: what is lost in a power cut is a test's database
SETTINGS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "autovacuum": "off",
    "shared_buffers": "64MB",
    "max_connections": "100",
    "listen_addresses": "127.0.0.1",
    "timezone": "UTC",
}


def programs() -> Path | None:
    """Return the folder of initdb and postgres (Debian keeps it off PATH), None when the server is not installed."""
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: float(path.parent.name), reverse=True)
    initdb = program("initdb", folders=tuple(map(str, debian)))
    return initdb.resolve().parent if initdb else None


class LocalPostgres:
    """One running server. `create` makes a database from a template in about 40 ms; `stop` ends it by its pid."""

    def __init__(self, folder: Path, process: subprocess.Popen[bytes], port: int) -> None:
        self.folder = folder
        self.process = process
        self.port = port
        self._numbers = count(1)

    @classmethod
    def start(cls, bin_folder: Path) -> "LocalPostgres":
        """Make a cluster and start its server. Raises RuntimeError with the server's own words when it does not."""
        folder = Path(tempfile.mkdtemp(prefix=PREFIX, dir=_quick_folder()))
        _sweep(folder.parent)
        (folder / OWNER).write_text(str(os.getpid()))
        account = _account()
        if account:
            shutil.chown(folder, account)
        try:
            _run([bin_folder / "initdb", "-D", folder / "data", "-U", "postgres", "-A", "trust", "-E", "UTF8",
                  "--locale=C", "--no-sync", "--no-instructions"], account)  # fmt: skip
            port = _free_port()
            process = _spawn(bin_folder / "postgres", folder, port, account)
            server = cls(folder, process, port)
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise
        try:
            server._wait()
        except BaseException:
            server.stop()
            raise
        return server

    @cached_property
    def version(self) -> str:
        """Return the server's version, such as 15.18."""
        with self._admin() as connection:
            row = connection.execute("SHOW server_version").fetchone()
        return str(row[0]).split()[0] if row else "unknown"

    def url(self, name: str) -> str:
        """Return the address of a database, as a user would write it in config.toml."""
        return f"postgresql://postgres@127.0.0.1:{self.port}/{name}"

    def create(self, template: str = "template0") -> str:
        """Make a database, a copy of the template; return its name."""
        name = f"test_{next(self._numbers)}"
        with self._admin() as connection:
            # a third quicker than by the log, which is the default since it can be chosen; before, files were copied
            strategy = "STRATEGY FILE_COPY" if connection.info.server_version >= STRATEGIES else ""
            connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}" {strategy}')
        return name

    def drop(self, name: str) -> None:
        """Remove a database, also under open connections."""
        with self._admin() as connection:
            connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    def stop(self) -> None:
        """End the server at once and remove its folder."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGQUIT)
            try:
                self.process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    @contextlib.contextmanager
    def _admin(self) -> Iterator[psycopg.Connection]:
        with psycopg.connect(
            host="127.0.0.1", port=self.port, user="postgres", dbname="postgres", autocommit=True
        ) as connection:
            yield connection

    def _wait(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while True:
            try:
                with self._admin():
                    return
            except psycopg.OperationalError as fault:
                if self.process.poll() is not None or time.monotonic() > deadline:
                    said = (self.folder / "log").read_text(errors="replace")[-2000:]
                    raise RuntimeError(f"PostgreSQL did not start: {said}") from fault
                time.sleep(0.05)


def _quick_folder() -> Path | None:
    """Return a folder in memory, where Linux has one with room: a database is made there several times quicker."""
    memory = Path("/dev/shm")  # noqa: S108 - mkdtemp makes a folder of our own in it
    roomy = memory.is_dir() and os.access(memory, os.W_OK) and shutil.disk_usage(memory).free > ROOM
    return memory if roomy else None


def _sweep(parent: Path) -> None:
    """Remove the folders of runs that were killed: their servers ended with them."""
    for owner in parent.glob(f"{PREFIX}*/{OWNER}"):
        try:
            os.kill(int(owner.read_text()), 0)
        except (ProcessLookupError, ValueError):
            shutil.rmtree(owner.parent, ignore_errors=True)
        except (PermissionError, FileNotFoundError):
            continue  # another user's, or swept by another run just now


def _account() -> str | None:
    """Return the account to start the server as: PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return None
    try:
        return pwd.getpwnam("postgres").pw_name
    except KeyError:
        return "nobody"


def _run(command: list[str | Path], account: str | None) -> None:
    done = subprocess.run(command, user=account, cwd="/", capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{command[0]}: {done.stderr.strip()}")


def _spawn(postgres: Path, folder: Path, port: int, account: str | None) -> subprocess.Popen[bytes]:
    settings = [part for key, value in SETTINGS.items() for part in ("-c", f"{key}={value}")]
    with (folder / "log").open("wb") as log:
        return subprocess.Popen(
            [postgres, "-D", folder / "data", "-k", folder, "-p", str(port), *settings],
            user=account, cwd="/", stdin=subprocess.DEVNULL, stdout=log, stderr=log,
            preexec_fn=_end_with_parent(),  # noqa: PLW1509 - it calls prctl only, before any thread of the child
        )  # fmt: skip


def _end_with_parent() -> Callable[[], None] | None:
    """Return what makes Linux end the server when the tests are killed; None elsewhere."""
    if sys.platform != "linux":
        return None
    prctl = ctypes.CDLL(None).prctl
    return lambda: prctl(1, int(signal.SIGQUIT))  # 1: PR_SET_PDEATHSIG


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])
