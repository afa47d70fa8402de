"""Asks the platforms what a title would bring, before it is watched. Nothing is saved, and nothing is remembered.

Each source is asked by its own class with an empty cursor, and its posts are parsed and matched as the collector does.
A source that fails says so in a sentence, and the others go on.
"""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from collector.collect import filed_at, watch_of
from collector.config import Config, TitleSettings
from collector.errors import BuzzError, SkipItem
from collector.http import Http
from collector.match import TitleMatcher
from collector.source import Coverage, Cursor, Kind, Page, PlatformCount, PostDraft, Source, SourceSettings
from collector.sources import SOURCES
from collector.text import clean

MONTH = timedelta(days=30)
QUARTER = timedelta(days=80)
PAGE = 40  # posts


class Limits(NamedTuple):
    """How much may be read of one source, about, and how long all of them together may take."""

    posts: int = 1000
    seconds: float = 90.0


class Wait(NamedTuple):
    """What a source asked for earlier: to be left alone until a time, or its servers, as its cursor remembers it."""

    until: datetime | None = None
    cursor: Cursor = Cursor()

    @property
    def of_servers(self) -> Cursor:
        """Return of what is remembered only who is to be left alone: nothing else is known to a preview."""
        return Cursor({key: value for key, value in self.cursor.values.items() if key.endswith(" wait")})


@dataclass(frozen=True, slots=True)
class Heard:
    """What one source told of a title.

    `posts` are those that the matcher takes, each once, newest first; `read` counts all that came, `unread` those that
    could not be read. In [since, until) everything that the source has was read; both None: it cannot be said.
    `notes` are sentences about what is missing.
    """

    source: str
    platform: str
    kind: Kind
    posts: Sequence[PostDraft] = ()
    counts: Sequence[PlatformCount] = ()
    read: int = 0
    unread: int = 0
    since: datetime | None = None
    until: datetime | None = None
    notes: Sequence[str] = ()

    @property
    def within(self) -> Sequence[PostDraft]:
        """Return the posts of the time in which everything was read."""
        if self.since is None or self.until is None:
            return ()
        return [post for post in self.posts if self.since <= post.created_at < self.until]


class Way(NamedTuple):
    """How a source is asked for a short look: its settings, cut up and bounded, and how far back a look reaches.

    `is_search`: its answer holds all that there is within reach, unless it says that it is partial.
    """

    parts: Callable[[Any, int, int], Sequence[SourceSettings]]
    reach: Callable[[Any], timedelta]
    is_search: Callable[[Any], bool] = lambda _: False


def _mastodon(settings: Any, tags: int, posts: int) -> Sequence[SourceSettings]:  # noqa: ANN401 - its own settings
    """Ask each server by itself, so that a slow one takes no time from the others."""
    pages = min(settings.pages, max(1, posts // (PAGE * max(1, tags) * len(settings.servers))))
    return [settings.model_copy(update={"servers": (server,), "pages": pages}) for server in settings.servers]


def _searches(settings: Any, _tags: int, _posts: int) -> Sequence[SourceSettings]:  # noqa: ANN401 - as above
    """Ask the search alone where there is one: a feed holds a day or two of everything and says little of a title."""
    return [settings.model_copy(update={"feeds": ()}) if settings.google_news else settings]


def _as_it_is(settings: Any, _tags: int, _posts: int) -> Sequence[SourceSettings]:  # noqa: ANN401 - as above
    return [settings]


# what can be asked at once and without a key; the stream of Bluesky cannot: it passes by
WAYS: Mapping[str, Way] = {
    "mastodon": Way(_mastodon, lambda settings: settings.back),
    "rss": Way(_searches, lambda _: MONTH, lambda settings: bool(settings.google_news)),
    "gdelt": Way(_as_it_is, lambda _: QUARTER, lambda _: True),
    "wikipedia": Way(_as_it_is, lambda settings: timedelta(days=settings.days)),
}


def listen(
    config: Config, title: TitleSettings, http: Http, limits: Limits, waits: Mapping[str, Wait]
) -> Iterator[Heard]:
    """Ask each source that is enabled and can be asked without a key, one after the other; yields what each told.

    waits: what sources have asked for, by their names; one that wants to be left alone is.
    """
    asked = [name for name in WAYS if config.sources[name].enabled]
    ends = time.monotonic() + limits.seconds
    for number, name in enumerate(asked):
        share = (ends - time.monotonic()) / (len(asked) - number)  # what one does not need goes to the others
        look = _Look(name, title, http, time.monotonic() + share, waits.get(name, Wait()))
        yield look.heard(config.sources[name], limits.posts)


@dataclass
class _Target:
    """What was asked for of a source, such as a hashtag on a server, and how far back all of it was read."""

    since: datetime
    is_whole: bool = False  # read to its end: there is nothing further back


@dataclass
class _Look:
    """One source, asked; gathers what comes."""

    name: str
    title: TitleSettings
    http: Http
    ends: float
    wait: Wait
    posts: dict[str, PostDraft] = field(default_factory=dict)
    counts: list[PlatformCount] = field(default_factory=list)
    notes: dict[str, None] = field(default_factory=dict)
    targets: dict[str, _Target] = field(default_factory=dict)
    read: int = 0
    unread: int = 0

    def heard(self, settings: SourceSettings, posts: int) -> Heard:
        """Ask and return what came."""
        source, way = SOURCES[self.name], WAYS[self.name]
        asked = self.http.clock()
        parts = way.parts(settings, len(self.title.hashtags), posts)
        if self.wait.until and self.wait.until > asked:
            parts = ()
            self.notes[f"it asked to be left alone until {self.wait.until:%Y-%m-%d %H:%M} UTC"] = None
        for number, part in enumerate(parts):
            share = (self.ends - time.monotonic()) / (len(parts) - number)
            self._part(source(part, self.http), time.monotonic() + share, is_search=way.is_search(part))
        if not (self.targets or self.notes):
            self.notes["nothing was asked: the title has no name of the kind that it is asked by"] = None
        since, until = self._window(asked - way.reach(settings), asked)
        newest = sorted(self.posts.values(), key=lambda post: post.created_at, reverse=True)
        told = (self.read, self.unread, since, until, list(self.notes))
        return Heard(self.name, source.platform, source.kind, newest, self.counts, *told)

    def _part(self, source: Source, ends: float, *, is_search: bool) -> None:
        matcher = TitleMatcher([self.title])
        try:
            for page in source.fetch(watch_of([self.title]), self.wait.of_servers):
                self._take(source, page, matcher, is_search=is_search)
                if time.monotonic() > ends:
                    self.notes["it took too long, so not everything was asked for"] = None
                    return
        except BuzzError as fault:
            self.notes[str(fault)] = None

    def _take(self, source: Source, page: Page, matcher: TitleMatcher, *, is_search: bool) -> None:
        if page.coverage in {Coverage.FAILED, Coverage.NOT_COVERED}:
            self.notes[page.reason] = None
            return
        if page.reason:
            self.notes[page.reason] = None
        self.counts += page.counts
        self.read += len(page.items)
        drafts = [draft for item in page.items if (draft := self._parsed(source, item)) is not None]
        for draft in drafts:
            if matcher.match(draft.text, draft.hashtags):
                self.posts.setdefault(draft.native_id, draft)
        self._reached(page, drafts, is_search=is_search)

    def _parsed(self, source: Source, item: Mapping[str, Any]) -> PostDraft | None:
        try:
            draft = source.parse(item)
        except SkipItem:
            self.unread += 1
            return None
        seen = draft.seen_at or self.http.clock()
        _, claimed = filed_at(draft.created_at, seen, source.look_back)
        at = draft.created_at if claimed is None else seen  # a forged time is not believed here either
        return draft._replace(text=clean(draft.text), created_at=at)

    def _reached(self, page: Page, drafts: Sequence[PostDraft], *, is_search: bool) -> None:
        """Note how far back a page speaks; one without posts is the end of what there is."""
        if page.since is None:
            return
        # an answer that was full begins with its oldest post, whatever was asked for
        oldest = min((draft.created_at for draft in drafts), default=page.since)
        since = max(page.since, oldest) if page.coverage is Coverage.PARTIAL else page.since
        target = self.targets.setdefault(page.target, _Target(since))
        target.since = min(target.since, since)
        target.is_whole = not page.items or (is_search and page.coverage is Coverage.COVERED)

    def _window(self, goal: datetime, asked: datetime) -> tuple[datetime | None, datetime | None]:
        """Return the time in which every target was read whole, `goal` at the furthest."""
        if not self.targets:
            return None, None
        cut = [target.since for target in self.targets.values() if not target.is_whole]
        return min(max([goal, *cut]), asked), asked
