"""Lets go of posts in time: their words, then all of them, as [sources.<name>] and [store] of the config say.

What goes here goes everywhere: labels and totals follow a post, search words and raw answers its words. Where posts
are taken out, their time counts as not covered any more, so that it is drawn as a gap and never as silence.
"""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import ColumnElement, Connection, delete, exists, select, update

from collector import posts, search_index
from collector.clock import to_seconds
from collector.config import Config
from collector.models import Covered, FollowedPost, Label, Mention, Post, RawPost, table
from collector.source import PostsSettings, RecheckSettings
from collector.sources import SOURCES
from collector.store import Store
from collector.upsert import is_among

COVERED = table(Covered)
FOLLOWED = table(FollowedPost)
LABEL = table(Label)
MENTION = table(Mention)
POST = table(Post)
RAW_POST = table(RawPost)

AT_ONCE = 1000  # posts in one transaction: other writers wait for no more than that


class Care(NamedTuple):
    """How the posts that a source shows are looked after; None: without end, or not at all."""

    source: str
    platform: str
    keep_text: timedelta | None
    keep_posts: timedelta | None
    recheck_for: timedelta | None

    @property
    def is_needed(self) -> bool:
        """Tell whether its posts must be followed."""
        return any((self.keep_text, self.keep_posts, self.recheck_for))


class Released(NamedTuple):
    """How many posts lost their words, and how many are gone."""

    emptied: int
    purged: int


def care_for(config: Config, source: str) -> Care:
    """Return how the posts of a source are looked after, also while it is switched off.

    Where two sources bring the posts of one platform, the one of its name says how long they are kept.
    """
    platform = SOURCES[source].platform
    settings = config.sources.get(platform, config.sources[source])
    if not isinstance(settings, PostsSettings):
        return Care(source, platform, None, None, None)
    longest = [span for span in (settings.keep_posts, SOURCES[source].terms.longest) if span is not None]
    recheck_for = settings.recheck_for if isinstance(settings, RecheckSettings) and settings.recheck else None
    return Care(source, platform, settings.keep_text, min(longest, default=None), recheck_for)


def release(store: Store, config: Config, now: datetime) -> Released:
    """Take out what was kept for long enough. Each step is a transaction; one that is cut short goes on next time.

    A post's words go once they are labelled. Posts that nothing is left to do for are no more followed.
    """
    cares = [care_for(config, name) for name in SOURCES]
    emptied = purged = 0
    for care in cares:
        emptied += _empty(store, care, now)
        purged += _purge_followed(store, care, now)
        _let_go(store, care, now)
    if days := config.store.retention_days:
        purged += _purge_all(store, now - timedelta(days=days))
    return Released(emptied, purged)


def _empty(store: Store, care: Care, now: datetime) -> int:
    if care.keep_text is None:
        return 0
    is_labelled = exists().where(LABEL.c.post_id == POST.c.id) | ~exists().where(MENTION.c.post_id == POST.c.id)
    due = (
        select(POST.c.id, POST.c.hashtags)
        .join(FOLLOWED, FOLLOWED.c.post_id == POST.c.id)
        .where(_followed_before(care, now - care.keep_text), POST.c.text != "", is_labelled)
    )

    def empty(connection: Connection) -> int:
        rows = connection.execute(due.limit(AT_ONCE)).all()
        ids = [row.id for row in rows]
        connection.execute(update(POST).where(is_among(connection, POST.c.id, ids)).values(text=""))
        connection.execute(delete(RAW_POST).where(is_among(connection, RAW_POST.c.post_id, ids)))
        search_index.reindex(connection, [(row.id, "", row.hashtags.split()) for row in rows])
        return len(rows)

    return _until_done(store, empty)


def _purge_followed(store: Store, care: Care, now: datetime) -> int:
    if care.keep_posts is None:
        return 0
    before = now - care.keep_posts
    due = select(FOLLOWED.c.post_id).where(_followed_before(care, before))
    purged = _until_done(store, lambda connection: _purge(connection, connection.execute(due.limit(AT_ONCE)).scalars()))
    with store.writing() as connection:
        _uncover(connection, before, COVERED.c.source == care.source)
    return purged


def _purge_all(store: Store, before: datetime) -> int:
    """Take out every post that was collected before this, however it came; the invented ones of the sample stay."""
    due = select(POST.c.id).where(POST.c.collected_at < to_seconds(before), POST.c.sample.is_(False))
    purged = _until_done(store, lambda connection: _purge(connection, connection.execute(due.limit(AT_ONCE)).scalars()))
    with store.writing() as connection:
        _uncover(connection, before, COVERED.c.source.in_(list(SOURCES)))
        if purged:
            _uncover_imports(connection)
    return purged


def _purge(connection: Connection, found: Iterator[int]) -> int:
    ids = list(found)
    posts.mark_posts(connection, ids)
    connection.execute(delete(POST).where(is_among(connection, POST.c.id, ids)))
    return len(ids)


def _uncover(connection: Connection, before: datetime, of: ColumnElement[bool]) -> None:
    """Say no more of the time before this that it is known."""
    cut = to_seconds(before)
    connection.execute(delete(COVERED).where(of, COVERED.c.until <= cut))
    connection.execute(update(COVERED).where(of, COVERED.c.since < cut).values(since=cut))


def _uncover_imports(connection: Connection) -> None:
    """Say no more of an import that its time is known, once none of its platform's posts in that time is left."""
    in_it = (POST.c.platform == COVERED.c.platform) & POST.c.created_at.between(COVERED.c.since, COVERED.c.until)
    connection.execute(delete(COVERED).where(COVERED.c.source.not_in(list(SOURCES)), ~exists().where(in_it)))


def _let_go(store: Store, care: Care, now: datetime) -> None:
    """Follow posts no more that are neither to be emptied, nor taken out, nor asked for again."""
    if care.keep_posts is not None:
        return
    of = [FOLLOWED.c.platform == care.platform]
    if care.recheck_for is not None:
        of.append(FOLLOWED.c.stored_at < to_seconds(now - care.recheck_for))
    if care.keep_text is not None:
        of.append(~exists().where(POST.c.id == FOLLOWED.c.post_id, POST.c.text != ""))
    with store.writing() as connection:
        connection.execute(delete(FOLLOWED).where(*of))


def _followed_before(care: Care, before: datetime) -> ColumnElement[bool]:
    return (FOLLOWED.c.platform == care.platform) & (FOLLOWED.c.stored_at < to_seconds(before))


def _until_done(store: Store, step: Callable[[Connection], int]) -> int:
    """Repeat a step, each time in a transaction of its own, until it finds less than it may."""
    total = 0
    while True:
        with store.writing() as connection:
            done = step(connection)
        total += done
        if done < AT_ONCE:
            return total
