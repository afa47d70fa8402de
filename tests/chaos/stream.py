"""A stream of posts like X's firehose, in real time, written into files that a reader can take up anywhere.

The producer is a process of its own. It appends lines to numbered files, each a few seconds long; a place in them is
"file byte posts", the last being how many posts were read so far. `python stream.py FOLDER RATE SECONDS MATCHING`
"""

import sys
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "benchmarks" / "support")]

import orjson
import synthetic

TEMPLATES = 20_000
FIRST_ID = 2_000_000_000_000_000_000
FILE = 30_000  # posts in one file
TICK = 0.05  # seconds between two writes
TWICE_EACH = 7  # of the posts that speak of a title, one in so many comes twice
ENDED = "ended"
SENT = "sent"


class Place(NamedTuple):
    """How far a reader is: the file, the byte in it, and the posts before that."""

    file: int = 0
    byte: int = 0
    posts: int = 0

    @classmethod
    def read(cls, written: str | None) -> "Place":
        """Read what `str` wrote; None is the start."""
        return cls(*map(int, written.split())) if written else cls()

    def __str__(self) -> str:
        return f"{self.file} {self.byte} {self.posts}"


class Template(NamedTuple):
    """A post whose id and time are filled in as it is sent."""

    line: bytes
    speaks: bool


@cache
def templates(matching: float) -> Sequence[Template]:
    """Return the posts that the stream repeats under ever new ids."""
    found = []
    names = _names()
    for post in synthetic.generate(TEMPLATES, seed=11, matching=matching):
        post |= {"id": "@ID@", "edit_history_tweet_ids": ["@ID@"], "created_at": "@AT@"}
        folded = post["text"].casefold()
        found.append(Template(orjson.dumps(post) + b"\n", any(name in folded for name in names)))
    return found


def _names() -> set[str]:
    return {name.casefold() for title in synthetic.titles() for name in (*title.hashtags, *title.phrases)}


def speaking(sent: int, matching: float) -> Iterator[str]:
    """Yield the ids of those of the first `sent` posts that speak of a title."""
    of = [number for number, template in enumerate(templates(matching)) if template.speaks]
    for start in range(0, sent, TEMPLATES):
        yield from (str(FIRST_ID + start + number) for number in of if start + number < sent)


def produce(folder: Path, rate: float, seconds: float, matching: float) -> None:
    """Send posts at this rate for so long; what cannot be kept up with is sent late, not left out."""
    posts = templates(matching)
    begun, sent, whole = time.monotonic(), 0, int(rate * seconds)
    current = (folder / _name(0)).open("ab", buffering=0)
    while sent < whole:
        due = min(int((time.monotonic() - begun) * rate), whole)
        while sent < due:
            until = min(due, (sent // FILE + 1) * FILE)
            current.write(_lines(posts, sent, until))
            sent = until
            if sent % FILE == 0:
                current.close()
                current = (folder / _name(sent // FILE)).open("ab", buffering=0)
        _put(folder / SENT, str(sent))
        time.sleep(TICK)
    current.close()
    _put(folder / ENDED, "")


def _lines(posts: Sequence[Template], first: int, last: int) -> bytes:
    at = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z").encode()
    lines = []
    for number in range(first, last):
        template = posts[number % TEMPLATES]
        line = template.line.replace(b"@ID@", str(FIRST_ID + number).encode()).replace(b"@AT@", at)
        lines.append(line)
        if template.speaks and number % TWICE_EACH == 0:
            lines.append(line)
    return b"".join(lines)


def _put(path: Path, text: str) -> None:
    """Write a small file whole, so that nobody reads half of it."""
    fresh = path.with_suffix(".new")
    fresh.write_text(text)
    fresh.replace(path)


def sent(folder: Path) -> int:
    """Return how many posts were sent so far."""
    path = folder / SENT
    return int(path.read_text()) if path.exists() else 0


def _name(number: int) -> str:
    return f"{number:06}.jsonl"


class Tail:
    """Reads on from a place, a page at a time, and never more than that."""

    def __init__(self, folder: Path, place: Place) -> None:
        self._folder = folder
        self.place = place

    @property
    def is_over(self) -> bool:
        """Whether the producer has ended and all it sent is read."""
        return (self._folder / ENDED).exists() and not self._is_more()

    def read(self, posts: int, seconds: float) -> list[bytes]:
        """Return up to so many lines; fewer when no more came within the time."""
        lines: list[bytes] = []
        until = time.monotonic() + seconds
        while len(lines) < posts and not self.is_over:
            if found := self._some(posts - len(lines)):
                lines += found
            elif time.monotonic() >= until:
                break
            else:
                time.sleep(TICK)
        return lines

    def _is_more(self) -> bool:
        path = self._folder / _name(self.place.file)
        is_next = (self._folder / _name(self.place.file + 1)).exists()
        return is_next or (path.exists() and path.stat().st_size > self.place.byte)

    def _some(self, most: int) -> list[bytes]:
        """Return whole lines of the file at hand, going over to the next when this one is done."""
        is_whole = (self._folder / _name(self.place.file + 1)).exists()
        path = self._folder / _name(self.place.file)
        if not path.exists():
            return []
        with path.open("rb") as file:
            file.seek(self.place.byte)
            lines = [line for line in file.readlines(most * 400) if line.endswith(b"\n")][:most]
        if lines:
            read = self.place.byte + sum(map(len, lines))
            self.place = Place(self.place.file, read, self.place.posts + len(lines))
        elif is_whole:
            self.place = Place(self.place.file + 1, 0, self.place.posts)
        return lines


def tidy(folder: Path, before: Place) -> None:
    """Remove the files that nobody reads any more."""
    for number in range(max(0, before.file - 3), before.file):
        (folder / _name(number)).unlink(missing_ok=True)


if __name__ == "__main__":
    produce(Path(sys.argv[1]), *map(float, sys.argv[2:5]))
