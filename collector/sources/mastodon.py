"""Mastodon: public tag timelines of any number of servers, polled forward, no key needed.

A server knows only the posts that reach it, so several are asked and a post is counted once, by its `uri`. A hashtag
that is new is read backwards as well, after all others have been read forward.
Authors who asked not to be searched or read by programs (`indexable` false, `noindex`, #nobot in their profile) are
honoured: their posts are counted by their hashtags, their words are not kept.
"""

from collections.abc import Generator, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Annotated, ClassVar
from urllib.parse import quote

from pydantic import AfterValidator, Field

from collector import mastodon_post
from collector.duration import Duration
from collector.errors import AccessError, RetryLater, SkipItem
from collector.mastodon_feed import (
    PAGE_SIZE,
    Access,
    Feed,
    address,
    closed,
    failed,
    held_back,
    host,
    server_name,
    target,
)
from collector.mastodon_recheck import Recheck
from collector.reading import Fields
from collector.source import (
    Coverage,
    Cursor,
    Followed,
    JsonObject,
    Kind,
    Page,
    RecheckSettings,
    SourceSettings,
    Terms,
    Watch,
)

if TYPE_CHECKING:
    from collector.http import Http

DEFAULT_SERVERS = ("mastodon.social", "mstdn.social", "mstdn.jp", "mas.to")
OK, NOT_FOUND = 200, 404
CLOSED = {401, 403, 422}  # 422 is what servers say to visitors where the public preview is off
MOST_BACK = 150  # pages of one server in one run read backwards: half of the requests that it takes in five minutes


class MastodonSettings(RecheckSettings):
    """`[sources.mastodon]`: whom to ask, how many pages of 40 posts a tag may take in one run, how far back a new one.

    `pages` are those read forward, and as many those read backwards. `back` is a week: what servers hold beyond that is
    thinner the older it is, for many let go of posts from elsewhere.
    """

    servers: tuple[Annotated[str, AfterValidator(server_name)], ...] = DEFAULT_SERVERS
    pages: Annotated[int, Field(ge=1, le=1000)] = 25
    back: Duration = timedelta(days=7)


class Mastodon:
    """Keyless tag timelines. One server that fails or asks to wait does not hold up the others."""

    name: ClassVar[str] = "mastodon"
    platform: ClassVar[str] = "mastodon"
    kind: ClassVar[Kind] = Kind.POSTS
    look_back: ClassVar[timedelta] = timedelta(days=3650)  # the first page of a quiet tag reaches back for years
    terms: ClassVar[Terms] = Terms(
        kept="text, link, counts, hashtags, as long as you want; raw answer 7 days; of authors who do not want to be "
        "indexed or read by programs only hashtags and counts, no words",
        shown="in the app, with the link",
        exported="as stored",
        derived="language, sentiment, topics, totals",
        deleted="found by asking again, once a day for 30 days",
    )
    Settings: ClassVar[type[SourceSettings]] = MastodonSettings
    parse = staticmethod(mastodon_post.parse)

    def __init__(self, settings: MastodonSettings, http: "Http") -> None:
        self._settings = settings
        self._http = http

    def fetch(self, watch: Watch, cursor: Cursor) -> Iterator[Page]:
        """Yield what each server has gained on each tag since the cursor, oldest first; then older posts of new tags.

        A closed server yields NOT_COVERED pages, a failing one FAILED pages. Raises RetryLater only when every
        server failed or asked us to wait; then until the first of them may be asked again.
        """
        faults: list[RetryLater] = []
        for server in self._settings.servers:
            fault = yield from self._server(server, watch, cursor)
            if fault is not None:
                faults.append(fault)
        if faults and len(faults) == len(self._settings.servers):
            raise min(faults, key=lambda fault: fault.until)

    def recheck(self, batches: Iterator[Sequence[Followed]], _cursor: Cursor) -> Iterator[Page]:
        """Yield what became of stored posts. Raises RetryLater where no server could be asked."""
        yield from Recheck(self._http, self._settings.servers).pages(batches)

    def _server(self, server: str, watch: Watch, cursor: Cursor) -> Generator[Page, None, RetryLater | None]:
        """Yield one server's pages for all tags; after a fault, say for each tag left why it was not asked."""
        fault = held_back(server, cursor, self._http.clock())
        access: Access | None = None
        read: list[Feed] = []
        for tag in watch.hashtags:
            try:
                if fault is None:
                    access = access or self._access(server)
                    feed = Feed.read(server, tag, access.coverage, cursor, watch.titles, self._goal())
                    read.append((yield from self._tag(feed, access)))
                    continue
            except AccessError as refusal:
                yield Page.not_covered(target(server, tag), reason=str(refusal), hashtag=tag)
                continue
            except RetryLater as asked:
                fault = asked
            yield failed(server, tag, fault)
        if fault is None and access is not None:
            fault = yield from self._backwards(read, access)
        return fault

    def _goal(self) -> datetime:
        return self._http.clock() - self._settings.back

    def _access(self, server: str) -> Access:
        """Ask whether visitors may read tag timelines: all of them, only some posts, or none."""
        answer = self._http.get(f"{address(server)}/api/v2/instance", expect=CLOSED | {NOT_FOUND})
        if answer.status != OK:  # before 4.0, or another program with the same timelines: these will tell
            return Access(Coverage.COVERED, is_known=answer.status != NOT_FOUND)
        try:
            feeds = Fields(answer.json()).fields("configuration").fields("timelines_access").fields("hashtag_feeds")
            shut = sum(feeds.maybe_text(origin) not in {None, "public"} for origin in ("local", "remote"))
        except SkipItem:
            shut = 0
        return Access((Coverage.COVERED, Coverage.PARTIAL, Coverage.NOT_COVERED)[shut], is_known=True)

    def _tag(self, feed: Feed, access: Access) -> Generator[Page, None, Feed]:
        """Yield one tag's new pages: the newest page at first contact, afterwards forward until there is no more.

        Each page carries the cursor that goes on after it, so that a run that dies goes on where it was.
        """
        if access.coverage is Coverage.NOT_COVERED:
            raise AccessError(closed(feed.server))
        if feed.after is None:
            asked = self._http.clock()
            feed, page = feed.first(self._timeline(feed, access), asked, self._goal())
            yield page
            return feed
        after: str | None = feed.after
        for _ in range(self._settings.pages):
            asked = self._http.clock()
            statuses = self._timeline(feed, access, min_id=after)
            since = feed.covered or asked
            newest = mastodon_post.newest(statuses)
            if newest in {None, after}:  # the end, or a server that does not know min_id
                feed = replace(feed, covered=asked)
                yield feed.page(statuses, since=since, asked=asked)
                return feed
            seen = max((time for time in map(mastodon_post.time_of, statuses) if time), default=since)
            start = mastodon_post.settled(statuses, asked) or feed.after
            feed = replace(feed, after=start, covered=max(since, min(seen, asked)))
            yield feed.page(statuses, since=since, asked=asked)
            after = newest
        return feed

    def _backwards(self, feeds: Sequence[Feed], access: Access) -> Generator[Page, None, RetryLater | None]:
        """Yield older pages of the tags that are not read back to their goal yet; what is left is for the next run."""
        left = MOST_BACK
        for feed in feeds:
            try:
                for _ in range(self._settings.pages):
                    if feed.back is None or left == 0:
                        break
                    left -= 1
                    asked = self._http.clock()
                    statuses = self._timeline(feed, access, max_id=feed.back.before)
                    feed, page = feed.older(feed.back, statuses, asked)  # noqa: PLW2901 - the same feed, further back
                    yield page
            except AccessError as refusal:
                yield Page.not_covered(target(feed.server, feed.tag), reason=str(refusal), hashtag=feed.tag)
            except RetryLater as fault:
                yield failed(feed.server, feed.tag, fault)
                return fault
        return None

    def _timeline(self, feed: Feed, access: Access, **place: str | None) -> Sequence[JsonObject]:
        """Ask for one page, newest first. Raises AccessError where visitors are not let in."""
        answer = self._http.get(
            f"{address(feed.server)}/api/v1/timelines/tag/{quote(feed.tag, safe='')}",
            params={"limit": PAGE_SIZE} | {key: value for key, value in place.items() if value},
            expect=CLOSED | ({NOT_FOUND} if access.is_known else set()),
        )
        if answer.status in CLOSED:
            raise AccessError(closed(feed.server))
        statuses = [] if answer.status == NOT_FOUND else answer.json()  # 404: nobody ever used this tag there
        if not isinstance(statuses, list) or (statuses and mastodon_post.newest(statuses) is None):
            raise RetryLater(
                f"{host(feed.server)} sent something other than a tag timeline; trying again at the next turn",
                until=answer.at + timedelta(minutes=1),
            )
        return statuses
