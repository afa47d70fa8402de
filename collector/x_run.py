"""One run over X: counts that are due, then posts window by window, each request paid from the meter beforehand.

Speaks to X through `Asks` only. A page that carries a reservation is yielded, and so saved, before the request that it
is for; the page that ends a window carries the next reservation with it. A process that dies in between reads that one
window again, and its reservation counts as spent.
"""

from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Protocol, Self

from collector.clock import HOUR, from_seconds, hour_of, to_seconds
from collector.errors import AccessError, BuzzError, RetryLater, SkipItem
from collector.reading import EARLIEST, Fields, parse_time
from collector.source import Coverage, Cursor, JsonObject, Page, PlatformCount, WatchedTitle
from collector.x_meter import PREFIX, Meter, micros, next_month
from collector.x_plan import LARGEST, SMALLEST, Search, Unread, Volume, Window, plan, searches
from collector.x_post import posted_at

if TYPE_CHECKING:
    from collector.sources.x import XSettings

TARGET = "recent search"
COUNTS = "recent counts"
REACH = timedelta(days=7)  # how far search and counts look back
MARGIN = timedelta(minutes=5)  # what lies this close to the end of the reach may have left it when the question arrives
LAG = timedelta(seconds=30)  # search ends this long before now
STEP = timedelta(hours=1)  # by how much we come nearer where X finds a window too old


class CappedError(AccessError):
    """The usage cap: X answers nothing before `until`."""

    def __init__(self, message: str, until: datetime) -> None:
        super().__init__(message)
        self.until = until


class TooOldError(RetryLater):
    """What was asked for begins before X's reach."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One page of a search."""

    posts: Sequence[JsonObject]
    newest: str | None
    is_last: bool

    @classmethod
    def read(cls, answer: Mapping[str, Any]) -> Self:
        """Read X's answer, which has no data where nothing was found. Raises SkipItem when it is not one."""
        meta, posts = Fields(answer).fields("meta"), answer.get("data") or []
        if not isinstance(posts, list):
            raise SkipItem("data is not a list")
        return cls(posts, meta.maybe_text("newest_id"), is_last=not meta.maybe_text("next_token"))


class Asks(Protocol):
    """The two questions to X. Both raise RetryLater and AccessError, CappedError and TooOldError among them."""

    def count(self, query: str, since: datetime, until: datetime) -> Volume:
        """Ask for the posts of each hour; costs one request."""

    def search(self, query: str, size: int, pages: int, place: Mapping[str, object]) -> Iterator[Answer]:
        """Yield pages of `size` posts, newest post first, asking for the next one when it is taken."""


@dataclass(slots=True)
class _Got:
    """What came of one window: how many posts, whether all, the newest id of each query."""

    posts: int = 0
    is_whole: bool = True
    newest: dict[str, str | None] = field(default_factory=dict)


class Run:
    """One run: the meter, and the page that is held back until the next reservation is made."""

    def __init__(
        self, settings: "XSettings", clock: Callable[[], datetime], api: Asks, meter: Meter, cursor: Cursor
    ) -> None:
        self._settings, self._clock, self._api, self._meter, self._cursor = settings, clock, api, meter, cursor
        self._price, self._count_price = micros(settings.price_post_usd), micros(settings.price_count_usd)
        self._held: Page | None = None
        self._asking: Unread | None = None

    def pages(self, titles: Sequence[WatchedTitle]) -> Iterator[Page]:
        """Yield the pages of the run; what X refuses is told before it is raised, with what the meter shows then."""
        wanted = searches(titles)
        try:
            volumes = yield from self._count([title for one in wanted for title in one.titles])
            yield from self._read(wanted, volumes)
        except BuzzError as fault:
            yield from self._flushed()
            yield from self._fault_told(fault)
            raise
        live = {PREFIX, "recheck", *(one.key for one in wanted), *(Search((title,)).key for title in titles)}
        yield from self._flushed({key: None for key in self._cursor.values if key.partition(" ")[0] not in live})

    # --- counts

    def _count(self, titles: Sequence[WatchedTitle]) -> Generator[Page, None, dict[str, Volume]]:
        """Ask for the hourly counts that are due. Returns the volume of each title, by its name."""
        volumes: dict[str, Volume] = {}
        for title in titles:
            search, now = Search((title,)), self._clock()
            volumes[title.name] = Volume.read(self._cursor.get(search.key, "counts"))
            last = _maybe_time(self._cursor.get(search.key, "counted"))
            is_due = last is None or not last <= now < last + self._settings.counts_every - MARGIN
            if not is_due or not self._meter.reserve(len(search.queries) * self._count_price, now):
                continue
            yield from self._reserved()
            volume = volumes[title.name] = self._volume(search, now)
            told = [PlatformCount(title.name, "", from_seconds(at), STEP, many) for at, many in volume.hours.items()]
            values = {f"{search.key} counts": volume.written, f"{search.key} counted": now.isoformat()}
            self._held = Page(COUNTS, title=title.name, counts=told, cursor=values)
        return volumes

    def _volume(self, search: Search, now: datetime) -> Volume:
        """Ask for the whole hours within reach; where a title needs several queries, their sum is a little high."""
        since = from_seconds(hour_of(to_seconds(now - REACH + MARGIN)) + HOUR)
        until = from_seconds(hour_of(to_seconds(now - LAG)))
        volume = Volume({})
        for query in search.queries:
            volume += self._api.count(query, since, until)
            self._meter.settle(self._count_price)
        return volume

    # --- posts

    def _read(self, wanted: Sequence[Search], volumes: Mapping[str, Volume]) -> Iterator[Page]:
        """Read what the budget has room for, search by search, each from its oldest window to its newest."""
        everything = [
            self._unread(search, sum((volumes[title.name] for title in search.titles), Volume({}))) for search in wanted
        ]
        unread = [one for one in everything if one.since < one.until]
        if self._meter.left < SMALLEST * self._price:
            for one in unread:
                yield from self._used_up(one, one.since)
            return
        now = self._clock()
        waiting = []
        for one, windows in plan(unread, self._affordable(wanted, now), next_month(now)):
            if not windows:
                waiting += [title.name for title in one.search.titles]
            else:
                yield from self._gap(one)
            for number, window in enumerate(windows):
                posts = min(window.posts, self._meter.left // self._price)
                if posts < SMALLEST or not self._meter.reserve(posts * self._price, self._clock()):
                    yield from self._used_up(one, window.since)
                    break
                yield from self._reserved()
                ends = {} if number == len(windows) - 1 else {"end_time": window.until}
                yield from self._window(one, window._replace(posts=posts), ends, is_first=number == 0)
        if waiting:
            yield from self._flushed()
            reason = f"waiting until the budget of {self._budget} a month has room for {SMALLEST} more posts"
            yield Page(TARGET, coverage=Coverage.PARTIAL, reason=f"{', '.join(waiting)}: {reason}")

    def _affordable(self, wanted: Sequence[Search], now: datetime) -> float:
        """Return how many posts can still be paid this month, beside the counts and re-checks that are to come."""
        rounds = (next_month(now) - now) // self._settings.counts_every
        requests = sum(len(Search((title,)).queries) for one in wanted for title in one.titles)
        aside = self._settings.recheck_share if self._settings.recheck else 0
        return max(0, self._meter.left - rounds * requests * self._count_price) * (1 - aside) / self._price

    def _unread(self, search: Search, volume: Volume) -> Unread:
        """Return what of a search is not read yet and still within reach."""
        now = self._clock()
        since = max(self._covered(search) or EARLIEST, now - REACH + MARGIN)
        return Unread(search, since, now - LAG, volume)

    def _gap(self, one: Unread) -> Iterator[Page]:
        """Say what has gone out of reach unread, once reading goes on behind it."""
        covered = self._covered(one.search)
        if covered and covered < one.since:
            yield from self._flushed()
            reason = "recent search reaches back 7 days only"
            yield from _told(one.search, Coverage.NOT_COVERED, covered, one.since, reason)

    def _covered(self, search: Search) -> datetime | None:
        return _maybe_time(self._cursor.get(search.key, "covered"))

    def _window(self, one: Unread, window: Window, ends: Mapping[str, object], *, is_first: bool) -> Iterator[Page]:
        """Read one window, for which the money is reserved, and say how far it is known."""
        self._asking = replace(one, since=window.since)
        got = _Got()
        for number, query in enumerate(one.search.queries):
            key = f"{one.search.key} since_id {number}"
            since_id = self._cursor.values.get(key) if is_first else None
            if since_id and (posted_at(since_id) or window.since) > self._clock() - REACH + MARGIN:
                place = {**ends, "since_id": since_id}
            else:
                place = {**ends, "start_time": min(window.since, self._clock() - 2 * LAG)}
            left = window.posts - got.posts
            part = left if window.posts >= window.expected else left // (len(one.search.queries) - number)
            yield from self._query(got, query, key, part, place)
        self._asking = None
        self._meter.release()
        *others, last = self._known(one.search, window, got)
        yield from others
        newest = {key: newest for key, newest in got.newest.items() if newest}
        self._held = replace(last, cursor={f"{one.search.key} covered": window.until.isoformat(), **newest})

    def _query(self, got: _Got, query: str, key: str, posts: int, place: Mapping[str, object]) -> Iterator[Page]:
        """Read at most so many posts of one query; X bills what it returns."""
        if posts < SMALLEST:
            got.is_whole = False
            return
        pages = -(-posts // LARGEST)
        size, rest, is_whole = posts // pages, posts, False
        for number, answer in enumerate(self._api.search(query, size, pages, place)):
            if number == 0:
                # newest_id stands on the first page only; a later one would skip what came in while we paged
                got.newest[key] = answer.newest
            is_whole = answer.is_last
            rest -= len(answer.posts)
            got.posts += len(answer.posts)
            self._meter.read += self._meter.settle_posts(map(id_of, answer.posts), self._price, self._clock())
            if answer.posts:
                yield Page(TARGET, items=answer.posts, cursor=self._meter.values)
            if is_whole or rest < size:
                break
            self._meter.check(self._clock())
        got.is_whole &= is_whole

    # --- what is told

    @property
    def _budget(self) -> str:
        return f"${self._settings.budget_usd_per_month:,.2f}"

    def _known(self, search: Search, window: Window, got: _Got) -> list[Page]:
        """Say for each title how a window is known."""
        if got.is_whole:
            return _told(search, Coverage.COVERED, window.since, window.until)
        about = round(window.expected)
        share = f"{got.posts} of about {about} posts read" if about > got.posts else f"{got.posts} posts read of more"
        reason = f"{share}: the budget of {self._budget} a month has room for no more"
        return _told(search, Coverage.PARTIAL, window.since, window.until, reason)

    def _used_up(self, one: Unread, since: datetime) -> Iterator[Page]:
        """Say that the money is gone. What is left unread is read next month, as far back as X goes then."""
        now = self._clock()
        reason = (
            f"the budget of {self._budget} for {now:%B} is used; raise budget_usd_per_month or wait until "
            f"{next_month(now):%Y-%m-%d}"
        )
        yield from self._flushed()
        yield from _told(one.search, Coverage.NOT_COVERED, since, one.until, reason)

    def _fault_told(self, fault: BuzzError) -> Iterator[Page]:
        """Enter what went wrong, what it cost, and what follows from it."""
        coverage = Coverage.NOT_COVERED if isinstance(fault, CappedError) else Coverage.FAILED
        cursor = {**self._meter.values, **stop_values(fault, self._settings)}
        if isinstance(fault, TooOldError) and self._asking is not None:
            one = self._asking
            since = min(max(one.since, self._clock() - REACH) + STEP, one.until)
            *others, last = _told(one.search, Coverage.NOT_COVERED, one.since, since, str(fault))
            yield from others
            ids = dict.fromkeys(f"{one.search.key} since_id {number}" for number in range(len(one.search.queries)))
            yield replace(last, cursor={f"{one.search.key} covered": since.isoformat(), **ids})
        yield Page(TARGET, coverage=coverage, reason=str(fault), cursor=cursor)

    def _reserved(self) -> Iterator[Page]:
        """Yield the page with the reservation, which ends the window before as well."""
        page, self._held = self._held or Page(TARGET), None
        yield replace(page, cursor={**page.cursor, **self._meter.values})

    def _flushed(self, values: Mapping[str, str | None] | None = None) -> Iterator[Page]:
        """Yield the page that is held back."""
        if self._held is not None or values:
            page, self._held = self._held or Page(TARGET), None
            yield replace(page, cursor={**page.cursor, **self._meter.values, **(values or {})})


def _told(search: Search, coverage: Coverage, since: datetime, until: datetime, reason: str = "") -> list[Page]:
    """Say for each title of a search how a window of time is known."""
    return [
        Page(TARGET, coverage=coverage, since=since, until=until, reason=reason, title=title.name)
        for title in search.titles
    ]


def stop_values(fault: BuzzError, settings: "XSettings") -> dict[str, str | None]:
    """Return what a cursor holds from the usage cap on: until when nothing is asked, and why. Else nothing."""
    if not isinstance(fault, CappedError):
        return {}
    budget = str(settings.budget_usd_per_month)
    return {"stop until": fault.until.isoformat(), "stop why": str(fault), "stop budget": budget}


def id_of(item: JsonObject) -> str | None:
    """Return the id of what should be a post, None where it has none."""
    try:
        return Fields(item).maybe_text("id")
    except SkipItem:
        return None


def _maybe_time(written: str | None) -> datetime | None:
    return parse_time(written) if written else None
