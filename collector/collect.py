"""One pass over a source: fetch, parse, match, and save what matched, page by page."""

import logging
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Protocol

from collector.author import AuthorKeys
from collector.clock import now, to_seconds
from collector.config import TitleSettings
from collector.errors import SkipItem
from collector.match import TitleMatcher
from collector.raw import as_json
from collector.records import Batch, Counts, LedgerEntry, MatchedPost, Prepared, TitleCount
from collector.source import Coverage, JsonObject, Page, PostDraft, Source, Watch, WatchedTitle
from collector.store import Store
from collector.text import clean, fold

log = logging.getLogger(__name__)
CLOCK_SKEW = timedelta(minutes=5)


class Reads(Protocol):
    """The half of a source that turns an item into a post; files have only this half."""

    def __call__(self, item: JsonObject) -> PostDraft:
        """Read one item. Raises SkipItem."""


class Glances(Protocol):
    """What a source may offer beside `parse`, so that posts of no watched title need not be read whole."""

    def __call__(self, item: JsonObject) -> tuple[str, Iterable[str]] | None:
        """Return the text and hashtags that `parse` would, or None where only `parse` can tell. Never raises."""


class Prepares(Protocol):
    """Computes what posts need besides themselves while others are read, such as their labels."""

    @property
    def at_once(self) -> int:
        """How many batches should be under way."""

    def begin(self, posts: Sequence[MatchedPost]) -> Callable[[], Prepared]:
        """Begin with some posts. Returns what waits for the result."""


@dataclass(frozen=True)
class Origin:
    """Where pages come from and how far their times are believed.

    `look_back` is None for archives, whose times are trusted. `keep_all` stores posts of no watched title as well.
    `follow` has new posts looked after, by collector.recheck and collector.tidy.
    """

    source: str
    platform: str
    parse: Reads
    glance: Glances | None = None
    look_back: timedelta | None = None
    keep_all: bool = False
    keep_raw: bool = True
    sample: bool = False
    follow: bool = False


@dataclass
class Saver:
    """Saves pages of one origin: knows the watched titles and how to hash authors.

    With `prepare` a page is saved some pages later, in order, with what was computed of its posts meanwhile: `flush`
    saves the last ones. What is not saved yet is lost with the process, and is read again from the cursor.
    """

    store: Store
    titles: Sequence[TitleSettings]
    authors: AuthorKeys
    clock: Callable[[], datetime] = now
    on_skip: Callable[[JsonObject, SkipItem], None] | None = None
    prepare: Prepares | None = None
    _repeats: bool = field(init=False, default=False)  # the last page had posts that were stored already
    _under_way: deque[tuple[Batch, Callable[[], Prepared]]] = field(init=False, default_factory=deque)
    _matcher: TitleMatcher = field(init=False)
    _ids: list[int] = field(init=False)
    _by_name: dict[str, int] = field(init=False)

    def __post_init__(self) -> None:
        self._matcher = TitleMatcher(self.titles)
        self._by_name = self.store.title_ids([title.name for title in self.titles])
        self._ids = [self._by_name[title.name] for title in self.titles]

    def save(self, origin: Origin, page: Page) -> Counts:
        """Parse and match a page and save it in one transaction with its cursor. Returns what became of it.

        With `prepare`: what became of the pages that were saved now.
        """
        batch = self.screen(origin, page)
        if self.prepare is None:
            return self.store.save(batch)
        self._under_way.append((batch, self.prepare.begin(self._new(batch))))
        return self._save_down_to(self.prepare.at_once)

    def _new(self, batch: Batch) -> Sequence[MatchedPost]:
        """Return the posts to prepare: all, or those that are not stored yet once a page had some that are."""
        if not self._repeats:
            return batch.posts
        known = self.store.known(batch.platform, [post.draft.native_id for post in batch.posts])
        return [post for post in batch.posts if post.draft.native_id not in known]

    def flush(self) -> Counts:
        """Save every page that is under way. Returns what became of them."""
        return self._save_down_to(0)

    def _save_down_to(self, left: int) -> Counts:
        saved = Counts()
        while len(self._under_way) > left:
            batch, result = self._under_way.popleft()
            counts = self.store.save(replace(batch, prepared=result()))
            self._repeats = counts.known > 0
            saved += counts
        return saved

    def screen(self, origin: Origin, page: Page) -> Batch:
        """Return what of a page is to be saved. Posts of no watched title cost a glance where the source offers it."""
        seen = self.clock()
        glance = None if origin.keep_all else origin.glance
        kept: list[MatchedPost] = []
        skipped = 0
        for item in page.items:
            found = self._matched_at_a_glance(glance, item)
            if found == []:
                continue
            draft = self._parse(origin, item)
            if draft is None:
                skipped += 1
                continue
            if found is None:
                found = self._matcher.match(draft.text, draft.hashtags)
            if found or origin.keep_all:
                kept.append(self._matched(origin, draft, found, item, seen))
        return Batch(
            source=origin.source,
            platform=origin.platform,
            posts=kept,
            deleted=page.deleted,
            gone_authors={
                key: to_seconds(at) if at else None
                for name, at in page.gone_authors.items()
                if (key := self.authors.key(origin.platform, name))
            },
            platform_counts=[*self._platform_counts(page)],
            cursor=page.cursor,
            ledger=self._ledger(page),
            counts=Counts(read=len(page.items), skipped=skipped, matched=sum(1 for post in kept if post.titles)),
            collected_at=to_seconds(seen),
            sample=origin.sample,
            follow=origin.follow,
            server=page.server,
        )

    def _matched_at_a_glance(self, glance: Glances | None, item: JsonObject) -> list[int] | None:
        """Return the positions of the titles that an item speaks of, None where it must be read whole to tell."""
        glimpse = glance(item) if glance else None
        return None if glimpse is None else self._matcher.match(clean(glimpse[0]), glimpse[1])

    def _parse(self, origin: Origin, item: JsonObject) -> PostDraft | None:
        """Read one item, its text made safe to store. Tells of one that cannot be read, and returns None."""
        try:
            draft = origin.parse(item)
        except SkipItem as fault:
            if self.on_skip:
                self.on_skip(item, fault)
            else:
                log.warning("%s: one item is left out: %s", origin.source, fault)
            return None
        text = clean(draft.text)
        return draft if text == draft.text else draft._replace(text=text)

    def _matched(
        self, origin: Origin, draft: PostDraft, found: Sequence[int], raw: JsonObject, seen: datetime
    ) -> MatchedPost:
        filed, claimed = filed_at(draft.created_at, draft.seen_at or seen, origin.look_back)
        return MatchedPost(
            draft=draft,
            titles=tuple(self._ids[index] for index in found),
            created_at=filed,
            claimed_at=claimed,
            author_key=self.authors.key(draft.platform, draft.author),
            raw=as_json(raw) if origin.keep_raw and found and draft.text else None,
        )

    def _platform_counts(self, page: Page) -> Iterator[TitleCount]:
        for told in page.counts:
            length = int(told.length.total_seconds())
            yield TitleCount(self._by_name[told.title], told.part, to_seconds(told.start), length, told.amount)

    def _ledger(self, page: Page) -> LedgerEntry:
        titles = self._ids
        if page.hashtag is not None:
            tag = fold(page.hashtag)
            titles = [
                number
                for number, title in zip(self._ids, self.titles, strict=True)
                if tag in {fold(own) for own in title.hashtags}
            ]
        elif page.title is not None:
            titles = [self._by_name[page.title]]
        return LedgerEntry(
            target=page.target,
            coverage=page.coverage,
            reason=page.reason,
            since=to_seconds(page.since) if page.since else None,
            until=to_seconds(page.until) if page.until else None,
            titles=tuple(titles),
        )


def filed_at(created_at: datetime, seen: datetime, look_back: timedelta | None) -> tuple[int, int | None]:
    """Return the time to file a post under, and the platform's own time where that is not believed.

    A live source is believed within [seen - look_back, seen + 5 min]; outside, the post is filed under the time it
    was seen. Archives (look_back None) are trusted.
    """
    claimed = to_seconds(created_at)
    if look_back is None or seen - look_back <= created_at <= seen + CLOCK_SKEW:
        return claimed, None
    return to_seconds(seen), claimed


def watch_of(titles: Sequence[TitleSettings]) -> Watch:
    """Return the hashtags of all titles, folded, each once, and the titles."""
    watched = [
        WatchedTitle(
            title.name, tuple(dict.fromkeys(map(fold, title.hashtags))), title.phrases, title.wikipedia, title.exclude
        )
        for title in titles
    ]
    return Watch(tuple(dict.fromkeys(tag for title in watched for tag in title.hashtags)), tuple(watched))


def collect(saver: Saver, source: Source, *, follow: bool = False) -> Counts:
    """Run one pass over a source; `follow`: its posts are looked after from now on.

    What is saved before an error stays saved. Raises RetryLater, Fatal.
    """
    glance: Glances | None = getattr(source, "glance", None)
    origin = Origin(source.name, source.platform, source.parse, glance, look_back=source.look_back, follow=follow)
    total = Counts()
    told: set[str] = set()  # one server's fault concerns each hashtag, and is told once
    try:
        for page in source.fetch(watch_of(saver.titles), saver.store.cursor(source.name)):
            total += saver.save(origin, page)
            if page.coverage in {Coverage.FAILED, Coverage.NOT_COVERED} and page.reason not in told:
                told.add(page.reason)
                log.warning("%s: %s", source.name, page.reason)
    finally:
        total += saver.flush()
    return total
