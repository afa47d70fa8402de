"""The meter of YouTube's quota: days in California, reservations, what a crash leaves."""

from datetime import UTC, datetime, timedelta

import pytest

from collector.errors import RetryLater
from collector.source import Cursor
from collector.youtube_quota import SEARCHES, SKEW, UNITS, Quota, day_of, next_day

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)
LIMITS = {SEARCHES: 2, UNITS: 3}


def saved(quota: Quota, memory: dict[str, str] | None = None) -> Cursor:
    values = (memory or {}) | quota.values
    return Cursor({key: value for key, value in values.items() if value is not None})


@pytest.mark.parametrize(
    ("at", "day", "turn"),
    [
        ("2026-03-10T06:59:59", "2026-03-09", "2026-03-10T07:00:00"),
        ("2026-03-10T07:00:00", "2026-03-10", "2026-03-11T07:00:00"),
        ("2026-03-08T08:00:00", "2026-03-08", "2026-03-09T07:00:00"),  # the clocks go forward: 23 hours
        ("2026-11-01T07:30:00", "2026-11-01", "2026-11-02T08:00:00"),  # and back: 25 hours
        ("2026-12-31T23:00:00", "2026-12-31", "2027-01-01T08:00:00"),
    ],
)
def test_a_day_begins_at_midnight_in_california(at: str, day: str, turn: str) -> None:
    moment = datetime.fromisoformat(at).replace(tzinfo=UTC)
    assert day_of(moment) == day
    assert next_day(moment) == datetime.fromisoformat(turn).replace(tzinfo=UTC)


def test_no_more_is_reserved_than_is_left_each_kind_by_itself() -> None:
    quota = Quota.open(Cursor(), LIMITS, NOON)
    for _ in range(3):
        assert quota.reserve(UNITS, NOON)
        quota.settle(UNITS)
    assert not quota.reserve(UNITS, NOON)
    assert (quota.left(UNITS), quota.left(SEARCHES)) == (0, 2)
    again = Quota.open(saved(quota), LIMITS, NOON + timedelta(hours=1))
    assert (again.left(UNITS), again.left(SEARCHES)) == (0, 2)


def test_what_nobody_settled_counts_as_used() -> None:
    quota = Quota.open(Cursor(), LIMITS, NOON)
    assert quota.reserve(UNITS, NOON)
    cursor = saved(quota)  # and here the process dies
    again = Quota.open(cursor, LIMITS, NOON)
    assert again.left(UNITS) == 2
    assert again.values["quota units reserved"] is None


def test_a_new_day_begins_with_nothing_used() -> None:
    quota = Quota.open(Cursor(), LIMITS, NOON)
    quota.use_up(UNITS)
    assert Quota.open(saved(quota), LIMITS, NOON).left(UNITS) == 0
    assert Quota.open(saved(quota), LIMITS, NOON + timedelta(days=1)).left(UNITS) == 3


def test_a_clock_that_is_set_back_and_right_again_gives_nothing_twice() -> None:
    quota = Quota.open(Cursor(), LIMITS, NOON)
    quota.use_up(UNITS)
    back = Quota.open(saved(quota), LIMITS, NOON - timedelta(days=1))
    assert back.left(UNITS) == 0
    assert back.reserve(SEARCHES, NOON - timedelta(days=1))
    again = Quota.open(saved(back), LIMITS, NOON)
    assert (again.left(UNITS), again.left(SEARCHES)) == (0, 1)
    assert Quota.open(saved(again), LIMITS, NOON + timedelta(days=1)).left(UNITS) == 3


def test_a_clock_that_was_years_ahead_does_not_stop_us_for_years() -> None:
    quota = Quota.open(Cursor(), LIMITS, NOON + timedelta(days=900))
    quota.use_up(UNITS)
    today = Quota.open(saved(quota), LIMITS, NOON)
    assert today.left(UNITS) == 0
    assert Quota.open(saved(today), LIMITS, NOON + timedelta(days=1)).left(UNITS) == 3


def test_a_higher_quota_goes_on_and_a_lower_one_stops() -> None:
    quota = Quota.open(Cursor(), LIMITS, NOON)
    quota.use_up(UNITS)
    assert Quota.open(saved(quota), LIMITS | {UNITS: 10}, NOON).left(UNITS) == 7
    assert Quota.open(saved(quota), LIMITS | {UNITS: 1}, NOON).left(UNITS) == 0


@pytest.mark.parametrize("off", [-SKEW + timedelta(seconds=1), timedelta(0), SKEW - timedelta(seconds=1)])
def test_nothing_is_asked_while_it_is_not_certain_which_day_is_charged(off: timedelta) -> None:
    turn = next_day(NOON)
    quota = Quota.open(Cursor(), LIMITS, turn + off)
    with pytest.raises(RetryLater, match="a new day") as caught:
        quota.reserve(UNITS, turn + off)
    assert caught.value.until == turn + SKEW
    assert Quota.open(Cursor(), LIMITS, caught.value.until).reserve(UNITS, caught.value.until)


def test_a_run_that_goes_on_into_a_new_day_stops() -> None:
    quota = Quota.open(Cursor(), LIMITS, NOON)
    with pytest.raises(RetryLater, match="a new day"):
        quota.reserve(UNITS, next_day(NOON) + timedelta(hours=1))
    assert quota.left(UNITS) == 3
