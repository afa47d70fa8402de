"""What the store knows of each job: when it ran, how it ended, and until when it must wait."""

from datetime import datetime

from sqlalchemy import select, update

from collector.clock import from_seconds, now, to_seconds
from collector.models import JobState, table
from collector.store import Store
from collector.upsert import insert_or_ignore

JOB_STATE = table(JobState)


def started(store: Store, name: str) -> None:
    """Note that a run has begun."""
    fresh = {"name": name, "started_at": None, "finished_at": None, "due_at": None, "error": None, "failures": 0}
    with store.writing() as connection:
        insert_or_ignore(connection, JOB_STATE, [fresh])
        connection.execute(update(JOB_STATE).where(JOB_STATE.c.name == name).values(started_at=to_seconds(now())))


def ended(store: Store, name: str, *, error: str | None = None, due_at: datetime | None = None) -> None:
    """Note how a run ended; failures in a row are counted, and a good run sets them back."""
    values = {
        "finished_at": to_seconds(now()),
        "due_at": to_seconds(due_at) if due_at else None,
        "error": error,
        "failures": JOB_STATE.c.failures + 1 if error else 0,
    }
    with store.writing() as connection:
        connection.execute(update(JOB_STATE).where(JOB_STATE.c.name == name).values(values))


def due_times(store: Store) -> dict[str, datetime]:
    """Return until when each job that was asked to wait must do so."""
    return _times(store, "due_at")


def last_runs(store: Store) -> dict[str, datetime]:
    """Return when each job last ended."""
    return _times(store, "finished_at")


def _times(store: Store, column: str) -> dict[str, datetime]:
    moment = JOB_STATE.c[column]
    with store.reading() as connection:
        rows = connection.execute(select(JOB_STATE.c.name, moment).where(moment.is_not(None)))
        return {name: from_seconds(at) for name, at in rows}
