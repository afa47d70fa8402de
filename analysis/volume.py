"""Buzz: distinct posts an hour, per platform, with what is not known kept apart from zero.

The rules, here and wherever a number of posts is shown:
- an hour counts as zero only where the whole hour is covered; a part-covered hour shows what was found, if anything;
- platforms are added up only when each was covered in the whole window, the same ones for every title.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from analysis import windows
from analysis.frames.columns import TEXT, TIME
from analysis.windows import Window
from collector.clock import HOUR, from_seconds, to_seconds

COVERED, PARTIAL, NOT_COVERED = "covered", "partial", "not covered"
POINTS = 2000  # more in one plot would take a browser seconds to draw
# hours and how they are called; those up to a day divide it, so that bins begin at midnight
STEPS = {1: "1 hour", 3: "3 hours", 6: "6 hours", 12: "12 hours", 24: "a day", 48: "2 days", 168: "a week"}
LONGEST = 25 * 366 * 24  # hours: a post dated 1970 must not make a grid of half a million hours
COUNTS = ("positive", "neutral", "negative", "unscored", "unlabelled", "sample")
REASONS = {
    "failed": "we asked and got an error",
    NOT_COVERED: "the platform does not offer this to us",
    "": "nothing was asked for this time",
}


def buzz(
    hours: pd.DataFrame, covered: pd.DataFrame, *, since: datetime | None = None, until: datetime | None = None
) -> pd.DataFrame:
    """Return the complete hourly grid of each title and platform.

    hours, covered: as analysis.frames reads them. [since, until) is widened to whole hours; without it the grid runs
    from the first to the last moment that is known of any platform.
    Returns: title, platform, hour, posts (NaN where not known), coverage (covered, partial, not covered), gathered
    (what was found, whatever the coverage), then the counts of posts by sentiment and of invented ones, as gathered.
    """
    frame = span(hours, covered, since=since, until=until)
    keys = _keys(hours, covered)
    if frame is None or not keys:
        return _empty_grid()
    start, count = frame[0], (frame[1] - frame[0]) // HOUR
    by_key = dict(iter(hours.groupby(["title", "platform"], observed=True)))
    windows_by_key = dict(iter(covered.groupby(["title", "platform"], observed=True)))
    return pd.concat(
        [_grid(key, by_key.get(key, hours[:0]), windows_by_key.get(key, covered[:0]), start, count) for key in keys],
        ignore_index=True,
    )


def span(
    hours: pd.DataFrame, covered: pd.DataFrame, *, since: datetime | None = None, until: datetime | None = None
) -> Window | None:
    """Return the whole hours from the first to the last thing known, cut to [since, until); None when nothing is."""
    known = covered[covered["coverage"].isin([COVERED, PARTIAL])]
    starts, ends = windows.seconds(hours["hour"]), windows.seconds(hours["hour"]) + HOUR
    starts = np.concatenate([starts, windows.seconds(known["since"])])
    ends = np.concatenate([ends, windows.seconds(known["until"])])
    if not starts.size and (since is None or until is None):
        return None
    first = to_seconds(since) if since is not None else int(starts.min())
    last = to_seconds(until) if until is not None else int(ends.max())
    last += -last % HOUR
    first = max(first - first % HOUR, last - LONGEST * HOUR)
    return (first, last) if first < last else None


def gaps(
    covered: pd.DataFrame,
    since: datetime | None = None,
    until: datetime | None = None,
    *,
    platforms: Sequence[str] | None = None,
) -> pd.DataFrame:
    """Return the stretches of [since, until) in which a platform is not known at all, to be drawn as bands.

    covered: windows of one title. Without since and until: from the first to the last moment known of any platform.
    platforms: those to speak of, also such as have no window; by default all that have one.
    Returns: platform, start, end, reason.
    """
    known = covered[covered["coverage"].isin([COVERED, PARTIAL])]
    if known.empty and (since is None or until is None):
        return _gap_frame([])
    first = to_seconds(since) if since is not None else int(windows.seconds(known["since"]).min())
    last = to_seconds(until) if until is not None else int(windows.seconds(known["until"]).max())
    rows: list[tuple[str, int, int, str]] = []
    for platform in platforms if platforms is not None else sorted(covered["platform"].unique()):
        own = covered[covered["platform"] == platform]
        holes = windows.complement(windows.of(own[own["coverage"].isin([COVERED, PARTIAL])]), (first, last))
        rows += [(platform, *hole, _reason(own, hole)) for hole in holes]
    return _gap_frame(rows)


class Total(NamedTuple):
    """A sum over platforms and on which it stands: title, hour, posts, gathered, sample; who is in, who is left out."""

    frame: pd.DataFrame
    included: tuple[str, ...]
    left_out: tuple[str, ...]


def total(grid: pd.DataFrame) -> Total:
    """Add up the platforms that are covered in every hour of the grid, for each of its titles.

    The first and the last hour may be covered in part, as a window seldom begins on the hour.
    """
    included, left_out = _complete_platforms(grid)
    chosen = grid[grid["platform"].isin(included)]
    # an hour is the sum of all its platforms, or not known
    sums = chosen.groupby(["title", "hour"], observed=True)["posts"].agg(lambda posts: posts.sum(skipna=False))
    others = chosen.groupby(["title", "hour"], observed=True)[["gathered", "sample"]].sum()
    frame = pd.concat([sums, others], axis=1).reset_index().astype({"title": TEXT, "hour": TIME, "posts": "float64"})
    return Total(frame[["title", "hour", "posts", "gathered", "sample"]], included, left_out)


@dataclass(frozen=True, slots=True)
class Change:
    """Posts in a window against the same hours a week before, over the same platforms. None: cannot be told."""

    posts: int | None
    before: int | None
    platforms: tuple[str, ...]
    left_out: tuple[str, ...]

    @property
    def ratio(self) -> float | None:
        """Return the change as a share of what was before: 0.5 is half as many again."""
        if self.posts is None or not self.before:
            return None
        return self.posts / self.before - 1


def change(hours: pd.DataFrame, covered: pd.DataFrame, *, until: datetime, span_hours: int = 24) -> Change:
    """Compare the last `span_hours` before `until` (a whole hour) with the same hours a week before, for one title.

    Only platforms covered in every hour of both windows take part, also at their ends. Without any that are covered
    in both, those covered now are counted and `before` is None.
    """
    end = to_seconds(until)
    now = buzz(hours, covered, since=from_seconds(end - span_hours * HOUR), until=until)
    week = 7 * 24 * HOUR
    before = buzz(hours, covered, since=from_seconds(end - week - span_hours * HOUR), until=from_seconds(end - week))
    here, then = _sums(now), _sums(before)
    platforms = tuple(sorted(here.keys() & then.keys())) or tuple(sorted(here))
    left_out = tuple(sorted({*now["platform"]} - {*platforms}))
    if not platforms:
        return Change(None, None, (), left_out)
    comparable = all(platform in then for platform in platforms)
    return Change(
        sum(here[platform] for platform in platforms),
        sum(then[platform] for platform in platforms) if comparable else None,
        platforms,
        left_out,
    )


class Coarse(NamedTuple):
    """A grid with fewer points: `step` is the hours in one, `unit` says what posts now are."""

    frame: pd.DataFrame
    step: int
    unit: str


def coarsen(grid: pd.DataFrame, points: int = POINTS) -> Coarse:
    """Make a grid drawable: bins of 1, 3, 6, 12 hours, a day, two days, a week, so that at most `points` are left.

    grid: any frame with hour and posts; its other columns of text tell the series apart. Posts become the mean of the
    known hours of a bin, so the unit stays posts an hour, and NaN where no hour is known.
    """
    keys = [name for name in ("title", "platform") if name in grid]
    step = next((step for step in STEPS if _bins(grid, keys, step) <= points), max(STEPS))
    if step == 1:
        return Coarse(grid, 1, "posts an hour")
    size = step * HOUR
    starts = pd.to_datetime(windows.seconds(grid["hour"]) // size * size, unit="s", utc=True)
    sums = [name for name in ("gathered", *COUNTS) if name in grid]
    frame = (
        grid.assign(hour=pd.Series(starts, index=grid.index, dtype=TIME))
        .groupby([*keys, "hour"], observed=True, sort=False)
        .agg({"posts": "mean", **dict.fromkeys(sums, "sum")})
        .reset_index()
    )
    return Coarse(frame, step, f"posts an hour, mean of {STEPS[step]}")


def daily(grid: pd.DataFrame) -> pd.DataFrame:
    """Return the mean of the known hours of each day in UTC; NaN for a day without one.

    Returns: title, platform, day, posts (an hour), known_hours, gathered, sample.
    """
    frame = grid.assign(day=grid["hour"].dt.floor("D"))
    groups = frame.groupby(["title", "platform", "day"], observed=True)
    return groups.agg(
        posts=("posts", "mean"), known_hours=("posts", "count"), gathered=("gathered", "sum"), sample=("sample", "sum")
    ).reset_index()


def _keys(hours: pd.DataFrame, covered: pd.DataFrame) -> list[tuple[str, str]]:
    pairs = pd.concat([hours[["title", "platform"]], covered[["title", "platform"]]]).drop_duplicates()
    return sorted(pairs.itertuples(index=False, name=None))


def _grid(key: tuple[str, str], hours: pd.DataFrame, covered: pd.DataFrame, start: int, count: int) -> pd.DataFrame:
    at = (windows.seconds(hours["hour"]) - start) // HOUR
    inside = (at >= 0) & (at < count)
    coverage = _coverage(covered, start, count)
    found = _placed(hours["posts"], at, inside, count)
    known = (coverage == COVERED) | ((coverage == PARTIAL) & (found > 0))
    times = pd.date_range(from_seconds(start), periods=count, freq="h", unit="ns")
    return pd.DataFrame(
        {
            "title": pd.Series([key[0]] * count, dtype=TEXT),
            "platform": pd.Series([key[1]] * count, dtype=TEXT),
            "hour": pd.Series(times, dtype=TIME),
            "posts": np.where(known, found.astype(float), np.nan),
            "coverage": pd.Series(coverage, dtype=TEXT),
            "gathered": found,
            **{name: _placed(hours[name], at, inside, count) for name in COUNTS},
        }
    )


def _placed(
    values: "pd.Series[int]", at: npt.NDArray[np.int64], inside: npt.NDArray[np.bool_], count: int
) -> npt.NDArray[np.int64]:
    placed = np.zeros(count, dtype=np.int64)
    np.add.at(placed, at[inside], values.to_numpy(np.int64)[inside])
    return placed


def _coverage(covered: pd.DataFrame, start: int, count: int) -> npt.NDArray[Any]:
    full = windows.of(covered[covered["coverage"] == COVERED])
    some = [*full, *windows.of(covered[covered["coverage"] == PARTIAL])]
    return np.where(
        windows.whole_hours(full, start, count),
        COVERED,
        np.where(windows.touched_hours(some, start, count), PARTIAL, NOT_COVERED),
    )


def _complete_platforms(grid: pd.DataFrame) -> tuple[tuple[str, ...], tuple[str, ...]]:
    if grid.empty:
        return (), ()
    ends = grid["hour"].isin([grid["hour"].min(), grid["hour"].max()])
    fine = (grid["coverage"] == COVERED) | (ends & (grid["coverage"] == PARTIAL))
    whole = fine.groupby([grid["platform"], grid["title"]], observed=True).all()
    titles = grid["title"].nunique()
    # a platform that one of the titles lacks altogether is not complete either
    for_titles = whole.groupby(level="platform").sum()
    complete = for_titles == titles
    return tuple(sorted(complete.index[complete])), tuple(sorted(complete.index[~complete]))


def _sums(grid: pd.DataFrame) -> dict[str, int]:
    """Return the posts of each platform that is covered in every hour."""
    whole = (grid["coverage"] == COVERED).groupby(grid["platform"], observed=True).all()
    posts = grid.groupby("platform", observed=True)["gathered"].sum()
    return {str(platform): int(posts[platform]) for platform in whole.index[whole]}


def _bins(grid: pd.DataFrame, keys: list[str], step: int) -> int:
    if grid.empty:
        return 0
    size = step * HOUR
    firsts = windows.seconds(grid["hour"]) // size
    per_series = int(firsts.max() - firsts.min()) + 1
    return per_series * (grid[keys].drop_duplicates().shape[0] if keys else 1)


def _reason(own: pd.DataFrame, hole: Window) -> str:
    for coverage in ("failed", NOT_COVERED):
        if windows.overlaps(hole, windows.of(own[own["coverage"] == coverage])):
            return REASONS[coverage]
    return REASONS[""]


def _gap_frame(rows: list[tuple[str, int, int, str]]) -> pd.DataFrame:
    platforms, starts, ends, reasons = zip(*rows, strict=True) if rows else ((), (), (), ())
    return pd.DataFrame(
        {
            "platform": pd.Series(list(platforms), dtype=TEXT),
            "start": pd.Series(pd.to_datetime(list(starts), unit="s", utc=True), dtype=TIME),
            "end": pd.Series(pd.to_datetime(list(ends), unit="s", utc=True), dtype=TIME),
            "reason": pd.Series(list(reasons), dtype=TEXT),
        }
    )


def _empty_grid() -> pd.DataFrame:
    texts = {name: pd.Series([], dtype=TEXT) for name in ("title", "platform")}
    counts = {name: pd.Series([], dtype="int64") for name in ("gathered", *COUNTS)}
    return pd.DataFrame(
        {
            **texts,
            "hour": pd.Series([], dtype=TIME),
            "posts": pd.Series([], dtype="float64"),
            "coverage": pd.Series([], dtype=TEXT),
            **counts,
        }
    )
