"""Overview: what changed since last week, title by title."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pandas as pd
import streamlit as st

from analysis import overview, volume
from analysis.frames import health, hours
from collector import clock
from ui import sentences, widgets
from ui.desk import Desk, Window
from ui.plots import PLOTS
from ui.views import start

NEEDED = timedelta(days=9)  # a week of trend, and the 24 hours a week before
PLOTTED = timedelta(days=28)


def show(desk: Desk, open_title: Callable[[str], None]) -> None:
    """Show the titles table, the buzz of each title, and how fresh the data is."""
    if desk.end is None:
        start.show(desk)
        return
    end = desk.end
    # the plot's 28 days hold what the table needs
    counted = hours.hours(desk.reader, since=end - PLOTTED, until=end)
    known = health.covered(desk.reader, since=end - PLOTTED)
    table = _table(desk, end, counted, known)
    widgets.page_head("Overview", sentences.overview(table, end), _eyebrow(desk, end, len(table)))
    widgets.sample_banner(int(counted["sample"].sum()))
    _titles(desk, table, end, open_title)
    lanes, fresh = st.columns([0.66, 0.34], gap="medium")
    with lanes:
        _voices(counted, known, (end - PLOTTED, end))
    with fresh:
        _freshness(desk)


def _eyebrow(desk: Desk, end: datetime, titles: int) -> str:
    upto = "Data" if desk.is_live else "Historical data"
    return f"{upto} to {end:%a %-d %b %Y %H:%M} UTC · {titles} {'title' if titles == 1 else 'titles'}"


def _table(desk: Desk, end: datetime, counted: pd.DataFrame, known: pd.DataFrame) -> pd.DataFrame:
    recent = counted[counted["hour"] >= end - NEEDED]
    topics = hours.topic_hours(desk.reader, since=end - overview.WEEK, until=end)
    return overview.overview(recent, known, topics, desk.ranks(desk.titles), titles=desk.titles, until=end)


def _titles(desk: Desk, table: pd.DataFrame, end: datetime, open_title: Callable[[str], None]) -> None:
    day = "last 24 h" if desk.is_live else f"24 h to {end:%-d %b %Y %H:%M} UTC"
    widgets.panel_head("Titles", f"Posts: {day}; net sentiment and topic: the 7 days to then. Select one to open it.")
    ordered = table.sort_values("posts_24h", ascending=False, kind="stable", ignore_index=True)
    shown = pd.DataFrame([_row(desk, row, end) for _, row in ordered.iterrows()])
    chosen = st.dataframe(
        shown,
        hide_index=True,
        width="stretch",
        row_height=40,
        placeholder=widgets.NONE,
        on_select="rerun",
        selection_mode="single-row",
        key="titles",
        column_config={
            "Title": st.column_config.TextColumn(width="medium"),
            "Posts 24 h": st.column_config.NumberColumn(format="localized"),
            "7 days": st.column_config.AreaChartColumn(width="small", y_min=0),
            "Change": st.column_config.TextColumn(alignment="right"),
            "Net sentiment": st.column_config.TextColumn(alignment="right"),
            "Best rank": st.column_config.TextColumn(width="small"),
        },
    )
    widgets.note(_basis(table))
    if rows := chosen["selection"]["rows"]:
        open_title(str(ordered.loc[rows[0], "title"]))


def _row(desk: Desk, row: pd.Series, end: datetime) -> dict[str, Any]:
    return {
        "Title": row["title"],
        "State": sentences.state(row, desk.released(row["title"]), end),
        "Posts 24 h": None if pd.isna(row["posts_24h"]) else int(row["posts_24h"]),
        "Change": sentences.change(row["change"]),
        "7 days": [None if pd.isna(value) else round(value, 2) for value in row["trend"]],
        "Net sentiment": widgets.net(row),
        "n scored": int(row["scored"]),
        "Top topic": widgets.text_or_none(row["top_topic"]),
        "Best rank": widgets.NONE if pd.isna(row["best_rank"]) else f"No. {row['best_rank']}",
        "No. 1 countries": None if pd.isna(row["no1_countries"]) else int(row["no1_countries"]),
    }


def _basis(table: pd.DataFrame) -> str:
    counted = sorted({name for names in table["platforms"] for name in names})
    left = sorted({name for names in table["left_out"] for name in names})
    said = [
        "Change compares with the same 24 hours a week before.",
        f"Net sentiment: positive minus negative in 100 scored posts; {widgets.NONE} under {widgets.FEW} scored.",
        "Best rank and No. 1 countries: of all rankings stored, at any time.",
    ]
    if counted:
        said.append(f"Posts are those of {', '.join(counted)}.")
    if left:
        said.append(f"Not counted, because not known for both weeks in full: {', '.join(left)}.")
    return " ".join(said)


def _voices(counted: pd.DataFrame, known: pd.DataFrame, window: Window) -> None:
    grid = volume.buzz(counted, known, since=window[0], until=window[1])
    summed = volume.total(grid)
    period = f"{window[0]:%-d %b} to {window[1]:%-d %b %Y} UTC"
    if not summed.included:
        _voices_of_one(grid, window, period)
        return
    _draw_voices(summed.frame, window, f"Posts a day on {' + '.join(summed.included)}, {period}.")
    if summed.left_out:
        widgets.note(f"Without {', '.join(summed.left_out)}: not known for every title in the whole window.")


def _voices_of_one(grid: pd.DataFrame, window: Window, period: str) -> None:
    """Where no platform is known throughout, show the one that is known best, with its gaps."""
    known = grid.groupby("platform", observed=True)["posts"].count()
    if known.empty or known.max() == 0:
        widgets.empty("Buzz by title", f"No hour of the 28 days to then is covered by a source ({period}).")
        return
    best = str(known.idxmax())
    _draw_voices(grid[grid["platform"] == best], window, f"Posts a day on {best}, {period}.")
    widgets.note("No platform is known for every title in the whole window, so this is the one known best, with gaps.")


def _draw_voices(posts: pd.DataFrame, window: Window, measure: str) -> None:
    days = (
        posts.assign(day=posts["hour"].dt.floor("D"))
        .groupby(["title", "day"], observed=True)
        .agg(posts=("posts", lambda hourly: hourly.sum(min_count=1)), sample=("sample", "sum"))
        .reset_index()
        .rename(columns={"title": "name"})
    )
    widgets.panel_head(_leader(days), measure)
    note = widgets.SAMPLE if days["sample"].sum() else ""
    gaps = volume.gaps(posts[:0].assign(coverage="", since=posts["hour"][:0], until=posts["hour"][:0]))
    drawn = PLOTS["lanes"](days, gaps, theme=widgets.theme(), window=window, note=note)
    widgets.plot(drawn, key="voices", alt_text="Posts a day, one lane a title")


def _leader(days: pd.DataFrame) -> str:
    totals = days.groupby("name")["posts"].sum().sort_values(ascending=False)
    if len(totals) < 2 or totals.sum() == 0:  # noqa: PLR2004 - nothing to share
        return "Buzz by title"
    return f"{totals.index[0]} had {totals.iloc[0] / totals.sum():.0%} of the posts about these titles"


def _freshness(desk: Desk) -> None:
    now = clock.now()
    widgets.panel_head("Data freshness", "When each source last answered, and its newest post.")
    fresh = health.freshness(desk.reader)
    if fresh.empty:
        widgets.empty("No source has answered yet", "Run `buzz collect --once`, or import a file.")
        return
    rows = [
        {
            "Source": f"{row.source} · {row.platform}",
            "Asked": widgets.ago(row.last_at, now),
            "Newest post": widgets.ago(row.last_post_at, now),
        }
        for row in fresh.itertuples()
    ]
    st.dataframe(rows, hide_index=True, width="stretch", placeholder=widgets.NONE)
