"""Streams of Bluesky on the loopback, a store that they are collected into, and a clock."""

from collections.abc import Callable
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from typing import Any

from loopback import Asked, Reply, serving
from sqlalchemy import text

from collector.atproto import Jetstream1, Jetstream2, Repositories
from collector.author import AuthorKeys
from collector.collect import Saver, collect, watch_of
from collector.config import TitleSettings
from collector.http import Http
from collector.records import Counts
from collector.source import Page
from collector.sources.bluesky import Bluesky, BlueskySettings
from collector.store import Store

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
TITLE = TitleSettings(name="Squid Game", hashtags=("SquidGame", "오징어게임"), phrases=("Squid Game",))
V1, V2, REPOS = Jetstream1.path, Jetstream2.path, Repositories.path


class Bench:
    """Streams on the loopback, the store, and a clock."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.now = NOW
        self.titles = [TITLE]
        self.streams: list[str] = []
        self.stack = ExitStack()

    def add(self, answer: Callable[[Asked], Reply], path: str = V1) -> str:
        """Serve a stream; returns its host."""
        server = self.stack.enter_context(serving(answer))
        self.streams.append(server.url.replace("http://", "ws://") + path)
        return server.host

    def source(self, **settings: object) -> Bluesky:
        """Return the source, its settings changed as told."""
        told = BlueskySettings(**({"streams": self.streams, "back": "3h"} | settings))  # type: ignore[arg-type]
        return Bluesky(told, Http(clock=lambda: self.now, timeout=(1, 0.5)))

    def pages(self, **settings: object) -> list[Page]:
        """Return the pages of a run that is not saved."""
        return list(self.source(**settings).fetch(watch_of(self.titles), self.store.cursor("bluesky")))

    def run(self, **settings: object) -> Counts:
        """Make a run."""
        keys = AuthorKeys(b"a secret for tests")
        return collect(Saver(self.store, self.titles, keys, clock=lambda: self.now), self.source(**settings))

    def ask(self, sql: str) -> list[tuple[Any, ...]]:
        """Ask the database."""
        with self.store.reading() as connection:
            return [tuple(row) for row in connection.execute(text(sql))]

    def stored(self) -> list[str]:
        """Return the keys of the posts that are stored."""
        return [uri.rpartition("/")[2] for (uri,) in self.ask("SELECT native_id FROM post ORDER BY native_id")]

    def known(self) -> list[tuple[str, datetime, datetime]]:
        """Return the windows that are known, in order."""
        rows = self.ask("SELECT coverage, since, until FROM covered ORDER BY since, until")
        return [(told, datetime.fromtimestamp(a, UTC), datetime.fromtimestamp(b, UTC)) for told, a, b in rows]
