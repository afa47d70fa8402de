"""Posts as a whole, titles, labels and topics by name: read a day at a time, removed once they lie elsewhere."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection, Select, delete, or_, select, text

from collector.clock import DAY
from collector.models import AuditItem, AuditLabel, FollowedPost, Label, Mention, Post, PostTopic, Title, Topic, table

AUDIT_ITEM = table(AuditItem)
AUDIT_LABEL = table(AuditLabel)
FOLLOWED = table(FollowedPost)
LABEL = table(Label)
MENTION = table(Mention)
POST = table(Post)
POST_TOPIC = table(PostTopic)
TITLE = table(Title)
TOPIC = table(Topic)

BATCH = 2000
# in the order of WholePost's fields, so that a row becomes one without naming each
STORED = (
    POST.c.id, POST.c.native_id, POST.c.uri, POST.c.url, POST.c.created_at, POST.c.claimed_at, POST.c.collected_at,
    POST.c.edited_at, POST.c.text, POST.c.language, POST.c.hashtags, POST.c.likes, POST.c.reposts, POST.c.replies,
    POST.c.author_key, POST.c.sample,
)  # fmt: skip
LABELS = ("language", "language_by", "sentiment", "score", "raw_score", "sentiment_by", "topics_by")
WHOLE = select(*STORED, *(LABEL.c[name] for name in LABELS)).outerjoin(LABEL, LABEL.c.post_id == POST.c.id)
DAY_OF_POST = POST.c.created_at - ((POST.c.created_at % DAY) + DAY) % DAY


class WholePost(NamedTuple):
    """A post and all that is known of it, without the numbers that one database gives. Times are epoch seconds.

    Names are sorted. `topics` and what follows are None while the post has no labels.
    """

    native_id: str
    uri: str | None
    url: str | None
    created_at: int
    claimed_at: int | None
    collected_at: int
    edited_at: int | None
    text: str
    platform_language: str | None
    hashtags: list[str]
    likes: int | None
    reposts: int | None
    replies: int | None
    author_key: str | None
    sample: bool
    titles: list[str]
    topics: list[str] | None = None
    language: str | None = None
    language_by: str | None = None
    sentiment: str | None = None
    score: float | None = None
    raw_score: float | None = None
    sentiment_by: str | None = None
    topics_by: str | None = None


class Day(NamedTuple):
    """One day of one platform; `start` is its first second, UTC."""

    platform: str
    start: int

    @property
    def end(self) -> int:
        """The first second after it."""
        return self.start + DAY


def days(connection: Connection) -> list[Day]:
    """Return every day in which the store has posts, in order."""
    day = DAY_OF_POST.label("day")
    rows = connection.execute(select(POST.c.platform, day).distinct().order_by("platform", day))
    return [Day(str(platform), int(start)) for platform, start in rows]


def days_pending(connection: Connection, versions: dict[str, str]) -> list[Day]:
    """Return every day with a post about a title that lacks a label of these versions."""
    rows = connection.execute(
        select(POST.c.platform, DAY_OF_POST)
        .distinct()
        .select_from(POST.outerjoin(LABEL, LABEL.c.post_id == POST.c.id))
        .where(
            LABEL.c.post_id.is_(None)
            | (POST.c.text != "")  # what has lost its words keeps its labels
            & (
                (LABEL.c.language_by != versions["language"])
                | (LABEL.c.sentiment_by != versions["sentiment"])
                | (LABEL.c.topics_by != versions["topics"])
            ),
            select(MENTION.c.post_id).where(MENTION.c.post_id == POST.c.id).exists(),
        )
    )
    return sorted(Day(str(platform), int(start)) for platform, start in rows)


def stream(connection: Connection, day: Day) -> Iterator[WholePost]:
    """Yield the posts of one day by their ids, sorted as bytes are, on both databases; memory stays flat."""
    for rows in _pages(connection, _of(day, WHOLE)):
        yield from (post for _, post in _whole(connection, rows))


def stream_ids(connection: Connection, day: Day) -> Iterator[tuple[str, int]]:
    """Yield the native id and the number of each post of one day, sorted as above."""
    for rows in _pages(connection, _of(day, select(POST.c.native_id, POST.c.id))):
        yield from ((str(row.native_id), int(row.id)) for row in rows)


def remove_kept(
    connection: Connection, platform: str, kept: Sequence[WholePost], is_in: Callable[[WholePost, WholePost], bool]
) -> int:
    """Delete the posts that are kept elsewhere; `is_in` finds a stored one in a kept one. Returns how many went.

    A post that has changed meanwhile stays, and so does one that is looked after or audited, and one whose time was not
    believed: brought again, it would be filed under another time, and only its row here tells that it is known.
    """
    wanted = {post.native_id: post for post in kept if post.claimed_at is None}
    is_needed = (
        select(of.c.post_id).where(of.c.post_id == POST.c.id).exists() for of in (FOLLOWED, AUDIT_ITEM, AUDIT_LABEL)
    )
    query = WHOLE.where(POST.c.platform == platform, POST.c.native_id.in_(list(wanted)), ~or_(*is_needed))
    found = _whole(connection, connection.execute(query).all())
    same = [number for number, post in found if is_in(post, wanted[post.native_id])]
    connection.execute(delete(POST).where(POST.c.id.in_(same)))
    return len(same)


def _of(day: Day, query: Select[Any]) -> Select[Any]:
    return query.where(POST.c.platform == day.platform, POST.c.created_at >= day.start, POST.c.created_at < day.end)


def _pages(connection: Connection, query: Select[Any]) -> Iterator[Sequence[Any]]:
    order = text('native_id COLLATE "C"' if connection.dialect.name == "postgresql" else "native_id")
    yield from connection.execute(query.order_by(order).execution_options(yield_per=BATCH)).partitions()


def _whole(connection: Connection, rows: Sequence[Any]) -> list[tuple[int, WholePost]]:
    """Put to each post what other tables know of it, with the post's number."""
    ids = [row[0] for row in rows]
    titles = _names(connection, select(MENTION.c.post_id, TITLE.c.name).join(TITLE), MENTION.c.post_id, ids)
    topics = _names(connection, select(POST_TOPIC.c.post_id, TOPIC.c.name).join(TOPIC), POST_TOPIC.c.post_id, ids)
    return [(row[0], _post(row, titles.get(row[0], []), topics.get(row[0], []))) for row in rows]


def _names(connection: Connection, query: Select[Any], key: Any, ids: Sequence[int]) -> defaultdict[int, list[str]]:  # noqa: ANN401 - a column
    found: defaultdict[int, list[str]] = defaultdict(list)
    for post_id, name in connection.execute(query.where(key.in_(ids))).all():
        found[post_id].append(name)
    for names in found.values():
        names.sort()
    return found


def _post(row: Any, titles: list[str], topics: list[str]) -> WholePost:  # noqa: ANN401 - a result row
    _, native_id, uri, url, created_at, claimed_at, collected_at, edited_at, text_, language, hashtags, *rest = row
    likes, reposts, replies, author_key, sample, *labels = rest
    return WholePost(
        native_id, uri, url, created_at, claimed_at, collected_at, edited_at, text_, language, hashtags.split(),
        likes, reposts, replies, author_key, bool(sample), titles, None if labels[0] is None else topics, *labels,
    )  # fmt: skip
