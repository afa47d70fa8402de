"""Write the pages that come from code: commands, terms, figures of accuracy; with --check say whether they are so.

docs/commands.md is of the commands, docs/terms.md of the sources, docs/accuracy.md of the figures beside it, which
`buzz evaluate --write docs/accuracy.md` measures. `make docs` runs it; a test holds them equal.
"""

import inspect
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer

from analysis.evaluation.page import stored
from collector import errors
from collector.sources import SOURCES
from ui.cli import INTERRUPTED, build

FOLDER = Path(__file__).parent
HEAD = """\
<!-- Written by `make docs` from the commands themselves: do not edit. -->
# Commands

`buzz COMMAND --help` says the same in a terminal. Results go to standard output, messages to standard error.
"""
TERMS_HEAD = """\
<!-- Written by `make docs` from the sources themselves: do not edit. -->
# What may be kept and shown

Each platform has terms of its own. What they ask is done by default; the rules below are in the code, not only here.
Authors are kept as keyed hashes only, and the key lies outside the database. Raw answers lose their author objects and
go after 7 days. Whatever is deleted, its labels, search words and totals go with it, and it does not come back.
[Collecting](collecting.md) tells of `keep_text`, `keep_posts`, `retention_days` and `buzz forget`,
[exports](export.md) of `--text` and `--pseudonymous`. Posts of `buzz import` are your own, and so are their terms.
You are the one who collects: read the terms of the platforms that you switch on.
"""
TERMS = ("kept", "shown", "exported", "derived", "deleted")


def terms_page() -> str:
    """Return the text of docs/terms.md."""
    rows = [
        f"| `{name}` | " + " | ".join(getattr(source.terms, part) for part in TERMS) + " |"
        for name, source in SOURCES.items()
    ]
    heads = ("source", "kept", "shown", "exported", "derived", "what is deleted there")
    return "\n".join([TERMS_HEAD, f"| {' | '.join(heads)} |", "|---" * len(heads) + "|", *rows, ""])


def page() -> str:
    """Return the text of docs/commands.md."""
    root = typer.main.get_command(build())
    parts = [HEAD, *_command("buzz", root)]
    for name, command in _walk("buzz", root):
        parts += _command(name, command)
    return "\n".join([*parts, *_exit_codes()]).rstrip() + "\n"


def _walk(prefix: str, group: Any) -> Iterator[tuple[str, Any]]:  # noqa: ANN401 - Typer's own command classes
    for name, command in getattr(group, "commands", {}).items():
        yield f"{prefix} {name}", command
        yield from _walk(f"{prefix} {name}", command)


def _command(name: str, command: Any) -> list[str]:  # noqa: ANN401 - as above
    context = command.context_class(command, info_name=name)
    usage = " ".join([name, *command.collect_usage_pieces(context)])
    lines = [f"## {name}", "", " ".join((command.help or "").split()), "", "```", usage, "```", ""]
    # --install-completion and --show-completion are Typer's own, named by its own help
    rows = [_row(part, context) for part in command.params if not part.hidden and "completion" not in part.name]
    if rows:
        lines += ["| option or argument | what | default |", "|---|---|---|", *rows, ""]
    return lines


def _row(part: Any, context: Any) -> str:  # noqa: ANN401 - as above
    argument = part.param_type_name == "argument"
    names = [part.name] if argument else [*part.opts, *part.secondary_opts]
    kind = "" if getattr(part, "is_flag", False) else f" {_escaped(part.display_type(context).strip('<>{}'))}"
    shown = ", ".join(f"`{name}`" for name in names) + (f" ({kind.strip()})" if kind.strip() else "")
    return f"| {shown} | {_escaped(' '.join((part.help or '').split()))} | {_default(part)} |"


def _default(part: Any) -> str:  # noqa: ANN401 - as above
    if part.required:
        return "required"
    if part.default is None or part.default in (False, (), []):
        return "—"
    if part.default is True:
        return f"`{part.opts[0]}`"
    return f"`{getattr(part.default, 'value', part.default)}`"


def _escaped(text: str) -> str:
    return text.replace("|", "\\|").replace("<", "&lt;").replace(">", "&gt;")


def _exit_codes() -> list[str]:
    classes = [kind for _, kind in inspect.getmembers(errors, inspect.isclass) if issubclass(kind, errors.BuzzError)]
    told = {0: ["Done."], 2: ["The command line itself is wrong: an option or a value that is not known."],
            INTERRUPTED: ["Stopped by Ctrl-C."]}  # fmt: skip
    for kind in classes:
        if "exit_code" in vars(kind):
            told.setdefault(kind.exit_code, []).append(_first_line(kind))
    lines = ["## Exit codes", "", "| code | meaning |", "|---|---|"]
    return [*lines, *(f"| {code} | {' '.join(told[code])} |" for code in sorted(told)), ""]


def _first_line(kind: type) -> str:
    # what follows tells a programmer about an attribute
    return re.sub(r"[;.]? `(until|exit_code)`.*", ".", (kind.__doc__ or "").strip().splitlines()[0])


def main() -> None:
    """Write the pages, or with --check end with 1 where one is not as it would be written."""
    accuracy = FOLDER / "accuracy.md"
    pages = {FOLDER / "commands.md": page(), FOLDER / "terms.md": terms_page(), accuracy: stored(accuracy)}
    for path, text in pages.items():
        if sys.argv[1:] != ["--check"]:
            path.write_text(text, encoding="utf-8")
        elif not path.is_file() or path.read_text(encoding="utf-8") != text:
            sys.exit(f"docs/{path.name} is not as the code is: run `make docs`")


if __name__ == "__main__":
    main()
