"""The migrations make exactly the tables that the models declare, and bring every older schema up with its rows."""

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import every_table
import pytest
from local_postgres import LocalPostgres, programs
from sqlalchemy import create_engine, text

from analysis.rollup import roll, verify
from collector import migrate, search_index
from collector.engine import open_engine
from collector.errors import StoreError
from collector.models import metadata
from collector.store import Store


def sqlite_schema(path: Path) -> list[str]:
    engine = create_engine(f"sqlite:///{path}")
    with engine.connect() as connection:
        found = connection.execute(text("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL")).scalars().all()
    engine.dispose()
    # the search index is no model: it is another thing on each database, and FTS5 keeps it in tables of its own
    kept = [sql for sql in found if "alembic_version" not in sql and "post_search" not in sql]
    # the order of the constraints within a table is nobody's choice
    return sorted(" ".join(sorted(re.split(r"[\s,]+", sql))) for sql in kept)


def test_sqlite_is_the_same_by_migration_and_by_model(tmp_path: Path) -> None:
    Store.open(f"sqlite:///{tmp_path / 'migrated.db'}").close()
    made = open_engine(f"sqlite:///{tmp_path / 'made.db'}")
    metadata.create_all(made)
    made.dispose()
    migrated = sqlite_schema(tmp_path / "migrated.db")
    assert any("CHECK" in sql and "'unscored'" in sql for sql in migrated)
    assert migrated == sqlite_schema(tmp_path / "made.db")


@pytest.fixture
def two_databases(postgres: LocalPostgres) -> Iterator[tuple[str, str]]:
    names = postgres.create(), postgres.create()
    yield names
    for name in names:
        postgres.drop(name)


def dumped(server: LocalPostgres, name: str) -> list[str]:
    folder = programs()
    assert folder is not None
    address = server.url(name).replace("postgresql+psycopg://", "postgresql://")
    printed = subprocess.run(
        [folder / "pg_dump", "-s", "--no-owner", "-T", "alembic_version", "-T", "post_search", address],
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    kept = [line for line in printed.splitlines() if line and not line.startswith(("--", "\\"))]
    return sorted(" ".join(line.split()) for line in kept)


def test_postgresql_is_the_same_by_migration_and_by_model(
    postgres: LocalPostgres, two_databases: tuple[str, str]
) -> None:
    migrated, made = two_databases
    Store.open(postgres.url(migrated)).close()
    engine = open_engine(postgres.url(made))
    metadata.create_all(engine)
    engine.dispose()
    assert dumped(postgres, migrated) == dumped(postgres, made)


def built(url: str, revision: str) -> None:
    """Make a database as a version with this schema would, with rows in every table."""
    engine = open_engine(url)
    migrate.upgrade(engine, url, to=revision)
    with engine.begin() as connection:
        every_table.write(connection, revision)
        if revision == "0007":  # days were packed in another form
            connection.execute(text("UPDATE packed_hours SET packed = '[]'"))
        if search_index.is_there(connection):
            search_index.index_lacking(connection)
    engine.dispose()


@pytest.mark.parametrize("revision", migrate.revisions())
def test_every_older_schema_comes_up_with_its_rows(empty_database_url: str, revision: str) -> None:
    built(empty_database_url, revision)
    with Store.open(empty_database_url) as store:
        assert migrate.current(store.engine) == migrate.head()
        with store.reading() as connection:
            assert every_table.stored(connection, revision) == every_table.expected(revision)
            assert search_index.amiss(connection) == (0, 0)
        assert verify(store) == []
        assert roll(store) == 1
        assert verify(store) == []
        new = store.title_ids(["a new title"])
    assert len(new) == 1


def test_the_rows_of_these_tests_fill_every_table() -> None:
    assert set(every_table.rows_at(migrate.head())) == set(metadata.tables)


def test_a_database_of_an_older_schema_is_not_read_but_told_of(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'old.db'}"
    built(url, "0001")
    with pytest.raises(StoreError, match=r"has schema 0001, .* needs .*run any collecting command once"):
        migrate.check(open_engine(url, read_only=True), "old.db")
