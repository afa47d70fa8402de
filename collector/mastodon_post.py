"""What Mastodon tells of posts: one status read, and where a page of them stands in its timeline. Pure."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from collector.errors import SkipItem
from collector.reading import Fields
from collector.source import JsonObject, PostDraft
from collector.text import fold, hashtags, plain_text

SHOWN = {"public", "unlisted"}
# a post from elsewhere is filed under its author's time, so it can appear behind newer ids that we saw already:
# the cursor stays this far behind, and what is read twice is known by its uri
LATE = timedelta(minutes=10)
DECIDING = 3  # posts at the old end of a page: the time of one alone may be forged


def parse(item: JsonObject) -> PostDraft:
    """Read one status; a reblog is read as the post it repeats. Raises SkipItem."""
    status = Fields(item, "status")
    if isinstance(item.get("reblog"), Mapping):
        return parse(item["reblog"])
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
        local_id=status.maybe_text("id") or "",
        author=account.maybe_text("uri") or account.maybe_text("url") or account.maybe_text("acct"),
    )


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


# --- pages: newest status first


def time_of(status: object) -> datetime | None:
    """Return a status's time, None where it has none that can be read; the fault is told when it is parsed."""
    try:
        return Fields(status).maybe_time("created_at")
    except SkipItem:
        return None


def id_of(status: object) -> str | None:
    """Return a status's id on its server, None where it has none."""
    try:
        return Fields(status).maybe_text("id")
    except SkipItem:
        return None


def newest(statuses: Sequence[JsonObject]) -> str | None:
    """Return the newest id of a page, which is its first that has one; ids are opaque and say nothing themselves."""
    return next(filter(None, map(id_of, statuses)), None)


def oldest(statuses: Sequence[JsonObject]) -> str | None:
    """Return the oldest id of a page."""
    return next(filter(None, map(id_of, reversed(statuses))), None)


def settled(statuses: Sequence[JsonObject], asked: datetime) -> str | None:
    """Return the newest id that no late post can come before any more."""
    times = ((time_of(status), status) for status in statuses)
    return next((id_of(status) for time, status in times if time and time <= asked - LATE), None)


def reaches_back_to(statuses: Sequence[JsonObject], asked: datetime) -> datetime:
    """Return from when on a page holds everything: the latest time among its last few posts, or now without any."""
    times = [time for time in map(time_of, statuses) if time]
    return min(max(times[-DECIDING:], default=asked), asked)
