"""Writes labels with their topics inside a transaction: of stored posts, and of posts that come with theirs."""

from collections.abc import Iterable, Sequence
from operator import attrgetter

from sqlalchemy import Connection, delete

from collector.models import Label, PostTopic, Topic, table
from collector.records import PostLabels, Prepared
from collector.upsert import chunks, insert_rows, is_among, numbered

LABEL = table(Label)
POST_TOPIC = table(PostTopic)
TOPIC = table(Topic)

COLUMNS = ("post_id", "language", "language_by", "sentiment", "score", "raw_score", "sentiment_by", "topics_by")
LINK = ("post_id", "topic_id")
_values = attrgetter(*COLUMNS)


def replace(connection: Connection, labels: Sequence[PostLabels]) -> None:
    """Put these labels in the place of those that the posts have."""
    for some in chunks([label.post_id for label in labels]):
        for of in (LABEL, POST_TOPIC):
            connection.execute(delete(of).where(is_among(connection, of.c.post_id, some)))
    insert_rows(connection, LABEL, COLUMNS, [_values(label) for label in labels])
    _link(connection, [(label.post_id, label.topics) for label in labels])


def insert(connection: Connection, prepared: Prepared, posts: Iterable[tuple[int, str]]) -> None:
    """Insert what labels were prepared for new posts: pairs of id and native id."""
    found = [
        (post_id, labels) for post_id, native_id in posts if (labels := prepared.posts.get(native_id, _NOTHING)[1])
    ]
    by_language, by_sentiment, by_topics = (prepared.labelled_by[name] for name in ("language", "sentiment", "topics"))
    rows = [
        (post_id, language, by_language, sentiment, score, raw_score, by_sentiment, by_topics)
        for post_id, (language, sentiment, score, raw_score, _) in found
    ]
    insert_rows(connection, LABEL, COLUMNS, rows)
    _link(connection, [(post_id, labels[-1]) for post_id, labels in found])


_NOTHING = ("", None)


def _link(connection: Connection, topics: Sequence[tuple[int, Sequence[str]]]) -> None:
    """Link posts, by their ids, to the topics that they speak of."""
    ids = numbered(connection, TOPIC, sorted({name for _, names in topics for name in names}))
    insert_rows(connection, POST_TOPIC, LINK, [(post_id, ids[name]) for post_id, names in topics for name in names])
