"""Attention: how often a title's articles were read, a day at a time, and what platforms count themselves. Pure."""

from datetime import datetime, timedelta
from typing import NamedTuple

import numpy as np
import pandas as pd

VIEWS, VOLUME = "wikipedia", "x"  # sources of figures


def per_day(figures: pd.DataFrame, window: tuple[datetime, datetime]) -> pd.DataFrame:
    """Return the page views of each article on every day (UTC) that the window touches.

    figures: as analysis.frames.platform_counts reads them.
    Returns: name (the article), day, posts (views; NaN where Wikimedia has told none).
    """
    views = _of(figures, VIEWS, window)
    start = pd.Timestamp(window[0]).floor("D")
    days = pd.date_range(start, window[1], freq="D", inclusive="left").as_unit("ns")
    told = views.rename(columns={"part": "name", "start": "day", "amount": "posts"})[["name", "day", "posts"]]
    every = pd.MultiIndex.from_product([told["name"].unique(), days], names=["name", "day"]).to_frame(index=False)
    every = every.astype({"name": told["name"].dtype, "day": told["day"].dtype})
    return every.merge(told, on=["name", "day"], how="left").astype({"posts": "float64"})


class Volume(NamedTuple):
    """What X itself counts of a title in a window, over `hours` of its `of` hours that were told."""

    posts: int
    hours: int
    of: int


def volume(figures: pd.DataFrame, window: tuple[datetime, datetime]) -> Volume | None:
    """Return X's own count of posts in a window, None where it has told no hour of it."""
    told = _of(figures, VOLUME, window)
    if told.empty:
        return None
    of = int(np.ceil((window[1] - window[0]) / timedelta(hours=1)))
    return Volume(int(told["amount"].sum()), int(told["start"].nunique()), of)


def _of(figures: pd.DataFrame, source: str, window: tuple[datetime, datetime]) -> pd.DataFrame:
    """Return the figures of a source whose time shares any with the window."""
    ends = figures["start"] + pd.to_timedelta(figures["length"], unit="s")
    return figures[(figures["source"] == source) & (ends > window[0]) & (figures["start"] < window[1])]
