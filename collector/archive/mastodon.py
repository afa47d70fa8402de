"""Mastodon statuses: one a line, pages of them, or one list."""

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

from collector.archive.format import Gone
from collector.errors import SkipItem
from collector.source import JsonObject
from collector.sources.mastodon import Mastodon


class MastodonArchive:
    """Statuses as Mastodon's own API gives them."""

    name: ClassVar[str] = "mastodon"
    platform: ClassVar[str] = "mastodon"
    parse = staticmethod(Mastodon.parse)

    @staticmethod
    def recognises(record: object) -> bool:
        """Tell whether it is a status, or a page of them."""
        first = record[0] if isinstance(record, list) and record else record
        return isinstance(first, Mapping) and {"uri", "created_at", "content", "account"} <= first.keys()

    @staticmethod
    def items(record: Any) -> Iterator[JsonObject | Gone | None]:  # noqa: ANN401 - any JSON value
        """Yield the statuses of a record."""
        if not isinstance(record, Mapping | list):
            raise SkipItem("it is not an object")
        yield from record if isinstance(record, list) else [record]
