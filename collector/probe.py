"""Tries what collecting stands on: each source and ranking, the clock, the disk, the key of the author hashes.

Nothing is saved and nothing is paid for. Each fault is one sentence that says what to mend.
"""

import shutil
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime
from itertools import islice
from pathlib import Path
from typing import Protocol, runtime_checkable

from collector import author, sqlite_file
from collector.checkup import Finding
from collector.collect import watch_of
from collector.config import Config, secret
from collector.errors import BuzzError, ConfigError
from collector.http import Http
from collector.probe_rankings import try_ranking
from collector.ranking import RankingSettings
from collector.source import Coverage, Cursor, Source, SourceSettings, Watch
from collector.sources import SOURCES

PAGES = 12  # of one source at most: a few servers or feeds
LEAST_ROOM = 500_000_000  # bytes
SKEW = timedelta(minutes=1)


@runtime_checkable
class TriesOut(Protocol):
    """What a source may offer beside `fetch`, where fetching costs more than trying needs."""

    def try_out(self) -> None:
        """Ask for the least that shows whether we are let in. Raises as `fetch` does, and ConfigError."""


def probe(config: Config, url: str, http: Http, folder: Path = Path()) -> list[Finding]:
    """Try everything that is enabled; `folder` is that of the config file. Returns one finding for each thing tried.

    The clock is left out where no server told its own, the disk where the database lies on a server.
    """
    tried = [Finding(f"source {name}", tuple(_source(config, name, http))) for name in _enabled(config.sources)]
    tried += [
        Finding(f"ranking {name}", tuple(try_ranking(config, name, folder, http))) for name in _enabled(config.rankings)
    ]
    tried += [Finding("clock", tuple(_clock(http.server_date)))] if http.server_date else []
    path = sqlite_file.path_of(url)
    tried += [Finding("disk", tuple(_disk(path)))] if path else []
    return [*tried, Finding("key", tuple(_key()))]


def _enabled(parts: Mapping[str, SourceSettings] | Mapping[str, RankingSettings]) -> list[str]:
    return [name for name, settings in parts.items() if settings.enabled]


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


def _clock(server_date: tuple[str, datetime]) -> Iterator[str]:
    """Compare our clock with that of the last server that told one."""
    told, at = server_date
    try:
        off = at - parsedate_to_datetime(told)
    except (ValueError, TypeError):
        return
    if abs(off) > SKEW:
        way = "ahead of" if off > timedelta(0) else "behind"
        yield f"this machine's clock is {abs(off)} {way} that of a server: set it (timedatectl set-ntp true)"


def _disk(path: Path) -> Iterator[str]:
    free = shutil.disk_usage(path.resolve().parent).free
    if free < LEAST_ROOM:
        yield f"{path.resolve().parent} has {free / 1e6:,.0f} MB left: free some space, or name another [store] url"


def _key() -> Iterator[str]:
    """Look at the secret without making one; it is made at first use."""
    try:
        author.fingerprint()
        if fault := author.open_to_others():
            yield fault
    except ConfigError as fault:
        yield str(fault)
