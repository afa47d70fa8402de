"""Writes one page of posts inside a transaction: new ones, known ones, mentions, dirty hours, deletions."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, bindparam, delete, select, update

from collector import gone, label_rows, search_index
from collector.clock import hour_of, to_seconds
from collector.models import FollowedPost, Label, Mention, Post, PostTopic, RawPost, table
from collector.records import Batch, MatchedPost, PostLabels, Prepared
from collector.search_tokens import indexed
from collector.source import PostDraft
from collector.upsert import chunks, insert_rows, is_among, is_postgresql, mark_dirty, next_ids, whole_numbers

FOLLOWED = table(FollowedPost)
LABEL = table(Label)
MENTION = table(Mention)
POST = table(Post)
POST_TOPIC = table(PostTopic)
RAW_POST = table(RawPost)

SeenAgain = tuple[Any, MatchedPost]  # the row that is stored, and the post as it is told now
# the columns of a post: what never changes, what grows, what an edit changes
OWN = ("platform", "native_id", "created_at", "claimed_at", "collected_at", "author_key", "sample")
COUNTS = ("likes", "reposts", "replies")
CONTENT = ("uri", "url", "text", "language", "hashtags", "edited_at")
GONE = object()

# missing counts do not erase
_COUNT_SQLITE = (
    "UPDATE post SET likes = coalesce(?, likes), reposts = coalesce(?, reposts), replies = coalesce(?, replies)"
    " WHERE id = ?"
)
_COUNT_POSTGRESQL = (
    "UPDATE post SET likes = coalesce(new.likes, post.likes), reposts = coalesce(new.reposts, post.reposts),"
    " replies = coalesce(new.replies, post.replies)"
    " FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[]) AS new (likes, reposts, replies, id)"
    " WHERE post.id = new.id"
)


def save_posts(connection: Connection, batch: Batch) -> int:
    """Insert what is new, update what is known, mark the hours touched. Returns how many posts are new."""
    latest = gone.welcome(connection, batch.platform, batch.posts)
    known = _known(connection, batch.platform, list(latest))
    new = [post for native_id, post in latest.items() if native_id not in known]
    ids = _insert(connection, batch, new)
    _mention(connection, batch.platform, new, ids)
    _keep_raw(connection, batch, new, ids)
    _follow(connection, batch, new, ids)
    seen_again = [(row, latest[native_id]) for native_id, row in known.items()]
    _refresh(connection, seen_again)
    _mention_again(connection, batch.platform, seen_again)
    return len(new)


def delete_posts(connection: Connection, platform: str, native_ids: Sequence[str]) -> int:
    """Take away what the platform has taken away, with its labels and mentions. Returns how many were here.

    They do not come back, however often they are told again. What lies in an archive is noted, to be taken out there.
    """
    here = _known(connection, platform, list(native_ids))
    gone.bury(connection, platform, native_ids, here)
    for some in chunks([row.id for row in here.values()]):
        _mark(connection, some)
        connection.execute(delete(POST).where(is_among(connection, POST.c.id, some)))
    return len(here)


def delete_authors(connection: Connection, platform: str, authors: Mapping[str, int | None]) -> int:
    """Take away every post of these authors filed up to a moment (None: all of them), as `delete_posts` does."""
    theirs: list[str] = []
    for some in chunks(list(authors)):
        of_them = is_among(connection, POST.c.author_key, some)
        chosen = select(POST.c.native_id, POST.c.author_key, POST.c.created_at).where(of_them)
        for row in connection.execute(chosen.where(POST.c.platform == platform)):
            until = authors[row.author_key]
            if until is None or row.created_at <= until:
                theirs.append(row.native_id)
    return delete_posts(connection, platform, theirs)


def known_ids(connection: Connection, platform: str, native_ids: Sequence[str]) -> set[str]:
    """Return which of these posts are stored."""
    return set(_known(connection, platform, native_ids))


def _known(connection: Connection, platform: str, native_ids: Sequence[str]) -> dict[str, Any]:
    """Return the rows of those of these posts that are stored, by native id."""
    query = "SELECT id, native_id, created_at, edited_at, likes, reposts, replies FROM post WHERE platform = "
    found: dict[str, Any] = {}
    for some in chunks(native_ids):
        # as text: put together for each page, SQLAlchemy's own query takes longer than the look-up
        if is_postgresql(connection):
            rows = connection.exec_driver_sql(f"{query}%s AND native_id = ANY(%s)", (platform, list(some)))
        else:
            marks = ", ".join("?" * len(some))
            rows = connection.exec_driver_sql(f"{query}? AND native_id IN ({marks})", (platform, *some))
        found |= {row.native_id: row for row in rows}
    return found


def _insert(connection: Connection, batch: Batch, posts: Sequence[MatchedPost]) -> Sequence[int]:
    """Insert new posts and their words for search. Returns their ids, in order."""
    if not posts:
        return ()
    ids = next_ids(connection, POST, len(posts))
    rows = [
        (post_id, *_own(post, batch), *_counts(post), *_content(post)) for post_id, post in zip(ids, posts, strict=True)
    ]
    insert_rows(connection, POST, ("id", *OWN, *COUNTS, *CONTENT), rows)
    search_index.add(connection, [*zip(ids, map(_words(batch.prepared), posts), strict=True)])
    if batch.prepared:
        names = (post.draft.native_id for post in posts)
        label_rows.insert(connection, batch.prepared, zip(ids, names, strict=True))
    return ids


def _words(prepared: Prepared | None) -> Callable[[MatchedPost], str]:
    """Return what tells the words for search of a post: those that were prepared, or cut out now."""
    ready = prepared.posts if prepared else {}

    def words(post: MatchedPost) -> str:
        found = ready.get(post.draft.native_id)
        return found[0] if found else indexed(post.draft.text, post.draft.hashtags)

    return words


def _own(post: MatchedPost, batch: Batch) -> tuple[Any, ...]:
    """Return what never changes, in the order of OWN."""
    draft, filed = post.draft, (post.created_at, post.claimed_at, batch.collected_at)
    return (draft.platform, draft.native_id, *filed, post.author_key, batch.sample)


def _counts(post: MatchedPost) -> tuple[int | None, ...]:
    """Return what grows, in the order of COUNTS."""
    draft = post.draft
    return (draft.likes, draft.reposts, draft.replies)


def _content(post: MatchedPost) -> tuple[Any, ...]:
    """Return what an edit changes, in the order of CONTENT."""
    draft = post.draft
    edited_at = to_seconds(draft.edited_at) if draft.edited_at else None
    return (draft.uri, draft.url, draft.text, draft.language, hashtags_of(draft), edited_at)


def hashtags_of(draft: PostDraft) -> str:
    """Return the hashtags of a post as they are stored: in order, joined by spaces."""
    return " ".join(sorted(draft.hashtags)) if draft.hashtags else ""


def _for_search(posts: Iterable[tuple[int, MatchedPost]]) -> list[search_index.Row]:
    return [(post_id, post.draft.text, post.draft.hashtags) for post_id, post in posts]


def _refresh(connection: Connection, posts: Sequence[SeenAgain]) -> None:
    """Take over newer counts, and the newer texts of edited posts, which then are labelled and matched anew."""
    counted = [(*_counts(post), row.id) for row, post in posts if _has_new_counts(row, post)]
    if counted and is_postgresql(connection):
        columns = zip(*counted, strict=True)
        connection.exec_driver_sql(_COUNT_POSTGRESQL, tuple(whole_numbers(column) for column in columns))
    elif counted:
        connection.exec_driver_sql(_COUNT_SQLITE, counted)
    edited = [(row.id, post) for row, post in posts if _is_newer(row, post)]
    for some in chunks(edited):
        _replace(connection, some)


def _has_new_counts(row: Any, post: MatchedPost) -> bool:  # noqa: ANN401 - a result row
    stored = (row.likes, row.reposts, row.replies)
    return any(new is not None and new != old for new, old in zip(_counts(post), stored, strict=True))


def _is_newer(row: Any, post: MatchedPost) -> bool:  # noqa: ANN401 - a result row
    return post.draft.edited_at is not None and to_seconds(post.draft.edited_at) > (row.edited_at or 0)


def _replace(connection: Connection, edited: Sequence[tuple[int, MatchedPost]]) -> None:
    """Put newer texts in place of older ones; labels and mentions were those of the older."""
    ids = [post_id for post_id, _ in edited]
    _mark(connection, ids)
    for of in (LABEL, POST_TOPIC, MENTION):
        connection.execute(delete(of).where(is_among(connection, of.c.post_id, ids)))
    newer = update(POST).where(POST.c.id == bindparam("of_post")).values({name: bindparam(name) for name in CONTENT})
    rows = [{"of_post": post_id} | dict(zip(CONTENT, _content(post), strict=True)) for post_id, post in edited]
    connection.execute(newer, rows)
    search_index.reindex(connection, _for_search(edited))


def _mention(connection: Connection, platform: str, posts: Sequence[MatchedPost], ids: Sequence[int]) -> None:
    """Add the mentions of new posts."""
    mentions = [
        (title_id, hour_of(post.created_at), post_id)
        for post_id, post in zip(ids, posts, strict=True)
        for title_id in post.titles
    ]
    _insert_mentions(connection, platform, mentions)


def _mention_again(connection: Connection, platform: str, posts: Sequence[SeenAgain]) -> None:
    """Add mentions that a known post lacks, because the config has gained a title or the post was edited."""
    had = _mentions_of(connection, [row.id for row, post in posts if post.titles])
    lacking = [
        (title_id, hour_of(row.created_at), row.id)
        for row, post in posts
        for title_id in post.titles
        if (row.id, title_id) not in had
    ]
    _insert_mentions(connection, platform, lacking)


def _insert_mentions(connection: Connection, platform: str, mentions: Sequence[tuple[int, int, int]]) -> None:
    """Insert (title, hour, post) triples and mark their hours."""
    rows = [(*mention, platform) for mention in sorted(mentions)]  # in the order of the key, which is cheaper to write
    insert_rows(connection, MENTION, ("title_id", "hour", "post_id", "platform"), rows)
    mark_dirty(connection, {(title_id, hour) for title_id, hour, _ in mentions})


def _mentions_of(connection: Connection, post_ids: Sequence[int]) -> set[tuple[int, int]]:
    return {
        (post_id, title_id)
        for some in chunks(post_ids)
        for post_id, title_id in connection.execute(
            select(MENTION.c.post_id, MENTION.c.title_id).where(is_among(connection, MENTION.c.post_id, some))
        )
    }


def _mark(connection: Connection, post_ids: Sequence[int]) -> None:
    """Mark the hours that these posts are mentioned in."""
    hours: Iterable[Any] = connection.execute(
        select(MENTION.c.title_id, MENTION.c.hour).where(is_among(connection, MENTION.c.post_id, post_ids)).distinct()
    )
    mark_dirty(connection, {(title_id, hour) for title_id, hour in hours})


def still_valid(connection: Connection, labels: Sequence[PostLabels]) -> list[PostLabels]:
    """Keep the labels of posts that are there with the text that was labelled."""
    edited: dict[int, int | None] = {}
    for some in chunks([label.post_id for label in labels]):
        rows = connection.execute(select(POST.c.id, POST.c.edited_at).where(is_among(connection, POST.c.id, some)))
        edited |= {row.id: row.edited_at for row in rows}
    return [label for label in labels if edited.get(label.post_id, GONE) == label.edited_at]


def mark_posts(connection: Connection, post_ids: Sequence[int]) -> None:
    """Mark the hours that any number of posts are mentioned in."""
    for some in chunks(post_ids):
        _mark(connection, some)


def _keep_raw(connection: Connection, batch: Batch, posts: Sequence[MatchedPost], ids: Sequence[int]) -> None:
    rows = [
        (post_id, batch.collected_at, post.raw)
        for post_id, post in zip(ids, posts, strict=True)
        if post.raw is not None
    ]
    insert_rows(connection, RAW_POST, ("post_id", "stored_at", "payload"), rows)


def _follow(connection: Connection, batch: Batch, posts: Sequence[MatchedPost], ids: Sequence[int]) -> None:
    """Note posts that are to be looked after from now on."""
    if not batch.follow:
        return
    rows = [
        (post_id, batch.platform, batch.collected_at, batch.server, post.draft.local_id)
        for post_id, post in zip(ids, posts, strict=True)
    ]
    insert_rows(connection, FOLLOWED, ("post_id", "platform", "stored_at", "server", "local_id"), rows)
