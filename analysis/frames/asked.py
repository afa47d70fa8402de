"""What the sources were asked for and what came of it, summed over the pages of the ledger."""

from datetime import datetime

import pandas as pd
from sqlalchemy import func, select

from analysis.frames.clauses import CURSOR_VALUE, LEDGER, within
from analysis.frames.columns import Columns
from analysis.frames.reader import Reader
from collector.source import Cursor

ASKED: Columns = {
    "source": "text",
    "platform": "text",
    "target": "text",
    "coverage": "text",
    "pages": "int",
    "read": "int",
    "stored": "int",
    "known": "int",
    "skipped": "int",
    "matched": "int",
    "first_at": "time",
    "last_at": "time",
    "reason": "text",
}
SUMMED = ("read", "stored", "known", "skipped", "matched")


def asked(reader: Reader, *, since: datetime | None = None, until: datetime | None = None) -> pd.DataFrame:
    """Return one row per source, platform, target and coverage of the pages asked for in [since, until).

    pages: how many; read ... matched: what became of their items; `reason` is that of the newest such page, None where
    nothing was missing. The ledger goes back 90 days.
    """
    of = (LEDGER.c.source, LEDGER.c.platform, LEDGER.c.target, LEDGER.c.coverage)
    sums = [func.sum(LEDGER.c[name]).label(name) for name in SUMMED]
    pages = [func.count().label("pages"), func.max(LEDGER.c.id).label("last")]
    times = [func.min(LEDGER.c.at).label("first_at"), func.max(LEDGER.c.at).label("last_at")]
    in_time = within(LEDGER.c.at, since, until)
    groups = select(*of, *pages, *sums, *times).where(*in_time).group_by(*of).subquery()
    reason = select(func.nullif(LEDGER.c.reason, "")).where(LEDGER.c.id == groups.c["last"]).label("reason")
    chosen = [reason if name == "reason" else groups.c[name] for name in ASKED]
    order = [groups.c[name] for name in ("source", "platform", "target", "coverage")]
    return reader.frame(select(*chosen).order_by(*order), ASKED)


def remembered(reader: Reader, source: str) -> Cursor:
    """Return what a source remembers: its cursor."""
    rows = reader.stream(select(CURSOR_VALUE.c.key, CURSOR_VALUE.c.value).where(CURSOR_VALUE.c.source == source))
    return Cursor({str(row.key): str(row.value) for row in rows})
