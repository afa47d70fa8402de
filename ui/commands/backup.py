"""`buzz backup`: a checked copy of the database in one file, while collectors write."""

from pathlib import Path
from typing import Annotated

import typer

from ui.commands.store import told
from ui.console import Console
from ui.options import ConfigOption, DbOption, JsonOption, QuietOption
from ui.workspace import Workspace

ReplaceOption = Annotated[bool, typer.Option("--replace", help="Put it in the place of what is there.")]


def backup(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The backup; a name that ends in .gz compresses it.")],
    *,
    replace: ReplaceOption = False,
    config: ConfigOption = None,
    db: DbOption = None,
    json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Write the database into one file, compare both row by row, and tell what is not in it.

    The file is a database by itself and restores on SQLite and on PostgreSQL, whichever it came from. Collectors may go
    on writing meanwhile. A backup that fails leaves FILE as it was.
    """
    from collector import author  # noqa: PLC0415 - as below
    from collector.backup import backup as back_up  # noqa: PLC0415 - SQLAlchemy would slow every command's start

    console = Console(json=json, quiet=quiet)
    workspace = Workspace.open(config, db, default=True)
    with console.progress("copying and comparing", 1) as bar:
        made = back_up(workspace.url, file, bar.to, replace=replace)
    size = file.stat().st_size
    rows = sum(proof.rows for proof in made.proofs)
    apart = [str(workspace.config_path)] if workspace.config_path else []
    apart += [author.kept_at()] if made.note.author_key else []
    text = f"{file}: {rows:,} rows in {len(made.proofs)} tables, {size / 1e6:,.1f} MB, each row compared."
    if apart:
        text += f"\nNot in it, keep a copy apart: {' and '.join(apart)}."
    console.result({"file": str(file), "bytes": size, "apart": apart, **told(made.proofs)}, text)
