"""Brings files into the store: batches of posts, each with the place in the file, so that a kill loses nothing."""

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from sqlalchemy import select

from collector.archive.detect import Kind, detect
from collector.archive.format import FORMATS, TABLE, Gone
from collector.archive.read import CutShort, Opened, Record, opening
from collector.archive.table import Table
from collector.author import AuthorKeys
from collector.collect import Origin, Prepares, Reads, Saver
from collector.config import Config
from collector.errors import ConfigError, SkipItem
from collector.models import Post, table
from collector.reading import parse_time
from collector.records import Counts
from collector.source import Coverage, JsonObject, Page, PostDraft
from collector.store import Store

SOURCE = "archive"
BATCH = 1000  # posts in one transaction
HEAD = 65_536  # bytes that tell one file from another of the same size
SHOWN_FAULTS = 5
UNDECLARED = "the file does not say whether it is complete; --complete-from and --complete-to do"
Progress = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Options:
    """How files are to be read. `platform` is whose posts a table holds; `columns` maps our fields to its columns."""

    format: str = "auto"
    platform: str | None = None
    columns: Mapping[str, str] = field(default_factory=dict)
    keep_all: bool = False
    sample: bool = False


@dataclass
class ImportReport:
    """What became of the files: the counts, the first faults with their lines, and what was cut short."""

    counts: Counts = field(default_factory=Counts)
    faults: list[str] = field(default_factory=list)
    reasons: dict[str, int] = field(default_factory=dict)
    cut_short: list[str] = field(default_factory=list)
    deleted: int = 0
    ignored: int = 0  # records that are no posts, such as likes and follows

    def skip(self, place: str, reason: str) -> None:
        """Note what could not be read."""
        self.reasons[reason] = self.reasons.get(reason, 0) + 1
        if len(self.faults) < SHOWN_FAULTS:
            self.faults.append(f"{place}: {reason}")


def import_files(
    store: Store,
    config: Config,
    files: Sequence[Path],
    *,
    options: Options | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    progress: Progress | None = None,
    prepare: Prepares | None = None,
) -> ImportReport:
    """Read files into the store. `since` and `until` are the window in which they hold every post, where that is known.

    `prepare` computes what new posts need besides themselves, such as their labels, while others are read.
    `progress` is told the bytes read so far, over all files. Every file is looked at before the first is read.
    Raises InputError for a file of the wrong kind, ConfigError for wrong options, StoreError.
    """
    options = options or Options()
    if options.format not in {"auto", TABLE, *FORMATS}:
        raise ConfigError(f"--format {options.format} is unknown; use auto, {', '.join(FORMATS)} or {TABLE}")
    kinds = [detect(path, options.format) for path in files]
    for path, kind in zip(files, kinds, strict=True):
        if kind.format is None and options.platform is None:
            raise ConfigError(f"{path} is a table: say whose posts it holds, as with --platform x")
    report = ImportReport()
    authors = AuthorKeys.load()
    done = 0
    for path, kind in zip(files, kinds, strict=True):
        saver = Saver(store, config.titles, authors, prepare=prepare)
        reading = _Reading(saver, path, kind, options, report, since, until)
        saver.on_skip = reading.on_skip
        reading.run(_key(path, options, config), _after(done, progress))
        done += path.stat().st_size
    return report


def _after(done: int, progress: Progress | None) -> Progress:
    """Return a progress that counts on from the files before this one."""
    return lambda position: progress(done + position) if progress else None


def _key(path: Path, options: Options, config: Config) -> str:
    """Return what a file's place is kept under: its content, and everything that decides what becomes of it."""
    with path.open("rb") as file:
        head = file.read(HEAD)
    asked = repr((path.stat().st_size, options, config.titles)).encode()
    return hashlib.blake2b(head + asked, digest_size=16).hexdigest()


@dataclass
class _Reading:
    """One file on its way into the store: what it holds, and the posts that wait for the next batch."""

    saver: Saver
    path: Path
    kind: Kind
    options: Options
    report: ImportReport
    since: datetime | None
    until: datetime | None
    first: datetime | None = None  # of the posts read
    last: datetime | None = None
    items: list[JsonObject] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)

    @property
    def platform(self) -> str:
        """Return whose posts these are."""
        return self.options.platform or (self.kind.format.platform if self.kind.format else "")

    def run(self, key: str, tell: Progress) -> None:
        """Read the file from where an earlier run was killed, or from its start."""
        start = self._resume(key)
        with opening(self.path) as file:
            records, parse = self._open(file)
            origin = Origin(
                SOURCE,
                self.platform,
                _draft,
                keep_all=self.options.keep_all,
                keep_raw=False,  # the file itself is the raw data
                sample=self.options.sample,
            )
            done = 0
            try:
                for done, record in enumerate(records, start=1):
                    if done > start:
                        self._take(origin, record, parse)
                    if len(self.items) + len(self.gone) >= BATCH:
                        self._save(origin, {key: self._place(done)})
                        tell(file.position)
            except CutShort as fault:
                self.report.cut_short.append(f"{self.path} is cut short: {fault}; the {done:,} records before are in")
            self._save(origin, {key: None}, ends=True)
            self.report.counts += self.saver.flush()
            tell(file.position)

    def _open(self, file: Opened) -> tuple[Iterator[Record], Reads]:
        if self.kind.format is None:
            rows = Table(self.path, file, self.platform, self.options.columns)
            return rows.records(), rows.parse
        return self.kind.records(file), self.kind.format.parse

    def _resume(self, key: str) -> int:
        """Return how many records are in already, and remember the times seen in them."""
        place = self.saver.store.cursor(SOURCE).get(key)
        if place is None:
            return 0
        done, *times = place.split()
        self.first, self.last = (parse_time(time) for time in times) if times else (None, None)
        return int(done)

    def _place(self, done: int) -> str:
        times = [time.isoformat() for time in (self.first, self.last) if time]
        return " ".join([str(done), *times])

    def _take(self, origin: Origin, record: Record, parse: Reads) -> None:
        """Sort what a record holds: posts to save, posts to delete, and what is neither."""
        if record.fault:
            self.items.append({"line": record.number, "fault": record.fault})
            return
        found = self.kind.format.items(record.value) if self.kind.format else iter([record.value])
        try:
            for item in found:
                if item is None:
                    self.report.ignored += 1
                elif isinstance(item, Gone):
                    self._forget(origin, item)
                else:
                    self._take_post(record.number, item, parse)
        except SkipItem as fault:
            self.items.append({"line": record.number, "fault": str(fault)})

    def _take_post(self, line: int, item: JsonObject, parse: Reads) -> None:
        try:
            draft = parse(item)
        except SkipItem as fault:
            self.items.append({"line": line, "fault": str(fault)})
            return
        self._note(draft.created_at)
        if draft.platform != self.platform:
            draft = draft._replace(platform=self.platform)
        self.items.append({"line": line, "draft": draft})

    def _forget(self, origin: Origin, gone: Gone) -> None:
        """Take a post, or all posts of an author, out again; those read just before must be in the store for that."""
        if not gone.whole_author:
            self.gone.append(gone.native_id)
            return
        self._save(origin, {})
        self.report.counts += self.saver.flush()
        self.gone += _ids_of_author(self.saver.store, self.platform, gone.native_id)

    def _save(self, origin: Origin, cursor: Mapping[str, str | None], *, ends: bool = False) -> None:
        page = Page(self.path.name, self.items, cursor, deleted=self.gone)
        if ends:
            page = self._covering(page)
        self.report.counts += self.saver.save(origin, page)
        self.report.deleted += len(self.gone)
        self.items, self.gone = [], []

    def _covering(self, page: Page) -> Page:
        """Say for which time the file speaks: a file tells what it holds, only its owner knows what it lacks."""
        since, until = self.since or self.first, self.until or self.last
        is_complete = self.since is not None and self.until is not None
        return replace(
            page,
            since=since,
            until=until,
            coverage=Coverage.COVERED if is_complete else Coverage.PARTIAL,
            reason="" if is_complete else UNDECLARED,
        )

    def _note(self, moment: datetime) -> None:
        self.first = min(self.first or moment, moment)
        self.last = max(self.last or moment, moment)

    def on_skip(self, item: JsonObject, fault: SkipItem) -> None:
        """Note what could not be read, with its line."""
        self.report.skip(f"{self.path.name} line {item['line']}", str(fault))


def _draft(item: JsonObject) -> PostDraft:
    """Return the post that was read, or raise why it could not be."""
    if "fault" in item:
        raise SkipItem(item["fault"])
    draft: PostDraft = item["draft"]
    return draft


def _ids_of_author(store: Store, platform: str, prefix: str) -> Sequence[str]:
    """Return the ids of all posts that begin so, as those of one Bluesky account do."""
    with store.reading() as connection:
        posts = table(Post).c
        chosen = select(posts.native_id).where(
            posts.platform == platform, posts.native_id.startswith(prefix, autoescape=True)
        )
        return list(connection.execute(chosen).scalars())
