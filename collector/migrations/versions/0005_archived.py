"""Archive: which days lie there only, and what was deleted on its platform since."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0003"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make both tables."""
    op.create_table(
        "dropped_day",
        sa.Column("platform", sa.String(), nullable=False),
        sa.Column("day", BIG, nullable=False),
        sa.Column("archive", sa.String(), nullable=False),
        sa.Column("folder", sa.String(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("posts", BIG, nullable=False),
        sa.PrimaryKeyConstraint("platform", "day", name=op.f("pk_dropped_day")),
    )
    op.create_table(
        "tombstone",
        sa.Column("platform", sa.String(), nullable=False),
        sa.Column("native_id", sa.String(), nullable=False),
        sa.Column("at", BIG, nullable=False),
        sa.PrimaryKeyConstraint("platform", "native_id", name=op.f("pk_tombstone")),
    )
