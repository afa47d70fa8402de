"""What Bluesky's search finds: one post of its answers, and where we stand in a hashtag of its past. Pure.

A hashtag is searched window by window, each from its newest post to its oldest. The first window reaches back as far as
is wanted, the next ones from where the one before ended.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Self

from collector import added, atproto
from collector.bluesky_reading import microseconds
from collector.errors import SkipItem
from collector.reading import Fields, parse_time
from collector.source import Coverage, Cursor, JsonObject, Page, PostDraft, WatchedTitle

MOST = 100  # posts of one answer
FRESH = timedelta(minutes=1)  # what is newer, the search may not know yet
LATE = timedelta(hours=6)  # a post enters the search so long after its time
DECIDING = 3  # posts at the old end of an answer: the time of one alone may be wrong
TICK = timedelta(milliseconds=1)  # of the search's clock
MEMBERS_ONLY = "!no-unauthenticated"
SEARCHED = "Bluesky's search finds what it knows, which need not be all"


def parse(item: JsonObject) -> PostDraft:
    """Read one post as the search shows it; it is the same one that the stream tells. Raises SkipItem.

    Who wants to be seen by members only is counted by hashtags, without words.
    """
    view = Fields(item, "post")
    author = view.fields("author")
    did, uri = author.text("did"), view.text("uri")
    rkey = uri.rpartition("/")[2]
    if not rkey or uri != atproto.uri(did, rkey):
        raise SkipItem("uri is not that of a post of its author")
    if not isinstance(item.get("record"), Mapping):
        raise SkipItem("record is missing")
    commit = {"operation": "create", "collection": atproto.POSTS, "rkey": rkey, "record": item["record"]}
    draft = atproto.parse({"did": did, "time_us": microseconds(view.time("indexedAt")), "commit": commit})
    return draft._replace(
        text="" if _is_for_members(author) else draft.text,
        likes=view.count("likeCount"),
        reposts=view.count("repostCount"),
        replies=view.count("replyCount"),
    )


def _is_for_members(author: Fields) -> bool:
    labels = author.list("labels")
    return any(label.maybe_text("val") == MEMBERS_ONLY and label.flag("neg") is not True for label in labels)


def sorted_at(item: JsonObject) -> datetime | None:
    """Return the time by which the search orders a post: its author's, but never after it was seen first."""
    seen = indexed_at(item)
    try:
        told = Fields(item).fields("record").maybe_time("createdAt")
    except SkipItem:
        told = None
    return min(told, seen) if told and seen else told or seen


def indexed_at(item: JsonObject) -> datetime | None:
    """Return when the network saw a post first."""
    try:
        return Fields(item).maybe_time("indexedAt")
    except SkipItem:
        return None


@dataclass(frozen=True, slots=True)
class Place:
    """One hashtag: the window [since, end) that is being searched, of which all from `until` on is done.

    Of a window that goes on from another one, posts from a little before it are looked at as well, for some enter the
    search late; those that it had then are left out.
    """

    tag: str
    titles: str  # marks of those that the tag stands for
    since: datetime
    end: datetime
    until: datetime
    goes_on: bool = False
    is_done: bool = False

    @classmethod
    def read(cls, tag: str, cursor: Cursor, titles: Sequence[WatchedTitle], now: datetime, back: timedelta) -> Self:
        """Take it up from the cursor, or begin the next window. Where a title is new to the tag, it begins anew."""
        marks = added.marks(title.name for title in titles if tag in title.hashtags)
        end, start = now - FRESH, now - back
        covered, window = cursor.get(tag, "covered"), cursor.get(tag, "window")
        if added.is_more(marks, cursor.get(tag, "titles")):
            covered = window = None
        if window:
            *moments, goes_on = window.split()
            since, its_end, until = map(parse_time, moments)
            return cls(tag, marks, since, its_end, until, goes_on=goes_on == "True")
        if covered:
            return cls(tag, marks, min(max(parse_time(covered), start), end), end, end, goes_on=True)
        return cls(tag, marks, start, end, end)

    @property
    def question(self) -> dict[str, str | int]:
        """Return what to ask next."""
        until = self.until + TICK if self.until < self.end else self.end  # more posts may have the time of the last one
        asked: dict[str, str | int] = {"q": f"#{self.tag}", "sort": "latest", "limit": MOST}
        return asked | {"since": _written(self._from), "until": _written(until)}

    @property
    def _from(self) -> datetime:
        return self.since - LATE if self.goes_on else self.since

    def take(self, posts: Sequence[JsonObject], target: str, *, has_more: bool) -> tuple[Self, Page]:
        """Take an answer, newest post first: it speaks, in part, for the time from its oldest post on."""
        times = [time for time in map(sorted_at, posts) if time]
        reached = min(max(times[-DECIDING:], default=self.until), self.until)
        goes_further = has_more or (len(posts) >= MOST and reached < self.until)
        is_done = reached <= self._from or not goes_further
        place = replace(self, until=reached, is_done=is_done)
        since = self.since if is_done else max(reached, self.since)
        return place, place.page(target, [post for post in posts if self._is_news(post)], since, self.until)

    def given_up(self, target: str) -> tuple[Self, Page]:
        """End a window whose answers come to no end and grow no older."""
        place = replace(self, is_done=True)
        return place, place.page(target, (), self.until, self.until)

    def _is_news(self, post: JsonObject) -> bool:
        seen = indexed_at(post)
        return not self.goes_on or seen is None or seen >= self.since

    def page(self, target: str, items: Sequence[JsonObject], since: datetime, until: datetime) -> Page:
        """Make the page of these posts; it speaks, in part, for the time from `since` to `until`."""
        window = " ".join([*(time.isoformat() for time in (self.since, self.end, self.until)), str(self.goes_on)])
        values = {"titles": self.titles or None, "window": None if self.is_done else window}
        if self.is_done:
            values["covered"] = self.end.isoformat()
        return Page(
            target,
            items=items,
            cursor={f"{self.tag} {key}": value for key, value in values.items()},
            coverage=Coverage.PARTIAL,
            since=since,
            until=max(until, since),
            reason=SEARCHED,
            hashtag=self.tag,
        )


def _written(time: datetime) -> str:
    return time.isoformat(timespec="milliseconds").replace("+00:00", "Z")
