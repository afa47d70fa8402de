"""Grows a database to millions of posts by SQL alone, on SQLite and PostgreSQL, for what must be measured at that size.

The same posts each time, in the order of their times: 136 characters, 1.25 of 200 titles and half a topic each, a few
titles much talked of, labelled by whom the caller names. Nobody reads them, so texts are plain words.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from sqlalchemy import Connection, text
from synthetic import WORDS

from analysis.rollup import TOTALS
from collector import packed
from collector.clock import HOUR
from collector.store import Store

# ruff: noqa: S608 - the statements are put together from this file's own constants

TITLES, TOPICS = 200, 20
FIRST = 1_704_067_200  # 2024-01-01
SPAN = 2 * 365 * 24 * HOUR
CHUNK = 200_000  # posts a transaction
COVERED_FOR = 30 * 24 * HOUR  # each source was down for an hour after so long
PLATFORMS = ("bluesky", "mastodon", "reddit", "x")
LABELLERS = {"language": "grown/1", "sentiment": "grown/1", "topics": "grown/1"}
NAMES = tuple(f"Title {number:03}" for number in range(1, TITLES + 1))


class Plan(NamedTuple):
    """How posts lie in time: `whole` of them fill two years, evenly."""

    whole: int
    titles: Sequence[str] = NAMES
    versions: Mapping[str, str] = LABELLERS
    search: bool = True


_NUMBERS = "WITH RECURSIVE n(i) AS (SELECT CAST(:first AS BIGINT) UNION ALL SELECT i + 1 FROM n WHERE i < :last) "
_PLATFORM = "CASE i % 4 WHEN 0 THEN 'bluesky' WHEN 1 THEN 'mastodon' WHEN 2 THEN 'reddit' ELSE 'x' END"
_AT = f"({FIRST} + i * {SPAN} / :whole)"
_HOUR = f"({_AT} - {_AT} % {HOUR})"
_RANDOM = "((i * 7919 + 104729) % 10007)"
_TITLE = f"(({TITLES} * {_RANDOM} * {_RANDOM}) / (10007 * 10007))"  # squared: a few titles have most
_POSTS = f"""
    INSERT INTO post (id, platform, native_id, uri, url, created_at, claimed_at, collected_at, edited_at, text,
        language, hashtags, likes, reposts, replies, author_key, sample)
    {_NUMBERS} SELECT i, {_PLATFORM}, CAST(1000000000000000 + i AS TEXT), NULL,
        'https://example.org/post/' || CAST(i AS TEXT), {_AT}, NULL, {_AT} + 60, NULL,
        substr(:words, CAST(1 + i * 7919 % :width AS INTEGER), 136), 'en', '', i % 997, i % 101, i % 7,
        CAST(1000000000000000 + i * 7919 % 400009 AS TEXT), CAST(0 AS BOOLEAN)
    FROM n
"""
_FIRST_TITLE = (
    "INSERT INTO mention (title_id, hour, post_id, platform)"
    f" {_NUMBERS} SELECT 1 + {_TITLE}, {_HOUR}, i, {_PLATFORM} FROM n"
)
_SECOND_TITLE = (
    "INSERT INTO mention (title_id, hour, post_id, platform)"
    f" {_NUMBERS} SELECT 1 + ({_TITLE} + 50 + i % 97) % {TITLES}, {_HOUR}, i, {_PLATFORM} FROM n WHERE i % 4 = 0"
)
_SCORE = "CASE WHEN i % 4 = 3 THEN NULL ELSE (i % 2001 - 1000) / 1000.0 END"
_LABELS = f"""
    INSERT INTO label (post_id, language, language_by, sentiment, score, raw_score, sentiment_by, topics_by)
    {_NUMBERS} SELECT i, 'en', :language,
        CASE i % 4 WHEN 0 THEN 'positive' WHEN 1 THEN 'neutral' WHEN 2 THEN 'negative' ELSE 'unscored' END,
        {_SCORE}, {_SCORE}, :sentiment, :topics
    FROM n
"""
_POST_TOPICS = (
    f"INSERT INTO post_topic (post_id, topic_id) {_NUMBERS} SELECT i, 1 + i / 2 % {TOPICS} FROM n WHERE i % 2 = 0"
)
_SEARCH = {
    "sqlite": "INSERT INTO post_search (rowid, tokens) SELECT id, text FROM post WHERE id BETWEEN :first AND :last",
    "postgresql": "INSERT INTO post_search (post_id, tokens)"
    " SELECT id, to_tsvector('simple', text) FROM post WHERE id BETWEEN :first AND :last",
}


def grow(store: Store, start: int, posts: int, plan: Plan) -> None:
    """Add the posts with the numbers from start + 1 to `posts`; the first `start` of them are there already."""
    store.title_ids(plan.titles)
    store.topic_ids([f"topic {number:02}" for number in range(1, TOPICS + 1)])
    for first in range(start + 1, posts + 1, CHUNK):
        with store.writing() as connection:
            _add(connection, first, min(first + CHUNK - 1, posts), plan)
    with store.writing() as connection:
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql(f"SELECT setval(pg_get_serial_sequence('post', 'id'), {max(posts, 1)})")
    _settle(store)


def _add(connection: Connection, first: int, last: int, plan: Plan) -> None:
    words = " ".join([WORDS["en"], *reversed(WORDS["en"].split())] * 8)
    values = {"first": first, "last": last, "whole": plan.whole, "words": words, "width": len(words) - 136}
    kind = connection.dialect.name
    if kind == "postgresql":
        connection.exec_driver_sql("SET LOCAL session_replication_role = replica")  # foreign keys hold by construction
    statements = [_POSTS, _FIRST_TITLE, _SECOND_TITLE, _LABELS, _POST_TOPICS, *([_SEARCH[kind]] if plan.search else [])]
    for statement in statements:
        connection.execute(text(statement), values | dict(plan.versions))


def _settle(store: Store) -> None:
    """Let PostgreSQL know what it holds, as it does by itself after a while."""
    with store.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql("VACUUM ANALYZE")
            connection.exec_driver_sql("CHECKPOINT")


def total(store: Store) -> None:
    """Compute every total at once, by the roller's own SQL; nothing is marked afterwards."""
    with store.writing() as connection:
        for one in TOTALS:
            connection.execute(text(f"DELETE FROM {one.table}"))
            connection.execute(text(f"INSERT INTO {one.table} ({', '.join(one.columns)}) {one.compute()}"))
        packed.pack(connection)
        connection.execute(text("DELETE FROM dirty_hour"))
    _settle(store)


def ask(store: Store, pages: int) -> None:
    """Write a ledger of so many pages over the two years, and what they make known of each title."""
    windows = range(FIRST, FIRST + SPAN, COVERED_FOR)
    rows = [
        {"title": title, "platform": platform, "since": start, "until": min(start + COVERED_FOR - HOUR, FIRST + SPAN)}
        for title in range(1, TITLES + 1)
        for platform in PLATFORMS
        for start in windows
    ]
    with store.writing() as connection:
        connection.execute(text(_LEDGER), {"first": 1, "last": pages, "pages": pages})
        connection.execute(text(_COVERED), rows)
    _settle(store)


_LEDGER = f"""
    INSERT INTO ledger (source, platform, target, at, coverage, reason, since, until, read, stored, known, skipped,
        matched)
    {_NUMBERS} SELECT {_PLATFORM}, {_PLATFORM}, 'stream', {FIRST} + i * {SPAN} / :pages, 'covered', '', NULL, NULL, 100,
        50, 40, 10, 90
    FROM n
"""
_COVERED = """
    INSERT INTO covered (title_id, platform, source, target, coverage, since, until)
    VALUES (:title, :platform, :platform, 'stream', 'covered', :since, :until)
"""
