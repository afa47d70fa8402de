"""Sentiment of a title, day by day."""

import pandas as pd

from analysis import sentiment
from ui import widgets
from ui.plots import PLOTS
from ui.title_data import Picked, Shown


def show(picked: Picked, shown: Shown) -> None:
    """Show positive and negative shares with their intervals, what they rest on, and what has no score."""
    share = sentiment.shares(shown.counted, by=()).iloc[0]
    widgets.panel_head(_headline(share), "Share of scored posts a day, with 95 % intervals; below, what it rests on.")
    if share["posts"] == 0:
        widgets.empty("No posts in this window", "Take a longer period.")
        return
    drawn = PLOTS["sentiment"](
        sentiment.by_day(shown.counted),
        shown.buzz.gaps,
        theme=widgets.theme(),
        window=picked.window,
        note=widgets.SAMPLE if shown.sample else "",
    )
    widgets.plot(drawn, key="sentiment", alt_text="Positive and negative share of scored posts a day")
    widgets.note(
        f"n = {int(share['scored']):,} scored posts. {widgets.percent(1 - share['coverage'])} are unscored (a language "
        "without a labeller, too short, links only) and in no share. Days with fewer than "
        f"{sentiment.FEW} scored posts have none. The intervals are about chance, not about the labeller's faults."
    )


def _headline(share: pd.Series) -> str:
    if pd.isna(share["net"]):
        return "Sentiment: too few scored posts to say"
    positive, negative = widgets.percent(share["positive_share"]), widgets.percent(share["negative_share"])
    if share["net_low"] > 0:
        return f"More praise than scorn: {positive} positive, {negative} negative"
    if share["net_high"] < 0:
        return f"More scorn than praise: {negative} negative, {positive} positive"
    return f"Praise and scorn are even: {positive} positive, {negative} negative"
