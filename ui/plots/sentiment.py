"""Sentiment day by day: positive and negative shares with their intervals, and what they rest on."""

from datetime import datetime

import altair as alt
import pandas as pd

from ui.theme import Theme
from ui.timeline import MAX_POINTS, Panel, assemble, gap_bands, heading, time, when

SHARES = Panel(0.07, 0.66)
POSTS = Panel(0.80, 0.99)
FEELINGS = ("positive", "negative")
DAY_PART = 0.7  # how much of its day a bar fills


def draw(
    days: pd.DataFrame,
    gaps: pd.DataFrame,
    *,
    theme: Theme,
    window: tuple[datetime, datetime],
    note: str = "",
    height: int = 320,
) -> alt.LayerChart:
    """Draw the shares of scored posts with 95 % intervals, and below them scored and unscored posts a day.

    days: as analysis.sentiment.by_day gives them for one title; shares are NaN on days with too few scored posts.
    gaps: platform, start, end, reason.
    """
    every = -(-len(days) * len(FEELINGS) // MAX_POINTS) or 1
    days = days.iloc[::every]
    shown = days.assign(
        noon=days["day"] + pd.Timedelta(hours=12),
        when=when(days["day"], "%a %-d %b %Y"),
        total=days["posts"],
        unscored=days["posts"] - days["scored"],
    )
    said = " · ".join(filter(None, [note, "" if every == 1 else f"one day of {every}"]))
    colors = dict(zip(FEELINGS, (theme.positive, theme.negative), strict=True))
    names = [("Share of scored posts", theme.text), *((name, color) for name, color in colors.items())]
    below = [("Posts a day", theme.text), ("scored", theme.muted), ("unscored", theme.rest)]
    layers = [
        *gap_bands(gaps, window, Panel(0, 1), theme),
        *_shares(shown, colors, window),
        *_counts(shown, window, theme),
        *heading(names, -4),
        *heading(below, alt.ExprRef(f"height*{POSTS.top} - 10")),
    ]
    return assemble(layers, theme=theme, height=height, note=said)


def _shares(days: pd.DataFrame, colors: dict[str, str], window: tuple[datetime, datetime]) -> list[alt.Chart]:
    scale = SHARES.scale(0, 1)
    axis = alt.Axis(title=None, format="%", tickCount=4, orient="left")
    long = pd.concat([_of(days, name, color) for name, color in colors.items()], ignore_index=True)
    color, x = alt.Color("colour:N", scale=None), time("noon", window)
    base = alt.Chart(long).encode(x=x, color=color)
    y = alt.Y("share:Q", scale=scale, axis=None)
    dashes = alt.Scale(domain=list(colors), range=[[1, 0], [6, 2]])
    band = base.mark_area(opacity=0.18).encode(y=alt.Y("low:Q", scale=scale, axis=axis), y2=alt.Y2("high:Q"))
    line = base.mark_line(strokeWidth=2).encode(y=y, strokeDash=alt.StrokeDash("name:N", scale=dashes, legend=None))
    dots = base.mark_circle(size=34, opacity=1).encode(
        y=y,
        tooltip=[
            alt.Tooltip("when:N", title="day"),
            alt.Tooltip("name:N", title="sentiment"),
            alt.Tooltip("said:N", title="share (95 %)"),
            alt.Tooltip("scored:Q", title="scored posts", format=","),
        ],
    )
    return [band, line, dots]


def _of(days: pd.DataFrame, name: str, color: str) -> pd.DataFrame:
    share, low, high = (days[f"{name}_{part}"] for part in ("share", "low", "high"))
    said = [
        f"{middle:.0%} ({least:.0%} to {most:.0%})" if pd.notna(middle) else "—"
        for middle, least, most in zip(share, low, high, strict=True)
    ]
    kept = days[["noon", "when", "scored"]]
    return kept.assign(share=share, low=low, high=high, said=said, name=name, colour=color)


def _counts(days: pd.DataFrame, window: tuple[datetime, datetime], theme: Theme) -> list[alt.Chart]:
    most = max(1, int(days["total"].max())) if len(days) else 1
    margin = pd.Timedelta(days=(1 - DAY_PART) / 2)
    bars = days.assign(left=days["day"] + margin, right=days["day"] + pd.Timedelta(days=1) - margin, zero=0)
    bars = bars[["left", "right", "when", "scored", "unscored", "total", "zero"]]
    scale = POSTS.scale(0, most)
    axis = alt.Axis(title=None, values=[0, most], format="~s", grid=False, orient="left")
    tooltip = [
        alt.Tooltip("when:N", title="day"),
        alt.Tooltip("scored:Q", format=","),
        alt.Tooltip("unscored:Q", format=","),
    ]
    base = alt.Chart(bars).encode(x=time("left", window), x2=alt.X2("right:T"), tooltip=tooltip)
    scored = base.mark_rect(color=theme.muted).encode(y=alt.Y("zero:Q", scale=scale, axis=axis), y2=alt.Y2("scored:Q"))
    unscored = base.mark_rect(color=theme.rest, opacity=0.45).encode(
        y=alt.Y("scored:Q", scale=scale, axis=None), y2=alt.Y2("total:Q")
    )
    return [scored, unscored]
