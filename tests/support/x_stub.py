"""X's recent search as its description tells it: pages newest first, since_id, start_time, next_token, limits."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from loopback import Asked, Loopback, Reply, serving

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)
EPOCH_MS = 1_288_834_974_657


def post_id(at: datetime, number: int = 0) -> str:
    """Return an id that holds a time, as X's do."""
    return str(((int(at.timestamp() * 1000) - EPOCH_MS) << 22) + number)


def post(at: datetime, *, tag: str = "SquidGame", number: int = 0, **changes: object) -> dict[str, Any]:
    """Write an invented post of that moment."""
    text = f"Invented post &amp; more #{tag}"
    return {
        "id": post_id(at, number),
        "text": text,
        "created_at": at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "author_id": "42",
        "lang": "en",
        "edit_history_tweet_ids": [post_id(at, number)],
        "public_metrics": {"retweet_count": 2, "reply_count": 1, "like_count": 3, "quote_count": 0},
        "entities": {"hashtags": [{"start": 22, "end": 23 + len(tag), "tag": tag}]},
    } | changes


@dataclass
class XStub:
    """What X has. `faults` answers the next requests before X does; `holes` are pages that come out empty."""

    posts: list[dict[str, Any]] = field(default_factory=list)
    faults: list[Reply] = field(default_factory=list)
    holes: set[int] = field(default_factory=set)
    token: str = "not-a-real-token"  # noqa: S105 - invented
    pages_served: int = 0
    now: datetime = NOW

    def answer(self, asked: Asked) -> Reply:
        """Answer a search."""
        if asked.headers.get("Authorization") != f"Bearer {self.token}":
            return Reply({"title": "Unauthorized", "detail": "Unauthorized", "type": "about:blank", "status": 401}, 401)
        if self.faults:
            return self.faults.pop(0)
        if asked.path != "/2/tweets/search/recent":
            return Reply({"title": "Not Found"}, 404)
        return self._search(asked.params)

    def _search(self, params: Mapping[str, str]) -> Reply:
        size = int(params.get("max_results", 10))
        if not 10 <= size <= 100 or len(params["query"]) > 512:
            return Reply({"errors": [{"message": "max_results or query is wrong"}], "title": "Invalid Request"}, 400)
        if int(params.get("since_id", 2**62)) < int(post_id(self.now - timedelta(days=7))):
            return Reply({"errors": [{"message": "'since_id' must be newer"}], "title": "Invalid Request"}, 400)
        found = sorted((entry for entry in self.posts if _fits(entry, params)), key=lambda e: -int(e["id"]))
        start = int(params.get("next_token", "0"))
        page = found[start : start + size]
        number, self.pages_served = self.pages_served, self.pages_served + 1
        following = {"next_token": str(start + size)} if start + size < len(found) else {}
        if number in self.holes:  # an empty page with a next one, as X sends now and then
            return Reply({"meta": {"result_count": 0, "next_token": str(start)}})
        if not page:
            return Reply({"meta": {"result_count": 0}})
        ends = {"newest_id": page[0]["id"], "oldest_id": page[-1]["id"], "result_count": len(page)}
        return Reply({"data": page, "meta": ends | following})


def _fits(entry: Mapping[str, Any], params: Mapping[str, str]) -> bool:
    if "since_id" in params:
        is_new = int(entry["id"]) > int(params["since_id"])
    else:
        is_new = datetime.fromisoformat(entry["created_at"]) >= datetime.fromisoformat(params["start_time"])
    asked = params["query"].removesuffix(" -is:retweet").strip("()").casefold().split(" or ")
    return is_new and any(f"#{tag['tag'].casefold()}" in asked for tag in entry["entities"]["hashtags"])


@contextmanager
def x_server(stub: XStub) -> Iterator[Loopback]:
    """Serve it on the loopback."""
    with serving(stub.answer) as server:
        yield server
