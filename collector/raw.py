"""What a platform sent, made fit to be kept for a few days: without the objects that tell who wrote it. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any

from collector.source import JsonObject

# whole objects and plain fields that tell who wrote a post, who is answered and who is named in it
PERSONAL = frozenset(
    {
        "account", "author", "author_id", "author_key", "user", "users", "username", "did", "handle", "acct",
        "mentions", "in_reply_to_user", "in_reply_to_user_id", "in_reply_to_account_id", "display_name",
    }
)  # fmt: skip
PLAIN = frozenset({bool, float, type(None)})


def without_authors(item: JsonObject) -> JsonObject:
    """Return the item without author objects at any depth, in a form that any JSON writer takes."""
    return {
        str(key): value if type(value) in PLAIN else _impersonal(value)
        for key, value in item.items()
        if key not in PERSONAL
    }


def _impersonal(value: Any) -> Any:  # noqa: ANN401 - any JSON value
    match value:
        case str():
            return value if value.isascii() else value.encode("utf-8", "replace").decode()
        case int():
            # JSON writers refuse larger ones
            return value if -(2**63) <= value < 2**63 else str(value)
        case Mapping():
            return without_authors(value)
        case Sequence():
            return [_impersonal(inner) for inner in value]
    return value
