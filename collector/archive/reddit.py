"""Reddit: listings and things of its API, for those whom it has given access, and dumps with one post a line."""

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

from collector import reddit_post
from collector.archive.format import Gone
from collector.errors import SkipItem
from collector.source import JsonObject

KINDS = {"t1", "t3"}  # comments and posts
FLAT = {"subreddit", "created_utc", "author"}


class RedditArchive:
    """Posts and comments, however they are wrapped."""

    name: ClassVar[str] = "reddit"
    platform: ClassVar[str] = reddit_post.PLATFORM
    parse = staticmethod(reddit_post.parse)

    @staticmethod
    def recognises(record: object) -> bool:
        """Tell whether it is a listing, a thing, a list of these, or the data of a thing."""
        first = record[0] if isinstance(record, list) and record else record
        if not isinstance(first, Mapping):
            return False
        return _is_thing(first) or (first.keys() >= FLAT and bool({"title", "body"} & first.keys()))

    @staticmethod
    def items(record: Any) -> Iterator[JsonObject | Gone | None]:  # noqa: ANN401 - any JSON value
        """Yield the posts and comments of a record, replies after what they answer."""
        waiting: list[Any] = [record]
        while waiting:
            part = waiting.pop()
            if isinstance(part, list):
                waiting += reversed(part)
            elif not isinstance(part, Mapping):
                raise SkipItem("it is not an object")
            elif not _is_thing(part):
                yield reddit_post.kept(part)
            else:
                data = part["data"]
                if part["kind"] in KINDS:
                    yield reddit_post.kept(data)
                inner = data.get("children") if part["kind"] == "Listing" else data.get("replies")
                if inner and isinstance(inner, list | Mapping):
                    waiting.append(inner)


def _is_thing(part: Mapping[str, Any]) -> bool:
    return isinstance(part.get("data"), Mapping) and part.get("kind") in {"Listing", "more", *KINDS}
