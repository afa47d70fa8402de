"""What a platform sent, made fit to be kept for a few days: without the objects that tell who wrote it. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from collector.source import JsonObject

# whole objects and plain fields that tell who wrote a post, who is answered and who is named in it
PERSONAL = frozenset(
    {
        "account", "author", "author_id", "author_key", "user", "users", "username", "did", "handle", "acct",
        "mentions", "in_reply_to_user", "in_reply_to_user_id", "in_reply_to_account_id", "display_name",
    }
)  # fmt: skip
NESTED = frozenset({dict, list})


def as_json(item: JsonObject) -> str:
    """Return the item as JSON, without author objects at any depth."""
    try:
        return orjson.dumps(_pruned(item)).decode()
    except TypeError:
        # a value that no JSON has, as in items that were not read from JSON or by a reader that takes anything
        return orjson.dumps(without_authors(item)).decode()


def _pruned(item: Mapping[str, Any]) -> dict[str, Any]:
    """Do what `without_authors` does for what comes from JSON, where plain values need not be looked at."""
    return {
        key: value if type(value) not in NESTED else _pruned(value) if type(value) is dict else _pruned_list(value)
        for key, value in item.items()
        if key not in PERSONAL
    }


def _pruned_list(values: list[Any]) -> list[Any]:
    return [
        value if type(value) not in NESTED else _pruned(value) if type(value) is dict else _pruned_list(value)
        for value in values
    ]


def without_authors(item: JsonObject) -> JsonObject:
    """Return the item without author objects at any depth, in a form that any JSON writer takes."""
    return {str(key): _impersonal(value) for key, value in item.items() if key not in PERSONAL}


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
