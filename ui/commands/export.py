"""`buzz export`: posts, hours, topics or rankings as CSV, JSON lines or Parquet."""

import difflib
import os
import sys
from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from collector.errors import ConfigError, InputError
from collector.ranking import title_key
from ui.console import Console
from ui.options import ConfigOption, DbOption, JsonOption, QuietOption
from ui.workspace import Workspace

if TYPE_CHECKING:
    from analysis.export import Export, Report
    from analysis.frames.reader import Reader
    from collector.config import Config

STANDARD_OUTPUT = Path("-")


class Kind(StrEnum):
    """What can be exported."""

    POSTS = "posts"
    HOURS = "hours"
    TOPICS = "topics"
    RANKINGS = "rankings"


class TextChoice(StrEnum):
    """Which texts of posts leave."""

    ALL = "all"
    ALLOWED = "allowed"
    NONE = "none"


class FormatChoice(StrEnum):
    """How rows are written."""

    CSV = "csv"
    JSONL = "jsonl"
    PARQUET = "parquet"


def export(
    what: Annotated[Kind, typer.Argument(help="What to write.")],
    *,
    title: Annotated[str | None, typer.Option("--title", help="Only this title.")] = None,
    since: Annotated[str | None, typer.Option("--from", help="From this day or time on, in UTC.")] = None,
    until: Annotated[str | None, typer.Option("--to", help="To the end of this day, or before this time.")] = None,
    search: Annotated[
        str | None, typer.Option("--search", help="Only posts that answer to this search; docs/search.md tells how.")
    ] = None,
    text: Annotated[
        TextChoice, typer.Option("--text", help="Texts of posts: all, those that may be handed on, or none.")
    ] = TextChoice.ALLOWED,
    output: Annotated[
        Path, typer.Option("--output", "-o", help="The file; .gz compresses, - prints.")
    ] = STANDARD_OUTPUT,
    format_: Annotated[
        FormatChoice | None, typer.Option("--format", help="CSV, JSON lines or Parquet; by the name, else CSV.")
    ] = None,
    split: Annotated[
        str | None,
        typer.Option("--split", metavar="excel|ROWS", help="Files FILE-1, FILE-2, … of so many rows, the header one."),
    ] = None,
    gzip: Annotated[bool, typer.Option("--gzip", help="Compress, whatever the file's name.")] = False,
    manifest: Annotated[
        bool, typer.Option("--manifest/--no-manifest", help="Tell beside a file what is in it: FILE.manifest.json.")
    ] = True,
    raw: Annotated[
        bool, typer.Option("--raw", help="For programs: no byte order mark, no apostrophe before formulas.")
    ] = False,
    pseudonymous: Annotated[
        bool, typer.Option("--pseudonymous", help="Drop uri, url and id; mask handles and links in texts.")
    ] = False,
    config: ConfigOption = None,
    db: DbOption = None,
    json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Write posts, hourly totals, topics or rankings as a table; docs/export.md tells the columns."""
    from analysis import dates  # noqa: PLC0415 - as below
    from analysis.exports.wanted import Export, Options  # noqa: PLC0415 - SQLAlchemy would slow every command's start
    from analysis.frames.posts import PostFilter  # noqa: PLC0415 - as above
    from analysis.search import parse  # noqa: PLC0415 - as above

    if json and output == STANDARD_OUTPUT:
        raise ConfigError("--json tells of a written file: name one with -o FILE")
    if search is not None and what is not Kind.POSTS:
        raise ConfigError(f"--search finds posts and cannot narrow {what.value}: take it away, or export posts")
    parse(search or "")  # what cannot be read is told before anything is written
    first, last = dates.period(since, until)
    to = Target(output, format_of(format_, output), rows_of(split), gzip, manifest)
    to.check()
    options = Options(text=text.value, format=to.format.value, raw=raw, pseudonymous=pseudonymous)
    workspace = Workspace.open(config, db, default=True)
    with workspace.reader() as reader:
        name = None if title is None else find_title(title, workspace.config, reader)
        wanted = Export(
            what.value,
            PostFilter(title=name, since=first, until=last, search=search),
            rank_names=None if name is None else _rank_names(name, workspace.config),
            options=options,
        )
        _run(reader, wanted, to, Console(json=json, quiet=quiet))


@dataclass(frozen=True, slots=True)
class Target:
    """Where an export goes and in which form. rows: how many a file may have at most, None: all in one."""

    path: Path
    format: FormatChoice
    rows: int | None
    packed: bool
    manifest: bool

    def check(self) -> None:
        """Refuse what cannot go together. Raises ConfigError."""
        printed = self.path == STANDARD_OUTPUT
        if printed and self.rows is not None:
            raise ConfigError("--split writes files: name one with -o FILE")
        if self.format is FormatChoice.PARQUET and printed:
            raise ConfigError("Parquet is written to a file: name one with -o FILE.parquet")
        if self.format is FormatChoice.PARQUET and (self.packed or self.path.suffix.lower() == ".gz"):
            raise ConfigError("Parquet is compressed by itself: leave out --gzip and .gz")


def format_of(asked: FormatChoice | None, output: Path) -> FormatChoice:
    """Return the format that was asked for, else the one that the file's name ends in, else CSV."""
    if asked is not None:
        return asked
    return FormatChoice.PARQUET if output.suffix.lower() == ".parquet" else FormatChoice.CSV


def rows_of(split: str | None) -> int | None:
    """Read --split: how many rows a file may have, the header one of them. Raises ConfigError."""
    from analysis.exports.wanted import EXCEL, SMALLEST  # noqa: PLC0415 - as in export

    if split is None or split.strip().lower() == "excel":
        return None if split is None else EXCEL
    digits = split.replace(",", "").replace("_", "").strip()
    if not digits.isdecimal() or int(digits) < SMALLEST:
        raise ConfigError(f'--split "{split}" is neither excel nor a number of rows from {SMALLEST} on')
    return int(digits)


def find_title(written: str, config: "Config", reader: "Reader") -> str:
    """Return the title's name as it is known, letter case ignored. Raises ConfigError with the nearest name."""
    from analysis.frames.facts import title_names  # noqa: PLC0415 - as in export

    known = {title_key(name): name for name in [*title_names(reader), *(title.name for title in config.titles)]}
    found = known.get(title_key(written))
    if found is not None:
        return found
    near = difflib.get_close_matches(title_key(written), known, n=1, cutoff=0.4)
    hint = f'; did you mean "{known[near[0]]}"?' if near else ": the config watches no title of that name"
    raise ConfigError(f'no title is called "{written}"{hint}')


def _rank_names(name: str, config: "Config") -> Collection[str]:
    ranked_as = [title.ranked_as for title in config.titles if title.name == name]
    return {title_key(also) for also in [name, *(other for names in ranked_as for other in names)]}


def _run(reader: "Reader", wanted: "Export", to: Target, console: Console) -> None:
    from analysis.export import write_file  # noqa: PLC0415 - as in export

    if wanted.what == "posts" and wanted.options.text == "all" and not console.quiet:
        console.warn(
            "the texts of X posts are written too, of 500 at most: X's terms let no more than that be handed to one "
            "person a day, by hand and not by a service, so hand on one such file a day"
        )
    if to.path == STANDARD_OUTPUT:
        _print(reader, wanted, packed=to.packed)
        return
    report = write_file(reader, wanted, to.path, split=to.rows, packed=to.packed, with_manifest=to.manifest)
    if console.json:
        console.result(_told(wanted, to, report), "")
    else:
        parts = f" in {len(report.files):,} files" if len(report.files) > 1 else ""
        name = to.path if len(report.files) != 1 else report.files[0].path
        console.say(f"{name}: {report.rows:,} rows{parts}.")


def _told(wanted: "Export", to: Target, report: "Report") -> dict[str, Any]:
    return {
        "what": wanted.what,
        "file": str(to.path),
        "rows": report.rows,
        "files": [{"file": str(file.path), "rows": file.rows, "sha256": file.sha256} for file in report.files],
        "manifest": None if report.manifest is None else str(report.manifest),
    }


def _print(reader: "Reader", wanted: "Export", *, packed: bool) -> None:
    from analysis.export import write  # noqa: PLC0415 - as in export

    try:
        write(reader, wanted, sys.stdout.buffer, packed=packed)
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        _drop_what_is_held()  # the reader has seen enough, as with `| head`: no fault
    except OSError as fault:
        _drop_what_is_held()
        raise InputError(f"standard output cannot be written: {fault.strerror or fault}") from fault


def _drop_what_is_held() -> None:
    """Let what could not be written go nowhere; Python would try again at its end, and exit with its own code."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
