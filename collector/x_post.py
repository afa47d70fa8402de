"""One post of X's API v2, as search and archives give it, read into a draft. Pure."""

from datetime import UTC, datetime
from typing import Any

from collector.errors import SkipItem
from collector.reading import EARLIEST, LATEST, Fields
from collector.source import JsonObject, PostDraft
from collector.text import unescape

EPOCH_MS = 1_288_834_974_657  # ids count milliseconds since this moment, above 22 bits of something else
LONGEST_ID = 19  # digits
UNUSUAL = frozenset({"note_tweet", "note_post", "referenced_posts", "edit_history_post_ids"})
ABSENT: dict[str, Any] = {}
REPOSTED = {"retweeted", "reposted"}
NO_LANGUAGE = {"und", "qam", "qct", "qht", "qme", "qst", "zxx", "art"}
NO_REPOSTS_SINCE = datetime(2026, 5, 4, tzinfo=UTC)
NO_REPOSTS = (
    "Since 2026-05-04 X's keyword search returns no reposts; how often a post was reposted is told by the post itself. "
    "Reposts are no posts of their own here before that day either, so that buzz does not break there."
)


def parse(item: JsonObject) -> PostDraft:
    """Read one post, as search and twarc give it. Raises SkipItem, also for a repost."""
    post = Fields(item, "post")
    # X is renaming its fields, "tweet" to "post": both are understood
    others = (*post.list("referenced_tweets"), *post.list("referenced_posts"))
    if any(other.maybe_text("type") in REPOSTED for other in others):
        raise SkipItem("it is a repost; the original counts")
    note = post.fields("note_tweet" if "note_tweet" in item else "note_post")
    counts = post.fields("public_metrics")
    native_id, created_at = post.text("id"), post.time("created_at")
    versions = (*post.texts("edit_history_tweet_ids"), *post.texts("edit_history_post_ids"))
    first = versions[0] if versions else native_id
    first_at = posted_at(first) if first != native_id else None
    language = post.maybe_text("lang")
    return PostDraft(
        platform="x",
        # each edit has an id of its own; the first one names the post
        native_id=first if first_at else native_id,
        url=f"https://x.com/i/web/status/{native_id}",
        created_at=first_at or created_at,
        edited_at=created_at if first_at else None,
        text=unescape(note.maybe_text("text") or post.text("text")),
        language=None if language in NO_LANGUAGE else language,
        hashtags=frozenset(
            tag.text("tag") for part in (post, note) for tag in part.fields("entities").list("hashtags")
        ),
        likes=counts.count("like_count"),
        reposts=_first_of(counts.count("retweet_count"), counts.count("repost_count")),
        replies=counts.count("reply_count"),
        author=post.maybe_text("author_id"),
    )


def glance(item: JsonObject) -> tuple[str, list[str]] | None:
    """Return text and hashtags of a post of the usual form, as `parse` does at ten times the cost, else None."""
    try:
        return _glance(item) if type(item) is dict else None
    except (TypeError, ValueError, KeyError, AttributeError, IndexError):
        return None


def posted_at(native_id: str) -> datetime | None:
    """Return the time that an id holds, None for what is no id of X."""
    if not (native_id.isdecimal() and len(native_id) <= LONGEST_ID):
        return None
    return datetime.fromtimestamp(((int(native_id) >> 22) + EPOCH_MS) / 1000, UTC)


def _glance(item: dict[str, Any]) -> tuple[str, list[str]] | None:
    """Look at a post field by field: whatever `parse` might refuse, or read otherwise, is not of the usual form."""
    native_id, created_at, text = item["id"], item["created_at"], item["text"]
    if not (
        type(native_id) is type(text) is type(item.get("lang", "")) is type(item.get("author_id", "")) is str
        and native_id
        and text
        and UNUSUAL.isdisjoint(item)
        and item.get("edit_history_tweet_ids", [native_id]) == [native_id]
        and type(item.get("public_metrics", ABSENT)) is dict
        and created_at[-1] == "Z"
        and EARLIEST <= datetime.fromisoformat(created_at) < LATEST
    ):
        return None
    for other in item.get("referenced_tweets", ()):
        if type(other["type"]) is not str or other["type"] in REPOSTED:
            return None
    tags = [entry["tag"] for entry in item.get("entities", ABSENT).get("hashtags", ())]
    if tags and not all(type(tag) is str and tag for tag in tags):
        return None
    return (unescape(text) if "&" in text else text), tags


def _first_of(*found: int | None) -> int | None:
    return next((number for number in found if number is not None), None)
