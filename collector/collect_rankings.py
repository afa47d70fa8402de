"""One pass over a provider of rankings: fetch -> parse -> save; and the import of a file that the user names."""

import gzip
import logging
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

from collector.errors import InputError
from collector.ranking import RankDraft, RankingFile, RankingSource, SkippedLine
from collector.rankings import RANKINGS
from collector.rankings.csv import DEFAULT_PROVIDER
from collector.rankings.netflix import is_header
from collector.records import RankCounts
from collector.store import Store

log = logging.getLogger(__name__)
BATCH = 10_000  # rows a transaction: others get their turn in between, and memory stays small
SHOWN = 20  # lines that could not be read and are shown with their reason; the rest is counted
GZIP = b"\x1f\x8b"
OTHER_KINDS = {
    b"PK\x03\x04": "a zip archive or an Excel file",
    b"\xd0\xcf\x11\xe0": "an old Excel file",
    b"%PDF": "a PDF",
}
DAMAGED = (EOFError, zlib.error, gzip.BadGzipFile, UnicodeDecodeError)
WIDE = (b"\xff\xfe", b"\xfe\xff")  # UTF-16, as Excel's "Unicode text"


@dataclass
class Report:
    """What became of one file: its counts, the span of dates, and the first lines that could not be read."""

    label: str
    provider: str
    counts: RankCounts = field(default_factory=RankCounts)
    skipped: int = 0
    skipped_lines: list[SkippedLine] = field(default_factory=list)
    since: date | None = None
    until: date | None = None

    def skip(self, line: SkippedLine) -> None:
        """Count a line that could not be read, and keep the first few."""
        self.skipped += 1
        if len(self.skipped_lines) < SHOWN:
            self.skipped_lines.append(line)

    def note(self, rows: Iterable[RankDraft]) -> None:
        """Widen the span of dates by these rows."""
        days = [row.date for row in rows]
        self.since = min(filter(None, [self.since, *days]), default=None)
        self.until = max(filter(None, [self.until, *days]), default=None)


def collect_rankings(store: Store, source: RankingSource, folder: Path) -> RankCounts:
    """Run one pass: read the files that changed since the last one. `folder` is for downloads.

    What is saved before an error stays saved; a file's cursor is saved with its last rows, so one that failed is read
    again. Raises RetryLater, Fatal.
    """
    remembered = f"rankings {source.name}"
    total = RankCounts()
    for file in source.fetch(store.cursor(remembered), folder):
        report = read_file(store, type(source), file, cursor_of=remembered)
        total += report.counts
        if report.skipped:
            first = report.skipped_lines[0]
            log.warning(
                "%s: %d lines are left out, the first is line %d: %s",
                file.label,
                report.skipped,
                first.number,
                first.reason,
            )
    return total


def import_file(
    store: Store,
    path: Path,
    *,
    form: str = "auto",
    provider: str | None = None,
    progress: Callable[[int], None] | None = None,
) -> Report:
    """Read a file that the user brings. Safe to run twice: a second time stores nothing.

    form: a registered name, or "auto" to tell by the header. provider: whose ranking it is, for a CSV that does not
    say. progress is told the number of characters read. Raises InputError.
    """
    name = detect(path) if form == "auto" else form
    if provider is not None and name != "csv":
        raise InputError(f"--provider is for CSV files; {path} is read as {name}, whose rows say it themselves")
    file = RankingFile(path.name, path, {})
    return read_file(store, RANKINGS[name], file, provider=provider, progress=progress)


def detect(path: Path) -> str:
    """Tell by its first line whose format a file has. Raises InputError when it cannot be opened."""
    with open_lines(path) as lines:
        first = next(lines, "")
    return "netflix" if is_header(_tabbed(first)) or "hours_viewed_first_" in first else "csv"


def read_file(
    store: Store,
    source: type[RankingSource],
    file: RankingFile,
    *,
    cursor_of: str = "rankings import",
    provider: str | None = None,
    progress: Callable[[int], None] | None = None,
) -> Report:
    """Parse a file and save its rows, batch by batch. Raises InputError when not one line of it can be read."""
    report = Report(file.label, source.name)
    with open_lines(file.path) as lines:
        parsed = source.parse(_watched(lines, progress), file.label)
        rows = (_named(row, provider) for row in _good(parsed, report))
        batch: list[RankDraft] = []
        try:
            for row in rows:
                batch.append(row)
                if len(batch) == BATCH:
                    _save(store, cursor_of, report, batch, {})
                    batch = []
        except DAMAGED:
            _save(store, cursor_of, report, batch, {})
            raise
    if not batch and report.since is None:
        raise InputError(_nothing(report))
    _save(store, cursor_of, report, batch, file.cursor)
    report.counts = replace(report.counts, read=report.counts.read + report.skipped)
    return report


def _save(
    store: Store, cursor_of: str, report: Report, rows: list[RankDraft], cursor: Mapping[str, str | None]
) -> None:
    report.counts += store.save_ranks(cursor_of, report.label, rows, cursor)
    report.note(rows)


def _good(parsed: Iterable[RankDraft | SkippedLine], report: Report) -> Iterator[RankDraft]:
    for row in parsed:
        if isinstance(row, SkippedLine):
            report.skip(row)
        else:
            yield row


def _named(row: RankDraft, provider: str | None) -> RankDraft:
    """Put in the provider that the user named, where the file names none."""
    return replace(row, provider=provider) if provider and row.provider == DEFAULT_PROVIDER else row


def _nothing(report: Report) -> str:
    if not report.skipped:
        return f"{report.label} has a header and no rows; nothing was taken over"
    first = report.skipped_lines[0]
    return f"not one of the {report.skipped} lines of {report.label} can be read; line {first.number} {first.reason}"


def _watched(lines: Iterable[str], progress: Callable[[int], None] | None) -> Iterator[str]:
    """Pass lines on and tell how far we are."""
    done = 0
    for number, line in enumerate(lines):
        done += len(line)
        if progress is not None and number % 1000 == 0:
            progress(done)
        yield line


def _tabbed(line: str) -> list[str]:
    return line.removeprefix("\ufeff").rstrip("\r\n").split("\t")


@contextmanager
def open_lines(path: Path) -> Iterator[Iterator[str]]:
    """Open a text file, gzipped or not, as lines. Bytes that are no UTF-8 become lone surrogates, for parsers to find.

    Raises InputError for what cannot be read, now or in the middle of the file.
    """
    try:
        with path.open("rb") as raw:
            start = raw.read(4)
            raw.seek(0)
            _check_kind(start, path)
            encoding = "utf-16" if start[:2] in WIDE else "utf-8-sig"
            if start[:2] == GZIP:
                with gzip.open(raw, "rt", encoding=encoding, errors="surrogateescape") as lines:
                    yield iter(lines)
            else:
                with path.open(encoding=encoding, errors="surrogateescape") as lines:
                    yield iter(lines)
    except DAMAGED as fault:
        raise InputError(f"{path} is cut off or damaged; what came before is saved, get the file anew") from fault
    except OSError as fault:
        raise InputError(f"{path} cannot be read: {fault.strerror or fault}") from fault


def _check_kind(start: bytes, path: Path) -> None:
    for sign, kind in OTHER_KINDS.items():
        if start.startswith(sign):
            raise InputError(f"{path} is {kind}; save the table as CSV and import that")
