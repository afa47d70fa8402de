"""Search: an index over the words of every post, those that are stored already included.

A later migration that makes the table post anew on SQLite (Alembic's batch mode does) must make its trigger anew too.
"""

from alembic import op

from collector import search_index

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the index and fill it."""
    connection = op.get_bind()
    search_index.create(connection)
    search_index.index_lacking(connection)
