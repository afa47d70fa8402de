"""Peaks: a real one is found and explained, noise and gaps make none. The series are drawn from a seeded generator."""

from datetime import UTC, datetime, timedelta
from math import pi

import numpy as np
import pandas as pd
import pytest
from totals import hours_frame, topic_hours_frame

from analysis import peaks

START = datetime(2022, 1, 21, tzinfo=UTC)
HOURS = 24 * 24
HOUR = timedelta(hours=1)
TOP = 11 * 24 + 14


def level(mean: float) -> np.ndarray:
    """Return the mean of each hour: a day's rise and fall about this many posts an hour."""
    return mean * (1 + 0.6 * np.sin(2 * pi * (np.arange(HOURS) % 24 - 8) / 24))


def series(posts: np.ndarray) -> pd.DataFrame:
    hours = pd.date_range(START, periods=len(posts), freq="h", unit="ns")
    return pd.DataFrame({"hour": hours, "posts": posts.astype(float)})


def noisy(mean: float, seed: int, shape: float = 20) -> np.ndarray:
    random = np.random.default_rng(seed)
    return random.negative_binomial(shape, shape / (shape + level(mean))).astype(float)


def with_peak(posts: np.ndarray, times: float) -> np.ndarray:
    raised = posts.copy()
    for hour, part in enumerate((1.0, 0.7, 0.4, 0.2)):
        raised[TOP + hour] *= 1 + (times - 1) * part
    return np.round(raised)


@pytest.mark.parametrize("mean", [10, 40, 400])
def test_a_peak_is_found_with_its_top_its_size_and_what_was_expected(mean: float) -> None:
    for seed in range(5):
        found = peaks.peaks(series(with_peak(noisy(mean, seed), 8)))
        peak = found.loc[found["surprise"].idxmax()]
        assert abs(peak["top"] - pd.Timestamp(START + TOP * HOUR)) <= pd.Timedelta(hours=1)
        assert peak["start"] <= peak["top"] < peak["end"]
        assert peak["end"] - peak["start"] <= pd.Timedelta(hours=8)
        assert peak["posts"] >= peak["top_posts"]
        assert peak["times"] == pytest.approx(peak["posts"] / peak["expected"])
        assert 3 < peak["times"] < 12
        assert peak["top_times"] == pytest.approx(peak["top_posts"] / peak["top_expected"])


@pytest.mark.parametrize("share", [0.7, 0.25])
def test_a_past_that_is_known_in_part_makes_no_peak_of_the_time_that_is_covered(share: float) -> None:
    random = np.random.default_rng(3)
    posts = random.poisson(60, HOURS).astype(float)
    start = HOURS - 3 * 24
    known = series(posts).assign(coverage=["partial"] * start + ["covered"] * (HOURS - start))
    known.loc[: start - 1, "posts"] = random.binomial(posts[:start].astype(int), share).astype(float)
    assert len(peaks.peaks(peaks.alike(known))) == 0
    if share < 0.5:
        assert len(peaks.peaks(known)) > 0  # what it is for
    raised = known.copy()
    raised.loc[HOURS - 30 : HOURS - 28, "posts"] *= 8
    assert len(peaks.peaks(peaks.alike(raised))) == 1


def test_where_hardly_an_hour_is_covered_those_known_in_part_are_compared() -> None:
    posts = with_peak(noisy(40, 1), 8)
    known = series(posts).assign(coverage=["partial"] * (HOURS - 5) + ["covered"] * 5)
    told = peaks.alike(known)
    assert told["posts"].isna().sum() == 5
    assert len(peaks.peaks(told)) >= 1


def test_noise_hardly_ever_makes_a_peak() -> None:
    days, false = 0, 0
    for mean in (2, 10, 50, 200):
        for seed in range(10):
            false += len(peaks.peaks(series(noisy(mean, seed))))
            days += HOURS // 24
    assert false / days <= 0.02


def test_the_daily_rise_and_fall_is_expected() -> None:
    assert peaks.peaks(series(np.round(level(100)))).empty


def test_peaks_are_numbered_in_time_and_the_most_surprising_are_kept() -> None:
    posts = noisy(40, 1)
    for day, times in ((5, 5), (10, 20), (15, 10)):
        posts[day * 24 + 12] = 40 * times
    found = peaks.peaks(series(posts), most=2)
    assert found["number"].tolist() == [1, 2]
    assert found["top"].dt.day.tolist() == [31, 5]


def test_a_day_of_history_is_needed() -> None:
    posts = np.full(23, 5.0)
    posts[20] = 500
    assert peaks.peaks(series(posts)).empty
    assert peaks.peaks(series(np.array([]))).empty


def test_what_is_not_known_is_neither_a_peak_nor_a_trough() -> None:
    posts = with_peak(noisy(40, 3), 8)
    posts[100:180] = np.nan
    posts[TOP - 30 : TOP - 20] = np.nan
    found = peaks.peaks(series(posts))
    assert len(found) == 1
    assert abs(found["top"].iloc[0] - pd.Timestamp(START + TOP * HOUR)) <= pd.Timedelta(hours=1)


def test_a_source_that_comes_back_after_a_gap_is_no_peak() -> None:
    posts = noisy(40, 4)
    posts[: 12 * 24] = np.nan
    assert peaks.peaks(series(posts)).empty


def test_a_single_hour_with_a_handful_of_posts_is_no_peak() -> None:
    posts = np.zeros(HOURS)
    posts[TOP] = peaks.LEAST_POSTS - 1
    assert peaks.peaks(series(posts)).empty


def test_the_spread_of_counting_alone_is_that_of_a_poisson_count() -> None:
    random = np.random.default_rng(5)
    usual = np.full(20_000, 30.0)
    drawn = random.poisson(usual).astype(float)
    residual = np.log1p(drawn) - np.log1p(usual)
    assert peaks.spread(drawn, usual)[0] == pytest.approx(residual.std(), rel=0.1)


def test_a_peak_is_explained_by_the_topics_that_stand_out_in_it() -> None:
    def at(hour: int) -> datetime:
        return START + hour * HOUR

    hours = hours_frame(*({"hour": at(n), "posts": 100 if n == TOP else 20} for n in range(TOP - 80, TOP + 80)))
    of_topics = topic_hours_frame(
        {"hour": at(TOP), "topic": "dance", "posts": 60},
        *({"hour": at(n), "topic": "dance", "posts": 1} for n in range(TOP - 80, TOP)),
        *({"hour": at(n), "topic": "acting", "posts": 10} for n in range(TOP - 80, TOP + 80) if n != TOP),
        {"hour": at(TOP), "topic": "acting", "posts": 50},
        {"hour": at(TOP), "topic": "rare", "posts": 2},
        {"hour": at(TOP), "topic": "new", "posts": 9},
    )
    peak = pd.Series({"start": pd.Timestamp(at(TOP)), "end": pd.Timestamp(at(TOP + 1))})
    told = peaks.explain(peak, of_topics, hours)
    # as common as ever: acting; too few posts to tell: rare
    assert told["topic"].tolist() == ["dance", "new"]
    row = told.iloc[0]
    assert (row["posts"], row["share"]) == (60, 0.6)
    assert row["times"] > 10
