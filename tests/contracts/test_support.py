"""The tests' own supports hold what they promise: databases of one's own, and no way off the loopback."""

import os
import socket
import subprocess
import sys
import threading
from pathlib import Path

import local_postgres
import pytest
from network_guard import NetworkGuard, OutsideConnectionError, is_local
from sqlalchemy import text

from collector import migrate
from collector.engine import open_engine
from collector.store import Store

OUTSIDE = "192.0.2.1"  # kept for documentation by RFC 5737: never anybody's


def test_a_store_starts_at_todays_schema_and_without_posts(store: Store) -> None:
    assert migrate.current(store.engine) == migrate.head()
    with store.engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM post")).scalar_one() == 0


@pytest.mark.parametrize("_turn", [1, 2])
def test_each_test_has_a_database_of_its_own(store: Store, _turn: int) -> None:
    assert store.title_ids(["A Show"])
    with store.engine.connect() as connection:
        assert connection.execute(text("SELECT count(*) FROM title")).scalar_one() == 1


def test_an_empty_database_has_no_tables_yet(empty_database_url: str) -> None:
    engine = open_engine(empty_database_url)
    try:
        assert migrate.current(engine) is None
    finally:
        engine.dispose()


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.9.10", "::1", "localhost", "LOCALHOST", "", None, b"localhost"])
def test_the_loopback_is_local(host: object) -> None:
    assert is_local(host)


@pytest.mark.parametrize("host", [OUTSIDE, "example.org", "10.0.0.1", "2001:db8::1", "localhost.example.org"])
def test_everything_else_is_not_local(host: object) -> None:
    assert not is_local(host)


def test_a_connection_off_the_loopback_is_refused_and_remembered(network_guard: NetworkGuard) -> None:
    with pytest.raises(OutsideConnectionError, match=OUTSIDE):
        socket.create_connection((OUTSIDE, 80), timeout=1)
    assert network_guard.taken() == [f"look-up of {OUTSIDE}"]


def test_an_attempt_in_a_thread_is_remembered_as_well(network_guard: NetworkGuard) -> None:
    def leave() -> None:
        with socket.socket() as sock, pytest.raises(OutsideConnectionError):
            sock.connect((OUTSIDE, 80))

    thread = threading.Thread(target=leave)
    thread.start()
    thread.join()
    assert network_guard.taken() == [f"connection to {OUTSIDE}:80"]


def test_a_connection_on_the_loopback_goes_through() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname()[:2]) as client:
        assert client.getpeername() == server.getsockname()


def test_what_a_killed_run_left_is_swept_and_a_running_one_is_not(tmp_path: Path) -> None:
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    for name, pid in (("dead", gone.pid), ("alive", os.getpid())):
        folder = tmp_path / f"{local_postgres.PREFIX}{name}"
        folder.mkdir()
        (folder / local_postgres.OWNER).write_text(str(pid))
    (tmp_path / f"{local_postgres.PREFIX}starting").mkdir()
    local_postgres._sweep(tmp_path)
    assert sorted(folder.name for folder in tmp_path.iterdir()) == ["buzz-pg-alive", "buzz-pg-starting"]
