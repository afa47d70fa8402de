"""What the screens read: frames of one database, shaped for a title and a window of time. No Streamlit here."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import NamedTuple

import pandas as pd

from analysis import expected, overview, peaks, rankings, volume
from analysis.frames import health, hours, ranks
from analysis.frames.columns import empty
from analysis.frames.reader import Reader
from analysis.labelling import Labelling
from collector import clock
from collector.config import Config, TitleSettings
from collector.ranking import WORLD, title_key
from collector.source import Kind
from collector.sources import kind_of

Window = tuple[datetime, datetime]
PERIODS = {"24 h": timedelta(days=1), "7 d": timedelta(days=7), "28 d": timedelta(days=28)}
SINCE_RELEASE, ALL = "Since release", "All"
FRESH = timedelta(hours=2)  # data older than this is history, and "the last 24 h" ends where it ends
CONTEXT = timedelta(days=peaks.AROUND + 1)  # what an hour's expectation looks at, before and after
RANKED = timedelta(weeks=2)  # weekly rankings that touch a window may lie this far beside it


class Buzz(NamedTuple):
    """A title's posts in a window: the grid per platform with low and high, its gaps, and numbered peaks."""

    grid: pd.DataFrame
    gaps: pd.DataFrame
    peaks: pd.DataFrame


@dataclass(frozen=True)
class Desk:
    """One database seen through one config. Each method reads anew; what is read twice in one screen is kept."""

    reader: Reader
    config: Config

    @cached_property
    def covered(self) -> pd.DataFrame:
        """Every window of time that is known, of all titles, of the press and of figures too."""
        return health.covered(self.reader, kind=None)

    def covered_of(self, title: str) -> pd.DataFrame:
        """Every window of time in which posts about one title are known."""
        return health.covered(self.reader, title=title)

    @cached_property
    def end(self) -> datetime | None:
        """The whole hour up to which anything is known; None when nothing is stored."""
        known = health.known_until(self.reader)
        if known is not None:
            return known.replace(minute=0, second=0)
        return overview.end_of_data(hours.hours(self.reader), empty(health.WINDOWS))

    @property
    def is_live(self) -> bool:
        """Whether the data reaches up to now."""
        return self.end is not None and clock.now() - self.end <= FRESH

    @cached_property
    def titles(self) -> list[str]:
        """The watched titles in the order of the config, then those that only the database knows."""
        watched = [title.name for title in self.config.titles]
        return [*watched, *(name for name in hours.titles(self.reader) if name not in watched)]

    @cached_property
    def topics(self) -> list[str]:
        """The topics ever found."""
        return hours.topics(self.reader)

    @cached_property
    def platforms(self) -> list[str]:
        """The platforms from which anything is known, or was asked."""
        return sorted({*health.platforms(self.reader), *health.freshness(self.reader)["platform"]})

    @property
    def buzz_platforms(self) -> list[str]:
        """Those of the platforms that bring posts."""
        return [name for name in self.platforms if kind_of(name) is Kind.POSTS]

    @cached_property
    def labelling(self) -> Labelling:
        """Today's labellers, compiled for the config; only what says why needs them."""
        return Labelling(self.config)

    def settings(self, title: str) -> TitleSettings | None:
        """Return what the config says of a title; None when it is not watched any more."""
        return next((one for one in self.config.titles if one.name == title), None)

    def released(self, title: str) -> datetime | None:
        """Return the first second of the release day, UTC; None when it is not told."""
        settings = self.settings(title)
        if settings is None or settings.released is None:
            return None
        return datetime.combine(settings.released, datetime.min.time(), UTC)

    def window(self, title: str, period: str) -> Window | None:
        """Return the window that a period's name means for a title; it ends with the data. None without data."""
        if self.end is None:
            return None
        if period in PERIODS:
            return self.end - PERIODS[period], self.end
        since = self.released(title) if period == SINCE_RELEASE else None
        first = volume.span(hours.ends(self.reader, title), self.covered_of(title))
        if first is None:
            return self.end - PERIODS["7 d"], self.end
        start = max(since, clock.from_seconds(first[0])) if since else clock.from_seconds(first[0])
        last = clock.from_seconds(first[1])
        return (start, last) if start < last else (last - PERIODS["7 d"], last)

    def buzz(self, title: str, window: Window, platform: str | None) -> Buzz:
        """Return a title's posts in a window, of one platform or each for itself.

        Peaks are those of the platform with the most posts: sums over platforms would take a platform coming or going
        for a peak.
        """
        around = (window[0] - CONTEXT, window[1] + CONTEXT)
        counted = hours.hours(self.reader, title=title, since=around[0], until=around[1])
        known = self.covered_of(title)
        if platform is not None:
            counted, known = (frame[frame["platform"] == platform] for frame in (counted, known))
        wide = volume.buzz(counted, known, since=around[0], until=around[1])
        wide, found = _with_peaks(wide, window)
        inside = wide[(wide["hour"] >= window[0]) & (wide["hour"] < window[1])].reset_index(drop=True)
        shown = sorted(inside.loc[inside["posts"].notna(), "platform"].unique())
        gaps = volume.gaps(known, window[0], window[1], platforms=shown)
        return Buzz(inside[inside["platform"].isin(shown)].reset_index(drop=True), gaps, found)

    def ranks(self, titles: Sequence[str], window: Window | None = None) -> pd.DataFrame:
        """Return the places of titles in rankings, with the column title; with a window, those that touch it."""
        settings = {name: self.settings(name) for name in titles}
        names = {name: rankings.names_of(one) if one else {title_key(name)} for name, one in settings.items()}
        since, until = (window[0] - RANKED, window[1] + RANKED) if window else (None, None)
        found = ranks.ranks_of(self.reader, names, since=since, until=until)
        frames = [
            rankings.of_kind(found[name], one.kind if one else "show").assign(title=name)
            for name, one in settings.items()
            if len(found[name])
        ]
        return pd.concat(frames, ignore_index=True) if frames else empty(ranks.RANKS).assign(title="")


def _with_peaks(wide: pd.DataFrame, window: Window) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Add low and high to the platform with the most posts, and number its peaks within the window."""
    wide = wide.assign(low=float("nan"), high=float("nan"))
    totals = wide.groupby("platform", observed=True)["gathered"].sum()
    if totals.empty or totals.max() == 0:
        return wide, peaks.peaks(wide[["hour", "posts"]][:0]).assign(platform="")
    main = totals.idxmax()
    of_main = wide["platform"] == main
    series = peaks.alike(wide[of_main])
    low, high = expected.usual_range(series["posts"].to_numpy("float64"))
    wide.loc[of_main, "low"], wide.loc[of_main, "high"] = low, high
    found = peaks.peaks(series[["hour", "posts"]])
    found = found[(found["top"] >= window[0]) & (found["top"] < window[1])].reset_index(drop=True)
    return wide, found.assign(number=range(1, len(found) + 1), platform=str(main))


def series_name(country: str, country_name: str | None) -> str:
    """Return what a line of the rank panel is called."""
    if country == WORLD:
        return "World"
    return country if country_name is None or pd.isna(country_name) else str(country_name)
