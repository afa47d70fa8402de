"""A backup restores on either database, is compared each time, and nothing is lost when it cannot be."""

import gzip
import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import every_table
import pytest

from analysis.rollup import verify
from collector import author, migrate, search_index
from collector.backup import NOTE, backup, restore
from collector.engine import open_engine
from collector.errors import BusyError, InputError, StoreError
from collector.lock import only_collector
from collector.store import Store

if TYPE_CHECKING:
    from local_postgres import LocalPostgres


def unheard(_: float) -> None:
    """Take the progress that nobody watches."""


@pytest.fixture
def filled(store: Store) -> Store:
    """A store with rows in every table."""
    with store.writing() as connection:
        every_table.write(connection, migrate.head())
        search_index.index_lacking(connection)
    return store


@pytest.fixture
def small(sqlite_template: Path, tmp_path: Path) -> Iterator[Store]:
    """A store with a title, on SQLite only: for what is the same on both."""
    (tmp_path / "small.db").write_bytes(sqlite_template.read_bytes())
    with Store.open(f"sqlite:///{tmp_path / 'small.db'}") as store:
        store.title_ids(["Squid Game"])
        yield store


def rows_of(url: str) -> dict[str, list[every_table.Row]]:
    """Every row but those of the leader, which a backup does not have; the totals and the search index are right."""
    with Store.open(url) as store, store.reading() as connection:
        assert search_index.amiss(connection) == (0, 0)
        assert verify(store) == []
        return {**every_table.stored(connection, migrate.head()), "leader": []}


def titles(path: Path) -> list[str]:
    with closing(sqlite3.connect(path)) as connection:
        return [name for (name,) in connection.execute("SELECT name FROM title")]


def test_a_backup_of_either_restores_on_both(filled: Store, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    before = rows_of(filled.url)
    file = tmp_path / "made.db.gz"
    made = backup(filled.url, file, unheard)
    assert all(proof.equal for proof in made.proofs)
    assert (made.note.schema, made.note.database) == (migrate.head(), filled.engine.dialect.name)
    assert file.read_bytes()[:2] == b"\x1f\x8b"
    server: LocalPostgres = request.getfixturevalue("postgres")
    name = server.create(request.getfixturevalue("postgres_template"))
    for url in (f"sqlite:///{tmp_path / 'restored.db'}", server.url(name)):
        shares: list[float] = []
        done = restore(file, url, shares.append)
        assert rows_of(url) == before
        assert (done.note, all(proof.equal for proof in done.proofs)) == (made.note, True)
        assert shares[-1] == 1
    server.drop(name)
    assert [path.name for path in tmp_path.iterdir() if ".part" in path.name] == []


def test_replacing_takes_all_that_was_there(filled: Store, tmp_path: Path) -> None:
    file = tmp_path / "made.db"
    backup(filled.url, file, unheard)
    before = rows_of(filled.url)
    filled.title_ids(["written since"])
    with pytest.raises(StoreError, match="holds rows already"):
        restore(file, filled.url, unheard)
    restore(file, filled.url, unheard, replace=True)
    assert rows_of(filled.url) == before
    assert filled.title_ids(["Kingdom"]) == {"Kingdom": 7}  # also for a connection that was open


def test_a_plain_backup_is_a_database_that_opens_in_a_folder_that_nobody_may_write(
    small: Store, tmp_path: Path
) -> None:
    file = tmp_path / "backup.db"
    backup(small.url, file, unheard)
    with closing(sqlite3.connect(f"file:{file}?mode=ro&immutable=1", uri=True)) as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("delete",)
        assert connection.execute("SELECT name FROM title").fetchone() == ("Squid Game",)
    assert not list(tmp_path.glob("backup.db-*"))


def test_a_backup_is_made_while_others_write_and_read(small: Store, tmp_path: Path) -> None:
    with small.writing() as connection:  # a page that is being written
        connection.exec_driver_sql("INSERT INTO title (name) VALUES ('unfinished')")
        made = backup(small.url, tmp_path / "b.db", unheard)
    assert all(proof.equal for proof in made.proofs)
    assert titles(tmp_path / "b.db") == ["Squid Game"]
    assert len(small.title_ids(["unfinished"])) == 1


def test_the_file_of_another_backup_stays_unless_it_may_be_replaced(small: Store, tmp_path: Path) -> None:
    file = tmp_path / "b.db"
    backup(small.url, file, unheard)
    small.title_ids(["a second"])
    with pytest.raises(StoreError, match=r"b\.db is there already: name another file, or give --replace"):
        backup(small.url, file, unheard)
    assert titles(file) == ["Squid Game"]
    backup(small.url, file, unheard, replace=True)
    assert titles(file) == ["Squid Game", "a second"]
    with pytest.raises(StoreError, match="is the database itself"):
        backup(small.url, tmp_path / "small.db", unheard, replace=True)


def test_a_database_of_an_older_schema_is_backed_up_and_brought_up_when_restored(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'old.db'}"
    engine = open_engine(url)
    migrate.upgrade(engine, url, to="0001")
    with engine.begin() as connection:
        every_table.write(connection, "0001")
    engine.dispose()
    assert backup(url, tmp_path / "b.db.gz", unheard).note.schema == "0001"
    restored = f"sqlite:///{tmp_path / 'new.db'}"
    restore(tmp_path / "b.db.gz", restored, unheard)
    assert rows_of(restored)["post"] == every_table.expected("0001")["post"]


# --- what is no backup, or not a whole one


def spoilt(file: Path, content: bytes) -> Path:
    file.write_bytes(content)
    return file


def cut_off(plain: Path) -> Path:
    return spoilt(plain.with_name("s.gz"), gzip.compress(plain.read_bytes())[:-500])


def changed(plain: Path) -> Path:
    return spoilt(plain.with_name("s"), plain.read_bytes().replace(b"Squid Game", b"Squid Fame"))


def short(plain: Path) -> Path:
    return spoilt(plain.with_name("s"), plain.read_bytes()[:-4096])


def notes(plain: Path) -> Path:
    return spoilt(plain.with_name("s"), b"some notes")


def without_note(plain: Path) -> Path:
    with closing(sqlite3.connect(plain)) as connection:
        connection.execute(f"DROP TABLE {NOTE}")
    return plain


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (cut_off, "is damaged"),
        (changed, "title is not as it was when the backup was made"),
        (short, "is damaged"),
        (notes, "is not a backup: `buzz backup FILE` makes one"),
        (without_note, "is a database and no backup: `buzz store copy"),
        (lambda plain: plain.with_name("none.db"), "cannot be read: No such file"),
        (lambda plain: plain.parent, "cannot be read: Is a directory"),
    ],
)
def test_what_is_no_sound_backup_is_told_and_the_database_stays(
    small: Store, tmp_path: Path, spoil: Callable[[Path], Path], said: str
) -> None:
    backup(small.url, tmp_path / "b.db", unheard)
    file = spoil(tmp_path / "b.db")
    with pytest.raises(InputError) as raised:
        restore(file, small.url, unheard, replace=True)
    assert said in str(raised.value)
    assert "\n" not in str(raised.value)
    assert small.title_ids(["Squid Game"]) == {"Squid Game": 1}
    assert list(tmp_path.glob("*.part*")) == []


def test_a_backup_of_a_newer_version_is_refused(small: Store, tmp_path: Path) -> None:
    file = tmp_path / "b.db"
    backup(small.url, file, unheard)
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
        connection.commit()
    with pytest.raises(StoreError, match=r"b\.db has schema 9999, which is newer than this version"):
        restore(file, f"sqlite:///{tmp_path / 'new.db'}", unheard)
    assert not (tmp_path / "new.db").exists()


# --- where it goes


def test_a_damaged_database_is_put_aside_and_the_backup_takes_its_place(small: Store, tmp_path: Path) -> None:
    backup(small.url, tmp_path / "b.db", unheard)
    small.close()
    damaged = spoilt(tmp_path / "small.db", b"nothing of a database\n" * 500)
    done = restore(tmp_path / "b.db", small.url, unheard, replace=True)
    assert done.aside == tmp_path / "small.db.damaged-1"
    assert done.aside.read_bytes().startswith(b"nothing of a database")
    assert titles(damaged) == ["Squid Game"]


def test_another_programs_tables_are_never_replaced(small: Store, tmp_path: Path) -> None:
    backup(small.url, tmp_path / "b.db", unheard)
    theirs = tmp_path / "theirs.db"
    with closing(sqlite3.connect(theirs)) as connection:
        connection.execute("CREATE TABLE recipes (name TEXT)")
    with pytest.raises(StoreError, match=r"theirs\.db is not a Buzzchart database"):
        restore(tmp_path / "b.db", f"sqlite:///{theirs}", unheard, replace=True)
    with closing(sqlite3.connect(theirs)) as connection:
        assert connection.execute("SELECT COUNT(*) FROM recipes").fetchone() == (0,)


def test_a_database_that_is_collected_into_is_not_replaced(small: Store, tmp_path: Path) -> None:
    backup(small.url, tmp_path / "b.db", unheard)
    with only_collector(small), pytest.raises(BusyError, match="another collector already works"):
        restore(tmp_path / "b.db", small.url, unheard, replace=True)


def test_a_backup_is_damaged_where_the_database_is(small: Store, tmp_path: Path) -> None:
    with small.writing() as connection:
        query = "SELECT rootpage FROM sqlite_master WHERE name = 'ix_post_created_at'"
        page = connection.exec_driver_sql(query).scalar_one()
    small.close()
    path = tmp_path / "small.db"
    content = bytearray(path.read_bytes())
    content[(page - 1) * 4096 : page * 4096] = b"\x00" * 4096
    path.write_bytes(content)
    with pytest.raises(StoreError, match=r"small\.db.* is damaged"):
        backup(small.url, tmp_path / "b.db", unheard)
    assert not (tmp_path / "b.db").exists()


# --- the author key is not in it


def test_a_backup_knows_which_author_key_it_goes_with_and_does_not_hold_it(
    small: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(author.VARIABLE, "a secret of sixteen or more")
    note = backup(small.url, tmp_path / "b.db", unheard).note
    assert note.author_key == author.fingerprint()
    assert b"a secret of sixteen" not in (tmp_path / "b.db").read_bytes()
    monkeypatch.setenv(author.VARIABLE, "another secret, just as long")
    assert note.author_key != author.fingerprint()
    assert author.kept_at() == author.VARIABLE


def test_there_is_no_fingerprint_before_there_is_a_key(tmp_path: Path) -> None:
    assert author.fingerprint(tmp_path) is None
    assert list(tmp_path.iterdir()) == []
    author.AuthorKeys.load(tmp_path)
    assert author.fingerprint(tmp_path) is not None
    assert author.kept_at(tmp_path) == str(tmp_path / author.FILE)


def test_what_a_killed_run_left_behind_goes_after_a_day(small: Store, tmp_path: Path) -> None:
    old, young = tmp_path / "b.db.aaaa.part", tmp_path / "b.db.bbbb.part"
    for path in (old, young):
        path.write_bytes(b"half")
    os.utime(old, (1, 1))
    backup(small.url, tmp_path / "b.db", unheard)
    assert (old.exists(), young.exists()) == (False, True)


def test_a_compressed_backup_holds_the_same_file(small: Store, tmp_path: Path) -> None:
    backup(small.url, tmp_path / "b.db.gz", unheard)
    assert gzip.decompress((tmp_path / "b.db.gz").read_bytes()).startswith(b"SQLite format 3\0")
