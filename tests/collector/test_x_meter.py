from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.errors import RetryLater
from collector.source import Cursor
from collector.x_meter import Meter, micros, month_of, next_month, read_meter

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
PRICE = 5000


def meter(budget: float = 1.0, values: Mapping[str, str] | None = None, at: datetime = NOW) -> Meter:
    return Meter.open(Cursor(values or {}), budget, at)


def kept(one: Meter) -> dict[str, str]:
    return {key: value for key, value in one.values.items() if value is not None}


def test_what_is_reserved_is_gone_until_it_is_settled_or_released() -> None:
    one = meter()
    assert one.reserve(600_000, NOW)
    assert one.left == 400_000
    one.settle(100_000)
    assert (one.spent, one.reserved, one.left) == (100_000, 500_000, 400_000)
    one.release()
    assert one.left == 900_000


def test_more_than_is_left_is_not_reserved() -> None:
    one = meter()
    assert one.reserve(1_000_000, NOW)
    assert not one.reserve(1_000_001, NOW)
    assert (one.reserved, one.left) == (0, 1_000_000)


def test_it_goes_on_where_it_was_and_takes_what_nobody_settled_for_spent() -> None:
    one = meter()
    one.reserve(600_000, NOW)
    one.settle(100_000)
    assert kept(one) == {"meter 2026-11 spent": "100000", "meter 2026-11 reserved": "500000"}
    again = meter(values=kept(one))
    assert (again.spent, again.reserved) == (600_000, 0)


def test_each_month_has_its_own_even_when_the_clock_was_ahead_for_a_while() -> None:
    one = meter()
    one.settle(900_000)
    ahead = datetime(2027, 2, 1, 1, tzinfo=UTC)
    later = meter(values=kept(one), at=ahead)
    assert later.left == 1_000_000
    later.settle(1)
    assert meter(values=kept(one) | kept(later)).left == 100_000


def test_it_can_be_read_in_dollars() -> None:
    one = meter(10.0)
    one.reserve(2_000_000, NOW)
    one.settle(500_000)
    shown = read_meter(Cursor(kept(one)), 10.0, NOW)
    assert shown == ("2026-11", 0.5, 1.5, 10.0, 0.0, 0.0)
    assert shown.left == 8.0
    assert read_meter(Cursor(), 10.0, NOW).left == 10.0


def test_a_smaller_budget_leaves_nothing_and_never_less() -> None:
    one = meter()
    one.settle(900_000)
    smaller = meter(0.5, kept(one))
    assert smaller.left == 0
    assert not smaller.reserve(1, NOW)
    assert read_meter(Cursor(kept(one)), 0.5, NOW).left == 0


def test_a_post_is_paid_once_a_day_and_one_without_an_id_each_time() -> None:
    one = meter()
    one.settle_posts(["1", "2", None], PRICE, NOW)
    one.settle_posts(["2", "3", None], PRICE, NOW + timedelta(hours=11))
    assert one.spent == 5 * PRICE
    one.settle_posts(["3"], PRICE, NOW + timedelta(days=1))
    assert one.spent == 6 * PRICE


@pytest.mark.parametrize("seconds", [-299, 0, 299])
def test_close_to_midnight_each_post_counts(seconds: int) -> None:
    one = meter()
    midnight = datetime(2026, 11, 24, tzinfo=UTC)
    one.settle_posts(["1"], PRICE, midnight - timedelta(hours=1))
    one.settle_posts(["1"], PRICE, midnight + timedelta(seconds=seconds))
    one.settle_posts(["1"], PRICE, midnight + timedelta(seconds=seconds))
    assert one.spent == 3 * PRICE


@pytest.mark.parametrize(
    ("at", "until"),
    [
        (datetime(2026, 11, 30, 23, 56, tzinfo=UTC), datetime(2026, 12, 1, 0, 5, tzinfo=UTC)),
        (datetime(2026, 12, 1, 0, 4, tzinfo=UTC), datetime(2026, 12, 1, 0, 5, tzinfo=UTC)),
        (datetime(2026, 12, 1, 3, tzinfo=UTC), datetime(2026, 12, 1, 3, 5, tzinfo=UTC)),
    ],
)
def test_where_a_month_turns_nothing_is_reserved(at: datetime, until: datetime) -> None:
    one = meter()
    with pytest.raises(RetryLater) as caught:
        one.reserve(1, at)
    assert caught.value.until == until
    assert one.reserved == 0


@given(st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001 - hypothesis wants naive bounds
def test_the_next_month_is_the_first_moment_that_is_not_in_this_one(at: datetime) -> None:
    turn = next_month(at)
    assert turn > at
    assert month_of(turn - timedelta(microseconds=1)) == month_of(at)
    assert month_of(turn) != month_of(at)


def test_dollars_are_millionths_without_a_rest() -> None:
    assert [micros(dollars) for dollars in (0.005, 10.0, 0.1 + 0.2)] == [5000, 10_000_000, 300_000]


@given(
    st.lists(
        st.tuples(st.integers(0, 400_000), st.lists(st.sampled_from("abcdefgh"), max_size=8), st.booleans()),
        max_size=12,
    )
)
def test_it_never_shows_less_than_was_billed_wherever_a_run_dies(
    runs: list[tuple[int, list[str], bool]],
) -> None:
    saved: dict[str, str] = {}
    billed: set[str] = set()
    for amount, ids, dies in runs:
        one = meter(values=saved)
        if not one.reserve(amount, NOW):
            continue
        saved |= kept(one)
        sent = ids[: amount // PRICE]  # X returns no more than was asked for
        billed |= set(sent)
        if not dies:
            one.settle_posts(sent, PRICE, NOW)
            one.release()
            saved = {**saved, **kept(one)}
            saved.pop("meter 2026-11 reserved", None)
        shown = read_meter(Cursor(saved), 1.0, NOW)
        assert len(billed) * PRICE <= round((shown.spent + shown.reserved) * 1_000_000) <= 1_000_000
