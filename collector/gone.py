"""What was deleted or is to be forgotten, and so does not come back, however often a platform tells it again."""

import time
from collections.abc import Collection, Sequence

from sqlalchemy import Connection, select

from collector import archived
from collector.models import ForgottenAuthor, Tombstone, table
from collector.records import MatchedPost
from collector.upsert import chunks, insert_or_update, is_among

FORGOTTEN = table(ForgottenAuthor)
TOMBSTONE = table(Tombstone)


def welcome(connection: Connection, platform: str, posts: Sequence[MatchedPost]) -> dict[str, MatchedPost]:
    """Return the posts of a page that may be stored, by their ids, each as it is told last."""
    latest = {post.draft.native_id: post for post in posts}
    for native_id in deleted_before(connection, platform, list(latest)):
        del latest[native_id]
    forgotten = _forgotten(connection, platform, {post.author_key for post in latest.values() if post.author_key})
    if not forgotten:
        return latest
    return {native_id: post for native_id, post in latest.items() if post.author_key not in forgotten}


def bury(connection: Connection, platform: str, native_ids: Sequence[str], here: Collection[str]) -> None:
    """Remember what a platform has deleted: what was `here`, and all where an archive of this database may hold it."""
    may_lie_there = bool(native_ids) and bool(archived.archives(connection))
    at = time.time_ns() if may_lie_there else 0
    buried_now = [native_id for native_id in dict.fromkeys(native_ids) if may_lie_there or native_id in here]
    rows = [{"platform": platform, "native_id": native_id, "at": at} for native_id in buried_now]
    insert_or_update(connection, TOMBSTONE, rows, key=["platform", "native_id"])


def deleted_before(connection: Connection, platform: str, native_ids: Sequence[str]) -> list[str]:
    """Return which of these posts were deleted, and so do not come back."""
    if connection.execute(select(TOMBSTONE.c.at).limit(1)).first() is None:  # as nearly always: nothing to look for
        return []
    found: list[str] = []
    for some in chunks(native_ids):
        is_one = is_among(connection, TOMBSTONE.c.native_id, some)
        found += connection.execute(
            select(TOMBSTONE.c.native_id).where(TOMBSTONE.c.platform == platform, is_one)
        ).scalars()
    return found


def forget_author(connection: Connection, platform: str, author_key: str) -> None:
    """Store nothing of this author from now on."""
    row = {"platform": platform, "author_key": author_key, "at": int(time.time())}
    insert_or_update(connection, FORGOTTEN, [row], key=["platform", "author_key"])


def _forgotten(connection: Connection, platform: str, author_keys: Collection[str]) -> set[str]:
    if not author_keys or connection.execute(select(FORGOTTEN.c.at).limit(1)).first() is None:
        return set()
    found: set[str] = set()
    for some in chunks(sorted(author_keys)):
        is_one = is_among(connection, FORGOTTEN.c.author_key, some)
        chosen = select(FORGOTTEN.c.author_key).where(FORGOTTEN.c.platform == platform, is_one)
        found |= {*connection.execute(chosen).scalars()}
    return found
