"""Articles of the press about a title. They are never posts: no total, share, sentiment or peak holds them."""

from datetime import datetime

import pandas as pd
from sqlalchemy import exists, select

from analysis.frames.clauses import MENTION, POST, TITLE, of_kind, within
from analysis.frames.columns import Columns
from analysis.frames.reader import Reader
from collector.source import Kind

MOST = 10_000  # read at once
ARTICLES: Columns = {"at": "time", "native_id": "text", "headline": "text", "url": "text", "sample": "bool"}


def articles(
    reader: Reader, *, title: str, since: datetime | None = None, until: datetime | None = None, limit: int = MOST
) -> pd.DataFrame:
    """Return one row per stored article of [since, until), newest first, the newest `limit` of them."""
    chosen = (POST.c.created_at, POST.c.native_id, POST.c.text, POST.c.url, POST.c.sample)
    of = select(TITLE.c.id).where(TITLE.c.name == title).scalar_subquery()
    # by the index over platforms and times: a title has a hundred posts for each article
    query = (
        select(*chosen)
        .where(
            *of_kind(POST.c.platform, Kind.NEWS),
            *within(POST.c.created_at, since, until),
            exists().where(MENTION.c.post_id == POST.c.id, MENTION.c.title_id == of),
        )
        .order_by(POST.c.created_at.desc(), POST.c.id.desc())
    )
    return reader.frame(query.limit(limit), ARTICLES)
