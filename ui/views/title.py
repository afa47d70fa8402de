"""Title: whether the buzz moved the ranking, and why."""

import streamlit as st

from analysis import peaks
from ui import sentences, widgets
from ui.desk import ALL, PERIODS, SINCE_RELEASE, Desk
from ui.title_data import Picked, Shown, read
from ui.views import start
from ui.views.panels import attention, buzz_rank, figures, peak, press, sentiment, topics

EVERY = "All platforms"
NAMES_SHOWN = 3  # other names under the title


def show(desk: Desk, open_posts: peak.OpenPosts) -> None:
    """Show one title: its figures, buzz above rank, the posts of a peak, sentiment and topics."""
    if start.nothing(desk) or not desk.titles:
        return
    head = st.container()
    picked = _filters(desk)
    if picked is None:
        return
    shown = read(desk, picked)
    with head:
        _head(desk, picked, shown)
        widgets.sample_banner(shown.sample)
    figures.show(desk, picked, shown)
    _story(desk, picked, shown, open_posts)
    left, right = st.columns(2, gap="medium")
    with left:
        sentiment.show(picked, shown)
    with right:
        topics.lanes(picked, shown)
    topics.table(shown)
    press.show(desk, picked)
    attention.show(desk, picked)


@st.fragment
def _story(desk: Desk, picked: Picked, shown: Shown, open_posts: peak.OpenPosts) -> None:
    """Show buzz above rank with a peak beside it; a click reruns these two and not the whole screen."""
    left, right = st.columns([0.68, 0.32], gap="medium")
    with left:
        buzz_rank.show(desk, picked, shown)
    with right:
        peak.show(desk, picked, shown, open_posts)


def _filters(desk: Desk) -> Picked | None:
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        name = st.selectbox("Title", desk.titles, key="title", bind="query-params", width=260)
        options = [*PERIODS, *([SINCE_RELEASE] if desk.released(name) else []), ALL]
        period = st.segmented_control(
            "Period", options, default=ALL, key="period", bind="query-params", required=True, width="content"
        )
        platforms = [EVERY, *desk.buzz_platforms]
        platform = st.selectbox("Platform", platforms, key="platform", bind="query-params", width=170)
    window = desk.window(name, period)
    return None if window is None else Picked(name, window, None if platform == EVERY else platform)


def _head(desk: Desk, picked: Picked, shown: Shown) -> None:
    about: list[str] = []
    if shown.highest is not None:
        about = list(peaks.explain(shown.highest, shown.topic_hours, shown.counted)["topic"][:2])
    posts = int(shown.counted["posts"].sum())
    lead = sentences.title(shown.buzz.peaks, about, shown.weekly, posts)
    widgets.page_head(picked.title, lead, " · ".join(_facts(desk, picked)))


def _facts(desk: Desk, picked: Picked) -> list[str]:
    settings = desk.settings(picked.title)
    window = f"{picked.window[0]:%-d %b %Y %H:%M} to {picked.window[1]:%-d %b %Y %H:%M} UTC"
    if settings is None:
        return ["Not watched any more", window]
    facts = [settings.kind.capitalize()]
    if settings.released is not None:
        facts.append(f"released {settings.released:%-d %b %Y}")
    if settings.ranked_as:
        facts.append("also " + ", ".join(settings.ranked_as[:NAMES_SHOWN]))
    return [*facts, window]
