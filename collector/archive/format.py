"""What each kind of file must offer, and the list of the kinds."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol

from collector.registry import Registry
from collector.source import JsonObject, PostDraft


@dataclass(frozen=True, slots=True)
class Gone:
    """A post that its platform took away, or with `whole_author` every post whose id begins so."""

    native_id: str
    whole_author: bool = False


class Format(Protocol):
    """One kind of JSON file. A record is a line of it, or an element of the list that it is."""

    name: ClassVar[str]
    platform: ClassVar[str]

    @staticmethod
    def recognises(record: object) -> bool:
        """Tell whether this record can be of this format only."""

    @staticmethod
    def items(record: Any) -> Iterator[JsonObject | Gone | None]:  # noqa: ANN401 - any JSON value
        """Yield the posts in a record, those that are gone, and None for what is neither. Raises SkipItem."""

    @staticmethod
    def parse(item: JsonObject) -> PostDraft:
        """Read one post. Raises SkipItem naming the field that is missing or wrong."""


TABLE = "table"
FORMATS: Registry[type[Format]] = Registry(
    {
        "x": "collector.archive.x:XArchive",
        "jetstream": "collector.archive.jetstream:Jetstream",
        "mastodon": "collector.archive.mastodon:MastodonArchive",
        "reddit": "collector.archive.reddit:RedditArchive",
    }
)
