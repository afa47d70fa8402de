"""Fills a database with invented posts by plain SQL, many at once, for benchmarks that need a great many.

Like posts in size: 136 characters, 1.24 of 200 titles and half of a topic each, labelled; every 50th text begins as a
formula would, some hold quotes and line breaks. The same posts each time. `python invented_posts.py URL ROWS`
"""

import random
import sqlite3
import sys
from collections.abc import Iterator
from itertools import islice
from typing import Any, NamedTuple

from collector.store import Store

TITLES = 200
TOPICS = 20
FIRST = 1_640_995_200  # 2022-01-01
EVERY = 3  # seconds between two posts
LATE = 300  # one post comes in up to so many seconds after its neighbours
CHUNK = 10_000
POST = (
    "id", "platform", "native_id", "uri", "url", "created_at", "claimed_at", "collected_at", "edited_at", "text",
    "language", "hashtags", "likes", "reposts", "replies", "author_key", "sample",
)  # fmt: skip
MENTION = ("title_id", "hour", "post_id", "platform")
LABEL = (
    "post_id", "language", "language_by", "sentiment", "score", "raw_score", "sentiment_by", "topics_by",
)  # fmt: skip
POST_TOPIC = ("post_id", "topic_id")
WORDS = (
    "the", "finale", "of", "season", "was", "so", "good", "that", "we", "cried", "and", "laughed", "again", "what",
    "a", "scene", "music", "never", "bored", "slow", "start", "but", "then", "좀비", "最高", "wow", "dance", "costumes",
    "“brilliant”", "terrible", "ending", "#Story", "(really)", "10/10", "episode", "seven", "tonight", "😀",
)  # fmt: skip
OPENINGS = ("=1+1 ", "+1 ", "-- ", "@all ", "\u200b=2 ", "\uff1dcmd ", "\t", 'said "no", ', "two\nlines ", "😀 ")


class Rows(NamedTuple):
    """What one post becomes: rows of each table."""

    post: tuple[Any, ...]
    mentions: list[tuple[Any, ...]]
    label: tuple[Any, ...]
    topics: list[tuple[Any, ...]]


def invented(rows: int) -> Iterator[Rows]:
    """Yield posts, the same each time."""
    chance = random.Random(7)  # noqa: S311 - the same posts each time are what is wanted
    for number in range(1, rows + 1):
        yield _post(number, chance)


def _post(number: int, chance: random.Random) -> Rows:
    platform = ("bluesky", "mastodon", "x", "reddit")[number % 4]
    at = FIRST + number * EVERY - (chance.randrange(LATE) if number % 10 == 0 else 0)
    words = " ".join(chance.choices(WORDS, k=24))
    text = (OPENINGS[number // 50 % len(OPENINGS)] if number % 50 == 0 else "") + words
    titles = {min(int(chance.expovariate(0.03)), TITLES - 1) + 1 for _ in range(2 if number % 4 == 0 else 1)}
    tags = " ".join(f"Title{title}" for title in sorted(titles))
    topics = set() if number % 2 else {chance.randrange(TOPICS) + 1}
    sentiment = chance.choice(("positive", "neutral", "negative", "unscored"))
    score = (
        None if sentiment == "unscored" else round(chance.uniform(-1, 1), 4) + 0.0
    )  # never -0.0, which SQLite keeps as 0
    seen = None if platform == "reddit" else int(chance.expovariate(0.1))
    native = f"{number:018d}"
    return Rows(
        (number, platform, native, f"at://did:plc:invented/{native}", f"https://{platform}.example/post/{native}", at,
         None, at + 60, None, text[:136], "en", tags, seen, seen, number % 7, f"{chance.getrandbits(64):016x}",
         False),
        [(title, at - at % 3600, number, platform) for title in titles],
        (number, "en", "script/1", sentiment, score, score, "vader/1", "topics/1"),
        [(number, topic) for topic in topics],
    )  # fmt: skip


def fill(url: str, rows: int) -> None:
    """Bring the database to today's schema and put the posts into it, with titles and topics but without totals."""
    with Store.open(url) as store:
        store.title_ids([f"Title {number}" for number in range(1, TITLES + 1)])
        store.topic_ids([f"topic {number}" for number in range(1, TOPICS + 1)])
        connection = store.engine.raw_connection()
        try:
            driver: Any = connection.driver_connection
            put = _into_sqlite if store.engine.dialect.name == "sqlite" else _into_postgresql
            put(driver, invented(rows))
        finally:
            connection.close()


def _into_sqlite(connection: sqlite3.Connection, posts: Iterator[Rows]) -> None:
    while chunk := list(islice(posts, CHUNK)):
        connection.execute("BEGIN IMMEDIATE")
        for table, columns, rows in _tables(chunk):
            marks = ", ".join("?" * len(columns))
            connection.executemany(f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})", rows)  # noqa: S608 - names of our own
        connection.execute("COMMIT")
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.execute("ANALYZE")


def _into_postgresql(connection: Any, posts: Iterator[Rows]) -> None:  # noqa: ANN401 - psycopg is an extra
    while chunk := list(islice(posts, CHUNK)):
        with connection.cursor() as cursor:
            for table, columns, rows in _tables(chunk):
                with cursor.copy(f"COPY {table} ({', '.join(columns)}) FROM STDIN") as copy:
                    for row in rows:
                        copy.write_row(row)
        connection.commit()
    connection.autocommit = True
    connection.execute("VACUUM ANALYZE")


def _tables(chunk: list[Rows]) -> Iterator[tuple[str, tuple[str, ...], list[tuple[Any, ...]]]]:
    yield "post", POST, [rows.post for rows in chunk]
    yield "label", LABEL, [rows.label for rows in chunk]
    yield "mention", MENTION, [row for rows in chunk for row in rows.mentions]
    yield "post_topic", POST_TOPIC, [row for rows in chunk for row in rows.topics]


if __name__ == "__main__" and len(sys.argv) > 1:
    fill(sys.argv[1], int(sys.argv[2]))
