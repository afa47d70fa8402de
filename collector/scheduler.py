"""APScheduler behind a thin door: jobs are handed in, it knows none by name.

Each run is noted in the store. A RetryLater holds its job back until the time it names, also across restarts; any
other fault is noted and the job is tried again at its next turn. One failing job never stops another.
"""

import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.interval import IntervalTrigger

from collector import job_log
from collector.clock import now
from collector.errors import BuzzError, RetryLater
from collector.store import Store

log = logging.getLogger(__name__)


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
    """Run a job once and note how it ended."""
    job_log.started(store, job.name)
    try:
        job.run()
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
    due = job_log.due_times(store)
    outcomes = []
    for job in jobs:
        if (until := due.get(job.name)) is not None and until > now():
            outcomes.append(Outcome(job.name, RetryLater(f"{job.name} was asked to wait", until=until)))
        else:
            outcomes.append(run_job(store, job))
    return outcomes


def run_schedule(store: Store, jobs: Sequence[Job], stop: threading.Event) -> None:
    """Run the jobs on their schedule until `stop` is set; a run that has begun is finished first."""
    scheduler = BackgroundScheduler(
        timezone=UTC,
        executors={"default": ThreadPoolExecutor(1)},  # one writer: jobs take turns
        job_defaults={"coalesce": True, "misfire_grace_time": None, "max_instances": 1},
    )
    ended = job_log.last_runs(store)
    due = job_log.due_times(store)
    for job in jobs:
        first = first_run(now(), job.every, ended.get(job.name), due.get(job.name))
        scheduler.add_job(
            _turn,
            IntervalTrigger(seconds=int(job.every.total_seconds())),
            args=[store, job],
            id=job.name,
            next_run_time=first,
        )
    scheduler.start()
    try:
        stop.wait()
    finally:
        scheduler.shutdown(wait=True)


def first_run(at: datetime, every: timedelta, ended: datetime | None, due: datetime | None) -> datetime:
    """Return when a job runs first: when its turn has come since the last run, never before `due`, else at once."""
    turn = ended + every if ended is not None else at
    return max(at, turn if turn <= at + every else at, due or at)


def _turn(store: Store, job: Job) -> None:
    due = job_log.due_times(store).get(job.name)
    if due is None or due <= now():
        run_job(store, job)
