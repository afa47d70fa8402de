"""The options that many commands share, defined once."""

from pathlib import Path
from typing import Annotated

import typer

ConfigOption = Annotated[
    Path | None, typer.Option("--config", help="The config file (else BUZZ_CONFIG, else ./config.toml).")
]
DbOption = Annotated[
    str | None, typer.Option("--db", help="The database: a file or an address (else BUZZ_DB, else [store] url).")
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print the result as one JSON document on standard output.")]
QuietOption = Annotated[bool, typer.Option("--quiet", "-q", help="Print nothing but results and faults.")]
