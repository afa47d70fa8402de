"""Buzz: what is not known is never a zero, and platforms are added up only where each was known throughout."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pandas as pd
from hypothesis import given
from hypothesis import strategies as st
from totals import covered_frame, hours_frame

from analysis import volume, windows

START = datetime(2022, 2, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def at(hours: float) -> datetime:
    return START + hours * HOUR


def posts_of(grid: pd.DataFrame) -> list[float | None]:
    return [None if np.isnan(posts) else posts for posts in grid["posts"]]


def test_a_covered_hour_without_posts_is_zero_and_one_not_covered_is_not_known() -> None:
    grid = volume.buzz(
        hours_frame({"hour": at(0), "posts": 3}), covered_frame(("mastodon", at(0), at(2)), ("mastodon", at(3), at(4)))
    )
    assert grid["hour"].tolist() == [pd.Timestamp(at(n)) for n in range(4)]
    assert posts_of(grid) == [3, 0, None, 0]
    assert grid["coverage"].tolist() == ["covered", "covered", "not covered", "covered"]


def test_an_hour_covered_in_part_shows_what_was_found_but_never_zero() -> None:
    grid = volume.buzz(hours_frame({"hour": at(0), "posts": 3}), covered_frame(("mastodon", at(0.5), at(1.5))))
    assert posts_of(grid) == [3, None]
    assert grid["coverage"].tolist() == ["partial", "partial"]


def test_a_sample_of_the_posts_is_partial_however_long_it_is() -> None:
    grid = volume.buzz(hours_frame({"hour": at(1), "posts": 3}), covered_frame(("x", at(0), at(2), "partial")))
    assert posts_of(grid[grid["platform"] == "x"]) == [None, None]


def test_posts_found_where_nothing_is_covered_are_kept_apart() -> None:
    grid = volume.buzz(hours_frame({"hour": at(5), "posts": 2}), covered_frame(("mastodon", at(0), at(1))))
    assert posts_of(grid) == [0, None, None, None, None, None]
    assert grid["gathered"].tolist() == [0, 0, 0, 0, 0, 2]


def test_several_targets_of_a_platform_cover_together() -> None:
    grid = volume.buzz(hours_frame(), covered_frame(("mastodon", at(0), at(0.5)), ("mastodon", at(0.4), at(1))))
    assert posts_of(grid) == [0]


def test_the_window_asked_for_is_widened_to_whole_hours() -> None:
    grid = volume.buzz(hours_frame(), covered_frame(("mastodon", at(0), at(9))), since=at(1.5), until=at(2.5))
    assert grid["hour"].tolist() == [pd.Timestamp(at(1)), pd.Timestamp(at(2))]


def test_nothing_known_is_an_empty_grid_of_the_same_kinds() -> None:
    empty = volume.buzz(hours_frame(), covered_frame())
    filled = volume.buzz(hours_frame({"hour": at(0), "posts": 3}), covered_frame(("mastodon", at(0), at(2))))
    pd.testing.assert_series_equal(empty.dtypes, filled.dtypes)
    assert empty.empty
    assert volume.total(empty).included == ()
    assert volume.coarsen(empty).frame.empty
    assert volume.daily(empty).empty


def test_a_post_dated_1970_does_not_make_a_grid_of_half_a_century() -> None:
    rows = hours_frame({"hour": datetime(1970, 1, 1, tzinfo=UTC), "posts": 1}, {"hour": at(0), "posts": 1})
    assert len(volume.buzz(rows, covered_frame())) <= volume.LONGEST


moments = st.integers(0, 60 * 24 * 3).map(lambda minutes: START + timedelta(minutes=minutes))
platforms = st.sampled_from(["mastodon", "bluesky"])
coverages = st.sampled_from(["covered", "covered", "partial", "failed", "not covered"])
some_windows = st.lists(st.tuples(platforms, moments, moments, coverages), max_size=8)
some_hours = st.dictionaries(st.tuples(platforms, st.integers(0, 80)), st.integers(1, 50), max_size=20)


def _minute(moment: datetime) -> int:
    return int((moment - START).total_seconds()) // 60


def _minutes(spans: list[tuple[str, datetime, datetime, str]], platform: str, coverages: set[str]) -> set[int]:
    """Return each minute, counted from START, in which a platform has one of these coverages."""
    own = [span for span in spans if span[0] == platform and span[3] in coverages]
    return {minute for _, start, end, _ in own for minute in range(_minute(start), _minute(end))}


@given(some_windows, some_hours)
def test_zero_only_where_the_whole_hour_is_covered(
    spans: list[tuple[str, datetime, datetime, str]], found: dict[tuple[str, int], int]
) -> None:
    spans = [span for span in spans if span[1] < span[2]]
    rows = hours_frame(*({"platform": key[0], "hour": at(key[1]), "posts": n} for key, n in found.items()))
    grid = volume.buzz(rows, covered_frame(*spans))
    covered = {name: _minutes(spans, name, {"covered"}) for name in ("mastodon", "bluesky")}
    told = {name: _minutes(spans, name, {"covered", "partial"}) for name in covered}
    for row in grid.itertuples():
        first = _minute(row.hour)
        of_hour = set(range(first, first + 60))
        whole, known = of_hour <= covered[row.platform], bool(of_hour & told[row.platform])
        assert whole == (row.coverage == "covered")
        assert whole or row.posts != 0
        assert known or np.isnan(row.posts)
    assert int(grid["gathered"].sum()) == sum(found.values())


@given(some_windows)
def test_gaps_and_windows_together_fill_the_time_without_overlap(
    spans: list[tuple[str, datetime, datetime, str]],
) -> None:
    spans = [span for span in spans if span[1] < span[2]]
    first, last = START, START + 4 * DAY
    holes = volume.gaps(covered_frame(*spans), first, last, platforms=["mastodon", "bluesky"])
    for platform in ("mastodon", "bluesky"):
        known = windows.merge(
            (int(start.timestamp()), int(end.timestamp()))
            for name, start, end, coverage in spans
            if name == platform and coverage in {"covered", "partial"}
        )
        own = holes[holes["platform"] == platform]
        open_ = list(zip(windows.seconds(own["start"]).tolist(), windows.seconds(own["end"]).tolist(), strict=True))
        assert windows.merge([*known, *open_]) == [(int(first.timestamp()), int(last.timestamp()))]
        assert sum(end - start for start, end in [*known, *open_]) == int((last - first).total_seconds())


def test_a_gap_says_why() -> None:
    holes = volume.gaps(
        covered_frame(
            ("mastodon", at(0), at(1)),
            ("mastodon", at(1), at(2), "failed"),
            ("mastodon", at(3), at(4)),
            ("mastodon", at(5), at(6), "not covered"),
            ("mastodon", at(7), at(8)),
            ("mastodon", at(9), at(10)),
        )
    )
    assert holes["reason"].tolist() == [
        "we asked and got an error",
        "the platform does not offer this to us",
        "nothing was asked for this time",
    ]
    assert holes["start"].tolist() == [pd.Timestamp(at(n)) for n in (1, 4, 8)]
    assert holes["end"].tolist() == [pd.Timestamp(at(n)) for n in (3, 7, 9)]


def test_a_total_adds_up_only_platforms_known_throughout_and_names_the_others() -> None:
    grid = volume.buzz(
        hours_frame(
            {"hour": at(1), "posts": 3},
            {"hour": at(1), "posts": 4, "platform": "bluesky"},
            {"hour": at(1), "posts": 100, "platform": "x"},
        ),
        covered_frame(
            ("mastodon", at(0), at(4)), ("bluesky", at(0.2), at(3.8)), ("x", at(0), at(1)), ("x", at(2), at(4))
        ),
    )
    frame, included, left_out = volume.total(grid)
    assert (included, left_out) == (("bluesky", "mastodon"), ("x",))
    # the first and the last hour of bluesky are known in part and without posts
    assert posts_of(frame) == [None, 7, 0, None]


def test_a_change_compares_the_same_hours_a_week_before() -> None:
    rows = hours_frame(
        {"hour": at(0), "posts": 10}, {"hour": at(-1), "posts": 90}, {"hour": at(7 * 24 + 23), "posts": 15}
    )
    change = volume.change(rows, covered_frame(("mastodon", at(-24), at(9 * 24))), until=at(8 * 24))
    assert (change.posts, change.before, change.ratio) == (15, 10, 0.5)
    assert (change.platforms, change.left_out) == (("mastodon",), ())


def test_a_source_switched_on_this_week_makes_no_change() -> None:
    rows = hours_frame(
        {"hour": at(0), "posts": 10},
        {"hour": at(7 * 24), "posts": 10},
        {"hour": at(7 * 24), "posts": 70, "platform": "bluesky"},
    )
    known = covered_frame(("mastodon", at(0), at(8 * 24)), ("bluesky", at(6 * 24), at(8 * 24)))
    change = volume.change(rows, known, until=at(8 * 24))
    assert (change.posts, change.before, change.ratio) == (10, 10, 0)
    assert (change.platforms, change.left_out) == (("mastodon",), ("bluesky",))


def test_without_last_week_there_are_posts_but_no_change() -> None:
    change = volume.change(
        hours_frame({"hour": at(7 * 24), "posts": 70}),
        covered_frame(("mastodon", at(6 * 24), at(8 * 24))),
        until=at(8 * 24),
    )
    assert (change.posts, change.before, change.ratio) == (70, None, None)


def test_without_coverage_there_is_no_number() -> None:
    change = volume.change(hours_frame({"hour": at(7 * 24), "posts": 70}), covered_frame(), until=at(8 * 24))
    assert (change.posts, change.ratio, change.left_out) == (None, None, ("mastodon",))


def test_a_long_time_is_drawn_in_bins_that_keep_the_mean_and_the_gaps() -> None:
    days = 200
    rows = hours_frame({"hour": at(0), "posts": 6}, {"hour": at(1), "posts": 3})
    grid = volume.buzz(rows, covered_frame(("mastodon", at(0), at(48)), ("mastodon", at(96), at(days * 24))))
    coarse = volume.coarsen(grid)
    assert (coarse.step, coarse.unit) == (3, "posts an hour, mean of 3 hours")
    assert len(coarse.frame) == days * 8 <= volume.POINTS
    assert coarse.frame["posts"].iloc[0] == 3
    assert coarse.frame["posts"].iloc[16:32].isna().all()
    assert coarse.frame["gathered"].sum() == 9


def test_bins_begin_at_midnight_and_grow_until_the_points_fit() -> None:
    grid = volume.buzz(hours_frame(), covered_frame(("mastodon", at(5), at(24 * 365 * 3))))
    steps = {points: volume.coarsen(grid, points).step for points in (30_000, 9000, 4500, 2200, 1100, 600, 157)}
    assert steps == {30_000: 1, 9000: 3, 4500: 6, 2200: 12, 1100: 24, 600: 48, 157: 168}
    daily = volume.coarsen(grid, 1100).frame
    assert daily["hour"].iloc[0] == pd.Timestamp(START)


def test_a_days_mean_is_over_its_known_hours() -> None:
    grid = volume.buzz(
        hours_frame({"hour": at(0), "posts": 24}),
        covered_frame(("mastodon", at(0), at(12)), ("mastodon", at(48), at(72))),
    )
    frame = volume.daily(grid)
    assert frame["known_hours"].tolist() == [12, 0, 24]
    assert posts_of(frame) == [2, None, 0]
