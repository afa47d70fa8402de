"""Copies a whole database into a new one, from SQLite or PostgreSQL into either, and proves that both hold the same.

What is copied is one moment of the database, while collectors may go on writing to it. The copy is there whole or not
at all: an SQLite file is made beside its place, on PostgreSQL everything is one transaction. It is compared with the
original before it is let stand. docs/backup.md tells how the two are compared.
"""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import Connection, Engine, Table

from collector import bulk, migrate, search_index, sqlite_file
from collector.engine import open_engine, reporting, shown_address
from collector.errors import StoreError
from collector.models import metadata
from collector.snapshot import Content, Progress, Proof, Row, Shape, Snapshot, Tally, content, encode, shapes, snapshot
from collector.store import Store
from collector.upsert import insert_rows, is_postgresql

# ruff: noqa: S608 - the statements name our own tables and columns only

NUL = "\0"
NUL_ENCODED = b"\\u0000"  # as JSON writes it, and as it writes a text that speaks of it
SORTING_MEMORY = "256MB"  # of the server's, while it makes an index
Share = Callable[[float], None]  # hears how much of the work is done, from 0 to 1


class Copied(NamedTuple):
    """What a copy is: each table on both sides, and how many rows lost NUL characters, which PostgreSQL cannot hold."""

    proofs: tuple[Proof, ...]
    cleaned: int


class Loaded(NamedTuple):
    """What was read from the original, by table, and how many rows were cleaned of NUL characters on the way."""

    contents: dict[str, Content]
    cleaned: int


class Taken(NamedTuple):
    """Rows on their way, the same rows encoded, and how many of them were cleaned."""

    rows: list[Row]
    encoded: list[bytes]
    cleaned: int


def copy(source: str, target: str, share: Share) -> Copied:
    """Copy one database into another, which must be new or empty. Raises StoreError; the target is then as before."""
    with snapshot(source) as taken:
        progress = steps(taken, share)
        path = sqlite_file.path_of(target)
        if path is None:
            return into_postgresql(taken, target, progress)
        refuse_rows(target)
        with sqlite_file.made_beside(path) as part:
            copied = into_sqlite(taken, part, progress)
            refuse_rows(target)  # once more: it was a while
            put_or_overwrite(part, path)
            return copied


def steps(source: Snapshot, share: Share) -> Progress:
    """Return what hears of rows and tells the share that is done: each row is copied once and compared once."""
    return counting(2 * source.count(), share)


def counting(total: int, share: Share) -> Progress:
    """Return what hears of rows and tells the share of this total that is done."""
    done = 0

    def count(rows: int) -> None:
        nonlocal done
        done += rows
        share(min(1.0, done / max(1, total)))

    return count


def into_sqlite(source: Snapshot, part: Path, progress: Progress, *, revision: str | None = None) -> Copied:
    """Copy into an empty file that nobody else knows of yet; at another revision than today's where that is named.

    Raises StoreError, also where the copy is not equal.
    """
    with sqlite_file.opened(part) as engine:
        migrate.upgrade(engine, str(part), to=revision)
        _without_journal(engine)
        with engine.begin() as connection:
            loaded = load(source, connection, progress)
        with engine.connect() as connection:
            if connection.exec_driver_sql("PRAGMA foreign_key_check").first():
                raise StoreError(
                    "the original has rows that point nowhere: `buzz doctor` tells which; nothing was copied"
                )
            return Copied(prove(loaded.contents, connection, progress), loaded.cleaned)


def _without_journal(engine: Engine) -> None:
    """Write a file that is thrown away when anything fails without the journal that could mend it: half the work."""
    with engine.connect() as connection:
        driver = connection.connection.driver_connection
        if driver is None:
            raise StoreError("SQLite gave no connection")
        for pragma in ("journal_mode = OFF", "synchronous = OFF", "foreign_keys = OFF"):
            driver.execute(f"PRAGMA {pragma}")


def into_postgresql(source: Snapshot, target: str, progress: Progress) -> Copied:
    """Copy into an empty database, in one transaction. Raises StoreError."""
    with Store.open(target) as store, store.writing() as connection:
        refuse_filled(connection, target)
        return fill(source, connection, progress)


def fill(source: Snapshot, connection: Connection, progress: Progress) -> Copied:
    """Copy into the empty tables of a PostgreSQL database within a transaction, and compare before it ends."""
    connection.exec_driver_sql(f"SET LOCAL maintenance_work_mem = '{SORTING_MEMORY}'")
    loaded = load(source, connection, progress)
    for table in metadata.sorted_tables:
        _number_on(connection, table)
    connection.exec_driver_sql("ANALYZE")
    return Copied(prove(loaded.contents, connection, progress), loaded.cleaned)


def load(source: Snapshot, connection: Connection, progress: Progress) -> Loaded:
    """Copy every row into empty tables, and the words of posts into the search index. Returns what was read."""
    there = {shape.table for shape in shapes(connection)}
    searched = search_index.is_there(connection)
    contents: dict[str, Content] = {}
    cleaned = 0
    with bulk.without_indexes(connection):
        for shape in source.shapes:
            if shape.table not in there:
                raise StoreError(f"the copy has no table {shape.table}: the schemas differ")
            tally = Tally()
            for rows in source.rows(shape):
                taken = _cleaned(rows) if is_postgresql(connection) else Taken(rows, encode(rows), 0)
                tally.add(taken.encoded)
                insert_rows(connection, metadata.tables[shape.table], shape.columns, taken.rows)
                if searched and shape.table == "post":
                    search_index.index(connection, _for_search(shape, taken.rows))
                cleaned += taken.cleaned
                progress(len(rows))
            contents[shape.table] = tally.content
    return Loaded(contents, cleaned)


def _cleaned(rows: list[Row]) -> Taken:
    """Take NUL characters out of texts."""
    encoded = encode(rows)
    holding = {number for number, row in enumerate(encoded) if NUL_ENCODED in row and _has_nul(rows[number])}
    if not holding:
        return Taken(rows, encoded, 0)
    clean = [_without_nul(row) if number in holding else row for number, row in enumerate(rows)]
    return Taken(clean, encode(clean), len(holding))


def _has_nul(row: Row) -> bool:
    return any(isinstance(value, str) and NUL in value for value in row)


def _without_nul(row: Row) -> Row:
    return tuple(value.replace(NUL, "") if isinstance(value, str) else value for value in row)


def _for_search(shape: Shape, rows: Sequence[Row]) -> list[search_index.Row]:
    places = [shape.columns.index(name) for name in ("id", "text", "hashtags")]
    return [(row[places[0]], row[places[1]], row[places[2]].split()) for row in rows]


def _number_on(connection: Connection, table: Table) -> None:
    """Let a table that numbers its rows go on behind the last one."""
    if "id" in table.columns:
        connection.exec_driver_sql(
            f"SELECT setval(pg_get_serial_sequence('{table.name}', 'id'), MAX(id)) FROM {table.name} HAVING MAX(id) > 0"
        )


def prove(original: Mapping[str, Content], connection: Connection, progress: Progress) -> tuple[Proof, ...]:
    """Compare what was read with what is in the copy. Raises StoreError where any table differs."""
    proofs = compare(original, connection, progress)
    if unlike := [proof.table for proof in proofs if not proof.equal]:
        raise StoreError(f"the copy differs from the original in {', '.join(unlike)}, so it was not kept: copy again")
    return proofs


def compare(original: Mapping[str, Content], connection: Connection, progress: Progress) -> tuple[Proof, ...]:
    """Set beside each other what every table should hold and what it holds."""
    held = {shape.table: content(connection, shape, progress) for shape in shapes(connection)}
    nothing = Content(0, "")
    return tuple(Proof(table, *should, *held.get(table, nothing)) for table, should in original.items())


def put_or_overwrite(part: Path, path: Path) -> None:
    """Let a finished file take its place: by its name where nothing is, else by its content, for others may read it."""
    if path.is_file() and path.stat().st_size:
        sqlite_file.overwrite(part, path)
    else:
        sqlite_file.put(part, path)


def refuse_rows(url: str) -> None:
    """Refuse an SQLite file that is not new or empty. Raises StoreError."""
    if held := held_by(url):
        raise StoreError(_is_held(url, held))


def held_by(url: str) -> list[str]:
    """Return the tables of an SQLite file that have rows, none for a file that is not there yet.

    Raises StoreError for a damaged file, another program's, or one with a newer schema.
    """
    path = sqlite_file.path_of(url)
    if path is None or not path.exists() or (path.is_file() and not path.stat().st_size):
        return []
    engine = open_engine(url, read_only=True)
    try:
        with reporting(url):
            migrate.known(engine, shown_address(url))
            with engine.connect() as connection:
                return with_rows(connection)
    finally:
        engine.dispose()


def with_rows(connection: Connection) -> list[str]:
    """Return the tables of ours that have rows."""
    tables = [shape.table for shape in shapes(connection)]
    return [name for name in tables if connection.exec_driver_sql(f"SELECT 1 FROM {name} LIMIT 1").first() is not None]


def refuse_filled(connection: Connection, url: str) -> None:
    """Refuse a database that has rows, from within the transaction that is to fill it. Raises StoreError."""
    if held := with_rows(connection):
        raise StoreError(_is_held(url, held))


def _is_held(url: str, held: Sequence[str]) -> str:
    return f"{shown_address(url)} holds rows already ({', '.join(held[:3])}): name a new database, or empty that one"
