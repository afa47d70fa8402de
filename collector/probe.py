"""Tries what collecting stands on: each source, the clock, room on the disk, the key of the author hashes.

Nothing is saved and nothing is paid for. Each fault is one sentence that says what to mend.
"""

import shutil
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from email.utils import parsedate_to_datetime
from itertools import islice
from typing import Protocol, runtime_checkable

from collector import sqlite_file
from collector.author import AuthorKeys
from collector.checkup import Finding
from collector.collect import watch_of
from collector.config import Config, secret
from collector.errors import BuzzError, ConfigError
from collector.http import Http
from collector.source import Coverage, Cursor, Source, Watch
from collector.sources import SOURCES

PAGES = 12  # of one source at most: a few servers or feeds
LEAST_ROOM = 500_000_000  # bytes
SKEW = timedelta(minutes=2)


@runtime_checkable
class TriesOut(Protocol):
    """What a source may offer beside `fetch`, where fetching costs more than trying needs."""

    def try_out(self) -> None:
        """Ask for the least that shows whether we are let in. Raises as `fetch` does, and ConfigError."""


def probe(config: Config, url: str, http: Http) -> list[Finding]:
    """Try everything. Returns one finding for each thing tried."""
    tried = [Finding(f"source {name}", tuple(_source(config, name, http))) for name in _enabled(config)]
    around = {"clock": _clock(http), "disk": _disk(url), "key": _key()}
    return [*tried, *(Finding(what, tuple(faults)) for what, faults in around.items())]


def _enabled(config: Config) -> list[str]:
    return [name for name, settings in config.sources.items() if settings.enabled]


def _source(config: Config, name: str, http: Http) -> Iterator[str]:
    settings, part = config.sources[name], SOURCES[name]
    token = getattr(settings, "token", None)
    try:
        if token is not None:  # asking would cost money
            secret(token, f"[sources.{name}] token")
            return
        source = part(settings, http)
        if isinstance(source, TriesOut):
            source.try_out()
        else:
            yield from dict.fromkeys(_reasons(source, _little(watch_of(config.titles))))
    except BuzzError as fault:
        yield str(fault)


def _little(watch: Watch) -> Watch:
    """Return as much of a watch as shows whether a platform answers: one title with one hashtag."""
    titles = tuple(title._replace(hashtags=title.hashtags[:1]) for title in watch.titles[:1])
    return replace(watch, hashtags=watch.hashtags[:1], titles=titles)


def _reasons(source: Source, watch: Watch) -> Iterator[str]:
    for page in islice(source.fetch(watch, Cursor()), PAGES):
        if page.coverage in {Coverage.FAILED, Coverage.NOT_COVERED}:
            yield page.reason


def _clock(http: Http) -> Iterator[str]:
    """Compare our clock with that of the last server that told one."""
    if http.server_date is None:
        return
    told, at = http.server_date
    try:
        off = at - parsedate_to_datetime(told)
    except (ValueError, TypeError):
        return
    if abs(off) > SKEW:
        way = "ahead of" if off > timedelta(0) else "behind"
        yield f"this machine's clock is {abs(off)} {way} that of a server: set it (timedatectl set-ntp true)"


def _disk(url: str) -> Iterator[str]:
    path = sqlite_file.path_of(url)
    if path is None:
        return
    free = shutil.disk_usage(path.resolve().parent).free
    if free < LEAST_ROOM:
        yield f"{path.resolve().parent} has {free / 1e6:,.0f} MB left: free some space, or name another [store] url"


def _key() -> Sequence[str]:
    try:
        AuthorKeys.load()
    except ConfigError as fault:
        return (str(fault),)
    return ()
