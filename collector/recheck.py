"""Asks a platform again for posts that are stored, where it tells of deletions in no other way.

A sweep goes from the oldest post that is followed to the newest, over many runs if need be: the cursor holds where it
stands. A new one begins a day after the last began, so that a post is asked for once a day at most.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Protocol, runtime_checkable

from sqlalchemy import select, tuple_

from collector.clock import to_seconds
from collector.collect import Origin, Saver
from collector.models import FollowedPost, Post, table
from collector.reading import parse_time
from collector.records import Counts
from collector.retention import Care
from collector.source import Cursor, Followed, Page, Source
from collector.store import Store

FOLLOWED = table(FollowedPost)
POST = table(Post)

AT_ONCE = 20  # as many as Mastodon takes in one question; X takes 100, but charges for each
SETTLED = timedelta(hours=1)  # what is newer has only just been seen
ROUND = timedelta(days=1)


@runtime_checkable
class Rechecks(Protocol):
    """What a source offers beside `fetch`."""

    def recheck(self, batches: Iterator[Sequence[Followed]], cursor: Cursor) -> Iterator[Page]:
        """Yield what became of posts: as they are now, or `deleted`. A batch counts as done when the next is taken.

        Stops, taking no more, where a budget is used up. Raises RetryLater and AccessError as `fetch` does.
        """


@dataclass
class Sweep:
    """Where the round stands: the post that was looked at last, and when the round began (None: it has ended)."""

    store: Store
    care: Care
    now: datetime
    began: datetime | None
    last: tuple[int, int]

    @classmethod
    def read(cls, store: Store, care: Care, now: datetime) -> "Sweep":
        """Take it up from the cursor."""
        cursor = store.cursor(care.source)
        began, place = cursor.get("recheck", "began"), cursor.get("recheck", "last")
        stored_at, post_id = map(int, (place or "0 0").split())
        return cls(store, care, now, parse_time(began) if began else None, (stored_at, post_id))

    @property
    def values(self) -> dict[str, str | None]:
        """Return what a page's cursor holds of it."""
        began = self.began.isoformat() if self.began else None
        return {"recheck began": began, "recheck last": " ".join(map(str, self.last))}

    def batches(self) -> Iterator[Sequence[Followed]]:
        """Yield the posts that are due, oldest first; one round at most."""
        if self.last == (0, 0):
            if self.began is not None and self.began <= self.now < self.began + ROUND:
                return
            self.began = self.now
        while rows := self._next():
            yield [Followed(str(row.native_id), str(row.server), str(row.local_id)) for row in rows]
            self.last = (rows[-1].stored_at, rows[-1].post_id)
        self.last = (0, 0)

    def _next(self) -> Sequence[Any]:
        since = to_seconds(self.now - self.care.recheck_for) if self.care.recheck_for else 0
        place = tuple_(FOLLOWED.c.stored_at, FOLLOWED.c.post_id)
        due = (
            select(FOLLOWED, POST.c.native_id)
            .join(POST, POST.c.id == FOLLOWED.c.post_id)
            .where(
                FOLLOWED.c.platform == self.care.platform,
                FOLLOWED.c.stored_at.between(since, to_seconds(self.now - SETTLED)),
                place > self.last,
                POST.c.text != "",
            )
            .order_by(FOLLOWED.c.stored_at, FOLLOWED.c.post_id)
            .limit(AT_ONCE)
        )
        with self.store.reading() as connection:
            return connection.execute(due).all()


def recheck(saver: Saver, source: Source, care: Care) -> Counts:
    """Ask for posts that are due. What is saved before an error stays saved. Raises RetryLater, Fatal."""
    if not isinstance(source, Rechecks):
        raise TypeError(f"{source.name} offers no re-check")
    sweep = Sweep.read(saver.store, care, saver.clock())
    origin = Origin(source.name, source.platform, source.parse, look_back=source.look_back, follow=care.is_needed)
    total = Counts()
    try:
        for page in source.recheck(sweep.batches(), saver.store.cursor(source.name)):
            total += saver.save(origin, replace(page, cursor={**page.cursor, **sweep.values}))
    finally:
        total += saver.flush()
        saver.store.remember(source.name, sweep.values)
    return total
