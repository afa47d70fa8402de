"""Throws away what is kept for a while only: raw payloads, ledger rows, and posts as the config says."""

from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import delete

from collector import retention
from collector.clock import to_seconds
from collector.config import Config
from collector.models import Ledger, RawPost, table
from collector.store import Store

RAW_FOR = timedelta(days=7)  # long enough to read a post again after a fault of ours, short enough for people's sake
LEDGER_FOR = timedelta(days=90)  # the windows that it covered stay known for ever


class Tidied(NamedTuple):
    """How many rows went: raw payloads and ledger rows; posts that lost their words; posts that are gone."""

    rows: int
    emptied: int
    purged: int


def tidy(store: Store, config: Config, now: datetime) -> Tidied:
    """Delete what has been kept for long enough. Raises StoreError."""
    raw, ledger = table(RawPost), table(Ledger)
    with store.writing() as connection:
        gone = connection.execute(delete(raw).where(raw.c.stored_at < to_seconds(now - RAW_FOR))).rowcount
        gone += connection.execute(delete(ledger).where(ledger.c.at < to_seconds(now - LEDGER_FOR))).rowcount
    return Tidied(gone, *retention.release(store, config, now))
