"""The app over a PostgreSQL that goes away while it is open, and comes back."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from filling import Posted, fill
from sqlalchemy import text
from streamlit.testing.v1 import AppTest

from collector.engine import open_engine
from collector.store import Store
from ui import app as router


@pytest.fixture
def database_kind() -> str:
    """An SQLite file does not go away."""
    return "postgresql"


@contextmanager
def away(store: Store) -> Iterator[None]:
    """Cut every connection to the database and let none in, as a server that is stopped."""
    name = store.engine.url.database
    admin = open_engine(store.engine.url.set(database="postgres").render_as_string(hide_password=False))
    with admin.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false'))
        end = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = :name"
        connection.execute(text(end), {"name": name})
        try:
            yield
        finally:
            connection.execute(text(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true'))
    admin.dispose()


def words(app: AppTest) -> str:
    assert not app.exception, [fault.message for fault in app.exception]
    return "\n".join(str(part.proto.body) for part in app.get("html"))


def test_a_database_that_is_away_is_one_sentence_and_the_app_goes_on_when_it_is_back(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(store, Posted(), Posted())
    monkeypatch.setenv("BUZZ_DB", store.url)
    app = AppTest.from_file(str(router.__file__), default_timeout=60).run()
    shown = words(app)
    assert "Historical data to Tue 1 Feb 2022" in shown
    with away(store):
        began = time.monotonic()
        told = words(app.run())
        assert "not currently accepting connections" in told
        assert "Historical data" not in told
        assert "Traceback" not in told
        assert time.monotonic() - began < 10
    assert words(app.run()) == shown
