"""Rows one by one, in constant memory, for exports of any length. Times are epoch seconds in UTC."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, select

from analysis.frames.clauses import RANK, TITLE, TOPIC, TOPIC_HOUR, within
from analysis.frames.reader import Reader

TOPIC_COLUMNS = ("title", "platform", "hour", "topic", "posts", "positive", "neutral", "negative", "unscored", "sample")
RANK_COLUMNS = (
    "provider",
    "period",
    "day",
    "country",
    "country_name",
    "category",
    "rank",
    "name",
    "season",
    "points",
    "hours",
    "views",
    "runtime",
    "weeks_in",
    "no1_countries",
    "countries_covered",
    "source_label",
    "stored_at",
)


@dataclass(frozen=True, slots=True)
class TopicHourRow:
    """Totals of one title, platform, hour and topic."""

    title: str
    platform: str
    hour: int
    topic: str
    posts: int
    positive: int
    neutral: int
    negative: int
    unscored: int
    sample: int


def stream_topic_hours(
    reader: Reader,
    *,
    title: str | None = None,
    topic: str | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
) -> Iterator[TopicHourRow]:
    """Yield the totals per title, hour, platform and topic of hours that begin in [since, until)."""
    named = {"title": TITLE.c.name.label("title"), "topic": TOPIC.c.name.label("topic")}
    query = (
        select(*(named[name] if name in named else TOPIC_HOUR.c[name] for name in TOPIC_COLUMNS))
        .join_from(TOPIC_HOUR, TITLE, TITLE.c.id == TOPIC_HOUR.c.title_id)
        .join(TOPIC, TOPIC.c.id == TOPIC_HOUR.c.topic_id)
        .where(*within(TOPIC_HOUR.c.hour, since, until))
        .order_by(TITLE.c.name, TOPIC_HOUR.c.hour, TOPIC_HOUR.c.platform, TOPIC.c.name)
    )
    for column, name in ((TITLE.c.name, title), (TOPIC.c.name, topic)):
        if name is not None:
            query = query.where(column == name)
    for row in reader.stream(query):
        yield TopicHourRow(**row._asdict())


def stream_ranks(
    reader: Reader,
    *,
    keys: Collection[str] | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
) -> Iterator[Row[Any]]:
    """Yield the rows of all rankings with RANK_COLUMNS, by day; `keys` are folded names (None: every title)."""
    query = select(*(RANK.c[name] for name in RANK_COLUMNS)).where(*within(RANK.c.day, since, until))
    if keys is not None:
        query = query.where(RANK.c.title_key.in_(list(keys)))
    by = (RANK.c.day, RANK.c.provider, RANK.c.period, RANK.c.country, RANK.c.category, RANK.c.rank, RANK.c.slot)
    yield from reader.stream(query.order_by(*by))
