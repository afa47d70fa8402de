"""Hourly totals packed by the day. The next migration packs those that are stored already."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make both tables."""
    for name in ("packed_hours", "packed_topics"):
        op.create_table(
            name,
            sa.Column("title_id", sa.Integer(), nullable=False),
            sa.Column("day", BIG, nullable=False),
            sa.Column("packed", sa.String(), nullable=False),
            sa.ForeignKeyConstraint(["title_id"], ["title.id"], name=op.f(f"fk_{name}_title_id")),
            sa.PrimaryKeyConstraint("title_id", "day", name=op.f(f"pk_{name}")),
        )
