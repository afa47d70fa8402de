"""Some hundred rows at a time, a column each, in constant memory, for exports of any length; without pandas.

All of one export is of one moment of the database. Times are epoch seconds in UTC. Values are taken from the driver as
they come: SQLAlchemy's rows would cost as much again as reading them.
"""

from collections.abc import Collection, Generator, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Select, Table, select
from sqlalchemy.exc import DBAPIError

from analysis.frames.clauses import LABEL, MENTION, POST, POST_TOPIC, RANK, TITLE, TOPIC, TOPIC_HOUR, of_kind, within
from analysis.frames.posts import LABELLED, PostFilter, conditions
from analysis.frames.reader import Reader

ROWS = 200  # held at a time; more were no quicker
REMEMBERED = 512  # combinations of titles, topics or hashtags that are made once
Chunk = dict[str, Sequence[Any]]  # the values of each column, as many of each

OF_POST = (
    "platform", "native_id", "uri", "url", "created_at", "collected_at", "hashtags", "likes", "reposts", "replies",
    "author_key", "text", "sample",
)  # fmt: skip
OF_LABEL = ("language", "sentiment", "score", "raw_score")
TOPIC_COLUMNS = ("title", "platform", "hour", "topic", "posts", "positive", "neutral", "negative", "unscored", "sample")
RANK_COLUMNS = (
    "provider", "period", "day", "country", "country_name", "category", "rank", "name", "season", "points", "hours",
    "views", "runtime", "weeks_in", "no1_countries", "countries_covered", "source_label", "stored_at",
)  # fmt: skip


def stream_posts(reader: Reader, wanted: PostFilter | None = None) -> Iterator[Chunk]:
    """Yield all posts, oldest first: the columns of OF_POST and OF_LABEL; titles, topics and hashtags as tuples."""
    wanted = wanted or PostFilter()
    columns = [POST.c[name] for name in ("id", *OF_POST)] + [LABEL.c[name] for name in OF_LABEL]
    with _one_moment(reader) as connection:
        found = _fetched(connection, _oldest_first(reader, wanted, select(*columns).select_from(LABELLED)))
        titles = _Beside(connection, reader, wanted, MENTION, "title_id", TITLE)
        topics = _Beside(connection, reader, wanted, POST_TOPIC, "topic_id", TOPIC)
        with closing(found), closing(titles), closing(topics):
            for rows in found:
                ids, *values = zip(*rows, strict=True)
                chunk: Chunk = dict(zip((*OF_POST, *OF_LABEL), values, strict=True))
                last = (chunk["created_at"][-1], ids[-1])
                chunk["titles"], chunk["topics"] = titles.of(ids, last), topics.of(ids, last)
                chunk["hashtags"] = list(map(_words, chunk["hashtags"]))
                yield chunk


def stream_topic_hours(
    reader: Reader,
    *,
    title: str | None = None,
    topic: str | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
) -> Iterator[Chunk]:
    """Yield the totals (TOPIC_COLUMNS) per title, hour, platform and topic of hours that begin in [since, until)."""
    named = {"title": TITLE.c.name, "topic": TOPIC.c.name}
    query = (
        select(*(named[name].label(name) if name in named else TOPIC_HOUR.c[name] for name in TOPIC_COLUMNS))
        .join_from(TOPIC_HOUR, TITLE, TITLE.c.id == TOPIC_HOUR.c.title_id)
        .join(TOPIC, TOPIC.c.id == TOPIC_HOUR.c.topic_id)
        .where(*within(TOPIC_HOUR.c.hour, since, until), *of_kind(TOPIC_HOUR.c.platform))
        .order_by(TITLE.c.name, TOPIC_HOUR.c.hour, TOPIC_HOUR.c.platform, TOPIC.c.name)
    )
    for column, name in ((TITLE.c.name, title), (TOPIC.c.name, topic)):
        if name is not None:
            query = query.where(column == name)
    yield from _chunks(reader, query, TOPIC_COLUMNS)


def stream_ranks(
    reader: Reader,
    *,
    keys: Collection[str] | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
) -> Iterator[Chunk]:
    """Yield the rows of all rankings with RANK_COLUMNS, by day; `keys` are folded names (None: every title)."""
    query = select(*(RANK.c[name] for name in RANK_COLUMNS)).where(*within(RANK.c.day, since, until))
    if keys is not None:
        query = query.where(RANK.c.title_key.in_(list(keys)))
    by = (RANK.c.day, RANK.c.provider, RANK.c.period, RANK.c.country, RANK.c.category, RANK.c.rank, RANK.c.slot)
    yield from _chunks(reader, query.order_by(*by), RANK_COLUMNS)


class _Beside:
    """The titles or topics of posts, read along in the posts' own order: half the price of asking for each post's."""

    def __init__(
        self, connection: Connection, reader: Reader, wanted: PostFilter, links: Table, key: str, named: Table
    ) -> None:
        # the filter may ask the same table for something of its own
        link = links.alias()
        query = select(POST.c.created_at, link.c.post_id, link.c[key])
        query = query.select_from(LABELLED.join(link, link.c.post_id == POST.c.id))
        self._rows = _fetched(connection, _oldest_first(reader, wanted, query))
        self._names = {int(number): str(name) for number, name in connection.execute(select(named.c.id, named.c.name))}
        self._read_to: tuple[int, int] | None = (-(2**63), 0)
        self._found: dict[int, tuple[int, ...]] = {}
        self._known: dict[tuple[int, ...], tuple[str, ...]] = {}

    def of(self, ids: Sequence[int], last: tuple[int, int]) -> list[tuple[str, ...]]:
        """Return the names, sorted, of each of the next posts. last: the time and the id of the last of them."""
        while self._read_to is not None and self._read_to <= last:
            self._read()
        take, known = self._found.pop, self._known
        keys = [take(post, ()) for post in ids]
        if len(known) > REMEMBERED:
            known.clear()
        for key in set(keys) - known.keys():
            known[key] = tuple(sorted(self._names[number] for number in key))
        return [known[key] for key in keys]

    def close(self) -> None:
        """Close the cursor."""
        self._rows.close()

    def _read(self) -> None:
        rows = next(self._rows, None)
        if rows is None:
            self._read_to = None
            return
        found = self._found
        for _, post, number in rows:
            found[post] = (*found[post], number) if post in found else (number,)
        self._read_to = rows[-1][:2]


@lru_cache(maxsize=REMEMBERED)  # posts about a title have much the same hashtags
def _words(tags: str) -> tuple[str, ...]:
    return tuple(tags.split())


def _oldest_first(reader: Reader, wanted: PostFilter, query: Select[Any]) -> Select[Any]:
    return query.where(*conditions(reader, wanted)).order_by(POST.c.created_at, POST.c.id)


def _chunks(reader: Reader, query: Select[Any], columns: Sequence[str]) -> Iterator[Chunk]:
    with _one_moment(reader) as connection, closing(_fetched(connection, query)) as found:
        for rows in found:
            yield dict(zip(columns, zip(*rows, strict=True), strict=True))


@contextmanager
def _one_moment(reader: Reader) -> Iterator[Connection]:
    """Hand out a connection whose queries all see the database as it is at the first."""
    with reader.connected() as connection:
        if connection.dialect.name == "postgresql":
            connection.execution_options(isolation_level="REPEATABLE READ")
        else:
            connection.exec_driver_sql("PRAGMA cache_size = -512")  # kilobytes; each page is read once or twice
            connection.exec_driver_sql("BEGIN")  # else each query would see a moment of its own
        yield connection


def _fetched(connection: Connection, query: Select[Any]) -> Generator[list[tuple[Any, ...]], None, None]:
    """Run a query and yield its rows as the driver gives them, ROWS at a time; PostgreSQL keeps the rest."""
    compiled = query.compile(dialect=connection.dialect, compile_kwargs={"render_postcompile": True})
    values: Mapping[str, Any] = compiled.params
    asked = values if compiled.positiontup is None else [values[name] for name in compiled.positiontup]
    driver: Any = connection.connection.driver_connection
    faults = connection.dialect.loaded_dbapi.Error
    try:
        # a named cursor of psycopg stays at the server; a fetch brings so many rows over
        cursor = driver.cursor(f"buzz_{id(compiled)}") if connection.dialect.name == "postgresql" else driver.cursor()
        with closing(cursor):
            cursor.execute(str(compiled), asked)
            while rows := cursor.fetchmany(ROWS):
                yield rows
    except faults as fault:
        raise DBAPIError.instance(str(compiled), None, fault, faults, dialect=connection.dialect) from fault
