"""Which titles are new to a source, by what it remembers of those that it has read for. Pure.

What is remembered are marks, a few characters each, in one line of text that a cursor can hold. Nothing remembered is
a source that has read before it remembered titles: none is new to it then.
"""

from collections.abc import Iterable
from hashlib import blake2b

from collector.source import WatchedTitle


def mark(name: str) -> str:
    """Return what to remember in place of a name: eight characters."""
    return blake2b(name.encode("utf-8", "replace"), digest_size=4).hexdigest()


def marks(names: Iterable[str]) -> str:
    """Return what to remember of several names, whatever their order."""
    return " ".join(sorted({mark(name) for name in names}))


def words(title: WatchedTitle) -> str:
    """Return what to remember of a title: by what its posts are found."""
    return marks([*(f"#{tag}" for tag in title.hashtags), *title.phrases])


def is_more(now: str, remembered: str | None) -> bool:
    """Tell whether something has come to what is remembered; what has gone from it does not count."""
    return remembered is not None and not set(now.split()) <= set(remembered.split())
