"""Brings a database to today's schema with Alembic; a fresh one is made the same way."""

from pathlib import Path

from alembic import command
from alembic.config import Config as AlembicConfig
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, inspect

from collector.errors import StoreError

FOLDER = Path(__file__).parent / "migrations"


def _settings() -> AlembicConfig:
    settings = AlembicConfig()
    settings.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    return settings


def head() -> str:
    """Return the newest revision that this code knows."""
    revision = ScriptDirectory.from_config(_settings()).get_current_head()
    if revision is None:
        raise StoreError(f"no migrations in {FOLDER}: reinstall buzzchart")
    return revision


def current(engine: Engine) -> str | None:
    """Return the revision of the database, None for one without Buzzchart's tables."""
    with engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def check(engine: Engine, shown: str) -> None:
    """Refuse a database that is not at today's schema. For readers, who cannot mend it."""
    found = current(engine)
    if found is None:
        raise StoreError(f"{shown} is not a Buzzchart database: collect something first, or name another with --db")
    if found != head():
        raise StoreError(f"{shown} has schema {found}, this version needs {head()}: {_advice(found)}")


def upgrade(engine: Engine, shown: str) -> None:
    """Bring the database to today's schema. Raises StoreError for a foreign or a newer one."""
    found = current(engine)
    if found == head():
        return
    if found is None and (others := set(inspect(engine).get_table_names())):
        raise StoreError(f"{shown} holds other tables ({', '.join(sorted(others)[:3])}): name another with --db")
    if found is not None and found not in _known():
        raise StoreError(f"{shown} has schema {found}, which is newer than this version: {_advice(found)}")
    settings = _settings()
    # one transaction, the lock taken first: two processes that start together do not both migrate
    with engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.exec_driver_sql("SELECT pg_advisory_xact_lock(7255620022)")
        if MigrationContext.configure(connection).get_current_revision() == head():
            return
        settings.attributes["connection"] = connection
        command.upgrade(settings, "head")


def _known() -> set[str]:
    return {script.revision for script in ScriptDirectory.from_config(_settings()).walk_revisions()}


def _advice(found: str) -> str:
    if found in _known():
        return "run any collecting command once to bring it up to date"
    return "upgrade buzzchart (pip install -U buzzchart)"
