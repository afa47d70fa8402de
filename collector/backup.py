"""Backups: one SQLite file, made from either database while it is written to, restored on either, checked each time.

A backup is a Buzzchart database like any other, with one table more that says what it holds, so that each row of it can
be compared again when it is restored; a name that ends in .gz makes it compressed. docs/backup.md tells what is not in
it: config.toml and the author key.
"""

import errno
import gzip
import shutil
import sqlite3
import tempfile
import zlib
from contextlib import closing, suppress
from dataclasses import asdict, dataclass, fields
from importlib.metadata import version
from pathlib import Path

import orjson

from collector import author, copy, migrate, sqlite_file
from collector.clock import now
from collector.copy import Share
from collector.engine import open_engine, shown_address
from collector.errors import InputError, StoreError
from collector.lock import only_collector
from collector.snapshot import HERE_ONLY, Content, Progress, Proof, Snapshot, content, shapes, snapshot
from collector.store import Store

COMPRESSED = ".gz"
GZIP, SQLITE = b"\x1f\x8b", b"SQLite format 3\0"  # what such files begin with
LEVEL = 3  # of gzip: a third of the time of its default, a tenth more bytes
BLOCK = 1 << 20
NOTE = "backup_note"


@dataclass(frozen=True, slots=True)
class Note:
    """What a backup says of itself; `author_key` tells author keys apart and tells nothing of them."""

    made_at: str
    version: str
    database: str
    schema: str
    author_key: str | None
    contents: dict[str, Content]


@dataclass(frozen=True, slots=True)
class Backup:
    """A backup as it was made or restored: what it says of itself, each table on both sides, and what went aside."""

    note: Note
    proofs: tuple[Proof, ...]
    aside: Path | None = None


# --- making one


def backup(url: str, file: Path, share: Share, *, replace: bool = False) -> Backup:
    """Write a backup of a database, at today's or an older schema. Raises StoreError; the file is then as before."""
    _refuse_file(file, url, replace=replace)
    with snapshot(url, older=True) as taken, sqlite_file.made_beside(file) as part:
        progress = copy.steps(taken, share)
        schema = migrate.stamped(taken.connection) or ""
        if sqlite_file.path_of(url):
            proofs = _copy_pages(taken, part, progress)
        else:
            proofs = copy.into_sqlite(taken, part, progress, revision=schema).proofs
        contents = {proof.table: Content(proof.rows, proof.digest) for proof in proofs}
        kind = taken.connection.dialect.name
        note = Note(now().isoformat(), version("buzzchart"), kind, schema, author.fingerprint(), contents)
        _finish(part, note, url)
        _put(part, file)
    return Backup(note, proofs)


def _refuse_file(file: Path, url: str, *, replace: bool) -> None:
    path = sqlite_file.path_of(url)
    if path is not None and file.resolve() == path.resolve():
        raise StoreError(f"{file} is the database itself: name another file for its backup")
    if file.exists() and not (replace and file.is_file()):
        raise StoreError(f"{file} is there already: name another file, or give --replace")


def _copy_pages(source: Snapshot, part: Path, progress: Progress) -> tuple[Proof, ...]:
    """Copy an SQLite file page by page, which is ten times quicker than row by row, and compare it row by row."""
    driver = source.connection.connection.driver_connection
    if not isinstance(driver, sqlite3.Connection):
        raise StoreError(f"{shown_address(source.url)} is not an SQLite database")
    with sqlite_file.driver_faults(part), closing(sqlite3.connect(part)) as target:
        driver.backup(target)
    original = {shape.table: content(source.connection, shape, progress) for shape in source.shapes}
    with sqlite_file.opened(part) as engine, engine.connect() as connection:
        return copy.prove(original, connection, progress)


def _finish(part: Path, note: Note, url: str) -> None:
    """Look whether a backup is sound, and write into it what it holds."""
    with sqlite_file.driver_faults(part), closing(sqlite3.connect(part)) as connection:
        if said := _damage(connection):
            raise StoreError(f"{shown_address(url)} is damaged, so no backup was made: {said}")
        for table in HERE_ONLY:
            with suppress(sqlite3.OperationalError):  # an older schema has no such table
                connection.execute(f"DELETE FROM {table}")  # noqa: S608 - a table of ours
        connection.execute(f"CREATE TABLE {NOTE} (name TEXT NOT NULL PRIMARY KEY, value TEXT)")
        rows = asdict(note) | {
            "contents": orjson.dumps({name: [*held] for name, held in note.contents.items()}).decode()
        }
        connection.executemany(f"INSERT INTO {NOTE} VALUES (?, ?)", rows.items())  # noqa: S608 - our own name
        connection.commit()


def _damage(connection: sqlite3.Connection) -> str:
    """Return what is damaged in a file, "" for nothing. SQLite tells it as an answer, or as a fault of the question."""
    try:
        said = str(connection.execute("PRAGMA integrity_check").fetchone()[0])
    except sqlite3.OperationalError:  # locked or out of reach, which is no damage
        raise
    except sqlite3.DatabaseError as fault:
        return str(fault)
    return "" if said == "ok" else said


def _put(part: Path, file: Path) -> None:
    if file.suffix != COMPRESSED:
        sqlite_file.put(part, file)
        return
    with sqlite_file.made_beside(file) as packed:
        with sqlite_file.telling(file), part.open("rb") as plain, gzip.open(packed, "wb", LEVEL) as into:
            shutil.copyfileobj(plain, into, BLOCK)
        sqlite_file.put(packed, file)


# --- restoring one


def restore(file: Path, url: str, share: Share, *, replace: bool = False) -> Backup:
    """Put a backup into a new or empty database, with `replace` in the place of all that one holds.

    Raises InputError for a file that is no backup or is damaged, StoreError, and BusyError while a collector works on
    the database; the database is then as before.
    """
    path = sqlite_file.path_of(url)
    if path is not None and not replace:
        copy.refuse_rows(url)
    with sqlite_file.made_beside(path or Path(tempfile.gettempdir(), file.name)) as part:
        _unpack(file, part)
        note = _note_of(part, file)
        progress = _steps(note, share, times=1 if path else 3)
        proofs = _as_noted(part, file, note, progress)
        _bring_up_to_date(part, file)
        if path is None:
            return Backup(note, _into_server(part, url, progress, replace=replace))
        return Backup(note, proofs, _into_file(part, path, url, replace=replace))


def _steps(note: Note, share: Share, *, times: int) -> Progress:
    return copy.counting(times * sum(held.rows for held in note.contents.values()), share)


def _unpack(file: Path, part: Path) -> None:
    """Write the plain content of a backup to another file. Raises InputError."""
    try:
        with file.open("rb") as opened:
            head = opened.read(len(SQLITE))
        if not head.startswith((GZIP, SQLITE)):
            raise InputError(f"{file} is not a backup: `buzz backup FILE` makes one")
        with gzip.open(file) if head.startswith(GZIP) else file.open("rb") as packed, part.open("wb") as plain:
            shutil.copyfileobj(packed, plain, BLOCK)
    except (EOFError, zlib.error, gzip.BadGzipFile) as fault:
        raise InputError(f"{file} is damaged: {fault}") from fault
    except OSError as fault:
        if fault.errno == errno.ENOSPC:
            raise StoreError(f"{part.parent} has no room for what {file} holds: free some space") from fault
        raise InputError(f"{file} cannot be read: {fault.strerror}") from fault


def _note_of(part: Path, file: Path) -> Note:
    """Read what a backup says of itself, once the file is known to be sound. Raises InputError."""
    try:
        with closing(sqlite3.connect(part)) as connection:
            if said := _damage(connection):
                raise InputError(f"{file} is damaged: {said}")
            if not connection.execute("SELECT 1 FROM sqlite_master WHERE name = ?", (NOTE,)).fetchone():
                raise InputError(f"{file} is a database and no backup: `buzz store copy {file} TO` copies it")
            rows = dict(connection.execute(f"SELECT name, value FROM {NOTE}"))  # noqa: S608 - our own name
        contents = {table: Content(*held) for table, held in orjson.loads(rows.pop("contents")).items()}
        told = {field.name: rows[field.name] for field in fields(Note) if field.name != "contents"}
        return Note(**told, contents=contents)
    except sqlite3.Error as fault:
        raise InputError(f"{file} is damaged: {fault}") from fault
    except (KeyError, TypeError, orjson.JSONDecodeError) as fault:
        raise InputError(f"{file} is damaged: what it says of itself cannot be read") from fault


def _as_noted(part: Path, file: Path, note: Note, progress: Progress) -> tuple[Proof, ...]:
    """Compare each row of a backup with what was noted when it was made. Raises InputError."""
    with sqlite_file.opened(part) as engine, engine.connect() as connection:
        proofs = copy.compare(note.contents, connection, progress)
    if unlike := [proof.table for proof in proofs if not proof.equal]:
        raise InputError(f"{file} is damaged: {', '.join(unlike)} is not as it was when the backup was made")
    return proofs


def _bring_up_to_date(part: Path, file: Path) -> None:
    """Make a database of a backup, at today's schema. Raises StoreError for a newer one."""
    with sqlite_file.opened(part) as engine:
        with engine.begin() as connection:
            connection.exec_driver_sql(f"DROP TABLE {NOTE}")
        migrate.upgrade(engine, str(file))


def _into_file(part: Path, path: Path, url: str, *, replace: bool) -> Path | None:
    """Put a finished database in its place. Returns where a damaged one was put aside."""
    with only_collector(Store(url, open_engine(url))):
        try:
            if not replace:
                copy.refuse_rows(url)  # once more: it was a while
            copy.held_by(url)  # another program's tables are never replaced
            copy.put_or_overwrite(part, path)
        except StoreError as fault:
            if not (replace and sqlite_file.is_damaged(fault)):
                raise
            aside = sqlite_file.set_aside(path)
            sqlite_file.put(part, path)
            return aside
        return None


def _into_server(part: Path, url: str, progress: Progress, *, replace: bool) -> tuple[Proof, ...]:
    """Copy a finished database into PostgreSQL, in one transaction."""
    with (
        Store.open(url) as store,
        only_collector(store) as held,
        snapshot(f"sqlite:///{part}") as taken,
        held.writing() as connection,
    ):
        if replace:
            tables = [shape.table for shape in shapes(connection)]
            connection.exec_driver_sql(f"TRUNCATE {', '.join([*tables, 'post_search'])}")
        else:
            copy.refuse_filled(connection, url)
        return copy.fill(taken, connection, progress).proofs
