"""Tables: CSV and TSV with a header, gzip or not, and a map from our fields to their columns."""

import csv
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from collector.archive.read import Opened, Record
from collector.errors import InputError
from collector.reading import Fields
from collector.source import JsonObject, PostDraft
from collector.text import hashtags

DELIMITERS = "\t,;|"
REQUIRED = ("native_id", "created_at", "text")
# our fields, and other names under which columns are found without a map
COLUMNS: Mapping[str, tuple[str, ...]] = {
    "native_id": ("native_id", "id", "post_id", "tweet_id", "status_id"),
    "created_at": ("created_at", "date", "datetime", "timestamp", "time"),
    "text": ("text", "content", "full_text", "message"),
    "language": ("language", "lang"),
    "likes": ("likes", "like_count", "favorite_count", "favourites_count"),
    "reposts": ("reposts", "repost_count", "retweet_count", "reblogs_count"),
    "replies": ("replies", "reply_count", "replies_count"),
    "author": ("author", "author_id", "author_key", "user", "username", "user_id"),
    "uri": ("uri",),
    "url": ("url", "link"),
    "hashtags": ("hashtags", "tags"),
}
MAX_JOINED = 500  # lines that one quoted field may span


@dataclass(frozen=True)
class Layout:
    """How a table is laid out: its delimiter, its columns, and for each of our fields the place of its column."""

    delimiter: str
    width: int
    places: Mapping[str, int]


def looks_like_header(start: str) -> bool:
    """Tell whether a text begins with the header of a table: a delimiter, short names, no markup."""
    line = start.splitlines()[0] if start else ""
    names = next(csv.reader([line], delimiter=_delimiter(line)), [])
    return len(names) > 1 and all(name and len(name) <= 60 and name[0] not in "<{[" for name in names)  # noqa: PLR2004


def read_layout(path: Path, header: str, columns: Mapping[str, str]) -> Layout:
    """Find our fields in a header. Raises InputError naming what is missing and what there is."""
    delimiter = _delimiter(header)
    names = [name.strip() for name in next(csv.reader([header], delimiter=delimiter), [])]
    listed = ", ".join(names)
    for field, column in columns.items():
        if field not in COLUMNS:
            raise InputError(f"--map {field}={column}: {field} is not a field; the fields are {', '.join(COLUMNS)}")
        if column not in names:
            raise InputError(f"{path} has no column {column}; its columns are {listed}")
    folded = {name.casefold(): place for place, name in reversed(list(enumerate(names)))}
    places = {field: folded[name] for field, usual in COLUMNS.items() for name in reversed(usual) if name in folded}
    places |= {field: names.index(column) for field, column in columns.items()}
    if lacking := [field for field in REQUIRED if field not in places]:
        raise InputError(
            f"{path} has no column for {', '.join(lacking)}; its columns are {listed}: "
            f"say which with --map {lacking[0]}=COLUMN"
        )
    return Layout(delimiter, len(names), places)


def _delimiter(header: str) -> str:
    return max(DELIMITERS, key=header.count)


class Table:
    """A table being read: `records` gives its rows, `parse` turns one into a post."""

    def __init__(self, path: Path, file: Opened, platform: str, columns: Mapping[str, str]) -> None:
        self._lines = file.lines()
        self._platform = platform
        self.layout = read_layout(path, next(self._lines, b"").decode("utf-8", "replace"), columns)

    def records(self) -> Iterator[Record]:
        """Yield one record a row, with the number of the line it begins in. Raises CutShort."""
        for number, lines in _rows(self._lines, self.layout.delimiter):
            try:
                row = _row(lines, self.layout.delimiter)
            except UnicodeDecodeError:
                yield Record(number, fault="it is not UTF-8")
            except csv.Error as fault:
                yield Record(number, fault=f"it is not a row of a table: {fault}")
            else:
                if row:
                    yield self._record(number, row)

    def _record(self, number: int, row: Sequence[str]) -> Record:
        if len(row) != self.layout.width:
            return Record(number, fault=f"it has {len(row)} columns, not {self.layout.width}")
        return Record(number, {field: row[place] for field, place in self.layout.places.items() if row[place]})

    def parse(self, item: JsonObject) -> PostDraft:
        """Read one row. Raises SkipItem naming the field that is missing or wrong."""
        row = Fields(item, "row")
        text = row.text("text")
        return PostDraft(
            platform=self._platform,
            native_id=row.text("native_id"),
            created_at=row.time("created_at"),
            text=text,
            uri=row.maybe_text("uri"),
            url=row.maybe_text("url"),
            language=row.maybe_text("language"),
            hashtags=frozenset(hashtags(text)) | _listed(row.maybe_text("hashtags")),
            likes=row.count("likes"),
            reposts=row.count("reposts"),
            replies=row.count("replies"),
            author=row.maybe_text("author"),
        )


def _listed(tags: str | None) -> frozenset[str]:
    """Split a column of hashtags, which people join by spaces, commas or bars."""
    for mark in ",|;#[]'\"":
        tags = tags.replace(mark, " ") if tags else None
    return frozenset(tags.split()) if tags else frozenset()


def _rows(lines: Iterator[bytes], delimiter: str) -> Iterator[tuple[int, list[bytes]]]:
    """Yield the lines of each row with the number of the first: a quoted field may hold line ends.

    A quote that is never closed would swallow the rest of the file: past MAX_JOINED lines the first line stands alone
    and the others are read anew.
    """
    numbered = enumerate(lines, start=2)
    waiting: deque[tuple[int, bytes]] = deque()

    def take() -> tuple[int, bytes] | None:
        return waiting.popleft() if waiting else next(numbered, None)

    while first := take():
        number, line = first
        if b'"' not in line:
            yield number, [line]
            continue
        joined: list[tuple[int, bytes]] = []
        while len(joined) < MAX_JOINED and _is_open([line, *(more for _, more in joined)], delimiter):
            more = take()
            if more is None:
                break
            joined.append(more)
        if joined and _is_open([line, *(more for _, more in joined)], delimiter):
            waiting.extendleft(reversed(joined))
            joined = []
        yield number, [line, *(more for _, more in joined)]


def _is_open(lines: Sequence[bytes], delimiter: str) -> bool:
    """Tell whether a quoted field begins in these lines and does not end there."""
    # only a line with an odd number of quotes can open or close a field that spans lines
    if sum(line.count(b'"') for line in lines) % 2 == 0:
        return False
    try:
        list(csv.reader([line.decode("utf-8", "replace") for line in lines], delimiter=delimiter, strict=True))
    except csv.Error as fault:
        return "unexpected end" in str(fault)
    return False


def _row(lines: Sequence[bytes], delimiter: str) -> Sequence[str]:
    """Split one row. Raises UnicodeDecodeError, csv.Error."""
    if len(lines) == 1 and b'"' not in lines[0]:
        line = lines[0].decode().rstrip("\r\n")
        return line.split(delimiter) if line else []  # a csv.reader for each row costs several times as much
    return next(csv.reader([line.decode() for line in lines], delimiter=delimiter), [])
