"""What is wrong with a database is found, and told; what can be computed anew is mended."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import every_table
import pytest
from sqlalchemy import text

from analysis.rollup import Difference, repair, verify
from collector import migrate, search_index
from collector.checkup import look, mend_search
from collector.errors import StoreError
from collector.store import Store

SOUND = {"schema": (), "file": (), "references": (), "search": ()}


def found(store: Store) -> dict[str, tuple[str, ...]]:
    return {finding.what: finding.faults for finding in look(store.url)}


@pytest.fixture
def filled(store: Store) -> Store:
    """A store with rows in every table, all of it in order."""
    with store.writing() as connection:
        every_table.write(connection, migrate.head())
        search_index.index_lacking(connection)
    return store


def broken(store: Store, *statements: str) -> None:
    with store.writing() as connection:
        for statement in statements:
            connection.execute(text(statement))


def test_a_sound_database_has_no_faults_and_is_not_changed(filled: Store) -> None:
    assert found(filled) == SOUND
    assert verify(filled) == []


def test_a_lost_index_is_named(filled: Store) -> None:
    broken(filled, "DROP INDEX ix_post_created_at")
    assert found(filled) == SOUND | {"schema": ("post lacks index ix_post_created_at",)}


def test_posts_that_search_lacks_and_entries_without_a_post_are_mended(filled: Store) -> None:
    key = {"sqlite": "rowid", "postgresql": "post_id"}[filled.engine.dialect.name]
    broken(filled, f"DELETE FROM post_search WHERE {key} = 5")
    assert found(filled)["search"] == ("1 posts are not in the search index: --repair adds them",)
    assert mend_search(filled) == 1
    if key == "rowid":  # a foreign key forbids the other on PostgreSQL
        broken(filled, "INSERT INTO post_search (rowid, tokens) VALUES (99, 'word')")
        assert found(filled)["search"] == ("1 entries of the search index belong to no post: --repair takes them out",)
        assert mend_search(filled) == 1
    assert found(filled) == SOUND


def test_wrong_totals_are_computed_anew_whatever_is_wrong_with_them(filled: Store) -> None:
    broken(
        filled,
        "UPDATE title_hour SET posts = 5 WHERE title_id = 7",
        "UPDATE title_day SET authors = 9 WHERE platform = 'x'",
        "DELETE FROM topic_hour",
        "INSERT INTO title_day (title_id, day, platform, posts, authors, positive, neutral, negative, unscored,"
        " unlabelled, score_sum, raw_score_sum, sample) VALUES (7, 864000, 'x', 1, 1, 0, 0, 0, 1, 0, 0, 0, 0)",
    )
    differences = verify(filled)
    assert {(one.table, one.kind) for one in differences if one.kind != "stale"} == {
        ("title_hour", "missing"),
        ("title_hour", "surplus"),
        ("title_day", "missing"),
        ("title_day", "surplus"),
        ("topic_hour", "missing"),
    }
    assert all(isinstance(one, Difference) for one in differences)
    assert repair(filled, differences) > 0
    assert verify(filled) == []
    with filled.reading() as connection:
        stored = every_table.stored(connection, migrate.head())
    expected = every_table.expected(migrate.head())
    assert {name: rows for name, rows in stored.items() if rows != expected[name]} == {"dirty_hour": []}


# --- an SQLite file alone can be like this


@pytest.fixture
def small(sqlite_template: Path, tmp_path: Path) -> Iterator[Store]:
    """A store on SQLite with a hundred posts."""
    (tmp_path / "small.db").write_bytes(sqlite_template.read_bytes())
    with Store.open(f"sqlite:///{tmp_path / 'small.db'}") as store:
        yield store


def test_rows_that_refer_to_nothing_are_counted(small: Store, tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "small.db")) as connection:  # which does not ask for foreign keys
        connection.execute("INSERT INTO mention (title_id, hour, post_id, platform) VALUES (1, 0, 99, 'x')")
        connection.commit()
    told = found(small)["references"]
    assert set(told) == {
        "row 1 of mention refers to a post that is not there",
        "row 1 of mention refers to a title that is not there",
        "1 rows of mention belong to no post",
    }


def test_a_damaged_page_is_a_finding_and_no_traceback(small: Store, tmp_path: Path) -> None:
    small.title_ids([f"title {number}" for number in range(500)])
    with small.reading() as connection:
        page = connection.execute(text("SELECT rootpage FROM sqlite_master WHERE name = 'title'")).scalar_one()
    small.close()
    content = bytearray((tmp_path / "small.db").read_bytes())
    content[(page - 1) * 4096 : page * 4096] = b"\xff" * 4096
    (tmp_path / "small.db").write_bytes(content)
    told = found(small)
    assert told["file"]
    assert all("\n" not in fault for faults in told.values() for fault in faults)


def test_a_database_of_another_schema_is_not_looked_into(small: Store) -> None:
    broken(small, "UPDATE alembic_version SET version_num = '0001'")
    with pytest.raises(StoreError, match="has schema 0001, this version needs"):
        look(small.url)
