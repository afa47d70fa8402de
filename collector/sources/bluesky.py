"""Bluesky: every post of the network through Jetstream, no key needed, or those of one server through its own stream.

Each run goes on at the stored cursor, reads until it has caught up with its own beginning, and leaves: between runs
nothing is lost that the stream still offers (about 36 hours), and nothing runs for ever. Streams know no hashtags;
posts are matched here. What people delete there is deleted here.
"""

import time
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, ClassVar
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field

from collector import atproto
from collector.address import host_of, is_loopback
from collector.atproto import WIRES, Event, StreamError, Wire
from collector.bluesky_reading import Reading, length, microseconds
from collector.bluesky_refill import Refill, Rereading
from collector.duration import Duration
from collector.errors import AccessError, RetryLater
from collector.reading import parse_time
from collector.source import Coverage, Cursor, Kind, Page, PostsSettings, SourceSettings, Terms, Watch

if TYPE_CHECKING:
    from collector.http import Http
    from collector.websocket import Stream

DEFAULT_STREAMS = (
    "wss://jetstream2.us-east.bsky.network/subscribe",
    "wss://jetstream.us-west.bsky.network/xrpc/network.bsky.jetstream.subscribeEvents",
)
PAGE = 2000  # events; more of them at once are slower, for Python looks through all that it holds
LONGEST_RUN = 300.0  # seconds; what is left is read in the next turn
QUIET = 3.0  # seconds after which a stream of one server has told what it had
REWIND = timedelta(seconds=10)  # another server saw the same events a little earlier or later
KEPT_FOR_SURE = timedelta(hours=24)  # a younger cursor is never moved by a server
JUMP = timedelta(minutes=1)  # the network is never silent for so long
OUTDATED, FUTURE = "OutdatedCursor", "FutureCursor"
NOW = 2**62  # a position and a time after all that we have begun to wait for


def _address(written: str) -> str:
    """Check the address of a stream: by its path it is known of which kind it is."""
    address = written.strip().rstrip("/")
    parts = urlsplit(address)
    is_safe = parts.scheme == "wss" or (parts.scheme == "ws" and is_loopback(address))
    paths = [wire.path for wire in WIRES]
    if not is_safe or not parts.hostname or parts.username or parts.query or parts.path not in paths:
        raise ValueError(f'an address such as "{DEFAULT_STREAMS[0]}"; its path is one of {", ".join(paths)}')
    return address


class BlueskySettings(PostsSettings):
    """`[sources.bluesky]`: the streams, the first that answers is read, and how far the first run looks back."""

    streams: Annotated[tuple[Annotated[str, AfterValidator(_address)], ...], Field(min_length=1)] = DEFAULT_STREAMS
    back: Annotated[Duration, Field(le=timedelta(hours=36))] = timedelta(hours=1)


class Bluesky:
    """Streams, polled. The second one is asked when the first fails."""

    name: ClassVar[str] = "bluesky"
    platform: ClassVar[str] = "bluesky"
    kind: ClassVar[Kind] = Kind.POSTS
    look_back: ClassVar[timedelta] = timedelta(hours=36)
    terms: ClassVar[Terms] = Terms(
        kept="text, link, hashtags, as long as you want; raw answer 7 days",
        shown="in the app, with the link",
        exported="as stored",
        derived="language, sentiment, topics, totals",
        deleted="posts and accounts: told by the stream, gone with the next run",
    )
    Settings: ClassVar[type[SourceSettings]] = BlueskySettings
    parse = staticmethod(atproto.parse)
    glance = staticmethod(atproto.glance)

    def __init__(self, settings: BlueskySettings, http: "Http") -> None:
        self._settings = settings
        self._http = http

    def fetch(self, watch: Watch, cursor: Cursor) -> Iterator[Page]:
        """Yield what came since the cursor up to now, oldest first; then what came before for titles that are added.

        A stream that fails yields a FAILED page and the next one goes on. Raises RetryLater when all failed.
        """
        faults: list[RetryLater] = []
        started, deadline = self._http.clock(), time.monotonic() + LONGEST_RUN
        refill = Refill.read(watch.titles, cursor, started, self._settings.back)
        news = refill.values
        values = {key: value for key, value in {**cursor.values, **news}.items() if value is not None}
        for address in self._settings.streams:
            try:
                self._wait_for(host_of(address), cursor)
                for page in self._stream(address, values):
                    values |= {key: value for key, value in page.cursor.items() if value is not None}
                    yield replace(page, cursor={**page.cursor, **news}) if news else page
                    news = {}
            except RetryLater as fault:
                faults.append(fault)
                yield _failed(address, fault)
            except AccessError as refusal:
                yield Page.not_covered(host_of(address), reason=str(refusal))
            else:
                if refill.since and parse_time(values["covered"]) >= started and time.monotonic() < deadline:
                    yield from self._refill(address, refill, values, deadline)
                return
        if faults:
            raise min(faults, key=lambda fault: fault.until)

    def _refill(self, address: str, refill: Refill, values: Mapping[str, str], deadline: float) -> Iterator[Page]:
        """Read the stream that has just caught up once more, up to where it stands. What is left, the next run reads.

        Another stream than this one would not do: it may have told at another time what this one passed over.
        """
        wire, host, end = wire_of(address), host_of(address), parse_time(values["covered"])
        since = min(refill.since.values())
        position = microseconds(since - REWIND) if wire.has_times else int(values.get(f"{host} refill", 0))
        reading = Rereading(host, microseconds(end), microseconds(since), position, is_exact=not wire.has_times)
        try:
            for page in self._read(address, wire, reading, deadline):
                yield from refill.credited(page, end)
        except RetryLater as fault:
            yield _failed(address, fault)
        except _UnknownPosition:
            yield Page(host, cursor={f"{host} refill": None})
        except AccessError as refusal:
            if end - since <= KEPT_FOR_SURE:
                yield Page.not_covered(host, reason=str(refusal))
            else:  # too long ago for it: the next run asks for what it surely has
                yield from refill.credited(reading.gap(microseconds(end - KEPT_FOR_SURE)), end)

    def _wait_for(self, host: str, cursor: Cursor) -> None:
        """Leave a stream alone that asked for it, also when another one answered meanwhile. Raises RetryLater."""
        asked = cursor.get(host, "wait")
        if asked is not None and (until := parse_time(asked)) > self._http.clock():
            raise RetryLater(f"{host} is not asked again before {until:%Y-%m-%d %H:%M:%S} UTC", until=until)

    def _stream(self, address: str, values: Mapping[str, str]) -> Iterator[Page]:
        """Read one stream from where we stand; where it does not know our number any more, from the time of it."""
        wire = wire_of(address)
        *first, last = self._starts(wire, host_of(address), values)
        for reading in first:
            try:
                yield from self._read(address, wire, reading, time.monotonic() + LONGEST_RUN)
            except (_UnknownPosition, AccessError):
                continue
            return
        yield from self._read(address, wire, last, time.monotonic() + LONGEST_RUN)

    def _starts(self, wire: type[Wire], host: str, values: Mapping[str, str]) -> Iterator[Reading]:
        """Yield from where a stream may be read: its own number, if no other one is ahead of it, then the time."""
        now, covered = self._http.clock(), values.get("covered")
        since = parse_time(covered) if covered else now - self._settings.back
        own, is_ahead = values.get(f"{host} cursor"), values.get(f"{host} covered") == covered
        if own and (is_ahead or not wire.has_times):
            yield Reading(host, microseconds(now), microseconds(since), int(own), is_exact=True)
        if wire.has_times:
            from_time = microseconds(since - REWIND if covered else since)
            yield Reading(host, microseconds(now), microseconds(since), from_time)
        elif not own:
            yield Reading(host, microseconds(now), microseconds(since), 0)

    def _read(self, address: str, wire: type[Wire], reading: Reading, deadline: float) -> Iterator[Page]:
        """Yield pages until the stream has come to where we began. What was read before a fault is kept."""
        from collector.websocket import opened  # noqa: PLC0415 - slow to import, as the network's libraries are

        with opened(self._http, address, wire.query(reading.position), wire.subprotocol) as stream:
            try:
                yield from self._pages(stream, wire, reading, deadline)
            except RetryLater:
                if reading.at is not None:
                    reading.position -= 1  # another event may have the same one
                    yield reading.page(reading.at)
                raise

    def _pages(self, stream: "Stream", wire: type[Wire], reading: Reading, deadline: float) -> Iterator[Page]:
        begins, skip_to = reading.since, reading.position if reading.is_exact else -1
        is_outdated = wire.is_endless and reading.begun - begins > length(KEPT_FOR_SURE)
        jump = length(JUMP)
        for event in self._events(stream, wire, deadline):
            if event.notice:
                if event.notice == FUTURE and reading.is_exact:
                    raise _UnknownPosition
                is_outdated, jump = is_outdated or event.notice == OUTDATED, 0
            elif event.position is None or event.at is None:
                reading.take(event)
            elif event.position > skip_to:
                if reading.at is None and is_outdated and event.at > begins + jump:
                    yield reading.gap(min(event.at, reading.begun))
                if event.at >= reading.begun:
                    break
                if reading.size >= PAGE and event.position != reading.position:
                    yield reading.page(reading.at)
                reading.take(event)
        else:
            yield reading.page(reading.at)  # the time for one run is over
            return
        yield reading.page(reading.begun)

    def _events(self, stream: "Stream", wire: type[Wire], deadline: float) -> Iterator[Event]:
        """Yield events until the run has taken long enough. A small server that falls quiet has told everything."""
        from collector.websocket import Silent  # noqa: PLC0415 - as above

        patience = self._http.timeout[1] if wire.is_endless else QUIET
        while time.monotonic() < deadline:
            try:
                yield from wire.read(stream.frame(patience))
            except Silent:
                if wire.is_endless:
                    raise stream.later("fell silent") from None
                yield Event(NOW, NOW)
                return
            except StreamError as fault:
                raise stream.later(f"ended the stream ({fault})") from fault


class _UnknownPosition(Exception):  # noqa: N818 - an answer, not a fault
    """The stream has begun anew since, and our number means nothing there."""


def wire_of(address: str) -> type[Wire]:
    """Return how the stream at this address is read. Raises ValueError for a path that is none of theirs."""
    path = urlsplit(address).path.rstrip("/")
    found = next((wire for wire in WIRES if wire.path == path), None)
    if found is None:
        raise ValueError(f"{path} is the path of no stream")
    return found


def _failed(address: str, fault: RetryLater) -> Page:
    """Return the page that tells of a fault, and has the stream left alone until its time."""
    wait = {f"{host_of(address)} wait": fault.until.isoformat()}
    return Page(host_of(address), cursor=wait, coverage=Coverage.FAILED, reason=str(fault))
