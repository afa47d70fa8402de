"""What the store knows of each job: when it ran, how it ended, and until when it must wait."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update

from collector.clock import from_seconds, now, to_seconds, to_seconds_after
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
        "due_at": to_seconds_after(due_at) if due_at else None,
        "error": error,
        "failures": JOB_STATE.c.failures + 1 if error else 0,
    }
    with store.writing() as connection:
        connection.execute(update(JOB_STATE).where(JOB_STATE.c.name == name).values(values))


@dataclass(frozen=True, slots=True)
class Note:
    """What is known of a job's last run; the times are aware, in UTC. `due`: when a platform lets it run again."""

    started: datetime | None = None
    ended: datetime | None = None
    due: datetime | None = None

    @property
    def cut_short(self) -> bool:
        """Whether the last run has begun and never ended: its process was killed, or lost the database."""
        return self.started is not None and (self.ended is None or self.started > self.ended)


def notes(store: Store) -> dict[str, Note]:
    """Return what is known of each job that ever ran."""
    columns = (JOB_STATE.c.started_at, JOB_STATE.c.finished_at, JOB_STATE.c.due_at)
    with store.reading() as connection:
        rows = connection.execute(select(JOB_STATE.c.name, *columns)).all()
    return {name: Note(*(None if at is None else from_seconds(at) for at in times)) for name, *times in rows}
