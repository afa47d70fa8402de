"""A Bluesky server as far as a search needs it: logins, sessions that grow old, and posts by hashtag, newest first."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from loopback import Asked, Reply

HANDLE, PASSWORD = "invented.example", "abcd-efgh-ijkl-mnop"
LOGIN, RENEWAL = "/xrpc/com.atproto.server.createSession", "/xrpc/com.atproto.server.refreshSession"
SEARCH = "/xrpc/app.bsky.feed.searchPosts"


def written(at: datetime) -> str:
    """Return a time as Bluesky writes it."""
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def found(number: int, *, at: datetime, tag: str = "SquidGame", seen: datetime | None = None, **changes: object) -> Any:  # noqa: ANN401 - JSON
    """Return an invented post as the search shows it, its hashtag told as a facet."""
    body = f"post {number} #{tag}"
    feature = {"$type": "app.bsky.richtext.facet#tag", "tag": tag}
    end = len(body.encode())
    return {
        "uri": f"at://did:plc:ann/app.bsky.feed.post/r{number}",
        "cid": "bafyinvented",
        "author": {"did": "did:plc:ann", "handle": "ann.example", "displayName": "Ann Invented", "labels": []},
        "record": {
            "$type": "app.bsky.feed.post",
            "text": body,
            "createdAt": written(at),
            "langs": ["en"],
            "facets": [{"index": {"byteStart": end - len(f"#{tag}".encode()), "byteEnd": end}, "features": [feature]}],
        },
        "replyCount": 1,
        "repostCount": 2,
        "likeCount": 3,
        "indexedAt": written(seen or at),
        "labels": [],
    } | changes


@dataclass
class SearchStub:
    """What the server has. `faults` answers the next searches before the server does."""

    posts: list[dict[str, Any]] = field(default_factory=list)
    faults: list[Reply] = field(default_factory=list)
    logins: int = 0
    renewals: int = 0
    access: str = ""
    refresh: str = ""
    takes_password: bool = True
    most: int = 100
    asked: list[Mapping[str, str]] = field(default_factory=list)

    def answer(self, asked: Asked) -> Reply:
        """Answer as such a server does."""
        token = asked.headers.get("Authorization", "").removeprefix("Bearer ")
        if asked.path == LOGIN:
            return self._log_in(json.loads(asked.body))
        if asked.path == RENEWAL:
            if token != self.refresh or asked.body:
                return Reply({"error": "ExpiredToken", "message": "Token has been revoked"}, 400)
            self.renewals += 1
            return self._session()
        if asked.path != SEARCH or not token or token != self.access:
            return Reply({"error": "ExpiredToken", "message": "Token has expired"}, 400)
        self.asked.append(asked.params)
        return self.faults.pop(0) if self.faults else Reply(self._found(asked.params))

    def _log_in(self, told: object) -> Reply:
        if not self.takes_password or told != {"identifier": HANDLE, "password": PASSWORD}:
            return Reply({"error": "AuthenticationRequired", "message": "Invalid identifier or password"}, 401)
        self.logins += 1
        return self._session()

    def _session(self) -> Reply:
        number = self.logins + self.renewals
        self.access, self.refresh = f"access-{number}", f"refresh-{number}"
        return Reply({"accessJwt": self.access, "refreshJwt": self.refresh, "handle": HANDLE, "did": "did:plc:me"})

    def _found(self, params: Mapping[str, str]) -> dict[str, Any]:
        tag = params["q"].removeprefix("#").casefold()
        since, until = params["since"], params["until"]
        held = [post for post in self.posts if self._is_of(post, tag) and since <= sort_at(post) < until]
        rising = sorted(held, key=sort_at, reverse=True)
        begin, size = int(params.get("cursor", "0")), min(int(params["limit"]), self.most)
        told: dict[str, Any] = {"posts": rising[begin : begin + size], "hitsTotal": len(rising)}
        return told | ({"cursor": str(begin + size)} if begin + size < len(rising) else {})

    @staticmethod
    def _is_of(post: Mapping[str, Any], tag: str) -> bool:
        features = [feature for facet in post["record"]["facets"] for feature in facet["features"]]
        return tag in {feature["tag"].casefold() for feature in features}


def sort_at(post: Mapping[str, Any]) -> str:
    """Return by what the server orders a post."""
    return min(str(post["record"]["createdAt"]), str(post["indexedAt"]))


def index_now(posts: list[dict[str, Any]], until: str) -> None:
    """Let posts enter the search that have not yet: just before the time that is asked for."""
    moment = datetime.fromisoformat(until).astimezone(UTC) - timedelta(seconds=1)
    for post in posts:
        if post["indexedAt"] is None:
            post["indexedAt"] = written(moment)
