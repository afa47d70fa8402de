"""`buzz model`: fetch a ready-made sentiment model once."""

from dataclasses import asdict
from typing import Annotated

import typer

from collector.errors import ConfigError
from ui.console import Console
from ui.options import JsonOption, QuietOption

model = typer.Typer(help="Fetch a sentiment model of your own choice.", no_args_is_help=True)
HUB = "https://huggingface.co"
MEGABYTE = 1_000_000


@model.callback()
def _group() -> None:
    """Fetch a sentiment model of your own choice."""


@model.command("fetch")
def fetch(
    name: Annotated[str, typer.Argument(metavar="NAME", help="As Hugging Face writes it: owner/model.")],
    *,
    small: Annotated[bool, typer.Option("--small", help="Weights in eight bits, where there are some.")] = False,
    hub: Annotated[str, typer.Option("--hub", metavar="ADDRESS", help="A mirror of Hugging Face.")] = HUB,
    json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Fetch the files of a model from Hugging Face into your data folder, whole or not at all.

    Its digests are compared. The licence and the languages that its page names are printed; the model reads posts once
    config.toml asks for it. Nothing is sent but the model's name. docs/models.md tells the rest.
    """
    from collector.address import base_like, safe_for_token  # noqa: PLC0415 - as below
    from collector.http import Http  # noqa: PLC0415 - requests would slow every command's start
    from collector.model_files import fetch as fetch_files  # noqa: PLC0415 - as above

    console = Console(json=json, quiet=quiet)
    try:
        address = base_like(HUB)(hub)
    except ValueError as fault:
        raise ConfigError(f"--hub {hub} is no address: use {fault}") from fault
    if not safe_for_token(address):
        raise ConfigError(f"--hub {hub} is not safe: use an https address")
    folder, fetched = fetch_files(
        Http(), name, hub=address, small=small, told=lambda file: console.say(f"fetching {file}")
    )
    if not fetched.license:
        console.warn(f"the page of {name} names no licence: ask its authors before you publish figures made with it")
    console.result(
        {**asdict(fetched), "folder": str(folder)},
        f"{name}: {fetched.size / MEGABYTE:,.1f} MB in {folder}\n"
        f"licence: {fetched.license or '—'}; languages: {', '.join(fetched.languages) or '—'}\n"
        f'To use it: [sentiment] engine = "transformers", model = "{name}"',
    )
