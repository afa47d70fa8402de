"""What a title's screen shows, read once for all of its panels. No Streamlit here."""

from typing import NamedTuple

import pandas as pd

from analysis import rankings
from analysis.frames import hours
from ui.desk import Buzz, Desk, Window


class Picked(NamedTuple):
    """What the reader asks for; all of it stands in the address. platform None: each for itself."""

    title: str
    window: Window
    platform: str | None


class Shown(NamedTuple):
    """Frames of one title, platform and window."""

    counted: pd.DataFrame  # hours
    topic_hours: pd.DataFrame
    buzz: Buzz
    ranks: pd.DataFrame  # of all dates
    near: pd.DataFrame  # those that touch the window
    weekly: pd.DataFrame  # all of them summed over the countries, as analysis.rankings.weekly gives them

    @property
    def sample(self) -> int:
        """How many of the posts are invented."""
        return int(self.counted["sample"].sum())

    @property
    def highest(self) -> pd.Series | None:
        """The highest peak, a row of analysis.peaks.peaks; None without a peak."""
        found = self.buzz.peaks
        return None if found.empty else found.sort_values("top_posts", ascending=False, kind="stable").iloc[0]


def read(desk: Desk, picked: Picked) -> Shown:
    """Read what the panels share."""
    since, until = picked.window
    counted = hours.hours(desk.reader, title=picked.title, since=since, until=until)
    of_topics = hours.topic_hours(desk.reader, title=picked.title, since=since, until=until)
    if picked.platform is not None:
        counted, of_topics = (frame[frame["platform"] == picked.platform] for frame in (counted, of_topics))
    buzz = desk.buzz(picked.title, picked.window, picked.platform)
    ranks, near = desk.ranks([picked.title]), desk.ranks([picked.title], picked.window)
    return Shown(counted, of_topics, buzz, ranks, near, rankings.weekly(ranks))
