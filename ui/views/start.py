"""Start: what to do when nothing is collected yet, and what to type."""

import streamlit as st

from ui import widgets
from ui.desk import Desk

CHECKLIST = (
    ("Write a config file that says what to watch, or change the one there is", "buzz init"),
    ("See it work with the sample first, in a database of its own", "buzz demo"),
    ("Gather posts and rankings once, to see that the sources answer", "buzz collect --once"),
    ("Bring posts that you already have", "buzz import posts.csv"),
    ("Bring Netflix's Top 10 or a CSV of daily ranks", "buzz rankings import all-weeks-countries.tsv"),
    ("Keep gathering, with this app beside it", "buzz run"),
)


def show(desk: Desk | None, fault: str = "") -> None:
    """Show the checklist; with a fault, what keeps the database from being read."""
    if desk is None:
        widgets.page_head("Nothing to show yet", fault, "Start")
    elif desk.end is None:
        widgets.page_head(
            "Nothing collected yet", "The database is there and holds no posts of a watched title.", "Start"
        )
    else:
        known = f"Posts are known up to {widgets.moment(desk.end)}. More can be gathered at any time."
        widgets.page_head("How to gather more", known, "Start")
    widgets.steps(CHECKLIST)
    if desk is not None:
        _watched(desk)


def nothing(desk: Desk) -> bool:
    """Show this screen in place of another when nothing is stored. Returns whether it did."""
    if desk.end is not None:
        return False
    show(desk)
    return True


def _watched(desk: Desk) -> None:
    widgets.panel_head("What is watched", "From config.toml; a title is found by its hashtags and phrases.")
    rows = [
        {
            "Title": one.name,
            "Kind": one.kind,
            "Released": one.released.isoformat() if one.released else None,
            "Hashtags": ", ".join(f"#{tag}" for tag in one.hashtags) or None,
            "Phrases": ", ".join(one.phrases) or None,
        }
        for one in desk.config.titles
    ]
    if rows:
        st.dataframe(rows, hide_index=True, width="stretch", placeholder=widgets.NONE)
    else:
        widgets.empty("No title is watched", "Add a [[titles]] table to config.toml: a name, and hashtags or phrases.")
