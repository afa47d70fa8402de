"""X's recent search and counts as their description tells: pages newest first, windows, next_token, limits, a bill."""

from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from loopback import Asked, Loopback, Reply, serving

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)
EPOCH_MS = 1_288_834_974_657
SEARCH, COUNTS, LOOK_UP = "/2/tweets/search/recent", "/2/tweets/counts/recent", "/2/tweets"
PROBLEM = "https://api.twitter.com/2/problems"


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


PRICE = 5_000  # millionths of a dollar, of a post and of a request for counts
HOUR = timedelta(hours=1)


@dataclass
class XStub:
    """What X has. `faults` answers the next requests before X does; `holes` are pages that come out empty.

    `bill` is what each UTC month has cost, in millionths of a dollar: a post once a UTC day, a request for counts each
    time, what is refused nothing.
    """

    posts: list[dict[str, Any]] = field(default_factory=list)
    faults: list[Reply] = field(default_factory=list)
    holes: set[int] = field(default_factory=set)
    token: str = "not-a-real-token"  # noqa: S105 - invented
    pages_served: int = 0
    now: datetime = NOW
    bill: Counter[str] = field(default_factory=Counter)
    billed: set[tuple[str, str]] = field(default_factory=set)
    protected: set[str] = field(default_factory=set)
    held: dict[str, dict[str, Any]] = field(default_factory=dict)  # what look-up knows beside what search reaches

    def answer(self, asked: Asked) -> Reply:
        """Answer a search or a question for counts."""
        if asked.headers.get("Authorization") != f"Bearer {self.token}":
            return Reply({"title": "Unauthorized", "detail": "Unauthorized", "type": "about:blank", "status": 401}, 401)
        if self.faults:
            return self.faults.pop(0)
        if asked.path == LOOK_UP:
            return self._look_up(asked.params["ids"].split(","))
        if asked.path not in {SEARCH, COUNTS}:
            return Reply({"title": "Not Found"}, 404)
        wrong = self._wrong(asked.params)
        if wrong:
            return Reply({"errors": [{"message": wrong}], "title": "Invalid Request"}, 400)
        return self._search(asked.params) if asked.path == SEARCH else self._counts(asked.params)

    def _wrong(self, params: Mapping[str, str]) -> str | None:
        """Say what is wrong with a question."""
        reach = self.now - timedelta(days=7)
        if len(params["query"]) > 512:
            return "query is too long"
        if not 10 <= int(params.get("max_results", 10)) <= 100:
            return "max_results is wrong"
        if "start_time" in params and _time(params["start_time"]) < reach:
            return "'start_time' must be on or after 7 days ago"
        if int(params.get("since_id", 2**62)) < int(post_id(reach)):
            return "'since_id' must be a post id created after 7 days ago"
        return None

    def _counts(self, params: Mapping[str, str]) -> Reply:
        self.bill[f"{self.now:%Y-%m}"] += PRICE
        found = Counter(_hour(_time(entry["created_at"])) for entry in self.posts if _fits(entry, params))
        start, end, buckets = _time(params["start_time"]), _time(params["end_time"]), []
        while start < end:
            until = min(_hour(start) + HOUR, end)
            buckets.append({"start": _written(start), "end": _written(until), "post_count": found[_hour(start)]})
            start = until
        return Reply({"data": buckets, "meta": {"total_post_count": found.total()}})

    def _search(self, params: Mapping[str, str]) -> Reply:
        size = int(params.get("max_results", 10))
        found = sorted((entry for entry in self.posts if _fits(entry, params)), key=lambda e: -int(e["id"]))
        start = int(params.get("next_token", "0"))
        page = found[start : start + size]
        number, self.pages_served = self.pages_served, self.pages_served + 1
        following = {"next_token": str(start + size)} if start + size < len(found) else {}
        if number in self.holes:  # an empty page with a next one, as X sends now and then
            return Reply({"meta": {"result_count": 0, "next_token": str(start)}})
        if not page:
            return Reply({"meta": {"result_count": 0}})
        self._charge(page)
        ends = {"newest_id": page[0]["id"], "oldest_id": page[-1]["id"], "result_count": len(page)}
        return Reply({"data": page, "meta": ends | following})

    def _look_up(self, ids: list[str]) -> Reply:
        held = self.held or {str(entry["id"]): entry for entry in self.posts}
        shown = [held[one] for one in ids if one in held and one not in self.protected]
        self._charge(shown)
        faults = [
            {
                "resource_id": one,
                "value": one,
                "parameter": "ids",
                "resource_type": "tweet",
                "title": "Invented",
                "detail": "Invented",
                "type": f"{PROBLEM}/{'not-authorized-for-resource' if one in held else 'resource-not-found'}",
            }
            for one in ids
            if one not in held or one in self.protected
        ]
        return Reply(({"data": shown} if shown else {}) | ({"errors": faults} if faults else {}))

    def _charge(self, posts: list[dict[str, Any]]) -> None:
        new = {(f"{self.now:%Y-%m-%d}", str(entry["id"])) for entry in posts} - self.billed
        self.billed |= new
        self.bill[f"{self.now:%Y-%m}"] += PRICE * len(new)


def _fits(entry: Mapping[str, Any], params: Mapping[str, str]) -> bool:
    at = _time(entry["created_at"])
    is_new = int(entry["id"]) > int(params["since_id"]) if "since_id" in params else at >= _time(params["start_time"])
    if "end_time" in params and at >= _time(params["end_time"]):
        return False
    asked = params["query"].removesuffix(" -is:retweet").strip("()").casefold().split(" or ")
    return is_new and any(f"#{tag['tag'].casefold()}" in asked for tag in entry["entities"]["hashtags"])


def _time(written: str) -> datetime:
    return datetime.fromisoformat(written)


def _hour(at: datetime) -> datetime:
    return at.replace(minute=0, second=0, microsecond=0)


def _written(at: datetime) -> str:
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


@contextmanager
def x_server(stub: XStub) -> Iterator[Loopback]:
    """Serve it on the loopback."""
    with serving(stub.answer) as server:
        yield server
