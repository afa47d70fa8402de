"""Bluesky's streams read into the same events: Jetstream 1 and 2, and a server's own repository stream. Pure.

An event's post has the form that Jetstream 1 gives it, which is also what archives hold.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar, NamedTuple, Protocol

import orjson

from collector.errors import SkipItem
from collector.reading import Fields, parse_time
from collector.source import JsonObject, PostDraft

POSTS = "app.bsky.feed.post"
TAG = "app.bsky.richtext.facet#tag"
GONE = {"deleted", "takendown", "suspended"}  # "deactivated" is a pause
LARGEST_EVENT = 1_000_000  # bytes; a post has 300 characters
KEPT = ("$type", "text", "createdAt", "langs", "facets", "tags", "labels")  # of a record in CBOR: the rest has links
MICROSECOND = timedelta(microseconds=1)
START = datetime(1970, 1, 1, tzinfo=UTC)


class Event(NamedTuple):
    """What a stream tells at one position: a post made or changed, one deleted, an account gone or reset, or nothing.

    A reset account (`sync`) has another state than its commits told; what it holds now the stream does not tell.

    `at` is when the stream saw it, in microseconds; None for a notice, which has no place in the stream.
    """

    position: int | None
    at: int | None
    post: JsonObject | None = None
    deleted: str | None = None  # the address of a post
    gone: str | None = None  # the id of an account
    reset: str | None = None  # the id of an account
    notice: str | None = None  # "OutdatedCursor": what lies between the cursor and here is not offered any more


UNREADABLE = Event(None, None, post={})


class StreamError(Exception):
    """The stream ends by its own words."""


class Wire(Protocol):
    """How one kind of stream is asked and read."""

    path: ClassVar[str]  # how its addresses end
    subprotocol: ClassVar[str | None]
    is_endless: ClassVar[bool]  # something comes every second, so that silence is a fault
    has_times: ClassVar[bool]  # its cursor may be a time in microseconds, which every server understands

    @staticmethod
    def query(cursor: int) -> Mapping[str, str | int]:
        """Return the parameters of the address."""

    @staticmethod
    def read(frame: bytes) -> Sequence[Event]:
        """Return the events of a frame; what cannot be read is an event with a post that cannot. Raises StreamError."""


class Jetstream1:
    """One JSON event a frame; the cursor is a time."""

    path: ClassVar[str] = "/subscribe"
    subprotocol: ClassVar[str | None] = None
    is_endless: ClassVar[bool] = True
    has_times: ClassVar[bool] = True

    @staticmethod
    def query(cursor: int) -> Mapping[str, str | int]:
        """Ask for posts from a time on."""
        return {"wantedCollections": POSTS, "maxMessageSizeBytes": LARGEST_EVENT, "cursor": cursor}

    @staticmethod
    def read(frame: bytes) -> Sequence[Event]:
        """Return the event of a frame."""
        try:
            event = orjson.loads(frame)
            at = event["time_us"]
            return (_event(at, at, event),) if type(at) is int else (UNREADABLE,)
        except (orjson.JSONDecodeError, TypeError, KeyError, AttributeError):
            return (UNREADABLE,)


class Jetstream2:
    """One JSON envelope a frame; the cursor is a number of the server or a time."""

    path: ClassVar[str] = "/xrpc/network.bsky.jetstream.subscribeEvents"
    subprotocol: ClassVar[str | None] = "xrpc.v1.json"
    is_endless: ClassVar[bool] = True
    has_times: ClassVar[bool] = True

    @staticmethod
    def query(cursor: int) -> Mapping[str, str | int]:
        """Ask for posts from a number or a time on."""
        return {"collections": POSTS, "maxMessageSizeBytes": LARGEST_EVENT, "cursor": cursor}

    @staticmethod
    def read(frame: bytes) -> Sequence[Event]:
        """Return the event of a frame."""
        try:
            envelope = orjson.loads(frame)
            if envelope["$type"] == "error":
                raise StreamError(str(envelope.get("error"))[:80])
            told = envelope["payload"]
            kind = told["$type"].rpartition("#")[2]
            if kind == "info":
                return (Event(None, None, notice=str(told["name"])),)
            # what an operator imports has a time of its own; when the stream saw it is told beside that
            at = _microseconds(told.get("witnessedAt") or told["time"])
            event = {"did": told["did"], "time_us": at, "kind": kind, kind: told[kind] if kind in told else _op(told)}
            return (_event(told["seq"], at, event),)
        except (orjson.JSONDecodeError, TypeError, KeyError, AttributeError, ValueError):
            return (UNREADABLE,)


class Repositories:
    """A server's own stream (subscribeRepos): every change of its repositories in CBOR; the cursor is its number."""

    path: ClassVar[str] = "/xrpc/com.atproto.sync.subscribeRepos"
    subprotocol: ClassVar[str | None] = None
    is_endless: ClassVar[bool] = False
    has_times: ClassVar[bool] = False

    @staticmethod
    def query(cursor: int) -> Mapping[str, str | int]:
        """Ask for what comes after a number."""
        return {"cursor": cursor}

    @staticmethod
    def read(frame: bytes) -> Sequence[Event]:
        """Return the events of a frame: a commit may change several posts."""
        import libipld  # noqa: PLC0415 - most people never meet this stream

        try:
            head, body = libipld.decode_dag_cbor_multi(frame)
            kind = head["t"].removeprefix("#") if head["op"] == 1 else "error"
            if kind == "error":
                raise StreamError(str(body.get("error"))[:80])
            if kind == "info":
                return (Event(None, None, notice=str(body["name"])),)
            return [*_of_repository(kind, body)]
        except (TypeError, KeyError, AttributeError, ValueError):
            return (UNREADABLE,)


WIRES: Sequence[type[Wire]] = (Jetstream1, Jetstream2, Repositories)


def _op(told: Mapping[str, Any]) -> dict[str, Any]:
    return {name: told[name] for name in ("operation", "collection", "rkey", "record") if name in told}


def _event(position: int, at: int, event: JsonObject) -> Event:
    """Sort one event of Jetstream."""
    kind = event["kind"]
    if kind == "commit":
        commit = event["commit"]
        if commit["collection"] != POSTS:
            return Event(position, at)
        if commit["operation"] == "delete":
            return Event(position, at, deleted=uri(event["did"], commit["rkey"]))
        return Event(position, at, post=event)
    if kind == "account" and is_gone(event["account"]):
        return Event(position, at, gone=event["did"])
    return Event(position, at, reset=event["did"] if kind == "sync" else None)


def is_gone(account: Mapping[str, Any]) -> bool:
    """Tell whether an account's posts are gone with it."""
    return account.get("active") is False and account.get("status") in GONE


def _of_repository(kind: str, body: Mapping[str, Any]) -> Iterator[Event]:
    import libipld  # noqa: PLC0415 - as above

    position, at = body["seq"], _microseconds(body["time"])
    if kind == "account" and is_gone(body):
        yield Event(position, at, gone=body["did"])
        return
    if kind == "sync":
        yield Event(position, at, reset=body["did"])
        return
    changes = [op for op in body.get("ops", ()) if op["path"].startswith(f"{POSTS}/")] if kind == "commit" else []
    blocks = libipld.decode_car(body["blocks"])[1] if any(op["action"] != "delete" for op in changes) else {}
    for op in changes:
        rkey = op["path"].partition("/")[2]
        if op["action"] == "delete":
            yield Event(position, at, deleted=uri(body["repo"], rkey))
            continue
        record = blocks.get(op["cid"], {})
        commit = {"operation": op["action"], "collection": POSTS, "rkey": rkey}
        commit["record"] = {name: record[name] for name in KEPT if name in record}
        yield Event(position, at, post={"did": body["repo"], "time_us": at, "kind": "commit", "commit": commit})
    if not changes:
        yield Event(position, at)


def _microseconds(time: str) -> int:
    return (parse_time(time) - START) // MICROSECOND


def glance(item: JsonObject) -> tuple[str, Sequence[str]] | None:
    """Return text and hashtags of a post of the usual form, as `parse` does at several times the cost, else None."""
    try:
        record = item["commit"]["record"]
        text = record.get("text", "")
        tags = [
            feature["tag"]
            for facet in record.get("facets") or ()
            for feature in facet["features"]
            if feature["$type"] == TAG
        ]
        tags += record.get("tags") or ()
    except (TypeError, KeyError, AttributeError):
        return None
    is_usual = type(text) is str and all(type(tag) is str and tag for tag in tags)
    return (text, tags) if is_usual and "did" in item and "rkey" in item["commit"] else None


def parse(item: JsonObject) -> PostDraft:
    """Read the post of one event. Raises SkipItem."""
    event = Fields(item, "event")
    commit = event.fields("commit")
    record = commit.fields("record")
    did, rkey = event.text("did"), commit.text("rkey")
    seen = _seen_at(event)
    return PostDraft(
        platform="bluesky",
        native_id=uri(did, rkey),
        uri=uri(did, rkey),
        url=f"https://bsky.app/profile/{did}/post/{rkey}",
        created_at=_created_at(record, seen),
        edited_at=seen if commit.text("operation") == "update" else None,
        seen_at=seen,
        text=record.maybe_text("text") or "",  # a picture alone has none
        language=next(iter(record.texts("langs")), None),
        hashtags=_hashtags(record),
        author=did,
    )


def uri(did: str, rkey: str) -> str:
    """Return the address of a post."""
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
