"""Writing many rows at once: what the two databases spell each in their own dialect.

Inside a write transaction of collector.store writers take turns, so what was read there still holds when it is written.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

from sqlalchemy import Column, ColumnElement, Connection, Table, any_, cast, func, insert, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError

from collector.models import DirtyHour, table

DIRTY_HOUR = table(DirtyHour)

CHUNK = 500

Item = TypeVar("Item")
Rows = Sequence[Mapping[str, Any]]
Values = Sequence[Sequence[Any]]


def is_postgresql(connection: Connection) -> bool:
    """Tell which of the two databases this is."""
    return connection.dialect.name == "postgresql"


def join_as_written(connection: Connection) -> None:
    """Have joins of this transaction done in their written order and by index, as SQLite does with CROSS JOIN.

    For statements about few of many rows, told by a sub-query: PostgreSQL takes its rows for more than they are, and
    reads whole tables for each of them.
    """
    if is_postgresql(connection):
        connection.exec_driver_sql("SET LOCAL join_collapse_limit = 1")
        for way in ("hashjoin", "mergejoin", "seqscan"):
            connection.exec_driver_sql(f"SET LOCAL enable_{way} = off")


def insert_rows(connection: Connection, into: Table, columns: Sequence[str], rows: Values) -> None:
    """Insert new rows, each a sequence of values in the order of the columns: by COPY on PostgreSQL.

    The quickest that either database has; a key that is there already is a fault.
    """
    if not rows:
        return
    names = ", ".join(columns)
    if is_postgresql(connection):
        _copy(connection, f"COPY {into.name} ({names}) FROM STDIN", rows)
        return
    places = ", ".join("?" * len(columns))
    statement = f"INSERT INTO {into.name} ({names}) VALUES ({places})"  # noqa: S608 - names of our own tables
    connection.exec_driver_sql(statement, [tuple(row) for row in rows])


def _copy(connection: Connection, statement: str, rows: Values) -> None:
    driver: Any = connection.connection.driver_connection
    errors = connection.dialect.loaded_dbapi.Error
    try:
        with driver.cursor() as cursor, cursor.copy(statement) as lines:
            for row in rows:
                lines.write_row(row)
    except errors as fault:
        # as SQLAlchemy raises the faults of its own statements, so that they are told in the same words
        raise DBAPIError.instance(statement, None, fault, errors, dialect=connection.dialect) from fault


def next_ids(connection: Connection, of: Table, count: int) -> Sequence[int]:
    """Return ids for this many new rows, so that they need not be read back after they are written."""
    if is_postgresql(connection):
        # a block at once: writers take turns, so nobody draws a number between the two calls
        sequence = func.pg_get_serial_sequence(of.name, "id")
        end: int = connection.execute(select(func.setval(sequence, func.nextval(sequence) + count - 1))).scalar_one()
        return range(end - count + 1, end + 1)
    last: int = connection.execute(select(func.coalesce(func.max(of.c.id), 0))).scalar_one()
    return range(last + 1, last + count + 1)


def numbered(connection: Connection, into: Table, names: Sequence[str]) -> dict[str, int]:
    """Return the ids of these names, numbering new ones."""

    def known() -> dict[str, int]:
        rows = connection.execute(select(into.c.name, into.c.id).where(into.c.name.in_(names)))
        return {str(name): int(number) for name, number in rows}

    ids = known()
    if lacking := [name for name in dict.fromkeys(names) if name not in ids]:
        connection.execute(insert(into), [{"name": name} for name in lacking])
        ids = known()
    return ids


def is_among(connection: Connection, column: Column[Any], values: Sequence[Any]) -> ColumnElement[bool]:
    """Say in SQL that a column holds one of these values, as one parameter rather than many where that is possible."""
    if is_postgresql(connection):
        return column == any_(cast(list(values), postgresql.ARRAY(column.type)))
    if values and isinstance(values[0], int):
        listed = func.json_each(f"[{','.join(map(str, values))}]").table_valued("value")
        return column.in_(select(listed.c.value))
    return column.in_(values)


def _insert(connection: Connection, into: Table) -> Any:  # noqa: ANN401 - the dialects share no type
    return (postgresql if is_postgresql(connection) else sqlite).insert(into)


def chunks(items: Sequence[Item], size: int = CHUNK) -> Iterator[Sequence[Item]]:
    """Cut a sequence into pieces that fit into one IN list."""
    return (items[start : start + size] for start in range(0, len(items), size))


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
    rows = sorted(set(hours))
    if not rows:
        return
    if is_postgresql(connection):
        titles, starts = zip(*rows, strict=True)
        connection.exec_driver_sql(_MARK_POSTGRESQL, (whole_numbers(titles), whole_numbers(starts)))
        return
    connection.exec_driver_sql("INSERT OR IGNORE INTO dirty_hour (title_id, hour) VALUES (?, ?)", rows)


_MARK_POSTGRESQL = (
    "INSERT INTO dirty_hour (title_id, hour) SELECT * FROM unnest(%s::bigint[], %s::bigint[]) ON CONFLICT DO NOTHING"
)


def whole_numbers(values: Iterable[int | None]) -> str:
    """Write whole numbers as PostgreSQL writes an array, which is ten times quicker than the driver's own way."""
    return "{" + ",".join("NULL" if value is None else str(value) for value in values) + "}"
