"""Data health: whether these numbers can be trusted, and what is missing."""

from datetime import datetime, timedelta
from typing import Any

import pandas as pd
import streamlit as st

from analysis.frames import health, posts, ranks
from collector import clock
from collector.source import Kind
from ui import sentences, widgets
from ui.desk import Desk
from ui.plots import PLOTS

LATE = pd.Timedelta(hours=2)
FEW_PAGES = 100


def show(desk: Desk) -> None:
    """Show how fresh and complete the data is, what failed and how to mend it, and what is stored."""
    now = clock.now()
    fresh = health.freshness(desk.reader)
    headline = "Data health" if fresh.empty else f"{len(fresh)} {'source' if len(fresh) == 1 else 'sources'}"
    widgets.page_head(headline, sentences.health(fresh, now, LATE), "Data health")
    _sources(fresh, now)
    _coverage(desk)
    left, right = st.columns(2, gap="medium")
    with left:
        _jobs(desk, now)
    with right:
        _stored(desk)
    _ledger(desk)


def _sources(fresh: pd.DataFrame, now: datetime) -> None:
    widgets.panel_head("Sources", "One row a source and platform; stored: new posts in 24 hours.")
    if fresh.empty:
        widgets.empty("No source has been asked yet", "Run `buzz collect --once`, or import a file with `buzz import`.")
        return
    rows = [
        {
            "Source": row["source"],
            "Platform": row["platform"],
            "State": _state(row["last_at"], row["error"], now),
            "Last asked": widgets.moment(row["last_at"]),
            "Ago": widgets.ago(row["last_at"], now),
            "Newest post": widgets.moment(row["last_post_at"]),
            "Stored 24 h": int(row["stored_24h"]),
            "What was missing": widgets.text_or_none(row["error"]),
        }
        for row in fresh.to_dict("records")
    ]
    st.dataframe(rows, hide_index=True, width="stretch", placeholder=widgets.NONE)


def _state(last_at: pd.Timestamp, error: Any, now: datetime) -> str:  # noqa: ANN401 - a cell of text
    if not pd.isna(error):
        return "Incomplete"
    return "On time" if now - last_at <= LATE else "Not asked lately"


def _coverage(desk: Desk) -> None:
    widgets.panel_head(
        "What is known", "One row a title and platform; where a bar is missing nothing is known, not zero."
    )
    known = desk.covered
    if known.empty:
        widgets.empty("No stretch of time is covered yet", "Coverage is noted with each page that a source brings.")
        return
    window = (known["since"].min().to_pydatetime(), known["until"].max().to_pydatetime())
    window = (window[0], max(window[1], window[0] + timedelta(hours=1)))
    rows = known.assign(row=known["title"] + " · " + known["platform"])
    drawn = PLOTS["coverage"](rows, theme=widgets.theme(), window=window)
    widgets.plot(drawn, key="coverage", alt_text="Stretches of time known, a row a title and platform")
    widgets.note("Blue: covered. Grey: in part. Orange: asked and failed. Pale: not offered to us by the platform.")


def _jobs(desk: Desk, now: datetime) -> None:
    widgets.panel_head("Jobs", "Of the collector; held back: a platform asked us to wait.")
    jobs = health.jobs(desk.reader)
    if jobs.empty:
        widgets.empty("The collector has not run yet", "Start it with `buzz run`, or once with `buzz collect --once`.")
        return
    rows = [
        {
            "Job": row["name"],
            "Last end": widgets.ago(row["finished_at"], now),
            "Held back until": widgets.moment(row["due_at"])
            if not pd.isna(row["due_at"]) and row["due_at"] > now
            else widgets.NONE,
            "Failures in a row": int(row["failures"]),
            "Fault": widgets.text_or_none(row["error"]),
        }
        for row in jobs.to_dict("records")
    ]
    st.dataframe(rows, hide_index=True, width="stretch", placeholder=widgets.NONE)


def _stored(desk: Desk) -> None:
    widgets.panel_head(
        "What is stored", "Posts of watched titles with their labels, articles of the press, and rankings."
    )
    editions = ranks.dates(desk.reader)
    rows = [
        {"What": "Posts", "Rows": posts.count_posts(desk.reader, kind=Kind.POSTS), "To": widgets.moment(desk.end)},
        {"What": "Articles", "Rows": posts.count_posts(desk.reader, kind=Kind.NEWS), "To": widgets.NONE},
        *(
            {
                "What": f"Posts labelled {name}",
                "Rows": posts.count_posts(desk.reader, sentiment=name, kind=Kind.POSTS),
                "To": widgets.NONE,
            }
            for name in ("positive", "neutral", "negative", "unscored")
        ),
        *(
            {
                "What": f"{provider}, by {period}",
                "Rows": int(own["rows"].sum()),
                "To": widgets.moment(own["date"].max(), "%-d %b %Y"),
            }
            for (provider, period), own in editions.groupby(["provider", "period"])
        ),
    ]
    st.dataframe(
        rows,
        hide_index=True,
        width="stretch",
        column_config={"Rows": st.column_config.NumberColumn(format="localized")},
    )


def _ledger(desk: Desk) -> None:
    widgets.panel_head("What was asked", f"The last {FEW_PAGES} pages that brought less than everything, newest first.")
    pages = health.ledger(desk.reader, limit=5000)
    troubled = pages[(pages["reason"] != "") | (pages["skipped"] > 0)].head(FEW_PAGES)
    if troubled.empty:
        widgets.empty(
            "Nothing went wrong",
            "Each page that was asked for came whole." if len(pages) else "No page was asked for yet.",
        )
        return
    rows = [
        {
            "When": widgets.moment(row["at"]),
            "Source": row["source"],
            "Asked for": row["target"],
            "Coverage": row["coverage"],
            "Skipped": int(row["skipped"]),
            "Why, and how to mend it": widgets.text_or_none(row["reason"]),
        }
        for row in troubled.to_dict("records")
    ]
    st.dataframe(rows, hide_index=True, width="stretch", placeholder=widgets.NONE)
