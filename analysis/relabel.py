"""`buzz relabel`: the store or an archive with today's labellers, on the engine of one's choice.

What is done is known by the versions in each partition's manifest and beside each post's labels, so that a run that
was broken off goes on where it stopped, on either engine.
"""

import tempfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from analysis.archive.archiving import put, settle, settle_all
from analysis.archive.files import Archive, Partition, opened
from analysis.archive.format import read
from analysis.engines import Engine
from analysis.label import label_pending
from analysis.labelling import Labelling
from analysis.partition_labels import has_labels_of
from analysis.rollup import roll
from collector.archived import dropped_days
from collector.config import Config
from collector.records import PostLabels
from collector.store import Store
from collector.whole_posts import Day, WholePost, days_pending, stream, stream_ids

SAVED_AT_ONCE = 1000

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Relabelled:
    """What a run did. `skipped` partitions had the labels of today's labellers already."""

    partitions: int = 0
    skipped: int = 0
    posts: int = 0  # posts of the store that were given labels
    hours: int = 0  # hours of a title whose totals were computed anew


def relabel_store(store: Store, config: Config, progress: Callable[[int], None] | None = None) -> Relabelled:
    """Label the store's own posts, without a detour. Raises StoreError."""
    posts = label_pending(store, config, progress=progress)
    return Relabelled(posts=posts, hours=roll(store))


def relabel_store_on(store: Store, config: Config, engine: Engine, progress: Progress | None = None) -> Relabelled:
    """Label the store's own posts on an engine that reads partitions: they are written to a passing archive.

    Raises StoreError, InputError, and what the engine raises.
    """
    with tempfile.TemporaryDirectory(prefix="buzzchart-relabel-") as folder, opened(Path(folder), make=True) as own:
        for day in _pending(store, config):
            with store.reading() as connection:
                put(own.partition(day), stream(connection, day), dropped=False)
        return _relabel(store, own, config, engine, progress)


def relabel_archive(
    store: Store, folder: Path, config: Config, engine: Engine, progress: Progress | None = None
) -> Relabelled:
    """Label an archive, and bring labels and totals back into the store.

    Posts that are still in the store get the same labels there; the totals of dropped days become those of their
    partitions. Raises StoreError, InputError, BusyError, and what the engine raises.
    """
    with opened(folder) as own:
        settle_all(store, own)
        return _relabel(store, own, config, engine, progress)


def _relabel(store: Store, own: Archive, config: Config, engine: Engine, progress: Progress | None) -> Relabelled:
    versions = Labelling(config).versions
    partitions = own.partitions()
    stale = [found for found in partitions if not _is_current(found, versions)]
    with store.reading() as connection:
        dropped = {day for day, note in dropped_days(connection).items() if note.archive == own.id}
    for number, done in enumerate(engine.run([found.folder for found in stale], config), start=1):
        partition = Partition.at(done)
        if partition.day in dropped:
            settle(store, own, partition)
        if progress:
            progress(number, len(stale))
    posts = _label_stored(store, own, config)
    return Relabelled(len(stale), len(partitions) - len(stale), posts, roll(store))


def _is_current(partition: Partition, versions: dict[str, str]) -> bool:
    manifest = partition.manifest()
    return manifest is not None and manifest.is_labelled_by(versions)


def _pending(store: Store, config: Config) -> list[Day]:
    with store.reading() as connection:
        return days_pending(connection, Labelling(config).versions)


def _label_stored(store: Store, own: Archive, config: Config) -> int:
    """Give the posts that are still in the store the labels that their archived selves have now."""
    labelling, saved = Labelling(config), 0
    for day in _pending(store, config):
        partition = own.partition(day)
        if partition.manifest() is None:
            continue
        with store.reading() as connection:
            labels = _labels(read(partition.file()), dict(stream_ids(connection, day)), labelling)
            while some := list(islice(labels, SAVED_AT_ONCE)):
                store.save_labels(some)
                saved += len(some)
    return saved


def _labels(posts: Iterable[WholePost], numbers: dict[str, int], labelling: Labelling) -> Iterator[PostLabels]:
    for post in posts:
        if post.native_id in numbers and post.titles and has_labels_of(post, labelling):
            yield _record(numbers[post.native_id], post)


def _record(number: int, post: WholePost) -> PostLabels:
    return PostLabels(
        post_id=number,
        language=str(post.language),
        language_by=str(post.language_by),
        sentiment=str(post.sentiment),
        score=post.score,
        raw_score=post.raw_score,
        sentiment_by=str(post.sentiment_by),
        topics=tuple(post.topics or ()),
        topics_by=str(post.topics_by),
        edited_at=post.edited_at,
    )
