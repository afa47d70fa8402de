"""Brings a database to today's schema with Alembic; a fresh one is made the same way.

Alembic is imported only where there is something to migrate: a reader that asks for the revision is spared 10 MB of it.
"""

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, Engine, inspect, text

from collector.errors import StoreError

if TYPE_CHECKING:
    from alembic.config import Config as AlembicConfig

FOLDER = Path(__file__).parent / "migrations"


def _settings() -> "AlembicConfig":
    from alembic.config import Config as AlembicConfig  # noqa: PLC0415 - as the module's docstring says

    settings = AlembicConfig()
    settings.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    return settings


def head() -> str:
    """Return the newest revision that this code knows: the number of the last file, each follows the one before."""
    return revisions()[-1]


def current(engine: Engine) -> str | None:
    """Return the revision of the database, None for one without Buzzchart's tables."""
    with engine.connect() as connection:
        return stamped(connection)


def stamped(connection: Connection) -> str | None:
    """Return the revision as this connection sees it; see current."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def check(engine: Engine, shown: str) -> None:
    """Refuse a database that is not at today's schema. For readers, who cannot mend it."""
    found = current(engine)
    if found is None:
        raise StoreError(f"{shown} is not a Buzzchart database: collect something first, or name another with --db")
    if found != head():
        raise StoreError(f"{shown} has schema {found}, this version needs {head()}: {_advice(found)}")


def known(engine: Engine, shown: str) -> str:
    """Return the revision of a database, today's or an older one. Raises StoreError for a foreign or a newer one."""
    found = current(engine)
    if found is None:
        raise StoreError(f"{shown} is not a Buzzchart database: name another one")
    if found not in revisions():
        raise StoreError(_newer(shown, found))
    return found


def upgrade(engine: Engine, shown: str, *, to: str | None = None) -> None:
    """Bring the database to today's schema, or to an older one. Raises StoreError for a foreign or a newer one."""
    found = current(engine)
    if found == (to or head()):
        return
    if found is None and (others := set(inspect(engine).get_table_names())):
        raise StoreError(f"{shown} holds other tables ({', '.join(sorted(others)[:3])}): name another with --db")
    if found is not None and found not in revisions():
        raise StoreError(_newer(shown, found))
    from alembic import command  # noqa: PLC0415 - as the module's docstring says

    settings = _settings()
    # one transaction, the lock taken first: two processes that start together do not both migrate
    with engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.exec_driver_sql("SELECT pg_advisory_xact_lock(7255620022)")
        if stamped(connection) == (to or head()):
            return
        settings.attributes["connection"] = connection
        command.upgrade(settings, to or "head")


def _newer(shown: str, found: str) -> str:
    return f"{shown} has schema {found}, which is newer than this version: {_advice(found)}"


def revisions() -> list[str]:
    """Return the revisions in order. Raises StoreError when the files are missing."""
    found = sorted(path.stem.partition("_")[0] for path in (FOLDER / "versions").glob("[0-9]*.py"))
    if not found:
        raise StoreError(f"no migrations in {FOLDER}: reinstall buzzchart")
    return found


def _advice(found: str) -> str:
    if found in revisions():
        return "run any collecting command once to bring it up to date"
    return "upgrade buzzchart (pip install -U buzzchart)"
