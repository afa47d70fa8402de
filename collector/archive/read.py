"""Reads files of any size with little memory: gzip or not, by lines or by the elements of one JSON list."""

import codecs
import gzip
import json
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BufferedReader
from pathlib import Path
from typing import Any

import orjson

from collector.errors import InputError

GZIP = b"\x1f\x8b"
MAX_RECORD = 64_000_000  # bytes of one line, or of one element
CHUNK = 65_536
SPACE_OR_COMMA = " \t\r\n,"


@dataclass(frozen=True, slots=True)
class Record:
    """One line or element: its number from 1 and its value, or why it has none."""

    number: int
    value: Any = None
    fault: str = ""


class CutShort(Exception):  # noqa: N818 - it ends a reading, whose results stay good
    """A file ends or breaks in its middle; what came before it was read."""


class Opened:
    """An open file, uncompressed where needed. `position` counts its bytes on the disk."""

    def __init__(self, disk: BufferedReader) -> None:
        self._disk = disk
        is_gzip = disk.read(2) == GZIP
        disk.seek(0)
        self.stream: gzip.GzipFile | BufferedReader = gzip.GzipFile(fileobj=disk) if is_gzip else disk
        self._decoder = codecs.getincrementaldecoder("utf-8-sig")(errors="replace")

    @property
    def position(self) -> int:
        """Return how far the disk was read, for a progress bar."""
        return self._disk.tell()

    def head(self) -> bytes:
        """Return the first few thousand bytes, uncompressed, and go back to the start. Raises CutShort."""
        with _cut_short():
            try:
                return self.stream.read1(CHUNK)
            finally:
                self.stream.seek(0)

    def lines(self) -> Iterator[bytes]:
        """Yield the lines with their ends, without a byte order mark. Raises CutShort."""
        with _cut_short():
            first = self.stream.readline(MAX_RECORD).removeprefix(codecs.BOM_UTF8)
            if first:
                yield first
            while line := self.stream.readline(MAX_RECORD):
                yield line

    def text(self, size: int) -> str:
        """Return some more text, "" at the end; bytes that are not UTF-8 become U+FFFD. Raises CutShort."""
        parts: list[bytes] = []
        missing = size
        try:
            with _cut_short():
                while missing > 0 and (data := self.stream.read1(missing)):
                    parts.append(data)
                    missing -= len(data)
        except CutShort:
            if not parts:  # otherwise it is told at the next call, after what could be read
                raise
        return self._decoder.decode(b"".join(parts), final=not parts)


@contextmanager
def opening(path: Path) -> Iterator[Opened]:
    """Open a file. Raises InputError when it cannot be read."""
    try:
        with path.open("rb") as disk:
            yield Opened(disk)
    except OSError as fault:
        raise InputError(f"{path} cannot be read: {fault.strerror or fault}") from fault


@contextmanager
def _cut_short() -> Iterator[None]:
    try:
        yield
    except (EOFError, zlib.error, gzip.BadGzipFile) as fault:
        raise CutShort("its gzip data ends too early or is damaged") from fault


def json_lines(file: Opened) -> Iterator[Record]:
    """Yield one record a line; empty lines are counted but yield nothing. Raises CutShort."""
    for number, line in enumerate(file.lines(), start=1):
        if line.isspace():
            continue
        try:
            yield Record(number, orjson.loads(line))
        except orjson.JSONDecodeError:
            yield Record(number, fault="it is not JSON")


def json_elements(file: Opened) -> Iterator[Record]:
    """Yield the elements of JSON lists and the objects beside them, however they are laid out. Raises CutShort.

    Reads on only when an element is not whole yet, so the memory needed is that of the largest one.
    """
    decoder = json.JSONDecoder()
    buffer, number, size = "", 0, CHUNK
    while True:
        start = len(buffer) - len(buffer.lstrip(SPACE_OR_COMMA + "[]"))
        try:
            value, end = decoder.raw_decode(buffer, start)
        except (json.JSONDecodeError, RecursionError) as fault:
            more = file.text(size)
            if not more:
                if buffer.strip(SPACE_OR_COMMA + "[]"):
                    raise CutShort(f"its JSON breaks off in element {number + 1}") from fault
                return
            if len(buffer) > MAX_RECORD:
                raise CutShort(f"element {number + 1} is not JSON, or larger than {MAX_RECORD:,} bytes") from fault
            buffer, size = buffer[start:] + more, max(CHUNK, len(buffer))  # doubling keeps the re-reading linear
        else:
            number += 1
            yield Record(number, value)
            buffer, size = buffer[end:], CHUNK
