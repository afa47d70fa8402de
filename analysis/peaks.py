"""Peaks: hours with far more posts than the surrounding days let expect, and what they were about.

A simple method whose faults are known (docs/method.md, "Peaks"): what is expected in an hour is the median of the same
time of day on the days around it; what is far more is told by a robust z of the logarithm.
"""

from datetime import datetime, timedelta
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from analysis import topics
from analysis.frames.columns import TIME

DAY = 24  # hours
AROUND = 3  # days before and after an hour that tell what to expect in it
BESIDE = 1  # hours beside the same time of day that count as well
LEAST_KNOWN = 3  # hours from which a median is taken
HIGH = 3.5  # robust z at which an hour makes a peak; docs/method.md has the false alarms and the peaks missed
FOOT = 2.0  # robust z down to which the hours beside it belong to the peak
LEAST_POSTS = 10  # in its highest hour
LEAST_TIMES = 2.0  # the highest hour against what was expected in it
MOST = 8  # numbered peaks; the most surprising are kept
MAD_TO_SD = 1.4826  # of a normal distribution
MOST_EXTRA = 3.0  # on the scale of logarithms: times or divided by 20 from hour to hour
HALVINGS = 20  # of the search for the spread: to a millionth

Values = npt.NDArray[np.float64]

COLUMNS: dict[str, Any] = {
    "number": "int64",
    "start": TIME,
    "top": TIME,
    "end": TIME,
    "posts": "int64",
    "expected": "float64",
    "times": "float64",
    "top_posts": "int64",
    "top_expected": "float64",
    "top_times": "float64",
    "surprise": "float64",
}


def peaks(series: pd.DataFrame, most: int = MOST) -> pd.DataFrame:
    """Return the peaks of one series, numbered in the order of time.

    series: hour (complete, ascending) and posts (NaN where not known): one platform of volume.buzz, or a total.
    Returns: number, start, top (the highest hour), end (exclusive), posts and expected (sums over the known hours from
    start to end), times (posts / expected); of the highest hour top_posts, top_expected, top_times and surprise (its
    robust z).
    Without 24 known hours there is nothing to compare with, and no peak.
    """
    posts = series["posts"].to_numpy("float64", na_value=np.nan)
    if np.count_nonzero(~np.isnan(posts)) < DAY:
        return _frame([])
    usual = expected(posts)
    z = surprise(posts, usual)
    hours = pd.DatetimeIndex(series["hour"])
    found = sorted(_stretches(posts, usual, z), key=lambda stretch: -stretch.z)[:most]
    return _frame([_row(number, stretch, hours, posts, usual) for number, stretch in enumerate(sorted(found), start=1)])


def alike(series: pd.DataFrame) -> pd.DataFrame:
    """Return a series in which only hours are known that can be compared: those covered, or else those known in part.

    series: posts and coverage, as volume.buzz has them. An hour known in part holds some of its posts and a covered one
    all of them; side by side they make a peak where nothing but the coverage has changed.
    """
    known = series["posts"].notna()
    whole = known & (series["coverage"] == "covered")
    some = known & ~whole
    kept = whole if whole.sum() >= min(DAY, some.sum()) else some
    return series.assign(posts=series["posts"].where(kept))


def expected(posts: Values) -> Values:
    """Return how many posts each hour lets expect: the median of the same time of day (an hour more or less) on the
    three days before and after it, its own day left out; NaN where too little is known.

    posts: one value an hour, NaN where not known.
    """  # noqa: D205 - the sentence needs both lines
    shifts = [day * DAY + hour for day in range(-AROUND, AROUND + 1) if day for hour in range(-BESIDE, BESIDE + 1)]
    near = np.stack([_shifted(posts, shift) for shift in shifts])
    usual = _median(near, least=LEAST_KNOWN)
    # where the days around are not known: all hours of the day before and after, its own hours left out
    beside = [shift for shift in range(-DAY, DAY + 1) if abs(shift) > DAY // 4]
    fallback = _median(np.stack([_shifted(posts, shift) for shift in beside]), least=DAY // 2)
    return np.where(np.isnan(usual), fallback, usual)


def surprise(posts: Values, usual: Values) -> Values:
    """Return the robust z of each hour on the scale of log(1 + posts); NaN where either is not known."""
    return np.asarray((np.log1p(posts) - np.log1p(usual)) / spread(posts, usual), dtype=np.float64)


def spread(posts: Values, usual: Values) -> Values:
    """Return by how much log(1 + posts) varies about log(1 + usual) in each hour: one standard deviation.

    Two parts: what counting alone brings, 1 / (1 + m) for a Poisson count with mean m, and how much more this series
    moves than that, one figure for all its hours, such that the median absolute residual is that of a normal
    distribution. A few wild hours do not change a median, so a peak does not hide itself.
    """
    counting = 1 / (1 + usual)
    residual = np.abs(np.log1p(posts) - np.log1p(usual))
    known = ~np.isnan(residual)
    low, high = 0.0, MOST_EXTRA
    for _ in range(HALVINGS if known.any() else 0):
        extra = (low + high) / 2
        too_wide = np.median(residual[known] / np.sqrt(extra**2 + counting[known])) * MAD_TO_SD < 1
        low, high = (low, extra) if too_wide else (extra, high)
    return np.asarray(np.sqrt(high**2 + counting), dtype=np.float64)


def explain(peak: pd.Series, topic_hours: pd.DataFrame, hours: pd.DataFrame) -> pd.DataFrame:
    """Return the topics that stand out in a peak against the days around it: see topics.outstanding.

    peak: a row of `peaks`. topic_hours, hours: of the same title (and platform) as the series.
    """
    start, end = peak["start"], peak["end"]
    around = timedelta(days=AROUND)
    return topics.outstanding(
        _between(topic_hours, start - around, end + around), _between(hours, start - around, end + around), start, end
    )


class _Stretch(NamedTuple):
    start: int
    top: int
    end: int
    z: float


def _stretches(posts: Values, usual: Values, z: Values) -> list[_Stretch]:
    high = (z >= HIGH) & (posts >= LEAST_POSTS) & (posts >= LEAST_TIMES * usual)
    raised = z >= FOOT
    found: list[_Stretch] = []
    for at in np.flatnonzero(high).tolist():
        if found and at < found[-1].end:
            continue
        start, end = _foot(raised, at, -1), _foot(raised, at, 1) + 1
        # the highest hour among those that make a peak: one in which nothing was expected may lie higher only by chance
        inside = [hour for hour in range(start, end) if high[hour]]
        top = max(inside, key=lambda hour: (posts[hour], -hour))
        found.append(_Stretch(start, top, end, float(z[top])))
    return found


def _foot(raised: npt.NDArray[np.bool_], at: int, step: int) -> int:
    """Walk from a high hour to the last raised one, over single hours that are not."""
    while 0 <= at + step < len(raised):
        if raised[at + step]:
            at += step
        elif 0 <= at + 2 * step < len(raised) and raised[at + 2 * step]:
            at += 2 * step
        else:
            break
    return at


def _row(number: int, stretch: _Stretch, hours: pd.DatetimeIndex, posts: Values, usual: Values) -> tuple[object, ...]:
    inside = slice(stretch.start, stretch.end)
    known = ~np.isnan(posts[inside]) & ~np.isnan(usual[inside])
    seen, unsurprising = float(posts[inside][known].sum()), float(usual[inside][known].sum())
    return (
        number,
        hours[stretch.start],
        hours[stretch.top],
        hours[stretch.end - 1] + pd.Timedelta(hours=1),
        int(seen),
        unsurprising,
        seen / unsurprising if unsurprising else np.nan,
        int(posts[stretch.top]),
        usual[stretch.top],
        posts[stretch.top] / usual[stretch.top] if usual[stretch.top] else np.nan,
        stretch.z,
    )


def _frame(rows: list[tuple[object, ...]]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=list(COLUMNS)).astype(COLUMNS)


def _shifted(values: Values, by: int) -> Values:
    """Return values[i + by] at i, NaN beyond the ends."""
    moved = np.full(len(values), np.nan)
    if by >= 0:
        moved[: max(len(values) - by, 0)] = values[by:]
    else:
        moved[-by:] = values[:by]
    return moved


def _median(rows: npt.NDArray[np.float64], *, least: int) -> Values:
    """Return the median down each column, NaN where fewer than `least` values are known."""
    enough = np.count_nonzero(~np.isnan(rows), axis=0) >= least
    median = np.full(rows.shape[1], np.nan)
    if enough.any():
        median[enough] = np.nanmedian(rows[:, enough], axis=0)
    return median


def _between(frame: pd.DataFrame, start: datetime, end: datetime) -> pd.DataFrame:
    return frame[(frame["hour"] >= pd.Timestamp(start)) & (frame["hour"] < pd.Timestamp(end))]
