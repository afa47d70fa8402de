from datetime import UTC, datetime, timedelta
from itertools import pairwise
from math import inf
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from collector.clock import HOUR, to_seconds
from collector.errors import SkipItem
from collector.source import WatchedTitle
from collector.x_plan import (
    MAX_QUERY,
    MOST_WINDOWS,
    SHORTEST,
    SMALLEST,
    Search,
    Unread,
    Volume,
    accrued,
    counted,
    level,
    plan,
    questions,
    searches,
)

NOW = datetime(2026, 11, 16, 12, tzinfo=UTC)
END = datetime(2026, 12, 1, tzinfo=UTC)


def unread(each: float, hours: int = 168, name: str = "a") -> Unread:
    """A title of which so many posts an hour came in the last hours."""
    last = to_seconds(NOW)
    volume = Volume({last - number * HOUR: round(each) for number in range(1, 169)})
    return Unread(Search((WatchedTitle(name, (name,)),)), NOW - timedelta(hours=hours), NOW, volume)


# --- queries


@pytest.mark.parametrize("count", [1, 40, 200])
def test_questions_fit_x_and_hold_each_hashtag_once(count: int) -> None:
    tags = [f"한국드라마{'x' * (number % 40)}{number}" for number in range(count)]
    asked = questions(tags)
    found = [word.removeprefix("#") for query in asked for word in query[1:].partition(")")[0].split(" OR ")]
    assert found == tags
    assert all(len(query) <= MAX_QUERY and query.endswith(") -is:retweet") for query in asked)
    assert len(asked) <= 1 + sum(len(tag) + 5 for tag in tags) // (MAX_QUERY - 80)
    assert questions([]) == ()


def test_titles_that_share_hashtags_are_one_search_and_the_others_their_own() -> None:
    titles = [
        WatchedTitle("A", ("a", "x")),
        WatchedTitle("B", ("b",)),
        WatchedTitle("C", ("x", "y")),
        WatchedTitle("no hashtags"),
        WatchedTitle("D", ("b", "y")),
    ]
    (one,) = searches(titles)
    assert [title.name for title in one.titles] == ["A", "C", "B", "D"]
    assert one.tags == ("a", "x", "y", "b")
    assert [len(one.titles) for one in searches(titles[:4])] == [2, 1]


def test_titles_whose_hashtags_do_not_fit_into_one_query_stay_apart() -> None:
    many = tuple(f"{'tag' * 10}{number}" for number in range(10))
    titles = [WatchedTitle("A", ("x", *many)), WatchedTitle("B", ("x", *(tag + "b" for tag in many)))]
    assert [one.titles for one in searches(titles)] == [(titles[0],), (titles[1],)]
    assert len({one.key for one in searches(titles)}) == 2


# --- volume


def bucket(start: str, end: str, **amount: object) -> dict[str, Any]:
    return {"start": f"2026-11-16T{start}:00.000Z", "end": f"2026-11-16T{end}:00.000Z", **amount}


def test_counts_are_whole_hours_under_the_old_name_and_the_new() -> None:
    answer = {
        "data": [
            bucket("07:21", "08:00", tweet_count=9),
            bucket("08:00", "09:00", tweet_count=3),
            bucket("09:00", "10:00", post_count=0),
            bucket("10:00", "10:30", post_count=5),
        ]
    }
    start = to_seconds(datetime(2026, 11, 16, 8, tzinfo=UTC))
    assert counted(answer).hours == {start: 3, start + HOUR: 0}


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ({}, "no hours"),
        ({"data": []}, "no hours"),
        ([], "counts is not an object"),
        ({"data": [bucket("08:00", "09:00")]}, "post_count"),
        ({"data": [bucket("08:00", "x", post_count=1)]}, "end"),
        ({"data": [7]}, "data is not an object"),
    ],
)
def test_what_is_no_answer_with_counts_is_refused(answer: object, said: str) -> None:
    with pytest.raises(SkipItem, match=said):
        counted(answer)


@given(st.integers(0, 10**6), st.lists(st.integers(0, 10**6), max_size=170))
def test_a_volume_is_written_and_read_again(first: int, amounts: list[int]) -> None:
    volume = Volume({first * HOUR + number * HOUR: amount for number, amount in enumerate(amounts)})
    assert Volume.read(volume.written) == volume
    assert Volume.read(None).hours == {}


def test_an_hour_that_is_not_counted_yet_is_like_those_that_are() -> None:
    start = to_seconds(NOW)
    volume = Volume({start: 30, start + HOUR: 10})
    half = timedelta(minutes=30)
    assert volume.between(NOW + half, NOW + 3 * half) == 15 + 5
    assert volume.between(NOW + 4 * half, NOW + 6 * half) == 20
    assert Volume({}).between(NOW, NOW + half) == 0
    assert volume.between(NOW, NOW) == 0


def test_volumes_add_up_hour_by_hour() -> None:
    assert (Volume({0: 1, HOUR: 2}) + Volume({HOUR: 3})).hours == {0: 1, HOUR: 5}


# --- sharing out


@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=20), st.floats(0, 1e6))
def test_the_level_shares_out_all_there_is_and_no_more(wanted: list[float], amount: float) -> None:
    most = level(wanted, amount)
    given_out = sum(min(want, most) for want in wanted)
    assert given_out <= amount * 1.000001 + 1e-6
    if most < inf:
        assert given_out >= amount * 0.999999 - 1e-6
    else:
        assert sum(wanted) <= amount * 1.000001 + 1e-6


def test_money_accrues_evenly_until_the_end_of_the_month() -> None:
    assert accrued(100, NOW, NOW + timedelta(days=1), NOW + timedelta(days=10)) == 10
    assert accrued(100, NOW - timedelta(days=5), NOW, NOW + timedelta(days=5)) == 50
    assert accrued(100, NOW, END, END) == 100


def test_what_fits_is_read_whole_in_one_window() -> None:
    ((one, windows),) = plan([unread(1)], 10_000, END)
    assert [(window.since, window.until) for window in windows] == [(one.since, NOW)]
    assert windows[0].expected == 168
    assert windows[0].posts >= 168 * 1.2


def test_what_does_not_fit_gets_windows_of_equal_length_with_as_many_posts_each() -> None:
    ((_, windows),) = plan([unread(1000)], 600, END)
    # 7 days of the 21.5 from there to the month's end
    assert sum(window.posts for window in windows) <= accrued(600, NOW - timedelta(days=7), NOW, END)
    assert {window.posts for window in windows} == {SMALLEST}
    assert len(windows) == 19
    assert len({round((window.until - window.since).total_seconds() / 10) for window in windows}) == 1
    assert (windows[0].since, windows[-1].until) == (NOW - timedelta(days=7), NOW)
    assert all(one.until == other.since for one, other in pairwise(windows))


def test_a_quiet_title_is_read_whole_and_the_loud_ones_share_the_rest() -> None:
    quiet, loud, louder = plan([unread(0.6, name="a"), unread(100, name="b"), unread(900, name="c")], 6000, END)
    assert [len(windows) for _, windows in (quiet,)] == [1]
    assert quiet[1][0].expected == 168
    given_to = [sum(window.posts for window in windows) for _, windows in (loud, louder)]
    assert given_to[0] == given_to[1] == 48 * 18


def test_an_hour_that_is_loud_for_once_is_read_in_part_and_the_quiet_ones_whole() -> None:
    one = unread(2, hours=48)
    one.volume.hours[to_seconds(NOW) - 5 * HOUR] = 5000  # type: ignore[index] - a dict, made above
    ((_, windows),) = plan([one], 2000, END)
    (partial,) = [window for window in windows if window.posts < window.expected]
    assert partial.since <= NOW - timedelta(hours=5) < partial.until
    assert partial.posts > 10 * SMALLEST


def test_until_ten_posts_have_accrued_a_loud_title_waits_and_a_silent_one_does_not() -> None:
    loud, silent = plan([unread(900, hours=1, name="a"), unread(0, hours=1, name="b")], 2000, END)
    assert loud[1] == ()
    assert len(silent[1]) == 1
    assert plan([], 100, END) == []


def test_many_titles_on_little_money_are_read_in_turn_before_their_time_is_lost() -> None:
    def served(days: int) -> list[str]:
        titles = [unread(900, hours=24 * days - number, name=str(number)) for number in range(20)]
        return [one.search.titles[0].name for one, windows in plan(titles, 300, END) if windows]

    assert served(5) == []
    assert served(6) == [str(number) for number in range(len(served(6)))]
    assert len(served(6)) == int(accrued(300, NOW - timedelta(days=6), NOW, END) // 10)


def test_a_new_title_does_not_let_the_others_spend_ahead() -> None:
    old, new = plan([unread(10_000, hours=1, name="a"), unread(10_000, name="b")], 60_000, END)
    hour = accrued(60_000, NOW - timedelta(hours=1), NOW, END)
    assert sum(window.posts for window in old[1]) <= hour
    assert sum(window.posts for window in new[1]) > 10_000


@given(
    st.lists(st.tuples(st.integers(0, 5000), st.integers(1, 168)), min_size=1, max_size=5),
    st.integers(0, 100_000),
)
def test_windows_cover_the_time_and_no_more_is_expected_than_there_is_money_for(
    given_titles: list[tuple[int, int]], posts: int
) -> None:
    titles = [unread(each, hours, str(number)) for number, (each, hours) in enumerate(given_titles)]
    total = 0.0
    for one, windows in plan(titles, posts, END):
        if not windows:
            assert one.expected > 0
            continue
        assert (windows[0].since, windows[-1].until) == (one.since, one.until)
        assert all(first.until == second.since for first, second in pairwise(windows))
        assert all(window.posts >= SMALLEST for window in windows)
        assert len(windows) <= MOST_WINDOWS
        assert min(window.until - window.since for window in windows) >= min(
            SHORTEST - timedelta(seconds=1), one.until - one.since
        )
        total += sum(min(window.posts, window.expected) for window in windows)
    assert total <= posts * 1.000001 + 1e-6
