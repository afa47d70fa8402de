"""Totals per title, platform and hour or day, as the rollups keep them."""

from datetime import datetime
from typing import Any

import pandas as pd
from sqlalchemy import ColumnElement, Table, select

from analysis.frames.clauses import TITLE, TITLE_DAY, TITLE_HOUR, TOPIC, TOPIC_HOUR, within
from analysis.frames.columns import Columns
from analysis.frames.reader import Reader

FEELINGS: Columns = {"positive": "int", "neutral": "int", "negative": "int", "unscored": "int"}
SUMS: Columns = {"unlabelled": "int", "score_sum": "int", "raw_score_sum": "int", "sample": "int"}
HOURS: Columns = {"title": "text", "platform": "text", "hour": "time", "posts": "int", **FEELINGS, **SUMS}
DAYS: Columns = {
    "title": "text",
    "platform": "text",
    "day": "time",
    "posts": "int",
    "authors": "int",
    **FEELINGS,
    **SUMS,
}
TOPIC_HOURS: Columns = {
    "title": "text",
    "platform": "text",
    "hour": "time",
    "topic": "text",
    "posts": "int",
    **FEELINGS,
    "sample": "int",
}


def hours(
    reader: Reader, *, title: str | None = None, since: datetime | None = None, until: datetime | None = None
) -> pd.DataFrame:
    """Return one row per (title, platform, hour) with posts; hours without posts have no row.

    Hours that begin in [since, until). Score sums are integers, score x 10,000, over the scored posts; `unscored`
    have a label without a score, `unlabelled` none yet; `sample` counts invented posts. By title, hour, platform.
    """
    return _totals(reader, TITLE_HOUR, "hour", HOURS, _of(title) + within(TITLE_HOUR.c.hour, since, until))


def days(
    reader: Reader, *, title: str | None = None, since: datetime | None = None, until: datetime | None = None
) -> pd.DataFrame:
    """Return one row per (title, platform, day in UTC) with posts; as hours, with the distinct authors known."""
    return _totals(reader, TITLE_DAY, "day", DAYS, _of(title) + within(TITLE_DAY.c.day, since, until))


def topic_hours(
    reader: Reader, *, title: str | None = None, since: datetime | None = None, until: datetime | None = None
) -> pd.DataFrame:
    """Return one row per (title, platform, hour, topic); a post with two topics counts in both."""
    table = TOPIC_HOUR.join(TITLE, TITLE.c.id == TOPIC_HOUR.c.title_id).join(TOPIC, TOPIC.c.id == TOPIC_HOUR.c.topic_id)
    chosen = [_column(TOPIC_HOUR, name) if name != "topic" else TOPIC.c.name for name in TOPIC_HOURS]
    query = (
        select(*chosen)
        .select_from(table)
        .where(*_of(title), *within(TOPIC_HOUR.c.hour, since, until))
        .order_by(TITLE.c.name, TOPIC_HOUR.c.hour, TOPIC_HOUR.c.platform, TOPIC.c.name)
    )
    return reader.frame(query, TOPIC_HOURS)


def titles(reader: Reader) -> list[str]:
    """Return the names of the titles that the database knows, in alphabetical order."""
    return list(reader.frame(select(TITLE.c.name).order_by(TITLE.c.name), {"title": "text"})["title"])


def topics(reader: Reader) -> list[str]:
    """Return the names of the topics ever found, in alphabetical order."""
    return list(reader.frame(select(TOPIC.c.name).order_by(TOPIC.c.name), {"topic": "text"})["topic"])


def _totals(
    reader: Reader, table: Table, time: str, columns: Columns, conditions: list[ColumnElement[bool]]
) -> pd.DataFrame:
    query = (
        select(*(_column(table, name) for name in columns))
        .select_from(table.join(TITLE, TITLE.c.id == table.c.title_id))
        .where(*conditions)
        .order_by(TITLE.c.name, table.c[time], table.c.platform)
    )
    return reader.frame(query, columns)


def _column(table: Table, name: str) -> ColumnElement[Any]:
    return TITLE.c.name if name == "title" else table.c[name]


def _of(title: str | None) -> list[ColumnElement[bool]]:
    return [] if title is None else [TITLE.c.name == title]
