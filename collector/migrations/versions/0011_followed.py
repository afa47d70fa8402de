"""Posts that a platform showed us as it runs, and how to ask for them again."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the table, empty: of what is stored already nobody knows whether it came by import."""
    op.create_table(
        "followed_post",
        sa.Column("post_id", BIG, nullable=False),
        sa.Column("platform", sa.String(), nullable=False),
        sa.Column("stored_at", BIG, nullable=False),
        sa.Column("server", sa.String(), nullable=False),
        sa.Column("local_id", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(["post_id"], ["post.id"], name=op.f("fk_followed_post_post_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("post_id", name=op.f("pk_followed_post")),
    )
    op.create_index(
        op.f("ix_followed_post_platform_stored_at_post_id"), "followed_post", ["platform", "stored_at", "post_id"]
    )
