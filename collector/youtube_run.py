"""One run over YouTube: searches that are due, a look at the videos that are known, then the comments that are new.

Speaks to YouTube through `Asks` only. A page that carries a reservation is yielded, and so saved, before the request
that it is for; what an answer brought is saved with the next reservation. A process that dies in between reads one
video again.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, TypeVar

from collector.errors import AccessError, BuzzError, RetryLater, SkipItem
from collector.match import TitleMatcher
from collector.press import mark, quoted
from collector.reading import EARLIEST, parse_time
from collector.source import Coverage, Cursor, JsonObject, Page, WatchedTitle
from collector.youtube_post import Told, Video, about, item_of, published_at
from collector.youtube_quota import PREFIX, SEARCHES, UNITS, Quota, next_day

if TYPE_CHECKING:
    from collector.sources.youtube import YouTubeSettings

TARGET = "comments"
REASON = "YouTube's search finds some of the videos only"
AT_ONCE = 50  # videos in one look
MOST = 500  # requests in one run; the next one goes on
UNSEEN = timedelta(hours=12)  # after which comments are read though their number is the same: it lags, and some go
SKEW = timedelta(minutes=5)
VIDEO = "video"
RECHECK = "recheck"  # where asking for stored comments again stands: collector.recheck keeps that

Given = TypeVar("Given")


class UsedUpError(RetryLater):
    """YouTube says that nothing is left of a quota."""


class LeftOutError(SkipItem):
    """The comments of a video are not shown; the others are."""


class Threads(NamedTuple):
    """One page of comments, newest first, as YouTube gives them."""

    threads: Sequence[Any]
    token: str | None  # of the next page


class Asks(Protocol):
    """The questions to YouTube. All raise RetryLater (UsedUpError among them) and AccessError."""

    def search(self, query: str, order: str, since: datetime) -> Sequence[str]:
        """Ask for videos published since then. Costs one search. Returns their ids."""

    def videos(self, ids: Sequence[str]) -> Sequence[Told]:
        """Ask for videos by id, 50 at most; those that are gone are not among the answers. Costs one unit."""

    def threads(self, video: str, token: str | None) -> Threads:
        """Ask for a page of comments. Costs one unit. Raises LeftOutError as well."""


class _Followed(NamedTuple):
    """A video whose comments are read: how many it has now, the hashtags for them, and marks of its titles."""

    video: Video
    comments: int
    tags: Sequence[str]
    titles: Sequence[str]


@dataclass(slots=True)
class _Title:
    """What a run found of one title."""

    is_searched: bool = False
    videos: int = 0
    unread: int = 0
    comments: int = 0
    cut: int = 0  # videos with more new comments than one run reads
    oldest: datetime | None = None
    left_out: Counter[str] = field(default_factory=Counter)  # videos, by the reason


class Run:
    """One run: the meter, and the page that is held back until the next reservation is made."""

    def __init__(
        self, settings: "YouTubeSettings", clock: Callable[[], datetime], api: Asks, quota: Quota, cursor: Cursor
    ) -> None:
        self._settings, self._clock, self._api, self._quota, self._cursor = settings, clock, api, quota, cursor
        self._started = clock()
        self._held: Page | None = None
        self._requests = 0
        self._stopped: dict[str, str] = {}  # why no more is asked, by the kind of quota
        self._titles: defaultdict[str, _Title] = defaultdict(_Title)
        self._videos = dict(self._remembered())

    def pages(self, titles: Sequence[WatchedTitle]) -> Iterator[Page]:
        """Yield the pages of the run; a fault is told before it is raised, with what the meter shows then."""
        live = {mark(title.name) for title in titles}
        try:
            yield from self._search(titles)
            told = yield from self._look()
            yield from self._read(self._chosen(told, titles))
        except BuzzError as fault:
            yield from self._flushed()
            yield Page(TARGET, coverage=Coverage.FAILED, reason=str(fault), cursor=self._quota.values)
            raise
        old = [key for key in self._cursor.values if key.partition(" ")[0] not in {*live, PREFIX, VIDEO, RECHECK}]
        yield from self._flushed(dict.fromkeys(old))
        yield from map(self._told, titles)
        for why in dict.fromkeys(self._stopped.values()):
            yield Page.not_covered(TARGET, reason=why)

    def _remembered(self) -> Iterator[tuple[str, Video]]:
        for key, written in self._cursor.values.items():
            kind, _, native_id = key.partition(" ")
            if kind == VIDEO:
                yield native_id, Video.remembered(native_id, written)

    # --- asking

    def _ask(self, kind: str, question: Callable[[], Given]) -> Generator[Page, None, Given | None]:
        """Reserve, save and ask; None where nothing may be asked any more. A refusal is charged as an answer is."""
        if kind in self._stopped:
            return None
        if self._requests >= MOST:
            self._stopped[kind] = f"{MOST} requests are enough for one run; the next one goes on"
            return None
        if not self._quota.reserve(kind, self._clock()):
            self._stop(kind)
            return None
        self._requests += 1
        page, self._held = self._held or self._page(), None
        yield replace(page, cursor={**page.cursor, **self._quota.values})
        try:
            answer = question()
        except (AccessError, LeftOutError):
            self._quota.settle(kind)
            raise
        except UsedUpError:
            self._quota.settle(kind)
            self._quota.use_up(kind)
            self._stop(kind)
            self._held = self._page()
            return None
        self._quota.settle(kind)
        return answer

    def _stop(self, kind: str) -> None:
        self._stopped[kind] = (
            f"the {kind} of a day are used up ({self._quota.limits[kind]:,}); YouTube counts anew at "
            f"{next_day(self._clock()):%Y-%m-%d %H:%M} UTC"
        )

    # --- which videos

    def _search(self, titles: Sequence[WatchedTitle]) -> Iterator[Page]:
        """Ask for the videos of each title that is due: in turn for the most fitting and for the newest ones."""
        for title in sorted(filter(self._is_due, titles), key=lambda one: self._last(one, "searched") or ""):
            key, words = mark(title.name), _words(title)
            is_next = self._last(title, "order") == "relevance" and self._last(title, "words") == words
            order, now = "date" if is_next else "relevance", self._clock()
            question = partial(self._api.search, _query(title), order, now - self._settings.back)
            found = yield from self._ask(SEARCHES, question)
            if found is None:
                return
            new = {native_id: Video(native_id) for native_id in found if native_id not in self._videos}
            self._videos |= new
            self._titles[key].is_searched = True
            told = {"searched": now.isoformat(), "order": order, "words": words}
            values = {f"{key} {name}": value for name, value in told.items()}
            self._held = self._page(cursor=values | {_key(video): video.written for video in new.values()})

    def _is_due(self, title: WatchedTitle) -> bool:
        last, words = self._last(title, "searched"), self._last(title, "words")
        if last is None or words != _words(title):
            return True
        return not parse_time(last) <= self._started < parse_time(last) + self._settings.search_every - SKEW

    def _look(self) -> Generator[Page, None, dict[str, Told]]:
        """Ask what has become of all videos. Those that are gone, or older than we look back, are let go."""
        found: dict[str, Told] = {}
        ids = list(self._videos)
        for start in range(0, len(ids), AT_ONCE):
            some = ids[start : start + AT_ONCE]
            told = yield from self._ask(UNITS, partial(self._api.videos, some))
            if told is None:
                break
            alive = {video.native_id: video for video in told if video.published >= self._started - self._settings.back}
            found |= alive
            self._keep({self._forget(native_id): None for native_id in some if native_id not in alive})
        return found

    def _chosen(self, told: Mapping[str, Told], titles: Sequence[WatchedTitle]) -> list[_Followed]:
        """Return the videos to follow: of each title those with the most comments. The others are let go."""
        matcher, taken = TitleMatcher(titles), Counter[str]()
        chosen: list[_Followed] = []
        for one in sorted(told.values(), key=lambda video: (-(video.comments or 0), video.native_id)):
            found = about(one.words, titles, matcher)
            if one.comments is None:
                self._leave_out(found, "whose comments are switched off")
            if one.comments is None or all(taken[key] >= self._settings.videos for key in found):
                self._keep({self._forget(one.native_id): None})
                continue
            taken.update(found.keys())
            tags = [tag for tag in found.values() if tag]
            chosen.append(_Followed(self._videos[one.native_id], one.comments, tags, list(found)))
        for key, many in taken.items():
            self._titles[key].videos = many
        return chosen

    # --- comments

    def _read(self, chosen: Sequence[_Followed]) -> Iterator[Page]:
        """Read what is new under each video that has another number of comments, the one that waits longest first."""
        for one in sorted(chosen, key=lambda one: one.video.read or EARLIEST):
            read = one.video.read
            if read and one.video.count == one.comments and read <= self._started < read + UNSEEN:
                continue
            try:
                is_done = yield from self._comments(one)
            except LeftOutError as fault:
                self._leave_out(one.titles, str(fault))
                self._keep({self._forget(one.video.native_id): None})
                continue
            if not is_done:
                for key in one.titles:
                    self._titles[key].unread += 1

    def _comments(self, one: _Followed) -> Generator[Page, None, bool]:
        """Read one video's comments back to the newest one that is known. Returns whether that was done."""
        got: list[JsonObject] = []
        tokens: list[str | None] = [None]
        for _ in range(self._settings.pages):
            answer = yield from self._ask(UNITS, partial(self._api.threads, one.video.native_id, tokens[-1]))
            if answer is None:
                return False
            items = [item_of(thread, one.tags) for thread in answer.threads]
            fresh = [item for item in items if one.video.is_new(item)]
            self._held = self._page(items=fresh)
            got += fresh
            if one.video.is_behind(items) or answer.token is None or answer.token in tokens:
                break
            tokens.append(answer.token)
        else:
            for key in one.titles:
                self._titles[key].cut += 1
        self._note(one, got)
        return True

    def _note(self, one: _Followed, got: Sequence[JsonObject]) -> None:
        """Remember up to where a video is read, with the page that brought the last of it."""
        times = {mark(str(item.get("id"))): at for item in got if (at := published_at(item)) is not None}
        believed = [at for at in times.values() if at <= self._started + SKEW]
        newest = max(believed, default=one.video.newest)
        known = tuple(key for key, at in times.items() if at == newest)
        kept = (*one.video.known, *known) if newest == one.video.newest else known
        video = replace(one.video, count=one.comments, newest=newest, known=kept, read=self._started)
        self._keep({_key(video): video.written})
        for key in one.titles:
            title = self._titles[key]
            title.comments += len(got)
            title.oldest = min([*believed, *([title.oldest] if title.oldest else [])], default=None)

    # --- what is told

    def _told(self, title: WatchedTitle) -> Page:
        """Say how the time since the last reading is known: never whole, for it is what a search happened to find."""
        key, found = mark(title.name), self._titles[mark(title.name)]
        page = self._page(title=title.name)
        if found.unread or UNITS in self._stopped:
            return replace(page, reason=f"{REASON}; not all of them could be read in this run")
        if not found.is_searched and self._last(title, "searched") is None:
            return replace(page, reason="YouTube was not searched for it yet")
        before = self._last(title, "read")
        since = parse_time(before) if before else found.oldest or self._started
        cut = f"; of {found.cut} the newest comments only" if found.cut else ""
        left = "".join(f"; {many} left out, {why}" for why, many in sorted(found.left_out.items()))
        return replace(
            page,
            since=min(since, self._started),
            until=self._started,
            reason=f"{REASON}; videos followed: {found.videos}, new comments: {found.comments}{cut}{left}",
            cursor={f"{key} read": self._started.isoformat()},
        )

    def _page(self, **told: Any) -> Page:  # noqa: ANN401 - the fields of Page
        return Page(TARGET, coverage=Coverage.PARTIAL, **({"reason": REASON} | told))

    def _keep(self, values: Mapping[str, str | None]) -> None:
        """Have this saved with the page that is held back."""
        page = self._held or self._page()
        self._held = replace(page, cursor={**page.cursor, **values})

    def _forget(self, native_id: str) -> str:
        """Follow a video no more. Returns the key of what is remembered of it."""
        return _key(self._videos.pop(native_id))

    def _leave_out(self, titles: Iterable[str], why: str) -> None:
        for key in titles:
            self._titles[key].left_out[why] += 1

    def _flushed(self, values: Mapping[str, str | None] | None = None) -> Iterator[Page]:
        """Yield the page that is held back, with what the meter shows now."""
        page, self._held = self._held or self._page(), None
        yield replace(page, cursor={**page.cursor, **self._quota.values, **(values or {})})

    def _last(self, title: WatchedTitle, name: str) -> str | None:
        return self._cursor.get(mark(title.name), name)


def _key(video: Video) -> str:
    return f"{VIDEO} {video.native_id}"


def _words(title: WatchedTitle) -> str:
    return mark(repr((title.hashtags, title.phrases, title.exclude)))


def _query(title: WatchedTitle) -> str:
    """Return what to search for: any of the first phrases, or the first hashtag."""
    return "|".join([*quoted(title.phrases or (title.name,)), *(f"#{tag}" for tag in title.hashtags[:1])])
