"""`buzz relabel`: the store or an archive with today's labellers, here or on Spark."""

from dataclasses import asdict
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from collector.errors import ConfigError
from ui.console import Console
from ui.options import ConfigOption, DbOption, JsonOption, QuietOption
from ui.workspace import Workspace

if TYPE_CHECKING:
    from analysis.engines import Engine
    from analysis.relabel import Relabelled
    from collector.store import Store


class EngineChoice(StrEnum):
    """Where the labelling is done."""

    LOCAL = "local"
    SPARK = "spark"


def relabel(
    *,
    archive: Annotated[
        Path | None, typer.Option("--archive", metavar="DIR", help="Label this archive (else the database's posts).")
    ] = None,
    engine: Annotated[
        EngineChoice, typer.Option("--engine", help="Processes of this machine, or Spark (extra: spark).")
    ] = EngineChoice.LOCAL,
    master: Annotated[
        str | None, typer.Option("--master", help="Spark's master, as spark://host:7077 (else local[*]).")
    ] = None,
    workers: Annotated[
        int | None, typer.Option("--workers", min=1, help="Processes of the local engine (else one a processor).")
    ] = None,
    config: ConfigOption = None,
    db: DbOption = None,
    json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Give posts the labels of today's labellers and config, where they have others or none."""
    if master is not None and engine is not EngineChoice.SPARK:
        raise ConfigError("--master is for --engine spark: give both")
    if workers is not None and engine is not EngineChoice.LOCAL:
        raise ConfigError("--workers is for --engine local; how many Spark has is said by its master")
    workspace = Workspace.open(config, db)
    console = Console(json=json, quiet=quiet)
    chosen = _engine(engine, master, workers) if archive or engine is EngineChoice.SPARK else None
    with workspace.store() as store:
        done = _relabel(store, workspace, archive, chosen, console)
    console.result({"archive": str(archive) if archive else None, "engine": engine.value, **asdict(done)}, _said(done))


def _engine(engine: EngineChoice, master: str | None, workers: int | None) -> "Engine":
    if engine is EngineChoice.SPARK:
        from analysis.engines.spark import Spark  # noqa: PLC0415 - as below

        return Spark(master)
    from analysis.engines.local import Local  # noqa: PLC0415 - pyarrow would slow every command's start

    return Local(workers)


def _relabel(
    store: "Store", workspace: Workspace, archive: Path | None, engine: "Engine | None", console: Console
) -> "Relabelled":
    from analysis import relabel as work  # noqa: PLC0415 - the labellers would slow every command's start

    if engine is None:
        with console.progress("labelling", None) as endless:
            return work.relabel_store(store, workspace.config, endless.to)
    with console.progress("labelling", 1) as bar:

        def progress(done: int, todo: int) -> None:
            bar.to(done / todo)

        if archive is None:
            return work.relabel_store_on(store, workspace.config, engine, progress)
        return work.relabel_archive(store, archive, workspace.config, engine, progress)


def _said(done: "Relabelled") -> str:
    partitions = f"{done.partitions:,} partitions labelled, {done.skipped:,} had these labels already; "
    stored = f"{done.posts:,} posts of the database labelled, {done.hours:,} hours totalled."
    return (partitions if done.partitions or done.skipped else "") + stored
