"""One peak of a title: when, how much, about what, and the posts behind it."""

from collections.abc import Callable
from typing import Any

import pandas as pd
import streamlit as st

from analysis import peaks
from analysis.frames import posts
from collector.source import Kind
from ui import widgets
from ui.desk import Desk, Window
from ui.title_data import Picked, Shown

PLOT = "buzz_rank"  # the key of the plot whose peaks are clicked
SHOWN = 4
OpenPosts = Callable[[dict[str, str]], None]


def chosen(shown: Shown) -> int | None:
    """Return the number of the peak whose posts are shown: the one in the address, else the highest."""
    numbers = [int(number) for number in shown.buzz.peaks["number"]]
    told = str(st.session_state.get("peak") or st.query_params.get("peak") or "")
    if told.isdecimal() and int(told) in numbers:
        return int(told)
    return None if shown.highest is None else int(shown.highest["number"])


def follow() -> None:
    """Take over a click on the plot: the buttons beside it hold the choice from then on."""
    for row in st.session_state[PLOT]["selection"].get("peak", []):
        st.session_state["peak"] = str(int(row["number"]))


def show(desk: Desk, picked: Picked, shown: Shown, open_posts: OpenPosts) -> None:
    """Show the chosen peak, or the most engaged posts of the window where there is none."""
    number = chosen(shown)
    if number is None:
        widgets.empty("No peak in this window", "No hour stands out from the same hours of the days around it.")
        widgets.panel_head("Most engaged posts of this window")
        _posts(desk, picked, shown, picked.window, open_posts)
        return
    numbers = [str(value) for value in shown.buzz.peaks["number"]]
    if st.session_state.get("peak") not in numbers:
        st.session_state["peak"] = str(number)  # not as a default: a click on the plot sets it in the same way
    st.segmented_control("Peak", numbers, key="peak", bind="query-params", required=True, width="content")
    peak = shown.buzz.peaks[shown.buzz.peaks["number"] == number].iloc[0]
    stands = list(peaks.explain(peak, shown.topic_hours, shown.counted)["topic"])
    widgets.panel_head(f"Peak {number}: {stands[0] if stands else 'what was said'}", _measure(peak, stands))
    _posts(desk, picked, shown, (peak["start"].to_pydatetime(), peak["end"].to_pydatetime()), open_posts)


def _measure(peak: pd.Series, stands: list[str]) -> str:
    times = f", {peak['top_times']:.1f} times the expected" if pd.notna(peak["top_times"]) else ""
    hours = (peak["end"] - peak["start"]) // pd.Timedelta(hours=1)
    said = [
        f"{peak['top']:%a %-d %b %Y, %H:00} UTC",
        f"{peak['top_posts']:,} posts in that hour on {peak['platform']}{times}",
        f"{peak['posts']:,} in the whole peak of {hours} {'hour' if hours == 1 else 'hours'}",
    ]
    if stands:
        said.append("more than else about " + ", ".join(stands[:3]))
    return " · ".join(said)


def _posts(desk: Desk, picked: Picked, shown: Shown, window: Window, open_posts: OpenPosts) -> None:
    filters: dict[str, Any] = {
        "title": picked.title,
        "platform": picked.platform,
        "since": window[0],
        "until": window[1],
        "kind": Kind.POSTS,
    }
    found = posts.posts(desk.reader, limit=SHOWN, **filters)
    if found.empty:
        widgets.note("No posts are stored for this time.")
        return
    hours = shown.counted
    # the totals are read already: counting the posts of two years anew took most of the screen's time; posts that
    # came in a moment ago are not in them yet
    totalled = hours.loc[(hours["hour"] >= window[0]) & (hours["hour"] < window[1]), "posts"].sum()
    total = max(int(totalled), len(found))
    for row in found.itertuples():
        widgets.post(row)
    widgets.note(f"The {len(found)} most engaged of {total:,} posts, on all platforms shown.")
    if st.button("Read them all", key="all_posts", icon=":material/arrow_forward:"):
        told = {"of": picked.title, "since": f"{window[0]:%Y-%m-%dT%H:%M}", "until": f"{window[1]:%Y-%m-%dT%H:%M}"}
        open_posts(told | ({"on": picked.platform} if picked.platform else {}))
