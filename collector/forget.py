"""Forgetting on request: one post, or an author with all posts. What is forgotten here does not come back.

Labels, raw answers, search words and totals follow, as for whatever a platform deletes.
"""

import re
from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import Connection, or_, select

from collector import gone, posts
from collector.author import AuthorKeys
from collector.errors import InputError
from collector.models import Post, table
from collector.store import Store

POST = table(Post)
BLUESKY_LINK = re.compile(r"https://bsky\.app/profile/[^/]+/post/(?P<rkey>[^/?#]+)")
MASTODON_HANDLE = re.compile(r"@?(?P<name>[\w.-]+)@(?P<server>[\w.-]+(?::\d+)?)")


class Found(NamedTuple):
    """A stored post that an address means."""

    platform: str
    native_id: str
    author_key: str | None


def find(store: Store, address: str) -> list[Found]:
    """Return the stored posts that have this as their id, their address or their link."""
    written = address.strip()
    wanted = [POST.c.native_id == written, POST.c.uri == written, POST.c.url == written]
    if link := BLUESKY_LINK.fullmatch(written):  # which may name the author by handle, where we know the id
        ends = f"/app.bsky.feed.post/{link['rkey']}"
        wanted.append(POST.c.native_id.endswith(ends, autoescape=True))
    with store.reading() as connection:
        rows = connection.execute(select(POST.c.platform, POST.c.native_id, POST.c.author_key).where(or_(*wanted)))
        return [Found(*row) for row in rows]


def keys_of(authors: AuthorKeys, platform: str, written: str) -> list[str]:
    """Return the keys under which an author may be stored: by an id or address as the platform writes it.

    On Mastodon a handle such as @ann@a.example will do. Raises InputError for what cannot be an author there.
    """
    name = written.strip()
    if platform == "x" and not name.isdecimal():
        raise InputError(f'X tells authors by number, not "{name}": give that, or --uri of a post with --whole-author')
    if platform == "bluesky" and not name.startswith("did:"):
        raise InputError(f'Bluesky tells authors by "did:…", not "{name}": give that, or --uri with --whole-author')
    names: Sequence[str] = [name]
    if platform == "mastodon" and (handle := MASTODON_HANDLE.fullmatch(name)):
        server, person = handle["server"], handle["name"]
        names = [f"https://{server}/users/{person}", f"https://{server}/@{person}", f"{person}@{server}"]
    return [key for one in names if (key := authors.key(platform, one))]


def forget_posts(store: Store, found: Sequence[Found]) -> int:
    """Delete these posts for good. Returns how many were here."""
    with store.writing() as connection:
        return sum(_forget_post(connection, one) for one in found)


def _forget_post(connection: Connection, found: Found) -> int:
    return posts.delete_posts(connection, found.platform, [found.native_id])


def forget_author(store: Store, platform: str, author_keys: Sequence[str]) -> int:
    """Delete every post of an author for good, and store nothing of them any more. Returns how many were here."""
    with store.writing() as connection:
        for key in author_keys:
            gone.forget_author(connection, platform, key)
        return posts.delete_authors(connection, platform, dict.fromkeys(author_keys))


def bury(store: Store, platform: str, native_ids: Sequence[str]) -> None:
    """Have an archive take these posts out with its next run."""
    with store.writing() as connection:
        posts.delete_posts(connection, platform, native_ids)
