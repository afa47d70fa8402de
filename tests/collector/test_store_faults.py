"""What may befall a database file: each is told in one sentence, loses nothing, and can be gone on from."""

import os
import random
import resource
import shutil
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from filling import NOON
from sqlalchemy import text

from collector import engine
from collector.errors import StoreError
from collector.records import Batch, Counts, LedgerEntry, MatchedPost
from collector.source import Coverage, PostDraft
from collector.store import Store

FULL = "the disk is full; free some space and run the same command again, nothing was lost"
NOBODY = 65534


@pytest.fixture
def small(sqlite_template: Path, tmp_path: Path) -> Iterator[Store]:
    """A store on SQLite in which nothing is yet."""
    shutil.copy(sqlite_template, tmp_path / "small.db")
    with Store.open(f"sqlite:///{tmp_path / 'small.db'}") as store:
        store.title_ids(["Squid Game"])
        yield store


def page(number: int, posts: int = 40) -> Batch:
    """One page of posts with its cursor and its ledger row."""
    drafts = [
        PostDraft(platform="mastodon", native_id=f"{number}-{post}", created_at=NOON, text=f"word{post} " * 60)
        for post in range(posts)
    ]
    return Batch(
        source="mastodon",
        platform="mastodon",
        posts=[MatchedPost(draft=draft, titles=(1,), created_at=1_643_716_800, raw="{}") for draft in drafts],
        cursor={"page": str(number)},
        ledger=LedgerEntry(f"page {number}", Coverage.COVERED),
        counts=Counts(read=posts, matched=posts),
    )


def state(store: Store) -> dict[str, int]:
    """Pages that are there, by each of the things that a page is written with; all must be the same."""
    queries = {
        "posts": "SELECT COUNT(*) / 40 FROM post",
        "raw": "SELECT COUNT(*) / 40 FROM raw_post",
        "mentions": "SELECT COUNT(*) / 40 FROM mention",
        "search": "SELECT COUNT(*) / 40 FROM post_search",
        "ledger": "SELECT COUNT(*) FROM ledger",
    }
    with store.reading() as connection:
        found = {name: int(connection.execute(text(query)).scalar_one()) for name, query in queries.items()}
        assert connection.execute(text("PRAGMA integrity_check")).scalar_one() == "ok"
    return found | {"cursor": int(store.cursor("mastodon").get("page") or 0)}


def pages(count: int) -> dict[str, int]:
    return dict.fromkeys(("posts", "raw", "mentions", "search", "ledger", "cursor"), count)


def refused(store: Store, number: int) -> str:
    with pytest.raises(StoreError) as raised:
        store.save(page(number))
    assert "\n" not in str(raised.value)
    assert raised.value.exit_code == 5
    return str(raised.value)


def fault_of(store: Store, batch: Batch) -> str | None:
    """Save a page; return what was wrong, None when it is saved."""
    try:
        store.save(batch)
    except StoreError as fault:
        return str(fault)
    return None


# --- a full disk


def test_a_file_that_cannot_grow_any_more_keeps_whole_pages_only(small: Store) -> None:
    with small.writing() as connection:
        size = connection.execute(text("PRAGMA page_count")).scalar_one()
    saved = 0
    for room in range(1, 90, 4):  # every way of running out: in the posts, the mentions, the index, the ledger …
        with small.engine.connect() as connection:
            connection.connection.driver_connection.execute(f"PRAGMA max_page_count = {size + room}")
        told = fault_of(small, page(saved + 1))
        assert told is None or FULL in told
        saved += told is None
        assert state(small) == pages(saved)
    assert 0 < saved < 22


@contextmanager
def files_up_to(size: int) -> Iterator[None]:
    """Let no file of this process grow beyond so many bytes: writing stops in the middle, as on a full disk."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_write_that_breaks_off_in_the_middle_of_a_commit_leaves_nothing_of_its_page(small: Store) -> None:
    small.save(page(1))
    wal = Path(f"{small.url.removeprefix('sqlite:///')}-wal")
    written, chance = wal.stat().st_size, random.Random(3)
    for _ in range(12):
        with files_up_to(written + chance.randrange(40_000)):
            assert "disk I/O error: the disk cannot be read or written, it may be full" in refused(small, 2)
        assert state(small) == pages(1)
    small.save(page(2))
    assert state(small) == pages(2)


# --- locked


def test_a_database_that_another_program_holds_is_told_after_the_time_out_and_gone_on_with(
    sqlite_template: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "BUSY_SECONDS", 0.1)
    shutil.copy(sqlite_template, tmp_path / "a.db")
    with Store.open(f"sqlite:///{tmp_path / 'a.db'}") as store:
        store.title_ids(["Squid Game"])
        with closing(sqlite3.connect(tmp_path / "a.db", isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            assert "another program has held it for too long; stop that one" in refused(store, 1)
            assert store.cursor("mastodon").get("page") is None  # reading goes on
            other.execute("ROLLBACK")
            store.save(page(1))
        assert state(store) == pages(1)


# --- a torn write-ahead log


def test_a_torn_log_opens_with_some_whole_pages_and_is_gone_on_with(small: Store, tmp_path: Path) -> None:
    for number in range(1, 7):
        small.save(page(number))
    database = Path(small.url.removeprefix("sqlite:///"))
    log = Path(f"{database}-wal").read_bytes()
    chance = random.Random(5)
    seen = set()
    for number in range(12):
        torn = tmp_path / f"torn{number}.db"
        shutil.copy(database, torn)
        Path(f"{torn}-wal").write_bytes(log[: chance.randrange(len(log))])
        with Store.open(f"sqlite:///{torn}") as store:
            found = state(store)
            assert found == pages(found["cursor"])
            store.save(page(found["cursor"] + 1))
            assert state(store) == pages(found["cursor"] + 1)
            seen.add(found["cursor"])
    assert len(seen) > 2


def test_a_log_with_a_changed_byte_ends_there(small: Store, tmp_path: Path) -> None:
    for number in range(1, 4):
        small.save(page(number))
    database = Path(small.url.removeprefix("sqlite:///"))
    log = bytearray(Path(f"{database}-wal").read_bytes())
    log[len(log) // 2] ^= 0xFF
    torn = tmp_path / "torn.db"
    shutil.copy(database, torn)
    Path(f"{torn}-wal").write_bytes(log)
    with Store.open(f"sqlite:///{torn}") as store:
        found = state(store)
        assert found == pages(found["cursor"])
        assert found["cursor"] < 3


# --- what may not be written


@contextmanager
def an_ordinary_user() -> Iterator[None]:
    """Be somebody whom permissions bind: root may write everywhere."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that another user can look into; pytest's own are private."""
    with tempfile.TemporaryDirectory() as made:
        Path(made).chmod(0o755)
        yield Path(made)


@pytest.mark.parametrize(("file_mode", "folder_mode"), [(0o444, 0o777), (0o666, 0o555), (0o444, 0o555)])
def test_what_may_not_be_written_is_told_and_stays(
    sqlite_template: Path, open_folder: Path, file_mode: int, folder_mode: int
) -> None:
    path = open_folder / "a.db"
    shutil.copy(sqlite_template, path)
    path.chmod(file_mode)
    open_folder.chmod(folder_mode)
    before = path.read_bytes()
    with an_ordinary_user(), pytest.raises(StoreError) as raised, Store.open(f"sqlite:///{path}") as store:
        store.title_ids(["Squid Game"])
    open_folder.chmod(0o755)
    assert str(path) in str(raised.value)
    assert "may not be written" in str(raised.value)
    assert path.read_bytes() == before
    path.chmod(0o644)
    with Store.open(f"sqlite:///{path}") as store:
        assert store.title_ids(["Squid Game"]) == {"Squid Game": 1}


# --- somebody else's, or no database at all


def test_another_programs_table_in_our_file_is_left_alone(small: Store) -> None:
    with small.writing() as connection:
        connection.execute(text("CREATE TABLE recipes (name TEXT)"))
        connection.execute(text("INSERT INTO recipes VALUES ('kimchi')"))
    small.close()
    with Store.open(small.url) as store:
        store.save(replace(page(1), cursor={"page": "1"}))
        with store.reading() as connection:
            assert connection.execute(text("SELECT name FROM recipes")).scalar_one() == "kimchi"


@pytest.mark.parametrize("spoil", ["the first page", "the middle", "all of it", "its end"])
def test_a_damaged_file_is_told_and_not_written_to(small: Store, spoil: str) -> None:
    for number in range(1, 4):
        small.save(page(number))
    small.close()
    path = Path(small.url.removeprefix("sqlite:///"))
    whole = path.read_bytes()
    middle = len(whole) // 8192 * 4096
    content = {
        "the first page": b"\xff" * 4096 + whole[4096:],
        "the middle": whole[:4096] + b"\xff" * (len(whole) - 8192) + whole[-4096:],
        "all of it": b"no database" * 1000,
        "its end": whole[:middle],
    }[spoil]
    path.write_bytes(content)
    with pytest.raises(StoreError) as raised, Store.open(small.url) as store:
        store.save(page(4))
    assert "\n" not in str(raised.value)
    assert "restore a backup" in str(raised.value) or "is not an SQLite database" in str(raised.value)
    assert path.read_bytes() == content
