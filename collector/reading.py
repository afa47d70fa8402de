"""Reads fields out of what a platform sent. Whatever is missing or wrong becomes a SkipItem that names it. Pure."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from collector.errors import SkipItem

EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
LATEST = datetime(2200, 1, 1, tzinfo=UTC)  # what a database and a plot can hold; no post is from then
LARGEST = 2**62
LONGEST = 20  # characters of a number written as text


def parse_time(written: str) -> datetime:
    """Read an ISO 8601 time, or "2022-01-30 12:00:00" or epoch seconds; without a zone it is taken as UTC.

    Raises ValueError for anything else, and for times that no post can have.
    """
    text = written.strip()
    if text.isascii() and text.isdigit() and len(text) > 8:  # noqa: PLR2004 - eight digits are a date, 20220130
        seconds = int(text) if len(text) < 12 else int(text) / 1000  # noqa: PLR2004 - 12 digits and more: milliseconds
        moment = datetime.fromtimestamp(seconds, UTC)
    else:
        moment = datetime.fromisoformat(text)
        moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    if not EARLIEST <= moment < LATEST:
        raise ValueError(f"{written} is not a time that a post can have")
    return moment


class Fields:
    """One object as the platform sent it, with readers that say which field was wrong."""

    def __init__(self, item: object, name: str = "item") -> None:
        """Take what should be an object. Raises SkipItem when it is not."""
        # what JSON gives is a dict; asking for a Mapping takes ten times as long
        if type(item) is not dict and not isinstance(item, Mapping):
            raise SkipItem(f"{name} is not an object")
        self._item: Mapping[str, Any] = item
        self._name = name

    def text(self, key: str) -> str:
        """Return a text that must be there and may not be empty."""
        found = self.maybe_text(key)
        if not found:
            raise SkipItem(f"{key} is missing")
        return found

    def maybe_text(self, key: str) -> str | None:
        """Return a text (numbers are taken as text), or None where there is none."""
        found = self._item.get(key)
        if found is None or isinstance(found, str):
            return found
        if isinstance(found, int) and not isinstance(found, bool):
            return str(found)
        raise SkipItem(f"{key} is not a text")

    def time(self, key: str) -> datetime:
        """Return a time that must be there, aware and in UTC."""
        found = self.maybe_time(key)
        if found is None:
            raise SkipItem(f"{key} is missing")
        return found

    def maybe_time(self, key: str) -> datetime | None:
        """Return a time, aware and in UTC, or None where there is none."""
        written = self.maybe_text(key)
        if not written:
            return None
        try:
            return parse_time(written)
        except (ValueError, OverflowError, OSError) as fault:
            raise SkipItem(f"{key} is not a time: {written[:40]!r}") from fault

    def count(self, key: str) -> int | None:
        """Return a number of likes and the like, or None where there is none or it is not a whole number."""
        found = self._item.get(key)
        if isinstance(found, str) and len(found) <= LONGEST and found.strip().isdecimal():
            found = int(found)
        return found if isinstance(found, int) and not isinstance(found, bool) and 0 <= found < LARGEST else None

    def flag(self, key: str) -> bool | None:
        """Return a truth value, or None where there is none."""
        found = self._item.get(key)
        return found if isinstance(found, bool) else None

    def fields(self, key: str) -> "Fields":
        """Return an object inside this one; an absent one is empty."""
        return Fields(self._item.get(key) or {}, key)

    def list(self, key: str) -> "Sequence[Fields]":
        """Return a list of objects; an absent one is empty."""
        return [Fields(entry, key) for entry in self.entries(key)]

    def texts(self, key: str) -> "Sequence[str]":
        """Return a list of texts; an absent one is empty, entries of another kind are left out."""
        return [entry for entry in self.entries(key) if isinstance(entry, str)]

    def entries(self, key: str) -> "Sequence[Any]":
        """Return a list of whatever it holds; an absent one is empty."""
        found = self._item.get(key) or []
        if type(found) is not list and (isinstance(found, str | bytes) or not isinstance(found, Sequence)):
            raise SkipItem(f"{key} is not a list")
        return found
