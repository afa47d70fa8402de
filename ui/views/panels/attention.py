"""Attention: page views of a title's articles, and X's own count of posts; beside the buzz and never in it."""

from datetime import timedelta

from analysis import attention
from analysis.frames.platform_counts import platform_counts
from analysis.volume import gaps
from ui import widgets
from ui.desk import Desk
from ui.plots import PLOTS
from ui.title_data import Picked

LONGEST = timedelta(days=1)  # a figure may begin so long before the window and reach into it
HOW = 'Name its articles in config.toml: wikipedia = ["en:Squid Game"]; `buzz collect` counts 90 days back.'


def show(desk: Desk, picked: Picked) -> None:
    """Show the page views of each article a day at a time, and what X counts itself."""
    figures = platform_counts(desk.reader, picked.title, picked.window[0] - LONGEST)
    days = attention.per_day(figures, picked.window)
    told = attention.volume(figures, picked.window)
    if days["posts"].notna().sum() == 0:
        widgets.panel_head("Attention")
        widgets.empty("No page views are known of this window", HOW)
    else:
        views = days.groupby("name", observed=True)["posts"].sum()
        headline = f"Attention: {int(views.sum()):,} page views on Wikipedia"
        widgets.panel_head(headline, "Readers of the title's articles, a day and language each; not posts.")
        none = gaps(desk.covered[:0], *picked.window, platforms=[])
        drawn = PLOTS["lanes"](days, none, theme=widgets.theme(), window=picked.window, unit="views")
        widgets.plot(drawn, key="attention", alt_text="Page views a day, one lane an article")
        known, every = int(days["posts"].notna().sum()), len(days)
        widgets.note(f"n = {known:,} of {every:,} days of {len(views):,} articles; a day not told is left out.")
    if told is not None:
        hours = f"{told.hours:,} of the {told.of:,} hours of this window"
        widgets.note(f"X itself counts {told.posts:,} posts in {hours}: all there were, of which a sample is gathered.")
