"""Figures that platforms tell of a title, and all posts of one author found without reading every post."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the table and the index."""
    op.create_table(
        "platform_count",
        sa.Column("source", sa.String(), nullable=False),
        sa.Column("title_id", sa.Integer(), nullable=False),
        sa.Column("part", sa.String(), nullable=False),
        sa.Column("start", BIG, nullable=False),
        sa.Column("length", BIG, nullable=False),
        sa.Column("amount", BIG, nullable=False),
        sa.Column("told_at", BIG, nullable=False),
        sa.ForeignKeyConstraint(["title_id"], ["title.id"], name=op.f("fk_platform_count_title_id")),
        sa.PrimaryKeyConstraint("source", "title_id", "part", "start", name=op.f("pk_platform_count")),
    )
    op.create_index("ix_post_author_key", "post", ["author_key"])
