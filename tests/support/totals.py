"""Frames as analysis.frames would read them, written out by a test: for what is pure and needs no database."""

from collections.abc import Iterable
from datetime import datetime

import pandas as pd

from analysis.frames.columns import Columns, build
from analysis.frames.health import WINDOWS
from analysis.frames.hours import HOURS, TOPIC_HOURS
from collector.clock import to_seconds

Counted = tuple[str, datetime, int]


def hours_frame(*rows: dict[str, object]) -> pd.DataFrame:
    """Return hours; each row names what matters, the rest is nought, and posts not told of are neutral."""
    return _frame(HOURS, (_with_neutral({"title": "Squid Game", "platform": "mastodon"} | row) for row in rows))


def topic_hours_frame(*rows: dict[str, object]) -> pd.DataFrame:
    """Return topic hours; as hours_frame."""
    return _frame(TOPIC_HOURS, (_with_neutral({"title": "Squid Game", "platform": "mastodon"} | row) for row in rows))


def covered_frame(
    *windows: tuple[str, datetime, datetime] | tuple[str, datetime, datetime, str], title: str = "Squid Game"
) -> pd.DataFrame:
    """Return windows (platform, since, until, coverage), the coverage "covered" where it is left out."""
    return _frame(
        WINDOWS,
        (
            {
                "title": title,
                "platform": window[0],
                "source": window[0],
                "target": "a target",
                "coverage": window[3] if len(window) > 3 else "covered",
                "since": window[1],
                "until": window[2],
            }
            for window in windows
        ),
    )


def _with_neutral(row: dict[str, object]) -> dict[str, object]:
    told = sum(int(str(row.get(name, 0))) for name in ("positive", "negative", "unscored", "unlabelled"))
    return {"neutral": int(str(row.get("posts", 0))) - told} | row


def _frame(columns: Columns, rows: Iterable[dict[str, object]]) -> pd.DataFrame:
    def value(row: dict[str, object], name: str) -> object:
        given = row.get(name, 0 if columns[name] == "int" else None)
        return to_seconds(given) if isinstance(given, datetime) else given

    return build([[value(row, name) for name in columns] for row in rows], columns)
