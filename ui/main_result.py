"""The main job's result in words: posts, sentiment, the highest peak and the rank of each title, from the database."""

from collections.abc import Iterator
from dataclasses import dataclass

import pandas as pd

from analysis import peaks, rankings, sentiment, volume
from analysis.frames.health import covered
from analysis.frames.hours import hours, topic_hours
from analysis.frames.ranks import ranks
from analysis.frames.reader import Reader
from collector.config import TitleSettings

INVENTED = "invented sample posts"


@dataclass(frozen=True)
class TitleResult:
    """What is known of one title, each figure with what it stands on; None where there is nothing to tell."""

    title: str
    posts: str
    sentiment: str | None
    peak: str | None
    rank: str | None


def title_results(reader: Reader, titles: tuple[TitleSettings, ...]) -> list[TitleResult]:
    """Return one result per title, in the order of the config."""
    return [_result(reader, title) for title in titles]


def lines(results: list[TitleResult]) -> Iterator[str]:
    """Write the results for a terminal."""
    for result in results:
        yield f"{result.title}: {result.posts}"
        for label, told in (("sentiment", result.sentiment), ("peak", result.peak), ("ranking", result.rank)):
            if told is not None:
                yield f"  {label + ':':<11}{told}"


def _result(reader: Reader, title: TitleSettings) -> TitleResult:
    own = hours(reader, title=title.name)
    return TitleResult(
        title=title.name,
        posts=_posts(own),
        sentiment=_sentiment(own),
        peak=_peak(reader, title.name, own),
        rank=_rank(ranks(reader, names=rankings.names_of(title)), title.kind),
    )


def _posts(own: pd.DataFrame) -> str:
    if own.empty:
        return "no posts yet"
    by_platform = own.groupby("platform", observed=True)["posts"].sum().sort_values(ascending=False)
    parts = ", ".join(f"{name} {count:,}" for name, count in by_platform.items())
    note = f" ({INVENTED})" if own["sample"].sum() else ""
    return f"{own['posts'].sum():,} posts{note} from {_day(own['hour'].min())} to {_day(own['hour'].max())}: {parts}"


def _sentiment(own: pd.DataFrame) -> str | None:
    if own.empty:
        return None
    row = sentiment.shares(own, by=()).to_dict("records")[0]
    unscored = f"{row['unscored']:,} posts unscored"
    if pd.isna(row["net"]):
        return f"too few scored posts for a share (n = {row['scored']:,}, needs {sentiment.FEW}); {unscored}"
    shares = ", ".join(
        f"{name} {row[f'{name}_share']:.0%} ({row[f'{name}_low']:.0%} to {row[f'{name}_high']:.0%})"
        for name in ("positive", "negative")
    )
    return f"{shares}, net {row['net'] * 100:+.0f}; n = {row['scored']:,} scored, {unscored}"


def _peak(reader: Reader, title: str, own: pd.DataFrame) -> str | None:
    """Tell the most surprising peak of the platform with the most posts."""
    if own.empty:
        return None
    platform = own.groupby("platform", observed=True)["posts"].sum().idxmax()
    grid = volume.buzz(own, covered(reader, title=title))
    found = peaks.peaks(peaks.alike(grid[grid["platform"] == platform]))
    if found.empty:
        return None
    top = found.nlargest(1, "top_posts").iloc[0]
    topics = topic_hours(reader, title=title)
    about = peaks.explain(top, topics[topics["platform"] == platform], own[own["platform"] == platform])
    words = f"; {about['share'].iloc[0]:.0%} of them about {about['topic'].iloc[0]}" if len(about) else ""
    times = f", {top['top_times']:.1f} times the expected" if pd.notna(top["top_times"]) else ""
    lasted = (top["end"] - top["start"]) // pd.Timedelta(hours=1)
    return (
        f"{top['top']:%-d %b %Y %H:00} UTC on {platform}, {top['top_posts']:,} posts in that hour{times}; "
        f"{top['posts']:,} posts in {lasted} hours{words}"
    )


def _rank(listed: pd.DataFrame, kind: str) -> str | None:
    """Tell the week with the most No. 1 countries."""
    weeks = rankings.weekly(rankings.of_kind(listed, kind)) if len(listed) else listed
    weeks = weeks[weeks["period"] == "week"] if len(weeks) else weeks
    if weeks.empty:
        return None
    best = weeks.sort_values("no1_countries", na_position="first").iloc[-1]
    told = f"{best['provider']}, week to {_day(best['date'])}"
    if pd.notna(best["no1_countries"]):
        told += f": No. 1 in {best['no1_countries']} of {best['countries_covered']} countries ({best['basis']})"
    if pd.notna(best["world_rank"]):
        told += f", No. {best['world_rank']} of the world's {best['world_category']}"
    if pd.notna(best["hours"]):
        told += f", {best['hours']:,} hours viewed"
    return told


def _day(moment: pd.Timestamp) -> str:
    return f"{moment:%-d %b %Y}"
