"""The Parquet file of a partition: its columns, and whole posts in and out of it, a batch at a time.

platform and day stand in the folders' names (as DuckDB, Spark and pyarrow expect). Rows are sorted by native id, and
their digest is taken from the rows themselves, so that equal content is equal whatever wrote it.
"""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import orjson
import pyarrow as pa
import pyarrow.parquet as pq

from analysis.archive.files import Manifest
from collector.errors import InputError
from collector.whole_posts import WholePost

ROWS_A_GROUP = 20_000
ROWS_A_BATCH = 5_000
TEXT, NUMBER, SCORE, NAMES = pa.string(), pa.int64(), pa.float64(), pa.list_(pa.string())
TIME, SECONDS = pa.timestamp("ms", "UTC"), pa.timestamp("s", "UTC")
TYPES = {
    **dict.fromkeys(("created_at", "claimed_at", "collected_at", "edited_at"), TIME),
    **dict.fromkeys(("likes", "reposts", "replies"), NUMBER),
    **dict.fromkeys(("score", "raw_score"), SCORE),
    **dict.fromkeys(("hashtags", "titles", "topics"), NAMES),
    "sample": pa.bool_(),
}
SCHEMA = pa.schema([(name, TYPES.get(name, TEXT)) for name in WholePost._fields])
VERSIONS = ("language", "sentiment", "topics")


class Tally:
    """What the manifest tells of rows, taken while they pass. They must come sorted by native id."""

    def __init__(self) -> None:
        self.posts = 0
        self._sum = hashlib.sha256()
        self._ids: list[str | None] = [None, None]
        self._unlabelled = 0
        self._labelled_by: set[tuple[str | None, str | None, str | None]] = set()

    def add(self, posts: Sequence[WholePost]) -> None:
        """Take some more rows into account."""
        if not posts:
            return
        self.posts += len(posts)
        self._sum.update(b"\n".join(orjson.dumps(tuple(post)) for post in posts) + b"\n")
        self._ids = [posts[0].native_id if self._ids[0] is None else self._ids[0], posts[-1].native_id]
        self._unlabelled += sum(1 for post in posts if post.titles and post.sentiment is None)
        self._labelled_by |= {
            (post.language_by, post.sentiment_by, post.topics_by)
            for post in posts
            if post.titles and post.sentiment and post.text  # what has lost its words keeps its labels
        }

    def manifest(self, *, dropped: bool = False) -> Manifest:
        """Return the manifest of the rows that have passed."""
        digest = self._sum.hexdigest()
        found = sorted(self._labelled_by, key=str)
        return Manifest(
            file=f"posts-{digest[:16]}.parquet",
            posts=self.posts,
            digest=digest,
            unlabelled=self._unlabelled,
            labelled_by=[{name: str(by) for name, by in zip(VERSIONS, triple, strict=True)} for triple in found],
            least_id=self._ids[0],
            greatest_id=self._ids[1],
            dropped=dropped,
        )


def write(path: Path, posts: Iterable[WholePost]) -> Tally:
    """Write posts, which come sorted by native id, and return what passed. Raises InputError, OSError."""
    tally = Tally()
    waiting = iter(posts)
    with reporting(path), pq.ParquetWriter(path, SCHEMA, compression="zstd") as writer:
        while some := list(islice(waiting, ROWS_A_GROUP)):
            tally.add(some)
            writer.write_batch(_batch(some))
    return tally


def read(path: Path) -> Iterator[WholePost]:
    """Yield the posts of a file in its order; memory stays flat. Raises InputError."""
    for batch in read_batches(path, WholePost._fields):
        yield from map(WholePost._make, zip(*map(_values, batch.columns), strict=True))


def read_batches(path: Path, columns: Sequence[str]) -> Iterator[Any]:
    """Yield some columns of a file as Arrow batches. Raises InputError."""
    with reporting(path), pq.ParquetFile(path) as file:
        yield from file.iter_batches(ROWS_A_BATCH, columns=list(columns))


@dataclass(frozen=True, slots=True)
class Proof:
    """What a file holds when it is read again from the disk."""

    posts: int
    digest: str


def prove(path: Path) -> Proof:
    """Read a file again, whole, and take its digest anew. Raises InputError."""
    tally = Tally()
    posts = read(path)
    while some := list(islice(posts, ROWS_A_BATCH)):
        tally.add(some)
    return Proof(tally.posts, tally.manifest().digest)


@contextmanager
def reporting(path: Path) -> Iterator[None]:
    """Turn what Arrow says of a damaged file into one sentence."""
    try:
        yield
    except (pa.ArrowInvalid, pa.ArrowTypeError, pa.ArrowKeyError) as fault:
        reason = str(fault).strip().splitlines()[0][:200]
        raise InputError(f"{path} is damaged ({reason}): restore the archive from a backup") from fault


def _batch(posts: Sequence[WholePost]) -> Any:  # noqa: ANN401 - an Arrow batch; Arrow brings no types
    columns = zip(SCHEMA, zip(*posts, strict=True), strict=True)
    return pa.RecordBatch.from_arrays([_array(column.type, values) for column, values in columns], schema=SCHEMA)


def _array(kind: Any, values: Sequence[Any]) -> Any:  # noqa: ANN401 - Arrow brings no types
    if kind == TIME:
        return pa.array(values, NUMBER).cast(SECONDS).cast(TIME)
    return pa.array(values, kind)


def _values(column: Any) -> list[Any]:  # noqa: ANN401 - as above
    if column.type == TIME:
        column = column.cast(SECONDS).cast(NUMBER)
    return list(column.to_pylist())
