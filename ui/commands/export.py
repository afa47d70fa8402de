"""`buzz export`: posts, hours, topics or rankings as CSV or JSON lines."""

import difflib
import os
import sys
from collections.abc import Collection
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from collector.errors import ConfigError, InputError
from collector.ranking import title_key
from ui.console import Console
from ui.options import ConfigOption, DbOption, JsonOption, QuietOption
from ui.workspace import Workspace

if TYPE_CHECKING:
    from analysis.export import Export
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


def export(
    what: Annotated[Kind, typer.Argument(help="What to write.")],
    *,
    title: Annotated[str | None, typer.Option("--title", help="Only this title.")] = None,
    since: Annotated[str | None, typer.Option("--from", help="From this day or time on, in UTC.")] = None,
    until: Annotated[str | None, typer.Option("--to", help="To the end of this day, or before this time.")] = None,
    text: Annotated[
        TextChoice, typer.Option("--text", help="Texts of posts: all, those that may be handed on, or none.")
    ] = TextChoice.ALLOWED,
    output: Annotated[
        Path, typer.Option("--output", "-o", help="The file; .gz compresses, - prints.")
    ] = STANDARD_OUTPUT,
    format_: Annotated[FormatChoice, typer.Option("--format", help="CSV, or JSON lines.")] = FormatChoice.CSV,
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
    from analysis.export import Export, Options  # noqa: PLC0415 - pandas would slow every command's start
    from analysis.frames.posts import PostFilter  # noqa: PLC0415 - as above

    if json and output == STANDARD_OUTPUT:
        raise ConfigError("--json tells of a written file: name one with -o FILE")
    first, last = dates.period(since, until)
    options = Options(text=text.value, format=format_.value, raw=raw, pseudonymous=pseudonymous)
    workspace = Workspace.open(config, db, default=True)
    with workspace.reader() as reader:
        name = None if title is None else find_title(title, workspace.config, reader)
        wanted = Export(
            what.value,
            PostFilter(title=name, since=first, until=last),
            rank_names=None if name is None else _rank_names(name, workspace.config),
            options=options,
        )
        _run(reader, wanted, output, Console(json=json, quiet=quiet))


def find_title(written: str, config: "Config", reader: "Reader") -> str:
    """Return the title's name as it is known, letter case ignored. Raises ConfigError with the nearest name."""
    from analysis.frames.hours import titles  # noqa: PLC0415 - pandas would slow every command's start

    known = {title_key(name): name for name in [*titles(reader), *(title.name for title in config.titles)]}
    found = known.get(title_key(written))
    if found is not None:
        return found
    near = difflib.get_close_matches(title_key(written), known, n=1, cutoff=0.4)
    hint = f'; did you mean "{known[near[0]]}"?' if near else ": the config watches no title of that name"
    raise ConfigError(f'no title is called "{written}"{hint}')


def _rank_names(name: str, config: "Config") -> Collection[str]:
    ranked_as = [title.ranked_as for title in config.titles if title.name == name]
    return {title_key(also) for also in [name, *(other for names in ranked_as for other in names)]}


def _run(reader: "Reader", wanted: "Export", output: Path, console: Console) -> None:
    from analysis.export import write_file  # noqa: PLC0415 - pandas would slow every command's start

    if wanted.what == "posts" and wanted.options.text == "all" and not console.quiet:
        console.warn(
            "the texts of X posts are written too: X's terms let at most 500 posts a day be handed to one person, "
            "by hand and not by a service, so keep the file to yourself beyond that"
        )
    if output == STANDARD_OUTPUT:
        _print(reader, wanted)
        return
    rows = write_file(reader, wanted, output)
    if console.json:
        console.result({"what": wanted.what, "file": str(output), "rows": rows}, "")
    else:
        console.say(f"{output}: {rows:,} rows.")


def _print(reader: "Reader", wanted: "Export") -> None:
    from analysis.export import write  # noqa: PLC0415 - pandas would slow every command's start

    try:
        write(reader, wanted, sys.stdout.buffer)
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        _drop_what_is_held()  # the reader has seen enough, as with `| head`: no fault
    except OSError as fault:
        _drop_what_is_held()
        raise InputError(f"standard output cannot be written: {fault.strerror or fault}") from fault


def _drop_what_is_held() -> None:
    """Let what could not be written go nowhere; Python would try again at its end, and exit with its own code."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
