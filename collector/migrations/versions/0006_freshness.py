"""Freshness: the newest post of a platform and the last page of a source, found without reading the whole table."""

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make both indexes."""
    op.create_index("ix_post_platform_created_at", "post", ["platform", "created_at"])
    op.create_index("ix_ledger_source_platform_id", "ledger", ["source", "platform", "id"])
