"""One collector leads on a PostgreSQL; who stands by takes over, and no write of an earlier epoch gets through."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import Engine, select, text

from collector import leader
from collector.engine import open_engine
from collector.errors import BusyError, LostLeadError, StoreError
from collector.leader import LEADER, Office, Silence, Term, session_name
from collector.lock import terms
from collector.store import Store


@pytest.fixture
def database_kind() -> str:
    """Standing by is for PostgreSQL; an SQLite file has its lock."""
    return "postgresql"


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leader, "BEAT_SECONDS", 0.02)
    monkeypatch.setattr(leader, "LOOK_SECONDS", 0.05)


class Standby:
    """A collector in a thread of its own, as another process would be."""

    def __init__(self, url: str) -> None:
        self.said: list[str] = []
        self.stop = threading.Event()
        self.leads = threading.Event()
        self.leaves = threading.Event()
        self.term: Term | None = None
        self.thread = threading.Thread(target=self._run, args=(Office(url, self.said.append),))
        self.thread.start()

    def _run(self, office: Office) -> None:
        while not self.stop.is_set():
            with office.held(self.stop) as term:
                if term is not None:
                    self.term = term
                    self.leads.set()
                    term.over.wait()
                    self.leads.clear()
                    self.leaves.wait()

    def wait(self) -> Store:
        assert self.leads.wait(20), self.said
        assert self.term is not None
        return self.term.store

    def end(self) -> None:
        self.leaves.set()
        self.stop.set()
        self.thread.join(20)
        assert not self.thread.is_alive()


@pytest.fixture
def standing_by(database_url: str) -> Iterator[Callable[[], Standby]]:
    started: list[Standby] = []

    def start() -> Standby:
        started.append(Standby(database_url))
        return started[-1]

    yield start
    for one in started:
        one.end()


def ended(engine: Engine, where: str) -> int:
    """End sessions of PostgreSQL as an administrator would; return how many."""
    query = f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND {where}"
    with engine.begin() as connection:
        return len(connection.execute(text(query)).all())


def epoch(store: Store) -> int:
    with store.reading() as connection:
        return connection.execute(select(LEADER.c.epoch)).scalar_one()


def eventually(what: Callable[[], object]) -> None:
    deadline = time.monotonic() + 20
    while not what():
        assert time.monotonic() < deadline
        time.sleep(0.01)


@contextmanager
def frozen_leader(url: str) -> Iterator[Store]:
    """A leader that took office and says nothing any more, as a process stopped by SIGSTOP."""
    name = session_name()
    engine = open_engine(url, name=name)
    session = leader._session(engine)
    taken = leader._claim(session, name)
    assert taken is not None
    yield Store(url, engine, leader.fence(taken))
    leader._drop(session)
    engine.dispose()


def test_who_stands_by_says_so_once_and_leads_when_the_leader_ends(
    store: Store, standing_by: Callable[[], Standby]
) -> None:
    first = standing_by()
    first.wait()
    second = standing_by()
    eventually(lambda: second.said)
    time.sleep(0.3)  # several looks
    assert not second.leads.is_set()
    first.end()
    second.wait().title_ids(["Paper Lanterns"])
    assert epoch(store) == 2
    assert first.said == []
    assert [said.split(" (")[0] for said in second.said] == [
        "Another collector leads",
        "This collector leads now",
    ]


def test_a_leader_whose_connection_was_cut_writes_nothing_after_the_other_took_over(
    store: Store, standing_by: Callable[[], Standby]
) -> None:
    first = standing_by()
    old = first.wait()
    second = standing_by()
    eventually(lambda: second.said)
    assert ended(store.engine, "pid IN (SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND objsubid = 1)") == 1
    new = second.wait()
    with pytest.raises(LostLeadError, match="another collector has taken over"):
        old.title_ids(["Written by the old"])
    new.title_ids(["Written by the new"])
    eventually(lambda: first.said)
    assert "the server has ended this connection" in first.said[0]
    with store.reading() as connection:
        assert connection.execute(text("SELECT name FROM title")).scalars().all() == ["Written by the new"]


def test_a_leader_frozen_in_the_middle_of_a_write_is_ended_and_its_write_undone(
    store: Store, standing_by: Callable[[], Standby]
) -> None:
    def write_and_freeze(old: Store) -> None:
        with old.writing() as connection:
            connection.execute(text("INSERT INTO title (name) VALUES ('half done')"))
            began = time.monotonic()
            standing_by().wait().title_ids(["Paper Lanterns"])
            assert time.monotonic() - began >= leader.LOOK_SECONDS * leader.PATIENCE
            connection.execute(text("INSERT INTO title (name) VALUES ('woken')"))

    with frozen_leader(store.url) as old, pytest.raises(StoreError, match="has ended this connection"):
        write_and_freeze(old)
    with store.reading() as connection:
        assert connection.execute(text("SELECT name FROM title")).scalars().all() == ["Paper Lanterns"]


def test_the_next_epoch_begins_only_after_a_write_of_the_last_one_is_committed(store: Store) -> None:
    with frozen_leader(store.url) as old:
        raised = threading.Event()

        def raise_epoch() -> None:
            with store.engine.begin() as connection:
                connection.execute(leader.RAISE_EPOCH, {"role": leader.ROLE, "holder": "somebody else"})
            raised.set()

        with old.writing():
            thread = threading.Thread(target=raise_epoch)
            thread.start()
            assert not raised.wait(0.2)
        assert raised.wait(20)
        thread.join()
        with pytest.raises(LostLeadError):
            old.remember("mastodon", {"x": "1"})


def test_a_server_that_goes_and_comes_back_is_told_in_one_sentence_and_led_again(
    store: Store, standing_by: Callable[[], Standby]
) -> None:
    only = standing_by()
    only.leaves.set()
    only.wait()
    address = store.engine.url
    admin = open_engine(address.set(database="postgres").render_as_string(hide_password=False))

    def allow(*, connections: bool) -> None:
        with admin.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text(f'ALTER DATABASE "{address.database}" ALLOW_CONNECTIONS {connections}'))

    allow(connections=False)
    try:
        ended(admin, f"datname = '{address.database}'")
        eventually(lambda: only.said)
        time.sleep(0.3)  # several looks at a server that refuses
        assert not only.leads.is_set()
    finally:
        allow(connections=True)
        admin.dispose()
    only.wait().title_ids(["Paper Lanterns"])
    assert epoch(store) == 2
    assert len(only.said) == 2
    assert "goes on by itself" in only.said[0]
    assert only.said[1] == "This collector leads now (epoch 2)."


def test_a_leader_whose_epoch_was_changed_by_hand_or_by_a_restore_goes_on_with_a_new_one(
    store: Store, standing_by: Callable[[], Standby]
) -> None:
    only = standing_by()
    only.leaves.set()
    old = only.wait()
    with store.writing() as connection:
        connection.execute(text("UPDATE leader SET epoch = 40"))
    eventually(lambda: epoch(store) == 41)
    with pytest.raises(LostLeadError):
        old.title_ids(["Paper Lanterns"])
    only.wait().title_ids(["Paper Lanterns"])
    assert only.said[0].startswith("the lead is lost: another epoch has begun")


def test_a_leader_frozen_while_it_copies_rows_in_is_ended(store: Store, standing_by: Callable[[], Standby]) -> None:
    """COPY waits for its client inside a statement, where no time-out of idle transactions reaches."""

    def copy_and_freeze(old: Store) -> None:
        with old.writing() as connection:
            driver: Any = connection.connection.dbapi_connection
            with driver.cursor().copy("COPY title (name) FROM STDIN") as rows:
                rows.write("half a row")
                standing_by().wait().title_ids(["Paper Lanterns"])

    with frozen_leader(store.url) as old, pytest.raises(StoreError, match="connection"):
        copy_and_freeze(old)
    with store.reading() as connection:
        assert connection.execute(text("SELECT name FROM title")).scalars().all() == ["Paper Lanterns"]


def test_a_run_that_does_not_wait_is_refused_while_another_leads(
    store: Store, standing_by: Callable[[], Standby]
) -> None:
    standing_by().wait()
    with (
        pytest.raises(BusyError, match="another collector"),
        Office(store.url, print).held(threading.Event(), wait=False),
    ):
        pass


def test_a_standby_that_is_stopped_leaves_without_a_term(store: Store, standing_by: Callable[[], Standby]) -> None:
    standing_by().wait()
    stop = threading.Event()
    said: list[str] = []

    def tell(words: str) -> None:
        said.append(words)
        stop.set()

    assert list(terms(store, stop, tell)) == []
    assert len(said) == 1


def test_silence_is_counted_in_looks_and_a_word_ends_it() -> None:
    silence = Silence(3)
    assert [silence.look(spoke) for spoke in ("a", "a", "a", "b", "b", "b", "b")] == [*[False] * 6, True]


def test_a_leader_that_cannot_be_seen_is_never_taken_for_silent() -> None:
    silence = Silence(2)
    assert not any(silence.look(None) for _ in range(10))


def test_names_of_sessions_fit_and_differ(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("socket.gethostname", lambda: "größer-" * 20)
    names = {session_name(), session_name()}
    assert len(names) == 2
    assert all(len(name) < 64 and name.isascii() for name in names)
