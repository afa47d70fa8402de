"""Bluesky's Jetstream events (version 1), one a line: posts made, changed and deleted, and accounts that went away."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, ClassVar

from collector.archive.format import Gone
from collector.errors import SkipItem
from collector.reading import Fields
from collector.source import JsonObject, PostDraft

POSTS = "app.bsky.feed.post"
TAG = "app.bsky.richtext.facet#tag"
GONE = {"deleted", "takendown", "suspended"}  # "deactivated" is a pause


class Jetstream:
    """Events of any kind and collection; only those about posts and accounts matter here."""

    name: ClassVar[str] = "jetstream"
    platform: ClassVar[str] = "bluesky"

    @staticmethod
    def recognises(record: object) -> bool:
        """Tell whether it is an event."""
        return isinstance(record, Mapping) and {"did", "time_us", "kind"} <= record.keys()

    @staticmethod
    def items(record: Any) -> Iterator[JsonObject | Gone | None]:  # noqa: ANN401 - any JSON value
        """Yield the post of an event, the post or the account that is gone, or None for an event of another kind."""
        event = Fields(record, "event")
        commit = event.fields("commit")
        if event.maybe_text("kind") == "account":
            account = event.fields("account")
            is_gone = account.flag("active") is False and account.maybe_text("status") in GONE
            yield Gone(f"at://{event.text('did')}/", whole_author=True) if is_gone else None
        elif event.maybe_text("kind") != "commit" or commit.maybe_text("collection") != POSTS:
            yield None
        elif commit.text("operation") == "delete":
            yield Gone(_uri(event.text("did"), commit.text("rkey")))
        else:
            yield record

    @staticmethod
    def parse(item: JsonObject) -> PostDraft:
        """Read the post of one event. Raises SkipItem."""
        event = Fields(item, "event")
        commit = event.fields("commit")
        record = commit.fields("record")
        did, rkey = event.text("did"), commit.text("rkey")
        seen = _seen_at(event)
        return PostDraft(
            platform="bluesky",
            native_id=_uri(did, rkey),
            uri=_uri(did, rkey),
            url=f"https://bsky.app/profile/{did}/post/{rkey}",
            created_at=_created_at(record, seen),
            edited_at=seen if commit.text("operation") == "update" else None,
            text=record.maybe_text("text") or "",  # a picture alone has none
            language=next(iter(record.texts("langs")), None),
            hashtags=_hashtags(record),
            author=did,
        )


def _uri(did: str, rkey: str) -> str:
    return f"at://{did}/{POSTS}/{rkey}"


def _seen_at(event: Fields) -> datetime:
    micros = event.count("time_us")
    try:
        return datetime.fromtimestamp((micros or 0) / 1_000_000, UTC)
    except (ValueError, OverflowError, OSError) as fault:
        raise SkipItem("time_us is not a time") from fault


def _created_at(record: Fields, seen: datetime) -> datetime:
    """Take the author's time, but never a later one than the network's: authors can write any time they like."""
    try:
        return min(record.time("createdAt"), seen)
    except SkipItem:
        return seen


def _hashtags(record: Fields) -> frozenset[str]:
    """Return the hashtags in the text, which are told as facets, and those beside it."""
    features = (feature for facet in record.list("facets") for feature in facet.list("features"))
    tags = (feature.maybe_text("tag") for feature in features if feature.maybe_text("$type") == TAG)
    return frozenset(tag.lstrip("#") for tag in (*tags, *record.texts("tags")) if tag and tag.lstrip("#"))
