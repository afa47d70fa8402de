"""Totals of posts per title, platform and hour or day, as the rollups keep them; never of news or figures."""

from bisect import bisect_left
from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import compress
from typing import Any

import numpy as np
import pandas as pd
from sqlalchemy import ColumnElement, Select, Table, func, select, union_all

from analysis.frames.clauses import PACKED_HOURS, PACKED_TOPICS, TITLE, TITLE_DAY, TITLE_HOUR, TOPIC, of_kind, within
from analysis.frames.columns import Columns, build, build_columns
from analysis.frames.reader import Reader
from collector import packed
from collector.clock import DAY, HOUR, to_seconds
from collector.sources import apart

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
SUMMED: Columns = {"title": "text", "platform": "text", "posts": "int", "sample": "int"}
EDGES: Columns = {"title": "text", "platform": "text", "hour": "time", "posts": "int"}


def hours(
    reader: Reader, *, title: str | None = None, since: datetime | None = None, until: datetime | None = None
) -> pd.DataFrame:
    """Return one row per (title, platform, hour) with posts; hours without posts have no row.

    Hours that begin in [since, until). Score sums are integers, score x 10,000, over the scored posts; `unscored`
    have a label without a score, `unlabelled` none yet; `sample` counts invented posts. By title, hour, platform.
    """
    found = _unpacked(reader, PACKED_HOURS, packed.HOURS, title, since, until)
    return build_columns([found[name] for name in HOURS], HOURS)


def days(
    reader: Reader, *, title: str | None = None, since: datetime | None = None, until: datetime | None = None
) -> pd.DataFrame:
    """Return one row per (title, platform, day in UTC) with posts; as hours, with the distinct authors known."""
    return _totals(
        reader,
        TITLE_DAY,
        "day",
        DAYS,
        _of(title) + within(TITLE_DAY.c.day, since, until) + of_kind(TITLE_DAY.c.platform),
    )


def topic_hours(
    reader: Reader, *, title: str | None = None, since: datetime | None = None, until: datetime | None = None
) -> pd.DataFrame:
    """Return one row per (title, platform, hour, topic); a post with two topics counts in both."""
    found = _unpacked(reader, PACKED_TOPICS, packed.TOPICS, title, since, until)
    rows = reader.stream(select(TOPIC.c.id, TOPIC.c.name).order_by(TOPIC.c.name))
    names: dict[int, str] = {row.id: row.name for row in rows}
    found["topic"] = [names[topic_id] for topic_id in found["topic_id"]]
    return _by_name(build_columns([found[name] for name in TOPIC_HOURS], TOPIC_HOURS), list(names.values()))


def sums(reader: Reader, since: datetime, until: datetime, *, platform: str | None = None) -> pd.DataFrame:
    """Return one row per (title, platform) with posts: their number and that of invented ones, hours in [since, until).

    Whole days are taken from the totals of days, so that a long window costs little.
    """
    start, end = to_seconds(since), to_seconds(until)
    first_day = min(start + -start % DAY, end)
    last_day = max(end - end % DAY, first_day)
    parts = [
        _between(TITLE_DAY, TITLE_DAY.c.day, first_day, last_day),
        _between(TITLE_HOUR, TITLE_HOUR.c.hour, start, first_day),
        _between(TITLE_HOUR, TITLE_HOUR.c.hour, last_day, end),
    ]
    if platform is not None:
        parts = [part.where(part.selected_columns.platform == platform) for part in parts]
    part = union_all(*parts).subquery()
    by_id = (
        select(
            part.c.title_id,
            part.c.platform,
            func.sum(part.c.posts).label("posts"),
            func.sum(part.c.sample).label("sample"),
        )
        .group_by(part.c.title_id, part.c.platform)
        .subquery()
    )
    query = select(TITLE.c.name, by_id.c.platform, by_id.c.posts, by_id.c.sample).join(
        by_id, by_id.c.title_id == TITLE.c.id
    )
    return reader.frame(query.order_by(TITLE.c.name, by_id.c.platform), SUMMED)


def ends(reader: Reader, title: str) -> pd.DataFrame:
    """Return the first and the last hour of a title that have posts: one column, hour; no rows without posts."""
    of = select(TITLE.c.id).where(TITLE.c.name == title).scalar_subquery()
    # each by itself: only then does SQLite take it from the end of the index
    hour = TITLE_HOUR.c.hour
    with_posts = select(hour).where(TITLE_HOUR.c.title_id == of, *of_kind(TITLE_HOUR.c.platform)).limit(1)
    found = [reader.scalar(with_posts.order_by(end)) for end in (hour, hour.desc())]
    return build([(hour,) for hour in found if hour is not None], {"hour": "time"})


def edge_hours(reader: Reader, since: datetime, until: datetime, *, platform: str | None = None) -> pd.DataFrame:
    """Return the first and the last hour that begin in [since, until), of all titles: title, platform, hour, posts."""
    start, end = to_seconds(since), to_seconds(until)
    wanted: list[ColumnElement[bool]] = [TITLE_HOUR.c.hour.in_([start + -start % HOUR, end - 1 - (end - 1) % HOUR])]
    wanted += within(TITLE_HOUR.c.hour, since, until) + of_kind(TITLE_HOUR.c.platform)
    if platform is not None:
        wanted.append(TITLE_HOUR.c.platform == platform)
    # the key begins with the title: by the titles it is a step for each of them, and else the whole table
    named = select(TITLE.c.name, TITLE_HOUR.c.platform, TITLE_HOUR.c.hour, TITLE_HOUR.c.posts).join_from(
        TITLE, TITLE_HOUR, TITLE_HOUR.c.title_id == TITLE.c.id
    )
    return reader.frame(named.where(*wanted), EDGES)


def titles(reader: Reader) -> list[str]:
    """Return the names of the titles that the database knows, in alphabetical order."""
    return list(reader.frame(select(TITLE.c.name).order_by(TITLE.c.name), {"title": "text"})["title"])


def topics(reader: Reader) -> list[str]:
    """Return the names of the topics ever found, in alphabetical order."""
    return list(reader.frame(select(TOPIC.c.name).order_by(TOPIC.c.name), {"topic": "text"})["topic"])


def _unpacked(
    reader: Reader,
    table: Table,
    names: Sequence[str],
    title: str | None,
    since: datetime | None,
    until: datetime | None,
) -> dict[str, list[Any]]:
    """Return the columns of the hours that begin in [since, until), by title, hour and platform."""
    day = since.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0) if since else None
    query = (
        select(TITLE.c.name, table.c.day, table.c.packed)
        .join_from(TITLE, table, table.c.title_id == TITLE.c.id)
        .where(*_of(title), *within(table.c.day, day, until))
        .order_by(TITLE.c.name, table.c.day)
    )
    found: dict[str, list[Any]] = {name: [] for name in ("title", *names)}
    for row in reader.stream(query):
        columns = _posts(dict(zip(names, packed.unpack(row.packed, row.day), strict=True)))
        columns = _cut(columns, since, until)
        found["title"] += [row.name] * len(columns["hour"])
        for name in names:
            found[name] += columns[name]
    return found


def _posts(columns: dict[str, list[Any]]) -> dict[str, list[Any]]:
    """Leave out the rows of platforms that bring something else than posts."""
    others, platforms = apart(), columns["platform"]
    if others.keys().isdisjoint(platforms):
        return columns
    kept = [platform not in others for platform in platforms]
    return {name: list(compress(values, kept)) for name, values in columns.items()}


def _cut(columns: dict[str, list[Any]], since: datetime | None, until: datetime | None) -> dict[str, list[Any]]:
    """Leave out the hours of a day that lie outside; they are in order."""
    hours = columns["hour"]
    first = bisect_left(hours, to_seconds(since)) if since else 0
    last = bisect_left(hours, to_seconds(until)) if until else len(hours)
    return columns if last - first == len(hours) else {name: values[first:last] for name, values in columns.items()}


def _by_name(frame: pd.DataFrame, names: Sequence[str]) -> pd.DataFrame:
    """Put the topics of one title, hour and platform into the order of the names."""
    of = frame[["title", "hour", "platform"]]
    group = (of != of.shift()).any(axis=1).cumsum()
    order = {name: place for place, name in enumerate(names)}
    return frame.iloc[np.lexsort((frame["topic"].map(order), group))].reset_index(drop=True)


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


def _between(table: Table, moment: ColumnElement[int], start: int, end: int) -> Select[Any]:
    """Select what is summed up of these days or hours, title by title: the key begins with the title."""
    chosen = (table.c.title_id, table.c.platform, table.c.posts, table.c.sample)
    of_posts = (moment >= start, moment < end, *of_kind(table.c.platform))
    return select(*chosen).join_from(TITLE, table, table.c.title_id == TITLE.c.id).where(*of_posts)


def _column(table: Table, name: str) -> ColumnElement[Any]:
    return TITLE.c.name if name == "title" else table.c[name]


def _of(title: str | None) -> list[ColumnElement[bool]]:
    return [] if title is None else [TITLE.c.name == title]
