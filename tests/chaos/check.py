"""Is a store consistent? Everything it must be after a kill at any moment, told as sentences; none means it is."""

from collections.abc import Iterator
from typing import Any

from feed import Truth
from sqlalchemy import Connection, text

from analysis.rollup import verify
from collector.store import Store

Row = tuple[Any, ...]

# every row that must be equal in two runs, with names in the place of the numbers that a database gives
CONTENT = {
    "post": "SELECT platform, native_id, uri, url, created_at, claimed_at, collected_at, edited_at, text, language,"
    " hashtags, likes, reposts, replies, author_key, sample FROM post",
    "raw_post": "SELECT p.native_id, r.stored_at, r.payload FROM raw_post r JOIN post p ON p.id = r.post_id",
    "mention": "SELECT t.name, m.hour, p.native_id, m.platform"
    " FROM mention m JOIN post p ON p.id = m.post_id JOIN title t ON t.id = m.title_id",
    "label": "SELECT p.native_id, l.language, l.language_by, l.sentiment, l.score, l.raw_score, l.sentiment_by,"
    " l.topics_by FROM label l JOIN post p ON p.id = l.post_id",
    "post_topic": "SELECT p.native_id, t.name"
    " FROM post_topic x JOIN post p ON p.id = x.post_id JOIN topic t ON t.id = x.topic_id",
    "title_hour": "SELECT t.name, hour, platform, posts, positive, neutral, negative, unscored, unlabelled, score_sum,"
    " raw_score_sum, sample FROM title_hour h JOIN title t ON t.id = h.title_id",
    "title_day": "SELECT t.name, day, platform, posts, authors, positive, neutral, negative, unscored, unlabelled,"
    " score_sum, raw_score_sum, sample FROM title_day d JOIN title t ON t.id = d.title_id",
    "topic_hour": "SELECT t.name, hour, platform, o.name, posts, positive, neutral, negative, unscored, sample"
    " FROM topic_hour h JOIN title t ON t.id = h.title_id JOIN topic o ON o.id = h.topic_id",
    "cursor_value": "SELECT source, key, value FROM cursor_value",
    "ledger": "SELECT source, platform, target, at, coverage, reason, since, until, read, stored, known, skipped,"
    " matched FROM ledger",
    "covered": "SELECT t.name, platform, source, target, coverage, since, until"
    " FROM covered c JOIN title t ON t.id = c.title_id",
    "dirty_hour": "SELECT title_id, hour FROM dirty_hour",
}
SEARCHED = {
    "sqlite": "SELECT p.native_id, s.tokens FROM post_search s JOIN post p ON p.id = s.rowid",
    "postgresql": "SELECT p.native_id, CAST(s.tokens AS TEXT) FROM post_search s JOIN post p ON p.id = s.post_id",
}


def content(store: Store) -> dict[str, list[Row]]:
    """Return every row of every table, sorted."""
    queries = CONTENT | {"post_search": SEARCHED[store.engine.dialect.name]}
    with store.reading() as connection:
        return {name: sorted(_rows(connection, query), key=repr) for name, query in queries.items()}


def page_of(store: Store) -> int:
    """Return the last page of the feed that the store says it has."""
    return int(store.cursor("feed").get("page") or 0)


def faults(store: Store, truth: Truth, acknowledged: int) -> list[str]:
    """Return what is wrong with the store: one sentence each. `acknowledged` is the last page whose saving returned."""
    page = page_of(store)
    found = [f"page {acknowledged} was saved and the cursor stands at {page}"] if page < acknowledged else []
    truth.advance(page)
    with store.reading() as connection:
        found += _broken(connection)
        found += _posts(connection, truth)
        found += _ledger(connection, truth)
        found += _strays(connection)
    return [*found, *(f"totals: {difference}" for difference in verify(store))]


def _broken(connection: Connection) -> Iterator[str]:
    """What the database itself says; PostgreSQL holds foreign keys without being asked."""
    if connection.dialect.name == "sqlite":
        yield from (f"integrity: {row[0]}" for row in _rows(connection, "PRAGMA integrity_check") if row[0] != "ok")
        yield from (f"foreign key: {row}" for row in _rows(connection, "PRAGMA foreign_key_check"))
    yield from (
        f"twice: {row}"
        for row in _rows(connection, "SELECT platform, native_id FROM post GROUP BY 1, 2 HAVING COUNT(*) > 1")
    )


def _posts(connection: Connection, truth: Truth) -> Iterator[str]:
    stored = {
        row[0]: row[1:]
        for row in _rows(connection, "SELECT native_id, created_at, text, likes, reposts, edited_at FROM post")
    }
    named: dict[str, list[str]] = {native_id: [] for native_id in stored}
    for name, hour, native_id, _ in _rows(connection, CONTENT["mention"]):
        named[native_id].append(name)
        if hour != stored[native_id][0] // 3600 * 3600:
            yield f"{native_id} is mentioned in another hour"
    yield from (f"lost: {native_id}" for native_id in truth.posts.keys() - stored.keys())
    yield from (f"surplus: {native_id}" for native_id in stored.keys() - truth.posts.keys())
    for native_id in stored.keys() & truth.posts.keys():
        post = truth.posts[native_id]
        wanted = (post["at"], post["text"], post["likes"], post["reposts"], post["edited_at"])
        if tuple(stored[native_id]) != wanted:
            yield f"{native_id} is {stored[native_id]}, not {wanted}"
        if sorted(named[native_id]) != post["titles"]:
            yield f"{native_id} speaks of {sorted(named[native_id])}, not {post['titles']}"


def _ledger(connection: Connection, truth: Truth) -> Iterator[str]:
    rows = _rows(connection, "SELECT target, read, stored, known, skipped, matched FROM ledger")
    entered = {row[0]: tuple(row[1:]) for row in rows}
    if len(entered) != len(rows):
        yield "a page stands in the ledger twice"
    for target in truth.ledger.keys() | entered.keys():
        if entered.get(target) != truth.ledger.get(target):
            yield f"ledger, {target}: {entered.get(target)}, not {truth.ledger.get(target)}"


def _strays(connection: Connection) -> Iterator[str]:
    """Rows beside a post that should have gone, and posts that cannot be found by search."""
    key = "rowid" if connection.dialect.name == "sqlite" else "post_id"
    queries = {
        "labels without a post": "SELECT post_id FROM label EXCEPT SELECT id FROM post",
        "topics without a label": "SELECT post_id FROM post_topic EXCEPT SELECT post_id FROM label",
        "posts not in the search index": f"SELECT id FROM post EXCEPT SELECT {key} FROM post_search",
        "search entries without a post": f"SELECT {key} FROM post_search EXCEPT SELECT id FROM post",
        "unmarked hours without totals": "SELECT title_id, hour FROM mention"
        " EXCEPT SELECT title_id, hour FROM title_hour EXCEPT SELECT title_id, hour FROM dirty_hour",
    }
    for what, query in queries.items():
        if rows := _rows(connection, query):
            yield f"{len(rows)} {what}, such as {rows[0]}"


def _rows(connection: Connection, query: str) -> list[Row]:
    return [tuple(row) for row in connection.execute(text(query))]
