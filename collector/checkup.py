"""Looks whether a database is sound: schema, file, what refers to what, and the search index, which it also mends."""

from collections.abc import Callable, Iterator
from typing import NamedTuple

from sqlalchemy import Connection, Engine, inspect

from collector import migrate, search_index
from collector.engine import open_engine, reporting, shown_address
from collector.errors import StoreError
from collector.models import metadata
from collector.store import Store
from collector.upsert import is_postgresql

# ruff: noqa: S608 - the statements are put together from this file's own constants

SHOWN = 5  # faults of one kind that are told one by one


class Finding(NamedTuple):
    """One thing that was looked at: sound when there are no faults, each told as a sentence."""

    what: str
    faults: tuple[str, ...]


Look = Callable[[Connection], Iterator[str]]


def look(url: str) -> list[Finding]:
    """Look at a database without changing it. Raises StoreError when it cannot be opened or has another schema."""
    engine = open_engine(url, read_only=True)
    try:
        with reporting(url):
            migrate.check(engine, shown_address(url))
        return [Finding(what, _faults(url, engine, one)) for what, one in LOOKS.items()]
    finally:
        engine.dispose()


def _faults(url: str, engine: Engine, one: Look) -> tuple[str, ...]:
    """Collect what one look finds; a file too damaged to be looked at is a finding as well."""
    found: list[str] = []
    try:
        with reporting(url), engine.connect() as connection:
            found += one(connection)
    except StoreError as fault:
        found.append(str(fault))
    hidden = len(found) - SHOWN
    return (*found[:SHOWN], f"and {hidden:,} more") if hidden > 0 else tuple(found)


def _schema(connection: Connection) -> Iterator[str]:
    """Compare the tables, columns and indexes that are there with those that the models declare."""
    there = inspect(connection)
    tables = set(there.get_table_names())
    for table in metadata.sorted_tables:
        if table.name not in tables:
            yield f"table {table.name} is missing"
            continue
        columns = {column["name"] for column in there.get_columns(table.name)}
        indexes = {index["name"] for index in there.get_indexes(table.name)}
        yield from (f"{table.name} lacks column {name}" for name in sorted({*table.columns.keys()} - columns))
        yield from (
            f"{table.name} lacks index {name}" for name in sorted({str(i.name) for i in table.indexes} - indexes)
        )
    if not search_index.is_there(connection):
        yield "the search index is missing"


def _file(connection: Connection) -> Iterator[str]:
    """Ask the database about itself: SQLite reads all of its file, PostgreSQL knows which indexes are unusable."""
    if is_postgresql(connection):
        rows = connection.exec_driver_sql(
            "SELECT indexrelid::regclass::text FROM pg_index"
            " WHERE NOT indisvalid AND indrelid::regclass::text = ANY(%s)",
            ([table.name for table in metadata.sorted_tables],),
        )
        yield from (f"index {name} is not valid: REINDEX INDEX {name}" for (name,) in rows)
        return
    rows = connection.exec_driver_sql(f"PRAGMA integrity_check({SHOWN + 1})")
    yield from (str(said) for (said,) in rows if said != "ok")


def _references(connection: Connection) -> Iterator[str]:
    """Look for rows that refer to nothing; PostgreSQL does not let them come about."""
    if not is_postgresql(connection):
        for row in connection.exec_driver_sql("PRAGMA foreign_key_check"):
            yield f"row {row[1]} of {row[0]} refers to a {row[2]} that is not there"
    for table in ("label", "post_topic", "mention", "raw_post"):
        query = f"SELECT COUNT(*) FROM {table} x WHERE NOT EXISTS (SELECT 1 FROM post p WHERE p.id = x.post_id)"
        if count := connection.exec_driver_sql(query).scalar_one():
            yield f"{count:,} rows of {table} belong to no post"


def _search(connection: Connection) -> Iterator[str]:
    """Look for posts that search cannot find, and for what it would find of posts that are gone."""
    lacking, strays = search_index.amiss(connection)
    if lacking:
        yield f"{lacking:,} posts are not in the search index: --repair adds them"
    if strays:
        yield f"{strays:,} entries of the search index belong to no post: --repair takes them out"


LOOKS: dict[str, Look] = {
    "schema": _schema,
    "file": _file,
    "references": _references,
    "search": _search,
}


def mend_search(store: Store) -> int:
    """Add to the search index what it lacks and take out what it should not have; return how many entries that were."""
    with store.writing() as connection:
        return search_index.drop_strays(connection) + search_index.index_lacking(connection)
