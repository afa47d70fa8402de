"""What is known and what is not: coverage, the ledger of pages, freshness, jobs."""

from datetime import datetime, timedelta
from typing import Any

import pandas as pd
from sqlalchemy import ColumnElement, Select, Subquery, and_, func, or_, select, true

from analysis.frames.clauses import COVERED, JOB_STATE, LEDGER, POST, TITLE, of_kind
from analysis.frames.columns import Columns
from analysis.frames.reader import Reader
from collector import clock
from collector.source import Kind

WINDOWS: Columns = {
    "title": "text",
    "platform": "text",
    "source": "text",
    "target": "text",
    "coverage": "text",
    "since": "time",
    "until": "time",
}
LEDGER_ROWS: Columns = {
    "source": "text",
    "platform": "text",
    "target": "text",
    "at": "time",
    "coverage": "text",
    "reason": "text",
    "since": "time",
    "until": "time",
    "read": "int",
    "stored": "int",
    "known": "int",
    "skipped": "int",
    "matched": "int",
}
FRESHNESS: Columns = {
    "platform": "text",
    "source": "text",
    "last_at": "time",
    "last_post_at": "time",
    "stored_24h": "int",
    "error": "text",
}
JOBS: Columns = {
    "name": "text",
    "started_at": "time",
    "finished_at": "time",
    "due_at": "time",
    "error": "text",
    "failures": "int",
}


def covered(
    reader: Reader, *, title: str | None = None, since: datetime | None = None, kind: Kind | None = Kind.POSTS
) -> pd.DataFrame:
    """Return one row per window of time in which a target of a platform is known for a title: [since, until).

    kind: of the platforms that bring this; None: of all.
    With `since`, those that reach beyond it, and the last one of each title and platform, however old: so that it is
    told which platforms were asked for a title.
    """
    chosen = [TITLE.c.name if name == "title" else COVERED.c[name] for name in WINDOWS]
    query = select(*chosen).select_from(COVERED.join(TITLE, TITLE.c.id == COVERED.c.title_id))
    query = query.where(*of_kind(COVERED.c.platform, kind))
    if title is not None:
        query = query.where(TITLE.c.name == title)
    if since is not None:
        start = clock.to_seconds(since)
        # the last ones are asked for first: in one query, PostgreSQL expects them to be many and reads every window
        older = [last.id for last in reader.stream(_last_windows()) if last.id is not None and last.until <= start]
        query = query.where(or_(COVERED.c.until > start, COVERED.c.id.in_(older)))
    return reader.frame(query.order_by(TITLE.c.name, COVERED.c.platform, COVERED.c.since, COVERED.c.id), WINDOWS)


def _last_windows() -> Select[tuple[int | None, int | None]]:
    """Select the id and the end of the last window of each title and platform, NULL where there is none.

    By the index for each of them: GROUP BY would read all windows for the few rows that come of it.
    """
    first, after, window, title = COVERED.alias(), COVERED.alias(), COVERED.alias(), TITLE.alias()
    platforms = select(func.min(first.c.platform).label("platform")).cte("platforms", recursive=True)
    following = select(func.min(after.c.platform)).where(after.c.platform > platforms.c.platform).scalar_subquery()
    platforms = platforms.union_all(select(following).where(platforms.c.platform.is_not(None)))
    last = select(func.max(window.c.id)).where(
        window.c.platform == platforms.c.platform, window.c.title_id == title.c.id
    )
    pairs = title.join(platforms, true())
    ids = select(last.scalar_subquery().label("id")).select_from(pairs).where(platforms.c.platform.is_not(None))
    every, same = ids.cte("every").prefix_with("MATERIALIZED"), COVERED.alias()  # else each id is looked up twice
    return select(every.c.id, select(same.c.until).where(same.c.id == every.c.id).label("until"))


def known_until(reader: Reader) -> datetime | None:
    """Return up to when posts of any platform are covered, in full or in part; None when none are."""
    known = (COVERED.c.coverage.in_(["covered", "partial"]), *of_kind(COVERED.c.platform))
    last = reader.scalar(select(func.max(COVERED.c.until)).where(*known))
    return None if last is None else clock.from_seconds(last)


def platforms(reader: Reader) -> list[str]:
    """Return the platforms of which any window of time is told."""
    query = select(COVERED.c.platform).distinct().order_by(COVERED.c.platform)
    return list(reader.frame(query, {"platform": "text"})["platform"])


def ledger(reader: Reader, limit: int = 200) -> pd.DataFrame:
    """Return the last pages that were asked for, newest first."""
    query = select(*(LEDGER.c[name] for name in LEDGER_ROWS)).order_by(LEDGER.c.at.desc(), LEDGER.c.id.desc())
    return reader.frame(query.limit(limit), LEDGER_ROWS)


def freshness(reader: Reader, *, now: datetime | None = None) -> pd.DataFrame:
    """Return one row per source: when it last answered, its platform's newest post, what it stored in 24 hours.

    `error` is why its last page brought less than everything, or None when that page was covered.
    """
    since = clock.to_seconds((now or clock.now()) - timedelta(days=1))
    stored = _stored_since(since)
    chosen: list[ColumnElement[Any]] = [
        LEDGER.c.platform,
        LEDGER.c.source,
        LEDGER.c.at,
        select(func.max(POST.c.created_at)).where(POST.c.platform == LEDGER.c.platform).scalar_subquery(),
        func.coalesce(stored.c.stored, 0),
        func.nullif(LEDGER.c.reason, ""),
    ]
    # asked first: joined in one query, PostgreSQL expects thousands of pages and reads the whole ledger for them
    newest = [page for (page,) in reader.stream(_newest_pages())]
    same = and_(stored.c.source == LEDGER.c.source, stored.c.platform == LEDGER.c.platform)
    query = select(*chosen).select_from(LEDGER.outerjoin(stored, same)).where(LEDGER.c.id.in_(newest))
    query = query.order_by(LEDGER.c.platform, LEDGER.c.source)
    return reader.frame(query, FRESHNESS)


def jobs(reader: Reader) -> pd.DataFrame:
    """Return one row per job of the collector: when it last ran, how it ended, until when it is held back."""
    return reader.frame(select(*(JOB_STATE.c[name] for name in JOBS)).order_by(JOB_STATE.c.name), JOBS)


def _newest_pages() -> Select[tuple[int]]:
    """Select the id of the last page of each source and platform.

    From one value to the next by the index: GROUP BY would read the whole ledger for the few rows that come of it.
    """
    # each page is asked for by an alias, for a part of a recursive query may name the query itself only once
    first, after = LEDGER.alias(), LEDGER.alias()
    sources = select(func.min(first.c.source).label("source")).cte("sources", recursive=True)
    following = select(func.min(after.c.source)).where(after.c.source > sources.c.source).scalar_subquery()
    sources = sources.union_all(select(following).where(sources.c.source.is_not(None)))
    of_source, beside, page = LEDGER.alias(), LEDGER.alias(), LEDGER.alias()
    least = select(func.min(of_source.c.platform)).where(of_source.c.source == sources.c.source).scalar_subquery()
    pairs = (
        select(sources.c.source, least.label("platform"))
        .where(sources.c.source.is_not(None))
        .cte("pairs", recursive=True)
    )
    next_one = (
        select(func.min(beside.c.platform))
        .where(beside.c.source == pairs.c.source, beside.c.platform > pairs.c.platform)
        .scalar_subquery()
    )
    pairs = pairs.union_all(select(pairs.c.source, next_one).where(pairs.c.platform.is_not(None)))
    last = select(func.max(page.c.id)).where(page.c.source == pairs.c.source, page.c.platform == pairs.c.platform)
    return select(last.scalar_subquery().label("id")).select_from(pairs).where(pairs.c.platform.is_not(None))


def _stored_since(since: int) -> Subquery:
    page = LEDGER.alias()
    # as expressions: SQLite would else read the whole ledger in the order of these two, to group without sorting
    of = (page.c.source.concat("").label("source"), page.c.platform.concat("").label("platform"))
    return select(*of, func.sum(page.c.stored).label("stored")).where(page.c.at >= since).group_by(*of).subquery()
