"""Several collectors on one PostgreSQL: one leads, the others stand by and take over within seconds.

- The lead is an advisory lock of one session: PostgreSQL gives it to one at a time and frees it when that session ends.
- That session speaks twice a second. One that says nothing for three seconds belongs to a process that is frozen or cut
  off, and whoever stands by ends it.
- Each change of leader raises the epoch in the table `leader`; each write looks, inside its own transaction and holding
  that row, whether its epoch still stands. This alone makes overlapping writes impossible; the first two points only
  decide how soon somebody else leads.

No clock is compared with another one: silence is counted in looks. docs/server.md tells why this suffices.
"""

import os
import secrets
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import Connection, Engine, select, text

from collector.engine import open_engine, reporting
from collector.errors import BusyError, LostLeadError, StoreError
from collector.models import Leader, table
from collector.store import Store

LEADER = table(Leader)
ROLE = "collector"
LEAD_LOCK = 7255620024  # an arbitrary number that only Buzzchart's collectors use
BEAT_SECONDS = 0.5
LOOK_SECONDS = 0.5
PATIENCE = 6  # looks in a row without a word of the leader
TAKEN = "another collector already works on this database: stop that one first, or let it do the work"

# who holds the lock, and when its session last spoke, which only its own role may see
HOLDER = text("""
    SELECT a.pid, a.application_name AS name, a.state_change AS spoke
    FROM pg_locks l JOIN pg_stat_activity a ON a.pid = l.pid
    WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1 AND a.datname = current_database()
      AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
      AND (l.classid::bigint << 32) + l.objid::bigint = :lock
""")
EPOCH = select(LEADER.c.epoch).where(LEADER.c.role == ROLE)
END_ONE = text("SELECT pg_terminate_backend(:pid)")
# what the last leader left open: it could hold the leader's row, and its statements go on though it is dead
END_LAST = text("""
    SELECT pg_terminate_backend(a.pid) FROM pg_stat_activity a JOIN leader l ON l.holder = a.application_name
    WHERE l.role = :role AND a.datname = current_database() AND a.pid <> pg_backend_pid()
""")
RAISE_EPOCH = text("""
    INSERT INTO leader (role, epoch, holder, since)
    VALUES (:role, 1, :holder, extract(epoch FROM clock_timestamp())::bigint)
    ON CONFLICT (role) DO UPDATE SET epoch = leader.epoch + 1, holder = excluded.holder, since = excluded.since
    RETURNING epoch
""")


@dataclass(frozen=True, slots=True)
class Term:
    """One time of leading: a store that refuses to write once another leads; `over` is set when it is to end."""

    store: Store
    over: threading.Event


class Silence:
    """Counts for how many looks in a row the leader's session has not spoken."""

    def __init__(self, patience: int) -> None:
        self._patience = patience
        self._last: object = None
        self._looks = 0

    def look(self, spoke: object) -> bool:
        """Take what one look saw: any mark that changes when the leader speaks, None when it cannot be told.

        Returns True when patience has run out. A watcher that was asleep itself has looked once, however long it slept.
        """
        self._looks = self._looks + 1 if spoke is not None and spoke == self._last else 0
        self._last = spoke
        return self._looks >= self._patience


class Office:
    """The collectors' office on one PostgreSQL, as one of them sees it. `tell` hears once of each change."""

    def __init__(self, url: str, tell: Callable[[str], None]) -> None:
        self._url = url
        self._tell = tell
        self._told = ""

    @contextmanager
    def held(self, stop: threading.Event, *, wait: bool = True) -> Iterator[Term | None]:
        """Stand by until this collector leads; yield its term, or None when `stop` was set before.

        Without `wait` BusyError is raised where another one leads. The term is over when `stop` is set or the lead is
        lost; the lead is kept until the context is left, so that work in hand can be finished.
        """
        name = session_name()
        engine = open_engine(self._url, name=name)
        try:
            won = self._stand_by(engine, name, stop) if wait else self._try_once(engine, name)
            if won is None:
                yield None
                return
            session, epoch = won
            with self._beating(session, epoch, stop) as over:
                yield Term(Store(self._url, engine, fence(epoch)), over)
        finally:
            engine.dispose()

    def _try_once(self, engine: Engine, name: str) -> tuple[Connection, int]:
        session, epoch = None, None
        try:
            with reporting(self._url):
                session = _session(engine)
                epoch = _claim(session, name)
        finally:
            if epoch is None:
                _drop(session)
        if session is None or epoch is None:
            raise BusyError(TAKEN)
        return session, epoch

    def _stand_by(self, engine: Engine, name: str, stop: threading.Event) -> tuple[Connection, int] | None:
        session: Connection | None = None
        silence = Silence(PATIENCE)
        while not stop.is_set():
            try:
                with reporting(self._url):
                    session = session or _session(engine)
                    epoch = _claim(session, name)
                    if epoch is None:
                        self._watch(session, silence)
            except StoreError as fault:
                self._say("fault", f"{fault}; this collector tries again until it can go on")
                _drop(session)
                session, epoch = None, None
            if session is not None and epoch is not None:
                self._say("leads", f"This collector leads now (epoch {epoch})." if self._told else "")
                return session, epoch
            stop.wait(LOOK_SECONDS)
        _drop(session)
        return None

    def _watch(self, session: Connection, silence: Silence) -> None:
        """Look at the leader; end its session when it has been silent for too long."""
        holder = session.execute(HOLDER, {"lock": LEAD_LOCK}).one_or_none()
        if holder is None:
            return  # it has gone this very moment
        self._say("stands by", f"Another collector leads ({holder.name}); this one stands by to take over.")
        if silence.look(holder.spoke and (holder.pid, holder.spoke)):
            session.execute(END_ONE, {"pid": holder.pid})

    @contextmanager
    def _beating(self, session: Connection, epoch: int, stop: threading.Event) -> Iterator[threading.Event]:
        """Keep the session speaking; yield the event that is set when the term is over."""
        over, left = threading.Event(), threading.Event()

        def beat() -> None:
            while not left.wait(BEAT_SECONDS):
                if stop.is_set():
                    over.set()
                if fault := self._fault(session, epoch):
                    over.set()
                    self._say("fault", f"{fault}; this collector goes on by itself when it can")
                    return

        thread = threading.Thread(target=beat, daemon=True)
        thread.start()
        try:
            yield over
        finally:
            left.set()
            thread.join()
            _drop(session)

    def _fault(self, session: Connection, epoch: int) -> str:
        """Speak to the server once. Returns what ends the term, or nothing."""
        try:
            with reporting(self._url):
                leads = session.execute(EPOCH).scalar_one_or_none() == epoch
        except StoreError as fault:
            return str(fault)
        return "" if leads else "the lead is lost: another epoch has begun"

    def _say(self, kind: str, said: str) -> None:
        if said and kind != self._told:
            self._tell(said)
        self._told = kind


def fence(epoch: int) -> Callable[[Connection], None]:
    """Return what each write of this epoch begins with: it raises LostLeadError when another epoch has begun.

    The row stays locked until the write is committed, and raising the epoch waits for that: so each write of an epoch
    is committed before the next epoch begins.
    """
    query = EPOCH.with_for_update(read=True)

    def check(connection: Connection) -> None:
        if connection.execute(query).scalar_one_or_none() != epoch:
            raise LostLeadError("another collector has taken over: this write is left to it, nothing is lost")

    return check


def session_name() -> str:
    """Return a name for the sessions of one term, which PostgreSQL shows: host, process and a token of its own."""
    host = "".join(char for char in socket.gethostname() if char.isascii() and char.isprintable())
    return f"buzz collect {host[:24]} {os.getpid()} {secrets.token_hex(4)}"


def _session(engine: Engine) -> Connection:
    # each statement by itself: a transaction left open would hold back vacuum
    return engine.connect().execution_options(isolation_level="AUTOCOMMIT")


def _claim(session: Connection, name: str) -> int | None:
    """Take the lead if it is free, end what the last leader left, and return the new epoch."""
    if not session.exec_driver_sql(f"SELECT pg_try_advisory_lock({LEAD_LOCK})").scalar_one():
        return None
    session.execute(END_LAST, {"role": ROLE}).all()
    return int(session.execute(RAISE_EPOCH, {"role": ROLE, "holder": name}).scalar_one())


def _drop(session: Connection | None) -> None:
    """End a session for good, and its lock with it: in the pool it would live on."""
    if session is not None:
        session.invalidate()
        session.close()
