"""`buzz coverage`: what was asked, what came of it, and which hours are not known, with the reason."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any

import typer

from collector.clock import now
from ui import money
from ui.console import Console
from ui.options import ConfigOption, DbOption, JsonOption, QuietOption
from ui.workspace import Workspace

if TYPE_CHECKING:
    from analysis.known import Known

DAYS = 7
MOST_GAPS = 5  # told in words; --json has all


def coverage(
    *,
    title: Annotated[str | None, typer.Option("--title", help="Of this title only.")] = None,
    since: Annotated[str | None, typer.Option("--from", help="From this day or time on; else 7 days back.")] = None,
    until: Annotated[str | None, typer.Option("--to", help="With this day, or up to this time; else now.")] = None,
    config: ConfigOption = None,
    db: DbOption = None,
    json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Tell how much is known of each title on each platform, where the gaps are and why, and what was asked for."""
    from analysis import dates  # noqa: PLC0415 - pandas would slow every command's start
    from analysis.frames import asked as frames  # noqa: PLC0415 - as above
    from analysis.frames import health  # noqa: PLC0415 - as above
    from analysis.known import known  # noqa: PLC0415 - as above
    from ui.commands.export import find_title  # noqa: PLC0415 - as above

    first, last = dates.period(since, until)
    last = last or now()
    first = first or last - timedelta(days=DAYS)
    workspace = Workspace.open(config, db, default=True)
    with workspace.reader() as reader:
        name = None if title is None else find_title(title, workspace.config, reader)
        found = known(health.covered(reader, title=name, since=first, kind=None), first, last)
        asked = frames.asked(reader, since=first, until=last)
        meter = money.meter(workspace, frames.remembered(reader, "x"))
    rows = [_row(row) for row in asked.to_dict("records")]
    told = {"since": _iso(first), "until": _iso(last), "known": [_plain(entry) for entry in found], "asked": rows}
    words = _words(found, rows, first, last) + (f"\n\n{money.spent(meter)}" if meter else "")
    Console(json=json, quiet=quiet).result(told | {"x_meter": meter._asdict() if meter else None}, words)


def _plain(entry: "Known") -> dict[str, Any]:
    holes = [{"since": _iso(gap.since), "until": _iso(gap.until), "reason": gap.reason} for gap in entry.gaps]
    shares = {"covered": round(entry.covered, 4), "partial": round(entry.partial, 4)}
    return {"title": entry.title, "platform": entry.platform, **shares, "gaps": holes}


def _row(row: dict[Any, Any]) -> dict[str, Any]:
    times = {name: _iso(row[name]) for name in ("first_at", "last_at")}
    reason = row["reason"] if isinstance(row["reason"], str) else None
    return {str(name): value for name, value in row.items()} | times | {"reason": reason}


def _iso(time: datetime) -> str:
    return f"{time:%Y-%m-%dT%H:%M:%SZ}"


def _words(found: "list[Known]", asked: list[dict[str, Any]], since: datetime, until: datetime) -> str:
    span = f"{since:%Y-%m-%d %H:%M} to {until:%Y-%m-%d %H:%M} UTC"
    if not (found or asked):
        return f"{span}: nothing was asked and nothing is known. `buzz collect` gathers, `buzz import` reads files."
    pages = ["\nAsked:", *map(_asked_in_words, asked)] if asked else ["\nNothing was asked in this time."]
    return "\n".join([span, *map(_known_in_words, found), *pages])


def _known_in_words(entry: "Known") -> str:
    share = f"{entry.covered:.0%} known" + (f", {entry.partial:.0%} in part" if entry.partial else "")
    holes = [f"  {gap.since:%m-%d %H:%M} to {gap.until:%m-%d %H:%M}: {gap.reason}" for gap in entry.gaps[:MOST_GAPS]]
    more = len(entry.gaps) - MOST_GAPS
    rest = [f"  and {more} more gaps: --json tells all"] if more > 0 else []
    return "\n".join([f"\n{entry.title} · {entry.platform}: {share}", *holes, *rest])


def _asked_in_words(row: dict[str, Any]) -> str:
    counts = f"{row['pages']:,} pages, {row['read']:,} read, {row['matched']:,} matched, {row['stored']:,} new"
    left_out = f", {row['skipped']:,} unreadable" if row["skipped"] else ""
    reason = f" ({row['reason']})" if row["reason"] else ""
    return f"  {row['source']} · {row['target']} · {row['coverage']}: {counts}{left_out}{reason}"
