"""The command `buzz`: registers each command by one line and turns faults into one sentence and an exit code."""

import gc
import logging
import os
import sys
from importlib import import_module, metadata
from typing import Annotated, Any

import typer

from collector.errors import BuzzError
from ui.console import printable

# a command and where it lives; each module is imported when the command line is built
COMMANDS = {
    "init": "ui.commands.init:init",
    "demo": "ui.commands.demo:demo",
    "run": "ui.commands.run:run",
    "collect": "ui.commands.collect:collect",
    "ui": "ui.commands.ui:ui",
    "import": "ui.commands.import_:import_",
    "label": "ui.commands.label:label",
    "relabel": "ui.commands.relabel:relabel",
    "archive": "ui.commands.archive:archive",
    "coverage": "ui.commands.coverage:coverage",
    "evaluate": "ui.commands.evaluate:evaluate",
    "posts": "ui.commands.posts:posts",
    "export": "ui.commands.export:export",
    "forget": "ui.commands.forget:forget",
    "backup": "ui.commands.backup:backup",
    "restore": "ui.commands.restore:restore",
    "doctor": "ui.commands.doctor:doctor",
}
GROUPS = {
    "audit": "ui.commands.audit:audit",
    "model": "ui.commands.model:model",
    "rankings": "ui.commands.rankings:rankings",
    "store": "ui.commands.store:store",
    "title": "ui.commands.title:title",
}
INTERRUPTED = 130


def build() -> typer.Typer:
    """Build the command line from the registered commands."""
    app = typer.Typer(
        name="buzz",
        help="Gather posts about films and shows, label them, and see the buzz next to the streaming rankings.",
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
    )
    app.callback()(_root)
    for name, place in COMMANDS.items():
        app.command(name)(_load(place))
    for name, place in GROUPS.items():
        app.add_typer(_load(place), name=name)
    return app


def _print_version(asked: bool) -> None:  # noqa: FBT001 - typer hands the option in by place
    if asked:
        print(f"buzzchart {metadata.version('buzzchart')}")
        raise typer.Exit


def _root(
    *,
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Gather posts about films and shows, label them, and see the buzz next to the streaming rankings."""


def _load(place: str) -> Any:  # noqa: ANN401 - a command's function or a group of them
    module, _, attribute = place.partition(":")
    return getattr(import_module(module), attribute)


class _Printable(logging.Formatter):
    """Log lines can quote what a platform or a file says: nothing in them reaches the terminal as a command."""

    def format(self, record: logging.LogRecord) -> str:
        return printable(super().format(record))


def _log_to_stderr() -> None:
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Printable("buzz: %(message)s"))
    level = logging.getLevelNamesMapping().get(os.environ.get("BUZZ_LOG", "").upper(), logging.WARNING)
    logging.basicConfig(level=level, handlers=[handler])


def look_for_cycles_less() -> None:
    """Let Python look for reference cycles seldom: we make records by the thousand and hardly a cycle.

    Measured on an import with labels: a tenth less time, the same memory.
    """
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


def main() -> None:
    """Run the command line. Exit codes: see docs/commands.md."""
    _log_to_stderr()
    look_for_cycles_less()
    try:
        build()()
    except BuzzError as fault:
        print(f"buzz: {printable(str(fault))}", file=sys.stderr)
        sys.exit(fault.exit_code)
    except BrokenPipeError:
        # the reader of our output has gone, as with `buzz export posts | head`
        sys.stdout = None
        sys.exit(0)
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)


if __name__ == "__main__":
    main()
