"""What a database holds at one moment, table by table: its rows, and a digest that both databases agree on.

A digest is the sum of the digests of all rows, so the order in which a database hands them out does not matter. Rows
are compared as values: a boolean is 0 or 1, a negative zero is zero (SQLite keeps no other), no number is no value.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any, NamedTuple

import orjson
from sqlalchemy import Boolean, Connection, Float, inspect

from collector import migrate
from collector.engine import open_engine, reporting, shown_address
from collector.models import metadata

# ruff: noqa: S608 - the statements name our own tables and columns, as the database itself lists them

BATCH = 2000  # rows held at a time
SIZE = 16  # bytes of a digest
HERE_ONLY = {"leader"}  # who collects, and by which epoch writes are fenced: true of one database, never of its copy

Row = tuple[Any, ...]
Progress = Callable[[int], None]  # hears how many more rows are done


class Shape(NamedTuple):
    """One table: its name, its columns and the query that reads them as values which both databases agree on."""

    table: str
    columns: tuple[str, ...]
    query: str


class Content(NamedTuple):
    """How many rows a table has, and the digest of all of them, in hexadecimal digits."""

    rows: int
    digest: str


@dataclass(frozen=True, slots=True)
class Proof:
    """One table on both sides of a copy."""

    table: str
    rows: int
    digest: str
    rows_copied: int
    digest_copied: str

    @property
    def equal(self) -> bool:
        """Tell whether each row of one side is on the other, as often and with the same values."""
        return (self.rows, self.digest) == (self.rows_copied, self.digest_copied)


def encode(rows: Sequence[Row]) -> list[bytes]:
    """Write each row as JSON, in which two rows are equal when all their values are."""
    return [orjson.dumps(row, default=repr) for row in rows]


class Tally:
    """Counts rows and sums up their digests."""

    def __init__(self) -> None:
        self._rows = 0
        self._sum = 0

    def add(self, encoded: Sequence[bytes]) -> None:
        """Take some rows as `encode` writes them, in any order."""
        total = 0
        for row in encoded:
            total += int.from_bytes(blake2b(row, digest_size=SIZE).digest())
        self._rows += len(encoded)
        self._sum = (self._sum + total) % (1 << 8 * SIZE)

    @property
    def content(self) -> Content:
        """Return what was counted so far."""
        return Content(self._rows, f"{self._sum:0{2 * SIZE}x}")


class Snapshot:
    """One moment of a database; what is written meanwhile is not in it."""

    def __init__(self, url: str, connection: Connection) -> None:
        self.url = url
        self.connection = connection
        self.shapes = shapes(connection)

    def rows(self, shape: Shape) -> Iterator[list[Row]]:
        """Yield the rows of a table, a batch at a time. Raises StoreError, naming this database and no other."""
        with reporting(self.url):
            yield from read(self.connection, shape)

    def count(self) -> int:
        """Return the number of rows of all tables."""
        with reporting(self.url):
            return sum(
                self.connection.exec_driver_sql(f"SELECT COUNT(*) FROM {shape.table}").scalar_one()
                for shape in self.shapes
            )


@contextmanager
def snapshot(url: str, *, older: bool = False) -> Iterator[Snapshot]:
    """Hold one moment of a database, read-only, while others write. Raises StoreError.

    With `older` a schema before today's is taken as well.
    """
    engine = open_engine(url, read_only=True)
    with ExitStack() as stack:
        stack.callback(engine.dispose)
        with reporting(url):
            (migrate.known if older else migrate.check)(engine, shown_address(url))
            connection = stack.enter_context(engine.connect())
            _begin(connection)
            taken = Snapshot(url, connection)
        yield taken


def _begin(connection: Connection) -> None:
    """Begin the one transaction that sees one state throughout."""
    if connection.dialect.name == "postgresql":
        connection.execution_options(isolation_level="REPEATABLE READ")
    else:
        connection.exec_driver_sql("BEGIN")
    connection.exec_driver_sql("SELECT version_num FROM alembic_version")  # the first reading fixes the moment


def shapes(connection: Connection) -> list[Shape]:
    """Return every table of ours that is there, those that others refer to first."""
    ours = [str.__str__(table.name) for table in metadata.sorted_tables if table.name not in HERE_ONLY]
    found = inspect(connection).get_multi_columns(filter_names=ours)
    columns = {name: columns for (_, name), columns in found.items()}
    postgresql = connection.dialect.name == "postgresql"
    return [_shape(name, columns[name], postgresql=postgresql) for name in ours if columns.get(name)]


def _shape(table: str, columns: Sequence[Mapping[str, Any]], *, postgresql: bool) -> Shape:
    ordered = sorted(columns, key=lambda column: str(column["name"]))
    read_as = [_as_value(column["name"], column["type"], postgresql=postgresql) for column in ordered]
    names = tuple(str(column["name"]) for column in ordered)
    return Shape(table, names, f"SELECT {', '.join(read_as)} FROM {table}")


def _as_value(name: str, kind: object, *, postgresql: bool) -> str:
    if postgresql and isinstance(kind, Boolean):
        return f"CAST({name} AS INTEGER)"
    if postgresql and isinstance(kind, Float):
        return f"NULLIF({name} + 0.0, 'NaN')"
    return name


def read(connection: Connection, shape: Shape) -> Iterator[list[Row]]:
    """Yield the rows of a table as any connection sees them, a batch at a time."""
    options = {"stream_results": True, "max_row_buffer": BATCH}
    result = connection.exec_driver_sql(shape.query, execution_options=options)
    for rows in result.yield_per(BATCH).partitions():
        yield [tuple(row) for row in rows]


def content(connection: Connection, shape: Shape, progress: Progress) -> Content:
    """Count a table and sum up its rows, as any connection sees them; `progress` hears of each batch's rows."""
    tally = Tally()
    for rows in read(connection, shape):
        tally.add(encode(rows))
        progress(len(rows))
    return tally.content
