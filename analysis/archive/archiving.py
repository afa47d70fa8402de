"""`buzz archive`: the store's posts into partitions, and out of the database where that is asked for.

While its posts are in the database, a day's partition mirrors them. Once they were dropped, the partition is all there
is: what came late is merged into it, what the platform deleted is taken out, and the day's totals in the store are
made those of the partition. Each step can be broken off anywhere: the next run finds by digests what is still to do.
"""

from collections.abc import Callable, Container, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from analysis.archive import totals
from analysis.archive.files import Archive, Partition, opened
from analysis.archive.format import prove, read, write
from analysis.archive.merge import is_in, merge
from collector import archived
from collector.archived import ARCHIVE, Dropped, dropped_days
from collector.clock import to_seconds
from collector.errors import InputError
from collector.store import Store
from collector.whole_posts import Day, WholePost, days, remove_kept, stream, stream_ids

DROPPED_AT_ONCE = 1000  # posts deleted in one transaction: other writers wait for no more than that

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Archived:
    """What a run did. `elsewhere` are days with posts whose earlier ones were dropped into another archive."""

    written: int = 0
    unchanged: int = 0
    posts: int = 0  # in the partitions that were looked at
    dropped: int = 0  # posts that left the database
    elsewhere: tuple[str, ...] = ()


class Work(NamedTuple):
    """What a run works with."""

    store: Store
    archive: Archive
    dropped: dict[Day, Dropped]
    gone: dict[str, dict[str, int]]  # by platform: what was deleted there, and when that was noted


def archive(
    store: Store, folder: Path, before: datetime, *, drop: bool = False, progress: Progress | None = None
) -> Archived:
    """Bring every whole day before this moment into the archive; with `drop` the database lets go of them.

    Raises InputError for a folder that cannot be used, StoreError, BusyError.
    """
    with opened(folder, make=True) as own:
        recognise(store, own)
        settle_all(store, own)
        with store.reading() as connection:
            work = Work(store, own, dropped_days(connection), archived.buried(connection))
            known = days(connection)
        done = Archived()
        todo = _days(work, known, to_seconds(before))
        for number, day in enumerate(todo, start=1):
            done = _archive_day(work, day, done, drop=drop and day.end <= to_seconds(before))
            if progress:
                progress(number, len(todo))
        _forget(work)
        return done


def _days(work: Work, known: Iterable[Day], before: int) -> list[Day]:
    """Return the days to look at: those with posts, those with a partition, those that something was deleted of."""
    known = set(known)
    mirrored = {found.day for found in work.archive.partitions() if not _is_dropped(work, found)}
    touched = {day for day in work.dropped if day in known or _is_bereft(work, day)}
    return sorted(touched | {day for day in known | mirrored if day.end <= before})


def _is_dropped(work: Work, partition: Partition) -> bool:
    manifest = partition.manifest()
    return partition.day in work.dropped or (manifest is not None and manifest.dropped)


def _is_bereft(work: Work, day: Day) -> bool:
    manifest = work.archive.partition(day).manifest()
    return manifest is not None and any(map(manifest.may_hold, work.gone.get(day.platform, ())))


def _archive_day(work: Work, day: Day, done: Archived, *, drop: bool) -> Archived:
    partition = work.archive.partition(day)
    former = work.dropped.get(day)
    if former is not None and former.archive != work.archive.id:
        return replace(done, elsewhere=(*done.elsewhere, f"{partition} (in {former.folder})"))
    is_new = _refresh(work, partition)
    if former is not None:
        settle(work.store, work.archive, partition)
    gone = _drop(work, partition) if drop else 0
    manifest = partition.manifest()
    return replace(
        done,
        written=done.written + is_new,
        unchanged=done.unchanged + (not is_new),
        posts=done.posts + (manifest.posts if manifest else 0),
        dropped=done.dropped + gone,
    )


def _refresh(work: Work, partition: Partition) -> bool:
    """Write what the partition should hold. Returns whether that is something else than before."""
    merges = _is_dropped(work, partition)
    with work.store.reading() as connection:
        posts: Iterable[WholePost] = stream(connection, partition.day)
        if merges:
            gone: Container[str] = work.gone.get(partition.day.platform, {})
            posts = merge(read(partition.file()), posts, gone)
        return put(partition, posts, dropped=merges)


def put(partition: Partition, posts: Iterable[WholePost], *, dropped: bool) -> bool:
    """Make these posts, sorted by native id, what a partition holds. Returns whether that changed anything."""
    passing = partition.passing()
    try:
        manifest = write(passing, posts).manifest(dropped=dropped)
        former = partition.manifest()
        if former is not None and former.digest == manifest.digest and (partition.folder / former.file).is_file():
            partition.keep(passing, manifest)
            return False
        partition.commit(passing, manifest)
        return True
    finally:
        passing.unlink(missing_ok=True)


def _drop(work: Work, partition: Partition) -> int:
    """Delete from the database what is proven to lie in the partition. Returns how many posts that were."""
    manifest, found = partition.manifest(), prove(partition.file())
    if manifest is None or (found.posts, found.digest) != (manifest.posts, manifest.digest):
        raise InputError(f"{partition.file()} does not hold what was written to it: nothing of {partition} was dropped")
    settle(work.store, work.archive, partition)
    partition.mark_dropped()
    gone = 0
    with work.store.reading() as connection:
        kept = _in_both(read(partition.file()), stream_ids(connection, partition.day))
        while some := list(islice(kept, DROPPED_AT_ONCE)):
            with work.store.writing() as writer:
                gone += remove_kept(writer, partition.day.platform, some, is_in)
    return gone


def _in_both(posts: Iterator[WholePost], stored: Iterable[tuple[str, int]]) -> Iterator[WholePost]:
    """Yield the archived posts whose ids are stored; both come sorted."""
    post = next(posts, None)
    for native_id, _ in stored:
        while post is not None and post.native_id < native_id:
            post = next(posts, None)
        if post is not None and post.native_id == native_id:
            yield post


def settle(store: Store, own: Archive, partition: Partition) -> None:
    """Make the store's totals of a dropped day those of its partition, and note which content that was."""
    manifest = partition.manifest()
    if manifest is None:
        raise InputError(f"{partition.folder} is missing: restore the archive from a backup")
    note = Dropped(own.id, str(own.folder), manifest.digest, manifest.posts)
    with store.reading() as connection:
        if dropped_days(connection).get(partition.day) == note:
            return
    sums = totals.rows(totals.of_file(partition.file()), partition.day, store.title_ids, store.topic_ids)
    with store.writing() as connection:
        archived.settle(connection, partition.day, note, sums)


def settle_all(store: Store, own: Archive) -> int:
    """Settle every day that an earlier run left behind: written to the archive, not yet totalled. Returns how many."""
    with store.reading() as connection:
        noted = dropped_days(connection)
    left = 0
    for day, note in noted.items():
        manifest = own.partition(day).manifest()
        if note.archive == own.id and (manifest is None or manifest.digest != note.digest):
            settle(store, own, own.partition(day))
            left += 1
    return left


def recognise(store: Store, own: Archive) -> None:
    """Take a new archive as the store's own. Raises InputError for one that another database has filled."""
    with store.reading() as connection:
        known = archived.archives(connection)
    if own.id in known:
        return
    if own.partitions():
        raise InputError(f"{own.folder} holds the archive of another database: name a new folder")
    store.remember(ARCHIVE, {own.id: str(own.folder)})


def _forget(work: Work) -> None:
    """Forget the deletions that were followed; those of a platform with days in another archive wait for that one."""
    elsewhere = {day.platform for day, note in work.dropped.items() if note.archive != work.archive.id}
    for platform, noted in work.gone.items():
        if platform not in elsewhere:
            with work.store.writing() as connection:
                archived.forget(connection, platform, noted.items())
