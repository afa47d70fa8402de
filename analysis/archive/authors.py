"""Which posts of an archive are by an author."""

from collections.abc import Collection, Iterator
from pathlib import Path

from analysis.archive.files import Archive
from analysis.archive.format import read_batches


def posts_of(folder: Path, platform: str, author_keys: Collection[str]) -> Iterator[str]:
    """Yield the native ids of the archived posts by these authors. Raises InputError for a spoilt archive."""
    for partition in Archive.open(folder).partitions():
        if partition.day.platform == platform and partition.manifest() is not None:
            for batch in read_batches(partition.file(), ("native_id", "author_key")):
                rows = zip(batch.column(0).to_pylist(), batch.column(1).to_pylist(), strict=True)
                yield from (native_id for native_id, key in rows if key in author_keys)
