"""YouTube's Data API as its reference tells: search, videos, comments in pages, quotas of a day, refusals by name."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from loopback import Asked, Reply

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)
KEY = "not-a-real-key"
SEARCH, VIDEOS, THREADS = "/youtube/v3/search", "/youtube/v3/videos", "/youtube/v3/commentThreads"
COMMENTS = "/youtube/v3/comments"


def written(at: datetime) -> str:
    """Write a time as Google does."""
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def comment(number: int, at: datetime, *, video: str = "film1", text: str | None = None, **changes: object) -> Any:  # noqa: ANN401 - JSON
    """Write a thread whose first comment was invented for a test."""
    snippet = {
        "videoId": video,
        "textDisplay": text or f"Invented comment {number}",
        "textOriginal": text or f"Invented comment {number}",
        "authorDisplayName": "@invented",
        "authorProfileImageUrl": "https://pictures.example/invented.jpg",
        "authorChannelUrl": "http://www.youtube.com/@invented",
        "authorChannelId": {"value": "UCinvented"},
        "canRate": True,
        "viewerRating": "none",
        "likeCount": 3,
        "publishedAt": written(at),
        "updatedAt": written(at),
    } | changes
    name = f"Ugx{number}"
    return {
        "kind": "youtube#commentThread",
        "id": name,
        "snippet": {
            "videoId": video,
            "topLevelComment": {"kind": "youtube#comment", "id": name, "snippet": snippet},
            "canReply": True,
            "totalReplyCount": 2,
            "isPublic": True,
        },
    }


def refusal(status: int, reason: str, message: str = "Invented", **more: object) -> Reply:
    """Write a refusal as Google does."""
    errors = [{"message": message, "domain": "youtube", "reason": reason}]
    return Reply({"error": {"code": status, "message": message, "errors": errors, **more}}, status)


@dataclass
class StubVideo:
    """A video; `comments` in the order in which they came. `is_shut`: its comments are switched off."""

    title: str = "Squid Game | Official Trailer #SquidGame"
    description: str = ""
    published: datetime = NOW - timedelta(days=3)
    comments: list[Any] = field(default_factory=list)
    is_shut: bool = False
    counted: int | None = None  # what statistics tell, where that lags

    def told(self, native_id: str) -> dict[str, Any]:
        """Return it as videos.list does."""
        snippet = {"publishedAt": written(self.published), "title": self.title, "description": self.description}
        many = len(self.comments) if self.counted is None else self.counted
        statistics = {"viewCount": "7"} | ({} if self.is_shut else {"commentCount": str(many)})
        return {"kind": "youtube#video", "id": native_id, "snippet": snippet, "statistics": statistics}


@dataclass
class YouTubeStub:
    """What YouTube has. `refusals` answer the next requests of a path before it does."""

    videos: dict[str, StubVideo] = field(default_factory=dict)
    refusals: dict[str, list[Reply]] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)
    charged: Counter[str] = field(default_factory=Counter)
    page: int = 100

    def answer(self, asked: Asked) -> Reply:
        """Answer a request; each is charged, a refused one too."""
        self.asked.append(asked)
        self.charged["searches" if asked.path == SEARCH else "units"] += 1
        if asked.headers.get("X-Goog-Api-Key") != KEY:
            message = "API key not valid. Please pass a valid API key."
            return refusal(400, "badRequest", message, details=[{"reason": "API_KEY_INVALID"}])
        if self.refusals.get(asked.path):
            return self.refusals[asked.path].pop(0)
        answers = {SEARCH: self._search, VIDEOS: self._videos, THREADS: self._threads, COMMENTS: self._comments}
        return answers[asked.path](asked)

    def _search(self, asked: Asked) -> Reply:
        found = [{"id": {"kind": "youtube#video", "videoId": name}} for name in self.videos]
        return Reply({"kind": "youtube#searchListResponse", "items": found[: int(asked.params["maxResults"])]})

    def _videos(self, asked: Asked) -> Reply:
        wanted = asked.params.get("id", "").split(",")
        told = [self.videos[name].told(name) for name in wanted if name in self.videos]
        return Reply({"kind": "youtube#videoListResponse", "items": told})

    def _comments(self, asked: Asked) -> Reply:
        there = {thread["id"] for video in self.videos.values() for thread in video.comments}
        told = [{"kind": "youtube#comment", "id": name} for name in asked.params["id"].split(",") if name in there]
        return Reply({"kind": "youtube#commentListResponse", "items": told})

    def _threads(self, asked: Asked) -> Reply:
        video = self.videos.get(asked.params["videoId"])
        if video is None:
            return refusal(404, "videoNotFound")
        if video.is_shut:
            return refusal(403, "commentsDisabled")
        newest = sorted(video.comments, key=_time, reverse=True)
        start, size = int(asked.params.get("pageToken", "0")), min(self.page, int(asked.params["maxResults"]))
        following = {"nextPageToken": str(start + size)} if start + size < len(newest) else {}
        return Reply({"kind": "youtube#commentThreadListResponse", "items": newest[start : start + size], **following})


def _time(thread: Any) -> str:  # noqa: ANN401 - JSON
    return str(thread["snippet"]["topLevelComment"]["snippet"].get("publishedAt", ""))
