"""Packed days in half the text, and the last windows of what is covered found without reading all."""

from alembic import op

from collector import packed

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the indexes and pack every day anew."""
    op.create_index("ix_covered_until", "covered", ["until"])
    op.create_index("ix_covered_platform_title_id_id", "covered", ["platform", "title_id", "id"])
    packed.pack(op.get_bind())
