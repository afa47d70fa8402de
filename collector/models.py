"""Every table. Times are epoch seconds in UTC, so that the same SQL works on SQLite and PostgreSQL.

A fresh database is made by the migrations; a test holds them equal to these models on both databases.
"""

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlmodel import Field, SQLModel

from collector.audit_models import AuditItem, AuditLabel, AuditSample
from collector.schema import Big, metadata, table

__all__ = [
    "AuditItem", "AuditLabel", "AuditSample", "Big", "Covered", "CursorValue", "DirtyHour", "DroppedDay",
    "FollowedPost", "ForgottenAuthor", "JobState", "Label", "Leader", "Ledger", "Mention", "PackedHours",
    "PackedTopics", "PlatformCount", "Post", "PostTopic", "Rank", "RawPost", "Title", "TitleDay", "TitleHour",
    "Tombstone", "Topic", "TopicHour", "metadata", "table",
]  # fmt: skip


class Title(SQLModel, table=True):
    """A title that was ever watched; the config says which are watched now."""

    __table_args__ = (UniqueConstraint("name"),)
    id: int | None = Field(default=None, primary_key=True)
    name: str


class Topic(SQLModel, table=True):
    """A topic that was ever found in a post."""

    __table_args__ = (UniqueConstraint("name"),)
    id: int | None = Field(default=None, primary_key=True)
    name: str


class Post(SQLModel, table=True):
    """One post.

    `created_at` is the time it is filed under; `claimed_at` is the platform's own time where that is not believed.
    `hashtags` are joined by spaces, as written. `sample` marks an invented post of the demo.
    """

    __table_args__ = (UniqueConstraint("platform", "native_id"), Index(None, "platform", "created_at"))
    id: int | None = Field(default=None, primary_key=True, sa_type=Big)
    platform: str
    native_id: str
    uri: str | None
    url: str | None
    created_at: int = Field(sa_type=Big, index=True)
    claimed_at: int | None = Field(sa_type=Big)
    collected_at: int = Field(sa_type=Big)
    edited_at: int | None = Field(sa_type=Big)
    text: str
    language: str | None
    hashtags: str
    likes: int | None = Field(sa_type=Big)
    reposts: int | None = Field(sa_type=Big)
    replies: int | None = Field(sa_type=Big)
    author_key: str | None = Field(index=True)
    sample: bool


class RawPost(SQLModel, table=True):
    """What the platform sent, without its author objects, kept for a few days."""

    __tablename__ = "raw_post"
    post_id: int = Field(primary_key=True, foreign_key="post.id", ondelete="CASCADE", sa_type=Big)
    stored_at: int = Field(sa_type=Big, index=True)
    payload: str


class FollowedPost(SQLModel, table=True):
    """A post that a platform showed us as it runs, and that is looked after: asked for again, emptied, taken out.

    `server` is the one that showed it and `local_id` its id there, both "" where the platform is one and knows it by
    its native id. What came by import is not followed.
    """

    __tablename__ = "followed_post"
    __table_args__ = (Index(None, "platform", "stored_at", "post_id"),)
    post_id: int = Field(primary_key=True, foreign_key="post.id", ondelete="CASCADE", sa_type=Big)
    platform: str
    stored_at: int = Field(sa_type=Big)
    server: str
    local_id: str


class Mention(SQLModel, table=True):
    """One post speaking of one title: the slim fact table that the rollups read."""

    title_id: int = Field(primary_key=True, foreign_key="title.id")
    hour: int = Field(primary_key=True, sa_type=Big)
    post_id: int = Field(primary_key=True, foreign_key="post.id", ondelete="CASCADE", sa_type=Big, index=True)
    platform: str


class Label(SQLModel, table=True):
    """The labels of one post, each with the labeller (name/version) that gave it.

    Scores are in -1..1, None where the post is unscored.
    """

    __table_args__ = (
        CheckConstraint("sentiment IN ('positive', 'neutral', 'negative', 'unscored')", name="sentiment"),
    )
    post_id: int = Field(primary_key=True, foreign_key="post.id", ondelete="CASCADE", sa_type=Big)
    language: str
    language_by: str
    sentiment: str
    score: float | None
    raw_score: float | None
    sentiment_by: str
    topics_by: str


class PostTopic(SQLModel, table=True):
    """One post speaking of one topic."""

    __tablename__ = "post_topic"
    post_id: int = Field(primary_key=True, foreign_key="post.id", ondelete="CASCADE", sa_type=Big)
    topic_id: int = Field(primary_key=True, foreign_key="topic.id", index=True)


class DirtyHour(SQLModel, table=True):
    """An hour of a title whose totals must be computed anew."""

    __tablename__ = "dirty_hour"
    title_id: int = Field(primary_key=True, foreign_key="title.id")
    hour: int = Field(primary_key=True, sa_type=Big)


class TitleHour(SQLModel, table=True):
    """Totals of one title, hour and platform. Score sums are integers: score x 10,000 over the scored posts."""

    __tablename__ = "title_hour"
    title_id: int = Field(primary_key=True, foreign_key="title.id")
    hour: int = Field(primary_key=True, sa_type=Big)
    platform: str = Field(primary_key=True)
    posts: int
    positive: int
    neutral: int
    negative: int
    unscored: int
    unlabelled: int
    score_sum: int = Field(sa_type=Big)
    raw_score_sum: int = Field(sa_type=Big)
    sample: int


class TopicHour(SQLModel, table=True):
    """Totals of one title, hour, platform and topic."""

    __tablename__ = "topic_hour"
    title_id: int = Field(primary_key=True, foreign_key="title.id")
    hour: int = Field(primary_key=True, sa_type=Big)
    platform: str = Field(primary_key=True)
    topic_id: int = Field(primary_key=True, foreign_key="topic.id")
    posts: int
    positive: int
    neutral: int
    negative: int
    unscored: int
    sample: int


class TitleDay(SQLModel, table=True):
    """Totals of one title, day (its first second, UTC) and platform."""

    __tablename__ = "title_day"
    title_id: int = Field(primary_key=True, foreign_key="title.id")
    day: int = Field(primary_key=True, sa_type=Big)
    platform: str = Field(primary_key=True)
    posts: int
    authors: int
    positive: int
    neutral: int
    negative: int
    unscored: int
    unlabelled: int
    score_sum: int = Field(sa_type=Big)
    raw_score_sum: int = Field(sa_type=Big)
    sample: int


class PackedHours(SQLModel, table=True):
    """The rows of title_hour of one title and day as one text; see collector.packed."""

    __tablename__ = "packed_hours"
    title_id: int = Field(primary_key=True, foreign_key="title.id")
    day: int = Field(primary_key=True, sa_type=Big)
    packed: str


class PackedTopics(SQLModel, table=True):
    """The rows of topic_hour of one title and day as one text; see collector.packed."""

    __tablename__ = "packed_topics"
    title_id: int = Field(primary_key=True, foreign_key="title.id")
    day: int = Field(primary_key=True, sa_type=Big)
    packed: str


class DroppedDay(SQLModel, table=True):
    """A day of a platform whose posts lie in an archive and no more here; its totals are those of `digest`.

    `archive` is the archive's id, `folder` where it lay when the posts were dropped.
    """

    __tablename__ = "dropped_day"
    platform: str = Field(primary_key=True)
    day: int = Field(primary_key=True, sa_type=Big)
    archive: str
    folder: str
    digest: str
    posts: int = Field(sa_type=Big)


class Tombstone(SQLModel, table=True):
    """A post that was deleted and does not come back. `at`, in nanoseconds: when, for the archives that may hold it.

    It is 0 where no archive has to follow, or all have.
    """

    platform: str = Field(primary_key=True)
    native_id: str = Field(primary_key=True)
    at: int = Field(sa_type=Big)


class ForgottenAuthor(SQLModel, table=True):
    """An author, as a keyed hash, of whom nothing is stored any more since `at`."""

    __tablename__ = "forgotten_author"
    platform: str = Field(primary_key=True)
    author_key: str = Field(primary_key=True)
    at: int = Field(sa_type=Big)


class PlatformCount(SQLModel, table=True):
    """A figure that a platform tells of a title for `length` seconds from `start`: X's volume, Wikipedia's views.

    `part` is what it is a part of, such as a language's article. Never added to gathered posts.
    """

    __tablename__ = "platform_count"
    source: str = Field(primary_key=True)
    title_id: int = Field(primary_key=True, foreign_key="title.id")
    part: str = Field(primary_key=True)
    start: int = Field(primary_key=True, sa_type=Big)
    length: int = Field(sa_type=Big)
    amount: int = Field(sa_type=Big)
    told_at: int = Field(sa_type=Big)


class CursorValue(SQLModel, table=True):
    """What a source, an import or a ranking remembers between two runs."""

    __tablename__ = "cursor_value"
    source: str = Field(primary_key=True)
    key: str = Field(primary_key=True)
    value: str


class Ledger(SQLModel, table=True):
    """One page that was asked for: what came, what was kept, and why anything is missing."""

    __table_args__ = (Index(None, "source", "platform", "id"),)
    id: int | None = Field(default=None, primary_key=True, sa_type=Big)
    source: str
    platform: str
    target: str
    at: int = Field(sa_type=Big, index=True)
    coverage: str
    reason: str
    since: int | None = Field(sa_type=Big)
    until: int | None = Field(sa_type=Big)
    read: int
    stored: int
    known: int
    skipped: int
    matched: int


class Covered(SQLModel, table=True):
    """A window of time in which one target of a platform is known for a title; neighbours are merged."""

    __table_args__ = (Index(None, "until"), Index(None, "platform", "title_id", "id"))
    id: int | None = Field(default=None, primary_key=True, sa_type=Big)
    title_id: int = Field(foreign_key="title.id", index=True)
    platform: str
    source: str
    target: str
    coverage: str
    since: int = Field(sa_type=Big)
    until: int = Field(sa_type=Big)


class JobState(SQLModel, table=True):
    """When a job last ran and how it ended; `due_at` holds it back after a RetryLater, also across restarts."""

    __tablename__ = "job_state"
    name: str = Field(primary_key=True)
    started_at: int | None = Field(sa_type=Big)
    finished_at: int | None = Field(sa_type=Big)
    due_at: int | None = Field(sa_type=Big)
    error: str | None
    failures: int


class Leader(SQLModel, table=True):
    """Who holds a role such as "collector". Each change of holder raises the epoch; a write of an older one fails."""

    role: str = Field(primary_key=True)
    epoch: int = Field(sa_type=Big)
    holder: str
    since: int = Field(sa_type=Big)


class Rank(SQLModel, table=True):
    """One place in one ranking. `day` is the date's first second (for weeks: of the Sunday that ends it).

    `slot` is the rank as text, or the title's name where only points are told: what makes a row one and the same
    when the provider revises it. `title_key` is the folded name.
    """

    provider: str = Field(primary_key=True)
    period: str = Field(primary_key=True)
    day: int = Field(primary_key=True, sa_type=Big)
    country: str = Field(primary_key=True)
    category: str = Field(primary_key=True)
    slot: str = Field(primary_key=True)
    rank: int | None
    name: str
    season: str | None
    title_key: str = Field(index=True)
    country_name: str | None
    points: int | None
    hours: int | None = Field(sa_type=Big)
    views: int | None = Field(sa_type=Big)
    runtime: float | None
    weeks_in: int | None
    no1_countries: int | None
    countries_covered: int | None
    source_label: str
    stored_at: int = Field(sa_type=Big)
