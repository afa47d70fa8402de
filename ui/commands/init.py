"""`buzz init`: write the commented config file."""

from pathlib import Path
from typing import Annotated

import typer

from collector import config as configs
from collector.errors import ConfigError
from ui.console import Console
from ui.options import QuietOption


def init(
    path: Annotated[Path, typer.Argument(help="Where to write it.")] = Path(configs.FILE_NAME),
    *,
    quiet: QuietOption = False,
) -> None:
    """Write a commented config.toml that watches three shows; never overwrites one."""
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(configs.template())
    except FileExistsError as fault:
        raise ConfigError(f"{path} is there already and is left as it is: name another path") from fault
    except OSError as fault:
        raise ConfigError(f"{path} cannot be written: {fault.strerror}") from fault
    Console(quiet=quiet).say(f"Wrote {path}. Next: `buzz collect --once`, then `buzz ui`; or `buzz run` for both.")
