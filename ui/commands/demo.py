"""`buzz demo`: the whole way on invented sample posts, without a key or a network."""

from pathlib import Path
from typing import Annotated

import typer

from ui.console import Console
from ui.options import JsonOption, QuietOption


def demo(
    *,
    folder: Annotated[Path, typer.Option(help="Where the demo keeps its database.")] = Path("buzzchart-demo"),
    port: Annotated[
        int | None, typer.Option(min=1, max=65535, help="The app's port (else the first free one from 8501).")
    ] = None,
    serve: Annotated[bool, typer.Option("--serve/--no-serve", help="Serve the app, or leave after the result.")] = True,
    headless: Annotated[bool, typer.Option("--headless", help="Do not open a browser.")] = False,
    json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Run the packaged sample through the real pipeline, print its result, and serve the app."""
    from ui.commands.ui import serve as serve_app  # noqa: PLC0415 - of no use to other commands' start
    from ui.demo import EXPORTED, prepare  # noqa: PLC0415 - as above
    from ui.main_result import lines, title_results  # noqa: PLC0415 - pandas would slow every command's start

    console = Console(json=json, quiet=quiet)
    console.say("Buzzchart demo: invented sample posts, real ranking figures.")
    workspace = prepare(folder, console)
    with workspace.reader() as reader:
        results = title_results(reader, workspace.config.titles)
    exported = folder / EXPORTED
    data = {
        "note": "invented sample posts",
        "database": workspace.url,
        "csv": str(exported),
        "titles": [vars(result) for result in results],
    }
    console.result(data, "\n".join([*lines(results), f"CSV: {exported}"]))
    if serve:
        raise typer.Exit(serve_app(workspace, port, headless=headless, console=Console(quiet=quiet)))
