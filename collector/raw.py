"""What a platform sent, made fit to be kept for a few days: without the objects that tell who wrote it. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from collector.source import JsonObject

# whole objects and plain fields that tell who wrote a post, who is answered and who is named in it
PERSONAL = frozenset(
    {
        "account", "author", "author_id", "author_key", "user", "users", "username", "did", "handle", "acct", "mentions",
        "in_reply_to_user", "in_reply_to_user_id", "in_reply_to_account_id", "display_name",
    }
)  # fmt: skip


def payload(item: JsonObject) -> str:
    """Return the item as JSON text, without author objects at any depth."""
    # orjson refuses integers over 64 bits and lone surrogates: such a payload is written with them as text
    return orjson.dumps(_impersonal(item), default=str).decode()


def _impersonal(value: Any) -> Any:  # noqa: ANN401 - any JSON value
    if isinstance(value, Mapping):
        return {str(key): _impersonal(inner) for key, inner in value.items() if key not in PERSONAL}
    if isinstance(value, str):
        return value if value.isascii() else value.encode("utf-8", "replace").decode()
    if isinstance(value, Sequence):
        return [_impersonal(inner) for inner in value]
    if isinstance(value, int) and not -(2**63) <= value < 2**63:
        return str(value)
    return value
