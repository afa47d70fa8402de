"""`buzz archive`: posts into Parquet partitions, and out of the database where that is asked for."""

from dataclasses import asdict
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from collector.clock import now
from collector.errors import ConfigError
from ui.console import Console
from ui.options import ConfigOption, DbOption, JsonOption, QuietOption
from ui.workspace import Workspace

if TYPE_CHECKING:
    from analysis.archive.archiving import Archived


def archive(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="The archive's folder; made where it is missing.")],
    *,
    before: Annotated[
        str | None, typer.Option("--before", help="Only days before this one, in UTC (else: before today).")
    ] = None,
    drop: Annotated[
        bool, typer.Option("--drop", help="Then delete these posts from the database; totals stay. Needs --before.")
    ] = False,
    config: ConfigOption = None,
    db: DbOption = None,
    json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Write whole days of posts to Parquet files, one for each platform and day; docs/archive.md tells the rest."""
    from analysis.archive import archiving  # noqa: PLC0415 - pyarrow would slow every command's start

    moment = _before(before, drop=drop)
    console = Console(json=json, quiet=quiet)
    with Workspace.open(config, db, default=True).store() as store, console.progress("archiving", 1) as bar:
        done = archiving.archive(store, folder, moment, drop=drop, progress=lambda day, days: bar.to(day / days))
    _tell(done, folder, console)


def _before(written: str | None, *, drop: bool) -> datetime:
    """Return the first moment that is left alone. Raises ConfigError."""
    from analysis import dates  # noqa: PLC0415 - as above

    if drop and written is None:
        raise ConfigError(
            "--drop deletes posts from the database: say up to where, as in "
            f"--before {now() - timedelta(days=90):%Y-%m-%d}"
        )
    today = now().replace(hour=0, minute=0, second=0, microsecond=0)  # a day that still runs is no whole day
    given = dates.since(written, "--before")
    return today if given is None else min(given, today)


def _tell(done: "Archived", folder: Path, console: Console) -> None:
    if done.elsewhere:
        console.warn(
            f"{len(done.elsewhere)} days have posts whose earlier ones lie in another archive, and were left alone: "
            f"{', '.join(done.elsewhere[:3])}"
        )
    if console.json:
        console.result({"archive": str(folder), **asdict(done)}, "")
        return
    console.say(
        f"{folder}: {done.written:,} partitions written, {done.unchanged:,} were so already ({done.posts:,} posts)."
    )
    if done.dropped:
        console.say(f"{done.dropped:,} posts were dropped from the database; their totals stay.")
