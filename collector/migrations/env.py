"""Alembic's entry: runs the migrations on the connection that collector.migrate hands in."""

from alembic import context

from collector.models import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata, render_as_batch=True)
context.run_migrations()
