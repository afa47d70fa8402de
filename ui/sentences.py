"""The sentence that a screen begins with, made from its numbers. Pure: says nothing that the numbers do not."""

import math
from collections.abc import Sequence
from datetime import datetime

import pandas as pd

STEADY = 0.25  # a change within a quarter of last week's posts is called steady
MANYFOLD = 2.0  # a growth of 200 % and more is told in posts: "1757 %" tells nobody anything
LITTLE = 10  # fewer posts than this in 24 hours, now and a week before, make no change worth naming


def state(row: pd.Series, released: datetime | None, end: datetime) -> str:
    """Say in a word or two how a title fares; row: one of analysis.overview.overview."""
    if released is not None and released > end:
        days = (released - end).days + 1
        return f"Out in {days} d"
    if pd.isna(row["posts_24h"]):
        return "Not covered"
    if max(row["posts_24h"], 0 if pd.isna(row["before_24h"]) else row["before_24h"]) < LITTLE:
        return "Quiet"
    if pd.isna(row["change"]):
        return "New" if released is not None and (end - released).days < 8 else "No basis yet"  # noqa: PLR2004 - a week
    if row["change"] >= STEADY:
        return "Rising"
    return "Falling" if row["change"] <= -STEADY else "Steady"


def change(ratio: float, *, none: str = "—") -> str:
    """Write a change: +34%, or how many times as much where it is manifold."""
    if math.isnan(ratio):
        return none
    return f"×{1 + ratio:.1f}" if ratio >= MANYFOLD else f"{ratio:+.0%}"  # noqa: RUF001 - the sign is meant


def overview(table: pd.DataFrame, end: datetime) -> str:
    """Say which title leads and which one moved most."""
    upto = f"the 24 hours to {end:%-d %b %Y %H:%M} UTC"
    known = table.dropna(subset=["posts_24h"])
    if known.empty or known["posts_24h"].max() == 0:
        return f"No title has posts that can be counted in {upto}."
    ordered = known.sort_values("posts_24h", ascending=False, kind="stable")
    leader = ordered.iloc[0]
    said = [f"{leader['title']} leads with {leader['posts_24h']:,} posts in {upto}{_against(leader)}."]
    others = ordered.iloc[1:].dropna(subset=["change"])
    others = others[others[["posts_24h", "before_24h"]].max(axis=1) >= LITTLE]
    if len(others):
        moved = others.sort_values("change", key=lambda ratio: ratio.abs(), ascending=False, kind="stable").iloc[0]
        verb = "is up" if moved["change"] > 0 else "is down"
        said.append(f"{moved['title']} {verb} from {moved['before_24h']:,} to {moved['posts_24h']:,}.")
    return " ".join(said)


def title(peaks: pd.DataFrame, about: Sequence[str], weekly: pd.DataFrame, posts: int) -> str:
    """Say where the buzz peaked, what that was about, and how high the title came in a ranking.

    peaks: as analysis.peaks.peaks. about: the topics that stood out in the highest one. weekly: as
    analysis.rankings.weekly. posts: in the window.
    """
    if posts == 0:
        said = ["No posts are stored for this window."]
    elif peaks.empty:
        said = [f"{posts:,} posts in this window, without an hour that stands out."]
    else:
        top = peaks.sort_values("top_posts", ascending=False, kind="stable").iloc[0]
        times = "" if pd.isna(top["top_times"]) else f", {top['top_times']:.1f} times the expected"
        said = [f"Buzz peaked at {top['top_posts']:,} posts an hour on {top['top']:%a %-d %b %Y, %H:00} UTC{times}"]
        said[0] += f", when posts spoke more than else of {_listed(about)}." if about else "."
    return " ".join([*said, *_best(weekly)])


def health(fresh: pd.DataFrame, now: datetime, late_after: pd.Timedelta) -> str:
    """Say how many sources are on time, and which are not; fresh: as analysis.frames.health.freshness."""
    if fresh.empty:
        return "No source has been asked yet."
    live = fresh[fresh["last_at"] >= now - late_after]
    troubled = fresh[fresh["error"].notna()]
    said = [f"{len(live)} of {len(fresh)} sources answered within {_hours(late_after)}."]
    if len(troubled):
        said.append(f"{_listed(list(dict.fromkeys(troubled['source'])))} brought less than everything last time.")
    return " ".join(said)


def _against(row: pd.Series) -> str:
    if pd.isna(row["change"]):
        return ""
    if abs(row["change"]) < 0.005:  # noqa: PLR2004 - rounds to 0 %
        return ", as many as in the same hours a week before"
    if row["change"] >= MANYFOLD:
        return f", after {row['before_24h']:,} in the same hours a week before"
    side = "above" if row["change"] > 0 else "below"
    return f", {abs(row['change']):.0%} {side} the same hours a week before"


def _best(weekly: pd.DataFrame) -> list[str]:
    said = []
    world = weekly.dropna(subset=["world_rank"])
    if len(world):
        best = world.sort_values("world_rank", kind="stable").iloc[0]
        said.append(f"It was No. {best['world_rank']} of the world ({edition(best)}).")
    led = weekly.dropna(subset=["no1_countries"])
    led = led[led["no1_countries"] > 0]
    if len(led):
        best = led.sort_values("no1_countries", ascending=False, kind="stable").iloc[0]
        of = "" if pd.isna(best["countries_covered"]) else f" of {best['countries_covered']}"
        said.append(f"It led in {best['no1_countries']}{of} countries ({edition(best)}).")
    return said


def provider(name: str) -> str:
    """Write a provider of rankings as it writes itself."""
    return {"netflix": "Netflix", "flixpatrol": "FlixPatrol"}.get(name, name)


def edition(row: pd.Series) -> str:
    """Say which edition of a ranking a row is of: "Netflix, week to 6 Feb 2022"."""
    what = "week to" if row["period"] == "week" else "on"
    return f"{provider(row['provider'])}, {what} {row['date']:%-d %b %Y}"


def _listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _hours(span: pd.Timedelta) -> str:
    hours = int(span.total_seconds() // 3600)
    return "an hour" if hours == 1 else f"{hours} hours"
