"""Brings what came late together with what lies in the archive already. Pure.

The rules are those by which the database takes in a post that it knows: newer counts, the newer text of an edited
post, titles that the config has gained. A post whose words the database has let go of loses them in the archive too.
"""

from collections.abc import Container, Iterable, Iterator
from typing import Any

from collector.whole_posts import LABELS, WholePost

COUNTS = ("likes", "reposts", "replies")


def merge(archived: Iterable[WholePost], stored: Iterable[WholePost], gone: Container[str]) -> Iterator[WholePost]:
    """Yield both, sorted by native id as each of them is, each post once; archived ones that are gone stay away."""
    late = iter(stored)
    newer = next(late, None)
    for older in archived:
        while newer is not None and newer.native_id < older.native_id:
            yield newer
            newer = next(late, None)
        if newer is not None and newer.native_id == older.native_id:
            yield newer if older.native_id in gone else renewed(older, newer)
            newer = next(late, None)
        elif older.native_id not in gone:
            yield older
    if newer is not None:
        yield newer
        yield from late


def renewed(older: WholePost, newer: WholePost) -> WholePost:
    """Return an archived post after it was seen again."""
    counts = {name: getattr(older, name) if (seen := getattr(newer, name)) is None else seen for name in COUNTS}
    if (newer.edited_at or 0) > (older.edited_at or 0):
        filed = {name: getattr(older, name) for name in ("created_at", "claimed_at", "collected_at", "author_key")}
        return newer._replace(**counts, **filed)
    changes: dict[str, Any] = {**counts, "titles": sorted({*older.titles, *newer.titles})}
    if not newer.text:
        changes["text"] = ""
    if newer.sentiment is not None and (newer.edited_at or 0) == (older.edited_at or 0):
        changes |= {name: getattr(newer, name) for name in ("topics", *LABELS)}
    return older._replace(**changes)


def is_in(stored: WholePost, archived: WholePost) -> bool:
    """Tell whether the archive has everything of a stored post: taking it in once more would change nothing."""
    return stored == archived or renewed(archived, stored) == archived
