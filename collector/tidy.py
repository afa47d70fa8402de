"""Throws away what is kept for a while only: raw payloads after 7 days, ledger rows after 90."""

from datetime import datetime, timedelta

from sqlalchemy import delete

from collector.clock import to_seconds
from collector.models import Ledger, RawPost, table
from collector.store import Store

RAW_FOR = timedelta(days=7)  # long enough to read a post again after a fault of ours, short enough for people's sake
LEDGER_FOR = timedelta(days=90)  # the windows that it covered stay known for ever


def tidy(store: Store, now: datetime) -> int:
    """Delete what has been kept for long enough. Returns how many rows went."""
    raw, ledger = table(RawPost), table(Ledger)
    with store.writing() as connection:
        gone = connection.execute(delete(raw).where(raw.c.stored_at < to_seconds(now - RAW_FOR))).rowcount
        return gone + connection.execute(delete(ledger).where(ledger.c.at < to_seconds(now - LEDGER_FOR))).rowcount
