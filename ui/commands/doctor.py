"""`buzz doctor`: is the database sound, and are its totals exact? Mends what can be computed anew."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from collector.errors import AccessError, StoreError
from ui import money
from ui.console import Console
from ui.options import ConfigOption, DbOption, JsonOption, QuietOption
from ui.workspace import Workspace

if TYPE_CHECKING:
    from analysis.rollup import Difference
    from collector.checkup import Finding
    from collector.x_meter import Reading

SHOWN = 5
WORDS = {
    "database": "the database",
    "schema": "the tables, columns and indexes of this version",
    "file": "what the database says of itself",
    "references": "what refers to what",
    "search": "every post in the search index",
    "totals": "the totals, computed anew from the posts",
    "clock": "this machine's clock",
    "disk": "room on the disk",
    "key": "the key of the author hashes",
}

KINDS = {"missing": "is not stored as computed", "surplus": "is stored and not computed", "stale": "is out of date"}


def doctor(
    *,
    rollups: Annotated[bool, typer.Option("--rollups", help="Also compute every total anew and compare.")] = False,
    sources: Annotated[
        bool,
        typer.Option(
            "--sources", help="Also try each source and ranking that is enabled, the clock, the disk and the keys."
        ),
    ] = False,
    repair: Annotated[
        bool, typer.Option("--repair", help="Mend what can be computed anew: totals and the search index.")
    ] = False,
    config: ConfigOption = None,
    db: DbOption = None,
    json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Say whether all is sound; ends with 0 when it is or was repaired, with 5 for the database, 6 for the rest.

    Looks at schema, file, references and search index; with --rollups at the totals too, with --sources at what
    collecting stands on: nothing is saved or paid for. Days that lie in an archive only are left out: `buzz archive`
    proves those. Where X is used, it says what it has cost this month.
    """
    console = Console(json=json, quiet=quiet)
    workspace = Workspace.open(config, db, default=True)
    mended: dict[str, int] = {}
    meter = None
    try:
        findings = _database(workspace, mended, rollups=rollups, repair=repair)
        meter = _meter(workspace)
    except StoreError as fault:
        if not sources:
            raise
        findings = [_of("database", str(fault))]  # what else there is to try is tried all the same
    around = _around(workspace) if sources else []
    _tell([*findings, *around], mended, meter, console)
    if any(finding.faults for finding in findings):
        raise typer.Exit(StoreError.exit_code)
    if any(finding.faults for finding in around):
        raise typer.Exit(AccessError.exit_code)


def _database(workspace: Workspace, mended: dict[str, int], *, rollups: bool, repair: bool) -> "list[Finding]":
    """Look at the database, and mend it where that is asked for; what was mended is entered. Raises StoreError."""
    from collector.checkup import look, mend_search  # noqa: PLC0415 - SQLAlchemy would slow every command's start

    findings = look(workspace.url)
    if repair and _faults_of(findings, "search"):
        with workspace.store() as store:
            mended["search"] = mend_search(store)
        findings = look(workspace.url)
    if rollups:
        finding, hours = _totals(workspace, repair=repair)
        findings.append(finding)
        mended |= {"totals": hours} if hours else {}
    return findings


def _of(what: str, fault: str) -> "Finding":
    from collector.checkup import Finding  # noqa: PLC0415 - as above

    return Finding(what, (fault,))


def _meter(workspace: Workspace) -> "Reading | None":
    """Read what X has cost this month; None where it is not used."""
    from collector.engine import open_engine  # noqa: PLC0415 - as above
    from collector.store import Store  # noqa: PLC0415 - as above

    with Store(workspace.url, open_engine(workspace.url, read_only=True)) as store:
        return money.meter(workspace, store.cursor("x"))


def _around(workspace: Workspace) -> "list[Finding]":
    from collector.http import Http  # noqa: PLC0415 - as above
    from collector.probe import probe  # noqa: PLC0415 - as above

    folder = workspace.config_path.parent if workspace.config_path else Path()
    return probe(workspace.config, workspace.url, Http(), folder)


def _faults_of(findings: "list[Finding]", what: str) -> tuple[str, ...]:
    return next(finding.faults for finding in findings if finding.what == what)


def _totals(workspace: Workspace, *, repair: bool) -> "tuple[Finding, int]":
    """Compare the totals, and mend and compare them again where that is asked for."""
    from analysis import rollup  # noqa: PLC0415 - as above
    from collector.checkup import Finding  # noqa: PLC0415 - as above
    from collector.engine import open_engine  # noqa: PLC0415 - as above
    from collector.store import Store  # noqa: PLC0415 - as above

    with Store(workspace.url, open_engine(workspace.url, read_only=True)) as store:
        differences = rollup.verify(store)
    hours = 0
    if differences and repair:
        with workspace.store() as store:
            hours = rollup.repair(store, differences)
            differences = rollup.verify(store)
    faults = [_in_words(difference) for difference in differences[:SHOWN]]
    if len(differences) > SHOWN:
        faults.append(f"and {len(differences) - SHOWN:,} more")
    return Finding("totals", tuple(faults)), hours


def _in_words(difference: "Difference") -> str:
    row = difference.row
    when = f"hour {row['hour']}" if "hour" in row else f"day {row['day']}"
    what = f", {row['platform']}, {row['posts']:,} posts" if "posts" in row else ""
    kind = KINDS.get(difference.kind, difference.kind)
    return f"{difference.table}: title {row['title_id']}, {when}{what} {kind}"


def _tell(findings: "list[Finding]", mended: dict[str, int], meter: "Reading | None", console: Console) -> None:
    document: dict[str, Any] = {
        "sound": not any(finding.faults for finding in findings),
        "checks": [
            {"check": finding.what, "faults": finding.faults, "mended": mended.get(finding.what, 0)}
            for finding in findings
        ],
        "x_meter": meter._asdict() if meter else None,
    }
    lines = [line for finding in findings for line in _lines(finding, mended.get(finding.what, 0))]
    lines += [money.spent(meter)] if meter else []
    console.result(document, "\n".join(lines))


def _lines(finding: "Finding", mended: int) -> list[str]:
    state = "not sound" if finding.faults else "sound"
    units = {"search": "entries", "totals": "hours"}
    repaired = f", {mended:,} {units[finding.what]} repaired" if mended else ""
    return [f"{WORDS.get(finding.what, finding.what)}: {state}{repaired}", *(f"  {fault}" for fault in finding.faults)]
