"""Filling empty tables: indexes and constraints are taken down before and made anew after, which halves the work.

Nothing else changes: what is made is what the database itself said was there. It happens inside the transaction of the
caller, so that whoever looks sees the tables with all of it, before and after.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

from sqlalchemy import Connection

from collector.models import metadata
from collector.upsert import is_postgresql

SEARCHED = "post_search"
# what keys refer to is taken down after the foreign keys and made before them; tables of another owner are left alone
_CONSTRAINTS = """
    SELECT format('ALTER TABLE %%s DROP CONSTRAINT %%I', conrelid::regclass, conname),
        format('ALTER TABLE %%s ADD CONSTRAINT %%I %%s', conrelid::regclass, conname, pg_get_constraintdef(k.oid))
    FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid
    WHERE k.contype IN ('f', 'p', 'u') AND c.relname = ANY(%s) AND c.relnamespace = current_schema()::regnamespace
        AND pg_has_role(c.relowner, 'MEMBER')
    ORDER BY k.contype = 'f' DESC, k.conname
"""
_INDEXES = """
    SELECT format('DROP INDEX %%s', i.indexrelid::regclass), pg_get_indexdef(i.indexrelid)
    FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid
    WHERE c.relname = ANY(%s) AND c.relnamespace = current_schema()::regnamespace
        AND NOT EXISTS (SELECT 1 FROM pg_constraint k WHERE k.conindid = i.indexrelid AND k.conrelid = c.oid)
        AND pg_has_role(c.relowner, 'MEMBER')
"""
_INDEXES_SQLITE = "SELECT 'DROP INDEX ' || name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL"


class Part(NamedTuple):
    """An index or a constraint: the statement that takes it down, and the one that makes it anew."""

    down: str
    anew: str


@contextmanager
def without_indexes(connection: Connection) -> Iterator[None]:
    """Take down what slows the filling of our tables, and make it anew when they are filled."""
    parts = _parts(connection)
    for part in parts:
        connection.exec_driver_sql(part.down)
    yield
    for part in reversed(parts):
        connection.exec_driver_sql(part.anew)


def _parts(connection: Connection) -> list[Part]:
    """Return them in the order in which they can be taken down."""
    if not is_postgresql(connection):
        return [Part(*row) for row in connection.exec_driver_sql(_INDEXES_SQLITE)]
    tables = [*metadata.tables, SEARCHED]
    return [Part(*row) for query in (_CONSTRAINTS, _INDEXES) for row in connection.exec_driver_sql(query, (tables,))]
