"""`buzz rankings`: bring rankings in from files, and ask where a title stood."""

from collections.abc import Sequence
from datetime import date, datetime
from difflib import get_close_matches
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from collector.errors import BuzzError, InputError
from collector.ranking import title_key, week_end
from ui.console import Console
from ui.options import ConfigOption, DbOption, JsonOption, QuietOption
from ui.workspace import Workspace

if TYPE_CHECKING:
    import pandas as pd

    from analysis.frames.reader import Reader
    from collector.collect_rankings import Report
    from collector.config import Config, TitleSettings
    from collector.store import Store

rankings = typer.Typer(
    help="Bring in streaming rankings from files, and ask where a title stood.", no_args_is_help=True
)
PREFERRED = "netflix"  # whose ranking answers when several could


class Format(StrEnum):
    """What a file may be read as."""

    AUTO = "auto"
    NETFLIX = "netflix"
    CSV = "csv"


class Kind(StrEnum):
    """What a name stands for where it is both a show and a film."""

    SHOW = "show"
    FILM = "film"


ProviderOption = Annotated[str | None, typer.Option("--provider", help="Whose ranking, such as netflix.")]


@rankings.command("import")
def import_(
    files: Annotated[list[Path], typer.Argument(help="Netflix's TSV files, or CSV files with ranks or points.")],
    *,
    form: Annotated[
        Format, typer.Option("--format", help="What the files are; auto tells by the header.")
    ] = Format.AUTO,
    provider: Annotated[
        str | None, typer.Option("--provider", help="Whose ranking a CSV is, where it does not say: flixpatrol, ...")
    ] = None,
    config: ConfigOption = None,
    db: DbOption = None,
    json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Read ranking files into the database; running it twice adds nothing, revised rows are updated."""
    console = Console(json=json, quiet=quiet)
    workspace = Workspace.open(config, db, default=True)
    done: list[dict[str, Any]] = []
    faults: list[BuzzError] = []
    with workspace.store() as store:
        for path in files:
            try:
                report = _import(store, path, form, provider, console)
            except InputError as fault:
                faults.append(fault)
                done.append({"file": str(path), "error": str(fault)})
            else:
                done.append(_told(path, report))
                _say(path, report, console)
    if json:
        console.result({"files": done}, "")
    for said in faults:
        console.warn(str(said))
    if faults:
        raise typer.Exit(faults[0].exit_code)


def _import(store: "Store", path: Path, form: Format, provider: str | None, console: Console) -> "Report":
    from collector.collect_rankings import import_file  # noqa: PLC0415 - SQLAlchemy would slow every command's start

    size = path.stat().st_size if path.is_file() and path.suffix != ".gz" else None
    with console.progress(path.name, size) as bar:
        return import_file(store, path, form=form.value, provider=provider, progress=bar.to)


def _told(path: Path, report: "Report") -> dict[str, Any]:
    counts = report.counts
    return {
        "file": str(path),
        "format": report.provider,
        "read": counts.read,
        "stored": counts.stored,
        "revised": counts.revised,
        "unchanged": counts.unchanged,
        "skipped": report.skipped,
        "skipped_lines": [{"line": line.number, "reason": line.reason} for line in report.skipped_lines],
        "since": report.since.isoformat() if report.since else None,
        "until": report.until.isoformat() if report.until else None,
    }


def _say(path: Path, report: "Report", console: Console) -> None:
    counts = report.counts
    console.say(
        f"{path.name}: {counts.read:,} rows read as {report.provider}, {report.since} to {report.until}: "
        f"{counts.stored:,} new, {counts.revised:,} revised, {counts.unchanged:,} unchanged, {report.skipped:,} skipped"
    )
    for line in report.skipped_lines:
        console.warn(f"{path.name} line {line.number}: {line.reason}")
    if report.skipped > len(report.skipped_lines):
        console.warn(f"{path.name}: and {report.skipped - len(report.skipped_lines):,} more lines")


@rankings.command("show")
def show(
    title: Annotated[str, typer.Argument(help="The title, by its own name or a name in ranked_as.")],
    *,
    week: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Any day of the week asked for, such as 2022-01-30.")
    ] = None,
    day: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The day asked for, in a daily ranking.")
    ] = None,
    provider: ProviderOption = None,
    kind: Annotated[Kind | None, typer.Option(help="Which, where a show and a film have the same name.")] = None,
    config: ConfigOption = None,
    db: DbOption = None,
    json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Say where a title stood: in one week, on one day, or on every date (neither given)."""
    if week and day:
        raise typer.BadParameter("give --week or --day, not both")
    console = Console(json=json, quiet=quiet)
    workspace = Workspace.open(config, db, default=True)
    with workspace.reader() as reader:
        known = _watched(workspace.config, title)
        ranks = _ranks_of(reader, title, known, provider, kind)
        if week is None and day is None:
            _show_all(title, ranks, console)
        elif week:
            _show_week(reader, title, known, ranks, week.date(), provider, console)
        elif day:
            _show_one(reader, title, known, ranks, ("day", day.date()), provider, console)


def _watched(config: "Config", title: str) -> "TitleSettings | None":
    """Return the watched title that is called so, by its own name or another one."""
    from analysis.rankings import names_of  # noqa: PLC0415 - pandas would slow every command's start

    return next((one for one in config.titles if title_key(title) in names_of(one)), None)


def _ranks_of(
    reader: "Reader", title: str, known: "TitleSettings | None", provider: str | None, kind: Kind | None
) -> "pd.DataFrame":
    """Read every place of the title. Raises InputError when no ranking and no config knows it."""
    from analysis.frames import ranks as frames  # noqa: PLC0415 - as above
    from analysis.rankings import kind_of, names_of, of_kind  # noqa: PLC0415 - as above

    names = names_of(known) if known else {title_key(title)}
    ranks = frames.ranks(reader, names=names, provider=provider)
    if ranks.empty and known is None:
        raise InputError(_unknown(title, frames.ranked_names(reader, provider=provider), provider))
    wanted = kind.value if kind else known.kind if known else None
    if wanted is not None:
        return of_kind(ranks, wanted)
    kinds = set(ranks["category"].map(kind_of).dropna())
    if len(kinds) > 1:
        raise InputError(f'"{title}" is both a show and a film: add --kind show or --kind film')
    return ranks


def _unknown(title: str, known: "pd.DataFrame", provider: str | None) -> str:
    by_key = {title_key(name): name for name in known["name"]}
    whose = f"the rankings of {provider}" if provider else "the rankings"
    if not by_key:
        return f"{whose} at hand are empty: `buzz collect --once` or `buzz rankings import FILE` bring some in"
    near = [f'"{by_key[key]}"' for key in get_close_matches(title_key(title), by_key, n=3, cutoff=0.5)]
    hint = f"; did you mean {' or '.join(near)}?" if near else "; names are compared whole, as the ranking writes them"
    return f'"{title}" is in no ranking and not watched{hint}'


def _show_all(title: str, ranks: "pd.DataFrame", console: Console) -> None:
    from analysis.rankings import weekly  # noqa: PLC0415 - as above
    from analysis.standing import plain_rows  # noqa: PLC0415 - as above

    rows = plain_rows(weekly(ranks))
    lines = [
        f"{row['provider']} {row['period']} {row['date']}: world {_or_dash(row['world_rank'])}, "
        f"No. 1 in {_or_dash(row['no1_countries'])}, Top 10 in {_or_dash(row['top10_countries'])} "
        f"of {_or_dash(row['countries_covered'])} countries, {_or_dash(row['points'])} points ({row['basis']})"
        for row in rows
    ]
    console.result({"title": title, "dates": rows}, "\n".join(lines) or f"{title}: not in any ranking at hand")


def _or_dash(value: object) -> str:
    return "—" if value is None else str(value)


def _show_week(
    reader: "Reader",
    title: str,
    known: "TitleSettings | None",
    ranks: "pd.DataFrame",
    asked: date,
    provider: str | None,
    console: Console,
) -> None:
    sunday = week_end(asked)
    if sunday != asked:
        console.say(f"{asked} lies in the week that ends on Sunday {sunday}.")
    _show_one(reader, title, known, ranks, ("week", sunday), provider, console)


def _show_one(
    reader: "Reader",
    title: str,
    known: "TitleSettings | None",
    ranks: "pd.DataFrame",
    when: tuple[str, date],
    provider: str | None,
    console: Console,
) -> None:
    from analysis.frames import ranks as frames  # noqa: PLC0415 - as above
    from analysis.standing import Question, sentences, standing  # noqa: PLC0415 - as above

    period, day = when
    chosen = _provider(frames.dates(reader, provider=provider, period=period), ranks, day, period)
    listed = frames.listed(reader, provider=chosen, period=period)
    question = Question(known.name if known else title, chosen, period, day, known.released if known else None)
    document = standing(question, ranks, listed)
    console.result(document, "\n".join(sentences(document)))


def _provider(dates: "pd.DataFrame", ranks: "pd.DataFrame", day: date, period: str) -> str:
    """Choose whose ranking answers: one that lists the title then, else one that has the date. Raises InputError."""
    having = _of_day(dates, day)
    if not having:
        raise InputError(_no_such_date(dates, day, period))
    listing = _of_day(ranks[ranks["period"] == period], day)
    return min(listing or having, key=lambda name: (name != PREFERRED, name))


def _of_day(frame: "pd.DataFrame", day: date) -> Sequence[str]:
    return list(frame.loc[frame["date"].dt.date == day, "provider"].unique())


def _no_such_date(dates: "pd.DataFrame", day: date, period: str) -> str:
    what = f"week to Sunday {day}" if period == "week" else f"day {day}"
    if dates.empty:
        kind = "weekly" if period == "week" else "daily"
        return f"no {kind} ranking is at hand: `buzz rankings import FILE` brings one in"
    spans = [
        f"{name} has {_many(len(of), period)} from {of.min():%Y-%m-%d} to {of.max():%Y-%m-%d}"
        for name, of in dates.groupby("provider")["date"]
    ]
    return f"no ranking at hand has the {what}: {'; '.join(spans)}"


def _many(count: int, period: str) -> str:
    return f"{count} {period}" + ("" if count == 1 else "s")


@rankings.command("list")
def list_(
    *,
    provider: ProviderOption = None,
    config: ConfigOption = None,
    db: DbOption = None,
    json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Say which rankings are at hand: whose, by day or by week, from when to when."""
    from analysis.frames import ranks as frames  # noqa: PLC0415 - pandas would slow every command's start

    console = Console(json=json, quiet=quiet)
    with Workspace.open(config, db, default=True).reader() as reader:
        dates = frames.dates(reader, provider=provider)
    rows = [
        {
            "provider": of["provider"].iloc[0],
            "period": of["period"].iloc[0],
            "dates": len(of),
            "since": f"{of['date'].min():%Y-%m-%d}",
            "until": f"{of['date'].max():%Y-%m-%d}",
            "countries": int(of["countries"].max()),
            "rows": int(of["rows"].sum()),
        }
        for _, of in dates.groupby(["provider", "period"])
    ]
    lines = [
        f"{row['provider']}: {_many(row['dates'], row['period'])} from {row['since']} to {row['until']}, "
        + (f"at most {row['countries']} countries" if row["countries"] else "the world only")
        + f", rows: {row['rows']:,}"
        for row in rows
    ]
    nothing = "No rankings at hand yet: `buzz collect --once` or `buzz rankings import FILE` bring some in."
    console.result({"rankings": rows}, "\n".join(lines) or nothing)
