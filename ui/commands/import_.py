"""`buzz import`: posts out of files, through the same parsing, matching and labelling as those of a live platform."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from analysis import dates
from collector.errors import ConfigError, InputError
from ui.console import Console
from ui.options import ConfigOption, DbOption, JsonOption, QuietOption
from ui.workspace import Workspace

if TYPE_CHECKING:
    from collector.archive.importer import ImportReport


def import_(
    files: Annotated[list[str], typer.Argument(metavar="FILE...", help="Archives or tables, gzip or not.")],
    *,
    form: Annotated[
        str, typer.Option("--format", help="auto, x, jetstream, mastodon, reddit or table; auto tells by the content.")
    ] = "auto",
    platform: Annotated[
        str | None, typer.Option("--platform", help="Whose posts these are; a table does not say so itself.")
    ] = None,
    columns: Annotated[
        list[str] | None,
        typer.Option("--map", metavar="FIELD=COLUMN...", help="Which column of a table holds a field."),
    ] = None,
    keep_all: Annotated[bool, typer.Option("--keep-all", help="Store posts of no watched title as well.")] = False,
    complete_from: Annotated[
        str | None,
        typer.Option("--complete-from", metavar="DAY", help="From this day on the files hold every post there was."),
    ] = None,
    complete_to: Annotated[
        str | None, typer.Option("--complete-to", metavar="DAY", help="The last day of which they hold every post.")
    ] = None,
    config: ConfigOption = None,
    db: DbOption = None,
    json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Read posts from files into the database. A killed run goes on where it was; a second run adds nothing.

    Formats: X API v2 pages and posts as twarc writes them, Jetstream events of Bluesky, Mastodon statuses, and CSV or
    TSV tables with a header, whose columns are named by --map native_id=post_id text=body created_at=date and so on.

    A file tells what it holds and not what it lacks, so an hour without posts counts as "not known". Where you know
    that the files are complete, say so with --complete-from and --complete-to; such hours then count as zero.
    """
    from collector.archive.importer import Options  # noqa: PLC0415 - would slow every command's start

    console = Console(json=json, quiet=quiet)
    since, until = _complete(complete_from, complete_to)
    paths, mapping = _apart(files, columns or [])
    options = Options(form, platform, mapping, keep_all=keep_all)
    workspace = Workspace.open(config, db)
    if not workspace.config.titles and not keep_all:
        console.warn("the config watches no title, so nothing can match; --keep-all stores every post")
    report = _bring_in(workspace, console, paths, options=options, since=since, until=until)
    _tell(console, report)
    if report.cut_short:
        raise InputError("\n".join(report.cut_short))


def _bring_in(workspace: Workspace, console: Console, paths: Sequence[Path], **how: Any) -> "ImportReport":  # noqa: ANN401 - the importer's own arguments
    """Import files with their labels, and total what they touched."""
    from analysis.ahead import Ahead  # noqa: PLC0415 - would slow every command's start
    from collector.archive.importer import import_files  # noqa: PLC0415 - as above
    from ui.pipeline import finish  # noqa: PLC0415 - as above

    size = sum(path.stat().st_size for path in paths if path.is_file())
    config = workspace.config
    with workspace.store() as store:
        with console.progress("reading", size) as bar, Ahead(store, config) as ahead:
            report = import_files(store, config, paths, progress=bar.to, prepare=ahead, **how)
        finish(store, config, console)
    return report


def _complete(first: str | None, last: str | None) -> tuple[datetime | None, datetime | None]:
    if (first is None) != (last is None):
        raise ConfigError("--complete-from and --complete-to go together: give both days or none")
    since, until = dates.since(first, "--complete-from"), dates.until(last, "--complete-to")
    if since is not None and until is not None and since >= until:
        raise ConfigError(f"--complete-from {first} is not before --complete-to {last}: swap them")
    return since, until


def _apart(files: Sequence[str], columns: Sequence[str]) -> tuple[list[Path], dict[str, str]]:
    """Tell files from fields: `--map a=b c=d` gives the first pair to the option and the others to the files."""
    paths: list[Path] = []
    pairs = list(columns)
    for given in files:
        if columns and "=" in given and not Path(given).exists():
            pairs.append(given)
        else:
            paths.append(Path(given))
    mapping: dict[str, str] = {}
    for pair in pairs:
        field, equals, column = pair.partition("=")
        if not (field and equals and column):
            raise ConfigError(f"--map {pair}: write field=column, such as text=body")
        mapping[field.strip()] = column.strip()
    if not paths:
        raise ConfigError("name at least one file to import")
    return paths, mapping


def _tell(console: Console, report: "ImportReport") -> None:
    """Print the counts, and what could not be read with the lines of the first."""
    for fault in report.faults:
        console.warn(f"left out: {fault}")
    more = sum(report.reasons.values()) - len(report.faults)
    if more > 0:
        listed = ", ".join(f"{count:,} times: {reason}" for reason, count in _commonest(report.reasons))
        console.warn(f"{more:,} more are left out; altogether: {listed}")
    counts = report.counts
    notes = [
        f"{report.ignored:,} records are no posts" if report.ignored else "",
        f"{report.deleted:,} posts were deleted where they came from" if report.deleted else "",
    ]
    told = "".join(f"; {note}" for note in notes if note)
    console.result(
        asdict(counts),
        f"{counts.read:,} posts read, {counts.matched:,} about watched titles, {counts.stored:,} stored, "
        f"{counts.known:,} known already, {counts.skipped:,} left out{told}.",
    )


def _commonest(reasons: dict[str, int]) -> list[tuple[str, int]]:
    """Return the five commonest reasons."""
    return sorted(reasons.items(), key=lambda pair: -pair[1])[:5]
