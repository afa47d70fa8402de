"""Empty databases to measure on, and the CPU time that PostgreSQL takes for us."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import local_postgres
from sqlalchemy import text

from collector.store import Store

TICKS = os.sysconf("SC_CLK_TCK")
MEMORY_ENDS = 1_000_000  # rows above which PostgreSQL's files go to the disk


@contextmanager
def empty_database(kind: str, rows: int = 0) -> Iterator[str]:
    """Hand out the address of an empty database for so many rows; PostgreSQL runs for as long as it is used."""
    if kind == "sqlite":
        with tempfile.TemporaryDirectory(prefix="buzz-bench-") as folder:
            yield f"sqlite:///{folder}/bench.db"
        return
    programs = local_postgres.programs()
    if programs is None:
        raise SystemExit("PostgreSQL is not installed: give --database sqlite")
    if rows > MEMORY_ENDS:
        local_postgres._quick_folder = lambda: None  # noqa: SLF001 - on the disk
    if rows:
        local_postgres.SETTINGS |= {"shared_buffers": "256MB"}
    server = local_postgres.LocalPostgres.start(programs)
    try:
        yield server.url(server.create())
    finally:
        server.stop()


def database_seconds(store: Store) -> float:
    """Return the CPU seconds of PostgreSQL's processes that serve us, 0 for SQLite, which works in ours."""
    if store.engine.dialect.name == "sqlite":
        return 0
    with store.reading() as connection:
        pids = connection.execute(text("SELECT pid FROM pg_stat_activity WHERE datname = current_database()")).scalars()
        stats = [Path(f"/proc/{pid}/stat").read_text().rsplit(") ", 1)[1].split() for pid in pids]
    return sum(int(stat[11]) + int(stat[12]) for stat in stats) / TICKS
