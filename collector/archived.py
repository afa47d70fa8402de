"""Days whose posts lie in an archive and no more here: their totals stay, and what the platform deletes is noted.

Totals of such a day are those of its archived posts, put here by whoever reads the archive; the roller leaves them be.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection, Table, and_, delete, insert, select, update

from collector import packed
from collector.clock import DAY
from collector.models import CursorValue, DroppedDay, Title, TitleDay, TitleHour, Tombstone, TopicHour, table
from collector.upsert import insert_or_update
from collector.whole_posts import Day

CURSOR_VALUE = table(CursorValue)
DROPPED_DAY = table(DroppedDay)
TITLE = table(Title)
TITLE_DAY = table(TitleDay)
TITLE_HOUR = table(TitleHour)
TOMBSTONE = table(Tombstone)
TOPIC_HOUR = table(TopicHour)

ARCHIVE = "archive"  # under which the store remembers its archives, as a source does its cursor
Rows = Sequence[Mapping[str, Any]]


class Dropped(NamedTuple):
    """Where the posts of a day went: the archive's id, its folder at that time, and the content totalled here."""

    archive: str
    folder: str
    digest: str
    posts: int


def dropped_days(connection: Connection) -> dict[Day, Dropped]:
    """Return every day whose posts were dropped."""
    rows = connection.execute(select(DROPPED_DAY).order_by(DROPPED_DAY.c.platform, DROPPED_DAY.c.day))
    return {Day(row.platform, row.day): Dropped(row.archive, row.folder, row.digest, row.posts) for row in rows}


def settle(connection: Connection, day: Day, dropped: Dropped, totals: Mapping[str, Rows]) -> None:
    """Note that a day's posts lie in an archive, and make its totals those of this content. One transaction.

    totals: whole rows for title_hour, topic_hour and title_day, by the name of the table.
    """
    row = {"platform": day.platform, "day": day.start, **dropped._asdict()}
    insert_or_update(connection, DROPPED_DAY, [row], key=["platform", "day"])
    for into in (TITLE_HOUR, TOPIC_HOUR, TITLE_DAY):
        _replace(connection, into, day, totals[into.name])
    # of every title: one that is gone from this day is packed away as well
    packed.pack(connection, "SELECT id AS title_id, CAST(:day AS BIGINT) AS day FROM title", {"day": day.start})


def _replace(connection: Connection, into: Table, day: Day, rows: Rows) -> None:
    moment = into.c.day if into is TITLE_DAY else into.c.hour
    connection.execute(
        delete(into).where(
            into.c.title_id.in_(select(TITLE.c.id)),  # the key begins with it: without it the whole table is read
            moment >= day.start,
            moment < day.start + DAY,
            into.c.platform == day.platform,
        )
    )
    if rows:
        connection.execute(insert(into), list(rows))


def archives(connection: Connection) -> dict[str, str]:
    """Return the archives that this database has written: their ids, and where each lay when it was begun."""
    rows = connection.execute(select(CURSOR_VALUE.c.key, CURSOR_VALUE.c.value).where(CURSOR_VALUE.c.source == ARCHIVE))
    return {str(row.key): str(row.value) for row in rows}


def buried(connection: Connection) -> dict[str, dict[str, int]]:
    """Return by platform what was deleted there and is not taken out of the archive yet, with when it was noted."""
    found: dict[str, dict[str, int]] = {}
    for row in connection.execute(select(TOMBSTONE).where(TOMBSTONE.c.at > 0)):
        found.setdefault(row.platform, {})[row.native_id] = row.at
    return found


def forget(connection: Connection, platform: str, noted: Iterable[tuple[str, int]]) -> None:
    """Forget that the archive has to follow these deletions; one that was noted again meanwhile stays to be done."""
    for native_id, at in noted:
        is_one = and_(TOMBSTONE.c.platform == platform, TOMBSTONE.c.native_id == native_id, TOMBSTONE.c.at == at)
        connection.execute(update(TOMBSTONE).where(is_one).values(at=0))
