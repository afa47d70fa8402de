"""Figures that a platform tells of a title: X's hourly volume, Wikipedia's page views. Never added to posts."""

from datetime import datetime

import pandas as pd
from sqlalchemy import Table, select

from analysis.frames.clauses import TITLE, within
from analysis.frames.columns import Columns
from analysis.frames.reader import Reader
from collector.models import metadata

PLATFORM_COUNT: Table = metadata.tables["platform_count"]
PLATFORM_COUNTS: Columns = {
    "title": "text",
    "source": "text",
    "part": "text",
    "start": "time",
    "length": "int",
    "amount": "int",
    "told_at": "time",
}


def platform_counts(
    reader: Reader, title: str | None = None, since: datetime | None = None, *, source: str | None = None
) -> pd.DataFrame:
    """Return one row per figure that begins at `since` or later: by title, source, part and start.

    `part` is what it is a part of, such as the article of one language, "" where it is all; `length` is in seconds;
    `told_at` is when the platform last told it. A stretch of time without a row was not told, which is no zero.
    """
    query = select(*(TITLE.c.name if name == "title" else PLATFORM_COUNT.c[name] for name in PLATFORM_COUNTS))
    query = query.select_from(PLATFORM_COUNT.join(TITLE, TITLE.c.id == PLATFORM_COUNT.c.title_id))
    query = query.where(*within(PLATFORM_COUNT.c.start, since, None))
    if title is not None:
        query = query.where(TITLE.c.name == title)
    if source is not None:
        query = query.where(PLATFORM_COUNT.c.source == source)
    order = (PLATFORM_COUNT.c.source, PLATFORM_COUNT.c.part, PLATFORM_COUNT.c.start)
    return reader.frame(query.order_by(TITLE.c.name, *order), PLATFORM_COUNTS)
