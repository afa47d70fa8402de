"""`buzz title`: look at what a title would bring, add it to config.toml, list what is watched."""

from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from collector import config as configs
from collector.errors import ConfigError, StoreError
from collector.proposal import Wishes, trial
from ui.console import Console
from ui.options import ConfigOption, DbOption, JsonOption, QuietOption
from ui.workspace import Workspace

if TYPE_CHECKING:
    from collector.config import TitleSettings
    from ui.adding import Proposal

title = typer.Typer(help="Preview a title, add it to config.toml, list what is watched.", no_args_is_help=True)


class Kind(StrEnum):
    """What a title is."""

    SHOW = "show"
    FILM = "film"


NameArgument = Annotated[str, typer.Argument(help="What the title is called.")]
HashtagOption = Annotated[
    list[str] | None, typer.Option("--hashtag", help="A hashtag, with or without '#'; give it once for each.")
]
PhraseOption = Annotated[
    list[str] | None, typer.Option("--phrase", help="A phrase that means this title only; once for each.")
]
PersonOption = Annotated[
    list[str] | None, typer.Option("--person", help="Of cast, characters or makers; once for each.")
]
ArticleOption = Annotated[
    list[str] | None, typer.Option("--article", help='Of Wikipedia, such as "en:Squid Game"; once for each.')
]
GenreOption = Annotated[list[str] | None, typer.Option("--genre", help="Such as horror; once for each.")]


ExcludeOption = Annotated[
    list[str] | None, typer.Option("--exclude", help="A phrase that shows that something else is meant; once for each.")
]


def _wishes(**given: list[str] | None) -> Wishes:
    return Wishes(**{name: tuple(values or ()) for name, values in given.items()})  # type: ignore[arg-type]  # names only


@title.command("preview")
def preview(
    name: NameArgument,
    *,
    hashtag: HashtagOption = None,
    phrase: PhraseOption = None,
    article: ArticleOption = None,
    exclude: ExcludeOption = None,
    limit: Annotated[int, typer.Option(min=40, max=20_000, help="About how many posts to read of one source.")] = 1000,
    x: Annotated[
        bool, typer.Option("--x", help="Also ask X for its hourly counts of 7 days: $0.005 a query, on the meter.")
    ] = False,
    config: ConfigOption = None,
    db: DbOption = None,
    json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Show what a title would bring before it is watched: volume, cost, samples, and what else its names mean.

    Asks the sources of the config that can be asked without a key; a title of the config is taken with its names, any
    other one with what its name gives, and both with the options. Nothing is saved; with --x X's meter alone.
    """
    from collector.preview import Limits  # noqa: PLC0415 - requests would slow every command's start
    from ui import preview_words, previewing  # noqa: PLC0415 - as above

    console = Console(json=json, quiet=quiet)
    workspace = Workspace.open(config, db, default=True)
    wishes = _wishes(hashtags=hashtag, phrases=phrase, articles=article, exclude=exclude)
    watched = trial(workspace.config.titles, name, wishes)
    found = previewing.preview(workspace, watched, Limits(posts=limit), console, ask_x=x)
    told = preview_words.document(found)
    console.result(told, preview_words.words(told))


@title.command("list")
def list_(
    *,
    config: ConfigOption = None,
    db: DbOption = None,
    json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """List the titles of the config: their names, and how many posts of each are stored."""
    console = Console(json=json, quiet=quiet)
    workspace = Workspace.open(config, db, default=True)
    stored = _stored(workspace)
    rows = [
        {
            "title": one.name,
            "kind": one.kind,
            "released": one.released.isoformat() if one.released else None,
            "hashtags": len(one.hashtags),
            "phrases": len(one.phrases),
            "posts": stored.get(one.name) if stored is not None else None,
        }
        for one in workspace.config.titles
    ]
    lines = [_listed(one, stored) for one in workspace.config.titles]
    console.result({"titles": rows}, "\n".join(lines) or "No title yet: `buzz title add NAME`.")


def _listed(one: "TitleSettings", stored: dict[str, int] | None) -> str:
    day = f", {one.released}" if one.released else ""
    posts = "—" if stored is None else f"{stored[one.name]:,}"
    return f"{one.name} ({one.kind}{day}): {len(one.hashtags)} hashtags, {len(one.phrases)} phrases, {posts} posts"


def _stored(workspace: Workspace) -> dict[str, int] | None:
    """Return how many posts are stored of each title; None where there is no database yet."""
    from analysis.frames.posts import count_posts  # noqa: PLC0415 - as above
    from collector.source import Kind as SourceKind  # noqa: PLC0415 - as above

    try:
        with workspace.reader() as reader:
            return {
                one.name: count_posts(reader, title=one.name, kind=SourceKind.POSTS) for one in workspace.config.titles
            }
    except StoreError:
        return None


@title.command("add")
def add(
    name: NameArgument,
    *,
    hashtag: HashtagOption = None,
    phrase: PhraseOption = None,
    person: PersonOption = None,
    article: ArticleOption = None,
    genre: GenreOption = None,
    exclude: ExcludeOption = None,
    released: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Day of the premiere, such as 2021-11-19.")
    ] = None,
    kind: Annotated[
        Kind | None, typer.Option(help="What it is; where several are called so, only these are meant.")
    ] = None,
    pick: Annotated[int | None, typer.Option("--pick", help="Which one, where several are called so.")] = None,
    offline: Annotated[bool, typer.Option("--offline", help="Do not ask Wikidata.")] = False,
    look: Annotated[
        bool, typer.Option("--preview", help="First show what it would bring, as `buzz title preview`.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Write it without asking.")] = False,
    config: ConfigOption = None,
    db: DbOption = None,
    json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Propose a title's names in all languages, people and premiere from Wikidata, and add it to config.toml.

    Comments, order and layout of the file stay. Nothing is written before you agree.
    """
    from collector.config_edit import add_title, check_new, snippet  # noqa: PLC0415 - tomlkit would slow every start
    from ui import adding  # noqa: PLC0415 - as above

    console = Console(json=json, quiet=quiet)
    path = configs.find(config)
    settings = configs.load(path)
    check_new(settings, name, str(path))
    wishes = _wishes(
        hashtags=hashtag, phrases=phrase, people=person, genres=genre, articles=article, exclude=exclude
    )._replace(released=released.date() if released else None, kind=kind.value if kind else None)
    found = adding.proposal(settings, name, wishes, console, pick=pick, offline=offline)
    console.say(adding.in_words(found))
    told = _preview(Workspace.open(path, db), found.title, console) if look else None
    if not (yes or adding.agrees(name)):
        console.say("Nothing was written.")
        raise typer.Exit(1)
    try:
        add_title(path, found.title)
    except ConfigError:
        console.say(f"This is what to add by hand:\n\n{snippet(found.title)}")
        raise
    console.result(_told(found, path) | ({"preview": told} if told else {}), _next(found.title, path))


def _preview(workspace: Workspace, proposed: "TitleSettings", console: Console) -> dict[str, Any]:
    from collector.preview import Limits  # noqa: PLC0415 - as above
    from ui import preview_words, previewing  # noqa: PLC0415 - as above

    told = preview_words.document(previewing.preview(workspace, proposed, Limits(), console))
    console.say(f"\n{preview_words.words(told)}\n")
    return told


def _told(found: "Proposal", path: Path) -> dict[str, Any]:
    told = found.title.model_dump(mode="json")
    return {"config": str(path), "added": told, "wikidata": found.item, "ordinary_words": list(found.plain)}


def _next(added: "TitleSettings", path: Path) -> str:
    return (
        f"{added.name} is in {path}. A running collector takes it over within 2 seconds, else `buzz collect --once` "
        "begins; new hashtags are read back as far as each source offers. "
        f'`buzz title preview "{added.name}"` shows what it brings.'
    )
