"""The two statements that both databases spell in their own dialect: insert or ignore, insert or update."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite

from collector.models import DirtyHour, table

DIRTY_HOUR = table(DirtyHour)

Rows = Sequence[Mapping[str, Any]]


def _insert(connection: Connection, into: Table) -> Any:  # noqa: ANN401 - the dialects share no type
    return (postgresql if connection.dialect.name == "postgresql" else sqlite).insert(into)


def insert_or_ignore(connection: Connection, into: Table, rows: Rows) -> None:
    """Insert rows, leaving out those whose key is there already."""
    if rows:
        connection.execute(_insert(connection, into).on_conflict_do_nothing(), list(rows))


def insert_or_update(connection: Connection, into: Table, rows: Rows, key: Sequence[str]) -> None:
    """Insert rows; where the key is there already, take over all other columns."""
    if not rows:
        return
    statement = _insert(connection, into)
    changed = {name: statement.excluded[name] for name in rows[0] if name not in key}
    connection.execute(statement.on_conflict_do_update(index_elements=list(key), set_=changed), list(rows))


def mark_dirty(connection: Connection, hours: Iterable[tuple[int, int]]) -> None:
    """Mark (title, hour) pairs whose totals must be computed anew."""
    insert_or_ignore(connection, DIRTY_HOUR, [{"title_id": title, "hour": hour} for title, hour in sorted(hours)])
