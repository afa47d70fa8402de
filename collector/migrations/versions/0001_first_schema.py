"""The first schema: posts, mentions, labels, totals, rankings, cursors, ledger and jobs."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

# SQLite numbers the rows of INTEGER keys only, and its INTEGER has 64 bits anyway
BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make every table."""
    op.create_table(
        "cursor_value",
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("value", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("source", "key", name=op.f("pk_cursor_value")),
    )
    op.create_table(
        "job_state",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("started_at", BIG, nullable=True),
        sa.Column("finished_at", BIG, nullable=True),
        sa.Column("due_at", BIG, nullable=True),
        sa.Column("error", sa.String(), nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_job_state")),
    )
    op.create_table(
        "ledger",
        sa.Column("id", BIG, nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("platform", sa.String(), nullable=False),
        sa.Column("target", sa.String(), nullable=False),
        sa.Column("at", BIG, nullable=False),
        sa.Column("coverage", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("since", BIG, nullable=True),
        sa.Column("until", BIG, nullable=True),
        sa.Column("read", sa.Integer(), nullable=False),
        sa.Column("stored", sa.Integer(), nullable=False),
        sa.Column("known", sa.Integer(), nullable=False),
        sa.Column("skipped", sa.Integer(), nullable=False),
        sa.Column("matched", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger")),
    )
    op.create_index(op.f("ix_ledger_at"), "ledger", ["at"], unique=False)
    op.create_table(
        "post",
        sa.Column("id", BIG, nullable=False),
        sa.Column("platform", sa.String(), nullable=False),
        sa.Column("native_id", sa.String(), nullable=False),
        sa.Column("uri", sa.String(), nullable=True),
        sa.Column("url", sa.String(), nullable=True),
        sa.Column("created_at", BIG, nullable=False),
        sa.Column("claimed_at", BIG, nullable=True),
        sa.Column("collected_at", BIG, nullable=False),
        sa.Column("edited_at", BIG, nullable=True),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=True),
        sa.Column("hashtags", sa.String(), nullable=False),
        sa.Column("likes", BIG, nullable=True),
        sa.Column("reposts", BIG, nullable=True),
        sa.Column("replies", BIG, nullable=True),
        sa.Column("author_key", sa.String(), nullable=True),
        sa.Column("sample", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_post")),
        sa.UniqueConstraint("platform", "native_id", name=op.f("uq_post_platform_native_id")),
    )
    op.create_index(op.f("ix_post_created_at"), "post", ["created_at"], unique=False)
    op.create_table(
        "rank",
        sa.Column("provider", sa.String(), nullable=False),
        sa.Column("period", sa.String(), nullable=False),
        sa.Column("day", BIG, nullable=False),
        sa.Column("country", sa.String(), nullable=False),
        sa.Column("category", sa.String(), nullable=False),
        sa.Column("slot", sa.String(), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=True),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("season", sa.String(), nullable=True),
        sa.Column("title_key", sa.String(), nullable=False),
        sa.Column("country_name", sa.String(), nullable=True),
        sa.Column("points", sa.Integer(), nullable=True),
        sa.Column("hours", BIG, nullable=True),
        sa.Column("views", BIG, nullable=True),
        sa.Column("runtime", sa.Float(), nullable=True),
        sa.Column("weeks_in", sa.Integer(), nullable=True),
        sa.Column("no1_countries", sa.Integer(), nullable=True),
        sa.Column("countries_covered", sa.Integer(), nullable=True),
        sa.Column("source_label", sa.String(), nullable=False),
        sa.Column("stored_at", BIG, nullable=False),
        sa.PrimaryKeyConstraint("provider", "period", "day", "country", "category", "slot", name=op.f("pk_rank")),
    )
    op.create_index(op.f("ix_rank_title_key"), "rank", ["title_key"], unique=False)
    op.create_table(
        "title",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_title")),
        sa.UniqueConstraint("name", name=op.f("uq_title_name")),
    )
    op.create_table(
        "topic",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_topic")),
        sa.UniqueConstraint("name", name=op.f("uq_topic_name")),
    )
    op.create_table(
        "covered",
        sa.Column("id", BIG, nullable=False),
        sa.Column("title_id", sa.Integer(), nullable=False),
        sa.Column("platform", sa.String(), nullable=False),
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("target", sa.String(), nullable=False),
        sa.Column("coverage", sa.String(), nullable=False),
        sa.Column("since", BIG, nullable=False),
        sa.Column("until", BIG, nullable=False),
        sa.ForeignKeyConstraint(["title_id"], ["title.id"], name=op.f("fk_covered_title_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_covered")),
    )
    op.create_index(op.f("ix_covered_title_id"), "covered", ["title_id"], unique=False)
    op.create_table(
        "dirty_hour",
        sa.Column("title_id", sa.Integer(), nullable=False),
        sa.Column("hour", BIG, nullable=False),
        sa.ForeignKeyConstraint(["title_id"], ["title.id"], name=op.f("fk_dirty_hour_title_id")),
        sa.PrimaryKeyConstraint("title_id", "hour", name=op.f("pk_dirty_hour")),
    )
    op.create_table(
        "label",
        sa.Column("post_id", BIG, nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("language_by", sa.String(), nullable=False),
        sa.Column("sentiment", sa.String(), nullable=False),
        sa.Column("score", sa.Float(), nullable=True),
        sa.Column("raw_score", sa.Float(), nullable=True),
        sa.Column("sentiment_by", sa.String(), nullable=False),
        sa.Column("topics_by", sa.String(), nullable=False),
        sa.CheckConstraint(
            "sentiment IN ('positive', 'neutral', 'negative', 'unscored')", name=op.f("ck_label_sentiment")
        ),
        sa.ForeignKeyConstraint(["post_id"], ["post.id"], name=op.f("fk_label_post_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("post_id", name=op.f("pk_label")),
    )
    op.create_table(
        "mention",
        sa.Column("title_id", sa.Integer(), nullable=False),
        sa.Column("hour", BIG, nullable=False),
        sa.Column("post_id", BIG, nullable=False),
        sa.Column("platform", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["post_id"], ["post.id"], name=op.f("fk_mention_post_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["title_id"], ["title.id"], name=op.f("fk_mention_title_id")),
        sa.PrimaryKeyConstraint("title_id", "hour", "post_id", name=op.f("pk_mention")),
    )
    op.create_index(op.f("ix_mention_post_id"), "mention", ["post_id"], unique=False)
    op.create_table(
        "post_topic",
        sa.Column("post_id", BIG, nullable=False),
        sa.Column("topic_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["post_id"], ["post.id"], name=op.f("fk_post_topic_post_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["topic_id"], ["topic.id"], name=op.f("fk_post_topic_topic_id")),
        sa.PrimaryKeyConstraint("post_id", "topic_id", name=op.f("pk_post_topic")),
    )
    op.create_index(op.f("ix_post_topic_topic_id"), "post_topic", ["topic_id"], unique=False)
    op.create_table(
        "raw_post",
        sa.Column("post_id", BIG, nullable=False),
        sa.Column("stored_at", BIG, nullable=False),
        sa.Column("payload", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["post_id"], ["post.id"], name=op.f("fk_raw_post_post_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("post_id", name=op.f("pk_raw_post")),
    )
    op.create_index(op.f("ix_raw_post_stored_at"), "raw_post", ["stored_at"], unique=False)
    op.create_table(
        "title_day",
        sa.Column("title_id", sa.Integer(), nullable=False),
        sa.Column("day", BIG, nullable=False),
        sa.Column("platform", sa.String(), nullable=False),
        sa.Column("posts", sa.Integer(), nullable=False),
        sa.Column("authors", sa.Integer(), nullable=False),
        sa.Column("positive", sa.Integer(), nullable=False),
        sa.Column("neutral", sa.Integer(), nullable=False),
        sa.Column("negative", sa.Integer(), nullable=False),
        sa.Column("unscored", sa.Integer(), nullable=False),
        sa.Column("unlabelled", sa.Integer(), nullable=False),
        sa.Column("score_sum", BIG, nullable=False),
        sa.Column("raw_score_sum", BIG, nullable=False),
        sa.Column("sample", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["title_id"], ["title.id"], name=op.f("fk_title_day_title_id")),
        sa.PrimaryKeyConstraint("title_id", "day", "platform", name=op.f("pk_title_day")),
    )
    op.create_table(
        "title_hour",
        sa.Column("title_id", sa.Integer(), nullable=False),
        sa.Column("hour", BIG, nullable=False),
        sa.Column("platform", sa.String(), nullable=False),
        sa.Column("posts", sa.Integer(), nullable=False),
        sa.Column("positive", sa.Integer(), nullable=False),
        sa.Column("neutral", sa.Integer(), nullable=False),
        sa.Column("negative", sa.Integer(), nullable=False),
        sa.Column("unscored", sa.Integer(), nullable=False),
        sa.Column("unlabelled", sa.Integer(), nullable=False),
        sa.Column("score_sum", BIG, nullable=False),
        sa.Column("raw_score_sum", BIG, nullable=False),
        sa.Column("sample", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["title_id"], ["title.id"], name=op.f("fk_title_hour_title_id")),
        sa.PrimaryKeyConstraint("title_id", "hour", "platform", name=op.f("pk_title_hour")),
    )
    op.create_table(
        "topic_hour",
        sa.Column("title_id", sa.Integer(), nullable=False),
        sa.Column("hour", BIG, nullable=False),
        sa.Column("platform", sa.String(), nullable=False),
        sa.Column("topic_id", sa.Integer(), nullable=False),
        sa.Column("posts", sa.Integer(), nullable=False),
        sa.Column("positive", sa.Integer(), nullable=False),
        sa.Column("neutral", sa.Integer(), nullable=False),
        sa.Column("negative", sa.Integer(), nullable=False),
        sa.Column("unscored", sa.Integer(), nullable=False),
        sa.Column("sample", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["title_id"], ["title.id"], name=op.f("fk_topic_hour_title_id")),
        sa.ForeignKeyConstraint(["topic_id"], ["topic.id"], name=op.f("fk_topic_hour_topic_id")),
        sa.PrimaryKeyConstraint("title_id", "hour", "platform", "topic_id", name=op.f("pk_topic_hour")),
    )
