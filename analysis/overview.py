"""All titles at a glance: one row each, every number with what it stands on."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pandas as pd

from analysis import sentiment, topics, volume, windows
from analysis.frames.columns import TEXT
from collector.clock import HOUR, from_seconds

WEEK = timedelta(days=7)
TREND_STEP = 3  # hours in one point of the small line: 56 points a week

COLUMNS: dict[str, Any] = {
    "title": TEXT,
    "posts_24h": "Int64",
    "before_24h": "Int64",
    "change": "float64",
    "platforms": object,
    "left_out": object,
    "trend": object,
    "trend_of": object,
    "posts_week": "int64",
    "scored": "int64",
    "coverage": "float64",
    "net": "float64",
    "net_low": "float64",
    "net_high": "float64",
    "top_topic": TEXT,
    "top_topic_posts": "Int64",
    "best_rank": "Int64",
    "best_rank_date": TEXT,
    "no1_countries": "Int64",
    "sample": "int64",
}


def overview(
    hours: pd.DataFrame,
    covered: pd.DataFrame,
    topic_hours: pd.DataFrame,
    ranks: pd.DataFrame,
    *,
    titles: Sequence[str],
    until: datetime | None = None,
) -> pd.DataFrame:
    """Return one row per title, in the order of `titles`.

    hours, covered, topic_hours: of at least the last 8 days, as analysis.frames reads them. ranks: rows of rankings
    with a column `title` that names the watched title; date, rank, country and no1_countries are used.
    until: a whole hour, by default the end of the data.
    Returns: posts_24h, before_24h (the same hours a week before) and change (0.5: half as many again) over
    `platforms`, with those not covered in `left_out`; trend (posts an hour, means of 3 hours of the last 7 days, NaN
    where not known) of `trend_of`; of the last 7 days posts_week, scored, coverage, net with its interval, top_topic;
    best_rank and the day it was first reached; no1_countries, the most on one day; sample (invented posts in 7 days).
    NA or NaN: cannot be told.
    """
    end = until or end_of_data(hours, covered)
    rows = [
        {
            "title": title,
            **_volume(_of(hours, title), _of(covered, title), end),
            **_feeling(_of(hours, title), _of(topic_hours, title), end),
            **_rank(_of(ranks, title)),
        }
        for title in titles
    ]
    return pd.DataFrame(rows, columns=list(COLUMNS)).astype(COLUMNS)


def end_of_data(hours: pd.DataFrame, covered: pd.DataFrame) -> datetime | None:
    """Return the last whole hour up to which anything is known, None when nothing is."""
    known = covered[covered["coverage"].isin([volume.COVERED, volume.PARTIAL])]
    if not known.empty:
        last = int(windows.seconds(known["until"]).max())
        return from_seconds(last - last % HOUR)
    if hours.empty:
        return None
    return from_seconds(int(windows.seconds(hours["hour"]).max()) + HOUR)


def _volume(hours: pd.DataFrame, covered: pd.DataFrame, end: datetime | None) -> dict[str, Any]:
    if end is None:
        return {"platforms": (), "left_out": (), "trend": (), "trend_of": ()}
    change = volume.change(hours, covered, until=end)
    trend, trend_of = _trend(volume.buzz(hours, covered, since=end - WEEK, until=end))
    return {
        "posts_24h": change.posts,
        "before_24h": change.before,
        "change": np.nan if change.ratio is None else change.ratio,
        "platforms": change.platforms,
        "left_out": change.left_out,
        "trend": trend,
        "trend_of": trend_of,
    }


def _trend(grid: pd.DataFrame) -> tuple[tuple[float, ...], tuple[str, ...]]:
    """Return the line of the platforms complete in the window, else of the platform of which most hours are known."""
    series, of, _ = volume.total(grid)
    if not of:
        known = grid.groupby("platform", observed=True)["posts"].count()
        if not known.any():
            return (), ()
        of = (str(known.idxmax()),)
        series = grid[grid["platform"] == of[0]]
    bins = series.groupby(np.arange(len(series)) // TREND_STEP)["posts"].mean()
    return tuple(bins.tolist()), of


def _feeling(hours: pd.DataFrame, topic_hours: pd.DataFrame, end: datetime | None) -> dict[str, Any]:
    week, topic_week = _last_week(hours, end), _last_week(topic_hours, end)
    share = sentiment.shares(week, by=()).iloc[0]
    top = topics.top_topics(topic_week, week, most=1)
    return {
        "posts_week": share["posts"],
        "sample": share["sample"],
        **{name: share[name] for name in ("scored", "coverage", "net", "net_low", "net_high")},
        "top_topic": None if top.empty else top["topic"].iloc[0],
        "top_topic_posts": None if top.empty else int(top["posts"].iloc[0]),
    }


def _last_week(frame: pd.DataFrame, end: datetime | None) -> pd.DataFrame:
    if end is None:
        return frame
    return frame[(frame["hour"] >= pd.Timestamp(end - WEEK)) & (frame["hour"] < pd.Timestamp(end))]


def _rank(ranks: pd.DataFrame) -> dict[str, Any]:
    ranked = ranks[ranks["rank"].notna()]
    if ranked.empty:
        return {}
    best = ranked.sort_values(["rank", "date"], kind="stable").iloc[0]
    return {
        "best_rank": int(best["rank"]),
        "best_rank_date": f"{pd.Timestamp(best['date']):%Y-%m-%d}",
        "no1_countries": _no1_countries(ranked),
    }


def _no1_countries(ranked: pd.DataFrame) -> int | None:
    """Return the most countries led on one day: counted from country rows, or as the provider tells it."""
    countries = ranked[ranked["country"].fillna("") != ""]
    told = ranked["no1_countries"].max()
    if countries.empty:
        return None if pd.isna(told) else int(told)
    leads = countries[countries["rank"] == 1]
    counted = leads.groupby(["provider", "date"], observed=True)["country"].nunique().max() if len(leads) else 0
    return max(int(counted), 0 if pd.isna(told) else int(told))


def _of(frame: pd.DataFrame, title: str) -> pd.DataFrame:
    return frame[frame["title"] == title]
