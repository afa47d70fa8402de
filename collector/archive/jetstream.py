"""Bluesky's Jetstream events (version 1), one a line: posts made, changed and deleted, and accounts that went away."""

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

from collector import atproto
from collector.archive.format import Gone
from collector.reading import Fields
from collector.source import JsonObject


class Jetstream:
    """Events of any kind and collection; only those about posts and accounts matter here."""

    name: ClassVar[str] = "jetstream"
    platform: ClassVar[str] = "bluesky"
    parse = staticmethod(atproto.parse)

    @staticmethod
    def recognises(record: object) -> bool:
        """Tell whether it is an event."""
        return isinstance(record, Mapping) and {"did", "time_us", "kind"} <= record.keys()

    @staticmethod
    def items(record: Any) -> Iterator[JsonObject | Gone | None]:  # noqa: ANN401 - any JSON value
        """Yield the post of an event, the post or the account that is gone, or None for an event of another kind."""
        event = Fields(record, "event")
        commit = event.fields("commit")
        if event.maybe_text("kind") == "account":
            account = event.fields("account")
            is_gone = account.flag("active") is False and account.maybe_text("status") in atproto.GONE
            yield Gone(f"at://{event.text('did')}/", whole_author=True) if is_gone else None
        elif event.maybe_text("kind") != "commit" or commit.maybe_text("collection") != atproto.POSTS:
            yield None
        elif commit.text("operation") == "delete":
            yield Gone(atproto.uri(event.text("did"), commit.text("rkey")))
        else:
            yield record
