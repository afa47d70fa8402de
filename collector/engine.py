"""Opens the database: SQLite or PostgreSQL, for writing or for reading only."""

import logging
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.engine.url import URL
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, OperationalError
from sqlalchemy.pool import QueuePool

from collector.errors import StoreError

BUSY_SECONDS = 30
CONNECT_SECONDS = 10
# it tells of each connection that broke in its hands, which our own sentence tells as well
logging.getLogger("psycopg").setLevel(logging.ERROR)
READS = "buzz_reads"  # the execution option of a connection that will only read
# a server that vanished without a word (power, cable, firewall) is noticed within seconds, not after the system's hours
KEEPALIVE = {
    "keepalives": 1,
    "keepalives_idle": 3,  # seconds
    "keepalives_interval": 1,  # seconds
    "keepalives_count": 3,
    "tcp_user_timeout": 6000,  # milliseconds; where the system has no such thing it is passed over
}


def open_engine(url: str, *, read_only: bool = False, name: str = "buzz") -> Engine:
    """Return an engine for this address; no connection is made yet. Raises StoreError for an address of no use.

    With read_only the database itself refuses to write: SQLite's mode=ro, PostgreSQL's read-only transactions.
    `name` is what PostgreSQL shows as each connection's application_name, at most 63 ASCII characters.
    """
    address = _address(url)
    if address.get_backend_name() == "sqlite":
        return _sqlite(address, read_only=read_only)
    # compiling a statement takes it 50 ms and more, which none of ours wins back
    options = "-c timezone=UTC -c jit=off" + (" -c default_transaction_read_only=on" if read_only else "")
    settings = {"connect_timeout": CONNECT_SECONDS, "application_name": name, **KEEPALIVE}
    given = {key: value for key, value in settings.items() if key not in address.query}
    try:
        return create_engine(address, connect_args={**given, "options": options}, pool_pre_ping=True)
    except ModuleNotFoundError as fault:
        raise StoreError("PostgreSQL needs the extra: pip install 'buzzchart[postgres]'") from fault


def _address(url: str) -> URL:
    try:
        address = make_url(url)
    except ArgumentError as fault:
        raise StoreError("[store] url is not a database address such as sqlite:///buzzchart.db") from fault
    if address.drivername == "postgresql":
        address = address.set(drivername="postgresql+psycopg")
    if address.get_backend_name() not in {"sqlite", "postgresql"}:
        raise StoreError(f"[store] url names {address.get_backend_name()}; SQLite and PostgreSQL are supported")
    return address


def _sqlite(address: URL, *, read_only: bool) -> Engine:
    path = Path(address.database or "")
    if read_only and not path.is_file():
        raise StoreError(f"{path} is not there yet: collect something first (`buzz collect --once` or `buzz import`)")

    def connect() -> sqlite3.Connection:
        uri = f"{path.absolute().as_uri()}?mode={'ro' if read_only else 'rwc'}"
        return sqlite3.connect(uri, uri=True, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False)

    engine = create_engine("sqlite://", creator=connect, pool_size=5, max_overflow=20, poolclass=QueuePool)
    event.listen(engine, "connect", _read_pragmas if read_only else _write_pragmas)
    if not read_only:
        event.listen(engine, "begin", _begin)
    return engine


def _begin(connection: Connection) -> None:
    # with the default BEGIN, writers that started as readers fail with "database is locked" whatever the time-out
    reads = connection.get_execution_options().get(READS, False)
    connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")


def _read_pragmas(connection: sqlite3.Connection, _: object) -> None:
    connection.execute("PRAGMA query_only = ON")


def _write_pragmas(connection: sqlite3.Connection, _: object) -> None:
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = NORMAL")
    connection.execute("PRAGMA foreign_keys = ON")


@contextmanager
def reporting(url: str) -> Iterator[None]:
    """Turn the driver's errors into one sentence that names the database (its password masked)."""
    try:
        yield
    except NoSuchModuleError as fault:
        raise StoreError("PostgreSQL needs the extra: pip install 'buzzchart[postgres]'") from fault
    except DBAPIError as fault:
        raise StoreError(_sentence(url, fault)) from fault


def shown_address(url: str) -> str:
    """Return how to call this database in a message: a file's path, or the address without its password."""
    address = _address(url)
    if address.get_backend_name() == "sqlite":
        return str(address.database)
    return address.render_as_string(hide_password=True)


def _sentence(url: str, fault: DBAPIError) -> str:
    shown = shown_address(url)
    said = str(fault.orig).strip().splitlines()[0] if fault.orig else str(fault)
    ended = "the server has ended this connection; what was not yet saved is undone"
    hints = {
        "file is not a database": "it is not an SQLite database; name another file with --db",
        "unable to open": "the folder is missing or may not be written; name another file with --db",
        "readonly database": "the file may not be written; mend its permissions or name another with --db",
        "disk is full": "the disk is full; free some space and run the same command again, nothing was lost",
        "No space left": "the disk is full; free some space and run the same command again, nothing was lost",
        "disk I/O error": "the disk cannot be read or written, it may be full; see to it, then run the command again",
        "malformed": "the file is damaged; restore a backup or name another file with --db",
        "terminating connection": ended,
        "closed the connection": ended,  # the same, where its last words did not arrive
        "terminate process": "it belongs to another role; let all collectors use the same one",
        "no such module: fts5": "its SQLite has no full-text search; use another Python, or PostgreSQL",
        "locked": "another program has held it for too long; stop that one and run the same command again",
    }
    hint = next((hint for sign, hint in hints.items() if sign in said), None)
    if hint is None and isinstance(fault, OperationalError):
        hint = "it cannot be reached; check [store] url and that the server runs"
    return f"database {shown}: {said}" + (f": {hint}" if hint else "")
