"""Shares of sentiment: with n and an interval, none under thirty posts, and the unscored never neutral."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from totals import hours_frame

from analysis import sentiment

NOON = datetime(2022, 2, 1, 12, tzinfo=UTC)
counts = st.tuples(*[st.integers(0, 5000)] * 5)


def totals(positive: int, neutral: int, negative: int, unscored: int = 0, unlabelled: int = 0, **told: object):  # noqa: ANN201 - a frame
    row = {
        "hour": NOON, "posts": positive + neutral + negative + unscored + unlabelled, "positive": positive,
        "neutral": neutral, "negative": negative, "unscored": unscored, "unlabelled": unlabelled,
    }  # fmt: skip
    return hours_frame(row | told)


def test_shares_are_of_the_scored_posts_and_coverage_is_of_all() -> None:
    row = sentiment.shares(totals(60, 20, 20, unscored=80, unlabelled=20)).iloc[0]
    assert (row["scored"], row["posts"], row["coverage"]) == (100, 200, 0.5)
    assert (row["positive_share"], row["neutral_share"], row["negative_share"]) == (0.6, 0.2, 0.2)
    assert row["net"] == pytest.approx(0.4)


def test_wilsons_interval_is_that_of_the_literature() -> None:
    # Newcombe (1998), Statistics in Medicine 17, 857-872, table I, method 3: 81/263, 15/148, 0/20, 1/29
    low, high = sentiment.wilson(np.array([81.0, 15, 0, 1]), np.array([263.0, 148, 20, 29]))
    assert low.round(4).tolist() == [0.2553, 0.0624, 0.0, 0.0061]
    assert high.round(4).tolist() == [0.3662, 0.1605, 0.1611, 0.1718]


def test_the_interval_of_net_holds_the_truth_as_often_as_it_says() -> None:
    random = np.random.default_rng(20220201)
    for truth in ((0.5, 0.3, 0.2), (0.05, 0.9, 0.05), (0.9, 0.05, 0.05)):
        for n in (30, 200):
            drawn = random.multinomial(n, truth, size=4000).astype(float)
            low, high = sentiment.net_interval(drawn[:, 0], drawn[:, 2], np.full(4000, float(n)))
            net = truth[0] - truth[2]
            assert 0.93 <= np.mean((low <= net) & (net <= high)) <= 0.99, (truth, n)


def test_under_thirty_scored_posts_there_is_no_share() -> None:
    few = sentiment.shares(totals(20, 5, 4, unscored=1000)).iloc[0]
    assert few[["positive_share", "neutral_low", "net", "net_low", "net_high"]].isna().all()
    assert (few["scored"], few["unscored"]) == (29, 1000)
    enough = sentiment.shares(totals(20, 5, 5)).iloc[0]
    assert enough["positive_share"] == pytest.approx(2 / 3)


def test_no_posts_have_no_coverage() -> None:
    assert np.isnan(sentiment.shares(totals(0, 0, 0)).iloc[0]["coverage"])
    assert sentiment.shares(hours_frame()).empty
    assert sentiment.shares(hours_frame(), by=()).iloc[0]["scored"] == 0


@given(counts)
def test_shares_lie_in_their_range_and_in_their_intervals(drawn: tuple[int, int, int, int, int]) -> None:
    row = sentiment.shares(totals(*drawn)).iloc[0]
    if row["scored"] < sentiment.FEW:
        assert np.isnan(row["net"])
        return
    shares = [row[f"{name}_share"] for name in ("positive", "neutral", "negative")]
    assert sum(shares) == pytest.approx(1)
    for name in ("positive", "neutral", "negative"):
        assert 0 <= row[f"{name}_low"] <= row[f"{name}_share"] <= row[f"{name}_high"] <= 1
    assert -1 <= row["net_low"] <= row["net"] <= row["net_high"] <= 1
    assert 0 <= row["coverage"] <= 1


def test_days_are_told_apart_in_utc_and_platforms_where_asked() -> None:
    rows = hours_frame(
        *({"hour": NOON + timedelta(hours=n), "posts": 40, "positive": 40 if n < 12 else 0} for n in (0, 11, 12)),
        {"hour": NOON, "posts": 30, "platform": "x"},
    )
    frame = sentiment.by_day(rows)
    assert frame["day"].dt.day.tolist() == [1, 2]
    assert frame["scored"].tolist() == [110, 40]
    assert sentiment.by_day(rows, ["title", "platform"])["scored"].tolist() == [80, 40, 30]
