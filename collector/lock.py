"""One collector at a time: a file lock beside an SQLite database, an advisory lock on PostgreSQL."""

from collections.abc import Iterator
from contextlib import contextmanager

from filelock import FileLock, Timeout
from sqlalchemy import make_url

from collector.engine import reporting
from collector.errors import BusyError
from collector.store import Store

COLLECTOR_LOCK = 7255620024  # an arbitrary number that only Buzzchart's collectors use
TAKEN = "another collector already works on this database: stop that one first, or let it do the work"


@contextmanager
def only_collector(store: Store) -> Iterator[None]:
    """Hold the collector's lock of this database. Raises BusyError when another process has it.

    Both kinds end with their holder, also when it is killed.
    """
    if store.engine.dialect.name == "postgresql":
        with reporting(store.url), store.engine.connect() as connection:
            connection.detach()  # the lock belongs to the session, which must end with it and not go back to the pool
            if not connection.exec_driver_sql(f"SELECT pg_try_advisory_lock({COLLECTOR_LOCK})").scalar_one():
                raise BusyError(TAKEN)
            connection.commit()  # a transaction left open would hold back vacuum
            yield
        return
    lock = FileLock(f"{make_url(store.url).database}.collector.lock")
    try:
        lock.acquire(timeout=0)
    except Timeout as fault:
        raise BusyError(TAKEN) from fault
    try:
        yield
    finally:
        lock.release()  # the file stays: removing it would let two processes hold locks on two files of one name
