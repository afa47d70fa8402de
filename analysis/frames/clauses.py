"""Pieces of SQL that several frames share: the tables, and windows of time."""

from datetime import datetime

from sqlalchemy import ColumnElement, Table, false

from collector.clock import to_seconds
from collector.models import metadata
from collector.source import Kind
from collector.sources import apart

TITLE: Table = metadata.tables["title"]
TOPIC: Table = metadata.tables["topic"]
POST: Table = metadata.tables["post"]
MENTION: Table = metadata.tables["mention"]
LABEL: Table = metadata.tables["label"]
POST_TOPIC: Table = metadata.tables["post_topic"]
TITLE_HOUR: Table = metadata.tables["title_hour"]
TITLE_DAY: Table = metadata.tables["title_day"]
TOPIC_HOUR: Table = metadata.tables["topic_hour"]
PACKED_HOURS: Table = metadata.tables["packed_hours"]
PACKED_TOPICS: Table = metadata.tables["packed_topics"]
COVERED: Table = metadata.tables["covered"]
LEDGER: Table = metadata.tables["ledger"]
CURSOR_VALUE: Table = metadata.tables["cursor_value"]
JOB_STATE: Table = metadata.tables["job_state"]
RANK: Table = metadata.tables["rank"]


def of_kind(platform: ColumnElement[str], kind: Kind | None = Kind.POSTS) -> list[ColumnElement[bool]]:
    """Return the conditions for the platforms that bring this kind; None: for all.

    Buzz is made of posts alone: whatever is counted asks for them, which is the default.
    """
    if kind is None:
        return []
    if kind is Kind.POSTS:
        return [platform.not_in(sorted(apart()))]
    named = sorted(name for name, brought in apart().items() if brought is kind)
    return [platform.in_(named)] if named else [false()]


def within(column: ColumnElement[int], since: datetime | None, until: datetime | None) -> list[ColumnElement[bool]]:
    """Return the conditions for since <= column < until; None leaves that end open. Times are aware."""
    conditions: list[ColumnElement[bool]] = []
    if since is not None:
        conditions.append(column >= to_seconds(since))
    if until is not None:
        conditions.append(column < to_seconds(until))
    return conditions
