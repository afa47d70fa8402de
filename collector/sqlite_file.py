"""SQLite files as a whole: made beside their place, on the disk before they take it, never seen half made."""

import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import mkstemp

from sqlalchemy import Engine, make_url
from sqlalchemy.exc import DatabaseError, DBAPIError, OperationalError

from collector import engine
from collector.errors import StoreError

PART = ".part"
BESIDE = ("-journal", "-wal", "-shm")  # what SQLite keeps beside a file
LEFT_BEHIND = 24 * 3600  # seconds that nobody has written to a part: the run that made it is dead
PAGES = 10_000  # copied at a time; in between, whoever waits for the file's owner can give up


def path_of(url: str) -> Path | None:
    """Return the file of an SQLite address, None for PostgreSQL. Raises StoreError for an address of no use."""
    shown = engine.shown_address(url)
    return Path(shown) if make_url(url).get_backend_name() == "sqlite" else None


@contextmanager
def made_beside(path: Path) -> Iterator[Path]:
    """Yield an empty file in the folder of this one, to be filled and put in its place; what is left goes at the end.

    Raises StoreError where the folder cannot be written.
    """
    with telling(path):
        _sweep(path)
        handle, name = mkstemp(prefix=f"{path.name}.", suffix=PART, dir=path.absolute().parent)
        os.close(handle)
    part = Path(name)
    try:
        yield part
    finally:
        remove(part)


def put(part: Path, path: Path) -> None:
    """Give a finished file the name that it is for, at once and for good. Raises StoreError."""
    with telling(path):
        _sync(part)
        part.chmod(0o666 & ~_umask())  # mkstemp lets nobody else read
        part.replace(path)
        if os.name == "posix":  # elsewhere a folder cannot be opened
            _sync(path.absolute().parent)


def overwrite(part: Path, path: Path) -> None:
    """Put the content of one SQLite file into another that others may have open: at once, or not at all.

    They see the old content until then; one that writes is waited for. Raises StoreError.
    """
    until = time.monotonic() + engine.BUSY_SECONDS

    def patient(status: int, _left: int, _all: int) -> None:
        if status in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED} and time.monotonic() > until:
            raise StoreError(f"database {path}: another program has held it for too long; stop that one first")

    with driver_faults(path), closing(sqlite3.connect(part)) as new, closing(sqlite3.connect(path)) as old:
        new.backup(old, pages=PAGES, progress=patient, sleep=0.05)


@contextmanager
def driver_faults(path: Path) -> Iterator[None]:
    """Turn sqlite3's own errors into StoreError, in the words that those of SQLAlchemy are told in."""
    with engine.reporting(f"sqlite:///{path}"):
        try:
            yield
        except sqlite3.Error as fault:
            raise DBAPIError.instance(None, None, fault, sqlite3.Error) from fault


def is_damaged(fault: StoreError) -> bool:
    """Tell whether a fault says that the file itself is no sound database, rather than locked or out of reach."""
    cause = fault.__cause__
    return isinstance(cause, DatabaseError) and not isinstance(cause, OperationalError)


@contextmanager
def opened(path: Path) -> Iterator[Engine]:
    """Open a file that nobody else knows of; afterwards all of it is in the one file, which opens from any folder."""
    one = engine.open_engine(f"sqlite:///{path}")
    try:
        with engine.reporting(f"sqlite:///{path}"):
            yield one
    finally:
        one.dispose()
    with driver_faults(path), closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode = DELETE")


def remove(path: Path) -> None:
    """Remove a database's file and what SQLite keeps beside it."""
    for suffix in ("", *BESIDE):
        Path(f"{path}{suffix}").unlink(missing_ok=True)


def set_aside(path: Path) -> Path:
    """Move a damaged file, and what SQLite keeps beside it, out of the way; return where it lies now."""
    number = next(n for n in range(1, 1000) if not Path(f"{path}.damaged-{n}").exists())
    aside = Path(f"{path}.damaged-{number}")
    with telling(path):
        for suffix in (*BESIDE, ""):
            if Path(f"{path}{suffix}").exists():
                Path(f"{path}{suffix}").replace(f"{aside}{suffix}")
    return aside


def _sweep(path: Path) -> None:
    """Remove what killed runs left behind."""
    for left in path.absolute().parent.glob(f"{path.name}.*{PART}"):
        if time.time() - left.stat().st_mtime > LEFT_BEHIND:
            remove(left)


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _umask() -> int:
    mask = os.umask(0o077)
    os.umask(mask)
    return mask


@contextmanager
def telling(path: Path) -> Iterator[None]:
    """Turn the system's faults in writing into StoreError."""
    try:
        yield
    except OSError as fault:
        raise StoreError(f"{path} cannot be written: {fault.strerror}; name another file or mend its folder") from fault
