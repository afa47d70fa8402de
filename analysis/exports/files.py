"""The files of an export: written under other names and renamed when all is whole, in parts if need be, each hashed.

An export that is stopped, or finds the disk full, leaves under its names what was there before, or nothing.
"""

import contextlib
import gzip
import hashlib
import io
import os
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Protocol, Self, cast

from analysis.cells import Chunk

PACKED = ".gz"
LEVEL = 6  # of gzip: three times as quick as 9, and a hundredth larger


class Writer(Protocol):
    """Writes chunks in some format to a stream that it leaves open."""

    def write(self, chunk: Chunk) -> None:
        """Write some rows."""

    def finish(self) -> None:
        """Write what is still held."""


Opener = Callable[[BinaryIO], Writer]


@dataclass(frozen=True, slots=True)
class Written:
    """A file that was written."""

    path: Path
    rows: int
    bytes: int
    sha256: str


class Parts:
    """The file of an export, or several of at most `rows` rows each. As a context manager it leaves nothing half done.

    Raises OSError when something cannot be written.
    """

    def __init__(self, path: Path, opener: Opener, *, rows: int | None = None) -> None:
        self._path = path
        self._opener = opener
        self._rows = rows
        self._parts: list[_Part] = []

    def __enter__(self) -> Self:
        self._open()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for part in self._parts:
            part.discard()

    def write(self, chunk: Chunk) -> None:
        """Write some rows, beginning another part where one is full."""
        length, done = len(chunk[0]), 0
        while done < length:
            room = length if self._rows is None else self._rows - self._parts[-1].rows
            if not room:
                self._open()
                continue
            upto = min(done + room, length)
            self._parts[-1].write(chunk if upto - done == length else [column[done:upto] for column in chunk])
            done = upto

    def commit(self) -> list[Written]:
        """Finish the last part, then give every part its name."""
        self._parts[-1].finish()
        return [part.rename() for part in self._parts]

    def _open(self) -> None:
        if self._parts:
            self._parts[-1].finish()
        path = self._path if self._rows is None else numbered(self._path, len(self._parts) + 1)
        self._parts.append(_Part(path, self._opener))


def numbered(path: Path, number: int) -> Path:
    """Return the name of a part: posts-1.csv.gz."""
    packed = path.suffix.lower() == PACKED
    bare = path.with_suffix("") if packed else path
    return path.with_name(f"{bare.stem}-{number}{bare.suffix}{path.suffix if packed else ''}")


def write_bytes(path: Path, data: bytes) -> None:
    """Put a small file in the place of what was there, whole or not at all."""
    with _Replacement(path) as file:
        file.write(data)
        file.rename()


def is_stream(path: Path) -> bool:
    """Tell whether a path is a pipe or a device, which is written to and never replaced."""
    return path.exists() and not path.is_file()


def gzipped(opener: Opener) -> Opener:
    """Return what opens a writer whose stream is compressed on the way."""
    return lambda stream: _Packed(stream, opener)


class _Packed:
    """A writer behind gzip."""

    def __init__(self, stream: BinaryIO, opener: Opener) -> None:
        # without a name or a time in it, the same rows are the same bytes
        self._gzip = gzip.GzipFile(filename="", mode="wb", fileobj=stream, mtime=0, compresslevel=LEVEL)
        self._writer = opener(cast("BinaryIO", self._gzip))

    def write(self, chunk: Chunk) -> None:
        self._writer.write(chunk)

    def finish(self) -> None:
        self._writer.finish()
        self._gzip.close()


class _Replacement(io.RawIOBase):
    """A file under another name, hashed as it is written, that takes its own name at last."""

    def __init__(self, named: Path) -> None:
        self._path = named.resolve()  # what a link points to is replaced, not the link
        descriptor, name = tempfile.mkstemp(prefix=f".{self._path.name}.", suffix=".part", dir=self._path.parent)
        self._temporary: Path | None = Path(name)
        self._file = os.fdopen(descriptor, "wb")
        self._hash = hashlib.sha256()
        self.bytes = 0

    def writable(self) -> bool:
        return True

    def write(self, data: Any, /) -> int:  # noqa: ANN401 - bytes, or what gzip and pyarrow hand over as such
        written = self._file.write(data)
        self._hash.update(data)
        self.bytes += written
        return written

    def tell(self) -> int:
        return self.bytes

    @property
    def sha256(self) -> str:
        return self._hash.hexdigest()

    def settle(self) -> None:
        """Bring all of it to the disk, so that the name never stands before the bytes."""
        if not self._file.closed:
            self._file.flush()
            os.fsync(self._file.fileno())
            self._file.close()

    def rename(self) -> None:
        self.settle()
        if self._temporary is not None:
            _as_other_files(self._temporary, self._path)
            self._temporary.replace(self._path)
            self._temporary = None

    def close(self) -> None:
        """Remove what was not renamed."""
        if self._temporary is not None:
            # what cannot be brought to a full disk is not wanted any more
            with contextlib.suppress(OSError):
                self._file.close()
            self._temporary.unlink(missing_ok=True)
            self._temporary = None
        super().close()


class _Part:
    """One of the files of an export."""

    def __init__(self, path: Path, opener: Opener) -> None:
        self.path = path
        self.rows = 0
        self._file = _Replacement(path)
        try:
            self._writer = opener(cast("BinaryIO", self._file))
        except BaseException:
            self._file.close()
            raise

    def write(self, chunk: Chunk) -> None:
        self._writer.write(chunk)
        self.rows += len(chunk[0])

    def finish(self) -> None:
        self._writer.finish()
        self._file.settle()

    def rename(self) -> Written:
        self._file.rename()
        return Written(self.path, self.rows, self._file.bytes, self._file.sha256)

    def discard(self) -> None:
        self._file.close()


def _as_other_files(temporary: Path, path: Path) -> None:
    """Give the file the rights that writing it in the plain way would have: those of the old one, or by the umask."""
    if path.exists():
        temporary.chmod(path.stat().st_mode & 0o777)
        return
    mask = os.umask(0)
    os.umask(mask)
    temporary.chmod(0o666 & ~mask)
