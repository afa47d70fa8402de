"""News feeds, RSS and Atom of any kind, and Google News searches: headlines and links, no key needed."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from itertools import product
from typing import TYPE_CHECKING, Annotated, ClassVar, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, model_validator

from collector import feeds, press
from collector.address import is_loopback
from collector.duration import Duration
from collector.errors import AccessError, RetryLater
from collector.reading import Fields
from collector.rss_feed import MEMORY, NewsFeed, memory_of, reach_of
from collector.source import Cursor, JsonObject, Kind, Page, PostDraft, SourceSettings, Terms, Watch

if TYPE_CHECKING:
    from collector.http import Http

DEFAULT_FEEDS = (
    "https://www.soompi.com/feed",
    "https://www.koreaboo.com/feed/",
    "https://variety.com/feed/",
    "https://deadline.com/feed/",
    "https://www.hollywoodreporter.com/feed/",
)
NOT_MODIFIED = 304
MAX_BYTES = 5_000_000
GIVING_UP = 2  # faults of one server in one run, after which its other feeds are not asked
RAREST = timedelta(minutes=1)  # publishers ask for no more than one request a minute


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

    def _feeds(self, watch: Watch, cursor: Cursor) -> Iterator[NewsFeed]:
        watched = press.mark(repr(watch.titles))
        for url in self._settings.feeds:
            parts = urlsplit(url)
            query = f" ({press.mark(parts.query)})" if parts.query else ""  # it may be a reader's own key
            key = press.mark(url)
            memory = memory_of(cursor, key)
            if memory["watched"] != watched:  # a feed is read anew, as far back as it goes, for a title that is added
                memory = _anew(memory)
            yield NewsFeed(url, f"{parts.netloc}{parts.path}{query}", memory, key, watched=watched)

    def _searches(self, watch: Watch, cursor: Cursor) -> Iterator[NewsFeed]:
        if not self._settings.google_news:
            return
        url = f"{self._settings.google_news_address.rstrip('/')}/rss/search"
        for title, edition in product(watch.titles, self._settings.google_news_editions):
            country, _, language = edition.partition(":")
            words = " OR ".join(press.quoted(title.phrases or (title.name,)))
            key = press.mark(f"{url} {edition} {words}")  # other words are another search, which begins anew
            memory, watched = memory_of(cursor, key), press.mark(repr((title.hashtags, title.phrases)))
            if memory["watched"] not in {None, watched}:  # its articles are known by words that it did not have before
                memory = _anew(memory)
            reach = reach_of(memory["covered"], self._http.clock())
            params = {
                "q": f"{words} when:{reach.days}d",
                "hl": f"en-{country}" if language == "en" else language,
                "gl": country,
                "ceid": edition,
            }
            target = f"{urlsplit(url).netloc} {edition} {title.name}"
            yield NewsFeed(url, target, memory, key, title.name, params, reach, watched)

    def _held_back(self, feed: NewsFeed, of_host: Sequence[RetryLater]) -> RetryLater | None:
        """Return the wait that is not over yet, or the fault of a server that failed too often in this run."""
        if len(of_host) >= GIVING_UP:
            return of_host[-1]
        until = feed.wait
        if until is None or until <= self._http.clock():
            return None
        return RetryLater(f"{feed.host} is not asked again before {until:%Y-%m-%d %H:%M:%S} UTC", until=until)

    def _read(self, feed: NewsFeed) -> Page:
        asked = self._http.clock()
        answer = self._http.get(feed.url, params=feed.params or None, headers=feed.conditions, max_bytes=MAX_BYTES)
        if answer.status == NOT_MODIFIED:
            return feed.page([], feed.covered or asked, asked)
        found = feeds.read(answer.body, content_type=answer.headers.get("Content-Type", ""), url=answer.url, seen=asked)
        if found is None:
            raise RetryLater(
                f"{feed.target} sent something other than a feed; trying again at the next turn",
                until=answer.at + timedelta(minutes=1),
            )
        return feed.news(found, answer.headers, asked)

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


def _anew(memory: Mapping[str, str | None]) -> dict[str, str | None]:
    """Forget all but the wait that a server asked for."""
    return dict.fromkeys(MEMORY) | {"wait": memory["wait"]}
