"""Writes one page of posts inside a transaction: new ones, known ones, mentions, dirty hours, deletions."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeVar

from sqlalchemy import Connection, delete, insert, select, update

from collector import search_index
from collector.clock import hour_of, to_seconds
from collector.models import Label, Mention, Post, PostTopic, RawPost, table
from collector.records import Batch, MatchedPost, PostLabels
from collector.upsert import mark_dirty

LABEL = table(Label)
MENTION = table(Mention)
POST = table(Post)
POST_TOPIC = table(PostTopic)
RAW_POST = table(RawPost)

Item = TypeVar("Item")
CHUNK = 500
COUNTS = ("likes", "reposts", "replies")
GONE = object()


def chunks(items: Sequence[Item], size: int = CHUNK) -> Iterator[Sequence[Item]]:
    """Cut a sequence into pieces that fit into one IN list."""
    return (items[start : start + size] for start in range(0, len(items), size))


def save_posts(connection: Connection, batch: Batch) -> int:
    """Insert what is new, update what is known, mark the hours touched. Returns how many posts are new."""
    latest = {post.draft.native_id: post for post in batch.posts}
    known = _known(connection, batch.platform, list(latest))
    new = [post for native_id, post in latest.items() if native_id not in known]
    ids = _insert(connection, batch, new)
    search_index.index(connection, [(ids[post.draft.native_id], post.draft.text, post.draft.hashtags) for post in new])
    ids |= {native_id: row.id for native_id, row in known.items()}
    for native_id, row in known.items():
        _refresh(connection, row, latest[native_id])
    _mention(connection, batch.platform, [post for post in new if post.titles], ids)
    _mention_again(connection, batch.platform, [latest[native_id] for native_id in known], known)
    _keep_raw(connection, batch, new, ids)
    return len(new)


def delete_posts(connection: Connection, platform: str, native_ids: Sequence[str]) -> int:
    """Take away what the platform has taken away, with its labels and mentions. Returns how many were here."""
    ids = [row.id for row in _known(connection, platform, list(native_ids)).values()]
    for some in chunks(ids):
        _mark(connection, some)
        connection.execute(delete(POST).where(POST.c.id.in_(some)))
    return len(ids)


def _known(connection: Connection, platform: str, native_ids: Sequence[str]) -> dict[str, Any]:
    columns = (
        POST.c.id,
        POST.c.native_id,
        POST.c.created_at,
        POST.c.edited_at,
        POST.c.likes,
        POST.c.reposts,
        POST.c.replies,
    )
    return {
        row.native_id: row
        for some in chunks(native_ids)
        for row in connection.execute(select(*columns).where(POST.c.platform == platform, POST.c.native_id.in_(some)))
    }


def _insert(connection: Connection, batch: Batch, posts: Sequence[MatchedPost]) -> dict[str, int]:
    if not posts:
        return {}
    rows = [_row(post, batch) for post in posts]
    returned = connection.execute(insert(POST).returning(POST.c.native_id, POST.c.id), rows)
    return {str(native_id): int(post_id) for native_id, post_id in returned}


def _row(post: MatchedPost, batch: Batch) -> dict[str, Any]:
    draft = post.draft
    return {
        "platform": draft.platform,
        "native_id": draft.native_id,
        "created_at": post.created_at,
        "claimed_at": post.claimed_at,
        "collected_at": batch.collected_at,
        "author_key": post.author_key,
        "sample": batch.sample,
        **_counts(post),
        **_content(post),
    }


def _counts(post: MatchedPost) -> dict[str, int | None]:
    return {name: getattr(post.draft, name) for name in COUNTS}


def _content(post: MatchedPost) -> dict[str, Any]:
    draft = post.draft
    return {
        "uri": draft.uri,
        "url": draft.url,
        "text": draft.text,
        "language": draft.language,
        "hashtags": " ".join(sorted(draft.hashtags)),
        "edited_at": to_seconds(draft.edited_at) if draft.edited_at else None,
    }


def _refresh(connection: Connection, row: Any, post: MatchedPost) -> None:  # noqa: ANN401 - a result row
    """Take over newer counts, and the newer text of an edited post, which then is labelled and matched anew."""
    changes: dict[str, Any] = {
        name: count for name, count in _counts(post).items() if count is not None and count != getattr(row, name)
    }
    edited = post.draft.edited_at is not None and to_seconds(post.draft.edited_at) > (row.edited_at or 0)
    if edited:
        changes |= _content(post)
        _mark(connection, [row.id])
        connection.execute(delete(LABEL).where(LABEL.c.post_id == row.id))
        connection.execute(delete(POST_TOPIC).where(POST_TOPIC.c.post_id == row.id))
        connection.execute(delete(MENTION).where(MENTION.c.post_id == row.id))
        search_index.reindex(connection, [(row.id, post.draft.text, post.draft.hashtags)])
    if changes:
        connection.execute(update(POST).where(POST.c.id == row.id).values(changes))


def _mention(connection: Connection, platform: str, posts: Sequence[MatchedPost], ids: Mapping[str, int]) -> None:
    """Add the mentions of new posts."""
    mentions = [
        (title_id, hour_of(post.created_at), ids[post.draft.native_id]) for post in posts for title_id in post.titles
    ]
    _insert_mentions(connection, platform, mentions)


def _mention_again(
    connection: Connection, platform: str, posts: Sequence[MatchedPost], known: Mapping[str, Any]
) -> None:
    """Add mentions that a known post lacks, because the config has gained a title or the post was edited."""
    rows = [(post, known[post.draft.native_id]) for post in posts if post.titles]
    had = _mentions_of(connection, [row.id for _, row in rows])
    lacking = [
        (title_id, hour_of(row.created_at), row.id)
        for post, row in rows
        for title_id in post.titles
        if (row.id, title_id) not in had
    ]
    _insert_mentions(connection, platform, lacking)


def _insert_mentions(connection: Connection, platform: str, mentions: Sequence[tuple[int, int, int]]) -> None:
    """Insert (title, hour, post) triples and mark their hours."""
    if mentions:
        rows = [
            {"title_id": title_id, "hour": hour, "post_id": post_id, "platform": platform}
            for title_id, hour, post_id in mentions
        ]
        connection.execute(insert(MENTION), rows)
        mark_dirty(connection, {(title_id, hour) for title_id, hour, _ in mentions})


def _mentions_of(connection: Connection, post_ids: Sequence[int]) -> set[tuple[int, int]]:
    return {
        (post_id, title_id)
        for some in chunks(post_ids)
        for post_id, title_id in connection.execute(
            select(MENTION.c.post_id, MENTION.c.title_id).where(MENTION.c.post_id.in_(some))
        )
    }


def _mark(connection: Connection, post_ids: Collection[int]) -> None:
    """Mark the hours that these posts are mentioned in."""
    hours: Iterable[Any] = connection.execute(
        select(MENTION.c.title_id, MENTION.c.hour).where(MENTION.c.post_id.in_(post_ids)).distinct()
    )
    mark_dirty(connection, {(title_id, hour) for title_id, hour in hours})


def still_valid(connection: Connection, labels: Sequence[PostLabels]) -> list[PostLabels]:
    """Keep the labels of posts that are there with the text that was labelled."""
    edited: dict[int, int | None] = {}
    for some in chunks([label.post_id for label in labels]):
        rows = connection.execute(select(POST.c.id, POST.c.edited_at).where(POST.c.id.in_(some)))
        edited |= {row.id: row.edited_at for row in rows}
    return [label for label in labels if edited.get(label.post_id, GONE) == label.edited_at]


def mark_posts(connection: Connection, post_ids: Sequence[int]) -> None:
    """Mark the hours that any number of posts are mentioned in."""
    for some in chunks(post_ids):
        _mark(connection, some)


def _keep_raw(connection: Connection, batch: Batch, posts: Sequence[MatchedPost], ids: Mapping[str, int]) -> None:
    rows = [
        {"post_id": ids[post.draft.native_id], "stored_at": batch.collected_at, "payload": post.raw}
        for post in posts
        if post.raw is not None
    ]
    if rows:
        connection.execute(insert(RAW_POST), rows)
