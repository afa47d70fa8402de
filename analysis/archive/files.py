"""Where an archive keeps what: platform=…/day=… folders, in each a manifest that names the one file that counts.

A file is written under a passing name, synced and renamed; then the manifest is replaced in one step. Whatever dies in
between leaves the former content in place, and what it left lying about is swept by the next writer.
"""

import os
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any, Self
from urllib.parse import quote, unquote

import orjson
from filelock import FileLock, Timeout

from collector.clock import from_seconds, to_seconds
from collector.errors import BusyError, InputError
from collector.whole_posts import Day

FORMAT = 1
IDENTITY, MANIFEST, LOCK = "archive.json", "manifest.json", ".lock"
PASSING = ".tmp-"


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a partition holds. `digest` is of its rows, whatever the file's compression.

    `labelled_by` are the versions found on posts about titles that have words, `unlabelled` how many posts about titles
    have no labels.
    `dropped` tells that the posts are no more in the database, so that this file is all there is.
    """

    file: str
    posts: int
    digest: str
    unlabelled: int = 0
    labelled_by: list[dict[str, str]] = field(default_factory=list)
    least_id: str | None = None
    greatest_id: str | None = None
    dropped: bool = False
    format: int = FORMAT

    def is_labelled_by(self, versions: Mapping[str, str]) -> bool:
        """Tell whether every post that needs labels has those of these versions."""
        return self.unlabelled == 0 and all(found == dict(versions) for found in self.labelled_by)

    def may_hold(self, native_id: str) -> bool:
        """Tell whether an id lies within those of this partition."""
        return self.least_id is not None and self.least_id <= native_id <= (self.greatest_id or "")


@dataclass(frozen=True, slots=True)
class Partition:
    """The folder of one platform and day."""

    folder: Path
    day: Day

    @classmethod
    def at(cls, folder: Path) -> Self:
        """Read platform and day from a folder's name. Raises InputError."""
        platform, day = folder.parent.name.partition("="), folder.name.partition("=")
        try:
            moment = datetime.fromisoformat(f"{date.fromisoformat(day[2])}T00:00:00+00:00")
        except ValueError as fault:
            raise InputError(f"{folder} is not named as a day of an archive (day=2022-01-28)") from fault
        return cls(folder, Day(unquote(platform[2]), to_seconds(moment)))

    def manifest(self) -> Manifest | None:
        """Return what is there, None where nothing is. Raises InputError for what cannot be read."""
        path = self.folder / MANIFEST
        try:
            found = orjson.loads(path.read_bytes())
            if found["format"] > FORMAT:
                raise InputError(f"{path} was written by a newer version: upgrade buzzchart (pip install -U buzzchart)")
            return Manifest(**found)
        except FileNotFoundError:
            return None
        except (OSError, ValueError, KeyError, TypeError) as fault:
            raise InputError(f"{path} cannot be read: {fault}") from fault

    def file(self) -> Path:
        """Return the file that holds the posts. Raises InputError where there is none."""
        manifest = self.manifest()
        if manifest is None or not (self.folder / manifest.file).is_file():
            raise InputError(f"{self.folder} has lost its file of posts: restore the archive from a backup")
        return self.folder / manifest.file

    def passing(self) -> Path:
        """Return a name of its own for a file that is still being written, in a folder that is there."""
        self.folder.mkdir(parents=True, exist_ok=True)
        return self.folder / f"{PASSING}{uuid.uuid4().hex}"

    def commit(self, written: Path, manifest: Manifest) -> None:
        """Put a written file in place of the former one. Raises OSError."""
        _sync(written)
        written.replace(self.folder / manifest.file)
        self.note(manifest)
        self._sweep(manifest)

    def note(self, manifest: Manifest) -> None:
        """Replace the manifest in one step. Raises OSError."""
        _replace(self.folder / MANIFEST, asdict(manifest))

    def keep(self, written: Path, manifest: Manifest) -> None:
        """Leave the content as it is, and note only what the manifest tells beside it. Raises OSError."""
        written.unlink()
        if self.manifest() != manifest:
            self.note(manifest)
        self._sweep(manifest)

    def mark_dropped(self) -> None:
        """Note that the database has these posts no more. Raises OSError, InputError."""
        manifest = self.manifest()
        if manifest is not None and not manifest.dropped:
            self.note(replace(manifest, dropped=True))

    def _sweep(self, manifest: Manifest) -> None:
        for path in self.folder.iterdir():
            if path.name not in {manifest.file, MANIFEST} and path.name.startswith((PASSING, "posts-")):
                path.unlink(missing_ok=True)

    def __str__(self) -> str:
        return f"{self.day.platform} {from_seconds(self.day.start):%Y-%m-%d}"


@dataclass(frozen=True, slots=True)
class Archive:
    """A folder of partitions, with an id by which a database knows it again."""

    folder: Path
    id: str

    @classmethod
    def open(cls, folder: Path, *, make: bool = False) -> Self:
        """Open an archive; with `make` an empty or missing folder becomes one. Raises InputError."""
        path = folder / IDENTITY
        try:
            if make and not path.exists():
                folder.mkdir(parents=True, exist_ok=True)
                if any(found.name != LOCK for found in folder.iterdir()):
                    raise InputError(f"{folder} holds other files and no archive: name an empty or a new folder")
                _replace(path, {"id": uuid.uuid4().hex, "format": FORMAT})
            return cls(folder.resolve(), str(orjson.loads(path.read_bytes())["id"]))
        except FileNotFoundError as fault:
            raise InputError(f"{folder} is no archive: `buzz archive {folder}` makes one") from fault
        except OSError as fault:
            raise InputError(f"{folder} cannot be used as an archive: {fault.strerror or fault}") from fault
        except (ValueError, KeyError) as fault:
            raise InputError(f"{path} cannot be read: restore the archive from a backup") from fault

    def partition(self, day: Day) -> Partition:
        """Return the place of a day, whether something is there or not."""
        name = f"{from_seconds(day.start):%Y-%m-%d}"
        return Partition(self.folder / f"platform={quote(day.platform, safe='')}" / f"day={name}", day)

    def partitions(self) -> list[Partition]:
        """Return every partition that holds something, in order."""
        folders = sorted(path.parent for path in self.folder.glob(f"platform=*/day=*/{MANIFEST}"))
        return sorted((Partition.at(folder) for folder in folders), key=lambda found: found.day)


@contextmanager
def only_writer(folder: Path) -> Iterator[None]:
    """Hold the lock of an archive's folder. Raises BusyError when another process has it, InputError without folder."""
    lock = FileLock(folder / LOCK)
    try:
        lock.acquire(timeout=0)
    except Timeout as fault:
        raise BusyError(f"another `buzz archive` or `buzz relabel` works in {folder}: let it finish first") from fault
    except OSError as fault:
        raise InputError(f"{folder} cannot be written: {fault.strerror or fault}") from fault
    try:
        yield
    finally:
        lock.release()


@contextmanager
def opened(folder: Path, *, make: bool = False) -> Iterator[Archive]:
    """Open an archive for its one writer. Raises InputError, BusyError, and InputError for what OSError says in it."""
    try:
        Archive.open(folder, make=make)
        with only_writer(folder):
            yield Archive.open(folder)  # again: two that began it at the same time agree on one id
    except OSError as fault:
        said = fault.strerror or str(fault)
        raise InputError(f"{folder} cannot be written ({said}): what is done is kept, run it again") from fault


def _replace(path: Path, content: Any) -> None:  # noqa: ANN401 - anything that JSON can hold
    passing = path.with_name(f"{PASSING}{uuid.uuid4().hex}")
    passing.write_bytes(orjson.dumps(content, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))
    _sync(passing)
    passing.replace(path)


def _sync(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())
