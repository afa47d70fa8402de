"""Hourly totals packed by the day: one row per title and day, so that a screen reads days and not hours.

What title_hour and topic_hour hold of a title and day stands there once more as one JSON text: the names of its
platforms, then a list for each column in the order of HOURS and TOPICS, the rows by hour and platform; a platform is
its place among the names, an hour is counted from midnight, which halves the text. Whoever changes those two tables
packs the days anew in the same transaction; `differences` proves that this was done. Four platforms write up to 96 rows
a day, and a row costs the same to fetch however much is in it.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain, groupby
from operator import itemgetter
from typing import Any, NamedTuple

import orjson
from sqlalchemy import Connection, text

from collector.clock import DAY, HOUR
from collector.models import PackedHours, PackedTopics, table
from collector.upsert import insert_rows

HOURS = (
    *("platform", "hour", "posts", "positive", "neutral", "negative", "unscored", "unlabelled"),
    *("score_sum", "raw_score_sum", "sample"),
)
TOPICS = ("platform", "hour", "topic_id", "posts", "positive", "neutral", "negative", "unscored", "sample")
# by hour, platform and, of topics, its number, behind the title and the day; not by the database, whose collation may
# be any: a copied or restored day would then pass for a stale one
_ORDER = itemgetter(3, 2, 4)
_TITLE_AND_DAY = itemgetter(0, 1)
_ROWS = 10_000  # fetched at once, which is quicker than each for itself
_COLUMNS = ("title_id", "day", "packed")


class _Packing(NamedTuple):
    """Where days are packed into, out of which table, and which of its columns."""

    into: Any
    of: str
    columns: tuple[str, ...]


_PACKINGS = (
    _Packing(table(PackedHours), "title_hour", HOURS),
    _Packing(table(PackedTopics), "topic_hour", TOPICS),
)


class Stale(NamedTuple):
    """A packed day that is not what its hours are: its table, and its title and day."""

    table: str
    title_id: int
    day: int


def pack(connection: Connection, some: str = "", given: Mapping[str, Any] | None = None) -> None:
    """Pack days anew: those of a sub-query of (title_id, day), or all. In the transaction that changed them."""
    of = f" WHERE (title_id, day) IN ({some})" if some else ""
    for packing in _PACKINGS:
        connection.execute(text(f"DELETE FROM {packing.into.name}{of}"), given or {})
        insert_rows(connection, packing.into, _COLUMNS, list(_packed(connection, packing, some, given)))


def unpack(packed: str, day: int) -> list[list[Any]]:
    """Return the columns of a packed day, with names of platforms and hours in epoch seconds."""
    names, platforms, hours, *rest = orjson.loads(packed)
    return [[names[place] for place in platforms], [day + HOUR * passed for passed in hours], *rest]


def _text(day: int, columns: Sequence[Sequence[Any]]) -> str:
    """Return the columns of a day as they are stored."""
    platforms, hours, *rest = columns
    names = sorted(set(platforms))
    places = {name: place for place, name in enumerate(names)}
    shortened = ([places[name] for name in platforms], [(hour - day) // HOUR for hour in hours])
    return orjson.dumps([names, *shortened, *rest]).decode()


def differences(connection: Connection) -> Iterator[Stale]:
    """Yield every packed day that is not what its hours are now. Days with a marked hour are compared as well."""
    for packing in _PACKINGS:
        stored = text(f"SELECT title_id, day, packed FROM {packing.into.name}").execution_options(yield_per=_ROWS)
        there = {(row.title_id, row.day): hash(row.packed) for row in connection.execute(stored)}
        for title_id, day, packed in _packed(connection, packing):
            if there.pop((title_id, day), None) != hash(packed):
                yield Stale(packing.into.name, title_id, day)
        yield from (Stale(packing.into.name, *key) for key in there)


# the remainder is taken twice, for that of a time before 1970 is negative
_DAY = f"h.hour - ((h.hour % {DAY}) + {DAY}) % {DAY}"


def _packed(
    connection: Connection, packing: _Packing, some: str = "", given: Mapping[str, Any] | None = None
) -> Iterator[tuple[int, int, str]]:
    """Yield title, day and text. SQLite reads joins in the order of CROSS JOIN, so the hours are found by their key."""
    chosen = ", ".join(f"h.{name}" for name in packing.columns)
    days = f"({some}) AS d CROSS JOIN " if some else ""
    of = f" WHERE h.title_id = d.title_id AND h.hour >= d.day AND h.hour < d.day + {DAY}" if some else ""
    query = text(f"SELECT h.title_id, {_DAY} AS day, {chosen} FROM {days}{packing.of} h{of} ORDER BY 1, 2")
    if not some:
        query = query.execution_options(yield_per=_ROWS)  # PostgreSQL would send all of them at once
    rows = connection.execute(query, given or {})
    at_once = chain.from_iterable(rows.partitions(_ROWS))
    for (title_id, day), hours in groupby(at_once, key=_TITLE_AND_DAY):
        columns = list(zip(*sorted(hours, key=_ORDER), strict=True))[2:]
        yield title_id, day, _text(day, columns)
