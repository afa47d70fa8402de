"""Jetstream as a stub on the loopback: events by their times, replayed from a cursor, in either version's form."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from loopback import Asked, Reply, Streamed

STEP = 10  # microseconds from one number of version 2 to the next
FAR = datetime(2030, 1, 1, tzinfo=UTC)  # the network never falls silent: something of later always follows
V2 = "network.bsky.jetstream.subscribeEvents"
Event = dict[str, Any]


def micros(at: datetime) -> int:
    """Return a time as Jetstream writes it."""
    return int(at.timestamp()) * 1_000_000 + at.microsecond


def did(name: str) -> str:
    """Return the id of an invented account."""
    return f"did:plc:{name}"


def post(
    number: int, *, at: datetime, text: str = "", tag: str = "SquidGame", author: str = "ann", **record: object
) -> Event:
    """Return the event of a new post, its hashtag told as a facet."""
    body = text or f"post {number} #{tag}"
    start = len(body.encode()) - len(f"#{tag}".encode())
    facet = {
        "index": {"byteStart": start, "byteEnd": start + len(f"#{tag}".encode())},
        "features": [{"$type": "app.bsky.richtext.facet#tag", "tag": tag}],
    }
    told = {"$type": "app.bsky.feed.post", "text": body, "createdAt": at.isoformat().replace("+00:00", "Z")}
    return commit(
        "create", f"r{number}", at=at, author=author, record=told | {"langs": ["en"], "facets": [facet]} | record
    )


def commit(operation: str, rkey: str, *, at: datetime, author: str = "ann", record: Any = None) -> Event:  # noqa: ANN401 - as above
    """Return the event of a change of a post."""
    told = {"rev": "3k", "operation": operation, "collection": "app.bsky.feed.post", "rkey": rkey}
    if record is not None:
        told["record"] = record
    return {"did": did(author), "time_us": micros(at), "kind": "commit", "commit": told}


def account(author: str, *, at: datetime, status: str | None) -> Event:
    """Return the event of an account that goes ("deleted", "deactivated") or comes back (None)."""
    told = {"active": status is None, "did": did(author), "seq": 1, "time": at.isoformat()}
    return {
        "did": did(author),
        "time_us": micros(at),
        "kind": "account",
        "account": told | ({"status": status} if status else {}),
    }


def identity(at: datetime) -> Event:
    """Return an event that concerns nobody's posts."""
    return {"did": did("zoe"), "time_us": micros(at), "kind": "identity", "identity": {"did": did("zoe"), "seq": 2}}


def as_v2(event: Event) -> Event:
    """Return an event in the form of version 2; its number is less exact than its time, so that both are told apart."""
    at = datetime.fromtimestamp(event["time_us"] / 1_000_000, UTC).isoformat()
    kind = event["kind"]
    told = event[kind] if kind == "commit" else {kind: event[kind]}
    payload = {
        "$type": f"{V2}#{kind}",
        "did": event["did"],
        "seq": number(event),
        "time": at,
        "witnessedAt": at,
        **told,
    }
    return {"$type": "message", "payload": payload}


def number(event: Event) -> int:
    """Return the number of an event in version 2."""
    return int(event["time_us"]) // STEP


@dataclass
class JetstreamStub:
    """An instance: `reach` is how old the oldest event may be that it still has."""

    events: list[Event] = field(default_factory=list)
    oldest: datetime = datetime(2020, 1, 1, tzinfo=UTC)
    then: str = "hang"
    extra: Iterable[str | bytes] = ()  # frames sent before the end
    goes_on: bool = True
    asked: list[Asked] = field(default_factory=list)

    def answer(self, asked: Asked) -> Reply:
        """Replay what is asked for."""
        self.asked.append(asked)
        cursor = int(asked.params.get("cursor", 0))
        is_v2 = asked.path.startswith("/xrpc/")
        by_number = is_v2 and cursor < 10**15
        if by_number and cursor < number({"time_us": micros(self.oldest)}):
            return Reply({"error": "CursorTooOld", "message": "too old"}, 400)
        chosen = [event for event in self._all() if (number(event) if by_number else event["time_us"]) >= cursor]
        return Reply(stream=Streamed(self._frames(chosen, is_v2=is_v2), self.then))

    def _all(self) -> list[Event]:
        kept = [event for event in self.events if event["time_us"] >= micros(self.oldest)]
        return sorted(kept, key=lambda event: int(event["time_us"])) + ([identity(FAR)] if self.goes_on else [])

    def _frames(self, chosen: Iterable[Event], *, is_v2: bool) -> Iterator[str | bytes]:
        *early, last = [*chosen] or [identity(FAR - timedelta(days=1))]
        for event in early:
            yield json.dumps(as_v2(event) if is_v2 else event)
        yield from self.extra
        yield json.dumps(as_v2(last) if is_v2 else last)
