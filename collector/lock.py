"""One collector at a time: a file lock beside an SQLite database, the lead among collectors on PostgreSQL."""

import threading
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager

from filelock import FileLock, Timeout
from sqlalchemy import make_url

from collector.errors import BusyError
from collector.leader import TAKEN, Office, Term
from collector.store import Store

Tell = Callable[[str], None]


@contextmanager
def only_collector(store: Store) -> Iterator[Store]:
    """Hold the collector's lock of this database and yield the store to write through.

    Raises BusyError when another process has it. The lock ends with its holder, also when that is killed.
    """
    if _is_shared(store):
        with Office(store.url, _unheard).held(threading.Event(), wait=False) as term:
            yield term.store if term else store
        return
    lock = FileLock(f"{make_url(store.url).database}.collector.lock")
    try:
        lock.acquire(timeout=0)
    except Timeout as fault:
        raise BusyError(TAKEN) from fault
    try:
        yield store
    finally:
        lock.release()  # the file stays: removing it would let two processes hold locks on two files of one name


def terms(store: Store, stop: threading.Event, tell: Tell) -> Generator[Term, None, None]:
    """Yield a term whenever this collector leads, until `stop` is set; each ends when the next one is asked for.

    On PostgreSQL it stands by while another one leads, and again after it lost the lead. On SQLite there is one term,
    and BusyError is raised where another process has the lock.
    """
    if not _is_shared(store):
        with only_collector(store):
            while not stop.is_set():
                yield Term(store, stop)
        return
    store.close()  # standing by needs one connection, which the office opens
    office = Office(store.url, tell)
    while not stop.is_set():
        with office.held(stop) as term:
            if term is not None:
                yield term


def _is_shared(store: Store) -> bool:
    return store.engine.dialect.name == "postgresql"


def _unheard(_: str) -> None:
    """Take what is said where nobody waits: the run's own error tells it."""
