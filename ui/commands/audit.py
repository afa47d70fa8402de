"""`buzz audit`: draw posts, label them by hand, and see how often the labellers are right."""

import secrets
import sys
from collections.abc import Iterator, Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from collector.errors import ConfigError, InputError
from ui.auditing import HELP, Said, Shown, walk
from ui.console import Console
from ui.options import ConfigOption, DbOption, JsonOption, QuietOption
from ui.workspace import Workspace

if TYPE_CHECKING:
    from datetime import datetime

    import pandas as pd

    from analysis.audit.files import Fault
    from analysis.audit.sampling import Drawing
    from analysis.audit.steps import Wanted
    from analysis.frames.reader import Reader
    from collector.store import Store

audit = typer.Typer(
    help="Label a random sample of posts by hand, and see how often the labellers are right.", no_args_is_help=True
)
ME = "me"
SEEDS = 2**31
SHOWN = 20  # faults told one by one; the rest is counted


class TextChoice(StrEnum):
    """Which texts of posts leave."""

    ALL = "all"
    ALLOWED = "allowed"
    NONE = "none"


ByOption = Annotated[str, typer.Option("--by", help="Who labels.")]
SampleOption = Annotated[int | None, typer.Option("--sample", min=1, help="The number of the sample.")]


@audit.command("sample")
def sample(
    *,
    title: Annotated[str | None, typer.Option("--title", help="Only posts about this title.")] = None,
    since: Annotated[str | None, typer.Option("--since", help="Written from this day or time on, in UTC.")] = None,
    until: Annotated[str | None, typer.Option("--until", help="To the end of this day, or before this time.")] = None,
    language: Annotated[str | None, typer.Option("--language", help="Only this language, such as ko.")] = None,
    size: Annotated[int, typer.Option("--size", min=30, max=10_000, help="How many posts.")] = 150,
    seed: Annotated[
        int | None, typer.Option("--seed", min=0, max=SEEDS, help="The same number draws the same posts; else chance.")
    ] = None,
    config: ConfigOption = None,
    db: DbOption = None,
    json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Draw a random sample to label: as many posts of each language and class, and for how many each stands.

    Of posts about watched titles that have a class and still have their words.
    """
    from analysis import dates  # noqa: PLC0415 - SQLAlchemy and VADER would slow every command's start
    from analysis.audit import steps  # noqa: PLC0415 - as above
    from analysis.audit.report import in_force  # noqa: PLC0415 - as above

    console = Console(json=json, quiet=quiet)
    first, last = dates.since(since, "--since"), dates.until(until, "--until")
    _check_order(first, last)
    workspace = Workspace.open(config, db, default=True)
    number = secrets.randbelow(SEEDS) if seed is None else seed
    with workspace.store() as store, workspace.reader() as reader:
        name = None if title is None else _title(title, workspace, reader)
        wanted = steps.Wanted(name, language, first, last)
        made, drawing = steps.sample(store, reader, wanted, size, number, in_force(workspace.config).labeller)
    told = _told_sample(made, drawing, wanted, size, number)
    console.result(told, _said_sample(told))


def _check_order(first: "datetime | None", last: "datetime | None") -> None:
    if first is not None and last is not None and first >= last:
        raise ConfigError("--since is not before --until: swap them")


def _title(written: str, workspace: Workspace, reader: "Reader") -> str:
    from ui.commands.export import find_title  # noqa: PLC0415 - as in sample

    return find_title(written, workspace.config, reader)


def _told_sample(number: int, drawing: "Drawing", wanted: "Wanted", size: int, seed: int) -> dict[str, Any]:
    items = drawing.items
    strata = [
        {
            "language": stratum.language,
            "given": stratum.given,
            "posts": count,
            "drawn": sum((item.language, item.given) == stratum for item in items),
        }
        for stratum, count in sorted(drawing.sizes.items())
    ]
    times = {name: None if value is None else value.isoformat() for name, value in _times(wanted)}
    told = {"sample": number, "title": wanted.title, "language": wanted.language, **times, "size": size, "seed": seed}
    return told | {"drawn": len(items), "posts": sum(drawing.sizes.values()), "strata": strata}


def _times(wanted: "Wanted") -> "Sequence[tuple[str, datetime | None]]":
    return (("since", wanted.since), ("until", wanted.until))


def _said_sample(told: dict[str, Any]) -> str:
    of = f" about {told['title']}" if told["title"] else ""
    lines = [f"Sample {told['sample']}: {told['drawn']:,} of {told['posts']:,} posts{of}, seed {told['seed']}."]
    lines += [f"  {one['language']} {one['given']}: {one['drawn']:,} of {one['posts']:,}" for one in told["strata"]]
    if told["drawn"] < told["size"]:
        lines.append(f"There are no more than {told['drawn']:,} such posts; fewer than 30 labels say nothing.")
    return "\n".join([*lines, f"Label them with `buzz audit label --sample {told['sample']}`."])


@audit.command("label")
def label(
    *,
    by: ByOption = ME,
    number: SampleOption = None,
    config: ConfigOption = None,
    db: DbOption = None,
    json: JsonOption = False,
) -> None:
    """Show the posts of a sample one by one, without their given class, and take a key for each.

    p positive, n negative, u neutral, s skip, x sarcasm, ? not sure, b back, q quit. Each label is stored at once, and
    the next run goes on with what is left. Keys may come on standard input. Without --sample: the newest sample.
    """
    from analysis.audit import steps  # noqa: PLC0415 - as in sample
    from analysis.frames.audits import readings  # noqa: PLC0415 - as in sample

    console = Console(json=json)
    who = _name(by)
    workspace = Workspace.open(config, db, default=True)
    with workspace.store() as store, workspace.reader() as reader:
        chosen = steps.newest(reader, number)
        posts = _shown(readings(reader, chosen, unlabelled_by=who))
        console.say(f"Sample {chosen}: {len(posts):,} posts to label. {HELP}")
        walked = walk(posts, _keys(), console.say, lambda post, said: _save(store, who, post, said))
    left = len(posts) - walked.labelled
    told = {"sample": chosen, "by": who, "labelled": walked.labelled, "skipped": walked.skipped, "left": left}
    console.result(told, f"{walked.labelled:,} labelled, {left:,} left. `buzz audit report` tells what they say.")


def _name(written: str) -> str:
    from collector.audits import name_of  # noqa: PLC0415 - as in sample

    try:
        return name_of(written)
    except ValueError as fault:
        raise ConfigError(f"--by: {fault}") from fault


def _shown(posts: "pd.DataFrame") -> list[Shown]:
    cells: list[list[Any]] = [list(posts[name]) for name in Shown._fields]
    rows = (dict(zip(Shown._fields, row, strict=True)) for row in zip(*cells, strict=True))
    return [Shown(**row | {"edited_at": _known(row["edited_at"])}) for row in rows]


def _known(value: Any) -> int | None:  # noqa: ANN401 - a cell of a frame
    import pandas as pd  # noqa: PLC0415 - as in sample

    return None if pd.isna(value) else int(value)


def _keys() -> Iterator[str]:
    """Yield the keys that are pressed; from a pipe, what it holds but white space."""
    if not sys.stdin.isatty():
        while char := sys.stdin.read(1):
            if not char.isspace():
                yield char
        return
    while True:
        try:
            yield typer.getchar()
        except EOFError:
            return


def _save(store: "Store", who: str, post: Shown, said: Said) -> bool:
    from collector.audits import Judgement, judge  # noqa: PLC0415 - as in sample
    from collector.clock import now, to_seconds  # noqa: PLC0415 - as in sample

    one = Judgement(
        post.post_id, who, said.sentiment, to_seconds(now()), said.sarcasm, said.unsure, post.edited_at
    )  # fmt: skip
    return not judge(store, [one]).left


@audit.command("report")
def report(
    *,
    number: SampleOption = None,
    config: ConfigOption = None,
    db: DbOption = None,
    json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Say how often the classes are right, by what people labelled: with intervals, by language and class, over time.

    Without --sample: of all samples. Under 30 posts say nothing.
    """
    from analysis.audit import steps  # noqa: PLC0415 - as in sample
    from analysis.audit.report import in_force, sentences  # noqa: PLC0415 - as in sample

    workspace = Workspace.open(config, db, default=True)
    with workspace.reader() as reader:
        told = steps.reported(reader, in_force(workspace.config), number)
    Console(json=json, quiet=quiet).result(told, "\n".join(sentences(told)))


@audit.command("export")
def export(
    file: Annotated[Path, typer.Argument(help="The CSV file to write.")],
    *,
    blank: Annotated[
        bool, typer.Option("--blank", help="What --by has not labelled yet, without given classes, to be filled in.")
    ] = False,
    by: ByOption = ME,
    number: SampleOption = None,
    text: Annotated[
        TextChoice, typer.Option("--text", help="Texts of posts: all, those that may be handed on, or none.")
    ] = TextChoice.ALLOWED,
    config: ConfigOption = None,
    db: DbOption = None,
    json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Write the labels that people gave to a CSV file, or with --blank the posts that wait for one.

    --by and --sample are for --blank; without --sample it is the newest.
    """
    from analysis.audit import steps  # noqa: PLC0415 - as in sample

    console = Console(json=json, quiet=quiet)
    with Workspace.open(config, db, default=True).reader() as reader:
        if blank:
            rows = steps.export_blank(reader, file, steps.newest(reader, number), _name(by), text.value)
        else:
            rows = steps.export(reader, file, text.value)
    console.result({"file": str(file), "rows": rows}, f"{file}: {rows:,} rows.")


@audit.command("import")
def import_(
    file: Annotated[Path, typer.Argument(help="A CSV file with the columns platform, native_id and class.")],
    *,
    by: ByOption = ME,
    config: ConfigOption = None,
    db: DbOption = None,
    json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Read labels from a CSV file: as `buzz audit export` writes it, filled in or not.

    What can be read is kept; other lines are told with their number and column. Twice read adds nothing. --by names
    who labelled the lines that name nobody.
    """
    from analysis.audit import steps  # noqa: PLC0415 - as in sample

    console = Console(json=json, quiet=quiet)
    with Workspace.open(config, db, default=True).store() as store:
        done = steps.import_file(store, file, _name(by))
    _warn(console, file, [*done.faults, *done.unknown])
    told = {"file": str(file), "new": done.new, "known": done.known}
    told |= {"unread": _lines(done.faults), "unknown": _lines(done.unknown)}
    console.result(told, f"{file}: {done.new:,} new labels, {done.known:,} known before.")
    if done.faults:
        lines = "line" if len(done.faults) == 1 else "lines"
        raise InputError(f"{file}: {len(done.faults):,} {lines} could not be read; all others are kept")


def _warn(console: Console, file: Path, faults: "Sequence[Fault]") -> None:
    for one in sorted(faults)[:SHOWN]:
        console.warn(f"{file} line {one.number}: {one.reason}")
    if len(faults) > SHOWN:
        console.warn(f"{file}: and {len(faults) - SHOWN:,} more lines")


def _lines(faults: "Sequence[Fault]") -> list[dict[str, Any]]:
    return [{"line": one.number, "reason": one.reason} for one in faults]
