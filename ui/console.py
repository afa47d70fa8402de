"""What commands print: results on standard output, everything else on standard error."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import orjson

if TYPE_CHECKING:
    from rich.progress import Progress


@dataclass(frozen=True)
class Console:
    """How this run talks: as JSON for programs, in words for people, or hardly at all."""

    json: bool = False
    quiet: bool = False

    def say(self, text: str) -> None:
        """Tell a person something; silent with --quiet. With --json it goes to standard error."""
        if not self.quiet:
            print(printable(text), file=sys.stderr if self.json else sys.stdout, flush=True)

    def warn(self, text: str) -> None:
        """Tell of a fault that does not end the command."""
        print(f"buzz: {printable(text)}", file=sys.stderr, flush=True)

    def result(self, data: Any, text: str) -> None:  # noqa: ANN401 - anything that JSON can hold
        """Print the result: the data with --json, else the text, also with --quiet."""
        if self.json:
            sys.stdout.write(orjson.dumps(data, option=orjson.OPT_INDENT_2).decode() + "\n")
            sys.stdout.flush()
        else:
            print(printable(text), flush=True)

    @contextmanager
    def progress(self, label: str, total: float | None) -> Iterator["Bar"]:
        """Show a progress bar, on a terminal only and never with --quiet or --json."""
        from rich.console import Console as RichConsole  # noqa: PLC0415 - most runs show no bar and are spared 3 MB
        from rich.progress import (  # noqa: PLC0415 - as above
            BarColumn,
            Progress,
            TaskProgressColumn,
            TextColumn,
            TimeRemainingColumn,
        )

        screen = RichConsole(stderr=True)
        hidden = self.quiet or self.json or not screen.is_terminal
        columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
        with Progress(*columns, console=screen, disable=hidden, transient=True) as progress:
            yield Bar(progress, progress.add_task(printable(label), total=total))


@dataclass(frozen=True)
class Bar:
    """One progress bar; `to` sets how far it is."""

    progress: "Progress"
    task: Any

    def to(self, done: float) -> None:
        """Set the bar to this many of its total."""
        self.progress.update(self.task, completed=done)


def printable(text: str) -> str:
    """Make text harmless on a terminal: control and direction-changing characters become visible."""
    return "".join(
        char if char in "\n\t" or (char.isprintable() or char in "\u200d\ufe0f") else f"\\u{ord(char):04x}"
        for char in text
    )
