"""X API v2 pages and flat posts, one a line, as twarc writes them."""

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

from collector.archive.format import Gone
from collector.errors import SkipItem
from collector.source import JsonObject
from collector.sources.x import X

POST_ONLY = {"author_id", "public_metrics", "conversation_id", "edit_history_tweet_ids", "referenced_tweets", "lang"}


class XArchive:
    """Pages ({"data": [...]}), answers of the stream ({"data": {...}}), flat posts, and lines that tell of errors."""

    name: ClassVar[str] = "x"
    platform: ClassVar[str] = "x"
    parse = staticmethod(X.parse)

    @staticmethod
    def recognises(record: object) -> bool:
        """Tell whether there are posts of X in it; its counts and its users have no text."""
        if not isinstance(record, Mapping):
            return False
        data = record.get("data", record)
        first = data[0] if isinstance(data, list) and data else data
        if not isinstance(first, Mapping) or not {"id", "text"} <= first.keys():
            return False
        return "data" in record or not POST_ONLY.isdisjoint(first)

    @staticmethod
    def items(record: Any) -> Iterator[JsonObject | Gone | None]:  # noqa: ANN401 - any JSON value
        """Yield the posts of a page. A page that only tells of errors has none."""
        if not isinstance(record, Mapping):
            raise SkipItem("it is not an object")
        if "data" not in record and ("errors" in record or "meta" in record):
            yield None
            return
        data = record.get("data", record)
        yield from data if isinstance(data, list) else [data]
