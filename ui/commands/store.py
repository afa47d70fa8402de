"""`buzz store`: move everything from one database into another."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from collector import config as configs
from collector.config import Config
from ui.console import Console
from ui.options import JsonOption, QuietOption

if TYPE_CHECKING:
    from collections.abc import Sequence

    from collector.snapshot import Proof

store = typer.Typer(help="Move everything from one database into another.", no_args_is_help=True)
ADDRESS = "a file or an address, env:NAME reads it from the environment"


@store.callback()
def _group() -> None:
    """Move everything from one database into another."""


@store.command("copy")
def copy(
    source: Annotated[str, typer.Argument(metavar="FROM", help=f"The database to copy: {ADDRESS}.")],
    target: Annotated[
        str, typer.Argument(metavar="TO", help="A new or empty one, SQLite or PostgreSQL, in like form.")
    ],
    *,
    json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Copy one moment of a database into a new one, compare both row by row, and print table by table what was found.

    Collectors may go on writing to FROM; what they write meanwhile is not in the copy. A copy that is broken off or is
    not equal leaves TO as it was.
    """
    from collector.copy import copy as copy_all  # noqa: PLC0415 - SQLAlchemy would slow every command's start

    console = Console(json=json, quiet=quiet)
    with console.progress("copying and comparing", 1) as bar:
        copied = copy_all(_address(source), _address(target), bar.to)
    if copied.cleaned:
        console.warn(f"{copied.cleaned:,} rows held NUL characters, which PostgreSQL cannot hold: they were left out")
    document = {"from": source, "to": target, "cleaned": copied.cleaned, **told(copied.proofs)}
    console.result(document, "\n".join(table(copied.proofs)))


def _address(given: str) -> str:
    """Return the address of a database that was named as --db names one."""
    return configs.store_url(Config(), None, given)


def told(proofs: "Sequence[Proof]") -> dict[str, Any]:
    """Return a comparison for --json."""
    return {
        "equal": all(proof.equal for proof in proofs),
        "rows": sum(proof.rows for proof in proofs),
        "tables": [{**asdict(proof), "equal": proof.equal} for proof in proofs],
    }


def table(proofs: "Sequence[Proof]") -> list[str]:
    """Write a comparison for a terminal: each table with its rows and the digests of both sides."""
    lines = [f"{'table':<14}{'rows':>14}  {'digest of the original':<32}  {'digest of the copy':<32}"]
    lines += [
        f"{proof.table:<14}{proof.rows:>14,}  {proof.digest}  {proof.digest_copied}  "
        f"{'equal' if proof.equal else f'NOT EQUAL ({proof.rows_copied:,} rows)'}"
        for proof in proofs
    ]
    equal = sum(proof.equal for proof in proofs)
    return [*lines, f"{equal} of {len(proofs)} tables are equal, {sum(proof.rows for proof in proofs):,} rows in all."]
