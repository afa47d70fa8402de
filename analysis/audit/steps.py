"""The steps of an audit, for the commands and the app: draw a sample, report, labels out as CSV and in again."""

import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

from analysis.audit import estimates, files, report
from analysis.audit.files import Fault, Line
from analysis.audit.report import Document, InForce
from analysis.audit.sampling import Drawing, draw
from analysis.cells import Chunk, Columns, CsvWriter
from analysis.confusion import Key, Values
from analysis.exports.files import write_bytes
from analysis.exports.tables import allowance, leaving
from analysis.exports.wanted import Options, Text
from analysis.frames import audits as frames
from analysis.frames.reader import Reader
from collector.audits import Drawn, Judgement, add_sample, judge, stored_posts
from collector.clock import now, to_seconds
from collector.errors import InputError
from collector.store import Store

SIZE = 150  # posts of a sample: an hour's work
AT_ONCE = 500  # lines of a file that are stored in one transaction

Row = dict[str, Any]


class Wanted(NamedTuple):
    """Which posts a sample is of; None: of every title, language, or time."""

    title: str | None = None
    language: str | None = None
    since: datetime | None = None
    until: datetime | None = None


class Imported(NamedTuple):
    """What became of the labels of a file: new, stored before; lines that cannot be read; posts that are not here."""

    new: int
    known: int
    faults: Sequence[Fault]
    unknown: Sequence[Fault]


def sample(store: Store, reader: Reader, wanted: Wanted, size: int, seed: int, labeller: str) -> tuple[int, Drawing]:
    """Draw a sample and store it. Returns its number and what was drawn. Raises InputError where there is nothing."""
    drawing = draw_of(frames.candidates(reader, **wanted._asdict()), size, seed)
    times = (None if moment is None else to_seconds(moment) for moment in (wanted.since, wanted.until))
    drawn = Drawn(to_seconds(now()), seed, size, labeller, wanted.title, wanted.language, *times)
    return add_sample(store, drawn, drawing.items), drawing


def draw_of(candidates: Iterator[tuple[int, str, str]], size: int, seed: int) -> Drawing:
    """Draw of these posts. Raises InputError where there are none."""
    drawing = draw(candidates, size, seed)
    if not drawing.items:
        raise InputError("no such post has a class and its words: collect or import posts first, or ask for more")
    return drawing


def newest(reader: Reader, number: int | None) -> int:
    """Return the number of this sample, or of the newest one. Raises InputError where it is not there."""
    known = [int(one) for one in frames.samples(reader)["sample_id"]]
    if not known:
        raise InputError("no sample is drawn yet: `buzz audit sample` draws one")
    if number is None:
        return known[0]
    if number not in known:
        raise InputError(f"there is no sample {number}: there is {', '.join(map(str, sorted(known)))}")
    return number


def reported(reader: Reader, in_force: InForce, number: int | None = None) -> Document:
    """Return what the labels of a sample say, or those of all samples; see analysis.audit.report."""
    samples = frames.samples(reader)
    if number is not None:
        samples = samples[samples["sample_id"] == newest(reader, number)]
    return report.document(frames.labels(reader), frames.items(reader, number), samples, in_force)


def labelled_counts(reader: Reader, in_force: InForce) -> dict[Key, Values]:
    """Return the labels that adjust shares, by engine and language: `labelled` of analysis.confusion.in_force."""
    posts = estimates.labelled_posts(frames.labels(reader), frames.items(reader))
    found = estimates.confusions(posts, in_force.engine, in_force.labeller)
    return {key: one.worth for key, one in found.items()}


def export(reader: Reader, path: Path, text: Text = "allowed") -> int:
    """Write what every person said last to a CSV file, and return how many labels that are. Raises InputError."""
    labels = frames.labels(reader)
    return _write(path, files.COLUMNS, files.chunk(labels, _texts(labels, text)), len(labels))


def export_blank(reader: Reader, path: Path, number: int, who: str, text: Text = "allowed") -> int:
    """Write the posts of a sample that this person has not labelled, without given classes, to be filled in."""
    posts = frames.readings(reader, number, unlabelled_by=who)
    return _write(path, files.BLANK, files.blank_chunk(posts, _texts(posts, text), who), len(posts))


def _texts(posts: Any, text: Text) -> Sequence[str]:  # noqa: ANN401 - a frame; pandas itself is not needed here
    told = {"text": list(posts["text"]), "platform": list(posts["platform"]), "sample": list(posts["invented"])}
    return leaving(told, Options(text=text), allowance(text))


def _write(path: Path, columns: Columns, chunk: Chunk, rows: int) -> int:
    stream = io.BytesIO()
    writer = CsvWriter(stream, columns)
    if rows:
        writer.write(chunk)
    try:
        write_bytes(path, stream.getvalue())
    except OSError as fault:
        raise InputError(f"{path} cannot be written: {fault.strerror or fault}; name another file") from fault
    return rows


def import_file(store: Store, path: Path, who: str) -> Imported:
    """Store the labels of a CSV file; what can be read is kept, what cannot is told by line.

    who: who labelled what names nobody. Raises InputError for a file that is no such table, StoreError.
    """
    try:
        with path.open(encoding="utf-8", errors="surrogateescape", newline="") as lines:
            return import_lines(store, lines, str(path), who)
    except OSError as fault:
        raise InputError(f"{path} cannot be read: {fault.strerror or fault}") from fault


def import_lines(
    store: Store, lines: Iterable[str], label: str, who: str, clock: Callable[[], datetime] = now
) -> Imported:
    """Store the labels of a table's lines, as `import_file`."""
    found = files.read(lines, label, who)
    new = known = 0
    faults: list[Fault] = []
    unknown: list[Fault] = []
    moment = to_seconds(clock())
    while some := list(islice(found, AT_ONCE)):
        faults += [one for one in some if isinstance(one, Fault)]
        told = [one for one in some if isinstance(one, Line)]
        posts = stored_posts(store, [(line.platform, line.native_id) for line in told])
        lines_of: list[Line] = []
        judgements: list[Judgement] = []
        for line in told:
            made = _judgement(line, posts.get((line.platform, line.native_id)), moment)
            if isinstance(made, Fault):
                unknown.append(made)
            else:
                lines_of.append(line)
                judgements.append(made)
        entered = judge(store, judgements)
        unknown += [Fault(lines_of[at].number, "the post has changed this very moment") for at in entered.left]
        new, known = new + entered.new, known + entered.known
    return Imported(new, known, faults, unknown)


def _judgement(line: Line, post: tuple[int, int | None] | None, moment: int) -> Judgement | Fault:
    if post is None:
        return Fault(line.number, f"no post {line.native_id[:80]} of {line.platform[:80]} is stored here")
    post_id, edited_at = post
    at = moment if line.at is None else line.at
    if edited_at is not None and at < edited_at:
        return Fault(line.number, "the post was edited after it was labelled: label it again")
    return Judgement(
        post_id, line.who, line.said, at, line.sarcasm, line.unsure, edited_at, line.given, line.given_by
    )  # fmt: skip
