"""One feed or search of the news: what is remembered of it, what is new in an answer, and how far that speaks. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from collector import feeds, press
from collector.address import host_of
from collector.errors import RetryLater
from collector.reading import parse_time
from collector.source import Coverage, Cursor, JsonObject, Page

MEMORY = ("covered", "known", "etag", "modified", "wait", "watched")
LONGEST_TAG = 300  # characters of an ETag that are kept
FULL = 100  # the most that a search of Google News gives
REACHES = (1, 7, 30)  # days that a search may look back; the first contact takes the longest
LATE = timedelta(hours=6)  # Google News finds an article so long after its time


@dataclass(frozen=True, slots=True)
class NewsFeed:
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
        """Return whose feed it is."""
        return host_of(self.url)

    @property
    def covered(self) -> datetime | None:
        """Up to when it is known."""
        told = self.memory["covered"]
        return parse_time(told) if told else None

    @property
    def wait(self) -> datetime | None:
        """Until when it asked to be left alone."""
        told = self.memory["wait"]
        return parse_time(told) if told else None

    @property
    def conditions(self) -> dict[str, str]:
        """Return the headers that spare an answer which is known."""
        told = {"If-None-Match": self.memory["etag"], "If-Modified-Since": self.memory["modified"]}
        return {name: value for name, value in told.items() if value}

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

    def news(self, found: feeds.Feed, headers: Mapping[str, str], asked: datetime) -> Page:
        """Make the page of what is new in an answer, and say how far it speaks."""
        items = sorted(found.items, key=feeds.time_of, reverse=True)
        names = {press.mark(feeds.name_of(item)): item for item in items}
        remembered = (self.memory["known"] or "").split()
        times = [parse_time(feeds.time_of(item)) for item in items if feeds.time_of(item)]
        since = self.covered or min([asked, *times])
        if self.reach is not None:
            since = max(since, asked - self.reach)
        is_whole = not found.is_cut  # what broke off is asked for again
        return self.page(
            [item for mark, item in names.items() if mark not in set(remembered)],
            since,
            asked,
            reason=self._missing(found, times, remembered),
            known=" ".join(press.marks(map(feeds.name_of, items))),
            etag=_tag(headers, "ETag") if is_whole else None,
            modified=_tag(headers, "Last-Modified") if is_whole else None,
        )

    def failed(self, fault: RetryLater) -> Page:
        """Return the page that tells of a fault, and has the feed left alone until its time."""
        cursor = {f"{self.key} wait": fault.until.isoformat()}
        return Page(self.target, cursor=cursor, coverage=Coverage.FAILED, reason=str(fault), title=self.title)

    def _missing(self, found: feeds.Feed, times: Sequence[datetime], remembered: Sequence[str]) -> str:
        """Say why articles may be missing since the last reading; nothing where none can be."""
        if found.is_cut:
            return f"{self.target} broke off; what came before was read"
        if self.reach is not None:
            return f"{self.target}: a search gives at most {FULL} articles" if len(found.items) >= FULL else ""
        present = press.marks(map(feeds.name_of, found.items))
        if self.covered is None or press.nothing_lost(times, present, remembered, self.covered):
            return ""
        count = len(found.items)
        return f"{self.target} holds the newest {count} articles, none of them known: some in between may be missing"


def memory_of(cursor: Cursor, key: str) -> dict[str, str | None]:
    """Return what is remembered of a feed."""
    return {name: cursor.get(key, name) for name in MEMORY}


def reach_of(covered: str | None, now: datetime) -> timedelta:
    """Return how far to look back: little where little time has passed, so that a search is seldom full."""
    since = parse_time(covered) - LATE if covered else now - timedelta(days=REACHES[-1])
    days = next((days for days in REACHES if timedelta(days=days) >= now - since), REACHES[-1])
    return timedelta(days=days)


def _tag(headers: Mapping[str, str], name: str) -> str | None:
    told = headers.get(name, "")
    return told if 0 < len(told) <= LONGEST_TAG else None
