"""News feeds, RSS and Atom of any kind, and Google News searches: headlines and links, no key needed."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import product
from typing import TYPE_CHECKING, Annotated, ClassVar, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, model_validator

from collector import feeds, press
from collector.address import host_of, is_loopback
from collector.duration import Duration
from collector.errors import AccessError, RetryLater
from collector.reading import Fields, parse_time
from collector.source import Coverage, Cursor, JsonObject, Kind, Page, PostDraft, SourceSettings, Terms, Watch

if TYPE_CHECKING:
    from collector.http import Answer, Http

DEFAULT_FEEDS = (
    "https://www.soompi.com/feed",
    "https://www.koreaboo.com/feed/",
    "https://variety.com/feed/",
    "https://deadline.com/feed/",
    "https://www.hollywoodreporter.com/feed/",
)
NOT_MODIFIED = 304
MAX_BYTES = 5_000_000
MEMORY = ("covered", "known", "etag", "modified", "wait", "watched")
LONGEST_TAG = 300  # characters of an ETag that are kept
GIVING_UP = 2  # faults of one server in one run, after which its other feeds are not asked
FULL = 100  # the most that a search of Google News gives
RAREST = timedelta(minutes=1)  # publishers ask for no more than one request a minute
REACHES = (1, 7, 30)  # days that a search may look back; the first contact takes the longest
LATE = timedelta(hours=6)  # Google News finds an article so long after its time


def _address(written: str) -> str:
    """Check the address of a feed as the user gives it."""
    address = written.strip()
    parts = urlsplit(address)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.username or " " in address:
        raise ValueError('an address such as "https://www.soompi.com/feed"')
    return address


class RssSettings(SourceSettings):
    """`[sources.rss]`: feeds to read, and whether to search Google News for each title, in which editions."""

    every: Duration = timedelta(minutes=30)
    feeds: tuple[Annotated[str, AfterValidator(_address)], ...] = DEFAULT_FEEDS
    google_news: bool = True
    google_news_editions: tuple[Annotated[str, Field(pattern=r"^[A-Z]{2}:[a-z]{2,3}(-[A-Za-z0-9]+)?$")], ...] = (
        "US:en",
    )
    google_news_address: Annotated[str, AfterValidator(_address)] = "https://news.google.com"

    @model_validator(mode="after")
    def _is_polite(self) -> Self:
        asked = (*self.feeds, *([self.google_news_address] if self.google_news else []))
        if self.every < RAREST and not all(map(is_loopback, asked)):
            raise ValueError('publishers ask for no more than one request a minute: every = "1m" or longer')
        return self


@dataclass(frozen=True, slots=True)
class _Feed:
    """One feed or search, and what is remembered of it. `title` is whom a search speaks for; a feed speaks for all."""

    url: str
    target: str
    memory: Mapping[str, str | None] = field(repr=False)  # by the names in MEMORY
    key: str
    title: str | None = None
    params: Mapping[str, str] = field(default_factory=dict)
    reach: timedelta | None = None  # how far a search looks back
    watched: str | None = None  # a mark of the titles that a feed was read for

    @property
    def host(self) -> str:
        return host_of(self.url)

    @property
    def covered(self) -> datetime | None:
        """Up to when it is known."""
        told = self.memory["covered"]
        return parse_time(told) if told else None

    def page(
        self, items: Sequence[JsonObject], since: datetime, until: datetime, *, reason: str = "", **told: str | None
    ) -> Page:
        """Make the page of these items; `told` is what to remember beside how far it is known."""
        values = {"covered": until.isoformat(), "watched": self.watched, "wait": None, **told}
        return Page(
            self.target,
            items=items,
            cursor={f"{self.key} {name}": value for name, value in values.items()},
            coverage=Coverage.PARTIAL if reason else Coverage.COVERED,
            since=since,
            until=until,
            reason=reason,
            title=self.title,
        )

    def failed(self, fault: RetryLater) -> Page:
        cursor = {f"{self.key} wait": fault.until.isoformat()}
        return Page(self.target, cursor=cursor, coverage=Coverage.FAILED, reason=str(fault), title=self.title)


class Rss:
    """Feeds and searches, each by itself: one that fails or asks to wait does not hold up the others."""

    name: ClassVar[str] = "rss"
    platform: ClassVar[str] = press.PLATFORM
    kind: ClassVar[Kind] = Kind.NEWS
    look_back: ClassVar[timedelta] = timedelta(days=3650)  # a quiet feed holds the articles of years
    terms: ClassVar[Terms] = press.TERMS
    Settings: ClassVar[type[SourceSettings]] = RssSettings

    def __init__(self, settings: RssSettings, http: "Http") -> None:
        self._settings = settings
        self._http = http

    def fetch(self, watch: Watch, cursor: Cursor) -> Iterator[Page]:
        """Yield one page a feed, with what it did not hold before. Raises RetryLater only when all of them failed."""
        asked = [*self._feeds(watch, cursor), *self._searches(watch, cursor)]
        asked.sort(key=lambda feed: feed.memory["wait"] is not None)  # those that failed last time do not go first
        faults: list[RetryLater] = []
        of_host: dict[str, list[RetryLater]] = {}
        for feed in asked:
            fault = self._held_back(feed, of_host.get(feed.host, []))
            try:
                if fault is None:
                    yield self._read(feed)
                    continue
            except AccessError as refusal:
                yield Page.not_covered(feed.target, reason=str(refusal), title=feed.title)
                continue
            except RetryLater as asks:
                fault = asks
                of_host.setdefault(feed.host, []).append(fault)
            faults.append(fault)
            yield feed.failed(fault)
        if faults and len(faults) == len(asked):
            raise min(faults, key=lambda fault: fault.until)

    def _feeds(self, watch: Watch, cursor: Cursor) -> Iterator[_Feed]:
        watched = press.mark(repr(watch.titles))
        for url in self._settings.feeds:
            parts = urlsplit(url)
            query = f" ({press.mark(parts.query)})" if parts.query else ""  # it may be a reader's own key
            key = press.mark(url)
            memory = _memory(cursor, key)
            if memory["watched"] != watched:  # a feed is read anew, as far back as it goes, for a title that is added
                memory = dict.fromkeys(MEMORY) | {"wait": memory["wait"]}
            yield _Feed(url, f"{parts.netloc}{parts.path}{query}", memory, key, watched=watched)

    def _searches(self, watch: Watch, cursor: Cursor) -> Iterator[_Feed]:
        if not self._settings.google_news:
            return
        url = f"{self._settings.google_news_address.rstrip('/')}/rss/search"
        for title, edition in product(watch.titles, self._settings.google_news_editions):
            country, _, language = edition.partition(":")
            words = " OR ".join(press.quoted(title.phrases or (title.name,)))
            key = press.mark(f"{url} {edition} {words}")  # other words are another search, which begins anew
            memory = _memory(cursor, key)
            reach = _reach(memory["covered"], self._http.clock())
            params = {
                "q": f"{words} when:{reach.days}d",
                "hl": f"en-{country}" if language == "en" else language,
                "gl": country,
                "ceid": edition,
            }
            target = f"{urlsplit(url).netloc} {edition} {title.name}"
            yield _Feed(url, target, memory, key, title=title.name, params=params, reach=reach)

    def _held_back(self, feed: _Feed, of_host: Sequence[RetryLater]) -> RetryLater | None:
        """Return the wait that is not over yet, or the fault of a server that failed too often in this run."""
        if len(of_host) >= GIVING_UP:
            return of_host[-1]
        asked = feed.memory["wait"]
        if asked is None or parse_time(asked) <= self._http.clock():
            return None
        until = parse_time(asked)
        return RetryLater(f"{feed.host} is not asked again before {until:%Y-%m-%d %H:%M:%S} UTC", until=until)

    def _read(self, feed: _Feed) -> Page:
        asked = self._http.clock()
        told = {"If-None-Match": feed.memory["etag"], "If-Modified-Since": feed.memory["modified"]}
        headers = {name: value for name, value in told.items() if value}
        answer = self._http.get(feed.url, params=feed.params or None, headers=headers, max_bytes=MAX_BYTES)
        if answer.status == NOT_MODIFIED:
            return feed.page([], feed.covered or asked, asked)
        found = feeds.read(answer.body, content_type=answer.headers.get("Content-Type", ""), url=answer.url, seen=asked)
        if found is None:
            raise RetryLater(
                f"{feed.target} sent something other than a feed; trying again at the next turn",
                until=answer.at + timedelta(minutes=1),
            )
        return _page(feed, found, answer, asked)

    @staticmethod
    def parse(item: JsonObject) -> PostDraft:
        """Read one article, as collector.feeds makes them of a feed. Raises SkipItem."""
        article = Fields(item, "article")
        return press.draft(
            link=article.text("link"),
            headline=article.text("title"),
            at=article.maybe_time("published") or article.time("seen"),
            publisher=article.maybe_text("publisher") or "",
            guid=article.maybe_text("id") or "",
        )


def _page(feed: _Feed, found: feeds.Feed, answer: "Answer", asked: datetime) -> Page:
    """Make the page of what is new in a feed, and say how far it speaks."""
    items = sorted(found.items, key=feeds.time_of, reverse=True)
    names = {press.mark(feeds.name_of(item)): item for item in items}
    remembered = (feed.memory["known"] or "").split()
    times = [parse_time(feeds.time_of(item)) for item in items if feeds.time_of(item)]
    since = feed.covered or min([asked, *times])
    if feed.reach is not None:
        since = max(since, asked - feed.reach)
    is_whole = not found.is_cut  # what broke off is asked for again
    return feed.page(
        [item for mark, item in names.items() if mark not in set(remembered)],
        since,
        asked,
        reason=_missing(feed, found, times, remembered),
        known=" ".join(press.marks(map(feeds.name_of, items))),
        etag=_tag(answer, "ETag") if is_whole else None,
        modified=_tag(answer, "Last-Modified") if is_whole else None,
    )


def _missing(feed: _Feed, found: feeds.Feed, times: Sequence[datetime], remembered: Sequence[str]) -> str:
    """Say why articles may be missing since the last reading; nothing where none can be."""
    if found.is_cut:
        return f"{feed.target} broke off; what came before was read"
    if feed.reach is not None:
        return f"{feed.target}: a search gives at most {FULL} articles" if len(found.items) >= FULL else ""
    present = press.marks(map(feeds.name_of, found.items))
    if feed.covered is None or press.nothing_lost(times, present, remembered, feed.covered):
        return ""
    count = len(found.items)
    return f"{feed.target} holds the newest {count} articles, none of them known: some in between may be missing"


def _reach(covered: str | None, now: datetime) -> timedelta:
    """Return how far to look back: little where little time has passed, so that a search is seldom full."""
    since = parse_time(covered) - LATE if covered else now - timedelta(days=REACHES[-1])
    days = next((days for days in REACHES if timedelta(days=days) >= now - since), REACHES[-1])
    return timedelta(days=days)


def _memory(cursor: Cursor, key: str) -> Mapping[str, str | None]:
    return {name: cursor.get(key, name) for name in MEMORY}


def _tag(answer: "Answer", name: str) -> str | None:
    told = answer.headers.get(name, "")
    return told if 0 < len(told) <= LONGEST_TAG else None
