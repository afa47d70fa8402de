"""`buzz restore`: a backup into the database, checked before anything is replaced."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ui.commands.store import told
from ui.console import Console
from ui.options import ConfigOption, DbOption, JsonOption, QuietOption
from ui.workspace import Workspace

if TYPE_CHECKING:
    from collector.backup import Backup


def restore(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="What `buzz backup` wrote, compressed or not.")],
    *,
    replace: Annotated[
        bool, typer.Option("--replace", help="Replace all that the database holds; without it, it must be empty.")
    ] = False,
    config: ConfigOption = None,
    db: DbOption = None,
    json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Put a backup into the database: whole or not at all, after each row was compared with what was noted in it.

    A backup of an older version is brought up to date on the way. A damaged database is put aside, never deleted.
    """
    from collector.backup import restore as put_back  # noqa: PLC0415 - SQLAlchemy would slow every command's start

    console = Console(json=json, quiet=quiet)
    workspace = Workspace.open(config, db, default=True)
    with console.progress("comparing and restoring", 1) as bar:
        done = put_back(file, workspace.url, bar.to, replace=replace)
    _warn(done, console)
    rows = sum(proof.rows for proof in done.proofs)
    document = {
        "file": str(file),
        "made_at": done.note.made_at,
        "aside": str(done.aside) if done.aside else None,
        **told(done.proofs),
    }
    moment = done.note.made_at[:16].replace("T", " ")
    console.result(document, f"{rows:,} rows in {len(done.proofs)} tables restored as they were on {moment} UTC.")


def _warn(done: "Backup", console: Console) -> None:
    from collector import author  # noqa: PLC0415 - as above

    if done.aside:
        console.warn(f"the damaged database lies at {done.aside} now: delete it when you do not need it")
    if done.note.author_key not in {None, author.fingerprint()}:
        console.warn(
            f"the author key of this backup is not the one at {author.kept_at()}: put that one back before you "
            "collect, or the same person will count as two authors"
        )
