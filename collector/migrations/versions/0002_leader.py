"""Who collects: the leader's epoch, which every write of a collector is fenced by."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the table of the leader."""
    op.create_table(
        "leader",
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("epoch", BIG, nullable=False),
        sa.Column("holder", sa.String(), nullable=False),
        sa.Column("since", BIG, nullable=False),
        sa.PrimaryKeyConstraint("role", name=op.f("pk_leader")),
    )
