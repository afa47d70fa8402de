"""The search index is exact through new posts, edits, deletions, rollbacks and an upgrade with posts in it."""

from datetime import timedelta

import pytest
from alembic import command
from filling import NOON
from sqlalchemy import Connection, delete, func, insert, select

from collector import migrate, search_index
from collector.clock import to_seconds
from collector.engine import open_engine
from collector.models import Post, table
from collector.records import Batch, MatchedPost
from collector.search_tokens import FILLER, indexed
from collector.source import PostDraft
from collector.store import Store

POST = table(Post)


def post(native_id: str, text: str, *tags: str, edited: int = 0) -> MatchedPost:
    at = NOON + timedelta(minutes=edited) if edited else None
    draft = PostDraft("x", native_id, NOON, text, hashtags=frozenset(tags), edited_at=at)
    return MatchedPost(draft=draft, titles=(), created_at=to_seconds(NOON))


def save(store: Store, *posts: MatchedPost, deleted: tuple[str, ...] = ()) -> None:
    store.save(Batch(source="x", platform="x", posts=posts, deleted=deleted))


def stored(connection: Connection) -> dict[str, str]:
    """Return the tokens of each indexed post by its native id, in their places."""
    if connection.dialect.name == "sqlite":
        rows = connection.exec_driver_sql("SELECT rowid, tokens FROM post_search").all()
        connection.exec_driver_sql("INSERT INTO post_search(post_search) VALUES ('integrity-check')")
    else:
        query = (
            "SELECT post_id, string_agg(lexeme, ' ' ORDER BY place) FROM post_search"
            " LEFT JOIN LATERAL unnest(tokens) AS part ON true LEFT JOIN LATERAL unnest(positions) AS place ON true"
            " GROUP BY post_id"
        )
        rows = connection.exec_driver_sql(query).all()
    names = {row.id: row.native_id for row in connection.execute(select(POST.c.id, POST.c.native_id))}
    return {names[post_id]: tokens or "" for post_id, tokens in rows}


def everything(store: Store) -> dict[str, str]:
    with store.writing() as connection:  # FTS5 checks itself by a statement of writing
        return stored(connection)


def change_everything_and_fail(store: Store) -> None:
    with store.writing() as connection:
        connection.execute(delete(POST))
        connection.execute(insert(POST), [_row(2)])
        search_index.index_lacking(connection)
        raise RuntimeError


def test_new_posts_are_indexed_with_the_page_that_brings_them(store: Store) -> None:
    save(store, post("1", "The zombie 안무", "Dance"), post("2", "?!"))
    save(store, post("1", "The zombie 안무", "Dance"), post("3", "again again"))
    assert everything(store) == {"1": "the zombie 안무 무 #dance", "2": "", "3": "again again"}


def test_an_edited_post_is_found_by_its_newer_text_only(store: Store) -> None:
    save(store, post("1", "older words", "Old"), post("2", "another"))
    save(store, post("1", "newer words", "New", edited=1))
    save(store, post("1", "older words", "Old"))
    assert everything(store) == {"1": "newer words #new", "2": "another"}


def test_a_deleted_post_leaves_the_index_whoever_deletes_it(store: Store) -> None:
    save(store, post("1", "one"), post("2", "two"), post("3", "three"))
    save(store, deleted=("1",))
    with store.writing() as connection:
        connection.execute(delete(POST).where(POST.c.native_id == "2"))
    assert everything(store) == {"3": "three"}
    save(store, post("4", "four"))  # SQLite gives a freed number anew
    assert everything(store) == {"3": "three", "4": "four"}


def test_a_page_that_is_not_saved_is_not_indexed(store: Store) -> None:
    save(store, post("1", "one"))
    with pytest.raises(RuntimeError):
        change_everything_and_fail(store)
    assert everything(store) == {"1": "one"}


def test_a_text_of_any_length_is_indexed(store: Store) -> None:
    long = ["lol " * 5000, "가나다라" * 5000, " ".join(str(number) for number in range(4000)), "x" * 20_000]
    save(store, *(post(str(number), text) for number, text in enumerate(long)))
    found = everything(store)
    for number, text in enumerate(long):
        kept = [token for token in indexed(text).split() if token != FILLER]
        assert [token for token in found[str(number)].split() if token != FILLER] == kept


def test_posts_that_were_there_before_search_are_indexed_by_the_upgrade(
    empty_database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search_index, "BATCH", 3)
    engine = open_engine(empty_database_url)
    settings = migrate._settings()
    with engine.begin() as connection:
        settings.attributes["connection"] = connection
        command.upgrade(settings, "0002")
        connection.execute(insert(POST), [_row(number) for number in range(7)])
    engine.dispose()
    with Store.open(empty_database_url) as store:
        assert everything(store) == {str(number): f"text {number} 좀비 비 #tag{number}" for number in range(7)}
        save(store, deleted=("3",))
        save(store, post("9", "later"))
        assert "3" not in everything(store)
        with store.writing() as connection:
            assert search_index.index_lacking(connection) == 0


def test_what_the_index_lacks_is_added(store: Store) -> None:
    save(store, post("1", "one"))
    with store.writing() as connection:
        connection.execute(insert(POST), [_row(2)])
        assert search_index.index_lacking(connection) == 1
        assert connection.execute(select(func.count()).select_from(POST)).scalar() == 2
    assert everything(store) == {"1": "one", "2": "text 2 좀비 비 #tag2"}


def _row(number: int) -> dict[str, object]:
    empty = dict.fromkeys(("uri", "url", "claimed_at", "edited_at", "language", "likes", "reposts", "replies"))
    return {
        **empty,
        "platform": "x",
        "native_id": str(number),
        "created_at": 0,
        "collected_at": 0,
        "text": f"Text {number} 좀비",
        "hashtags": f"Tag{number}",
        "author_key": None,
        "sample": False,
    }
