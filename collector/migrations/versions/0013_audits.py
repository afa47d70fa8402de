"""Samples of posts for people to label, and what they said."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0011"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "audit_sample",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("drawn_at", BIG, nullable=False),
        sa.Column("title", sa.String(), nullable=True),
        sa.Column("language", sa.String(), nullable=True),
        sa.Column("since", BIG, nullable=True),
        sa.Column("until", BIG, nullable=True),
        sa.Column("seed", BIG, nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("labeller", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_sample")),
    )
    op.create_table(
        "audit_item",
        sa.Column("sample_id", sa.Integer(), nullable=False),
        sa.Column("post_id", BIG, nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("given", sa.String(), nullable=False),
        sa.Column("weight", sa.Float(), nullable=False),
        sa.ForeignKeyConstraint(
            ["sample_id"], ["audit_sample.id"], name=op.f("fk_audit_item_sample_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["post_id"], ["post.id"], name=op.f("fk_audit_item_post_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("sample_id", "post_id", name=op.f("pk_audit_item")),
    )
    op.create_index(op.f("ix_audit_item_post_id"), "audit_item", ["post_id"])
    op.create_table(
        "audit_label",
        sa.Column("id", BIG, nullable=False),
        sa.Column("post_id", BIG, nullable=False),
        sa.Column("who", sa.String(), nullable=False),
        sa.Column("at", BIG, nullable=False),
        sa.Column("sentiment", sa.String(), nullable=False),
        sa.Column("sarcasm", sa.Boolean(), nullable=False),
        sa.Column("unsure", sa.Boolean(), nullable=False),
        sa.Column("edited_at", BIG, nullable=True),
        sa.Column("given", sa.String(), nullable=True),
        sa.Column("given_by", sa.String(), nullable=True),
        sa.CheckConstraint("sentiment IN ('positive', 'neutral', 'negative')", name=op.f("ck_audit_label_sentiment")),
        sa.ForeignKeyConstraint(["post_id"], ["post.id"], name=op.f("fk_audit_label_post_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_label")),
    )
    op.create_index(op.f("ix_audit_label_post_id"), "audit_label", ["post_id"])
