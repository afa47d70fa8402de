"""Share of voice: each title's part of the posts about all of them, from sums, for windows of any length. Pure.

The same as adding up the hourly grid of analysis.volume, hour by hour, without making it: two years of 200 titles have
millions of hours, of which only the first and the last can be known in part and still count.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

import numpy as np
import pandas as pd

from analysis import windows
from analysis.frames.columns import TEXT
from analysis.volume import COVERED, PARTIAL
from analysis.windows import Window
from collector.clock import HOUR, to_seconds

Key = tuple[str, str]  # title, platform


class ShareOfVoice(NamedTuple):
    """Each title's share of the posts about all of them: title, posts, share (0..1), of (all posts), sample."""

    frame: pd.DataFrame
    included: tuple[str, ...]
    left_out: tuple[str, ...]


def whole_hours(since: datetime, until: datetime) -> Window:
    """Return [since, until) widened to whole hours, in epoch seconds."""
    start, end = to_seconds(since), to_seconds(until)
    return start - start % HOUR, end + -end % HOUR


def share_of_voice(sums: pd.DataFrame, edges: pd.DataFrame, covered: pd.DataFrame, window: Window) -> ShareOfVoice:
    """Divide the posts in a window among its titles, over platforms known throughout for every one of them.

    A post about two titles counts for both. Shares are NaN when there are no posts. The first and the last hour may be
    covered in part; an hour in which a platform has nothing and is not covered as a whole counts for no platform.

    sums: title, platform, posts, sample of the window. edges: title, platform, hour, posts of its first and its last
    hour. covered: as analysis.frames reads it, of all times. window: whole hours.
    """
    known = {
        (str(key[0]), str(key[1])): _Known(rows) for key, rows in covered.groupby(["title", "platform"], observed=True)
    }
    keys = {*known, *zip(sums["title"], sums["platform"], strict=True)}
    titles = sorted({title for title, _ in keys})
    platforms = sorted({platform for _, platform in keys})
    nothing = _Known(covered[:0])
    included = [
        platform
        for platform in platforms
        if all(known.get((title, platform), nothing).is_complete(window) for title in titles)
    ]
    uncounted = _uncounted(edges, known, window, titles, included)
    of_included = sums[sums["platform"].isin(included)].groupby("title", observed=True)[["posts", "sample"]].sum()
    frame = of_included.reindex(titles if included else [], fill_value=0).rename_axis("title").reset_index()
    frame = frame.astype({"title": TEXT, "posts": "float64"})
    frame["posts"] -= [uncounted[title] for title in frame["title"]]
    return ShareOfVoice(_divided(frame), tuple(included), tuple(sorted({*platforms} - {*included})))


def _divided(frame: pd.DataFrame) -> pd.DataFrame:
    whole = float(frame["posts"].sum())
    frame["share"] = frame["posts"] / whole if whole else np.nan
    frame["of"] = whole
    frame = frame.sort_values(["posts", "title"], ascending=[False, True], ignore_index=True)
    return frame[["title", "posts", "share", "of", "sample"]]


def _uncounted(
    edges: pd.DataFrame, known: dict[Key, "_Known"], window: Window, titles: Sequence[str], included: Sequence[str]
) -> dict[str, int]:
    """Return for each title the posts of those edge hours in which one of the platforms is not known."""
    posts = {
        (title, platform, hour): count
        for title, platform, hour, count in zip(
            edges["title"],
            edges["platform"],
            windows.seconds(edges["hour"]).tolist(),
            edges["posts"].tolist(),
            strict=True,
        )
    }
    uncounted = dict.fromkeys(titles, 0)
    for title in titles:
        for hour in {window[0], window[1] - HOUR}:
            here = {platform: posts.get((title, platform, hour), 0) for platform in included}
            if any(not count and not known[title, platform].is_whole(hour) for platform, count in here.items()):
                uncounted[title] += sum(here.values())
    return uncounted


class _Known:
    """The windows in which one title is known on one platform."""

    def __init__(self, rows: pd.DataFrame) -> None:
        self._full = windows.merge(windows.of(rows[rows["coverage"] == COVERED]))
        self._some = windows.merge([*self._full, *windows.of(rows[rows["coverage"] == PARTIAL])])

    def is_whole(self, hour: int) -> bool:
        """Tell whether this hour is covered from its start to its end."""
        return any(start <= hour and hour + HOUR <= end for start, end in self._full)

    def is_complete(self, window: Window) -> bool:
        """Tell whether every hour of a window is covered; its first and its last may be so in part."""
        first, last = window[0], window[1] - HOUR
        inner = (first + HOUR, last)
        is_inside = inner[0] >= inner[1] or any(start <= inner[0] and inner[1] <= end for start, end in self._full)
        return is_inside and all(windows.overlaps((hour, hour + HOUR), self._some) for hour in (first, last))
