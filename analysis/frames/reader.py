"""The door through which analysis and screens read: a database that cannot be written through it."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from sqlalchemy import BindParameter, Connection, Executable, Row, bindparam, text

from analysis.frames.declared import Columns
from collector import migrate
from collector.engine import open_engine, reporting, shown_address

if TYPE_CHECKING:
    import pandas as pd

CHUNK = 1000  # rows held at a time while streaming


class Reader:
    """A read-only database. Usable from several threads; a context manager.

    url: an SQLAlchemy address of SQLite or PostgreSQL. Raises StoreError when the database cannot be opened, holds no
    tables of Buzzchart, or those of another version.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        self.engine = open_engine(url, read_only=True)
        with reporting(url):
            migrate.check(self.engine, shown_address(url))

    def __enter__(self) -> Self:
        """Return itself; leaving closes the connections."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the connections."""
        self.close()

    def close(self) -> None:
        """Close the connections; the reader can still be used and opens new ones."""
        self.engine.dispose()

    @contextmanager
    def connected(self) -> Iterator[Connection]:
        """Hand out a connection; the driver's errors become StoreError."""
        with reporting(self.url), self.engine.connect() as connection:
            yield connection

    def frame(self, query: str | Executable, columns: Columns | None = None, /, **params: Any) -> "pd.DataFrame":  # noqa: ANN401 - whatever the query binds
        """Run a query and return its rows.

        query: SQL with :names, or a SQLAlchemy statement; a list or tuple given as a param fills `IN :name`.
        columns: names and kinds in the order of the query's columns; without it pandas guesses.
        """
        import pandas as pd  # noqa: PLC0415 - an export of a million rows streams without it, in half the memory

        from analysis.frames.columns import build  # noqa: PLC0415 - as above

        with self.connected() as connection:
            result = connection.execute(_statement(query, params), params)
            rows = result.fetchall()
            if columns is None:
                return pd.DataFrame(rows, columns=list(result.keys()))
            return build(rows, columns)

    def scalar(self, query: str | Executable, /, **params: Any) -> Any:  # noqa: ANN401 - the type is the query's
        """Return the first column of the first row, or None."""
        with self.connected() as connection:
            return connection.execute(_statement(query, params), params).scalar()

    def stream(self, query: str | Executable, /, **params: Any) -> Iterator[Row[Any]]:  # noqa: ANN401 - as frame
        """Yield the rows of a query one by one, holding at most CHUNK of them, all of one moment of the database."""
        with self.connected() as connection:
            options = {"stream_results": True, "max_row_buffer": CHUNK}
            result = connection.execution_options(**options).execute(_statement(query, params), params)
            yield from result.yield_per(CHUNK)


def _statement(query: str | Executable, params: dict[str, Any]) -> Executable:
    if not isinstance(query, str):
        return query
    lists: list[BindParameter[Any]] = [
        bindparam(name, expanding=True)
        for name, value in params.items()
        if isinstance(value, Sequence) and not isinstance(value, str)
    ]
    return text(query).bindparams(*lists)
