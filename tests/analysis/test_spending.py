"""What a title would cost a month on X."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.spending import counting_usd, spending
from collector.source import WatchedTitle
from collector.sources.x import XSettings

START = datetime(2026, 3, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)
TITLE, OTHER = WatchedTitle("A", ("a",)), WatchedTitle("B", ("b",))
SETTINGS = XSettings(budget_usd_per_month=10, recheck_share=0.2, counts_every=timedelta(hours=6))


def hours(*amounts: int) -> dict[datetime, int]:
    return {START + n * HOUR: amount for n, amount in enumerate(amounts)}


def test_a_loud_title_is_read_as_far_as_the_budget_goes() -> None:
    told = spending(hours(*[10, 30] * 84), TITLE, [OTHER, WatchedTitle("no hashtag")], SETTINGS)
    assert told.posts == 20 * 720
    assert told.counts_usd == pytest.approx(120 * 0.005)
    assert told.read == pytest.approx((10 - 2 * 0.6) * 0.8 / 2 / 0.005)  # 704 posts: half of the money that is left
    assert told.month_usd == pytest.approx(0.6 + 4.4)
    assert told.all_usd == pytest.approx(0.6 + 14_400 * 0.005 / 0.8)
    assert told.share == pytest.approx(704 / 14_400)


def test_a_quiet_title_is_read_whole() -> None:
    told = spending(hours(*[0, 1] * 12), TITLE, [], SETTINGS)
    assert (told.posts, told.read, told.share) == (360, 360, 1)
    assert told.month_usd == told.all_usd == pytest.approx(0.6 + 360 * 0.005 / 0.8)


def test_without_posts_without_rechecks_and_without_money() -> None:
    assert spending(hours(0, 0), TITLE, [], SETTINGS).share == 1
    assert spending({}, TITLE, [], SETTINGS).posts == 0
    bare = SETTINGS.model_copy(update={"recheck": False, "budget_usd_per_month": 0.1})
    told = spending(hours(5), TITLE, [], bare)
    assert (told.read, told.all_usd) == (0, pytest.approx(0.6 + 3600 * 0.005))


def test_many_hashtags_need_several_queries() -> None:
    many = WatchedTitle("A", tuple(f"{'x' * 40}{n}" for n in range(30)))
    assert counting_usd(many, SETTINGS) == pytest.approx(3 * 0.005)
    assert counting_usd(WatchedTitle("A"), SETTINGS) == 0


@given(
    amounts=st.lists(st.integers(0, 100_000), max_size=168),
    budget=st.floats(0, 1000),
    share=st.floats(0, 0.9),
    others=st.integers(0, 5),
)
def test_what_is_spent_within_the_budget_is_never_more_than_it_nor_than_reading_all(
    amounts: list[int], budget: float, share: float, others: int
) -> None:
    settings = SETTINGS.model_copy(update={"budget_usd_per_month": budget, "recheck_share": share})
    told = spending(hours(*amounts), TITLE, [OTHER] * others, settings)
    assert told.month_usd <= max(budget, told.counts_usd) + 1e-6
    assert told.month_usd <= told.all_usd + 1e-6
    assert 0 <= told.share <= 1
