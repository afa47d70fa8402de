"""Jobs take turns, faults stay with their job, and who was told to wait waits, also after a restart."""

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, tzinfo

import pytest
from sqlalchemy import select

from collector import job_log, scheduler
from collector.clock import now
from collector.errors import AccessError, LostLeadError, RetryLater, StoreError
from collector.job_log import Note
from collector.models import JobState, table
from collector.scheduler import (
    SKEW,
    Job,
    SteppedClock,
    first_run,
    run_job,
    run_once,
    run_schedule,
    waits_until,
)
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


def test_who_was_told_to_wait_is_not_a_fraction_of_a_second_early(store: Store) -> None:
    until = AT + timedelta(microseconds=400_000)
    job_log.started(store, "job")
    job_log.ended(store, "job", error="slow down", due_at=until)
    note = job_log.notes(store)["job"]
    assert note.due is not None
    assert until <= note.due < until + timedelta(seconds=1)
    job_log.ended(store, "job", error="slow down", due_at=AT)
    assert job_log.notes(store)["job"].due == AT


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
    assert until <= outcome.error.until < until + timedelta(seconds=1)


@pytest.mark.parametrize(
    ("note", "expected"),
    [
        (None, AT),
        (Note(ended=AT - HOUR * 3), AT),
        (Note(ended=AT - HOUR / 2), AT + HOUR / 2),
        (Note(due=AT + HOUR * 5), AT + HOUR * 5),
        (Note(started=AT - HOUR / 4, ended=AT - HOUR / 2), AT),  # killed in its last run
        (Note(ended=AT + HOUR * 9), AT),  # a clock that was wrong must not silence a source for long
        (Note(ended=AT + HOUR * 9, due=AT + HOUR * 10), AT),
        (Note(ended=AT + SKEW / 2, due=AT + HOUR * 5), AT + HOUR * 5),  # another machine's clock, a little ahead
    ],
)
def test_a_job_first_runs_when_its_turn_has_come(note: Note | None, expected: datetime) -> None:
    assert first_run(AT, HOUR, note) == expected


def test_a_wait_that_is_over_is_none() -> None:
    assert waits_until(AT, Note(due=AT)) is None
    assert waits_until(AT, Note(due=AT + HOUR)) == AT + HOUR


class Clocks:
    """A wall clock that can be set and a steady one that cannot."""

    def __init__(self) -> None:
        self.wall = 1_700_000_000.0
        self.steady = 50.0

    def pass_by(self, seconds: float, *, set_by: float = 0) -> None:
        self.wall += seconds + set_by
        self.steady += seconds


def test_a_clock_set_back_is_noticed_once_and_one_set_forward_or_kept_right_is_not() -> None:
    clocks = Clocks()
    stepped = SteppedClock(lambda: clocks.wall, lambda: clocks.steady)
    seen = []
    for set_by in (0, -3600, 0, 7200, -0.5, -0.5, -86400):
        clocks.pass_by(1, set_by=set_by)
        seen.append(round(stepped.set_back().total_seconds()))
    assert seen == [0, 3600, 0, 0, 0, 0, 86400]


@pytest.mark.parametrize("database_kind", ["sqlite"])
def test_a_job_goes_on_at_its_turns_when_the_clock_is_set_back_by_a_day(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scheduler, "LOOK_SECONDS", 0.05)
    shift = [timedelta()]

    class Settable(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> datetime:
            return datetime.now(tz) + shift[0]

    monkeypatch.setattr("apscheduler.schedulers.base.datetime", Settable)
    set_clock = SteppedClock(lambda: time.time() + shift[0].total_seconds())
    monkeypatch.setattr(scheduler, "SteppedClock", lambda: set_clock)
    runs: list[float] = []
    stop = threading.Event()

    def run() -> None:
        runs.append(time.monotonic())
        shift[0] = -timedelta(days=1)
        if len(runs) == 3:
            stop.set()

    timer = threading.Timer(20, stop.set)
    timer.start()
    run_schedule(store, [Job("job", timedelta(seconds=1), run)], stop)
    timer.cancel()
    assert len(runs) == 3
    assert runs[2] - runs[0] < 10


def test_a_job_that_the_database_failed_is_tried_again_soon(
    store: Store, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(scheduler, "LOOK_SECONDS", 0.05)
    monkeypatch.setattr(scheduler, "SOON", timedelta(seconds=0.1))
    runs: list[int] = []
    stop = threading.Event()

    def run() -> None:
        runs.append(1)
        if len(runs) == 1:
            raise StoreError("the connection was cut")
        stop.set()

    timer = threading.Timer(20, stop.set)
    timer.start()
    run_schedule(store, [Job("job", HOUR, run)], stop)
    timer.cancel()
    assert len(runs) == 2
    assert [record.getMessage() for record in caplog.records] == ["job: the connection was cut"]


def test_a_lost_lead_ends_a_job_without_a_word_of_its_own(store: Store, caplog: pytest.LogCaptureFixture) -> None:
    stop = threading.Event()

    def run() -> None:
        stop.set()
        raise LostLeadError("another collector has taken over")

    run_schedule(store, [Job("job", HOUR, run)], stop)
    assert caplog.records == []
    assert job_log.notes(store)["job"].cut_short
    with pytest.raises(LostLeadError):
        run_once(store, [Job("job", HOUR, run)])


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

    timer = threading.Timer(20, stop.set)
    timer.start()
    run_schedule(store, [job("a"), job("b")], stop)
    timer.cancel()
    assert runs.count("a") >= 2
    assert runs.count("b") >= 2
    noted = job_log.notes(store)
    assert set(noted) == {"a", "b"}
    assert not any(note.cut_short for note in noted.values())
