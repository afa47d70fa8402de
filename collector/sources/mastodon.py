"""Mastodon: public tag timelines of any number of servers, polled forward, no key needed.

A server knows only the posts that reach it, so several are asked and a post is counted once, by its `uri`.
Authors who asked not to be searched or read by programs (`indexable` false, `noindex`, #nobot in their profile) are
honoured: their posts are counted by their hashtags, their words are not kept.
"""

from collections.abc import Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Annotated, ClassVar
from urllib.parse import quote, urlsplit

from pydantic import AfterValidator, Field

from collector.errors import AccessError, RetryLater, SkipItem
from collector.reading import Fields, parse_time
from collector.source import Coverage, Cursor, JsonObject, Kind, Page, PostDraft, SourceSettings, Watch
from collector.text import fold, hashtags, plain_text

if TYPE_CHECKING:
    from collector.http import Http

DEFAULT_SERVERS = ("mastodon.social", "mstdn.social", "mstdn.jp", "mas.to")
PAGE_SIZE = 40  # the most that a server gives
OK, NOT_FOUND = 200, 404
CLOSED = {401, 403, 422}  # 422 is what servers say to visitors where the public preview is off
SHOWN = {"public", "unlisted"}
# a post from elsewhere is filed under its author's time, so it can appear behind newer ids that we saw already:
# the cursor stays this far behind, and what is read twice is known by its uri
LATE = timedelta(minutes=10)


def _server_name(written: str) -> str:
    """Check a server as the user names it: "mastodon.social", or a whole address."""
    name = written.strip()
    parts = urlsplit(_address(name))
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.username or " " in name:
        raise ValueError('a server such as "mastodon.social" or "https://mastodon.social"')
    return name.rstrip("/")


def _address(server: str) -> str:
    """Turn "mastodon.social" into https://mastodon.social; a whole address stays as it is."""
    return server if "://" in server else f"https://{server}"


class MastodonSettings(SourceSettings):
    """`[sources.mastodon]`: whom to ask, and how many pages of 40 posts a tag may take in one run."""

    servers: tuple[Annotated[str, AfterValidator(_server_name)], ...] = DEFAULT_SERVERS
    pages: Annotated[int, Field(ge=1, le=1000)] = 25


@dataclass(frozen=True, slots=True)
class _Feed:
    """One tag on one server, and where we stand in it."""

    server: str
    tag: str
    coverage: Coverage  # what its pages can claim: all posts, or only some
    after: str | None  # the id to go on from
    covered: datetime | None  # up to when it is known

    @classmethod
    def read(cls, server: str, tag: str, coverage: Coverage, cursor: Cursor) -> "_Feed":
        covered = cursor.get(server, tag, "covered")
        return cls(server, tag, coverage, cursor.get(server, tag, "id"), parse_time(covered) if covered else None)

    def page(self, statuses: Sequence[JsonObject], *, since: datetime, asked: datetime) -> Page:
        """Make the page of these statuses, with the cursor that goes on after them."""
        values = {"id": self.after, "covered": self.covered and self.covered.isoformat()}
        return Page(
            _target(self.server, self.tag),
            items=statuses,
            cursor={f"{self.server} {self.tag} {key}": value for key, value in values.items() if value},
            coverage=self.coverage,
            since=since,
            until=self.covered or asked,
            reason=_half_closed(self.server) if self.coverage is Coverage.PARTIAL else "",
            hashtag=self.tag,
        )


class Mastodon:
    """Keyless tag timelines. One server that fails or asks to wait does not hold up the others."""

    name: ClassVar[str] = "mastodon"
    platform: ClassVar[str] = "mastodon"
    kind: ClassVar[Kind] = Kind.POSTS
    look_back: ClassVar[timedelta] = timedelta(days=3650)  # the first page of a quiet tag reaches back for years
    Settings: ClassVar[type[SourceSettings]] = MastodonSettings

    def __init__(self, settings: MastodonSettings, http: "Http") -> None:
        self._settings = settings
        self._http = http

    def fetch(self, watch: Watch, cursor: Cursor) -> Iterator[Page]:
        """Yield what each server has gained on each tag since the cursor, oldest first.

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

    def _server(self, server: str, watch: Watch, cursor: Cursor) -> Generator[Page, None, RetryLater | None]:
        """Yield one server's pages for all tags; after a fault, say for each tag left why it was not asked."""
        fault = _held_back(server, cursor, self._http.clock())
        access: _Access | None = None
        for tag in watch.hashtags:
            try:
                if fault is None:
                    access = access or self._access(server)
                    yield from self._tag(_Feed.read(server, tag, access.coverage, cursor), access)
                    continue
            except AccessError as refusal:
                yield Page.not_covered(_target(server, tag), reason=str(refusal), hashtag=tag)
                continue
            except RetryLater as asked:
                fault = asked
            yield _failed(server, tag, fault)
        return fault

    def _access(self, server: str) -> "_Access":
        """Ask whether visitors may read tag timelines: all of them, only some posts, or none."""
        answer = self._http.get(f"{_address(server)}/api/v2/instance", expect=CLOSED | {NOT_FOUND})
        if answer.status != OK:  # before 4.0, or another program with the same timelines: these will tell
            return _Access(Coverage.COVERED, is_known=answer.status != NOT_FOUND)
        try:
            feeds = Fields(answer.json()).fields("configuration").fields("timelines_access").fields("hashtag_feeds")
            closed = sum(feeds.maybe_text(origin) not in {None, "public"} for origin in ("local", "remote"))
        except SkipItem:
            closed = 0
        return _Access((Coverage.COVERED, Coverage.PARTIAL, Coverage.NOT_COVERED)[closed], is_known=True)

    def _tag(self, feed: _Feed, access: "_Access") -> Iterator[Page]:
        """Yield one tag's new pages: the newest page at first contact, afterwards forward until there is no more.

        Each page carries the cursor that goes on after it, so that a run that dies goes on where it was.
        """
        if access.coverage is Coverage.NOT_COVERED:
            raise AccessError(_closed(feed.server))
        if feed.after is None:
            yield self._first(feed, access)
            return
        after: str | None = feed.after
        for _ in range(self._settings.pages):
            asked = self._http.clock()
            statuses = self._timeline(feed, access, min_id=after)
            since = feed.covered or asked
            newest = _newest(statuses)
            if newest in {None, after}:  # the end, or a server that does not know min_id
                yield replace(feed, covered=asked).page(statuses, since=since, asked=asked)
                return
            seen = max((time for time in map(_time, statuses) if time), default=since)
            feed = replace(feed, after=_settled(statuses, asked) or feed.after, covered=max(since, min(seen, asked)))
            yield feed.page(statuses, since=since, asked=asked)
            after = newest

    def _first(self, feed: _Feed, access: "_Access") -> Page:
        """Return the newest page. What it speaks for begins at its oldest post, or where an empty one ended."""
        asked = self._http.clock()
        statuses = self._timeline(feed, access)
        oldest = min((time for time in map(_time, statuses) if time), default=asked)
        since = feed.covered if feed.covered and len(statuses) < PAGE_SIZE else min(oldest, asked)
        start = _settled(statuses, asked) or _id(statuses[-1]) if statuses else None
        return replace(feed, after=start, covered=asked).page(statuses, since=since, asked=asked)

    def _timeline(self, feed: _Feed, access: "_Access", **place: str | None) -> Sequence[JsonObject]:
        """Ask for one page, newest first. Raises AccessError where visitors are not let in."""
        answer = self._http.get(
            f"{_address(feed.server)}/api/v1/timelines/tag/{quote(feed.tag, safe='')}",
            params={"limit": PAGE_SIZE} | {key: value for key, value in place.items() if value},
            expect=CLOSED | ({NOT_FOUND} if access.is_known else set()),
        )
        if answer.status in CLOSED:
            raise AccessError(_closed(feed.server))
        statuses = [] if answer.status == NOT_FOUND else answer.json()  # 404: nobody ever used this tag there
        if not isinstance(statuses, list) or (statuses and _newest(statuses) is None):
            raise RetryLater(
                f"{_host(feed.server)} sent something other than a tag timeline; trying again at the next turn",
                until=answer.at + timedelta(minutes=1),
            )
        return statuses

    @staticmethod
    def parse(item: JsonObject) -> PostDraft:
        """Read one status; a reblog is read as the post it repeats. Raises SkipItem."""
        status = Fields(item, "status")
        if isinstance(item.get("reblog"), Mapping):
            return Mastodon.parse(item["reblog"])
        if status.maybe_text("visibility") not in SHOWN | {None}:
            raise SkipItem("visibility is not public")
        account = status.fields("account")
        return PostDraft(
            platform="mastodon",
            native_id=status.text("uri"),  # the same post has another id on each server
            uri=status.text("uri"),
            url=status.maybe_text("url"),
            created_at=status.time("created_at"),
            edited_at=status.maybe_time("edited_at"),
            text="" if _wants_silence(account) else _words(status),
            language=status.maybe_text("language"),
            hashtags=frozenset(tag.text("name") for tag in status.list("tags")),
            likes=status.count("favourites_count"),
            reposts=status.count("reblogs_count"),
            replies=status.count("replies_count"),
            author=account.maybe_text("uri") or account.maybe_text("url") or account.maybe_text("acct"),
        )


@dataclass(frozen=True, slots=True)
class _Access:
    """What a server lets visitors read. `is_known`: it is Mastodon indeed, so that its 404 means an unknown tag."""

    coverage: Coverage
    is_known: bool


def _words(status: Fields) -> str:
    """Return what the author wrote: the content warning, if any, above the content."""
    return "\n".join(
        part for part in (status.maybe_text("spoiler_text"), plain_text(status.maybe_text("content") or "")) if part
    )


def _wants_silence(account: Fields) -> bool:
    """Tell whether the author asked not to be searched or read by programs."""
    if account.flag("indexable") is False or account.flag("noindex") is True:
        return True
    note = account.maybe_text("note") or ""
    return "bot" in note.casefold() and not {"nobot", "nobots"}.isdisjoint(hashtags(fold(plain_text(note))))


def _time(status: object) -> datetime | None:
    try:
        return Fields(status).maybe_time("created_at")
    except SkipItem:
        return None


def _id(status: object) -> str | None:
    try:
        return Fields(status).maybe_text("id")
    except SkipItem:
        return None


def _newest(statuses: Sequence[JsonObject]) -> str | None:
    """Return the newest id of a page, which is its first that has one; ids are opaque and say nothing themselves."""
    return next(filter(None, map(_id, statuses)), None)


def _settled(statuses: Sequence[JsonObject], asked: datetime) -> str | None:
    """Return the newest id that no late post can come before any more."""
    times = ((_time(status), status) for status in statuses)
    return next((_id(status) for time, status in times if time and time <= asked - LATE), None)


def _held_back(server: str, cursor: Cursor, now: datetime) -> RetryLater | None:
    """Return the wait that this server asked for earlier, if it is not over."""
    asked = cursor.get(server, "wait")
    if asked is None or parse_time(asked) <= now:
        return None
    until = parse_time(asked)
    return RetryLater(f"{_host(server)} is not asked again before {until:%Y-%m-%d %H:%M:%S} UTC", until=until)


def _failed(server: str, tag: str, fault: RetryLater) -> Page:
    return Page(
        _target(server, tag),
        cursor={f"{server} wait": fault.until.isoformat()},
        coverage=Coverage.FAILED,
        reason=str(fault),
        hashtag=tag,
    )


def _host(server: str) -> str:
    return urlsplit(_address(server)).netloc


def _target(server: str, tag: str) -> str:
    return f"{_host(server)} #{tag}"


def _closed(server: str) -> str:
    return (
        f"{_host(server)} closed its tag timelines to visitors: its posts count as not covered. "
        "Name another server in [sources.mastodon] servers"
    )


def _half_closed(server: str) -> str:
    return f"{_host(server)} shows visitors only a part of its tag timelines"
