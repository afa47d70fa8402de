"""The only writer: posts, mentions, labels, rankings, cursors and the ledger, each page in one transaction."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Self

from sqlalchemy import Connection, Engine, Table, delete, select

from collector import coverage, gone, label_rows, migrate, platform_counts, posts, ranks
from collector.engine import READS, open_engine, reporting, shown_address
from collector.models import CursorValue, Title, Topic, table
from collector.ranking import RankDraft
from collector.records import Batch, Counts, PostLabels, RankCounts
from collector.source import Cursor
from collector.upsert import insert_or_update, numbered

CURSOR_VALUE = table(CursorValue)
TITLE = table(Title)
TOPIC = table(Topic)

WRITER_LOCK = 7255620023  # an arbitrary number that only Buzzchart's writers use


class Store:
    """A database open for writing. Every method is one transaction; StoreError says what is wrong and where."""

    def __init__(self, url: str, engine: Engine, fence: Callable[[Connection], None] | None = None) -> None:
        self.url = url
        self.engine = engine
        self._fence = fence  # looks, inside each write transaction, whether this collector may still write

    @classmethod
    def open(cls, url: str) -> Self:
        """Open a database, make its tables or bring them up to date. Raises StoreError."""
        engine = open_engine(url)
        try:
            with reporting(url):
                migrate.upgrade(engine, shown_address(url))
        except BaseException:
            engine.dispose()
            raise
        return cls(url, engine)

    def close(self) -> None:
        """Close every connection."""
        self.engine.dispose()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Open the one write transaction: on both databases writers take turns, so that nobody reads half a change."""
        with reporting(self.url), self.engine.begin() as connection:
            if connection.dialect.name == "postgresql":
                connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({WRITER_LOCK})")
            if self._fence is not None:
                self._fence(connection)
            yield connection

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Open a connection to look something up; it sees one state throughout and never waits for a writer."""
        with reporting(self.url), self.engine.connect() as connection:
            yield connection.execution_options(**{READS: True})

    def title_ids(self, names: Sequence[str]) -> dict[str, int]:
        """Return the ids of these titles, numbering new ones."""
        return self._ids(TITLE, names)

    def topic_ids(self, names: Sequence[str]) -> dict[str, int]:
        """Return the ids of these topics, numbering new ones."""
        return self._ids(TOPIC, names)

    def _ids(self, into: Table, names: Sequence[str]) -> dict[str, int]:
        with self.writing() as connection:
            return numbered(connection, into, names)

    def cursor(self, source: str) -> Cursor:
        """Return what this source remembered when its last page was saved."""
        with self.reading() as connection:
            rows = connection.execute(
                select(CURSOR_VALUE.c.key, CURSOR_VALUE.c.value).where(CURSOR_VALUE.c.source == source)
            )
            return Cursor({str(key): str(value) for key, value in rows})

    def remember(self, source: str, values: Mapping[str, str | None]) -> None:
        """Keep cursor values outside of a page; None forgets one."""
        with self.writing() as connection:
            _remember(connection, source, values)

    def save(self, batch: Batch) -> Counts:
        """Save one page whole, with its deletions, cursor, ledger row and coverage, or nothing at all."""
        with self.writing() as connection:
            stored = posts.save_posts(connection, batch)
            taken = posts.delete_posts(connection, batch.platform, batch.deleted)
            taken += posts.delete_authors(connection, batch.platform, batch.gone_authors)
            platform_counts.save(connection, batch)
            counts = batch.counts + Counts(stored=stored, known=len(batch.posts) - stored, deleted=taken)
            _remember(connection, batch.source, batch.cursor)
            if batch.ledger is not None:
                coverage.enter(connection, batch, batch.ledger, counts)
            return counts

    def known(self, platform: str, native_ids: Sequence[str]) -> set[str]:
        """Return which of these posts are stored at this moment, or were deleted and will not be."""
        with self.reading() as connection:
            deleted = gone.deleted_before(connection, platform, native_ids)
            return posts.known_ids(connection, platform, native_ids).union(deleted)

    def save_labels(self, labels: Sequence[PostLabels]) -> None:
        """Replace the labels of these posts and mark their hours.

        Labels of a post that was deleted or edited since its text was read are left out: it is labelled again.
        """
        with self.writing() as connection:
            kept = posts.still_valid(connection, labels)
            label_rows.replace(connection, kept)
            posts.mark_posts(connection, [label.post_id for label in kept])

    def save_ranks(
        self, source: str, label: str, rows: Sequence[RankDraft], cursor: Mapping[str, str | None] | None = None
    ) -> RankCounts:
        """Save rows of a ranking, storing only what is new or was revised, with the cursor in the same transaction."""
        with self.writing() as connection:
            counts = ranks.save(connection, label, rows)
            _remember(connection, source, cursor or {})
            return counts


def _remember(connection: Connection, source: str, values: Mapping[str, str | None]) -> None:
    forgotten = [key for key, value in values.items() if value is None]
    if forgotten:
        connection.execute(
            delete(CURSOR_VALUE).where(CURSOR_VALUE.c.source == source, CURSOR_VALUE.c.key.in_(forgotten))
        )
    rows = [{"source": source, "key": key, "value": value} for key, value in values.items() if value is not None]
    insert_or_update(connection, CURSOR_VALUE, rows, key=["source", "key"])
