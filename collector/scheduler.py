"""APScheduler behind a thin door: jobs are handed in, it knows none by name.

Each run is noted in the store. A RetryLater holds its job back until the time it names, also across restarts; any
other fault is noted and the job is tried again at its next turn. One failing job never stops another.

The schedule goes by the system's clock, which can be set: set back, all turns move with it; set forward, what is due
runs at once; and what was noted by a clock that was far ahead is not believed.
"""

import logging
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from queue import SimpleQueue

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.interval import IntervalTrigger

from collector import job_log
from collector.clock import now
from collector.errors import BuzzError, LostLeadError, RetryLater, StoreError
from collector.store import Store

log = logging.getLogger(__name__)
# it warns at each turn that a job at work misses, which is as it should be: one run at a time
logging.getLogger("apscheduler").setLevel(logging.ERROR)

LOOK_SECONDS = 1.0  # how often the clock is looked at
SET_BACK = timedelta(seconds=2)  # less is a clock being kept right, little by little
SKEW = timedelta(minutes=5)  # by how much the clocks of two machines may differ
SOON = timedelta(seconds=30)  # until a job that the database failed is tried again
PATIENCE = 2.0  # seconds in which a lost database is told by who watches the connection


@dataclass(frozen=True)
class Job:
    """Something to do every so often. `run` takes nothing and raises BuzzError when it cannot."""

    name: str
    every: timedelta
    run: Callable[[], None]


@dataclass(frozen=True)
class Outcome:
    """How one run of a job ended: `error` is None when it went well."""

    name: str
    error: BuzzError | None


def run_job(store: Store, job: Job) -> Outcome:
    """Run a job once and note how it ended.

    Raises StoreError when that cannot be noted, LostLeadError when another collector has taken over.
    """
    job_log.started(store, job.name)
    try:
        job.run()
    except LostLeadError:
        raise
    except RetryLater as fault:
        job_log.ended(store, job.name, error=str(fault), due_at=fault.until)
        log.warning("%s waits until %s: %s", job.name, f"{fault.until:%Y-%m-%d %H:%M:%S} UTC", fault)
        return Outcome(job.name, fault)
    except BuzzError as fault:
        job_log.ended(store, job.name, error=str(fault))
        log.warning("%s: %s", job.name, fault)
        return Outcome(job.name, fault)
    except (
        Exception
    ) as fault:  # a fault of ours in one job must not end the others; it is noted and shown with its trace
        job_log.ended(store, job.name, error=f"internal fault: {fault!r}")
        log.exception("%s: internal fault, please report it", job.name)
        return Outcome(job.name, BuzzError(f"internal fault: {fault!r}"))
    job_log.ended(store, job.name)
    return Outcome(job.name, None)


def run_once(store: Store, jobs: Sequence[Job]) -> list[Outcome]:
    """Run each job once, in order; one that a platform told to wait is left out until its time has come."""
    noted = job_log.notes(store)
    outcomes = []
    for job in jobs:
        if (until := waits_until(now(), noted.get(job.name))) is not None:
            outcomes.append(Outcome(job.name, RetryLater(f"{job.name} was asked to wait", until=until)))
        else:
            outcomes.append(run_job(store, job))
    return outcomes


def run_schedule(store: Store, jobs: Sequence[Job], stop: threading.Event) -> None:
    """Run the jobs on their schedule until `stop` is set; a run that has begun is finished first."""
    noted = job_log.notes(store)
    schedule = _Schedule(store, stop)
    for job in jobs:
        schedule.add(job, first_run(now(), job.every, noted.get(job.name)))
    clock = SteppedClock()
    schedule.scheduler.start()
    try:
        while not stop.wait(LOOK_SECONDS):
            if back := clock.set_back():
                schedule.move(back)
            schedule.try_again_soon()
    finally:
        schedule.scheduler.shutdown(wait=True)


class SteppedClock:
    """Tells by how much the system's clock was set back, by a clock that nobody can set."""

    def __init__(self, wall: Callable[[], float] = time.time, steady: Callable[[], float] = time.monotonic) -> None:
        self._wall = wall
        self._steady = steady
        self._ahead = wall() - steady()

    def set_back(self) -> timedelta:
        """Return by how much it was set back since the last look; zero when it was not."""
        before, self._ahead = self._ahead, self._wall() - self._steady()
        back = timedelta(seconds=before - self._ahead)
        return back if back > SET_BACK else timedelta()


def first_run(at: datetime, every: timedelta, note: job_log.Note | None) -> datetime:
    """Return when a job runs first: when its turn has come since the last run, or at once where that was cut short.

    Never before a platform lets it. A clock that was wrong must not silence a source for longer than one turn.
    """
    turn = note.ended + every if note is not None and note.ended is not None and not note.cut_short else at
    return max(at, turn if turn <= at + every else at, waits_until(at, note) or at)


def waits_until(at: datetime, note: job_log.Note | None) -> datetime | None:
    """Return until when a job was asked to wait; None when that is past, or was noted by a clock far ahead of ours."""
    if note is None or note.due is None or note.due <= at:
        return None
    return None if note.ended is not None and note.ended > at + SKEW else note.due


class _Schedule:
    """The jobs in APScheduler, one at a time, each at its turn."""

    def __init__(self, store: Store, stop: threading.Event) -> None:
        self._store = store
        self._stop = stop
        self._failed: SimpleQueue[Job] = SimpleQueue()
        self.scheduler = BackgroundScheduler(
            timezone=UTC,
            executors={"default": ThreadPoolExecutor(1)},  # one writer: jobs take turns
            job_defaults={"coalesce": True, "misfire_grace_time": None, "max_instances": 1},
        )

    def add(self, job: Job, first: datetime) -> None:
        trigger = IntervalTrigger(seconds=int(job.every.total_seconds()))
        self.scheduler.add_job(self._turn, trigger, args=[job], id=job.name, next_run_time=first)

    def move(self, back: timedelta) -> None:
        """Move every turn by as much as the clock was set back."""
        for planned in self.scheduler.get_jobs():
            planned.modify(next_run_time=planned.next_run_time - back)

    def try_again_soon(self) -> None:
        """Plan what the database failed for an early turn. Not from within a job: APScheduler's end would lock up."""
        while not self._failed.empty():
            self.scheduler.modify_job(self._failed.get().name, next_run_time=now() + SOON)

    def _turn(self, job: Job) -> None:
        try:
            if waits_until(now(), job_log.notes(self._store).get(job.name)) is not None:
                return
            failed = isinstance(run_job(self._store, job).error, StoreError)
        except (StoreError, LostLeadError) as fault:
            failed = True
            # a database that has gone, or another leader, ends this schedule and is told once, not by each job
            level = logging.INFO if self._stop.wait(PATIENCE) else logging.WARNING
            log.log(level, "%s: %s", job.name, fault)
        if failed and job.every > SOON:
            self._failed.put(job)
