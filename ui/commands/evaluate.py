"""`buzz evaluate`: how good the labels are, on posts that people judged."""

import os
from pathlib import Path
from typing import Annotated

import typer

from collector.errors import BuzzError, ConfigError
from ui.console import Console
from ui.options import JsonOption, QuietOption

DATA_VARIABLE = "BUZZ_DATA"


class BelowFloor(BuzzError):  # noqa: N818 - named by what is told, as in collector.errors
    """A figure is worse than the floor that it must keep."""


def evaluate(
    *,
    data: Annotated[
        Path | None,
        typer.Option("--data", help="The folder of labelled sets (else BUZZ_DATA; else the gold set alone)."),
    ] = None,
    most: Annotated[int, typer.Option("--most", min=0, help="Measure so many posts of each set (0: all).")] = 0,
    shows: Annotated[
        int, typer.Option("--shows", min=0, max=10_000, help="Simulate so many shows to see whether intervals hold.")
    ] = 200,
    floors: Annotated[
        Path | None, typer.Option("--floors", help="End with 1 where a figure is worse than in this TOML file.")
    ] = None,
    write: Annotated[
        Path | None, typer.Option("--write", help="Write the page of figures here, and the figures beside it as JSON.")
    ] = None,
    json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Measure the labellers on posts that people judged: the project's gold set, and labelled sets of a folder.

    Beside them stands VADER's package as it is. Nothing that is measured was learned from.
    """
    from analysis.evaluation import floors as bounds  # noqa: PLC0415 - numpy and VADER would slow every command's start
    from analysis.evaluation import page, run  # noqa: PLC0415 - as above

    console = Console(json=json, quiet=quiet)
    wanted = bounds.read(floors) if floors else {}
    report = run.evaluate(run.Asked(_folder(data), most, shows), console.say)
    for sentence in page.missing(report):
        console.warn(sentence)
    if write:
        page.store(report, write)
    console.result(report, page.summary(report))
    if skipped := bounds.unmeasured(wanted, report):
        console.warn(f"not measured, so not compared with their floors: {', '.join(skipped)}")
    if faults := [*bounds.faults(wanted, report)]:
        raise BelowFloor("; ".join(faults))


def _folder(given: Path | None) -> Path | None:
    """Return the folder of labelled sets, if one is named. Raises ConfigError where it is none."""
    named = given or (Path(os.environ[DATA_VARIABLE]) if os.environ.get(DATA_VARIABLE) else None)
    if named is not None and not named.is_dir():
        by = "--data" if given else DATA_VARIABLE
        raise ConfigError(f"{by} names {named}, which is no folder: name that of the labelled sets, or none")
    return named
