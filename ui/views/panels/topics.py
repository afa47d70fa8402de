"""Topics of a title: posts a day in lanes, and a table with shares and sentiment."""

from typing import Any

import pandas as pd
import streamlit as st

from analysis import sentiment, topics
from ui import widgets
from ui.plots import PLOTS
from ui.title_data import Picked, Shown

LANES, ROWS = 6, 20


def lanes(picked: Picked, shown: Shown) -> None:
    """Show posts a day of the largest topics."""
    top = topics.top_topics(shown.topic_hours, shown.counted, most=LANES)
    if top.empty:
        widgets.panel_head("Topics")
        widgets.empty("No topic was found", "Posts of this window match none of the [[topics]] in config.toml.")
        return
    widgets.panel_head(
        f"“{top['topic'].iloc[0]}” is the largest topic: {widgets.percent(top['share'].iloc[0])} of the posts",
        f"Posts a day, as gathered on {' + '.join(sorted(shown.topic_hours['platform'].unique()))}; one scale for all.",
    )
    days = _by_day(shown.topic_hours[shown.topic_hours["topic"].isin(top["topic"])])
    drawn = PLOTS["lanes"](
        days.rename(columns={"topic": "name"}),
        shown.buzz.gaps,
        theme=widgets.theme(),
        window=picked.window,
        note=widgets.SAMPLE if shown.sample else "",
    )
    widgets.plot(drawn, key="topics", alt_text="Posts a day, one lane a topic")


def table(shown: Shown) -> None:
    """Show each topic with its number, share, days and sentiment."""
    top = topics.top_topics(shown.topic_hours, shown.counted, most=ROWS)
    if top.empty:
        return
    widgets.panel_head("What people talk about", "Posts of this window; a post with two topics counts for both.")
    days = _by_day(shown.topic_hours)
    line = {name: list(own["posts"]) for name, own in days.groupby("topic")}
    rows = pd.DataFrame(
        {
            "Topic": top["topic"],
            "Posts": top["posts"],
            "Share of posts": 100 * top["share"],
            "Day by day": [line[name] for name in top["topic"]],
            "n scored": top["scored"],
            "Positive": 100 * top["positive_share"],
            "Negative": 100 * top["negative_share"],
            "Net (95 %)": [widgets.net(row) for _, row in top.iterrows()],
        }
    )
    st.dataframe(rows, hide_index=True, width="stretch", placeholder=widgets.NONE, column_config=_columns())
    widgets.note(f"{widgets.NONE} or no bar: fewer than {sentiment.FEW} scored posts, so no share is formed.")


def _by_day(topic_hours: pd.DataFrame) -> pd.DataFrame:
    """Return topic, day, posts; all topics have the same days, zero where nothing was said of them."""
    daily = topic_hours.assign(day=topic_hours["hour"].dt.floor("D"))
    wide = daily.pivot_table(index="day", columns="topic", values="posts", aggfunc="sum", fill_value=0, observed=True)
    return wide.melt(value_name="posts", ignore_index=False).reset_index()


def _columns() -> dict[str, Any]:
    bar: dict[str, Any] = {"format": "%.0f %%", "min_value": 0, "max_value": 100}
    return {
        "Topic": st.column_config.TextColumn(width="medium"),
        "Posts": st.column_config.NumberColumn(format="localized"),
        "Share of posts": st.column_config.ProgressColumn(color=widgets.theme().muted, **bar),
        "Day by day": st.column_config.LineChartColumn(y_min=0),
        "Positive": st.column_config.ProgressColumn(color=widgets.theme().positive, **bar),
        "Negative": st.column_config.ProgressColumn(color=widgets.theme().negative, **bar),
    }
