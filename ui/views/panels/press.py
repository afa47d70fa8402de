"""Press: articles about a title, beside the buzz and never in it."""

from typing import Any

import pandas as pd

from analysis import news, volume
from analysis.frames import health
from analysis.frames import news as frames
from collector.source import Kind
from ui import widgets
from ui.desk import Desk
from ui.plots import PLOTS
from ui.title_data import Picked

SHOWN = 8


def show(desk: Desk, picked: Picked) -> None:
    """Show how many articles there were, a day at a time, and the newest headlines."""
    known = health.covered(desk.reader, title=picked.title, kind=Kind.NEWS)
    since, until = picked.window
    stored = frames.articles(desk.reader, title=picked.title, since=since, until=until)
    told = news.distinct(stored)
    share = news.known(known, picked.window)
    if told.empty and share.covered == share.partial == 0:
        widgets.panel_head("Press")
        widgets.empty("No press is known of this window", "News come from [sources.rss] and [sources.gdelt].")
        return
    widgets.panel_head(
        _headline(told), "Headlines that name the title, each once; articles are in no buzz and no share."
    )
    days = news.per_day(told, known, picked.window).assign(name="Articles")
    gaps = volume.gaps(known, since, until, platforms=sorted(known["platform"].unique()))
    note = widgets.SAMPLE if told["sample"].any() else ""
    drawn = PLOTS["lanes"](days, gaps, theme=widgets.theme(), window=picked.window, note=note, unit="articles")
    widgets.plot(drawn, key="press", alt_text="Articles a day")
    widgets.articles(told.head(SHOWN).itertuples())
    widgets.note(_basis(told, share, is_cut=len(stored) == frames.MOST))


def _headline(told: pd.DataFrame) -> str:
    count, publishers = len(told), told["publisher"].nunique()
    if not count:
        return "Press: no article names this title"
    articles = f"{count:,} {'article' if count == 1 else 'articles'}"
    return f"Press: {articles} by {publishers:,} {'publisher' if publishers == 1 else 'publishers'}"


def _basis(told: pd.DataFrame, share: news.Known, *, is_cut: bool) -> str:
    said: list[Any] = [f"n = {len(told):,} articles, the newest {min(SHOWN, len(told))} of them above."]
    if is_cut:
        said.append(f"Only the newest {frames.MOST:,} that are stored are counted.")
    said.append(f"Known by one feed or search at least: {share.covered:.0%} of this window")
    said[-1] += f", and {share.partial:.0%} in part." if share.partial else "."
    said.append("A feed holds its newest articles only, so days before a source was first read may lack some.")
    return " ".join(said)
