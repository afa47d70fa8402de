"""Hourly and daily totals, kept exact: each marked hour is computed anew from the posts and replaces what was stored.

Whatever changed a post (a late one, a double, a new label, a deletion) marked its hours in the same transaction, so
that recomputing the marked hours, and clearing the marks in one transaction with it, leaves no total behind. The SQL
is the same on SQLite and PostgreSQL. Score sums are integers, for sums of floats depend on their order.

Days whose posts were dropped into an archive keep the totals that were computed from there (analysis/archive): what
arrives here for such a day is counted when the archive has taken it in.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, text

from collector import packed
from collector.clock import DAY
from collector.store import Store
from collector.upsert import join_as_written, mark_dirty

HOURS_AT_ONCE = 500

# the marked hours of one transaction; the order keeps the hours of one day together
SOME_HOURS = "SELECT title_id, hour FROM dirty_hour ORDER BY title_id, hour LIMIT :hours"


def _day_of(moment: str) -> str:
    """Return the SQL of a day's first second; the remainder is taken twice: that of a time before 1970 is negative."""
    return f"{moment} - (({moment} % {DAY}) + {DAY}) % {DAY}"


SOME_DAYS = f"SELECT DISTINCT title_id, {_day_of('hour')} AS day FROM ({SOME_HOURS}) AS h"


def _is_kept(row: str, period: str) -> str:
    """Return the condition that a row's platform and day were not dropped into an archive."""
    day = _day_of(f"{row}.{period}")
    return f"NOT EXISTS (SELECT 1 FROM dropped_day g WHERE g.platform = {row}.platform AND g.day = {day})"


KEPT = _is_kept("m", "hour")

FEELINGS = ("positive", "neutral", "negative", "unscored")
BY_FEELING = ", ".join(
    f"COALESCE(SUM(CASE WHEN l.sentiment = '{name}' THEN 1 ELSE 0 END), 0) AS {name}" for name in FEELINGS
)
# scores have four decimals, so that times 10,000 they are whole up to the last bit of a float
SUMS = ", ".join(
    f"COALESCE(SUM(CAST(ROUND(l.{name} * 10000) AS BIGINT)), 0) AS {name}_sum" for name in ("score", "raw_score")
)
UNLABELLED = "SUM(CASE WHEN l.post_id IS NULL THEN 1 ELSE 0 END) AS unlabelled"
ADDED = (*FEELINGS, "unlabelled", "score_sum", "raw_score_sum", "sample")  # what days and hours count beside posts
SUMS_OF_HOURS = ", ".join(f"SUM(h.{name}) AS {name}" for name in ADDED)
SAMPLE = "SUM(CASE WHEN p.sample THEN 1 ELSE 0 END) AS sample"
# CROSS JOIN before mention keeps SQLite from reading all mentions for each batch: it takes that order as given
POSTS = "JOIN post p ON p.id = m.post_id LEFT JOIN label l ON l.post_id = m.post_id"


@dataclass(frozen=True, slots=True)
class Total:
    """One table of totals: its key and figures, and the SQL that computes them from the posts.

    `quick` gives the same for some days where the totals of their hours are known already.
    """

    table: str
    period: str  # the column that holds the time: "hour" or "day"
    columns: tuple[str, ...]
    query: str  # with the places {some} and {which} for the hours or days to compute
    quick: str = ""  # with the place {some}

    def compute(self) -> str:
        """Return the SQL that computes all totals."""
        return self.query.format(some="", which="")

    def compute_some(self, some: str) -> str:
        """Return the SQL that computes those of some hours or days, a sub-query of (title_id, hour or day)."""
        if self.quick:
            return self.quick.format(some=some)
        which = f"m.title_id = d.title_id AND m.{self.period} = d.{self.period} AND "
        return self.query.format(some=f"({some}) AS d CROSS JOIN ", which=which)


@dataclass(frozen=True, slots=True)
class Difference:
    """A row of totals that is stored and should not be, or should be and is not."""

    table: str
    kind: str  # "missing", "surplus", or "stale" for packed days
    row: dict[str, Any]


TOTALS = (
    Total(
        "title_hour",
        "hour",
        ("title_id", "hour", "platform", "posts", *ADDED),
        f"SELECT m.title_id, m.hour, m.platform, COUNT(*) AS posts, {BY_FEELING}, {UNLABELLED}, {SUMS}, {SAMPLE}"
        f" FROM {{some}}mention m {POSTS} WHERE {{which}}{KEPT} GROUP BY m.title_id, m.hour, m.platform",
    ),
    Total(
        "topic_hour",
        "hour",
        ("title_id", "hour", "platform", "topic_id", "posts", *FEELINGS, "sample"),
        f"SELECT m.title_id, m.hour, m.platform, t.topic_id, COUNT(*) AS posts, {BY_FEELING}, {SAMPLE}"
        f" FROM {{some}}mention m JOIN post_topic t ON t.post_id = m.post_id {POSTS} WHERE {{which}}{KEPT}"
        " GROUP BY m.title_id, m.hour, m.platform, t.topic_id",
    ),
    Total(
        "title_day",
        "day",
        ("title_id", "day", "platform", "posts", "authors", *ADDED),
        f"SELECT m.title_id, {_day_of('m.hour')} AS day, m.platform, COUNT(*) AS posts,"
        f" COUNT(DISTINCT p.author_key) AS authors, {BY_FEELING}, {UNLABELLED}, {SUMS}, {SAMPLE}"
        f" FROM {{some}}mention m {POSTS} WHERE {{which}}{KEPT} GROUP BY m.title_id, day, m.platform",
        # only the distinct authors need the posts of the whole day again
        f"SELECT s.title_id, s.day, s.platform, s.posts, a.authors, {', '.join(f's.{name}' for name in ADDED)} FROM ("
        f"SELECT d.title_id, d.day, h.platform, SUM(h.posts) AS posts, {SUMS_OF_HOURS}"
        " FROM ({some}) AS d CROSS JOIN title_hour h"
        f" WHERE h.title_id = d.title_id AND h.hour >= d.day AND h.hour < d.day + {DAY} AND {_is_kept('h', 'hour')}"
        " GROUP BY d.title_id, d.day, h.platform) AS s JOIN ("
        "SELECT d.title_id, d.day, m.platform, COUNT(DISTINCT p.author_key) AS authors"
        " FROM ({some}) AS d CROSS JOIN mention m JOIN post p ON p.id = m.post_id"
        f" WHERE m.title_id = d.title_id AND m.hour >= d.day AND m.hour < d.day + {DAY} AND {KEPT}"
        " GROUP BY d.title_id, d.day, m.platform"
        ") AS a ON a.title_id = s.title_id AND a.day = s.day AND a.platform = s.platform",
    ),
)


def roll(store: Store, *, hours: int = HOURS_AT_ONCE) -> int:
    """Compute anew every marked hour, and the days it lies in. Returns how many hours that were. Raises StoreError."""
    done = 0
    while some := _roll_some(store, hours):
        done += some
    return done


def _roll_some(store: Store, hours: int) -> int:
    """Compute up to this many marked hours in one transaction."""
    limit = {"hours": hours}
    with store.writing() as connection:
        join_as_written(connection)
        marked = connection.execute(text(f"SELECT COUNT(*) FROM ({SOME_HOURS}) AS h"), limit).scalar_one()
        if marked:
            for total in TOTALS:
                _replace(connection, total, limit)
            packed.pack(connection, SOME_DAYS, limit)
            connection.execute(text(f"DELETE FROM dirty_hour WHERE (title_id, hour) IN ({SOME_HOURS})"), limit)
        return int(marked)


def _replace(connection: Connection, total: Total, limit: dict[str, int]) -> None:
    some = SOME_HOURS if total.period == "hour" else SOME_DAYS
    kept = _is_kept(total.table, total.period)
    connection.execute(
        text(f"DELETE FROM {total.table} WHERE (title_id, {total.period}) IN ({some}) AND {kept}"), limit
    )
    connection.execute(
        text(f"INSERT INTO {total.table} ({', '.join(total.columns)}) {total.compute_some(some)}"),
        limit,
    )


def verify(store: Store) -> list[Difference]:
    """Compute all totals anew and compare them with what is stored, both ways; [] when they are exact.

    Hours that are marked, and the days they lie in, are known to be out of date and left out. So are days that were
    dropped into an archive: `buzz archive` proves those. Packed days are compared with the hours that they hold.
    """
    with store.reading() as connection:
        found = [difference for total in TOTALS for difference in _compare(connection, total)]
        return found + [
            Difference(stale.table, "stale", {"title_id": stale.title_id, "day": stale.day})
            for stale in packed.differences(connection)
        ]


def repair(store: Store, differences: Sequence[Difference]) -> int:
    """Compute anew the hours and days that were found to differ. Returns how many hours. Raises StoreError."""
    # a day is computed anew with any of its hours, so its first one stands for it
    rows = [found.row for found in differences]
    hours = {(int(row["title_id"]), int(row["hour"] if "hour" in row else row["day"])) for row in rows}
    with store.writing() as connection:
        mark_dirty(connection, hours)
    return roll(store)


def _compare(connection: Connection, total: Total) -> Sequence[Difference]:
    columns = ", ".join(total.columns)
    is_marked = "m.hour = x.hour" if total.period == "hour" else f"m.hour >= x.day AND m.hour < x.day + {DAY}"
    unmarked = f"NOT EXISTS (SELECT 1 FROM dirty_hour m WHERE m.title_id = x.title_id AND {is_marked})"
    there = f"{unmarked} AND {_is_kept('x', total.period)}"
    computed = f"SELECT {columns} FROM ({total.compute()}) AS x"
    stored = f"SELECT {columns} FROM {total.table} AS x"
    return [
        Difference(total.table, kind, dict(row))
        for kind, one, other in (("missing", computed, stored), ("surplus", stored, computed))
        for row in connection.execute(text(f"{one} WHERE {there} EXCEPT {other} WHERE {there}")).mappings()
    ]
