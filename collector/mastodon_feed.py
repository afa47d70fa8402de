"""One hashtag on one Mastodon server: where we stand in it, forwards and backwards, what its pages speak for. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import NamedTuple, Self
from urllib.parse import urlsplit

from collector import added, mastodon_post
from collector.errors import RetryLater
from collector.reading import parse_time
from collector.source import Coverage, Cursor, JsonObject, Page, WatchedTitle

PAGE_SIZE = 40  # the most that a server gives


class Access(NamedTuple):
    """What a server lets visitors read. `is_known`: it is Mastodon indeed, so that its 404 means an unknown tag."""

    coverage: Coverage
    is_known: bool


class Back(NamedTuple):
    """How far a hashtag is read backwards: the id to go on before (None: from the newest), all since is known."""

    before: str | None
    since: datetime
    goal: datetime

    @property
    def is_done(self) -> bool:
        """Tell whether it is read as far back as was wanted."""
        return self.since <= self.goal


@dataclass(frozen=True, slots=True)
class Feed:
    """One tag on one server, and where we stand in it."""

    server: str
    tag: str
    coverage: Coverage  # what its pages can claim: all posts, or only some
    after: str | None  # the id to go on from
    covered: datetime | None  # up to when it is known
    titles: str = ""  # marks of those that the tag stands for
    back: Back | None = None  # None: nothing is to be read backwards

    @classmethod
    def read(
        cls, server: str, tag: str, coverage: Coverage, cursor: Cursor, titles: Sequence[WatchedTitle], goal: datetime
    ) -> Self:
        """Take it up from the cursor. Where a title is new to the tag, it is read backwards anew, down to `goal`."""
        marks = added.marks(title.name for title in titles if tag in title.hashtags)
        feed = cls(server, tag, coverage, cursor.get(server, tag, "id"), _time(cursor, server, tag, "covered"), marks)
        since, written = _time(cursor, server, tag, "back", "since"), _time(cursor, server, tag, "back", "goal")
        if feed.covered and added.is_more(marks, cursor.get(server, tag, "titles")):
            return replace(feed, back=Back(None, feed.covered, goal))
        if since and written:
            return replace(feed, back=Back(cursor.get(server, tag, "back", "id"), since, written))
        return feed

    def page(self, statuses: Sequence[JsonObject], *, since: datetime, asked: datetime) -> Page:
        """Make the page of these statuses, with the cursor that goes on after them."""
        values = {"id": self.after, "covered": self.covered and self.covered.isoformat(), "titles": self.titles}
        kept: dict[str, str | None] = {key: value for key, value in values.items() if value}
        if self.back:
            kept |= self.way_back()
        return self.told(statuses, kept, since, self.covered or asked)

    def first(self, statuses: Sequence[JsonObject], asked: datetime, goal: datetime) -> tuple[Self, Page]:
        """Take the newest page. What it speaks for begins at its oldest post, or where an empty one ended.

        What is older is read backwards from there, down to `goal` or to where an empty page ended.
        """
        times = [time for time in map(mastodon_post.time_of, statuses) if time]
        if len(statuses) < PAGE_SIZE:  # all that there is
            since = self.covered or min([asked, *times])
        else:
            since = mastodon_post.reaches_back_to(statuses, asked)
        start = mastodon_post.settled(statuses, asked) or mastodon_post.oldest(statuses)
        back = Back(mastodon_post.oldest(statuses), since, self.covered or goal) if statuses else None
        feed = replace(self, after=start, covered=asked, back=None if back and back.is_done else back)
        return feed, feed.page(statuses, since=since, asked=asked)

    def older(self, back: Back, statuses: Sequence[JsonObject], asked: datetime) -> tuple[Self, Page]:
        """Take the page before: it speaks from its oldest post up to where the page after it began.

        An empty page is the end: what the server does not hold any more is not known. So is one that holds what it was
        to come before: this server does not page backwards.
        """
        is_same = back.before is not None and back.before in map(mastodon_post.id_of, statuses)
        if is_same or not statuses:
            feed = replace(self, back=None)
            page = feed.told((), feed.way_back(), back.since, back.since)
            reason = f"{host(self.server)} does not give pages before a post"
            lacking = replace(page, coverage=Coverage.NOT_COVERED, reason=reason, since=back.goal)
            return feed, lacking if is_same else page
        since = min(mastodon_post.reaches_back_to(statuses, asked), back.since)
        rest = Back(mastodon_post.oldest(statuses), since, back.goal)
        feed = replace(self, back=None if rest.is_done else rest)
        return feed, feed.told(statuses, feed.way_back(), since, back.since)

    def way_back(self) -> dict[str, str | None]:
        """Return what a cursor holds of the way back; nothing of one that has come to its end."""
        back = self.back
        values = {"id": back.before, "since": back.since.isoformat(), "goal": back.goal.isoformat()} if back else {}
        return {f"back {key}": values.get(key) for key in ("id", "since", "goal")}

    def told(
        self, statuses: Sequence[JsonObject], values: dict[str, str | None], since: datetime, until: datetime
    ) -> Page:
        """Make a page that speaks for this window, and remembers these values."""
        return Page(
            target(self.server, self.tag),
            items=statuses,
            cursor={f"{self.server} {self.tag} {key}": value for key, value in values.items()},
            coverage=self.coverage,
            since=since,
            until=until,
            reason=_half_closed(self.server) if self.coverage is Coverage.PARTIAL else "",
            hashtag=self.tag,
            server=self.server,
        )


def server_name(written: str) -> str:
    """Check a server as the user names it: "mastodon.social", or a whole address. Raises ValueError."""
    name = written.strip()
    parts = urlsplit(address(name))
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.username or " " in name:
        raise ValueError('a server such as "mastodon.social" or "https://mastodon.social"')
    return name.rstrip("/")


def address(server: str) -> str:
    """Turn "mastodon.social" into https://mastodon.social; a whole address stays as it is."""
    return server if "://" in server else f"https://{server}"


def host(server: str) -> str:
    """Return what a server is called in sentences."""
    return urlsplit(address(server)).netloc


def target(server: str, tag: str) -> str:
    """Return what the ledger calls a hashtag on a server."""
    return f"{host(server)} #{tag}"


def closed(server: str) -> str:
    """Say that visitors may not read a server's hashtags."""
    return (
        f"{host(server)} closed its tag timelines to visitors: its posts count as not covered. "
        "Name another server in [sources.mastodon] servers"
    )


def held_back(server: str, cursor: Cursor, now: datetime) -> RetryLater | None:
    """Return the wait that this server asked for earlier, if it is not over."""
    until = _time(cursor, server, "wait")
    if until is None or until <= now:
        return None
    return RetryLater(f"{host(server)} is not asked again before {until:%Y-%m-%d %H:%M:%S} UTC", until=until)


def failed(server: str, tag: str, fault: RetryLater) -> Page:
    """Return the page that tells of a fault, and has the server left alone until its time."""
    return Page(
        target(server, tag),
        cursor={f"{server} wait": fault.until.isoformat()},
        coverage=Coverage.FAILED,
        reason=str(fault),
        hashtag=tag,
    )


def _half_closed(server: str) -> str:
    return f"{host(server)} shows visitors only a part of its tag timelines"


def _time(cursor: Cursor, *key: str) -> datetime | None:
    written = cursor.get(*key)
    return parse_time(written) if written else None
