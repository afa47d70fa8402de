"""The usual range of an hour: it holds what is usual, and a peak rises above it."""

import numpy as np
import pandas as pd

from analysis.expected import usual_range
from analysis.peaks import peaks


def week(seed: int = 1) -> np.ndarray:
    hours = np.arange(24 * 14)
    usual = 20 + 15 * np.sin(hours / 24 * 2 * np.pi)
    return np.random.default_rng(seed).poisson(usual).astype(float)


def test_most_hours_of_a_usual_week_lie_inside() -> None:
    posts = week()
    low, high = usual_range(posts)
    inside = (posts >= low) & (posts <= high)
    assert inside.mean() > 0.93


def test_a_peak_lies_above_its_range() -> None:
    posts = week()
    posts[200] = 300
    _, high = usual_range(posts)
    assert posts[200] > high[200]
    at = pd.date_range("2022-01-01", periods=len(posts), freq="h", tz="UTC")
    found = peaks(pd.DataFrame({"hour": at, "posts": posts}))
    assert [row.top_posts for row in found.itertuples()] == [300]


def test_the_range_is_never_below_zero_and_unknown_where_nothing_is_known() -> None:
    low, high = usual_range(np.full(48, np.nan))
    assert np.isnan(low).all()
    assert np.isnan(high).all()
    low, _ = usual_range(np.ones(24 * 7))
    assert (low[~np.isnan(low)] >= 0).all()
