"""A whole database moves between SQLite and PostgreSQL, every table equal, or not at all."""

from collections.abc import Iterator
from pathlib import Path

import every_table
import pytest
from local_postgres import LocalPostgres
from sqlalchemy import inspect, text

from analysis.rollup import verify
from collector import copy as copying
from collector import migrate, search_index
from collector.copy import Copied, copy
from collector.errors import StoreError
from collector.models import metadata
from collector.snapshot import Content, Proof, Tally, content, encode, shapes, snapshot
from collector.store import Store

NUL_TEXT = "before\0after"


def unheard(_: float) -> None:
    """Take the progress that nobody watches."""


@pytest.fixture
def other_url(database_kind: str, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[str]:
    """The address of a new database of the other kind; on PostgreSQL the tables are there, which is quicker."""
    if database_kind == "postgresql":
        yield f"sqlite:///{tmp_path / 'other.db'}"
        return
    server: LocalPostgres = request.getfixturevalue("postgres")
    name = server.create(request.getfixturevalue("postgres_template"))
    yield server.url(name)
    server.drop(name)


@pytest.fixture
def filled(store: Store) -> Store:
    """A store with rows in every table, odd values included."""
    with store.writing() as connection:
        every_table.write(connection, migrate.head())
        search_index.index_lacking(connection)
    return store


def rows_of(store: Store) -> dict[str, list[every_table.Row]]:
    """Every row but those of the leader, which a copy does not have."""
    with store.reading() as connection:
        return {**every_table.stored(connection, migrate.head()), "leader": []}


def test_every_table_arrives_equal_with_its_indexes_and_keys_and_goes_on_counting(
    filled: Store, other_url: str
) -> None:
    shares: list[float] = []
    copied = copy(filled.url, other_url, shares.append)
    assert all(proof.equal for proof in copied.proofs)
    rows = {proof.table: proof.rows for proof in copied.proofs}
    assert rows == {name: len(rows) for name, rows in every_table.rows_at(migrate.head()).items() if name != "leader"}
    assert shares == sorted(shares)
    assert shares[-1] == 1
    with Store.open(other_url) as other:
        assert rows_of(other) == rows_of(filled)
        with other.reading() as connection:
            assert search_index.amiss(connection) == (0, 0)
        assert verify(other) == []
        assert other.title_ids(["a new one"])["a new one"] > 7
        assert declared(other) == declared(filled)
        if other.engine.dialect.name == "postgresql":
            assert [one["name"] for one in inspect(other.engine).get_indexes("post_search")] == [
                "ix_post_search_tokens"
            ]
            assert len(inspect(other.engine).get_foreign_keys("post_search")) == 1


def declared(store: Store) -> dict[str, set[str]]:
    """The names of each table's keys, unique and foreign keys, checks and indexes; SQLite tells no name of a key."""
    there = inspect(store.engine)
    return {
        table: {
            *(f"foreign key {sorted(key['constrained_columns'])}" for key in there.get_foreign_keys(table)),
            *(f"unique {sorted(one['column_names'])}" for one in there.get_unique_constraints(table)),
            *(f"index {one['name']}" for one in there.get_indexes(table) if not one.get("duplicates_constraint")),
            *(f"check {one['name']}" for one in there.get_check_constraints(table)),
            f"key {there.get_pk_constraint(table)['constrained_columns']}",
        }
        for table in metadata.tables
    }


def test_what_is_written_while_it_copies_is_not_in_the_copy(
    filled: Store, other_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = rows_of(filled)
    original = copying.load

    def load_after_a_write(*arguments: object) -> object:
        filled.title_ids(["written meanwhile"])
        filled.remember("mastodon", {"example.org SquidGame": "111"})
        return original(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(copying, "load", load_after_a_write)
    copy(filled.url, other_url, unheard)
    with Store.open(other_url) as other:
        assert rows_of(other) == before


def test_a_copy_that_breaks_off_leaves_nothing_and_can_be_done_again(
    filled: Store, other_url: str, tmp_path: Path
) -> None:
    def broken_off(share: float) -> None:
        if share > 0.4:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        copy(filled.url, other_url, broken_off)
    assert list(tmp_path.glob("other*")) == []
    assert all(proof.equal for proof in copy(filled.url, other_url, unheard).proofs)


def test_a_database_with_rows_is_not_copied_into(filled: Store, other_url: str) -> None:
    with Store.open(other_url) as other:
        other.remember("mine", {"key": "value"})
    with pytest.raises(StoreError, match=r"holds rows already \(cursor_value\): name a new database"):
        copy(filled.url, other_url, unheard)
    with Store.open(other_url) as other:
        assert other.cursor("mine").get("key") == "value"
        assert other.title_ids([]) == {}


def test_an_unequal_copy_is_not_kept(
    filled: Store, other_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(copying, "insert_rows", _losing_the_last(copying.insert_rows))
    with pytest.raises(StoreError, match=r"differs from the original in .*rank.*, so it was not kept"):
        copy(filled.url, other_url, unheard)
    assert list(tmp_path.glob("other*")) == []


def _losing_the_last(insert: object) -> object:
    def losing(connection: object, into: object, columns: object, rows: list[object]) -> None:
        kept = rows[:-1] if str(into) == "rank" else rows
        insert(connection, into, columns, kept)  # type: ignore[operator]

    return losing


def test_nul_characters_are_left_out_of_postgresql_and_told(sqlite_template: Path, postgres: LocalPostgres) -> None:
    name = postgres.create()
    source = sqlite_template.parent / "nul.db"
    source.write_bytes(sqlite_template.read_bytes())
    with Store.open(f"sqlite:///{source}") as store:
        store.remember("a", {"one": NUL_TEXT, "two": "plain"})
    copied = copy(f"sqlite:///{source}", postgres.url(name), unheard)
    assert copied.cleaned == 1
    with Store.open(postgres.url(name)) as other:
        assert other.cursor("a").get("one") == "beforeafter"
    postgres.drop(name)


def test_an_empty_database_that_others_read_is_filled_in_place(sqlite_template: Path, tmp_path: Path) -> None:
    first, second = tmp_path / "first.db", tmp_path / "second.db"
    for path in (first, second):
        path.write_bytes(sqlite_template.read_bytes())
    with Store.open(f"sqlite:///{first}") as store:
        store.title_ids(["Squid Game"])
    with Store.open(f"sqlite:///{second}") as watching:
        copied = copy(f"sqlite:///{first}", f"sqlite:///{second}", unheard)
        assert isinstance(copied, Copied)
        assert watching.title_ids(["Squid Game"]) == {"Squid Game": 1}
    assert list(tmp_path.glob("*.part*")) == []


@pytest.mark.parametrize(
    ("source", "target", "said"),
    [
        ("none.db", "new.db", "none.db is not there yet"),
        ("real.db", "theirs.db", "theirs.db is not a Buzzchart database"),
        ("theirs.db", "new.db", "theirs.db is not a Buzzchart database"),
        ("real.db", "nowhere/new.db", "nowhere/new.db cannot be written: No such file or directory"),
    ],
)
def test_what_cannot_be_copied_is_told(
    sqlite_template: Path, tmp_path: Path, source: str, target: str, said: str
) -> None:
    (tmp_path / "real.db").write_bytes(sqlite_template.read_bytes())
    engine = copying.open_engine(f"sqlite:///{tmp_path / 'theirs.db'}")
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE recipes (name TEXT)"))
    engine.dispose()
    with pytest.raises(StoreError) as raised:
        copy(f"sqlite:///{tmp_path / source}", f"sqlite:///{tmp_path / target}", unheard)
    assert said in str(raised.value)
    assert not (tmp_path / "new.db").exists()


# --- the comparison itself


def test_a_digest_does_not_depend_on_the_order_and_sees_each_difference() -> None:
    def digest(*rows: tuple[object, ...]) -> Content:
        tally = Tally()
        for row in rows:
            tally.add(encode([row]))
        return tally.content

    one, two = (1, "a", 0.1, None), (2, "", 0.30000000000000004, "b")
    assert digest(one, two) == digest(two, one)
    others = [(one,), (one, two, two), (one, (2, "", 0.3, "b")), (one, (2, None, 0.30000000000000004, "b"))]
    assert len({digest(one, two), *(digest(*rows) for rows in others)}) == 5


def test_a_proof_wants_the_same_rows_and_the_same_digest() -> None:
    assert Proof("post", 2, "aa", 2, "aa").equal
    assert not Proof("post", 2, "aa", 2, "ab").equal
    assert not Proof("post", 2, "aa", 3, "aa").equal


def test_a_snapshot_counts_what_its_moment_holds(filled: Store) -> None:
    with snapshot(filled.url) as taken:
        filled.title_ids(["later"])
        titles = next(shape for shape in taken.shapes if shape.table == "title")
        assert content(taken.connection, titles, lambda _: None).rows == 2
        assert sum(len(rows) for rows in taken.rows(titles)) == 2
    with filled.reading() as connection:
        assert content(connection, titles, lambda _: None).rows == 3
        assert {shape.table for shape in shapes(connection)} == set(every_table.rows_at(migrate.head())) - {"leader"}
