"""Buzz above rank on one time axis, with the rankings and countries that the reader picks."""

import altair as alt
import pandas as pd
import streamlit as st

from analysis import rankings, volume
from collector.ranking import WORLD
from ui import picture, sentences, widgets
from ui.desk import Desk, series_name
from ui.plots import PLOTS
from ui.theme import MAX_LINES
from ui.title_data import Picked, Shown
from ui.views.panels import peak

HEADLINE = "Buzz above rank"
MEASURE = "Top: posts an hour, each platform for itself; grey: the usual range. Bottom: rank, 1 on top."
USUAL = (WORLD, "KR", "US", "JP", "ES")  # drawn unless the reader picks others
RHYTHM = {"week": "weekly", "day": "daily"}


def show(desk: Desk, picked: Picked, shown: Shown) -> None:
    """Show the plot, what it rests on, and the picture to take along."""
    widgets.panel_head(HEADLINE, f"{MEASURE} Select a numbered peak to read its posts.")
    spans, rank_name = _chosen_ranks(picked, shown)
    if shown.buzz.grid.empty and spans.empty:
        widgets.empty("Nothing is known of this window", "Take a longer period, or see Data health for what is known.")
        return
    drawn = PLOTS["buzz_rank"](
        shown.buzz.grid,
        spans,
        shown.buzz.gaps,
        shown.buzz.peaks,
        theme=widgets.theme(),
        window=picked.window,
        released=desk.released(picked.title),
        chosen=peak.chosen(shown),
        rank_name=rank_name,
        note=widgets.SAMPLE if shown.sample else "",
    )
    pick = "peak" if len(shown.buzz.peaks) else None
    said = "Posts an hour above ranks, on one time axis"
    widgets.plot(drawn, key=peak.PLOT, alt_text=said, pick=pick, on_pick=peak.follow)
    widgets.note(_basis(shown, rank_name))
    _download(picked, shown, drawn)


def _chosen_ranks(picked: Picked, shown: Shown) -> tuple[pd.DataFrame, str]:
    """Let the reader choose the ranking and the countries; return the spans to draw and what they are of."""
    spans = rankings.steps(shown.near)
    spans = spans[(spans["end"] > picked.window[0]) & (spans["start"] < picked.window[1])].reset_index(drop=True)
    spans["series"] = [
        series_name(country, name) for country, name in zip(spans["country"], spans["country_name"], strict=True)
    ]
    spans["label"] = spans["country"].where(spans["country"] != WORLD, "World")
    if spans.empty:
        return spans, "Rank"
    found = {
        f"{sentences.provider(provider)}, {RHYTHM[period]}": (provider, period)
        for provider, period in spans[["provider", "period"]].value_counts().index
    }
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        name = st.selectbox("Ranking", list(found), key="ranking", bind="query-params", width=190)
        provider, period = found[name]
        spans = spans[(spans["provider"] == provider) & (spans["period"] == period)]
        chosen = _countries(spans)
    return _in_order(spans, chosen), f"{sentences.provider(provider)} Top 10, {RHYTHM[period]}"


def _countries(spans: pd.DataFrame) -> list[str]:
    names = dict(spans[["country", "series"]].drop_duplicates("country").itertuples(index=False, name=None))
    options = sorted(names.values(), key=lambda name: (name != "World", name))
    usual = [names[code] for code in USUAL if code in names] or options[:MAX_LINES]
    return st.multiselect(
        "Countries",
        options,
        default=usual,
        key="countries",
        bind="query-params",
        max_selections=MAX_LINES,
        width=530,
    )


def _in_order(spans: pd.DataFrame, chosen: list[str]) -> pd.DataFrame:
    """Keep the chosen lines, in the order in which they were chosen: it gives them their colours."""
    kept = spans[spans["series"].isin(chosen)]
    order = kept["series"].map({name: place for place, name in enumerate(chosen)})
    return kept.loc[order.sort_values(kind="stable").index]


def _basis(shown: Shown, rank_name: str) -> str:
    said = []
    if len(shown.buzz.gaps):
        names = ", ".join(sorted(shown.buzz.gaps["platform"].unique()))
        said.append(f"Grey bands: hours not known of {names}, drawn as gaps and not as zero.")
    partial = shown.buzz.grid.loc[shown.buzz.grid["coverage"] == volume.PARTIAL, "platform"].unique()
    if len(partial):
        said.append(f"Known in part only: {', '.join(sorted(partial))}.")
    if len(shown.buzz.peaks):
        said.append(f"Peaks and usual range: {shown.buzz.peaks['platform'].iloc[0]}.")
    said.append(f"{rank_name}: where a line is missing the title was not in the Top 10, or the country not covered.")
    return " ".join(said)


def _download(picked: Picked, shown: Shown, drawn: alt.LayerChart) -> None:
    since, until = picked.window
    lines = (MEASURE, f"{since:%-d %b %Y} to {until:%-d %b %Y} UTC. {widgets.SAMPLE if shown.sample else ''}")
    headline, theme = f"{picked.title}: {HEADLINE.lower()}", widgets.theme()
    st.download_button(
        "Picture (PNG)",
        data=lambda: picture.png(drawn, headline=headline, lines=lines, theme=theme),
        file_name="buzz-above-rank.png",
        mime="image/png",
        on_click="ignore",
        key="picture",
        icon=":material/download:",
    )
