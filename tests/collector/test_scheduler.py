"""Jobs take turns, faults stay with their job, and who was told to wait waits, also after a restart."""

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from collector import job_log
from collector.clock import now
from collector.errors import AccessError, RetryLater
from collector.models import JobState, table
from collector.scheduler import Job, first_run, run_job, run_once, run_schedule
from collector.store import Store

HOUR = timedelta(hours=1)
AT = datetime(2026, 3, 1, 12, tzinfo=UTC)


def raising(fault: Exception) -> Callable[[], None]:
    def run() -> None:
        raise fault

    return run


def test_a_failing_job_is_noted_and_the_others_run(store: Store) -> None:
    ran: list[str] = []
    jobs = [
        Job("closed", HOUR, raising(AccessError("no key"))),
        Job("broken", HOUR, raising(ZeroDivisionError("oops"))),
        Job("good", HOUR, lambda: ran.append("good")),
    ]
    outcomes = run_once(store, jobs)
    assert ran == ["good"]
    assert [str(outcome.error) for outcome in outcomes[:2]] == ["no key", "internal fault: ZeroDivisionError('oops')"]
    assert outcomes[2].error is None


def test_failures_in_a_row_are_counted_and_a_good_run_sets_them_back(store: Store) -> None:

    def failures() -> int:
        with store.reading() as connection:
            return connection.execute(select(table(JobState).c.failures)).scalar_one()

    bad = Job("job", HOUR, raising(AccessError("no")))
    run_job(store, bad)
    run_job(store, bad)
    assert failures() == 2
    run_job(store, Job("job", HOUR, lambda: None))
    assert failures() == 0


def test_who_was_told_to_wait_is_left_out_until_then_by_another_process_too(store: Store) -> None:
    until = now() + HOUR
    run_job(store, Job("job", HOUR, raising(RetryLater("slow down", until=until))))
    ran: list[int] = []
    with Store.open(store.url) as restarted:
        [outcome] = run_once(restarted, [Job("job", HOUR, lambda: ran.append(1))])
    assert ran == []
    assert isinstance(outcome.error, RetryLater)
    assert outcome.error.until == until.replace(microsecond=0)


@pytest.mark.parametrize(
    ("ended", "due", "expected"),
    [
        (None, None, AT),
        (AT - HOUR * 3, None, AT),
        (AT - HOUR / 2, None, AT + HOUR / 2),
        (None, AT + HOUR * 5, AT + HOUR * 5),
        (AT + HOUR * 9, None, AT),  # a clock that was wrong must not silence a source for long
    ],
)
def test_a_job_first_runs_when_its_turn_has_come(
    ended: datetime | None, due: datetime | None, expected: datetime
) -> None:
    assert first_run(AT, HOUR, ended, due) == expected


def test_the_schedule_runs_every_job_again_and_again_never_two_at_once(store: Store) -> None:
    running = threading.Lock()
    runs: list[str] = []
    stop = threading.Event()

    def job(name: str) -> Job:
        def run() -> None:
            assert running.acquire(blocking=False), "two jobs at once"
            time.sleep(0.02)
            runs.append(name)
            running.release()
            if runs.count("a") >= 2 and runs.count("b") >= 2:
                stop.set()

        return Job(name, timedelta(seconds=1), run)

    threading.Timer(20, stop.set).start()
    run_schedule(store, [job("a"), job("b")], stop)
    assert runs.count("a") >= 2
    assert runs.count("b") >= 2
    assert set(job_log.last_runs(store)) == {"a", "b"}
