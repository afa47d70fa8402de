"""A Mastodon server as far as a visitor sees it: its instance and its tag timelines, modelled on recorded answers."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs

from loopback import Asked, Loopback, Reply, serving

START = datetime(2026, 3, 1, 12, tzinfo=UTC)


def status(number: int, *, tag: str = "SquidGame", at: datetime | None = None, **changes: object) -> dict[str, Any]:
    """Write an invented status. Its id grows with its number; its uri is that of another server, as most are."""
    moment = at or START + timedelta(minutes=number)
    uri = f"https://far.example/users/someone/statuses/{number}"
    return {
        "id": f"1170205{number:08}",
        "created_at": moment.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "edited_at": None,
        "in_reply_to_id": None,
        "sensitive": False,
        "spoiler_text": "",
        "visibility": "public",
        "language": "en",
        "uri": uri,
        "url": f"https://far.example/@someone/{number}",
        "replies_count": 1,
        "reblogs_count": 2,
        "favourites_count": 3,
        "content": f'<p>Post {number} &amp; more <a href="/tags/x" class="mention hashtag">#<span>{tag}</span></a></p>',
        "reblog": None,
        "account": account(),
        "media_attachments": [],
        "mentions": [],
        "tags": [{"name": tag, "url": f"https://far.example/tags/{tag}"}],
    } | changes


def account(**changes: object) -> dict[str, Any]:
    """Write an invented account that does not mind being read."""
    return {
        "id": "109",
        "username": "someone",
        "acct": "someone@far.example",
        "display_name": "Someone Invented",
        "indexable": True,
        "noindex": False,
        "note": "<p>I watch too much.</p>",
        "url": "https://far.example/@someone",
        "uri": "https://far.example/users/someone",
    } | changes


@dataclass
class MastodonStub:
    """What the server has. `faults` answers the next requests for a timeline before the server does."""

    timelines: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    access: Mapping[str, str] | None = None
    preview: bool = True
    faults: list[Reply] = field(default_factory=list)
    instance: Reply | None = None
    takes_many: bool = True  # 4.3 and later
    goes_back: bool = True  # knows max_id
    lookup_faults: list[Reply] = field(default_factory=list)

    def add(self, *statuses: dict[str, Any], tag: str = "squidgame") -> None:
        """Let statuses arrive."""
        self.timelines.setdefault(tag, []).extend(statuses)

    def answer(self, asked: Asked) -> Reply:
        """Answer as Mastodon does: newest first, `min_id` gives the page right after an id."""
        if asked.path == "/api/v2/instance":
            access = {"timelines_access": {"hashtag_feeds": dict(self.access)}} if self.access else {}
            return self.instance or Reply({"domain": "stub.example", "version": "4.5.0", "configuration": access})
        if asked.path.startswith("/api/v1/statuses"):
            return self._statuses(asked)
        if asked.path.startswith("/api/v1/timelines/tag/"):
            return self._timeline(asked)
        return Reply({"error": "Record not found"}, 404)

    def _timeline(self, asked: Asked) -> Reply:
        if self.faults:
            return self.faults.pop(0)
        if not self.preview:
            return Reply({"error": "This method requires an authenticated user"}, 422)
        tag = asked.path.removeprefix("/api/v1/timelines/tag/").casefold()
        if tag not in self.timelines:
            return Reply({"error": "Record not found"}, 404)
        return Reply(self._page(self.timelines[tag], asked.params))

    def _statuses(self, asked: Asked) -> Reply:
        """Answer for posts by id: up to twenty at once, or one."""
        if self.lookup_faults:
            return self.lookup_faults.pop(0)
        held = {str(entry["id"]): entry for statuses in self.timelines.values() for entry in statuses}
        _, _, alone = asked.path.removeprefix("/api/v1/statuses").rpartition("/")
        if alone:
            return Reply(held[alone]) if alone in held else Reply({"error": "Record not found"}, 404)
        wanted = parse_qs(asked.query).get("id[]", [])
        if not self.takes_many or len(wanted) > 20:
            return Reply({"error": "Record not found"}, 404 if not self.takes_many else 422)
        return Reply([held[one] for one in wanted if one in held])

    def _page(self, statuses: Sequence[dict[str, Any]], params: Mapping[str, str]) -> list[dict[str, Any]]:
        if self.access and "public" not in self.access.values():
            return []  # a closed feed says nothing, with status 200
        limit = min(int(params.get("limit", 20)), 40)
        rising = sorted(statuses, key=lambda entry: str(entry["id"]))
        if "min_id" in params:
            rising = [entry for entry in rising if str(entry["id"]) > params["min_id"]][:limit]
        if "max_id" in params and self.goes_back:
            rising = [entry for entry in rising if str(entry["id"]) < params["max_id"]]
        return rising[-limit:][::-1]


@contextmanager
def mastodon_server(stub: MastodonStub) -> Iterator[Loopback]:
    """Serve it on the loopback."""
    with serving(stub.answer) as server:
        yield server
