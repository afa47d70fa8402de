"""`buzz label`: lines of JSON in, their labels as lines of JSON out; nothing is stored."""

import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Annotated, Any

import orjson
import typer

from collector import config as configs
from collector.config import Config
from collector.errors import InputError
from ui.console import Console
from ui.options import ConfigOption

if TYPE_CHECKING:
    from analysis.pipe import Unread

STDIN = "-"
SHOWN = 20  # faults told one by one; the rest is counted


def label(
    file: Annotated[
        str,
        typer.Argument(help='Lines such as {"id": "1", "text": "…", "lang": "en", "platform": "x"}; - reads stdin.'),
    ] = STDIN,
    *,
    title: Annotated[
        list[str] | None, typer.Option("--title", help="Tell of this title, watched or not; may be given again.")
    ] = None,
    config: ConfigOption = None,
) -> None:
    """Label posts that come as JSON lines, and print one line of labels for each. Nothing is stored."""
    from analysis.pipe import Pipe  # noqa: PLC0415 - loading VADER and the language model would slow every command

    pipe = Pipe(_config(config), title or [])
    with _opened(file) as lines:
        unread = _print(pipe.label(lines), Console(), file)
    if unread:
        raise InputError(f"{_name(file)}: {unread:,} lines could not be read; all others are labelled")


def _config(path: Path | None) -> Config:
    """Read the user's config; where none is named or at hand, the packaged one serves."""
    if path is None and "BUZZ_CONFIG" not in os.environ and not Path(configs.FILE_NAME).is_file():
        return configs.parse(configs.template())
    return configs.load(configs.find(path))


@contextmanager
def _opened(file: str) -> Iterator[IO[bytes]]:
    if file == STDIN:
        yield sys.stdin.buffer
        return
    try:
        opened = Path(file).open("rb")  # noqa: SIM115 - closed below; only opening it may fail so
    except OSError as fault:
        raise InputError(f"{file} cannot be read: {fault.strerror}") from fault
    with opened:
        yield opened


def _print(results: "Iterable[dict[str, Any] | Unread]", console: Console, file: str) -> int:
    """Print each result as it comes, so that a pipe need not end. Returns how many lines could not be read."""
    unread = 0
    for result in results:
        if not isinstance(result, dict):
            unread += 1
            if unread <= SHOWN:
                console.warn(f"{_name(file)} line {result.number}: {result.reason}")
            continue
        sys.stdout.buffer.write(orjson.dumps(result, option=orjson.OPT_APPEND_NEWLINE))
        sys.stdout.buffer.flush()
    return unread


def _name(file: str) -> str:
    return "standard input" if file == STDIN else file
