"""`buzz forget`: take a post, or an author with all posts, out of the database, for good."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from collector.errors import ConfigError, InputError
from ui.console import Console
from ui.options import ConfigOption, DbOption, JsonOption, QuietOption
from ui.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Sequence

    from collector.forget import Found
    from collector.store import Store


def forget(
    *,
    uri: Annotated[str | None, typer.Option("--uri", help="The id, address or link of a post.")] = None,
    whole_author: Annotated[
        bool, typer.Option("--whole-author", help="With --uri: all of its author's posts.")
    ] = False,
    author: Annotated[str | None, typer.Option("--author", help="An author by id, address or Mastodon handle.")] = None,
    platform: Annotated[str | None, typer.Option("--platform", help="With --author: where, such as mastodon.")] = None,
    config: ConfigOption = None,
    db: DbOption = None,
    json: JsonOption = False,
    quiet: QuietOption = False,
) -> None:
    """Delete a post or an author for good: text, raw answer, labels, search words and totals follow at once.

    What is forgotten is not stored again. An archive follows with the next `buzz archive`; files that were exported
    and backups that were made before are yours to mend.
    """
    if (uri is None) == (author is None):
        raise ConfigError("say whom to forget: --uri of a post, or --author with --platform")
    if (author is None) != (platform is None):
        raise ConfigError("--author needs --platform, such as --author @ann@a.example --platform mastodon")
    console = Console(json=json, quiet=quiet)
    workspace = Workspace.open(config, db)
    with workspace.store() as store:
        if author is not None and platform is not None:
            gone, archived = _author(store, platform, _keys(platform, author))
        else:
            gone, archived = _post(store, uri or "", whole_author=whole_author)
        _total(store)
    told = {"posts": gone, "archived": archived}
    console.result(told, _words(gone, archived))


def _total(store: "Store") -> None:
    from analysis.rollup import roll  # noqa: PLC0415 - SQLAlchemy would slow every command's start

    roll(store)


def _keys(platform: str, author: str) -> "Sequence[str]":
    from collector.author import AuthorKeys  # noqa: PLC0415 - as above
    from collector.forget import keys_of  # noqa: PLC0415 - as above

    return keys_of(AuthorKeys.load(), platform, author)


def _post(store: "Store", uri: str, *, whole_author: bool) -> tuple[int, int]:
    from collector.forget import find, forget_posts  # noqa: PLC0415 - as above

    found = find(store, uri)
    if not found:
        raise InputError(f"no stored post has the id, address or link {uri}; `buzz posts` finds posts with their links")
    if not whole_author:
        return forget_posts(store, found), 0
    return _authors_of(store, found)


def _authors_of(store: "Store", found: "Sequence[Found]") -> tuple[int, int]:
    here = there = 0
    for platform, key in sorted({(one.platform, one.author_key or "") for one in found}):
        if not key:
            raise InputError(f"{platform} does not say who wrote this post: leave --whole-author out")
        gone, archived = _author(store, platform, [key])
        here, there = here + gone, there + archived
    return here, there


def _author(store: "Store", platform: str, keys: "Sequence[str]") -> tuple[int, int]:
    """Forget an author. Returns how many posts went from the database, and how many lie in archives."""
    from analysis.archive.authors import posts_of  # noqa: PLC0415 - as above
    from collector.archived import archives, dropped_days  # noqa: PLC0415 - as above
    from collector.forget import bury, forget_author  # noqa: PLC0415 - as above

    here = forget_author(store, platform, keys)  # first: an archive that is away must not keep this from happening
    with store.reading() as connection:
        folders = {Path(folder) for folder in archives(connection).values()}
        folders |= {Path(day.folder) for day in dropped_days(connection).values()}
    there = {native_id for folder in sorted(folders) for native_id in posts_of(folder, platform, keys)}
    bury(store, platform, sorted(there))
    return here, len(there)


def _words(gone: int, archived: int) -> str:
    said = f"{gone:,} {'post is' if gone == 1 else 'posts are'} gone and will not come back."
    return said + (f" {archived:,} lie in an archive: `buzz archive` takes them out." if archived else "")
