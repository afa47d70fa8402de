"""Databases that cannot be used are told in one sentence; readers cannot write."""

from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from collector import migrate
from collector.engine import open_engine, shown_address
from collector.errors import StoreError
from collector.store import Store


def sentence(url: str) -> str:
    with pytest.raises(StoreError) as raised:
        Store.open(url)
    assert "\n" not in str(raised.value)
    return str(raised.value)


def test_a_file_that_is_no_database_is_left_alone(tmp_path: Path) -> None:
    file = tmp_path / "notes.txt"
    file.write_text("not a database " * 100, encoding="utf-8")
    assert "is not an SQLite database; name another file with --db" in sentence(f"sqlite:///{file}")
    assert file.read_text(encoding="utf-8").startswith("not a database")


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    told = sentence(f"sqlite:///{tmp_path / 'nowhere' / 'a.db'}")
    assert "nowhere" in told
    assert "folder is missing" in told


def test_a_folder_in_place_of_a_file_is_refused(tmp_path: Path) -> None:
    assert str(tmp_path) in sentence(f"sqlite:///{tmp_path}")


@pytest.mark.parametrize("url", ["nonsense", "mysql://a@127.0.0.1/b"])
def test_an_address_of_no_use_is_refused(url: str) -> None:
    assert "[store] url" in sentence(url)


def test_a_server_that_does_not_answer_is_named_without_its_password() -> None:
    told = sentence("postgresql://someone:very-secret@127.0.0.1:1/x")
    assert "very-secret" not in told
    assert "127.0.0.1:1" in told
    assert "check [store] url" in told


def test_someone_elses_database_is_refused(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'theirs.db'}"
    with open_engine(url).begin() as connection:
        connection.execute(text("CREATE TABLE recipes (name TEXT)"))
    assert "holds other tables (recipes)" in sentence(url)


def test_a_newer_schema_is_refused_in_words(store: Store) -> None:
    with store.writing() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    assert "newer than this version" in sentence(store.url)


def test_a_reader_cannot_write(store: Store) -> None:
    reader = open_engine(store.url, read_only=True)
    with reader.connect() as connection, pytest.raises(DBAPIError):
        connection.execute(text("INSERT INTO title (name) VALUES ('x')"))
    reader.dispose()


def test_a_reader_of_a_missing_file_makes_none(tmp_path: Path) -> None:
    file = tmp_path / "none.db"
    with pytest.raises(StoreError, match="collect something first"):
        open_engine(f"sqlite:///{file}", read_only=True)
    assert not file.exists()


def fill(store: Store) -> None:
    """Write more than there is room for; SQLite reports a full disk when its pages run out."""
    with store.writing() as connection:
        pages = connection.execute(text("PRAGMA page_count")).scalar_one()
        connection.execute(text(f"PRAGMA max_page_count = {pages}"))
        connection.execute(text("INSERT INTO title (name) VALUES (:name)"), {"name": "x" * 1_000_000})


def test_a_full_disk_is_told_and_loses_nothing(tmp_path: Path) -> None:
    with Store.open(f"sqlite:///{tmp_path / 'a.db'}") as store:
        store.title_ids(["kept"])
        with pytest.raises(StoreError, match="the disk is full; free some space"):
            fill(store)
        assert store.title_ids(["kept"]) == {"kept": 1}


def test_a_message_shows_no_password() -> None:
    assert shown_address("postgresql://a:secret@127.0.0.1/b") == "postgresql+psycopg://a:***@127.0.0.1/b"


def test_a_fresh_database_is_at_todays_schema(store: Store) -> None:
    assert migrate.current(store.engine) == migrate.head()
