"""Reddit through its RSS feeds, no key needed: a search for each title, and the newest posts of subreddits.

Off until enabled, for Reddit wants to be asked before its data are used (docs/collecting.md). Its feeds allow about one
request a minute, so each run asks for one title or one subreddit, the one that has waited longest.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Annotated, ClassVar, Self

from pydantic import AfterValidator, Field, model_validator

from collector import feeds, press, reddit_post
from collector.address import base_like, host_of, is_loopback
from collector.duration import Duration, Keep
from collector.errors import AccessError, RetryLater
from collector.reading import parse_time
from collector.source import (
    Coverage,
    Cursor,
    JsonObject,
    Kind,
    Page,
    PostDraft,
    PostsSettings,
    SourceSettings,
    Terms,
    Watch,
    WatchedTitle,
)

if TYPE_CHECKING:
    from collector.http import Http

ADDRESS = "https://www.reddit.com"
APART = timedelta(minutes=1)
BLOCKED = timedelta(hours=1)  # after a refusal nothing is asked for so long
MOST = 100  # entries asked for
LEAST = 25  # a feed with fewer entries holds all there are
MAX_BYTES = 5_000_000
FORBIDDEN = 403


class RedditSettings(PostsSettings):
    """`[sources.reddit]`: how often one title or subreddit has its turn, which subreddits, and the address."""

    enabled: bool = False  # its conditions must be read first
    every: Duration = timedelta(minutes=5)
    subreddits: tuple[Annotated[str, Field(pattern=r"^\w{2,50}$")], ...] = ()
    address: Annotated[str, AfterValidator(base_like(ADDRESS))] = ADDRESS
    keep_text: Keep = timedelta(days=7)

    @model_validator(mode="after")
    def _is_polite(self) -> Self:
        if self.every < APART and not is_loopback(self.address):
            raise ValueError('Reddit allows about one request a minute: every = "1m" or longer')
        return self


@dataclass(frozen=True, slots=True)
class _Turn:
    """A search or a subreddit, and what is remembered of it. `words` mark what it is read for."""

    target: str
    path: str
    params: dict[str, str | int]
    words: str
    title: str | None = None
    memory: dict[str, str | None] = field(default_factory=dict)

    @property
    def key(self) -> str:
        """Return under what it is remembered."""
        return press.mark(self.target)

    @property
    def last(self) -> str:
        """Return when it had its turn last, with or without an answer: a time as text, or nothing."""
        return max(self.memory["covered"] or "", self.memory["failed"] or "")

    def recalled(self, cursor: Cursor) -> Self:
        """Take up what is remembered; what was read for other words is read anew."""
        memory = {name: cursor.get(self.key, name) for name in ("covered", "known", "failed", "words")}
        if memory["words"] not in {None, self.words}:
            memory |= {"covered": None, "known": None}
        return replace(self, memory=memory)


class Reddit:
    """Posts, not comments. Of a subreddit those are kept that name a title; what it lacks says nothing of Reddit."""

    name: ClassVar[str] = "reddit"
    platform: ClassVar[str] = reddit_post.PLATFORM
    kind: ClassVar[Kind] = Kind.POSTS
    look_back: ClassVar[timedelta] = timedelta(days=3650)  # a search reaches back for years
    terms: ClassVar[Terms] = Terms(
        kept="title and text for `keep_text`, 7 days unless you set it, raw answer 7 days; ids, links, labels and "
        "totals as long as you want",
        shown="in the app, with the link",
        exported="ids and labels; texts with `--text all` only",
        derived="language, sentiment, topics, totals",
        deleted="not told by its feeds: the words are gone after `keep_text`",
        text_leaves=False,
    )
    Settings: ClassVar[type[SourceSettings]] = RedditSettings

    def __init__(self, settings: RedditSettings, http: "Http") -> None:
        self._settings = settings
        self._http = http

    def fetch(self, watch: Watch, cursor: Cursor) -> Iterator[Page]:
        """Yield what is new in one feed. Whatever becomes of it, the next run asks for another one.

        Nothing where the last request is less than a minute ago, or Reddit has refused within the hour. Raises
        RetryLater when it asks to wait or is out of order.
        """
        now = self._http.clock()
        turns = [turn.recalled(cursor) for turn in self._turns(watch)]
        blocked = cursor.get("blocked")
        if not turns or (blocked and now < parse_time(blocked) <= now + BLOCKED):
            return
        if any(turn.last and timedelta(0) <= now - parse_time(turn.last) < APART for turn in turns):
            return
        turn = min(turns, key=lambda one: one.last)
        told = Page(turn.target, cursor={f"{turn.key} failed": now.isoformat()}, title=turn.title)
        try:
            found = self._ask(turn)
        except AccessError as refusal:
            held = {"blocked": (now + BLOCKED).isoformat()}
            yield replace(told, cursor={**told.cursor, **held}, coverage=Coverage.NOT_COVERED, reason=str(refusal))
        except RetryLater as fault:
            yield replace(told, coverage=Coverage.FAILED, reason=str(fault))
            raise
        else:
            yield from _pages(turn, found, now)

    def _turns(self, watch: Watch) -> Iterator[_Turn]:
        for title in watch.titles:
            words = press.mark(repr((title.hashtags, title.phrases)))
            params: dict[str, str | int] = {"q": _query(title), "sort": "new", "type": "link", "limit": MOST}
            yield _Turn(f"search {title.name}", "/search.rss", params, words, title.name)
        watched = press.mark(repr([(title.hashtags, title.phrases) for title in watch.titles]))
        for name in self._settings.subreddits:
            yield _Turn(f"r/{name}", f"/r/{name}/new.rss", {"limit": MOST}, watched)

    def _ask(self, turn: _Turn) -> feeds.Feed:
        url = f"{self._settings.address}{turn.path}"
        answer = self._http.get(url, params=turn.params, max_bytes=MAX_BYTES, expect={FORBIDDEN})
        if answer.status == FORBIDDEN:
            raise AccessError(
                f"{host_of(url)} does not let this machine read its feeds (status {FORBIDDEN}), as it does with many "
                "servers; switch [sources.reddit] off, or try from elsewhere and with BUZZ_CONTACT set"
            )
        found = feeds.read(
            answer.body,
            content_type=answer.headers.get("Content-Type", ""),
            url=answer.url,
            seen=answer.at,
            item_of=reddit_post.entry,
        )
        if found is None:
            until = answer.at + APART
            raise RetryLater(f"{host_of(url)} sent something other than a feed; trying again", until=until)
        return found

    @staticmethod
    def parse(item: JsonObject) -> PostDraft:
        """Read one post, as collector.reddit_post makes them of a feed. Raises SkipItem."""
        return reddit_post.parse(item)


def _pages(turn: _Turn, found: feeds.Feed, now: datetime) -> Iterator[Page]:
    """Yield the gap before the oldest entry, where there may be one, and then what is new."""
    items = sorted(found.items, key=feeds.time_of, reverse=True)
    names = {press.mark(feeds.name_of(item)): item for item in items}
    known = (turn.memory["known"] or "").split()
    times = [parse_time(feeds.time_of(item)) for item in items if feeds.time_of(item)]
    oldest = min([now, *times])
    since = parse_time(turn.memory["covered"]) if turn.memory["covered"] else None
    reason = _missing(found, names, known, times, since)
    is_search = turn.title is not None  # what a subreddit lacks says nothing of Reddit
    if reason and since and since < oldest:
        gap = Page(turn.target, coverage=Coverage.PARTIAL, reason=reason, title=turn.title)
        yield replace(gap, since=since, until=oldest) if is_search else gap
    memory = {"covered": now.isoformat(), "known": " ".join(press.marks(map(feeds.name_of, items)))}
    known_since = oldest if reason or since is None else since
    yield Page(
        turn.target,
        items=[item for mark, item in names.items() if mark not in set(known)],
        cursor={f"{turn.key} {name}": value for name, value in {**memory, "words": turn.words}.items()},
        since=known_since if is_search else None,
        until=now if is_search else None,
        title=turn.title,
    )


def _missing(
    found: feeds.Feed, names: Iterable[str], known: Sequence[str], times: Sequence[datetime], since: datetime | None
) -> str:
    """Say why posts may be missing since the last reading; nothing where none can be."""
    is_whole = len(found.items) < LEAST and not found.is_cut
    if since is None or is_whole or press.nothing_lost(times, names, known, since):
        return ""
    return f"the feed holds the newest {len(found.items)} posts, none of them known: some before may be missing"


def _query(title: WatchedTitle) -> str:
    """Return what to search for: any of the first phrases, or the name."""
    return " OR ".join(press.quoted(title.phrases or (title.name, *title.hashtags)))
