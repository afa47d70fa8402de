"""What to read of X with the money there is: searches, hourly volumes, and windows spread over time. Pure.

The rule. The money left is spread evenly over the time left in the month. What has accrued since a search was last read
is shared out so that each search gets the same number of posts, and what a quiet one does not need goes to the others.
A search whose posts fit is read whole; of a louder one, windows of equal length over the whole time get the same number
each, at least the 10 that X returns at once, the newest of each window. Until 10 have accrued, it waits and nothing is
lost, for X's search reaches back 7 days.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil, inf
from typing import NamedTuple, Self

from collector.clock import HOUR, from_seconds, hour_of, to_seconds
from collector.errors import SkipItem
from collector.reading import Fields
from collector.source import WatchedTitle

MAX_QUERY = 512  # characters
WITHOUT = " -is:retweet"
SMALLEST, LARGEST = 10, 100  # posts a page
SHORTEST = timedelta(minutes=5)  # a window
PATIENCE = timedelta(days=6)  # for which a search may wait; X reaches back 7
MOST_WINDOWS = 48  # of one search in one run
USUAL = 24  # known hours, whose mean stands for an hour that is not counted yet


def questions(tags: Sequence[str]) -> tuple[str, ...]:
    """Write as few queries of X as its length allows, any hashtag of which makes a post fit."""
    asked: list[str] = []
    some: tuple[str, ...] = ()
    for tag in tags:
        if some and len(_query((*some, tag))) > MAX_QUERY:
            asked.append(_query(some))
            some = ()
        some = (*some, tag)
    return (*asked, _query(some)) if some else ()


def _query(tags: Sequence[str]) -> str:
    return "(" + " OR ".join(f"#{tag}" for tag in tags) + ")" + WITHOUT


@dataclass(frozen=True, slots=True)
class Search:
    """What is read together: the hashtags of a title, or of titles that share some and fit into one query."""

    titles: tuple[WatchedTitle, ...]

    @property
    def tags(self) -> tuple[str, ...]:
        """Return all their hashtags, each once."""
        return tuple(dict.fromkeys(tag for title in self.titles for tag in title.hashtags))

    @property
    def queries(self) -> tuple[str, ...]:
        """Return what to ask X."""
        return questions(self.tags)

    @property
    def key(self) -> str:
        """Return what its cursor is kept under: other hashtags are another search, which begins anew."""
        return hashlib.blake2b("\n".join(self.queries).encode(), digest_size=8).hexdigest()


def searches(titles: Sequence[WatchedTitle]) -> list[Search]:
    """Return one search for each title; titles that share a hashtag are read by one where that fits into a query."""
    found: list[Search] = []
    for title in titles:
        if not title.hashtags:
            continue
        sharing = [one for one in found if not set(one.tags).isdisjoint(title.hashtags)]
        joined = Search((*(other for one in sharing for other in one.titles), title))
        if sharing and len(joined.queries) == 1:
            found = [joined if one is sharing[0] else one for one in found if one not in sharing[1:]]
        else:
            found.append(Search((title,)))
    return found


@dataclass(frozen=True, slots=True)
class Volume:
    """How many posts there were in each hour that X has counted: by the hour's first second."""

    hours: Mapping[int, int]

    @classmethod
    def read(cls, written: str | None) -> Self:
        """Read what `written` wrote; nothing where there is nothing."""
        first, *amounts = map(int, (written or "0").split())
        return cls({first + number * HOUR: amount for number, amount in enumerate(amounts)})

    @property
    def written(self) -> str:
        """Write it as a line: the first hour, and a number for each hour from there."""
        if not self.hours:
            return "0"
        first, last = min(self.hours), max(self.hours)
        return " ".join(map(str, [first, *(self.hours.get(hour, 0) for hour in range(first, last + HOUR, HOUR))]))

    def __add__(self, other: "Volume") -> "Volume":
        return Volume(
            {hour: self.hours.get(hour, 0) + other.hours.get(hour, 0) for hour in {*self.hours, *other.hours}}
        )

    def between(self, since: datetime, until: datetime) -> float:
        """Return how many posts to expect in a window; an hour that is not counted is like the last 24 that are."""
        known = sorted(self.hours)[-USUAL:]
        usual = sum(self.hours[hour] for hour in known) / len(known) if known else 0.0
        start, end = to_seconds(since), to_seconds(until)
        return sum(
            self.hours.get(hour, usual) * (min(end, hour + HOUR) - max(start, hour)) / HOUR
            for hour in range(hour_of(start), end, HOUR)
        )


def counted(answer: object) -> Volume:
    """Read an answer of X's counts; what is no whole hour is left out. Raises SkipItem for what is no such answer."""
    found: dict[int, int] = {}
    buckets = Fields(answer, "counts").list("data")
    if not buckets:
        raise SkipItem("it counts no hours")  # X names each hour, also those without posts
    for bucket in buckets:
        start, end = bucket.time("start"), bucket.time("end")
        # X is renaming its fields, "tweet" to "post"
        amounts = [amount for key in ("post_count", "tweet_count") if (amount := bucket.count(key)) is not None]
        if not amounts:
            raise SkipItem("post_count is missing")
        if end - start == timedelta(hours=1) and to_seconds(start) % HOUR == 0:
            found[to_seconds(start)] = amounts[0]
    return Volume(found)


class Window(NamedTuple):
    """A stretch of time to read, newest post first, at most so many posts; `expected` is how many there may be."""

    since: datetime
    until: datetime
    posts: int
    expected: float


@dataclass(frozen=True, slots=True)
class Unread:
    """What of a search is not read yet, and how many posts each hour of it may hold."""

    search: Search
    since: datetime
    until: datetime
    volume: Volume

    @property
    def expected(self) -> float:
        """Return how many posts to expect in it."""
        return self.volume.between(self.since, self.until)


def accrued(posts: float, since: datetime, now: datetime, end: datetime) -> float:
    """Return how many of the posts that can be paid until `end` may be read now of what was posted since then."""
    return posts * ((now - since) / (end - since)) if since < now < end else posts


def level(wanted: Sequence[float], amount: float) -> float:
    """Return the most that each may get so that all together get no more than `amount`; infinity where all fit."""
    left, many = amount, len(wanted)
    for want in sorted(wanted):
        if want * many > left:
            return left / many
        left -= want
        many -= 1
    return inf


def plan(unread: Sequence[Unread], posts: float, end: datetime) -> list[tuple[Unread, Sequence[Window]]]:
    """Share out the posts that can still be paid until the month's end; one that must wait gets no windows."""
    if not unread:
        return []
    caps = [accrued(posts, one.since, one.until, end) for one in unread]
    wanted = [min(one.expected, cap) for one, cap in zip(unread, caps, strict=True)]
    share = level(wanted, max(caps))
    given = [min(cap, share) for cap in caps]
    if share < SMALLEST and max(one.until - one.since for one in unread) >= PATIENCE:
        # too many searches for so little money: before the time is lost, those that have waited longest get ten each
        loud = sorted((n for n, want in enumerate(wanted) if want > share), key=lambda n: unread[n].since)
        left = max(caps) - sum(want for want in wanted if want <= share)
        given = [SMALLEST if n in loud[: int(left // SMALLEST)] else part for n, part in enumerate(given)]
    return [(one, tuple(_windows(one, part))) for one, part in zip(unread, given, strict=True)]


def _windows(unread: Unread, posts: float) -> Iterator[Window]:
    """Yield the windows of one search, oldest first."""
    if unread.expected <= posts:
        yield Window(unread.since, unread.until, _enough(unread.expected), unread.expected)
        return
    number = min(int(posts // SMALLEST), MOST_WINDOWS, max(1, (unread.until - unread.since) // SHORTEST))
    if number < 1:
        return
    edges = [from_seconds(to_seconds(unread.since + (unread.until - unread.since) * n / number)) for n in range(number)]
    spans = list(zip([unread.since, *edges[1:]], [*edges[1:], unread.until], strict=True))
    expected = [unread.volume.between(*span) for span in spans]
    most = level(expected, posts)
    for span, many in zip(spans, expected, strict=True):
        yield Window(*span, _enough(many) if many <= most else max(SMALLEST, int(most)), many)


def _enough(expected: float) -> int:
    """Return for how many posts to reserve money where all are to be read: X bills only those that it returns."""
    return max(2 * SMALLEST, ceil(expected * 1.2) + SMALLEST)
