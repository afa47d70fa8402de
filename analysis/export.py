"""Exports: posts, hours, topics and rankings as CSV or JSON lines, row by row, in constant memory.

What leaves here is what the platforms allow to leave: see TEXT_WITHHELD and docs/export.md.
"""

import gzip
import io
import math
import os
import tempfile
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, BinaryIO, Literal, NamedTuple, cast, get_args

from analysis import cells, pseudonyms, sentiment, volume
from analysis.cells import Row, Value
from analysis.frames.health import covered
from analysis.frames.hours import hours, titles
from analysis.frames.posts import PostFilter, PostRow, stream_posts
from analysis.frames.reader import Reader
from analysis.frames.streams import RANK_COLUMNS, stream_ranks, stream_topic_hours
from collector import clock
from collector.errors import InputError

What = Literal["posts", "hours", "topics", "rankings"]
Text = Literal["all", "allowed", "none"]
Format = Literal["csv", "jsonl"]

SAMPLE_NOTE = "invented sample posts"
# platforms whose terms let a text be handed on by hand only, so many a day; ids may be
TEXT_WITHHELD = frozenset({"x"})
IDENTIFYING = frozenset({"native_id", "uri", "url"})

POST_COLUMNS = (
    "platform", "native_id", "uri", "url", "created_at", "collected_at", "titles", "hashtags", "language", "sentiment",
    "score", "raw_score", "topics", "likes", "reposts", "replies", "author_key", "text", "note",
)  # fmt: skip
HOUR_COLUMNS = (
    "title", "platform", "hour", "covered", "posts", "gathered", "positive", "neutral", "negative", "unscored",
    "unlabelled", "net", "note",
)  # fmt: skip
TOPIC_COLUMNS = (
    "title", "platform", "hour", "topic", "posts", "positive", "neutral", "negative", "unscored", "net", "note",
)  # fmt: skip
RANKING_COLUMNS = tuple("date" if name == "day" else name for name in RANK_COLUMNS)
COVERED_AS = {volume.COVERED: "yes", volume.PARTIAL: "partly", volume.NOT_COVERED: "no"}


@dataclass(frozen=True, slots=True)
class Options:
    """How to write: which texts of posts, the format, raw (no apostrophes, no byte order mark), pseudonymous."""

    text: Text = "allowed"
    format: Format = "csv"
    raw: bool = False
    pseudonymous: bool = False


@dataclass(frozen=True, slots=True)
class Export:
    """What to write. All fields of `only` narrow posts; title, since and until (and topic) narrow the others.

    rank_names: the folded names under which rankings list the title (None: every title).
    """

    what: What
    only: PostFilter = field(default_factory=PostFilter)
    rank_names: Collection[str] | None = None
    options: Options = field(default_factory=Options)


class Table(NamedTuple):
    """Columns, and rows that come as they are asked for."""

    columns: tuple[str, ...]
    rows: Iterator[Row]


def table(reader: Reader, export: Export) -> Table:
    """Return the rows of an export, none of them read yet."""
    if export.what == "posts":
        return _posts(reader, export)
    if export.what == "hours":
        return Table(HOUR_COLUMNS, _hours(reader, export.only))
    if export.what == "topics":
        return Table(TOPIC_COLUMNS, _topics(reader, export.only))
    return Table(RANKING_COLUMNS, _rankings(reader, export))


def write(reader: Reader, export: Export, stream: BinaryIO) -> int:
    """Write an export to an open stream and return how many rows it has. Raises StoreError, OSError."""
    columns, rows = table(reader, export)
    if export.options.format == "jsonl":
        return cells.write_jsonl(stream, columns, rows)
    return cells.write_csv(stream, columns, rows, raw=export.options.raw)


def write_file(reader: Reader, export: Export, path: Path) -> int:
    """Write an export to a file, compressed when its name ends in .gz; return how many rows it has.

    It is written under another name and then renamed: an interrupted export leaves what was there before.
    Raises InputError when the file cannot be written, StoreError when the database cannot be read.
    """
    try:
        with _replacing(path) as file:
            if path.suffix.lower() != ".gz":
                return write(reader, export, file)
            with gzip.GzipFile(filename="", mode="wb", fileobj=file, mtime=0) as packed:
                return write(reader, export, cast("BinaryIO", packed))
    except OSError as fault:
        raise InputError(f"{path} cannot be written: {fault.strerror or fault}; name another with -o") from fault


def open_download(reader: Reader, export: Export) -> io.RawIOBase:
    """Write an export to a nameless temporary file and return it, at its beginning; for a download button."""
    # unbuffered, since a raw file is what Streamlit takes as one
    file = tempfile.TemporaryFile(buffering=0)  # noqa: SIM115 - handed on to the caller
    try:
        buffered = io.BufferedWriter(file)
        write(reader, export, cast("BinaryIO", buffered))
        buffered.flush()
        buffered.detach()
        file.seek(0)
    except BaseException:
        file.close()
        raise
    return file


def file_name(export: Export, now: datetime) -> str:
    """Return a name for the file of an export: buzz-posts-2022-02-01.csv."""
    return f"buzz-{export.what}-{now:%Y-%m-%d}.{export.options.format}"


@contextmanager
def _replacing(named: Path) -> Iterator[BinaryIO]:
    path = named.resolve()  # what a link points to is replaced, not the link
    if path.exists() and not path.is_file():
        with path.open("wb") as file:  # a pipe or a device is written to, never replaced
            yield file
        return
    descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".part", dir=path.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            yield file
        _as_other_files(Path(name), path)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _as_other_files(temporary: Path, path: Path) -> None:
    """Give the file the rights that writing it in the plain way would have: those of the old one, or by the umask."""
    if path.exists():
        temporary.chmod(path.stat().st_mode & 0o777)
        return
    mask = os.umask(0)
    os.umask(mask)
    temporary.chmod(0o666 & ~mask)


def _posts(reader: Reader, export: Export) -> Table:
    options = export.options
    dropped = IDENTIFYING if options.pseudonymous else frozenset[str]()
    kept = [at for at, name in enumerate(POST_COLUMNS) if name not in dropped]
    rows = (_post(post, options) for post in stream_posts(reader, export.only))
    columns = tuple(POST_COLUMNS[at] for at in kept)
    return Table(columns, (tuple(row[at] for at in kept) for row in rows) if dropped else rows)


def _post(post: PostRow, options: Options) -> tuple[Value, ...]:
    return (
        post.platform,
        post.native_id,
        post.uri,
        post.url,
        iso(post.created_at),
        iso(post.collected_at),
        post.titles,
        post.hashtags,
        post.language,
        post.sentiment,
        post.score,
        post.raw_score,
        post.topics,
        post.likes,
        post.reposts,
        post.replies,
        post.author_key,
        _text(post, options),
        SAMPLE_NOTE if post.sample else "",
    )


def _text(post: PostRow, options: Options) -> str:
    withheld = post.platform in TEXT_WITHHELD and not post.sample
    if options.text == "none" or (options.text == "allowed" and withheld):
        return ""
    return pseudonyms.mask(post.text) if options.pseudonymous else post.text


def _hours(reader: Reader, only: PostFilter) -> Iterator[Row]:
    """Yield the complete grid of one title after another: what is not known is empty, never zero."""
    for title in [only.title] if only.title is not None else titles(reader):
        grid = volume.buzz(
            hours(reader, title=title, since=only.since, until=only.until),
            covered(reader, title=title),
            since=only.since,
            until=only.until,
        )
        if only.platform is not None:
            grid = grid[grid["platform"] == only.platform]
        yield from (_hour(row) for row in grid.itertuples(index=False))


def _hour(row: Any) -> tuple[Value, ...]:  # noqa: ANN401 - a row of volume.buzz, whose fields pandas does not declare
    known = not math.isnan(row.posts)
    feelings = (row.positive, row.neutral, row.negative, row.unscored, row.unlabelled)
    return (
        row.title,
        row.platform,
        iso(int(row.hour.timestamp())),
        COVERED_AS[row.coverage],
        int(row.posts) if known else None,
        row.gathered,
        *(feelings if known else (None,) * len(feelings)),
        _net(row.positive, row.neutral, row.negative) if known else None,
        SAMPLE_NOTE if row.sample else "",
    )


def _topics(reader: Reader, only: PostFilter) -> Iterator[Row]:
    rows = stream_topic_hours(reader, title=only.title, topic=only.topic, since=only.since, until=only.until)
    for row in rows:
        yield (
            row.title,
            row.platform,
            iso(row.hour),
            row.topic,
            row.posts,
            row.positive,
            row.neutral,
            row.negative,
            row.unscored,
            _net(row.positive, row.neutral, row.negative),
            SAMPLE_NOTE if row.sample else "",
        )


def _rankings(reader: Reader, export: Export) -> Iterator[Row]:
    day, stored = RANK_COLUMNS.index("day"), RANK_COLUMNS.index("stored_at")
    for row in stream_ranks(reader, keys=export.rank_names, since=export.only.since, until=export.only.until):
        values = list(row)
        values[day] = _date(values[day] // clock.DAY)
        values[stored] = iso(values[stored])
        yield values


def _net(positive: int, neutral: int, negative: int) -> float | None:
    scored = positive + neutral + negative
    return round((positive - negative) / scored, 4) if scored >= sentiment.FEW else None


def iso(seconds: int) -> str:
    """Write epoch seconds as ISO 8601 in UTC: 2022-01-28T08:00:00Z."""
    minutes, second = divmod(seconds % clock.DAY, 60)
    return f"{_date(seconds // clock.DAY)}T{minutes // 60:02}:{minutes % 60:02}:{second:02}Z"


@lru_cache(maxsize=4096)
def _date(day: int) -> str:
    return clock.from_seconds(day * clock.DAY).date().isoformat()


KINDS: tuple[What, ...] = get_args(What)
